"""Functions of u = <x, w> on the sphere, for measures that are symmetric about an axis w.

Values at Gauss–Gegenbauer nodes and coefficients in the polynomials p_l that are orthonormal for
the uniform law of u, density ∝ (1-u²)^{(d-3)/2}; on the circle u = cos θ, p_l = √2 cos lθ. The
Laplacian takes p_l to -l(l+d-2) p_l.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from scipy.special import roots_gegenbauer

from numerics.arguments import FloatArray


@dataclass(frozen=True, eq=False)
class ZonalBasis:
    """Polynomials of a degree below `size` at as many nodes.

    Attributes
    ----------
    d : int
        Dimension; the functions live on S^{d-1}.
    nodes, weights : ndarray, shape (size,)
        Gauss–Gegenbauer quadrature of the uniform probability; ``weights.sum() == 1``.
    values, slopes : ndarray, shape (size, size)
        ``p_l`` and ``dp_l/du`` at the nodes, a degree a row.
    ends : ndarray, shape (size,)
        ``p_l(1)``, the square root of the number of harmonics of degree l.
    """

    d: int
    nodes: FloatArray
    weights: FloatArray
    values: FloatArray
    slopes: FloatArray
    ends: FloatArray

    @property
    def degrees(self) -> FloatArray:
        """Degrees l, shape (size,)."""
        return np.arange(self.nodes.size, dtype=float)

    @property
    def laplacian(self) -> FloatArray:
        """``l(l+d-2)``, shape (size,)."""
        return self.degrees * (self.degrees + self.d - 2)

    def coefficients(self, functions: FloatArray) -> FloatArray:
        """``E[p_l f]`` of values at the nodes, along the last axis."""
        return np.asarray((functions * self.weights) @ self.values.T)

    def at(self, coefficients: FloatArray, places: FloatArray) -> FloatArray:
        """``Σ_l f_l p_l(u)`` at places u in [-1, 1], any shape."""
        count = coefficients.size
        flat = np.ravel(places)
        rows = _one_at_the_end(flat, self.d / 2 - 1, count)
        return np.asarray((coefficients * self.ends[:count]) @ rows).reshape(np.shape(places))

    def primitive(self, slopes: FloatArray) -> FloatArray:
        """Values of functions from those of their derivatives in u, up to constants.

        With P_l = p_l / p_l(1) and 2λ = d - 2,
        ``2(l+λ) ∫ P_l = (l+2λ)/(l+1) P_{l+1} - l/(l+2λ-1) P_{l-1}``.
        """
        degrees, twice = self.degrees, self.d - 2
        parts = self.coefficients(slopes) * self.ends
        up, down = np.ones_like(degrees), np.zeros_like(degrees)
        up[1:] = (degrees[1:] + twice) / ((degrees[1:] + 1) * (2 * degrees[1:] + twice))
        down[2:] = degrees[2:] / ((degrees[2:] + twice - 1) * (2 * degrees[2:] + twice))
        raised = np.zeros_like(parts)
        raised[..., 1:] = (parts * up)[..., :-1]
        raised[..., :-1] -= (parts * down)[..., 1:]
        return np.asarray((raised / self.ends) @ self.values)


@lru_cache(maxsize=16)
def zonal_basis(d: int, size: int) -> ZonalBasis:
    """Make the basis of a dimension.

    Parameters
    ----------
    d : int
        d >= 2.
    size : int
        Number of nodes and of degrees.

    Examples
    --------
    >>> basis = zonal_basis(3, 8)
    >>> squares = basis.coefficients(basis.nodes**2)  # u² = 1/3 + 2/(3√5) p_2
    >>> print(f"{squares[0]:.6f} {squares[2]:.6f}", abs(squares[3:]).max() < 1e-15)
    0.333333 0.298142 True
    """
    order = d / 2 - 1
    nodes = np.asarray(roots_gegenbauer(size, order)[0])
    ends = zonal_ends(d, size)
    plain = _one_at_the_end(nodes, order, size)
    above = _one_at_the_end(nodes, order + 1, size)
    values = ends[:, None] * plain
    weights = 1 / np.sum(values**2, axis=0)  # Christoffel's numbers, to rounding
    degrees = np.arange(size, dtype=float)
    slopes = np.zeros_like(plain)
    slopes[1:] = (degrees * (degrees + 2 * order) / (2 * order + 1))[1:, None] * above[:-1]
    return ZonalBasis(
        d,
        nodes,
        weights / weights.sum(),
        values,
        ends[:, None] * slopes,
        ends,
    )


def _one_at_the_end(nodes: FloatArray, order: float, size: int) -> FloatArray:
    """Gegenbauer polynomials of an order, divided by their values at 1."""
    rows = np.ones((size, nodes.size))
    if size > 1:
        rows[1] = nodes
    for k in range(1, size - 1):
        rows[k + 1] = (2 * (k + order) * nodes * rows[k] - k * rows[k - 1]) / (k + 2 * order)
    return rows


def zonal_ends(d: int, size: int) -> FloatArray:
    """``p_l(1)``: the square roots of the numbers of harmonics, 1, d, …, by their ratios."""
    counts = np.ones(size)
    for k in range(1, size):
        if k == 1:
            counts[k] = d
        else:
            counts[k] = counts[k - 1] * (2 * k + d - 2) * (k + d - 3) / ((2 * k + d - 4) * k)
    return np.sqrt(counts)
