"""Starts near orthonormal tokens: what is said of them, and the equiangular ones that show more.

Equiangular tokens follow the curve γ itself, ahead of an orthonormal start.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial

import numpy as np
from scipy.optimize import brentq
from sympy import Expr, Symbol

from numerics.equiangular import equiangular_gamma, equiangular_time
from theory.symbols import gamma

TOLERANCE, LATE = Symbol("epsilon", positive=True), Symbol("eta_0", positive=True)
"""ε and η: how far products may be from γ, and from 1 where the late part begins."""


WARMTH = Symbol("c", nonnegative=True)
"""c of the weights ``e^{cg}``: β of SA and USA."""


@dataclass(frozen=True)
class NearCurve:
    """Starts within ``e^{-A(1-η)}/(2 loss)`` of orthonormal ones have ``|g_ij - γ| <= ε``.

    Attributes
    ----------
    growth : Expr
        e^A, in ``gamma``, ``WARMTH`` and ``n``.
    loss : Expr
        In ``TOLERANCE``, ``LATE``, ``WARMTH`` and ``n``.
    curve : {"own", "SA", "USA"}
        Whose γ.
    """

    growth: Expr
    loss: Expr
    curve: str = "own"

    @property
    def radius(self) -> Expr:
        """``e^{-A(1-η)}/(2 loss)``."""
        return 1 / (2 * self.growth.subs(gamma, 1 - LATE) * self.loss)


SMALLER = "e^A, the loss and 1/(ε-η) are at least 1: the radius becomes smaller"
LARGER_PARTS = tuple(
    f"{part}: {change}"
    for part in ("growth", "loss")
    for change in ("× n", "squared", "e^u -> e^2u")
)


def _apart_from_orthonormal(product: float, size: int) -> float:
    """Geodesic distance of equiangular tokens from their polar factor, the nearest system."""
    top, rest = np.sqrt(1 + (size - 1) * product), np.sqrt(1 - product)
    return float(np.arccos(np.clip((top + (size - 1) * rest) / size, -1, 1)))


def farthest_from_curve(radius: float, size: int, hot: float, curve: str) -> float:
    """Largest |g_ij - γ| over time of equiangular tokens at a distance from orthonormal ones."""
    far = partial(_apart_from_orthonormal, size=size)
    most = 1 - 1e-9
    start = most if far(most) <= radius else brentq(lambda g: far(g) - radius, 0.0, most)
    levels = np.concatenate([[0.0], np.linspace(0.002, 0.998, 499)])
    ahead = float(equiangular_time(start, hot, size, curve))
    late = equiangular_time(levels, hot, size, curve) + ahead
    return float(np.max(equiangular_gamma(late, hot, size, curve) - levels))
