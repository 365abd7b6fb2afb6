"""Sums over pairs on the circle in O(nK): ``Z(θ) = Σ_j m_j f(cos(θ−θ_j))`` from K+1 moments.

With ``f(cos φ) = Σ_k a_k cos kφ`` and ``M_k = Σ_j m_j e^{ikθ_j}`` it is Re Σ a_k M_k e^{-ikθ}; the
pull ``Σ_j m_j f(cos(θ−θ_j)) sin(θ_j−θ)`` is Im Σ b_k M_k e^{-ikθ}, b_k the sine coefficients of
f(cos φ) sin φ. Powers come as matrix products in NumPy, or by finufft (types 1 and 2).
"""

from __future__ import annotations

import importlib

import numpy as np
from numpy.typing import NDArray

from numerics.arguments import FloatArray

Complex = NDArray[np.complex128]

_BLOCK = 1 << 14  # rows at a time: their powers take a few MB


def pull_and_sums(
    points: FloatArray, masses: FloatArray, cosine: FloatArray, nufft: bool, threads: int
) -> tuple[FloatArray, FloatArray, float]:
    """Tangential pull, row sums, and the size that their rounding errors are relative to.

    Parameters
    ----------
    points : ndarray, shape (n, 2)
        Unit rows.
    masses : ndarray, shape (n,)
    cosine : ndarray, shape (K + 1,)
        Coefficients a_k of the kernel.
    nufft : bool
        Whether finufft does it.
    threads : int
        Threads of finufft; 0 leaves them to it.

    Returns
    -------
    pull : ndarray, shape (n,)
        ``Σ_j m_j f(<x_i,x_j>) sin(θ_j − θ_i)``.
    sums : ndarray, shape (n,)
        ``Σ_j m_j f(<x_i,x_j>)``.
    size : float
        ``Σ_k |a_k M_k|``, at least every |sum|.
    """
    a, b = np.append(cosine, 0.0), _sine(cosine)
    if nufft:
        finufft = importlib.import_module("finufft")
        angles, options = _finufft_arguments(points, threads)
        top = a.size - 1
        moments = finufft.nufft1d1(
            angles, masses.astype(complex), n_modes=2 * top + 1, isign=1, **options
        )
        # One transform gives both real functions as sums + i·pull.
        half = np.concatenate([(a + b)[:0:-1] / 2, a[:1], (a - b)[1:] / 2])
        both = finufft.nufft1d2(
            angles, np.ascontiguousarray(half * moments[::-1]), isign=1, **options
        )
        size = float(np.abs(a) @ np.abs(moments[top:]))
        return np.ascontiguousarray(both.imag), np.ascontiguousarray(both.real), size
    count = a.size
    moments = moments_of(points, masses, count, False, 0)
    short = _short(count)
    long = -(-count // short)
    series = np.zeros((2, long * short), dtype=complex)
    series[:, :count] = np.stack([a, b]) * moments
    flat = np.ascontiguousarray(series.reshape(2 * long, short).T)
    pull, sums = np.empty((2, points.shape[0]))
    for rows in _blocks(points.shape[0]):
        baby, giant = _powers(points[rows], -1.0, short, long)
        inner = (baby @ flat).reshape(-1, 2, long)
        both = np.einsum("ial,il->ia", inner, giant)
        sums[rows], pull[rows] = both[:, 0].real, both[:, 1].imag
    return pull, sums, float(np.abs(a) @ np.abs(moments))


def of_systems(
    points: FloatArray, masses: FloatArray, cosine: FloatArray
) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Pull, row sums and size, as `pull_and_sums`, of many small systems together.

    Horner's rule, a power at a time for all tokens: 60 calls for 20 modes, however many systems.

    Parameters
    ----------
    points : ndarray, shape (systems, n, 2)
    masses : ndarray, shape (n,)
    cosine : ndarray, shape (K + 1,)

    Returns
    -------
    pull, sums : ndarray, shape (systems, n)
    size : ndarray, shape (systems,)
    """
    a, b = np.append(cosine, 0.0), _sine(cosine)
    base: Complex = points[..., 0] + 1j * points[..., 1]
    moments = np.empty((points.shape[0], a.size), dtype=complex)
    moments[:, 0], power = np.sum(masses), masses * base
    for k in range(1, a.size):
        np.sum(power, axis=-1, out=moments[:, k])
        power *= base
    np.conjugate(base, out=base)
    sums, pull = np.zeros((2, *base.shape), dtype=complex)
    for k in range(a.size - 1, -1, -1):
        for series, coefficient in ((sums, a[k]), (pull, b[k])):
            series *= base
            series += coefficient * moments[:, k : k + 1]
    return pull.imag, sums.real, np.abs(moments) @ np.abs(a)


def pair_sum(
    points: FloatArray, masses: FloatArray, cosine: FloatArray, nufft: bool, threads: int
) -> tuple[float, float]:
    """``ΣΣ m_i m_j f(<x_i,x_j>) = Σ_k a_k |M_k|²``, and ``Σ_k |a_k| |M_k|²``."""
    squares = np.abs(moments_of(points, masses, cosine.size, nufft, threads)) ** 2
    return float(cosine @ squares), float(np.abs(cosine) @ squares)


def moments_of(
    points: FloatArray, masses: FloatArray, count: int, nufft: bool, threads: int
) -> Complex:
    """Moments ``M_k = Σ_j m_j e^{ikθ_j}`` for k < count, shape (count,)."""
    if nufft:
        finufft = importlib.import_module("finufft")
        angles, options = _finufft_arguments(points, threads)
        both = finufft.nufft1d1(
            angles, masses.astype(complex), n_modes=2 * count - 1, isign=1, **options
        )
        return np.asarray(both[count - 1 :])
    short = _short(count)
    long = -(-count // short)
    total = np.zeros((long, short), dtype=complex)
    for rows in _blocks(points.shape[0]):
        baby, giant = _powers(points[rows], 1.0, short, long)
        giant *= masses[rows, None]
        total += giant.T @ baby
    return np.asarray(total.reshape(-1)[:count])


def _sine(cosine: FloatArray) -> FloatArray:
    """Coefficients of f(cos φ) sin φ in sin kφ, one more than those of f."""
    doubled = cosine.copy()
    doubled[0] *= 2
    out = np.zeros(cosine.size + 1)
    out[1:] = doubled / 2
    out[1 : cosine.size - 1] -= cosine[2:] / 2
    return out


def _finufft_arguments(points: FloatArray, threads: int) -> tuple[FloatArray, dict[str, float]]:
    angles = np.arctan2(points[:, 1], points[:, 0])
    return angles, {"eps": 1e-14, "nthreads": threads}


def _blocks(size: int) -> list[slice]:
    return [slice(i, min(i + _BLOCK, size)) for i in range(0, size, _BLOCK)]


def _short(count: int) -> int:
    """Length B of the short powers: z^{aB+b} = (z^B)^a z^b needs about 2·sqrt(K) powers a row."""
    return max(1, int(np.ceil(np.sqrt(count))))


def _powers(points: FloatArray, sign: float, short: int, long: int) -> tuple[Complex, Complex]:
    """``z^b`` for b < short and ``z^{a·short}`` for a < long, z = x + i·sign·y, |z| = 1."""
    base: Complex = points[:, 0] + 1j * sign * points[:, 1]
    base /= np.abs(base)
    baby = _consecutive(base, short)
    return baby, _consecutive(baby[:, -1] * base, long)


def _consecutive(base: Complex, count: int) -> Complex:
    """Powers 0 ... count-1 of each row by doubling, so that rounding grows like log k."""
    out = np.empty((base.size, count), dtype=complex)
    out[:, 0] = 1.0
    done, power = 1, base
    while done < count:
        take = min(done, count - done)
        np.multiply(out[:, :take], power[:, None], out=out[:, done : done + take])
        power = power * power
        done += take
    return out


__all__ = ["moments_of", "of_systems", "pair_sum", "pull_and_sums"]
