"""The stable form of every atom: what printed code calls, for any array library.

The row maximum is subtracted, with the masses inside.
"""

from __future__ import annotations

import importlib
from typing import Any

import numpy as np
from scipy.linalg import expm


def _row_softmax(scores: Any, masses: Any, xp: Any) -> Any:
    """Softmax of each row with weights; the row maximum leaves every exponent at most 0."""
    weights = xp.exp(scores - xp.max(scores, axis=-1, keepdims=True)) * masses.mT
    return weights / xp.sum(weights, axis=-1, keepdims=True)


def _masked_softmax(scores: Any, masses: Any, mask: Any, xp: Any) -> Any:
    """Softmax over the columns with a 1 in row i of the mask; a row without any is zero."""
    seen = mask > 0
    nobody = ~xp.any(seen, axis=-1, keepdims=True)
    weights = _row_softmax(xp.where(seen | nobody, scores, -xp.inf), masses, xp)
    return xp.where(nobody, xp.zeros_like(weights), weights)


def _places(size: int, xp: Any) -> tuple[Any, Any]:
    place = xp.arange(size)
    return place[:, None], place[None, :]


def _mask_causal(size: int, _: int, dtype: Any, xp: Any) -> Any:
    row, column = _places(size, xp)
    return xp.asarray(column <= row, dtype=dtype)


def _mask_strictly_causal(size: int, _: int, dtype: Any, xp: Any) -> Any:
    row, column = _places(size, xp)
    return xp.asarray(column < row, dtype=dtype)


def _mask_band(size: int, width: int, dtype: Any, xp: Any) -> Any:
    row, column = _places(size, xp)
    return xp.asarray(xp.abs(row - column) <= width, dtype=dtype)


def _mask_bipartite(size: int, first: int, dtype: Any, xp: Any) -> Any:
    row, column = _places(size, xp)
    return xp.asarray((row < first) != (column < first), dtype=dtype)


def _sinkhorn_potential(scores: Any, masses: Any, xp: Any) -> Any:
    """Solve ``p = (p - log Σ_j m_j e^{S_ij + p_j}) / 2`` by iteration, shape (..., n, 1).

    The averaged symmetric iteration: for a positive definite kernel it halves the error at least.
    """
    weighted = scores + xp.log(masses).mT
    potential = xp.zeros_like(scores[..., :1])
    for _ in range(20_000):
        shifted = weighted + potential.mT
        top = xp.max(shifted, axis=-1, keepdims=True)
        total = top + xp.log(xp.sum(xp.exp(shifted - top), axis=-1, keepdims=True))
        change = -(potential + total) / 2
        potential = potential + change
        if bool(xp.max(xp.abs(change)) <= 4e-16 * (1 + xp.max(xp.abs(potential)))):
            return potential
    raise ArithmeticError(
        "Expected the Sinkhorn iteration to converge within 20000 steps but got "
        f"change={float(xp.max(xp.abs(change))):.1e}; use a smaller |beta|."
    )


def _sinkhorn(scores: Any, masses: Any, xp: Any) -> Any:
    """Doubly stochastic attention; rows are renormalised so that they sum to one exactly."""
    potential = _sinkhorn_potential(scores, masses, xp)
    return _row_softmax(scores + potential.mT, masses, xp)


def _tangent(points: Any, vectors: Any, xp: Any) -> Any:
    return vectors - xp.sum(points * vectors, axis=-1, keepdims=True) * points


def _row_normalize(vectors: Any, xp: Any) -> Any:
    return vectors / xp.sqrt(xp.sum(vectors * vectors, axis=-1, keepdims=True))


def _matrix_exponential(matrix: Any, xp: Any) -> Any:
    if xp is np:
        return expm(matrix)
    if hasattr(xp.linalg, "matrix_exp"):
        return xp.linalg.matrix_exp(matrix)
    return importlib.import_module("jax.scipy.linalg").expm(matrix)


def _diagonal_part(matrix: Any, xp: Any) -> Any:
    return xp.linalg.diagonal(matrix)[..., None]


def _row_dots(left: Any, right: Any, xp: Any) -> Any:
    """<left_i, right_i> as a column."""
    return xp.sum(left * right, axis=-1, keepdims=True)


def _trace(matrix: Any, xp: Any) -> Any:
    return xp.sum(xp.linalg.diagonal(matrix), axis=-1)[..., None, None]


def _log_pair_sum(scores: Any, masses: Any, xp: Any) -> Any:
    """``log ΣΣ m_i m_j e^{S_ij}``, shape (..., 1, 1), for masses of any size."""
    top = xp.max(scores, axis=(-2, -1), keepdims=True)
    largest = xp.max(masses, axis=-2, keepdims=True)
    parts = masses / largest
    return top + 2 * xp.log(largest) + xp.log(parts.mT @ (xp.exp(scores - top) @ parts))


def _positive_part(base: Any, power: float, xp: Any) -> Any:
    """``max(base, 0)**power``; a power that is 0 or negative has no value at 0: NaN."""
    above = base > 0
    inside = xp.where(above, base, xp.ones_like(base)) ** power
    value = xp.where(above, inside, xp.zeros_like(base))
    return value if power > 0 else xp.where(base == 0, xp.full_like(base, xp.nan), value)


RUNTIME: dict[str, Any] = {
    "row_softmax": _row_softmax,
    "masked_softmax": _masked_softmax,
    "mask_causal": _mask_causal,
    "mask_strictly_causal": _mask_strictly_causal,
    "mask_band": _mask_band,
    "mask_bipartite": _mask_bipartite,
    "sinkhorn": _sinkhorn,
    "sinkhorn_potential": _sinkhorn_potential,
    "tangent": _tangent,
    "row_normalize": _row_normalize,
    "matrix_exponential": _matrix_exponential,
    "diagonal_part": _diagonal_part,
    "row_dots": _row_dots,
    "trace": _trace,
    "positive_part": _positive_part,
    "log_pair_sum": _log_pair_sum,
}
