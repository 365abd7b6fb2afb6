"""Tokens in an open hemisphere: drawn, told from others, and counted by Schläfli's recursion.

The count is that of Theorem 6.7; the drawn tokens are the starts of Lemma 6.4.
"""

from __future__ import annotations

from functools import lru_cache
from itertools import combinations

import numpy as np
from numpy.typing import NDArray

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
