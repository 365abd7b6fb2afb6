"""Eigenvalues where tokens are at one point, or at two opposite ones, by differences."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import Any

import numpy as np

from numerics import compile_model
from numerics.arguments import FloatArray
from theory.models import Model

PLACES = {"mode at one point": 1, "mode at two points": 2}
"""Definitions that speak of them, and at how many points the tokens are."""

STEP, NEAR = 1e-5, 1e-4
"""Of differences, whose error is 1e-10; multiple eigenvalues are right to its root."""


def counted(
    model: Model, numbers: Mapping[Any, Any], masses: FloatArray, axis: FloatArray, opposite: int
) -> FloatArray:
    """Return the eigenvalues of a velocity at z, with some of the last tokens at -z.

    Parameters
    ----------
    model : Model
        Of tokens alone.
    numbers : Mapping
        Values of its parameters.
    masses : ndarray, shape (n,)
    axis : ndarray, shape (d,)
        z, of length 1.
    opposite : int

    Returns
    -------
    ndarray, shape (n (d - 1),)

    Examples
    --------
    >>> from theory.models import SA
    >>> from theory.symbols import beta
    >>> values = counted(SA, {beta: 1.0}, np.ones(3) / 3, np.array([1.0, 0.0]), 0)
    >>> sorted(round(float(value.real), 6) + 0.0 for value in values)
    [-1.0, -1.0, 0.0]
    """
    values = tuple((str(a), _frozen(v)) for a, v in numbers.items())
    return _counted(model, values, tuple(masses), tuple(axis), opposite)


def _frozen(value: Any) -> Any:
    array = np.asarray(value, dtype=float)
    return float(array) if array.ndim == 0 else tuple(map(tuple, array))


@lru_cache(maxsize=16)  # of each eigenvalue of a spectrum it is asked
def _counted(model: Model, values: Any, masses: Any, axis: Any, opposite: int) -> FloatArray:
    given: dict[str, Any] = {a: np.array(v) if isinstance(v, tuple) else v for a, v in values}
    field = compile_model(model, backend="plain", masses=np.array(masses), **given)
    z, size = np.array(axis), len(masses)
    signs = np.where(np.arange(size) < size - opposite, 1.0, -1.0)
    across = np.linalg.svd(z[None])[2][1:]
    moves = STEP * np.einsum("ij,kd->ikjd", np.eye(size), across).reshape(-1, size, len(z))
    state = signs[:, None] * z

    def at(points: FloatArray) -> FloatArray:
        rows = points / np.linalg.norm(points, axis=-1, keepdims=True)
        return np.stack([np.asarray(field(one)) @ across.T for one in rows])

    slopes = (at(state + moves) - at(state - moves)) / (2 * STEP)
    return np.asarray(np.linalg.eigvals(slopes.reshape(len(moves), -1).T))


def is_counted(found: FloatArray, value: float, count: float) -> bool:
    """Whether an eigenvalue is counted so often, at least."""
    return bool(np.sum(np.abs(found - value) <= NEAR * (1 + abs(value))) >= count)


__all__ = ["PLACES", "counted", "is_counted"]
