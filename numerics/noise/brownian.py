"""One step of Brownian motion on the sphere, generator κΔ, and what it does to harmonics.

A step that is isotropic about the token multiplies every harmonic of degree l by one number m_l;
the motion itself by ``e^{-l(l+d-2)s}``, s = κ dt. Its inner product c with the start has
``E(1-c) = 1 - e^{-(d-1)s}`` and ``E c² = (1 + (d-1) e^{-2ds})/d``: degrees 1 and 2.
"""

from __future__ import annotations

import math
from itertools import pairwise

import numpy as np
from scipy.integrate import quad
from scipy.special import gammaln, hyp2f1

from numerics.arguments import FloatArray, as_number, check_choice, check_whole, shown

SCHEMES = ("euler", "weak2")
"""Geometric Euler-Maruyama, of weak order 1, and a splitting of weak order 2."""


def jump(d: int, s: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Chance p and depth w of a step of weak order 2: ``1-c`` is w with chance p, otherwise 0.

    Both moments E(1-c) and E(1-c)² are those of the motion, and ``E(1-c)³ = O(s³)``: what
    `theory.predictions.jump_law` says. On the circle, for small s, an angle ``±sqrt(6s)`` with
    chances 1/6 each.

    Parameters
    ----------
    d : int
    s : ndarray
        κ dt.
    """
    first = -np.expm1(-(d - 1) * s)
    # E(1-c)² = 2 E(1-c) - (1 - E c²)
    second = 2 * first + (d - 1) / d * np.expm1(-2 * d * s)
    # To 1e-12 relative where the difference would cancel.
    series = (d * d - 1) * s**2 * (1 - (3 * d - 1) / 3 * s + (7 * d * d - 4 * d + 1) / 12 * s**2)
    second = np.where(d * s < 1e-4, series, second)
    safe = np.where(second > 0, second, 1.0)
    depth = np.where(second > 0, second / np.where(first > 0, first, 1.0), 0.0)
    return np.where(second > 0, first**2 / safe, 0.0), depth


def step_multiplier(degree: int, d: int, s: float, scheme: str = "euler") -> float:
    """Give the number m_l by which a step of noise alone multiplies harmonics of degree l.

    Parameters
    ----------
    degree : int
        l >= 0.
    d : int
        Dimension, >= 2.
    s : float
        κ dt > 0.
    scheme : {"euler", "weak2"}

    Returns
    -------
    float
        By quadrature over the step's law (Euler), or in closed form: no Monte Carlo.

    Raises
    ------
    TypeError, ValueError
        For other arguments.

    Examples
    --------
    >>> exact = np.exp(-6 * 0.01)  # degree 2 on S²
    >>> [f"{abs(step_multiplier(2, 3, 0.01, scheme) - exact):.4f}" for scheme in SCHEMES]
    ['0.0025', '0.0000']
    """
    check_whole(degree, "degree", 0)
    check_whole(d, "d", 2)
    check_choice(scheme, "scheme", SCHEMES, "leave it out for 'euler'")
    size = as_number(s, "s", "give κ dt > 0")
    if not 0 < size < math.inf:
        raise ValueError(f"Expected a positive finite s but got s={shown(s)}; it is κ dt.")
    if scheme == "weak2":
        chance, depth = jump(d, np.asarray(size / 2))
        value = float(1 - chance + chance * _zonal(degree, d, depth))
        return value * value  # half a step before the drift, half a step after it
    log_norm = (d - 1) / 2 * math.log(2) + float(gammaln((d - 1) / 2))

    def weighted(length: float) -> float:
        """Integrate over the length of a normal vector in the tangent space."""
        depth = -np.expm1(-0.5 * np.log1p(2 * size * length**2))
        density = 2 * np.exp((d - 2) * np.log(length) - length**2 / 2 - log_norm)
        return float(density * _zonal(degree, d, depth))

    middle = math.sqrt(d - 1)
    parts = [0.0, middle, middle + 4.0, middle + 14.0]
    return float(
        sum(
            quad(weighted, low, high, epsabs=1e-14, epsrel=1e-13, limit=200)[0]
            for low, high in pairwise(parts)
        )
    )


def _zonal(degree: int, d: int, depth: FloatArray) -> FloatArray:
    """Zonal harmonic of degree l at the inner product 1 - depth, 1 at depth 0."""
    return np.asarray(hyp2f1(-degree, degree + d - 2, (d - 1) / 2, depth / 2))
