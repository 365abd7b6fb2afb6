"""Fused kernels in NumPy: the pair sums of a fused form, tile by tile.

Each exponential is used for both its rows. The print of the expression (``backend="plain"``) is
what they are held to.
"""

from __future__ import annotations

import importlib
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import lru_cache
from typing import Any

import numpy as np

from numerics.arguments import FloatArray
from numerics.extras import require_numba
from numerics.fused.form import FusedForm
from numerics.rows import divide, dots, subtract

TILE = 256  # rows of a tile: its exponentials take 512 kB, half a common second-level cache


WIDE = 16  # from this dimension on a product costs more than a pass over the n×n weights


SMALL = 100.0  # e^{±β<x,y>} needs no shift up to this |β|: it leaves masses their range


LARGE = 1e7  # beyond, rows of length 1 ± 1e-6 could overflow a constant shift


HEAVY = 1 << 20  # exponentials below which starting threads costs more than it saves


@lru_cache(maxsize=1)
def load_numba() -> Any:
    """Import the numba kernels.

    Raises
    ------
    ModuleNotFoundError
        When numba can't be imported.
    """
    require_numba()
    return importlib.import_module("numerics.fused.compiled")


def evaluate(
    form: FusedForm,
    points: FloatArray,
    beta: Any,
    masses: FloatArray | None,
    backend: str = "numpy",
    threads: int = 1,
) -> FloatArray:
    """Velocity of a fused form.

    Parameters
    ----------
    form : FusedForm
        What to evaluate.
    points : ndarray, shape (..., n, d)
        Unit rows.
    beta : float or ndarray, shape (..., 1, 1)
        Inverse temperature, one for all or one for each system.
    masses : ndarray, shape (..., n), or None
        Masses; None for 1/n.
    backend : {"numpy", "numba"}
        Who runs the loops.
    threads : int
        Threads to share the systems of a batch, or the tiles of one large system, among.

    Returns
    -------
    ndarray, shape (..., n, d)
        The velocity.
    """
    number = isinstance(beta, float) or np.ndim(beta) == 0  # the second costs half a microsecond
    if number and (masses is None or masses.ndim == 1):
        small = _small(form, points, float(beta), masses, backend)
        if small is not None:
            return small
    size, dimension = points.shape[-2:]
    with np.errstate(over="ignore", invalid="ignore", under="ignore", divide="ignore"):
        batch, x, b, weights = as_systems(points, beta, masses)
        velocity = np.empty((x.shape[0], size, dimension))
        if x.shape[0] * size * size < HEAVY:
            threads = 1
        _systems(form, x, b, weights, backend, velocity, threads)
    return velocity.reshape(*batch, size, dimension)


def as_systems(
    points: FloatArray, beta: Any, masses: FloatArray | None
) -> tuple[tuple[int, ...], FloatArray, FloatArray, FloatArray | None]:
    """Shape of the batch, and points (count, n, d), β (count, 1, 1), masses (count, n, 1)."""
    size, dimension = points.shape[-2:]
    if points.ndim == 2 and np.ndim(beta) == 0 and (masses is None or masses.ndim == 1):
        weights = None if masses is None else masses[None, :, None]
        return (), points[None], np.full((1, 1, 1), beta), weights
    batch = np.broadcast_shapes(
        points.shape[:-2],
        np.shape(beta)[:-2],
        () if masses is None else masses.shape[:-1],
    )
    x = points  # as it is where it can be: a broadcast array is read-only, and copied later
    if points.shape[:-2] != batch:
        x = np.broadcast_to(points, (*batch, size, dimension))
    x = x.reshape(-1, size, dimension)
    b = np.broadcast_to(beta, (*batch, 1, 1)).reshape(-1, 1, 1)
    weights = None
    if masses is not None:
        weights = np.broadcast_to(masses, (*batch, size)).reshape(-1, size, 1)
    return batch, x, b, weights


def _small(
    form: FusedForm, x: FloatArray, beta: float, masses: FloatArray | None, backend: str
) -> FloatArray | None:
    """Evaluate a few small systems at an ordinary β in few calls; None leaves it to the others."""
    size, dimension = x.shape[-2:]
    if dimension > WIDE or x.size * max(size, dimension) > TILE * TILE * dimension:
        return None
    small = abs(beta) <= SMALL
    if backend == "numba":
        if x.ndim > 2 or not (small or (form.normalised and 0.0 < beta <= LARGE)):
            return None
        shift = max(beta, 0.0) if form.normalised else 0.0
        one: FloatArray = load_numba().single(form, x, beta, shift, masses)
        return one
    if not small:
        return None
    b = np.empty((*x.shape[:-1], dimension + 1))
    b[..., :dimension] = x
    b[..., dimension] = 1.0
    k = np.matmul(beta * x, x.mT)
    np.exp(k, out=k)
    column = None
    if masses is not None:
        column = masses[:, None]
        b *= column
    pull = np.matmul(k, b)
    velocity = np.empty(x.shape)
    _project(form, x, pull[..., :dimension], pull[..., dimension:], column, velocity)
    return velocity


