"""Independent tokens: the pole of their hyperplane, at whose height T2 and T10a speak of them."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from sympy import Identity, Rational, simplify, sqrt
from sympy.matrices.expressions import MatrixExpr

from proofs_checks.propositions import (
    All,
    Definition,
    Is,
    Proposition,
    Rel,
    Subject,
    subjects_of,
)
from proofs_checks.theorems.conclusions import Conclusion, claimed
from proofs_checks.theorems.engines import SIGNS
from proofs_checks.theorems.kernel import (
    Fact,
    NotConcluded,
    Refusal,
    Rule,
    Theorem,
    apply,
    assume,
    settle,
)
from proofs_checks.theorems.logic import cut, part, together
from proofs_checks.theorems.order import CHAIN, SCALE, of_all, wants
from proofs_checks.theorems.pulls import HIGH, UNIT_AXIS, WIDTH, H, W, unit_of
from proofs_checks.theorems.readers import OTHER, TOKEN
from proofs_checks.theorems.sheets import Says
from theory.symbols import G, X, d, n, t
from theory.terms import Entry, Norm, Row, Sort, at, total

INDEPENDENT = Definition("independent", "x_1(0), …, x_n(0) are linearly independent", ())
UNIFORM = Definition(
    "independent almost surely",
    "n points of the unit sphere in {0} dimensions, uniform and independent, are linearly "
    "independent almost surely",
    (Sort.NUMBER,),
)
ENOUGH_ROOM = Rel("<=", n, d)
RADIUS = 2 * sqrt(H**-2 - 1)
"""What the diameter of the projected tokens is at most where they are at heights h or more."""


def pole(inverse: Any) -> tuple[Proposition, ...]:
    """Say ``h <= (1^T B 1)^(-1/2) = a``, ``w = X(0)^T B 1 a``, of independent tokens.

    Parameters
    ----------
    inverse : MatrixExpr
        B in the Gram matrix G, which is X X^T at the start.

    Examples
    --------
    >>> from proofs_checks.propositions import written
    >>> written(pole(G**-1)[1])
    'h <= 1/√(Σ_j Σ_k [(X X^T)^-1]_jk(0))'
    """
    held = at(Entry(inverse.xreplace({G: X * X.T}), TOKEN, OTHER))
    least = total(total(held, OTHER), TOKEN) ** Rational(-1, 2)
    axis = least * total(total(held * at(Row(X, OTHER)), OTHER), TOKEN)
    return Is(INDEPENDENT), Rel("<=", H, least), Rel("=", W, axis)


def _high(free: Fact, least: Fact, axis: Fact, inverse: Any) -> Proposition:
    if not isinstance(inverse, MatrixExpr) or (G * inverse).doit() != Identity(n):
        raise NotConcluded(f"{inverse} isn't the inverse of {G}")
    for fact, said in zip((free, least, axis), pole(inverse), strict=True):
        wants(fact, said)
    return All(UNIT_AXIS, HIGH)


POLE = Rule(
    "pole of independent tokens",
    "x_i(0) independent; h <= a, a = (Σ_i Σ_j B_ij)^(-1/2); w = a Σ_i Σ_j B_ij x_j(0); B = G^(-1), "
    "G_ij = <x_i,x_j>(0): |w| = 1; h <= <x_i(0),w>",
    "<x_i(0),w> = a (G B 1)_i = a, and |w|² = a² 1^T B G B 1 = a² 1^T B 1 = 1",
    _high,
)


def _almost(room: Fact) -> Proposition:
    wants(room, ENOUGH_ROOM)
    return Is(UNIFORM, d)


ALMOST_INDEPENDENT = Rule(
    "independent almost surely",
    "n <= d: n independent uniform points of the sphere are independent almost surely",
    "det G is a polynomial of the points that isn't 0, being 1 where they are orthonormal; on a "
    "sphere, d >= 2, the zeros of such a one are a null set, and for d = 1 no x_1 is 0",
    _almost,
)


def _narrow(unit: Fact, axis: Fact, high: Fact, constant: Any) -> Proposition:
    wants(unit, Rel("=", Norm(Row(X, TOKEN)), 1))
    of_all(unit, TOKEN, t)
    wants(axis, UNIT_AXIS)
    wants(high, HIGH)
    ratio = simplify(constant / RADIUS)
    if not (ratio.is_number and ratio >= 1):
        raise NotConcluded(f"C = {constant} is {ratio} times {RADIUS}")
    return Rel("<=", at(WIDTH), constant)


NARROW = Rule(
    "diameter over an equator",
    "|x_i| = 1; |w| = 1; 0 < h <= <x_i(0),w>; 1 <= c: D(0) <= 2c (h^(-2) - 1)^(1/2), D = diam "
    "x_i/<x_i,w>",
    "|x_i/s_i - w|² = s_i^(-2) - 1 for s_i = <x_i,w>, at most h^(-2) - 1",
    _narrow,
)


def at_the_pole(own: Conclusion, inverse: Any = G**-1) -> Conclusion:
    """Say what is said from a hemisphere of independent tokens, whose pole has the height h.

    Examples
    --------
    >>> from proofs_checks.propositions import Subject
    >>> from proofs_checks.theorems import common_sight, meeting, pull_of
    >>> from theory.models import SA
    >>> one = Subject.of(SA)
    >>> HIGH in at_the_pole(meeting(pull_of(one), common_sight(one))).found.given
    False
    """
    stands = apply(POLE, *map(assume, pole(inverse)), inverse=inverse)
    if isinstance(stands, Refusal) or isinstance(own.found, Refusal):
        return replace(own, found=stands if isinstance(stands, Refusal) else own.found)
    proofs = (apply(part, stands, place=place) for place in (0, 1))
    used = (one for one in proofs if isinstance(one, Theorem) and one.says in own.found.given)
    given = *pole(inverse), *(one for one in own.says.given if one not in (UNIT_AXIS, HIGH))
    return claimed(apply(cut, own.found, *used), own.says.then, given, own.names)


def almost_surely(own: Conclusion) -> Conclusion:
    """Say besides that uniform points are independent almost surely, for n <= d."""
    found = apply(together, own.found, apply(ALMOST_INDEPENDENT, assume(ENOUGH_ROOM)))
    then = All(own.says.then, Is(UNIFORM, d))
    return claimed(found, then, (*own.says.given, ENOUGH_ROOM), own.names)


def from_radius(own: Conclusion, constant: Any) -> Conclusion:
    """``D <= C e^(-λt)`` for ``D <= D(0) e^(-λt)``, C at least the radius at heights h.

    Parameters
    ----------
    own : Conclusion
        Of a bound of D, and more.
    constant : Expr
        C, in h.
    """
    if isinstance(own.found, Refusal):
        return own
    then = own.says.then
    assert isinstance(then, All)  # as it is claimed
    first, *rest = then.args
    falls = first.right / at(WIDTH)
    (subject,) = frozenset[Subject]().union(*map(subjects_of, own.found.given))
    known = unit_of(subject), assume(UNIT_AXIS), assume(HIGH)
    large = apply(NARROW, *known, constant=constant)
    bound = apply(SCALE, settle(SIGNS, Rel("<=", 0, falls)), large)
    fast = apply(CHAIN, apply(part, own.found, place=0), bound)
    parts = (apply(part, own.found, place=place) for place in range(1, len(then.args)))
    said = All(Rel("<=", WIDTH, constant * falls), *rest)
    given = *own.says.given, UNIT_AXIS, HIGH
    return replace(own, says=Says(given, said), found=apply(together, fast, *parts))


__all__ = ["almost_surely", "at_the_pole", "from_radius", "pole"]
