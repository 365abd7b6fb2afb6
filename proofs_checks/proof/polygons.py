"""Regular polygons that are local maxima on the circle, and critical points with a wide gap."""

from __future__ import annotations

from fractions import Fraction
from functools import lru_cache

import numpy as np
from sympy import Expr, Rational, pi

from proofs_checks.certificates import (
    Rejected,
    certify_critical_point,
    check,
    find_critical_points,
)
from proofs_checks.decide import enclose
from theory.derivations import phi as PHI
from theory.symbols import beta


def polygon_bends_down(curvature: Expr, tokens: int, low: Expr) -> str:
    """Temperature at which the regular polygon, a critical point, is a local maximum, or ""."""
    for hot in (low, low + Rational(1, 4), low + 1):
        if hot == 0:
            continue
        signs = [
            enclose(curvature.subs({beta: hot, PHI: 2 * pi * j / tokens})) for j in range(1, tokens)
        ]
        if all(value.a > 0 for value in signs):
            # The Hessian is minus a Laplacian with positive weights: negative but for rotations.
            return (
                f"β = {hot}: at the regular {tokens}-gon, a critical point, g(2π/{tokens}) = "
                f"{float(signs[0].mid):.4g} > 0 for all pairs: a local maximum"
            )
    return ""


def types_at(turns: tuple[float, ...], hot: Fraction) -> tuple[int, int]:
    """Count positive and negative eigenvalues at a critical point in balls; 0, 0 if undecided."""
    try:
        found = certify_critical_point(turns, hot)
    except Rejected:  # degenerate, or no critical point
        return 0, 0
    if not check(found).ok:
        return 0, 0
    return found.parameters["positive"], found.parameters["negative"]


def polygon_is_maximum(tokens: int, sign: int, low: Expr) -> str:
    """Say at which β the regular polygon, a critical point, is a local maximum; "" if at none."""
    polygon = tuple(k / tokens for k in range(tokens))
    for hot in (Fraction(int(low.p), int(low.q)) + step for step in (0, Fraction(1, 4), 1)):
        if hot == 0:
            continue
        if types_at(polygon, hot)[::sign] == (0, tokens - 1):
            return (
                f"β = {hot}: the regular {tokens}-gon is critical and a local maximum up to "
                f"rotation, all {tokens - 1} eigenvalues negative (in balls)"
            )
    return ""


@lru_cache(maxsize=8)
def wide_gap(tokens: int, most: float) -> str:
    """Find a critical point at β = 1.3 that is no consensus and has a larger gap, or ""."""
    for turns in find_critical_points(tokens, 1.3):
        widest = 2 * np.pi * float(np.diff([*turns, 1.0]).max())
        if widest > most + 1e-9:
            shown = np.round(turns, 6).tolist()
            return f"critical at 2π {shown}, not consensus, with a gap of {widest:.6g}"
    return ""


__all__ = ["polygon_bends_down", "polygon_is_maximum", "types_at", "wide_gap"]