def in_parallel(work: Callable[[int], Any], count: int) -> Sequence[Any]:
    """Results of ``work(0) … work(count − 1)``, each in a thread of its own."""
    if count == 1:
        return [work(0)]
    with ThreadPoolExecutor(count) as pool:
        return list(pool.map(work, range(count)))


def _systems(
    form: FusedForm,
    x: FloatArray,
    beta: FloatArray,
    masses: FloatArray | None,
    backend: str,
    out: FloatArray,
    threads: int = 1,
) -> None:
    """Fill ``out`` for a flat batch of systems."""
    count = x.shape[0]
    if count == 0:
        return
    low, high = (beta[0, 0, 0],) * 2 if count == 1 else (beta.min(), beta.max())
    if not form.normalised:
        shift = np.zeros_like(beta)
    elif low < -SMALL or high > LARGE:
        _by_row_maximum(form, x, beta, masses, out)
        return
    else:
        shift = np.maximum(beta, 0.0)
    # An unshifted exponential near the overflow is left to the library function.
    compiled = backend == "numba" and (form.normalised or max(high, -low) < 700.0)

    def run(part: slice, inner: int) -> None:
        mass = None if masses is None else masses[part]
        _share(form, x[part], beta[part], shift[part], mass, compiled, out[part], inner)

    if count >= threads:
        bounds = [round(k * count / threads) for k in range(threads + 1)]
        in_parallel(lambda k: run(slice(bounds[k], bounds[k + 1]), 1), threads)
    else:
        run(slice(None), threads)


def _share(
    form: FusedForm,
    x: FloatArray,
    beta: FloatArray,
    shift: FloatArray,
    masses: FloatArray | None,
    compiled: bool,
    out: FloatArray,
    threads: int,
) -> None:
    """Fill one thread's share of a batch; ``threads`` are left for the tiles of each system."""
    if compiled and load_numba().systems(form, x, beta, shift, masses, out, threads):
        return
    if x.shape[1] <= TILE:
        _chunks(form, x, beta, shift, masses, out)
        return
    for i in range(x.shape[0]):
        mass = None if masses is None else masses[i]
        _tiled(form, x[i], beta[i, 0, 0], shift[i, 0, 0], mass, out[i], threads)


