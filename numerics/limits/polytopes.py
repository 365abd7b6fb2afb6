"""Geometry of finitely many points: places, hull vertices, support functions in 64 directions.

What the rows of Table 1 are tested by. A vertex is a place outside the hull of the others, by
nonnegative least squares, so that the rank of the points doesn't matter.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.cluster.hierarchy import fcluster, linkage
from scipy.optimize import nnls
from scipy.spatial.distance import cdist, pdist

from numerics.arguments import FloatArray, IntArray

DIRECTIONS = 64
"""Directions in which support functions are watched."""


def directions(dimension: int) -> FloatArray:
    """Return unit vectors, shape (64, dimension): evenly spread in the plane, else fixed ones.

    In dimension 1 there are two directions, each 32 times.
    """
    if dimension == 1:
        return np.where(np.arange(DIRECTIONS)[:, None] % 2 == 0, 1.0, -1.0)
    if dimension == 2:
        angles = 2 * np.pi * np.arange(DIRECTIONS) / DIRECTIONS
        return np.stack([np.cos(angles), np.sin(angles)], axis=1)
    drawn = np.random.default_rng(0).standard_normal((DIRECTIONS, dimension))
    return np.asarray(drawn / np.linalg.norm(drawn, axis=1, keepdims=True))


def hull_growth(paths: FloatArray) -> float:
    """Return how much a support function of the hull of moving points has grown, at worst.

    Parameters
    ----------
    paths : ndarray, shape (times, n, dimension)

    Returns
    -------
    float
        Largest increase over its least value so far, over all times and directions.

    Examples
    --------
    >>> moving = np.array([[[0.0, 0.0], [1.0, 0.0]], [[0.1, 0.0], [0.9, 0.0]]])
    >>> hull_growth(moving)
    0.0
    """
    support = np.max(paths @ directions(paths.shape[-1]).T, axis=1)
    return float(np.max(support - np.minimum.accumulate(support, axis=0)))


@dataclass(frozen=True)
class Places:
    """Where points are, those within a width of each other taken as one place.

    Attributes
    ----------
    labels : ndarray, shape (n,)
        Place of each point.
    centres : ndarray, shape (places, dimension)
    spread : float
        Largest diameter of a place.
    gap : float
        Smallest distance between points of two places; infinite if there is one.
    """

    labels: IntArray
    centres: FloatArray
    spread: float
    gap: float

    @property
    def count(self) -> int:
        """Number of places."""
        return len(self.centres)


def places(points: FloatArray, width: float) -> Places:
    """Group points into places, by single linkage.

    Parameters
    ----------
    points : ndarray, shape (n, dimension), n >= 2
    width : float
        Points nearer than this, or joined by a chain of such, are one place.
    """
    apart = pdist(points)
    labels = fcluster(linkage(apart, "single"), width, "distance") - 1
    count = int(labels.max()) + 1
    centres = np.array([points[labels == a].mean(axis=0) for a in range(count)])
    table = cdist(points, points)
    same = labels[:, None] == labels[None, :]
    gap = table[~same].min() if count > 1 else np.inf
    return Places(labels, centres, float(table[same].max()), float(gap))


def outside_hull(point: FloatArray, others: FloatArray) -> float:
    """Distance of a point from the convex hull of others, shape (k, dimension), k >= 1."""
    moved = others - point
    scale = float(np.abs(moved).max())
    if scale == 0.0:
        return 0.0
    # the row of ones holds the weights to sum 1; a large factor makes it nearly exact
    factor = 1e3
    system = np.vstack([moved.T / scale, np.full((1, len(others)), factor)])
    weights, _ = nnls(system, np.append(np.zeros(others.shape[1]), factor))
    total = weights.sum()
    return float(np.linalg.norm((weights / total) @ moved)) if total > 0 else scale


def vertices(centres: FloatArray, width: float) -> IntArray:
    """Return which places are vertices of the hull of all: those farther from the others' hull.

    Parameters
    ----------
    centres : ndarray, shape (places, dimension)
    width : float
        Distance from the hull of the others from which on a place is a vertex.

    Examples
    --------
    >>> square = np.array([[0.0, 0.0], [1.0, 0.0], [0.0, 1.0], [1.0, 1.0], [0.5, 0.5]])
    >>> vertices(square, 1e-6)
    array([0, 1, 2, 3])
    """
    if len(centres) == 1:
        return np.array([0])
    far = [outside_hull(c, np.delete(centres, a, axis=0)) for a, c in enumerate(centres)]
    return np.flatnonzero(np.array(far) > width)


def affine_rank(points: FloatArray, width: float) -> int:
    """Dimension of the affine hull, singular values up to a width taken as 0."""
    return int(np.sum(np.linalg.svd(points - points.mean(axis=0), compute_uv=False) > width))
