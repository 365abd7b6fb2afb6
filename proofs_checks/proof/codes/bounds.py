"""Bounds from below of the energy of n points on the sphere: by a tangent, and by a parabola."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

from sympy import Expr, Symbol, expand, integrate

from theory.bounded import simplified
from theory.symbols import d, n, z


@dataclass(frozen=True)
class Bound:
    """Energy ``Σ_{i≠j} k(<x_i,x_j>)`` of a code, and what no code of that size is below."""

    energy: Expr
    least: Expr


def simplex_bound(kernel: Expr, product: Expr) -> Bound:
    """Return the tangent bound for n points, at a = ``product``.

    k(t) >= k(a) + k'(a)(t - a) for convex k. With k' > 0 the sum of t over pairs is
    ``|Σ x|² - n >= -n``.
    """
    value, slope = kernel.subs(z, product), kernel.diff(z).subs(z, product)
    pairs = n * (n - 1)
    return Bound(pairs * value, pairs * (value - product * slope) - n * slope)


def cross_bound(kernel: Expr, size: Expr) -> Bound:
    """Return the parabola bound for ``size`` points of R^d.

    k(t) >= p(t) = k(0) + k'(0) t + c t², c >= 0: p meets k at -1, and at 0 to second order. Over
    all i, j the sum of t is ``|Σ x|² >= 0`` and that of t² is ``tr S² >= (tr S)²/d = size²/d`` with
    S = Σ x x^T.
    """
    start, slope, end = kernel.subs(z, 0), kernel.diff(z).subs(z, 0), kernel.subs(z, -1)
    bend = end - start + slope
    least = size**2 * (start + bend / d) - size * (start + slope + bend)
    return Bound(size * (end + (size - 2) * start), least)


@lru_cache(maxsize=32)
def taylor_remainder(kernel: Expr) -> Expr:
    """Return ``k(z) - k(0) - k'(0) z - z² ∫_0^1 (1-s) k''(s z) ds``: zero, Taylor's formula."""
    s = Symbol("s", positive=True)
    integral = integrate(expand((1 - s) * kernel.diff(z, 2).subs(z, s * z)), (s, 0, 1))
    taylor = kernel - kernel.subs(z, 0) - kernel.diff(z).subs(z, 0) * z
    # At z = 0 both sides vanish to second order; elsewhere the antiderivative is the generic one.
    nonzero = Symbol("z", nonzero=True)
    return simplified((taylor - z**2 * integral).subs(z, nonzero))
