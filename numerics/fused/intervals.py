"""Attention under a mask that lets every token see a stretch of tokens: only those are summed.

Causal, strictly causal, band and bipartite masks are such; a causal one has half the pairs of SA.
"""

from __future__ import annotations

import importlib
from functools import lru_cache
from typing import Any

import numpy as np

from numerics.arguments import FloatArray, IntArray
from numerics.extras import require_numba
from numerics.fused.loops import HEAVY, LARGE, SMALL, TILE, WIDE, as_systems, in_parallel
from theory.masks import BAND, BIPARTITE, CAUSAL, STRICT, Mask

ROWS = 3 * TILE // 4
"""Rows of a tile: of the tiles along the diagonal a part is computed in vain."""


@lru_cache(maxsize=1)
def _compiled() -> Any:
    """Import the compiled loop."""
    require_numba()
    return importlib.import_module("numerics.fused.compiled_intervals")


@lru_cache(maxsize=64)
def columns_seen(mask: Mask, size: int) -> tuple[IntArray, IntArray] | None:
    """First column that each row sees, and the first after it that it doesn't; None for graphs.

    Examples
    --------
    >>> first, last = columns_seen(Mask.band(1), 4)
    >>> first.tolist(), last.tolist()
    ([0, 0, 1, 2], [2, 3, 4, 4])
    """
    row, none = np.arange(size), np.zeros(size, dtype=np.int64)
    if mask.kind == CAUSAL:
        return none, row + 1
    if mask.kind == STRICT:
        return none, row
    width = int(mask.parameter) if mask.kind in (BAND, BIPARTITE) else 0
    if mask.kind == BAND:
        return np.maximum(row - width, 0), np.minimum(row + width + 1, size)
    if mask.kind == BIPARTITE:
        width = min(width, size)
        early = row < width
        return np.where(early, width, 0), np.where(early, size, width)
    return None


@lru_cache(maxsize=64)
def _tiles(mask: Mask, size: int) -> tuple[tuple[slice, slice, FloatArray | None], ...]:
    """Tiles of rows and columns that see something, and who sees whom there; None: all see all."""
    columns = columns_seen(mask, size)
    assert columns is not None
    first, last = columns
    tiles: list[tuple[slice, slice, FloatArray | None]] = []
    known: dict[Any, FloatArray] = {}  # along a diagonal they are the same
    for top in range(0, size, ROWS):
        rows = slice(top, min(top + ROWS, size))
        start, stop = first[rows, None], last[rows, None]
        for left in range(int(start.min()), int(stop.max()), ROWS):
            seen = slice(left, min(left + ROWS, int(stop.max())))
            inside = None
            if start.max() > left or stop.min() < seen.stop:
                place = np.arange(left, seen.stop)
                inside = ((place >= start) & (place < stop)).astype(np.float64)
                inside = known.setdefault((inside.shape, inside.tobytes()), inside)
            tiles.append((rows, seen, inside))
    return tuple(tiles)


def masked_outputs(
    mask: Mask,
    points: FloatArray,
    beta: Any,
    masses: FloatArray | None,
    backend: str = "numpy",
    threads: int = 1,
) -> FloatArray | None:
    """Means ``Σ_j w_ij x_j`` of softmax over the tokens seen, or None where the print must do.

    Parameters
    ----------
    mask : Mask
        Who sees whom; a row that sees nobody is zero.
    points, beta, masses, backend, threads
        As in `numerics.fused.evaluate`; threads share the systems.

    Returns
    -------
    ndarray, shape (..., n, d), or None
        None for graphs, and at a β at which no constant shift of the exponents will do.
    """
    size, dimension = points.shape[-2:]
    columns = columns_seen(mask, size)
    low, high = (beta, beta) if np.ndim(beta) == 0 else (beta.min(initial=0), beta.max(initial=0))
    # e^{β(<x_i,x_j> - 1)} is 1 for a token that sees itself; others may see none of this size
    if columns is None or low < -SMALL or high > (SMALL if _blind(mask) else LARGE):
        return None
    batch, x, b, weights = as_systems(points, beta, masses)
    shift = np.maximum(b, 0.0)
    out = np.empty(x.shape)
    compiled = backend == "numba" and dimension <= WIDE
    threads = threads if x.shape[0] * size * size >= HEAVY else 1

    def run(part: slice) -> None:
        mass = None if weights is None else weights[part]
        if compiled:
            _compiled().outputs(x[part], b[part], shift[part], mass, columns, out[part])
        else:
            _in_tiles(mask, x[part], b[part], shift[part], mass, out[part])

    bounds = [round(k * len(x) / threads) for k in range(threads + 1)]
    in_parallel(lambda k: run(slice(bounds[k], bounds[k + 1])), threads)
    return out.reshape(*batch, size, dimension)


def _blind(mask: Mask) -> bool:
    """Whether some token doesn't see itself."""
    return mask.kind in (STRICT, BIPARTITE)


def _in_tiles(
    mask: Mask,
    x: FloatArray,
    beta: FloatArray,
    shift: FloatArray,
    masses: FloatArray | None,
    out: FloatArray,
) -> None:
    """Fill the means, as many systems at a time as fill a tile of one large system."""
    count, size, dimension = x.shape
    tiles, rows = _tiles(mask, size), min(size, ROWS)
    together = max(1, min(count, ROWS * ROWS // (size * max(rows, dimension))))
    buffer = np.empty(together * rows * rows)
    for start in range(0, count, together):
        part = slice(start, min(start + together, count))
        systems = part.stop - part.start
        a, b = np.empty((2, systems, size, dimension + 1))
        b[..., :-1], b[..., -1] = x[part], 1.0  # so that a bᵀ = β<x_i,x_j> - shift, k b sums both
        np.multiply(b, beta[part], out=a)
        a[..., -1:] = -shift[part]
        weighted = b if masses is None else b * masses[part]
        pull = np.zeros(b.shape)
        for here, seen, inside in tiles:
            shape = (systems, here.stop - here.start, seen.stop - seen.start)
            k = buffer[: shape[0] * shape[1] * shape[2]].reshape(shape)
            np.matmul(a[:, here], b[:, seen].mT, out=k)
            with np.errstate(under="ignore"):  # set for each thread
                np.exp(k, out=k)
            if inside is not None:
                k *= inside
            pull[:, here] += k @ weighted[:, seen]
        total = pull[..., -1:]
        total[total == 0.0] = 1.0  # who sees nobody has no pull
        np.divide(pull[..., :-1], total, out=out[part])
