"""The velocity of a fused form from its pulls, without the self term (`numerics.pulls`).

It keeps its accuracy where a row's own weight drowns its neighbours: near consensus, and where
exponents lie far apart.
"""

from __future__ import annotations

import importlib
from typing import Any, Literal

import numpy as np

from numerics.arguments import FloatArray
from numerics.extras import require_numba
from numerics.fused.form import FusedForm
from numerics.fused.loops import HEAVY, SMALL, TILE, WIDE, as_systems, in_parallel
from numerics.pulls import pull_sums, tangent_pulls


def _compiled() -> Any:
    """Import the compiled pulls."""
    require_numba()
    return importlib.import_module("numerics.compiled_pulls")


def differences(
    form: FusedForm,
    points: FloatArray,
    beta: Any,
    masses: FloatArray | None,
    backend: str = "numpy",
    threads: int = 1,
    scale: float | Literal["largest"] = 0.0,
) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Velocity of a fused form by differences, and how large its pulls are.

    Parameters
    ----------
    form, points, beta, masses, backend, threads
        As in `numerics.fused.evaluate`; threads share the systems of a batch.
    scale : float or "largest"
        Logarithm of what is factored out of the weights of a form that isn't normalised.

    Returns
    -------
    velocity : ndarray, shape (..., n, d)
    pull : ndarray, shape (...)
        ``max_i Σ_{j≠i} |w_ij| |p_ij|``.
    log_scale : ndarray, shape (...)
        Logarithm of the factor left out of both; 0 for a normalised form.
    """
    size, dimension = points.shape[-2:]
    alone = points.ndim == 2 and np.ndim(beta) == 0 and (masses is None or masses.ndim == 1)
    if alone and size <= TILE and abs(beta) <= SMALL and scale == 0.0:
        # One small system at an ordinary β, in few calls.
        offset = -beta if form.normalised else 0.0
        if backend == "numba" and dimension <= WIDE:
            velocity, pull = _compiled().single_by_pulls(
                points, masses, float(beta), float(offset + beta), form.normalised, form.scale
            )
        else:
            velocity, pull = _block(form, points, slice(0, size), beta, offset, masses, False)
            pull = np.max(pull)
        return velocity, pull, np.zeros(())
    batch, x, b, weights = as_systems(points, beta, masses)
    count = x.shape[0]
    velocity, pull = np.empty(x.shape), np.empty(count)
    with np.errstate(over="ignore", invalid="ignore", under="ignore", divide="ignore"):
        if scale == "largest" and not form.normalised:
            log_scale = _log_scale(x, b)
        else:
            log_scale = np.full(count, 0.0 if form.normalised else scale)
        # w_ij = m_j e^{offset + β<x_i,x_j>}
        offset = -(b[:, 0, 0] if form.normalised else log_scale)
        top = offset + b[:, 0, 0]
        low, high = float(np.min(b, initial=0.0)), float(np.max(np.abs(b), initial=0.0))
        if form.normalised:
            fits = low >= -SMALL
        else:
            fits = scale == "largest" or high - float(scale) < 700.0

        def run(part: slice) -> None:
            mass = None if weights is None else weights[part, :, 0]
            if backend == "numba" and fits and dimension <= WIDE:
                flat = np.empty((1, 0)) if mass is None else np.array(mass)
                _compiled().systems_by_pulls(
                    np.array(x[part]), flat, np.array(b[part, 0, 0]), top[part],
                    form.normalised, form.scale, velocity[part], pull[part],
                )  # fmt: skip
                return
            _in_blocks(
                form, x[part], b[part], offset[part], mass, low < -SMALL, velocity[part], pull[part]
            )

        if count * size * size < HEAVY or count < threads:
            run(slice(None))
        else:
            bounds = [round(k * count / threads) for k in range(threads + 1)]
            in_parallel(lambda k: run(slice(bounds[k], bounds[k + 1])), threads)
    return velocity.reshape(*batch, size, dimension), pull.reshape(batch), log_scale.reshape(batch)


def _log_scale(x: FloatArray, beta: FloatArray) -> FloatArray:
    """Logarithm of the largest weight e^{β<x_i,x_j>} of every system."""
    largest = beta[:, 0, 0].copy()
    for s in np.flatnonzero(largest < 0.0):
        step = max(1, TILE * TILE // x.shape[1])
        rows = [x[s, start : start + step] for start in range(0, x.shape[1], step)]
        largest[s] *= min(float(np.min(block @ x[s].T)) for block in rows)
    return largest


def _in_blocks(
    form: FusedForm,
    x: FloatArray,
    beta: FloatArray,
    offset: FloatArray,
    masses: FloatArray | None,
    rowwise: bool,
    velocity: FloatArray,
    pull: FloatArray,
) -> None:
    """Fill velocities and pulls, as many systems or rows at a time as stay in the cache."""
    count, size, dimension = x.shape
    room = TILE * TILE // 2
    rows_at_once = min(size, max(32, room // size))
    systems_at_once = max(1, room // (size * max(size, dimension)))
    for start in range(0, count, systems_at_once):
        part = slice(start, min(start + systems_at_once, count))
        mass = None if masses is None else masses[part]
        largest = np.zeros(part.stop - start)
        for first in range(0, size, rows_at_once):
            rows = slice(first, min(first + rows_at_once, size))
            velocity[part, rows], lengths = _block(
                form, x[part], rows, beta[part], offset[part, None, None], mass, rowwise
            )
            np.maximum(largest, np.max(lengths, axis=-1), out=largest)
        pull[part] = largest


def _block(
    form: FusedForm,
    x: FloatArray,
    rows: slice,
    beta: Any,
    offset: Any,
    masses: FloatArray | None,
    rowwise: bool,
) -> tuple[FloatArray, FloatArray]:
    """Velocity of some rows, and the lengths of their pulls.

    The weights are m_j e^{offset + β<x_i,x_j>}; by row with the row's own offset.
    """
    gram = x[..., rows, :] @ x.mT
    weights = gram * beta
    weights += offset
    if rowwise and form.normalised:
        weights -= np.max(weights, axis=-1, keepdims=True)
    np.exp(weights, out=weights)
    if masses is not None:
        weights *= masses[..., None, :]
    sums, lengths, total = pull_sums(x, rows, gram, weights, signed=False)
    if form.normalised:
        sums *= form.scale / total[..., None]
        lengths /= total
    else:
        factor = form.scale if masses is not None else form.scale / x.shape[-2]
        sums *= factor
        lengths *= abs(factor)
    return tangent_pulls(x[..., rows, :], sums), lengths
