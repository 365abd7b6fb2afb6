"""Sums over pairs on S² by non-uniform FFT: ``Σ_j q_j f(<x_i,x_j>)``, f a series of P_l, l <= L.

The addition theorem ``P_l(<x,y>) = Σ_m p_lm(θ) p_lm(θ') e^{im(φ−φ')}`` splits the sum. With θ
extended to the full circle (the double Fourier sphere) each p_lm e^{imφ} is a trigonometric
polynomial of degree L: a 2-D type 1 transform of the points, the series in l on a grid in θ, and a
type 2 transform back, in O(L³ + n log(1/ε)²).
"""

from __future__ import annotations

import importlib
import math
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray
from scipy.fft import fft, ifft

from numerics.arguments import FloatArray

Complex = NDArray[np.complex128]

_EPS = 1e-14  # what finufft is asked for

MAX_DEGREE = 900
"""Largest degree: the tables of p_lm take 2 L³ bytes, 1.5 GB here; β = 10⁴ needs L = 828."""


@dataclass(frozen=True, eq=False)
class SphereGrid:
    """Tables of p_lm at the angles ``θ_q = π(q + ½)/N``, q < N, split by the parity of l − m.

    Attributes
    ----------
    degree : int
        L.
    tables : tuple of (even, odd)
        For each m >= 0: p_lm at the first half of the angles, shape (number of l, ceil(N/2)), for
        l = m, m+2, … and l = m+1, m+3, …; the other half follows by p_lm(π−θ) = ±p_lm(θ).
    """

    degree: int
    tables: tuple[tuple[FloatArray, FloatArray], ...]

    @property
    def angles(self) -> int:
        """N, even, at least L + 1."""
        return 2 * int(self.tables[0][0].shape[1])


@lru_cache(maxsize=2)
def sphere_grid(degree: int) -> SphereGrid:
    """Tables for all series up to a degree, by the three-term recurrence in l."""
    half = degree // 2 + 1
    theta = math.pi * (np.arange(half) + 0.5) / (2 * half)
    cosine, sine = np.cos(theta), np.sin(theta)
    first = np.ones(half)
    tables = []
    for m in range(degree + 1):
        rows = np.empty((degree + 1 - m, half))
        rows[0] = first
        before = np.zeros(half)
        for l in range(m + 1, degree + 1):  # noqa: E741 - the degree l of p_lm
            lower = rows[l - m - 2] if l > m + 1 else before
            rows[l - m] = (2 * l - 1) * cosine * rows[l - m - 1]
            rows[l - m] -= math.sqrt((l - 1 - m) * (l - 1 + m)) * lower
            rows[l - m] /= math.sqrt((l - m) * (l + m))
        tables.append((rows[0::2].copy(), rows[1::2].copy()))
        first = first * sine * math.sqrt((2 * m + 1) / (2 * m + 2))
    return SphereGrid(degree, tuple(tables))


def weighted_sums(
    points: FloatArray, strengths: Complex, legendre: FloatArray, threads: int
) -> tuple[Complex, float]:
    """``Σ_j q_j f(<x_i,x_j>)`` for complex strengths, and the size errors are relative to.

    Parameters
    ----------
    points : ndarray, shape (n, 3)
        Rows on the sphere.
    strengths : ndarray, shape (k, n), complex
        The strengths q; the kernel is real, so real and imaginary parts are two independent sums.
    legendre : ndarray, shape (L + 1,)
        Coefficients of f.
    threads : int
        Threads of finufft; 0 leaves them to it.

    Returns
    -------
    sums : ndarray, shape (k, n), complex
    size : float
        ``Σ_l |c_l| (Σ_m |μ_lm|²)^½``, at least every sum; μ_lm = Σ_j q_j p_lm(θ_j) e^{-imφ_j}.
    """
    finufft = importlib.import_module("finufft")
    grid = sphere_grid(_degree(legendre))
    theta, phi = _angles(points)
    options = {"eps": _EPS, "nthreads": threads}
    values = _grid_values(finufft, grid, theta, phi, strengths, options)
    out = np.empty_like(values)
    middle = grid.angles // 2
    power = np.zeros((strengths.shape[0], legendre.size))
    for m, tables in enumerate(grid.tables):
        columns = _columns(values, grid.degree, m)
        result = np.zeros_like(columns)
        for parity, table in enumerate(tables):
            moments = _fold(columns, parity) @ table.T
            power[:, m + parity :: 2] += np.sum(moments**2, axis=(0, 1))
            half = (moments * legendre[m + parity :: 2]) @ table
            result[..., :middle] += half
            result[..., middle:] += (-half if parity else half)[..., ::-1]
        for row, sign in enumerate(_signs(m)):
            out[:, :, grid.degree + sign * m] = result[row, 0] + 1j * result[row, 1]
    coefficients = np.ascontiguousarray(_to_modes(out, grid))
    sums = finufft.nufft2d2(theta, phi, coefficients, isign=1, **options)
    return np.asarray(sums), float(np.max(np.sqrt(power) @ np.abs(legendre)))


