"""Trees of short arcs, and regular polygons: the geometry of Theorem 5.1.

The profile of the averaged second variation, when n - 1 arcs of length τ* are short, and two things
that are watched: a tree of arcs shorter than π lies in an open hemisphere, polygons are unstable.
"""

from __future__ import annotations

from functools import lru_cache

import numpy as np
from sympy import Dummy, Expr, Integer, Poly, Rational, S, Symbol, cos, expand, simplify, sin

from proofs_checks.claim import Budget
from proofs_checks.decide import enclose
from proofs_checks.proof.alphabet import Array
from proofs_checks.proof.hemispheres import hemispherical
from theory.bounded import simplified
from theory.linearize import polygon
from theory.models import Model
from theory.symbols import beta, d, n, z


def quadratic_below_sine(factor: Expr = S.One) -> str:
    """Prove ``factor t² cos t <= sin² t`` on [0, π/2] by series; "" or a counterexample.

    sin t >= t - t³/6 (>= 0 for t² < 6) and cos t <= 1 - t²/2 + t⁴/24: the difference is at least
    t² times a polynomial in t² whose sign on (0, 5/2] is decided by root counting; π²/4 < 5/2.
    """
    s = Dummy("s")
    lower = Poly(expand((1 - s / 6) ** 2 - factor * (1 - s / 2 + s**2 / 24)), s)
    while lower.eval(0) == 0:
        lower = lower.quo(Poly(s, s))
    if lower.count_roots(0, Rational(5, 2)) == 0 and lower.eval(1) > 0:
        return ""
    for place in (Rational(1, 10), Rational(1, 2), S.One):
        gap = enclose(sin(place) ** 2 - factor * place**2 * cos(place), {})
        if gap.b < 0:
            return f"t = {place}: sin² t - {factor} t² cos t <= {float(gap.b):.4g} < 0"
    return "undecided: the polynomial bound changes sign"


def sign_of_profile(bracket: Expr, critical: Expr) -> str:
    """Prove bracket > 0 for z in (cos τ*, 1] and < 0 for z in [-1, cos τ*); "" or what fails."""
    kappa, excess = Symbol("kappa", positive=True), Symbol("e", positive=True)
    reduced = expand(bracket.subs(beta, kappa * excess).subs(d, excess + 1) / excess)
    place_ = simplified(critical.subs(beta, kappa * excess).subs(d, excess + 1))
    up = Symbol("p", nonnegative=True)
    rising = expand(reduced.diff(z)).subs(z, up)
    # For z = -p the bracket is -p - κ(1 - p²), at most 0 on [0, 1], and -κ at 0.
    left = reduced.subs(z, -up)
    negative = Poly(left, up)
    below = negative.eval(1).is_negative and negative.eval(0).is_negative
    below = below and not expand(left + up + kappa * (1 - up**2))
    zero = simplified(expand(reduced.subs(z, place_)))
    # 2κ cos τ* + 1 = sqrt(1 + 4κ²) > 1: the root in (0, 1).
    root = simplified(2 * kappa * place_ + 1)
    inside = root.is_positive and simplify(root**2 - 1 - 4 * kappa**2) == 0
    if zero == 0 and inside and rising.is_positive and below and reduced.subs(z, 1) == 1:
        return ""
    for hot in (Rational(1, 3), Integer(2), Integer(6)):
        for dimension in (2, 3):
            put = {beta: hot, d: dimension, n: 3}
            place = critical.subs(put)
            value = bracket.subs(put)
            if abs(place.evalf(20)) > 1:
                return f"β = {hot}, d = {dimension}: cos τ* = {place.evalf(5)}"
            if abs(value.subs(z, place).evalf(20)) > 1e-9:
                return (
                    f"β = {hot}, d = {dimension}: the bracket at cos τ* = {place.evalf(5)} is "
                    f"{value.subs(z, place).evalf(5)}, not 0"
                )
    return "undecided: the sign of the profile"


