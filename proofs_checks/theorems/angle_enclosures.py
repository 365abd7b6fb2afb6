"""Where orthonormal tokens are at a time: their angle between two numbers, by T of Theorem 6.8."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from sympy import Integer, Rational, log

from proofs_checks.propositions import Definition, Is, Proposition, Rel, Subject
from proofs_checks.theorems.angle_signs import HOT
from proofs_checks.theorems.angle_times import TIMES
from proofs_checks.theorems.attraction import SEVERAL
from proofs_checks.theorems.conclusions import Conclusion, claimed, conjunction
from proofs_checks.theorems.enclosed import IN_ORDER
from proofs_checks.theorems.kernel import (
    Concluded,
    Fact,
    Found,
    NotConcluded,
    Refusal,
    Rule,
    apply,
    settle,
)
from proofs_checks.theorems.logic import part
from proofs_checks.theorems.order import wants
from proofs_checks.theorems.pulls import WARM
from theory.symbols import beta, gamma, n
from theory.terms import Sort

NEAR_AT = Definition(
    "angles near a number",
    "masses 1/n, n = {1}, β = {2}: from orthonormal tokens of {0} all <x_i,x_j>, i != j, are "
    "{4} at t = {3}, up to {5}",
    (Subject, *(Sort.NUMBER,) * 5),
)

FROM_DIMENSION = Definition(
    "least dimension",
    "masses 1/n, n = {1}, β = {2}: with the <x_i,x_j> = γ, i != j, of orthonormal tokens of {0} at "
    "t = 1/n, {3}/γ^2 <= d/log(d) for all d >= 10 from one on and for no other, whose logarithm to "
    "the base 10 is {4}, up to {5}",
    (Subject, *(Sort.NUMBER,) * 5),
)

Case = tuple[int, Any, Any, Any]
"""n, β, t, and the angle."""


def _near(clock: Fact, early: Fact, late: Fact, *, case: Case, off: Any) -> Concluded:
    if not isinstance(clock.says, Is) or clock.says.definition is not TIMES:
        raise NotConcluded("it needs when tokens are at each angle")
    subject, time = clock.says.arguments
    count, hot, moment, angle = case
    numbers = hot, moment, angle, off
    if not isinstance(count, int) or not all(isinstance(one, Rational) for one in numbers):
        raise NotConcluded("n, β, t and the angle aren't rational numbers")
    cold = hot == 0 and HOT not in clock.given and beta not in time.free_symbols
    if not (hot > 0 or cold):
        raise NotConcluded("β < 0, or it is 0 where T isn't of β = 0")
    if not (count >= 2 and off > 0 and 0 <= angle - off and angle + off < 1):
        raise NotConcluded("n < 2, or the angles aren't in [0, 1)")
    low, high = (when(time, count, hot, angle + side) for side in (-off, off))
    wants(early, Rel("<", low, moment))
    wants(late, Rel("<", moment, high))
    says = Is(NEAR_AT, subject, Integer(count), hot, moment, angle, off)
    return Concluded(says, spares=frozenset({HOT, WARM, SEVERAL}))


def when(time: Any, count: int, hot: Any, angle: Any) -> Any:
    """Return the time at which n tokens are at an angle, at a β."""
    return time.xreplace({n: Integer(count), beta: hot, gamma: angle})


NEAR_AT_A_TIME = Rule(
    "angles at a time",
    "orthonormal tokens are at γ at the time T(γ) and at no other, 0 <= γ < 1; T(g - ε) < t < T(g "
    "+ ε) at given n >= 2 and β > 0: they are within ε of g at t",
    "γ is continuous, is 0 at t = 0 and takes each value once: it rises, as T does",
    _near,
)


def _least(near: Fact, low: Fact, high: Fact, *, need: Any, digits: Any, unit: Any) -> Proposition:
    if not isinstance(near.says, Is) or near.says.definition is not NEAR_AT:
        raise NotConcluded("it needs the angle at a time")
    subject, count, hot, moment, angle, off = near.says.arguments
    if moment != 1 / count or not need.is_number or not need.is_positive:
        raise NotConcluded("it isn't at t = 1/n, or the number isn't positive")
    if not (angle > off and unit > 0 and digits - unit >= 1):
        raise NotConcluded("the angle may be 0, or the dimension less than 10")
    wants(low, Rel("<", over_log(digits - unit), need / (angle + off) ** 2))
    wants(high, Rel("<", need / (angle - off) ** 2, over_log(digits + unit)))
    return Is(FROM_DIMENSION, subject, count, hot, need, digits, unit)


def over_log(digits: Any) -> Any:
    """Return ``d/log d`` of ``d = 10^digits``."""
    return 10**digits / (digits * log(10))


FROM_A_DIMENSION = Rule(
    "least dimension",
    "|γ(1/n) - g| < ε < g; d/log d < F/(g + ε)² at d = 10^(l - u) >= 10; F/(g - ε)² < d/log d at d "
    "= 10^(l + u): F/γ(1/n)² <= d/log d from a d on, |log d/log 10 - l| < u",
    "d/log d rises for d >= e without bound",
    _least,
)


def dimension_from(
    clocked: Conclusion, case: Case, off: Any, need: Any, digits: Any, unit: Any
) -> Conclusion:
    """Claim from which d on ``d/log d >= need/γ(1/n)²``, in decimals of log_10 d.

    Parameters
    ----------
    clocked : Conclusion
        What `times` concludes.
    case : tuple
        n, β, 1/n, and the angle there.
    off : Rational
        How far from it the angle is at most.
    need : Expr
    digits, unit : Rational

    Examples
    --------
    >>> from sympy import exp
    >>> from proofs_checks.theorems.angle_times import times
    >>> from proofs_checks.theorems.hemisphere import common_sight, pull_of
    >>> from theory.models import SA
    >>> from theory.predictions import equiangular_rate, equiangular_time
    >>> own, off = Subject.of(SA), Rational(1, 10**9)
    >>> model = equiangular_rate(model="SA"), equiangular_time(model="SA")
    >>> clocked = times(pull_of(own), common_sight(own), *model)
    >>> case = 2, Integer(1), Rational(1, 2), Rational("0.28951806699")
    >>> for digits in ("12.423", "12.424"):
    ...     said = 16 * exp(20), Rational(digits), Rational(1, 2000)
    ...     print(type(dimension_from(clocked, case, off, *said).found).__name__)
    Theorem
    Refusal
    """
    near = angles_at(clocked, [case], off)
    subject, *_ = near.says.then.args[1:]
    low, high = over_log(digits - unit), over_log(digits + unit)
    sides = (low, need / (case[3] + off) ** 2), (need / (case[3] - off) ** 2, high)
    bounds = (settle(IN_ORDER, Rel("<", *side)) for side in sides)
    found = apply(FROM_A_DIMENSION, near.found, *bounds, need=need, digits=digits, unit=unit)
    then = Is(FROM_DIMENSION, subject, Integer(case[0]), case[1], need, digits, unit)
    return claimed(found, then, near.says.given, near.names)


def angles_at(clocked: Conclusion, cases: Iterable[Case], off: Any) -> Conclusion:
    """Claim where orthonormal tokens are at some times, of what `times` concludes.

    Examples
    --------
    >>> from proofs_checks.theorems.angle_times import times
    >>> from proofs_checks.theorems.hemisphere import common_sight, pull_of
    >>> from theory.models import USA
    >>> from theory.predictions import equiangular_rate, equiangular_time
    >>> own = Subject.of(USA)
    >>> model = equiangular_rate(model="USA"), equiangular_time(model="USA")
    >>> clocked = times(pull_of(own), common_sight(own), *model)
    >>> for angle in ("0.768", "0.769"):
    ...     case = 5, Integer(1), Integer(1), Rational(angle)
    ...     print(type(angles_at(clocked, [case], Rational(1, 2000)).found).__name__)
    Theorem
    Refusal
    """
    clock = apply(part, clocked.found, place=1)
    return conjunction(*(_at(clocked, clock, case, off) for case in cases))


def _at(clocked: Conclusion, clock: Found, case: Case, off: Any) -> Conclusion:
    if isinstance(clock, Refusal):
        return Conclusion(clocked.says, clock)
    subject, time = clock.says.arguments
    count, hot, moment, angle = case
    low, high = (when(time, count, hot, angle + side) for side in (-off, off))
    bounds = (settle(IN_ORDER, Rel("<", *pair)) for pair in ((low, moment), (moment, high)))
    found = apply(NEAR_AT_A_TIME, clock, *bounds, case=case, off=off)
    then = Is(NEAR_AT, subject, Integer(count), hot, moment, angle, off)
    return claimed(found, then, clocked.says.given, clocked.names)


__all__ = [
    "FROM_A_DIMENSION",
    "FROM_DIMENSION",
    "NEAR_AT",
    "NEAR_AT_A_TIME",
    "angles_at",
    "dimension_from",
    "over_log",
    "when",
]
