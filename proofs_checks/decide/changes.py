"""Zeros of a function of one inner product on an interval, and places where its sign changes.

Exact where they have a closed form, else enclosed by bisection.
"""

from __future__ import annotations

from typing import Any

import sympy as sp
from sympy import Expr, Rational

from proofs_checks.decide.intervals import NoEnclosureError, enclose, interval
from proofs_checks.decide.roots import exact_zeros
from proofs_checks.decide.sign import BOXES, WORK, reduced
from theory.bounded import checkpoint, deciding
from theory.symbols import z


@deciding()
def sign_changes(expr: Any, low: Any = -1, high: Any = 1) -> tuple[Expr, ...] | None:
    """Points of an open interval where an expression in z changes sign, or None if undecided.

    Parameters
    ----------
    expr : Expr
        In ``theory.symbols.z`` alone.
    low, high : number
        Ends of the interval.

    Returns
    -------
    tuple of Expr or None
        Exact roots of a polynomial; enclosed to 15 digits otherwise.

    Examples
    --------
    >>> sign_changes(z**3 - z / 4, -1, 1)
    (-1/2, 0, 1/2)
    """
    found = zeros(expr, low, high)
    return None if found is None else tuple(root for root, changes in found if changes)


@deciding()
def zeros(expr: Any, low: Any = -1, high: Any = 1) -> tuple[tuple[Expr, bool], ...] | None:
    """All zeros of an expression in z on an open interval, or None if undecided.

    Parameters
    ----------
    expr : Expr
        In ``theory.symbols.z`` alone.
    low, high : number
        Ends of the interval.

    Returns
    -------
    tuple of (Expr, bool) or None
        Roots as of `sign_changes`, each with whether the sign changes there; it doesn't where the
        expression touches 0.

    Examples
    --------
    >>> zeros(z**2 * (2 * z - 1))
    ((0, False), (1/2, True))
    """
    low, high = Rational(low), Rational(high)
    core = reduced(expr, low, high)
    if core.free_symbols - {z}:
        return None
    if core == 0:
        return None
    exactly = exact_zeros(core, z, low, high)
    if exactly is not None:
        return tuple((root, bool(count % 2)) for root, count in exactly if low < root < high)
    found = _isolate(core, low, high)  # which doesn't end where the core touches 0
    return None if found is None else tuple((root, True) for root in found)


def _root(core: Expr, low: Rational, high: Rational) -> Expr:
    """Middle of an interval of width 1e-18 about a root; the signs at its ends differ."""
    from_below = enclose(core, {z: low}).b < 0
    for _ in range(80):
        middle = (low + high) / 2
        value = enclose(core, {z: middle})
        if value.a <= 0 <= value.b or high - low < Rational(1, 10**18):
            break
        low, high = (middle, high) if (value.b < 0) == from_below else (low, middle)
    return sp.Float((low + high) / 2, 20)


def _isolate(core: Expr, low: Rational, high: Rational) -> tuple[Expr, ...] | None:
    slope = core.diff(z)
    found: list[Expr] = []
    pending = [(low, high)]
    budget = min(BOXES // 2, WORK // max(int(core.count_ops()), 1))
    while pending:
        checkpoint()
        a, b = pending.pop()
        budget -= 1
        if budget < 0 or b - a < Rational(1, 2**24):
            return None
        box = {z: interval(a, b)}
        try:
            value = enclose(core, box)
            if value.a > 0 or value.b < 0:
                continue
            rate = enclose(slope, box)
            if rate.a > 0 or rate.b < 0:
                left, right = (enclose(core, {z: p}) for p in (a, b))
                if left.a > 0 or left.b < 0:
                    if right.a > 0 or right.b < 0:
                        if (left.a > 0) != (right.a > 0):
                            found.append(_root(core, a, b))
                        continue
        except NoEnclosureError:
            pass
        # An off-centre cut, so that a symmetric root doesn't fall on the boundary.
        middle = a + (b - a) * Rational(499, 1000)
        pending += [(a, middle), (middle, b)]
    return tuple(sorted(found))
