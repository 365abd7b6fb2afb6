"""The stable form of every atom: what printed code calls, for any array library.

The row maximum is subtracted, with the masses inside.
"""

from __future__ import annotations

import importlib
import math
from typing import Any

import numpy as np
from scipy import special
from scipy.linalg import expm


def _row_softmax(scores: Any, masses: Any, xp: Any) -> Any:
    """Softmax of each row with weights; the row maximum leaves every exponent at most 0."""
    weights = xp.exp(scores - xp.max(scores, axis=-1, keepdims=True)) * masses.mT
    return weights / xp.sum(weights, axis=-1, keepdims=True)


def _hardmax(scores: Any, masses: Any, xp: Any) -> Any:
    """Mean over the greatest scores of each row, those equal as printed."""
    top = xp.max(scores, axis=-1, keepdims=True)
    weights = xp.where(scores == top, xp.zeros_like(scores) + masses.mT, xp.zeros_like(scores))
    return weights / xp.sum(weights, axis=-1, keepdims=True)


def _top_k(scores: Any, masses: Any, count: int, xp: Any) -> Any:
    """Softmax over the greatest scores of each row, and those equal to the last of them."""
    place = max(scores.shape[-1] - count, 0)
    least = xp.sort(scores, axis=-1)[..., place : place + 1]
    return _row_softmax(xp.where(scores >= least, scores, -xp.inf), masses, xp)


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


def _mask_cross(size: int, first: int, dtype: Any, xp: Any) -> Any:
    row, column = _places(size, xp)
    return xp.asarray((column < first) & (row >= 0), dtype=dtype)


def _place_distances(size: int, dtype: Any, xp: Any) -> Any:
    row, column = _places(size, xp)
    return xp.asarray(xp.abs(row - column), dtype=dtype)


def _rotary(rows: Any, base: Any, xp: Any) -> Any:
    """Turn the planes of components (0, 1), (2, 3), ... of row i by i·base^(-2c/width)."""
    size, width = rows.shape[-2:]
    pairs = width // 2
    place = xp.arange(size, dtype=rows.dtype)[:, None]
    angle = place * base ** (xp.arange(pairs, dtype=rows.dtype)[None, :] * (-2 / width))
    even, odd = rows[..., 0 : 2 * pairs : 2], rows[..., 1 : 2 * pairs : 2]
    first = even * xp.cos(angle) - odd * xp.sin(angle)
    second = even * xp.sin(angle) + odd * xp.cos(angle)
    turned = xp.stack([first, second], axis=-1)
    turned = xp.reshape(turned, (*turned.shape[:-2], 2 * pairs))
    if width == 2 * pairs:
        return turned
    last = rows[..., -1:] + xp.zeros_like(turned[..., :1]) if pairs else rows[..., -1:]
    return xp.concat([turned, last], axis=-1) if pairs else last


def _squared_distances(first: Any, second: Any, xp: Any) -> Any:
    squares = xp.sum(first * first, axis=-1, keepdims=True)
    others = xp.sum(second * second, axis=-1, keepdims=True)
    found = squares + others.mT - 2 * (first @ second.mT)
    return xp.where(found > 0, found, xp.zeros_like(found))


def _sink_softmax(scores: Any, masses: Any, sink: Any, mask: Any, xp: Any) -> Any:
    """Softmax with a key more; the largest score, its own among them, is subtracted."""
    if mask is not None:
        scores = xp.where(mask > 0, scores, -xp.inf)
    sink = sink + xp.zeros_like(scores[..., :1])
    top = xp.maximum(xp.max(scores, axis=-1, keepdims=True), sink)
    weights = xp.exp(scores - top) * masses.mT
    return weights / (xp.exp(sink - top) + xp.sum(weights, axis=-1, keepdims=True))


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


def _layer_norm(rows: Any, gain: Any, bias: Any, eps: Any, centred: bool, xp: Any) -> Any:
    """Rows over the roots of their variances; the mean is taken off first, nothing cancels."""
    if centred:
        rows = rows - xp.mean(rows, axis=-1, keepdims=True)
    scale = xp.sqrt(xp.mean(rows * rows, axis=-1, keepdims=True) + eps)
    return rows / scale * gain.mT + bias.mT


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


def _erf(value: Any, xp: Any) -> Any:
    """Error function, which the array API lacks and every library has."""
    if xp is np:
        return special.erf(value)
    if hasattr(xp, "erf"):
        return xp.erf(value)
    library = type(value).__module__.partition(".")[0]
    places = {"cupy": "cupyx.scipy.special"}
    return importlib.import_module(places.get(library, "jax.scipy.special")).erf(value)


def _positive_part(base: Any, power: float, xp: Any) -> Any:
    """``max(base, 0)**power``; a power that is 0 or negative has no value at 0: NaN."""
    above = base > 0
    inside = xp.where(above, base, xp.ones_like(base)) ** power
    value = xp.where(above, inside, xp.zeros_like(base))
    return value if power > 0 else xp.where(base == 0, xp.full_like(base, xp.nan), value)


RUNTIME: dict[str, Any] = {
    "hardmax": _hardmax,
    "row_softmax": _row_softmax,
    "top_k": _top_k,
    "masked_softmax": _masked_softmax,
    "mask_causal": _mask_causal,
    "mask_strictly_causal": _mask_strictly_causal,
    "mask_band": _mask_band,
    "mask_bipartite": _mask_bipartite,
    "mask_cross": _mask_cross,
    "place_distances": _place_distances,
    "rotary": _rotary,
    "squared_distances": _squared_distances,
    "sink_softmax": _sink_softmax,
    "log_size": math.log,
    "sinkhorn": _sinkhorn,
    "sinkhorn_potential": _sinkhorn_potential,
    "tangent": _tangent,
    "row_normalize": _row_normalize,
    "layer_norm": _layer_norm,
    "matrix_exponential": _matrix_exponential,
    "diagonal_part": _diagonal_part,
    "erf": _erf,
    "row_dots": _row_dots,
    "trace": _trace,
    "positive_part": _positive_part,
    "log_pair_sum": _log_pair_sum,
}
