"""Which of two modes of neighbouring degrees grows faster: a quotient of Bessel functions rises."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from sympy import Dummy, Expr, S, Symbol, besseli, simplify

from proofs_checks.certificates import (
    BESSEL_QUOTIENT,
    Certificate,
    NotCertified,
    certify_switch,
    check,
)
from proofs_checks.decide import enclosed_sign
from proofs_checks.proof import How
from proofs_checks.propositions import All, Bound, Implies, Proposition, Rel, every, some
from proofs_checks.theorems.conclusions import Conclusion, claimed, conjunction
from proofs_checks.theorems.enclosed import VARIABLE, innermost
from proofs_checks.theorems.kernel import Engine, Fact, NotConcluded, settle
from theory.symbols import z

DEGREES = 200
"""Degrees that are looked through for that of a rate."""


def overtakes(slow: Expr, fast: Expr, low: Expr, high: Expr) -> Bound:
    """Say that one function of `VARIABLE` is less than another below one number, and more above.

    Examples
    --------
    >>> overtakes(S.One, VARIABLE, S.Half, S(2)).quantifier
    'there is'
    """
    before = Implies(Rel("<", VARIABLE, z), Rel("<", fast, slow))
    return some(
        z,
        All(
            Rel("<", low, z),
            Rel("<", z, high),
            every(VARIABLE, Implies(Rel("<", 0, VARIABLE), before)),
            every(VARIABLE, Implies(Rel("<", z, VARIABLE), Rel("<", slow, fast))),
        ),
    )


def _taken(says: Proposition) -> tuple[Expr, Expr, Expr, Expr]:
    """Return both functions and the ends between which they are equal."""
    body: Any = says.opened(z) if isinstance(says, Bound) and len(says.bound) == 1 else None
    parts: tuple[Any, ...] = body.args if isinstance(body, All) else ()
    if len(parts) != 4 or not all(isinstance(one, Rel) for one in parts[:2]):
        raise NotConcluded("it isn't that one function overtakes another between two numbers")
    order = innermost(parts[2])[1]
    found = order.right, order.left, parts[0].left, parts[1].right
    if says != overtakes(*found):
        raise NotConcluded("it isn't that one function overtakes another between two numbers")
    return found


def _order_and_factor(slow: Expr, fast: Expr) -> tuple[Expr, Expr]:
    """Return ν and c of ``fast/slow = c I_{ν+1}(x)/I_ν(x)``, c > 0, for ``slow > 0`` at x > 0."""
    x = Dummy("x", positive=True)
    one, two = (rate.xreplace({VARIABLE: x}) for rate in (slow, fast))
    for below in one.atoms(besseli):
        order, argument = below.args
        ahead, factor = simplify(one / below), simplify(two / one * below / besseli(order + 1, x))
        if argument == x and order.is_nonnegative and ahead.is_positive and factor.is_positive:
            if factor.is_number and not ahead.has(besseli):
                return order, factor
    raise NotConcluded("their quotient is no multiple of I_(ν+1)(x)/I_ν(x), ν >= 0")


def _switches(says: Proposition, facts: tuple[Fact, ...]) -> str:
    slow, fast, low, high = _taken(says)
    order, factor = _order_and_factor(slow, fast)
    if not (low.is_Rational and high.is_Rational and 0 < low < high):
        raise NotConcluded("it isn't between two positive rational numbers")
    gain = fast - slow
    if enclosed_sign(gain, {VARIABLE: low}) != -1 or enclosed_sign(gain, {VARIABLE: high}) != 1:
        raise NotConcluded("the second isn't shown to be less at the one end and more at the other")
    return f"the quotient is {factor} I_{order + 1}/I_{order}; signs at both ends"


OVERTAKES = Engine("quotient of Bessel functions", How.ENCLOSED, _switches, (BESSEL_QUOTIENT,))


@lru_cache(maxsize=64)
def switch_certificate(says: Proposition) -> Certificate | None:
    """Return the certificate on the rates of two modes that says the same, if these are rates."""
    slow, fast, low, high = _taken(says)
    order, factor = _order_and_factor(slow, fast)
    for degree in range(1, DEGREES):
        size = 2 * (order - degree + 1)
        if size < 2:
            return None
        if factor == (degree + 1) * (degree + size - 1) / (degree * (degree + size - 2)):
            try:
                found = certify_switch(degree, int(size), ends=(low, high))
            except NotCertified:
                return None
            return found if check(found).ok else None
    return None


def fastest_in_turn(rate: Expr, mode: Symbol, heat: Symbol, top: int, ends: Any) -> Conclusion:
    """Claim of each degree up to a top that the next one overtakes it, and between which numbers.

    Parameters
    ----------
    rate : Expr
        Of ``mode`` and ``heat``.
    mode, heat : Symbol
    top : int
    ends : tuple of Expr
        Functions of ``mode``.

    Examples
    --------
    >>> from theory.predictions import mode_growth_rate
    >>> from theory.symbols import beta
    >>> k = Symbol("k", integer=True, positive=True)
    >>> rate, low = mode_growth_rate(k, model="USA"), k * (k + 1) / 2
    >>> for width in (4, 9):
    ...     own = fastest_in_turn(rate, k, beta, 2, (low, low + S.One / width))
    ...     print(type(own.found).__name__)
    Theorem
    Refusal
    """
    said = []
    for degree in range(1, top + 1):
        slow, fast = (
            rate.xreplace({mode: S(k), heat: VARIABLE}).doit() for k in (degree, degree + 1)
        )
        low, high = (end.xreplace({mode: S(degree)}) for end in ends)
        said.append(overtakes(slow, fast, low, high))
    return conjunction(*(claimed(settle(OVERTAKES, one), one, ()) for one in said))


__all__ = ["OVERTAKES", "fastest_in_turn", "overtakes", "switch_certificate"]
