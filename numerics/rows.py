"""Products and quotients of many short rows with NumPy, column by column.

NumPy's inner loop is along a row: where rows have two or three numbers it costs more than what it
computes.
"""

from __future__ import annotations

import numpy as np

from numerics.arguments import FloatArray

SHORT = 3
"""Numbers in a row up to which columns are faster."""

MANY = 2048
"""Numbers from which they are: below, the calls count."""


def _by_columns(x: FloatArray) -> bool:
    return x.shape[-1] <= SHORT and x.size >= MANY


def dots(x: FloatArray, y: FloatArray) -> FloatArray:
    """<x_i, y_i> of the rows of arrays of one shape (..., d), shape (...)."""
    if not _by_columns(x):
        return np.vecdot(x, y)
    total = x[..., 0] * y[..., 0]
    for k in range(1, x.shape[-1]):
        total += x[..., k] * y[..., k]
    return np.asarray(total)


def divide(x: FloatArray, by: FloatArray, out: FloatArray) -> None:
    """Write the rows of x (..., d), each over its number in `by` (...), to out."""
    if not _by_columns(x):
        np.divide(x, by[..., None], out=out)
        return
    for k in range(x.shape[-1]):
        np.divide(x[..., k], by, out=out[..., k])


def subtract(out: FloatArray, factor: FloatArray, x: FloatArray) -> None:
    """Subtract from rows those of x, each times its number in `factor` (...)."""
    if not _by_columns(x):
        out -= factor[..., None] * x
        return
    for k in range(x.shape[-1]):
        out[..., k] -= factor * x[..., k]