def _chunks(
    form: FusedForm,
    x: FloatArray,
    beta: FloatArray,
    shift: FloatArray,
    masses: FloatArray | None,
    out: FloatArray,
) -> None:
    """Small systems, as many at a time as keep their arrays in the second-level cache."""
    count, size, dimension = x.shape
    wide = dimension >= WIDE and 2 * dimension >= size
    step = max(1, min(count, TILE * TILE // (size * max(size, dimension))))
    if wide:
        buffers = (np.empty((step, size, size)), np.empty((step, size, size)))
    else:
        left, right = np.empty((2, step, size, dimension + 1))
        buffers = (np.empty((step, size, size)), np.empty((step, size, dimension + 1)))
    for start in range(0, count, step):
        part = slice(start, min(start + step, count))
        rows = part.stop - start
        mass = None if masses is None else masses[part]
        first, second = buffers[0][:rows], buffers[1][:rows]
        if wide:
            _wide(form, x[part], beta[part], shift[part], mass, first, second, out[part])
        else:
            a, b = left[:rows], right[:rows]
            _augment(x[part], beta[part], shift[part], a, b)
            np.matmul(a, b.mT, out=first)
            np.exp(first, out=first)
            if mass is not None:
                b *= mass
            np.matmul(first, b, out=second)
            _project(form, x[part], second[..., :-1], second[..., -1:], mass, out[part])


def _augment(x: FloatArray, beta: Any, shift: Any, a: FloatArray, b: FloatArray) -> None:
    """Write A = [βX, −shift] and B = [X, 1], so that A·Bᵀ is β<x_i,x_j> − shift."""
    b[..., :-1] = x
    b[..., -1] = 1.0
    np.multiply(b, beta, out=a)
    a[..., -1:] = -shift


def _factor(form: FusedForm, size: int, masses: FloatArray | None) -> float:
    """Give what is left to multiply by: the sign, and 1/n where no quotient cancels it."""
    return form.scale if form.normalised or masses is not None else form.scale / size


def _project(
    form: FusedForm,
    x: FloatArray,
    pull: FloatArray,
    total: FloatArray,
    masses: FloatArray | None,
    out: FloatArray,
) -> None:
    """Turn Σ_j K_ij m_j x_j and Z into the velocity, or into what it projects."""
    factor = _factor(form, x.shape[-2], masses)
    if form.normalised:
        divide(pull, total[..., 0], out)
        if factor != 1.0:
            out *= factor
    else:
        np.multiply(pull, factor, out=out)
    if form.projected:
        subtract(out, dots(x, out), x)


def _wide(
    form: FusedForm,
    x: FloatArray,
    beta: FloatArray,
    shift: FloatArray,
    masses: FloatArray | None,
    gram: FloatArray,
    weights: FloatArray,
    out: FloatArray,
) -> None:
    """Many dimensions: all but the two products happens on the n×n weights.

    The radial part r_i x_i with ``r_i = Σ_j w_ij <x_i,x_j>`` is subtracted on the diagonal.
    """
    np.matmul(x, x.mT, out=gram)
    if form.normalised:
        np.subtract(gram, 1.0, out=weights)
        weights *= beta
        weights += beta - shift
    else:
        np.multiply(gram, beta, out=weights)
    np.exp(weights, out=weights)
    if masses is not None:
        weights *= masses.mT
    total: FloatArray = np.sum(weights, axis=-1, keepdims=True)
    factor = _factor(form, x.shape[-2], masses)
    if form.normalised:
        weights *= factor / total
    elif factor != 1.0:
        weights *= factor
    if form.projected:
        radial = np.vecdot(weights, gram)
        diagonal = np.einsum("...ii->...i", weights)
        diagonal -= radial
    np.matmul(weights, x, out=out)


def _tiled(
    form: FusedForm,
    x: FloatArray,
    beta: Any,
    shift: Any,
    masses: FloatArray | None,
    out: FloatArray,
    threads: int,
) -> None:
    """One large system: tiles (i, j >= i) of the symmetric kernel, each used for both its rows.

    Threads take tiles in turns and add up sums of their own, so the bits depend on their number.
    """
    size, dimension = x.shape
    tile = -(-size // -(-size // TILE))
    a, b = np.empty((2, size, dimension + 1))
    _augment(x, beta, shift, a, b)
    weighted = b if masses is None else b * masses
    bounds = [slice(i, min(i + tile, size)) for i in range(0, size, tile)]
    pairs = [(i, j) for at, i in enumerate(bounds) for j in bounds[at:]]

    def pulls(thread: int) -> FloatArray:
        pull = np.zeros_like(b)
        exponentials = np.empty(tile * tile)
        product = np.empty((tile, dimension + 1))
        with np.errstate(over="ignore", invalid="ignore", under="ignore"):  # set for each thread
            for i, j in pairs[thread::threads]:
                rows, columns = i.stop - i.start, j.stop - j.start
                k = exponentials[: rows * columns].reshape(rows, columns)
                np.matmul(a[i], b[j].T, out=k)
                np.exp(k, out=k)
                pull[i] += np.matmul(k, weighted[j], out=product[:rows])
                if j is not i:
                    pull[j] += np.matmul(k.T, weighted[i], out=product[:columns])
        return pull

    pull, *others = in_parallel(pulls, threads)
    for other in others:
        pull += other
    _project(form, x, pull[:, :-1], pull[:, -1:], masses, out)


def _by_row_maximum(
    form: FusedForm, x: FloatArray, beta: FloatArray, masses: FloatArray | None, out: FloatArray
) -> None:
    """Softmax rows by their own maximum, for β so negative that no constant shift will do."""
    count, size, _ = x.shape
    step = max(1, TILE * TILE // (size * size))
    block = max(1, min(size, TILE * TILE // size))
    for start in range(0, count, step):
        part = slice(start, start + step)
        points = x[part]
        for first in range(0, size, block):
            rows = slice(first, first + block)
            weights = np.matmul(points[:, rows], points.mT)
            weights *= beta[part]
            weights -= np.max(weights, axis=-1, keepdims=True)
            np.exp(weights, out=weights)
            if masses is not None:
                weights *= masses[part].mT
            total = np.sum(weights, axis=-1, keepdims=True)
            _project(form, points[:, rows], weights @ points, total, masses, out[part, rows])
