"""Tokens in an open hemisphere: drawn, told from others, and counted.

The counts are those of Theorem 6.7, by Schläfli's recursion and one by one at exact points; the
drawn tokens are the starts of Lemma 6.4.
"""

from __future__ import annotations

from functools import lru_cache
from itertools import combinations, product

import numpy as np
from numpy.typing import NDArray
from sympy import Matrix, Rational

from numerics.sphere import random_points
from proofs_checks.proof.alphabet import Array


def random_hemisphere(count: int, size: int, dimension: int, rng: np.random.Generator) -> Array:
    """Random points with last coordinate positive, from nearly flat to narrow cones."""
    points = random_points(size, dimension, rng, count)
    lift = rng.uniform(0.15, 1.0, (count, 1))
    points[..., -1] = np.abs(points[..., -1]) + lift
    return np.asarray(points / np.linalg.norm(points, axis=-1, keepdims=True))


def hemispherical(points: Array) -> NDArray[np.bool_]:
    """Whether the rows of each system, in general position, lie in an open hemisphere.

    They do exactly when some d - 1 of them span a hyperplane with all others on one side.
    """
    batch, size, dimension = points.shape
    if size < dimension:
        return np.ones(batch, dtype=bool)
    inside = np.zeros(batch, dtype=bool)
    for chosen in combinations(range(size), dimension - 1):
        others = [i for i in range(size) if i not in chosen]
        normal = np.linalg.svd(points[:, chosen, :])[2][:, -1, :]
        sides = np.einsum("bid,bd->bi", points[:, others, :], normal)
        inside |= np.all(sides > 0, axis=1) | np.all(sides < 0, axis=1)
    return inside


@lru_cache(maxsize=256)
def count_cones(size: int, dimension: int) -> int:
    """Cones that hyperplanes in general position cut R^d in, by Schläfli's recursion."""
    if size == 1 or dimension == 1:
        return 2
    return count_cones(size - 1, dimension) + count_cones(size - 1, dimension - 1)


def moment_points(size: int, dimension: int) -> Matrix:
    """Rows ``(1, t, t², …)`` at t = 1, …, n: any d of them are independent (Vandermonde)."""
    return Matrix(size, dimension, lambda i, j: Rational(i + 1) ** j)


def listed_cones(points: Matrix) -> int:
    """Count the sign vectors of exact points in general position that a hemisphere realises.

    Every cell is a cone with an edge where d - 1 of the hyperplanes meet, and around an edge these
    d - 1 take all signs; the others keep theirs. No recursion enters.
    """
    size, dimension = points.shape
    if size < dimension:  # independent: some w has any given products
        return 2**size
    found = set()
    for chosen in combinations(range(size), dimension - 1):
        edge = points[list(chosen), :].nullspace()[0] if chosen else Matrix([1])
        sides = [1 if value > 0 else -1 if value < 0 else 0 for value in points * edge]
        for side, free in product((1, -1), product((1, -1), repeat=dimension - 1)):
            signs = [side * s for s in sides]
            for i, s in zip(chosen, free, strict=True):
                signs[i] = s
            found.add(tuple(signs))
    return len(found)


def traces_along(points: Matrix) -> Matrix:
    """Rows but the last, projected along it, in the first d - 1 coordinates (its last isn't 0)."""
    size, dimension = points.shape
    last = points[size - 1, :]
    share = points[: size - 1, dimension - 1] / last[dimension - 1]
    return (points[: size - 1, :] - share * last)[:, : dimension - 1]
