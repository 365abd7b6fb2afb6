"""(6.6), (D.11), E.(D.15): vectors in the cone of unit vectors, at one time; no model enters.

z = Σ_k θ_k x_k with θ_k >= 0 has |z| <= Σ_k θ_k, and <x_i,z> = Σ_k θ_k <x_i,x_k>.
"""

from __future__ import annotations

from typing import Any

from sympy import Rational, S, Symbol

from proofs_checks.proof import THETA
from proofs_checks.propositions import Proposition, Rel, every
from proofs_checks.theorems.attraction import UNIT_PRODUCT
from proofs_checks.theorems.averages import MEAN_SIZE
from proofs_checks.theorems.coefficients import COEFFICIENTS
from proofs_checks.theorems.conclusions import Conclusion, claimed
from proofs_checks.theorems.engines import ADDED, SIGNS
from proofs_checks.theorems.kernel import Found, apply, assume, settle
from proofs_checks.theorems.logic import cases, instantiate, part
from proofs_checks.theorems.order import CHAIN, EITHER, LOWEST_ONE, SCALE, TOKEN_SUM
from proofs_checks.theorems.pulls import gram
from proofs_checks.theorems.readers import OTHER, TOKEN
from theory.symbols import X
from theory.terms import (
    Greatest,
    Index,
    Inner,
    Item,
    Least,
    Name,
    Norm,
    Row,
    Vec,
    total,
)

POINT = total(Row(X, OTHER) * Item(THETA, OTHER), OTHER)
"""z = Σ_k θ_k x_k."""
HEIGHT = Inner(Row(X, TOKEN), POINT)
SHARES = every(OTHER, Rel("<=", 0, Item(THETA, OTHER)))
UNITS = every(OTHER, Rel("=", Norm(Row(X, OTHER)), 1))
LENGTH = Norm(POINT)
NAMES = (Name("z", POINT),)


def _of(says: Proposition, index: Index = OTHER) -> Found:
    return apply(instantiate, assume(says), values=(index,))


def _above(low: Any, each: Found, sign: Found) -> Found:
    """``b |z| <= <x_i,z>`` of ``b <= <x_i,x_j>`` for every j, where ``0 <= b``."""
    share = _of(SHARES)
    mean = apply(MEAN_SIZE, share, _of(UNITS), weight=Item(THETA, OTHER), index=OTHER)
    summed = apply(TOKEN_SUM, apply(SCALE, share, each), index=OTHER)
    return settle(ADDED, Rel("<=", low * LENGTH, HEIGHT), summed, apply(SCALE, sign, mean))


def cone_product(largest: bool = False, signed: bool = False) -> Conclusion:
    """``|z| min_j <x_i,x_j> <= <x_i,z>`` where the right side is at least 0.

    Parameters
    ----------
    largest : bool
        Whether it is claimed of the largest product.
    signed : bool
        Whether it is claimed of θ of any sign.

    Examples
    --------
    >>> cone_product().found.by.name
    'cases'
    """
    pair = gram(TOKEN, OTHER)
    low, over = Least(pair, (OTHER,)), Rel("<=", 0, HEIGHT)
    each = apply(LOWEST_ONE, number=pair, index=OTHER)
    high, less = assume(Rel("<=", 0, low)), assume(Rel("<=", low, 0))
    found = apply(
        cases,
        apply(EITHER, number=low),
        _above(low, each, high),
        apply(CHAIN, apply(SCALE, settle(SIGNS, Rel("<=", 0, LENGTH)), less), assume(over)),
    )
    then = Rel("<=", (Greatest(pair, (OTHER,)) if largest else low) * LENGTH, HEIGHT)
    given = UNITS, *(() if signed else (SHARES,)), over
    return claimed(found, then, given, NAMES)


ANGLE = Symbol("gamma", nonnegative=True)
"""A number near which products are."""


def start_height(fraction: Any, share: Any) -> Conclusion:
    """``f γ |z| <= <x_i,z>`` where ``γ - s γ <= <x_i,x_j>`` for every i and j.

    Parameters
    ----------
    fraction : Expr
        f.
    share : Expr
        s.

    Examples
    --------
    >>> start_height(S.Half, S.Half).found.by.name
    'sum'
    """
    floor = ANGLE * (1 - share)
    near = every((TOKEN, OTHER), Rel("<=", floor, gram(TOKEN, OTHER)))
    each = apply(instantiate, assume(near), values=(TOKEN, OTHER))
    found = _above(floor, each, settle(SIGNS, Rel("<=", 0, floor)))
    if fraction * ANGLE != floor:
        less = settle(COEFFICIENTS, Rel("<=", fraction * ANGLE, floor))
        found = apply(CHAIN, apply(SCALE, settle(SIGNS, Rel("<=", 0, LENGTH)), less), found)
    then = Rel("<=", fraction * ANGLE * LENGTH, HEIGHT)
    return claimed(found, then, (UNITS, SHARES, near), NAMES)


def near_a_point(factor: Any) -> Conclusion:
    """``1 - <x,y> <= f (1 - a)`` of unit vectors with ``a <= <x,z>`` and ``a <= <y,z>``.

    Parameters
    ----------
    factor : Expr
        f.

    Examples
    --------
    >>> near_a_point(S(4)).found.by.name
    'sum'
    """
    x, y, z = map(Vec, "xyz")
    a = Symbol("alpha", real=True)
    given = (
        *(Rel("=", Norm(v), 1) for v in (x, y, z)),
        *(Rel("<=", a, Inner(v, z)) for v in (x, y)),
    )
    units, heights = [*map(assume, given[:3])], [*map(assume, given[3:])]
    middle = x + y - z * 2
    square = settle(SIGNS, Rel("<=", 0, Inner(middle, middle)))
    half, two, rest = (settle(SIGNS, Rel("<=", 0, c)) for c in (Rational(1, 2), S(2), factor - 4))
    parts = [apply(SCALE, half, square), *(apply(SCALE, two, one) for one in heights)]
    if factor != 4:
        top = apply(part, apply(UNIT_PRODUCT, units[0], units[2]), place=1)
        parts.append(apply(SCALE, rest, apply(CHAIN, heights[0], top)))
    then = Rel("<=", 1 - Inner(x, y), factor * (1 - a))
    return claimed(settle(ADDED, then, *parts, *units), then, given)
