"""Figure 6: functions of an angle that fall through 0 once, and have one well on [0, π].

Each is e^(b c) times a polynomial in c = cos τ, which falls on [0, π]: roots are counted.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sympy import Dummy, Expr, Mul, Poly, Pow, Rational, cos, exp, expand, factor, pi, sin

from proofs_checks.decide import enclose, interval
from proofs_checks.proof import Flow, How
from proofs_checks.propositions import SOME, All, Bound, Implies, Proposition, Rel, every, some
from proofs_checks.theorems.conclusions import Conclusion, claimed
from proofs_checks.theorems.kernel import Engine, Fact, NotConcluded, Refusal, apply, settle
from proofs_checks.theorems.logic import together
from proofs_checks.theorems.second_derivatives import cut_bend
from theory.symbols import beta, z

ANGLE, LATER = Dummy("tau", real=True), Dummy("sigma", real=True)
_COSINE = Dummy("c", real=True)


def _if(then: Proposition, *given: Proposition) -> Proposition:
    for one in reversed(given):
        then = Implies(one, then)
    return then


def falls_through_zero(curve: Expr, low: Expr, high: Expr) -> Bound:
    """Say that a function of `ANGLE` is > 0 on [0, z) and < 0 on (z, π], low < z < high.

    Examples
    --------
    >>> falls_through_zero(cos(ANGLE), Rational(3, 2), Rational(8, 5)).quantifier
    'there is'
    """
    before = _if(Rel("<", 0, curve), Rel("<=", 0, ANGLE), Rel("<", ANGLE, z))
    after = _if(Rel("<", curve, 0), Rel("<", z, ANGLE), Rel("<=", ANGLE, pi))
    inside = Rel("<", low, z), Rel("<", z, high)
    return some(z, All(*inside, every(ANGLE, before), every(ANGLE, after)))


def one_well(curve: Expr, low: Expr, high: Expr, least: Expr, most: Expr) -> Bound:
    """Say that a function falls on [0, z] and rises on [z, π], low < z < high, and is there.

    Examples
    --------
    >>> one_well(cos(ANGLE), *map(Rational, (3, 4, -1, 0))).quantifier
    'there is'
    """
    pair, turned = Rel("<", ANGLE, LATER), curve.xreplace({ANGLE: LATER})
    fall = _if(Rel("<", turned, curve), Rel("<=", 0, ANGLE), pair, Rel("<=", LATER, z))
    rise = _if(Rel("<", curve, turned), Rel("<=", z, ANGLE), pair, Rel("<=", LATER, pi))
    there = curve.xreplace({ANGLE: z})
    return some(
        z,
        All(
            *(Rel("<", low, z), Rel("<", z, high)),
            *(every((ANGLE, LATER), fall), every((ANGLE, LATER), rise)),
            *(Rel("<=", least, there), Rel("<=", there, most)),
        ),
    )


def _in_cosine(curve: Expr) -> Expr:
    """Write an even function of `ANGLE` in c = cos τ."""
    even = expand(curve).replace(
        lambda one: isinstance(one, Pow) and isinstance(one.base, sin) and one.exp.is_even,
        lambda one: (1 - cos(one.base.args[0]) ** 2) ** (one.exp / 2),
    )
    return expand(even.xreplace({cos(ANGLE): _COSINE}))


def _polynomial(curve: Expr) -> Poly:
    """Return the polynomial in c that a function has the sign of."""
    factors = Mul.make_args(factor(curve))
    ahead = [one.args[0] for one in factors if isinstance(one, exp)]
    core = Mul(*(one for one in factors if not isinstance(one, exp)))
    plain = all(one.is_polynomial(_COSINE) for one in (core, *ahead))
    if not plain or core.free_symbols - {_COSINE} or core == 0:
        raise NotConcluded("it is no exponential times a polynomial in cos τ")
    return Poly(core, _COSINE)


def _opened(says: Proposition) -> tuple[Any, ...]:
    """Return low, high, and the other parts of what is said of some z."""
    if not isinstance(says, Bound) or says.quantifier != SOME or len(says.bound) != 1:
        raise NotConcluded("it isn't that there is a number")
    body = says.opened(z)
    parts: tuple[Any, ...] = body.args if isinstance(body, All) else ()
    if len(parts) < 4 or not all(isinstance(one, Rel) for one in parts[:2]):
        raise NotConcluded("it isn't that there is a number between two, at which something is so")
    low, high = parts[0].left, parts[1].right
    if not all(isinstance(one, Rational) and 0 <= one <= pi for one in (low, high)):
        raise NotConcluded("it isn't between two numbers of [0, π]")
    return low, high, *parts[2:]


def _inner(says: Proposition, *variables: Any) -> Rel:
    if not isinstance(says, Bound) or len(says.bound) != len(variables):
        raise NotConcluded("it isn't said of every angle")
    inner = says.opened(*variables)
    while isinstance(inner, Implies):
        inner = inner.args[1]
    if not isinstance(inner, Rel):
        raise NotConcluded("it ends in no relation")
    return inner


def _falls_between(sign: Poly, low: Expr, high: Expr) -> str:
    """Decide that a polynomial in cos τ has one root on [0, π], between two numbers, and falls."""
    if (count := sign.count_roots(-1, 1)) != 1:
        raise NotConcluded(f"{count} roots in cos τ")
    ends = [enclose(sign.as_expr().xreplace({_COSINE: cos(at)}), {}) for at in (low, high)]
    if not (low < high and ends[0].a > 0 > ends[1].b):
        raise NotConcluded(f"{float(ends[0].mid):.3g}, {float(ends[1].mid):.3g} at the ends")
    return f"one root in cos τ: {float(ends[0].mid):.3g}, {float(ends[1].mid):.3g} at the ends"


def _zero(says: Proposition, facts: tuple[Fact, ...]) -> str:
    low, high, before, *_ = _opened(says)
    curve = _inner(before, ANGLE).right
    if says != falls_through_zero(curve, low, high):
        raise NotConcluded("it isn't that a function falls through 0 once")
    return _falls_between(_polynomial(_in_cosine(curve)), low, high)


def _well(says: Proposition, facts: tuple[Fact, ...]) -> str:
    low, high, fall, *rest = _opened(says)
    if len(rest) != 3 or not all(isinstance(one, Rel) for one in rest[1:]):
        raise NotConcluded("it isn't that a function has one well")
    curve, least, most = _inner(fall, ANGLE, LATER).right, rest[1].left, rest[2].right
    if says != one_well(curve, low, high, least, most):
        raise NotConcluded("it isn't that a function has one well")
    # g = G(cos τ), so that g' = -sin τ G'(cos τ).
    found = _falls_between(_polynomial(_in_cosine(curve).diff(_COSINE)), low, high)
    inside = enclose(curve, {ANGLE: interval(low, high)})
    if not (inside.a >= interval(least).b and inside.b <= interval(most).a):
        raise NotConcluded(f"its least value is in {inside}")
    return f"-g'/sin τ has {found}; least in {inside}"


ONE_ZERO = Engine("one zero", How.ENCLOSED, _zero)
ONE_WELL = Engine("one well", How.ENCLOSED, _well)


Interval = tuple[Expr, Expr]


def drawn_curve(
    flow: Flow, curve: Expr, phi: Any, drawn: Sequence[tuple[Expr, Interval, Interval, Interval]]
) -> Conclusion | Refusal:
    """Claim E'' = -Σ_(S×S^c) m_i m_j g(θ_i - θ_j) on the circle, and what is drawn of g.

    Parameters
    ----------
    flow : Flow
    curve : Expr
        g, a function of phi and β.
    phi : Symbol
    drawn : sequence
        Of β, and of ends between which the zero, the place of the well and its value are.

    Examples
    --------
    >>> from theory.models import SA
    >>> curve = exp(beta * cos(ANGLE)) * (cos(ANGLE) - beta * sin(ANGLE) ** 2)
    >>> ends = [tuple(map(Rational, one)) for one in (("0.6", "0.7"), ("1.163", "1.165"))]
    >>> for most in (-2, -3):
    ...     drawn = (2, *ends, (Rational(-3), Rational(most)))
    ...     print(type(drawn_curve(Flow.of(SA), curve, ANGLE, [drawn]).found).__name__)
    Theorem
    Refusal
    """
    own = cut_bend(flow, curve, phi)
    if isinstance(own, Refusal):
        return own
    found, says = [own.found], [own.says.then]
    for heat, zero, place, value in drawn:
        at_heat = curve.xreplace({phi: ANGLE}).subs(beta, heat)
        falls, well = falls_through_zero(at_heat, *zero), one_well(at_heat, *place, *value)
        found += [settle(ONE_ZERO, falls), settle(ONE_WELL, well)]
        says += [falls, well]
    return claimed(apply(together, *found), All(*says), own.says.given, own.names)


__all__ = ["ONE_WELL", "ONE_ZERO", "drawn_curve", "falls_through_zero", "one_well"]
