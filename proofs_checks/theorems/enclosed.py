"""Numbers and functions of one number, by enclosures: what is concluded of them is CERTIFIED."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from sympy import Abs, Dummy, Expr, S, Symbol

from proofs_checks.certificates import (
    Certificate,
    NotCertified,
    certify_root,
    certify_sign,
    check,
    enclosure_of,
)
from proofs_checks.decide import NoEnclosureError, enclose, enclosed_sign
from proofs_checks.proof import How, as_rational
from proofs_checks.propositions import (
    EVERY,
    All,
    Bound,
    Implies,
    Proposition,
    Rel,
    every,
    free_of,
    some,
)
from proofs_checks.theorems.conclusions import Conclusion, claimed, conjunction
from proofs_checks.theorems.engines import EQUAL
from proofs_checks.theorems.kernel import Engine, Fact, NotConcluded, settle
from theory.symbols import z
from theory.terms import Number, Sort, sort_of

VARIABLE = Dummy("x", real=True)
"""What a function is of, in the shapes below."""

DIGITS = 15
"""Decimals to which a root is enclosed."""


def _ordered(says: Proposition, facts: tuple[Fact, ...]) -> str:
    if not isinstance(says, Rel) or says.op not in ("<", "<="):
        raise NotConcluded("it is no order of two numbers")
    if free_of(says) or says.has(Number) or sort_of(says.left) is not Sort.NUMBER:
        raise NotConcluded("it is no order of numbers without names")
    try:
        left, right = enclose(says.left), enclose(says.right)
    except NoEnclosureError as short:
        raise NotConcluded(str(short)) from short
    if not left.b < right.a:
        raise NotConcluded(f"it isn't shown that {float(left.mid):.6g} < {float(right.mid):.6g}")
    return f"{float(left.mid):.9g} < {float(right.mid):.9g}"


def positive_between(curve: Expr, low: Expr, high: Expr) -> Bound:
    """Say that a function of `VARIABLE` is > 0 from one number to another.

    Examples
    --------
    >>> positive_between(1 + VARIABLE**2, 0, 1).quantifier
    'for every'
    """
    inside = Implies(Rel("<=", VARIABLE, high), Rel("<", 0, curve))
    return every(VARIABLE, Implies(Rel("<=", low, VARIABLE), inside))


def rises_through_zero(curve: Expr, low: Expr, high: Expr, place: Expr, off: Expr) -> Bound:
    """Say that a function is < 0 on [low, z) and > 0 on (z, high], with z near a place.

    Examples
    --------
    >>> rises_through_zero(VARIABLE**2 - 2, 0, 2, 1, 1).quantifier
    'there is'
    """
    before = Implies(Rel("<", VARIABLE, z), Rel("<", curve, 0))
    after = Implies(Rel("<=", VARIABLE, high), Rel("<", 0, curve))
    return some(
        z,
        All(
            Rel("<", Abs(z - place), off),
            every(VARIABLE, Implies(Rel("<=", low, VARIABLE), before)),
            every(VARIABLE, Implies(Rel("<", z, VARIABLE), after)),
        ),
    )


def innermost(says: Proposition) -> tuple[list[Any], Any]:
    """Return relations that are given one after another, and the one that follows from them."""
    if not isinstance(says, Bound) or says.quantifier != EVERY or len(says.bound) != 1:
        raise NotConcluded("it isn't said of every number")
    inner, given = says.opened(VARIABLE), []
    while isinstance(inner, Implies):
        given.append(inner.args[0])
        inner = inner.args[1]
    if not all(isinstance(one, Rel) for one in (inner, *given)):
        raise NotConcluded("it is no relation under relations")
    return given, inner


def _of_one(curve: Expr, *ends: Expr) -> None:
    if curve.free_symbols != {VARIABLE} or not all(one.is_Rational for one in ends):
        raise NotConcluded("it is no function of one number alone, between rational ones")


@lru_cache(maxsize=64)
def sign_certificate(says: Proposition) -> Certificate:
    """Certify that a function is positive on a range, or refuse."""
    given, then = innermost(says)
    curve = then.right
    if len(given) != 2 or says != positive_between(curve, given[0].left, given[1].right):
        raise NotConcluded("it isn't that a function is positive from a number to another")
    low, high = given[0].left, given[1].right
    _of_one(curve, low, high)
    return _held(certify_sign, curve, ">", {_PLAIN: (low, high)})


def _positive(says: Proposition, facts: tuple[Fact, ...]) -> str:
    return f"{len(sign_certificate(says).evidence['tree'])} boxes"


_PLAIN = Symbol("x", real=True)
"""The variable in a certificate, which has names alone."""


def accepted(found: Certificate) -> Certificate:
    """Return a certificate that the checker accepts.

    Raises
    ------
    NotConcluded
        For another.
    """
    result = check(found)
    if not result.ok:
        raise NotConcluded(f"rejected: {result.reason}")
    return found


def _held(search: Any, curve: Expr, *where: Any, **how: Any) -> Certificate:
    """Return a certificate on a function that is found and that the checker accepts."""
    try:
        found: Certificate = search(curve.xreplace({VARIABLE: _PLAIN}), *where, **how)
    except (NotCertified, NoEnclosureError, ValueError) as short:
        raise NotConcluded(str(short)) from short
    return accepted(found)


@lru_cache(maxsize=64)
def root_certificate(says: Proposition) -> Certificate:
    """Certify that a function rises through 0 near a place, or refuse."""
    body: Any = says.opened(z) if isinstance(says, Bound) and len(says.bound) == 1 else None
    parts: tuple[Any, ...] = body.args if isinstance(body, All) else ()
    near = parts[0] if len(parts) == 3 else None
    if not isinstance(near, Rel) or not isinstance(near.left, Abs):
        raise NotConcluded("it isn't that there is a number near another")
    given, before = innermost(parts[1])
    inside = near.left.args[0]
    place, off = -inside.xreplace({z: S.Zero}) / inside.coeff(z), near.right
    curve, low, high = before.left, given[0].left, innermost(parts[2])[0][-1].right
    if says != rises_through_zero(curve, low, high, place, off):
        raise NotConcluded("it isn't that a function rises through 0 once")
    _of_one(curve, low, high, place, off)
    found = _held(certify_root, curve, _PLAIN, (low, high), digits=DIGITS)
    left, right = map(as_rational, enclosure_of(found))
    if not (low <= left and right <= high and place - off < left and right < place + off):
        raise NotConcluded(f"its zero is in [{left.evalf(9)}, {right.evalf(9)}]")
    if enclosed_sign(curve, {VARIABLE: high}) != 1:  # what falls through 0 has a zero too
        raise NotConcluded("it falls")
    return found


def _rises(says: Proposition, facts: tuple[Fact, ...]) -> str:
    left, right = map(as_rational, enclosure_of(root_certificate(says)))
    return f"it rises; its zero is in [{left.evalf(12)}, {right.evalf(12)}]"


IN_ORDER = Engine("enclosures of two numbers", How.ENCLOSED, _ordered)
POSITIVE_BETWEEN = Engine("sign on an interval, enclosed", How.ENCLOSED, _positive)
RISES_THROUGH = Engine("one zero, enclosed", How.ENCLOSED, _rises)


def crossing(
    slack: Expr,
    of: Symbol,
    ends: tuple[Expr, Expr],
    near: tuple[Expr, Expr],
    root: Expr | None = None,
) -> Conclusion:
    """Claim that a function is < 0 below one number and > 0 above it, and which one it is.

    Parameters
    ----------
    slack : Expr
        A function of ``of`` that rises.
    of : Symbol
    ends : tuple of Rational
        Of the range.
    near : tuple of Rational
        A place, and how far from it the zero is at most.
    root : Expr, optional
        Where the function is 0: it is that near to the place.

    Examples
    --------
    >>> from sympy import Integer, Rational, sqrt
    >>> near = Rational("1.618"), Rational(1, 2000)
    >>> for root in ((1 + sqrt(5)) / 2, 1 + sqrt(5) / 4):
    ...     own = crossing(z**2 - z - 1, z, (Integer(1), Integer(2)), near, root)
    ...     print(type(own.found).__name__)
    Theorem
    Refusal
    """
    through = rises_through_zero(slack.xreplace({of: VARIABLE}), *ends, *near)
    own = claimed(settle(RISES_THROUGH, through), through, ())
    if root is None:
        return own
    place, off = near
    zero = Rel("=", slack.xreplace({of: root}), 0)
    sides = Rel("<", place - off, root), Rel("<", root, place + off)
    there = (claimed(settle(IN_ORDER, side), side, ()) for side in sides)
    return conjunction(own, claimed(settle(EQUAL, zero), zero, ()), *there)


def positive(curve: Expr, of: Symbol, low: Expr, high: Expr) -> Conclusion:
    """Claim that a function is > 0 on a range.

    Examples
    --------
    >>> from sympy import Integer
    >>> print(positive(1 + z**2, z, Integer(0), Integer(1)).found.says.quantifier)
    for every
    """
    says = positive_between(curve.xreplace({of: VARIABLE}), low, high)
    return claimed(settle(POSITIVE_BETWEEN, says), says, ())


__all__ = [
    "IN_ORDER",
    "POSITIVE_BETWEEN",
    "RISES_THROUGH",
    "VARIABLE",
    "accepted",
    "crossing",
    "innermost",
    "positive",
    "positive_between",
    "rises_through_zero",
    "root_certificate",
    "sign_certificate",
]