def short_arcs(threshold: Expr, length: Expr) -> str:
    """Prove ``(n-1) τ* < length`` from the threshold on; "" or a counterexample.

    With a = length/(n-1) <= π/2: cos a/sin² a < 1/a², so a threshold of (d-1)/a² or more puts
    the bracket at a below 0, that is τ* < a. For a > π/2 there is nothing to show.
    """
    if length.is_nonpositive:
        return f"n - 1 arcs τ* > 0 are never shorter than {length}"
    found = quadratic_below_sine()
    if found:
        return found
    ratio = simplified(threshold * (length / (n - 1)) ** 2 / (d - 1))
    more = simplified(ratio.subs(n, Symbol("m", positive=True) + 1) - 1)
    if more == 0 or more.is_positive:
        return ""
    for tokens in (8, 4, 16, 64):
        for dimension in (2, 3):
            hot = threshold.subs({n: tokens, d: dimension})
            angle = length / (tokens - 1)
            profile = (dimension - 1) * cos(angle) - hot * sin(angle) ** 2
            value = enclose(profile, {})
            if value.a > 0:
                return (
                    "the argument's inequality fails, "
                    f"n = {tokens}, d = {dimension}, β = {hot.evalf(5)}: the profile at "
                    f"{angle} is at least {float(value.a):.4g} > 0: (n-1)τ* > {length}"
                )
    return f"undecided: threshold over the derived one is {ratio}"


def _random_trees(count: int, size: int, dimension: int, length: float, budget: Budget) -> Array:
    """Points of random trees of geodesic arcs of nearly the total length, some of them straight."""
    rng = budget.rng
    arcs = rng.dirichlet(np.full(size - 1, 4.0), count) * length * 0.999
    straight = rng.random(count) < 0.5
    points = np.zeros((count, size, dimension))
    first = rng.standard_normal((count, dimension))
    points[:, 0] = first / np.linalg.norm(first, axis=-1, keepdims=True)
    heading = rng.standard_normal((count, dimension))
    for k in range(1, size):
        parent = np.where(straight, k - 1, rng.integers(0, k, count))
        base = points[np.arange(count), parent]
        fresh = rng.standard_normal((count, dimension))
        # A straight path in d = 3 isn't in general position, which the test of a hemisphere needs.
        way = np.where(straight[:, None], heading + (0.2 if dimension > 2 else 0.0) * fresh, fresh)
        way = way - np.einsum("bd,bd->b", way, base)[:, None] * base
        way /= np.linalg.norm(way, axis=-1, keepdims=True)
        angle = arcs[:, k - 1, None]
        points[:, k] = np.cos(angle) * base + np.sin(angle) * way
        heading = np.cos(angle) * way - np.sin(angle) * base
    return points


def tree_outside_hemisphere(length: float, budget: Budget) -> tuple[str, int]:
    """Find a tree of nearly that length in no open hemisphere, or ""; and how many were drawn."""
    count = 60 * budget.cases
    for size, dimension in ((3, 2), (5, 2), (5, 3)):
        points = _random_trees(count, size, dimension, length, budget)
        inside = hemispherical(points)
        if not inside.all():
            case = int(np.argmin(inside))
            shown = np.array2string(points[case], precision=3).replace("\n", "")
            return (
                f"a tree of length {0.999 * length:.4g} in d = {dimension} "
                f"with vertices {shown} in no open hemisphere"
            ), 0
    return "", 3 * count


@lru_cache(maxsize=64)
def _polygon_rate(model: Model, count: int) -> tuple[Expr, ...]:
    return tuple(value for value, _ in polygon(model, count).eigenvalues)


def stable_polygon(model: Model) -> str:
    """Say at which regular polygon no rate is positive, "" when all are strict saddles."""
    for count in (3, 4, 6):
        for hot in (Rational(1, 3), Integer(2), Integer(9)):
            top = max(float(v.subs(beta, hot)) for v in _polygon_rate(model, count))
            if not top > 0:
                return f"{model.name}: the regular {count}-gon at β = {hot} has top rate {top:.4g}"
    return ""
