"""Sums over pairs on S² by the spherical harmonic transforms of ducc0 (extra ``sphere``, GPL-2).

The addition theorem ``P_l(<x,y>) = 4π/(2l+1) Σ_m Y_lm(x) Y_lm(y)*`` splits the sum: an analysis at
the points, a factor for each l, a synthesis at the points. ducc0 needs no tables of p_lm: at
L = 600 a fifth of the time of `numerics.fastsum.sphere` and a tenth of its memory.
"""

from __future__ import annotations

import importlib
import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

from numerics.arguments import FloatArray

Complex = NDArray[np.complex128]

_EPS = 1e-14  # what ducc0 is asked for

MAX_DEGREE = 4000
"""Largest degree: the grids take 100 L² bytes, 1.6 GB here; β = 10⁵ needs L = 2600."""


def weighted_sums(
    points: FloatArray, strengths: Complex, legendre: FloatArray, threads: int
) -> tuple[Complex, float]:
    """``Σ_j q_j f(<x_i,x_j>)`` and its size, as `numerics.fastsum.sphere.weighted_sums` gives it.

    Parameters
    ----------
    points : ndarray, shape (n, 3)
        Rows on the sphere.
    strengths : ndarray, shape (k, n), complex
        The strengths q.
    legendre : ndarray, shape (L + 1,)
        Coefficients of f.
    threads : int
        Threads of ducc0; 0 leaves them to it.
    """
    transforms = importlib.import_module("ducc0").sht
    options = _options(points, legendre, threads)
    weights, degrees = 4 * math.pi / (2 * np.arange(legendre.size) + 1), _degrees(legendre.size)
    sums = np.empty(strengths.shape, dtype=complex)
    power = np.zeros((len(strengths), legendre.size))
    for k, strength in enumerate(strengths):
        for part, out in ((strength.real, sums[k].real), (strength.imag, sums[k].imag)):
            moments = _moments(transforms, part, options)
            power[k] += weights * _power(moments, degrees)
            moments *= (weights * legendre)[degrees]
            out[:] = transforms.synthesis_general(alm=moments, **options)[0]
    return sums, float(np.max(np.sqrt(power) @ np.abs(legendre)))


def pair_sum(
    points: FloatArray, masses: FloatArray, legendre: FloatArray, threads: int
) -> tuple[float, float]:
    """``ΣΣ m_i m_j f(<x_i,x_j>) = Σ_l c_l Σ_m |μ_lm|²``, and the same with |c_l|."""
    transforms = importlib.import_module("ducc0").sht
    moments = _moments(transforms, masses, _options(points, legendre, threads))
    power = _power(moments, _degrees(legendre.size))
    power *= 4 * math.pi / (2 * np.arange(legendre.size) + 1)
    return float(legendre @ power), float(np.abs(legendre) @ power)


def _options(points: FloatArray, legendre: FloatArray, threads: int) -> dict[str, Any]:
    degree = legendre.size - 1
    if degree > MAX_DEGREE:
        raise ValueError(
            f"Expected a kernel of degree at most {MAX_DEGREE} on the sphere but got "
            f"degree={degree}; use the direct sum, or a smaller |beta|."
        )
    x, y, z = points.T
    places = np.stack([np.arctan2(np.hypot(x, y), z), np.arctan2(y, x) % (2 * math.pi)], axis=1)
    return {"loc": places, "lmax": degree, "spin": 0, "epsilon": _EPS, "nthreads": threads}


def _moments(transforms: Any, strengths: FloatArray, options: dict[str, Any]) -> Complex:
    """``Σ_j q_j Y_lm(x_j)*`` for m >= 0, by m and then by l, shape (1, number)."""
    real = np.ascontiguousarray(strengths)[None]
    return np.asarray(transforms.adjoint_synthesis_general(map=real, **options))


def _degrees(size: int) -> NDArray[np.intp]:
    """Give the degree l of each moment."""
    return np.concatenate([np.arange(m, size) for m in range(size)])


def _power(moments: Complex, degrees: NDArray[np.intp]) -> FloatArray:
    """``Σ_m |a_lm|²`` for each l, those of −m counted with those of m."""
    square = 2 * np.abs(moments[0]) ** 2
    size = int(degrees[-1]) + 1
    square[:size] /= 2
    return np.bincount(degrees, square, size).astype(np.float64, copy=False)


__all__ = ["MAX_DEGREE", "pair_sum", "weighted_sums"]