def pair_sum(
    points: FloatArray, masses: FloatArray, legendre: FloatArray, threads: int
) -> tuple[float, float]:
    """``ΣΣ m_i m_j f(<x_i,x_j>) = Σ_l c_l Σ_m |μ_lm|²``, and the same with |c_l|."""
    finufft = importlib.import_module("finufft")
    grid = sphere_grid(_degree(legendre))
    theta, phi = _angles(points)
    options = {"eps": _EPS, "nthreads": threads}
    values = _grid_values(finufft, grid, theta, phi, masses[None].astype(complex), options)
    power = np.zeros(legendre.size)
    for m, tables in enumerate(grid.tables):
        columns = _columns(values, grid.degree, m)
        for parity, table in enumerate(tables):
            moments = _fold(columns, parity) @ table.T
            power[m + parity :: 2] += np.sum(moments**2, axis=(0, 1, 2))
    return float(legendre @ power), float(np.abs(legendre) @ power)


def _degree(legendre: FloatArray) -> int:
    degree = legendre.size - 1
    if degree > MAX_DEGREE:
        raise ValueError(
            f"Expected a kernel of degree at most {MAX_DEGREE} on the sphere but got "
            f"degree={degree}; use the direct sum, or a smaller |beta|."
        )
    return degree


def _angles(points: FloatArray) -> tuple[FloatArray, FloatArray]:
    x, y, z = points.T
    return np.arctan2(np.hypot(x, y), z), np.arctan2(y, x)


def _signs(m: int) -> tuple[int, ...]:
    return (1, -1) if m else (1,)


def _columns(values: Complex, degree: int, m: int) -> FloatArray:
    """Columns of m and −m as real and imaginary parts, shape (1 or 2, 2, k, N)."""
    both = [values[:, :, degree + sign * m] for sign in _signs(m)]
    return np.array([(column.real, column.imag) for column in both])


def _fold(columns: FloatArray, parity: int) -> FloatArray:
    """Even or odd part in θ → π − θ, on the first half of the angles."""
    half = columns.shape[-1] // 2
    back = columns[..., : half - 1 : -1]
    return columns[..., :half] + back if parity == 0 else columns[..., :half] - back


def _grid_values(
    finufft: object,
    grid: SphereGrid,
    theta: FloatArray,
    phi: FloatArray,
    strengths: Complex,
    options: dict[str, float],
) -> Complex:
    """Weights D of shape (k, N, 2L+1) with ``Σ_j q_j p_lm(θ_j) e^{-imφ_j} = Σ_q D_qm p_lm(θ_q)``.

    p_lm is a trigonometric polynomial of degree L in θ, hence given by its values at 2N > 2L
    angles of the full circle; those below 0 are folded back by p_lm(−θ) = (−1)^m p_lm(θ).
    """
    size = 2 * grid.degree + 1
    modes = finufft.nufft2d1(  # type: ignore[attr-defined]
        theta, phi, np.ascontiguousarray(strengths), n_modes=(size, size), isign=-1, **options
    )
    full = 2 * grid.angles
    k = np.arange(-grid.degree, grid.degree + 1)
    padded = np.zeros((strengths.shape[0], full, size), dtype=complex)
    padded[:, k % full] = modes * np.exp(1j * math.pi * k / full)[:, None]
    values = ifft(padded, axis=1)
    parity = (-1.0) ** np.abs(k)
    return np.asarray(values[:, : grid.angles] + parity * values[:, : grid.angles - 1 : -1])


def _to_modes(values: Complex, grid: SphereGrid) -> Complex:
    """Fourier coefficients (k, 2L+1, 2L+1) of a function given at the N angles."""
    k = np.arange(-grid.degree, grid.degree + 1)
    full = 2 * grid.angles
    extended = np.concatenate([values, (-1.0) ** np.abs(k) * values[:, ::-1]], axis=1)
    modes = fft(extended, axis=1)[:, k % full]
    return np.asarray(modes * (np.exp(-1j * math.pi * k / full) / full)[:, None])


__all__ = ["MAX_DEGREE", "SphereGrid", "pair_sum", "sphere_grid", "weighted_sums"]
