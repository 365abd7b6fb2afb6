"""R^d = F ⊕ G for a value matrix: the part that grows fastest and the rest, both V-invariant.

F belongs to the eigenvalues of largest real part. In coordinates that split, V is block diagonal.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from scipy.linalg import expm, schur, solve_sylvester

from numerics.arguments import FloatArray
from theory.summaries import Summarised

SAME = 1e-6
"""Real parts nearer than this, relative to the norm of V, are one: rounding splits a Jordan block
of size 2 by about 1e-8."""

_SCALAR = 1e-9

_WELL = 1e3
"""Condition of eigenvectors up to which e^{tV} is taken from them; it is faster."""


@dataclass(frozen=True)
class Splitting(Summarised):
    """R^d = F ⊕ G.

    Attributes
    ----------
    basis : ndarray, shape (d, d)
        Columns: an orthonormal basis of F, then one of G.
    inverse : ndarray, shape (d, d)
        Its rows are the dual coordinates.
    block : ndarray, shape (d, d)
        V in these coordinates, block diagonal.
    size : int
        Dimension of F.
    rate : float
        Largest real part of an eigenvalue of V.
    rest_radius : float
        Spectral radius of V on G, 0 if G = 0.
    """

    basis: FloatArray
    inverse: FloatArray
    block: FloatArray
    size: int
    rate: float
    rest_radius: float

    @property
    def head(self) -> FloatArray:
        """V on F, shape (size, size)."""
        return self.block[: self.size, : self.size]

    @cached_property
    def norm(self) -> float:
        """Spectral norm of V in these coordinates."""
        return float(np.linalg.norm(self.block, 2))

    @cached_property
    def scalar(self) -> bool:
        """Whether V is a multiple of the identity on F."""
        off = self.head - self.rate * np.eye(self.size)
        return bool(np.abs(off).max() <= _SCALAR * self.norm)

    def turned_back(self, leading: FloatArray, times: FloatArray, growth: float) -> FloatArray:
        """Leading parts of z from those of y, (steps, n, size): ``e^{-t(V - σ)}`` on F."""
        if self.scalar and abs(self.rate - growth) <= _SCALAR * self.norm:
            return leading
        shift = self.head - growth * np.eye(self.size)
        rates, vectors = np.linalg.eig(shift)
        if np.linalg.cond(vectors) < _WELL:
            powers = np.exp(-times[:, None, None] * rates)
            turn = np.real((vectors * powers) @ np.linalg.inv(vectors))
        else:
            turn = expm(-times[:, None, None] * shift)
        return np.asarray(leading @ turn.mT)


def splitting(V: FloatArray) -> Splitting:
    """Split R^d for a real square matrix.

    Parameters
    ----------
    V : ndarray, shape (d, d)

    Returns
    -------
    Splitting

    Examples
    --------
    >>> parts = splitting(np.array([[2.0, 1.0], [0.0, -1.0]]))
    >>> parts.size, round(parts.rate, 12), round(parts.rest_radius, 12)
    (1, 2.0, 1.0)
    """
    d = len(V)
    rates = np.linalg.eigvals(V).real
    top, norm = float(rates.max()), float(np.linalg.norm(V, 2))
    level = top - SAME * norm
    triangle, vectors, size = schur(V, output="real", sort=lambda re, im=0.0: re >= level)
    size = max(int(size), 1)
    join = np.zeros((size, d - size))
    if size < d:
        head, rest = triangle[:size, :size], triangle[size:, size:]
        join = solve_sylvester(head, -rest, -triangle[:size, size:])
    ortho, upper = np.eye(d), np.eye(d)
    ortho[:size, size:], upper[:size, size:] = join, -join
    basis, inverse = vectors @ ortho, upper @ vectors.T
    # an orthonormal basis of G, so that distances along it are those of R^d
    if size < d:
        q, r = np.linalg.qr(basis[:, size:])
        basis[:, size:], inverse[size:] = q, r @ inverse[size:]
    block = inverse @ V @ basis
    block[:size, size:] = block[size:, :size] = 0.0
    mean = float(np.trace(block[:size, :size])) / size
    radius = np.abs(np.linalg.eigvals(block[size:, size:])).max(initial=0.0) if size < d else 0.0
    return Splitting(basis, inverse, block, size, mean, float(radius))
