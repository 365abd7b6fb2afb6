"""One step of Dormand–Prince 8(5,3): stages, error in the tangent space, continuous extension.

SciPy's tables, in ambient coordinates on the field extended with degree 0, x' = F(t, x/|x|), which
keeps every length.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from scipy.integrate import DOP853

from numerics.arguments import FloatArray
from numerics.integration.clock import LOG_MAX, Rhs, capped_exp, log_size

if TYPE_CHECKING:
    from numerics.integration.clock import Field


STAGES = int(DOP853.n_stages)


_A, _B, _C = np.asarray(DOP853.A), np.asarray(DOP853.B), np.asarray(DOP853.C)


_E3, _E5 = np.asarray(DOP853.E3), np.asarray(DOP853.E5)


_A_EXTRA, _C_EXTRA = np.asarray(DOP853.A_EXTRA), np.asarray(DOP853.C_EXTRA)


_D = np.asarray(DOP853.D)


@dataclass(frozen=True)
class Step:
    """A step taken: stages k[0..12] (k[12] at the end), in rows; not projected."""

    t: float
    h: float
    start: FloatArray
    end: FloatArray
    stages: FloatArray


def unit_rows(points: FloatArray) -> FloatArray:
    """Rows divided by their lengths."""
    return np.asarray(points / np.sqrt(np.sum(points * points, axis=-1, keepdims=True)))


def make_rhs(field: Field, log_rate: float | None, start: float) -> Rhs:
    """Build the right-hand side in the clock of the integration, extended with degree 0."""
    on_sphere = field.model.space == "sphere"

    def plain(t: float, y: FloatArray) -> FloatArray:
        if not np.isfinite(y).all():
            return np.full(y.shape, np.nan)
        return np.asarray(field.unchecked(unit_rows(y) if on_sphere else y, t))

    if log_rate is None:
        return plain
    rate = log_rate

    def scaled(tau: float, y: FloatArray) -> FloatArray:
        if not np.isfinite(y).all():
            return np.full(y.shape, np.nan)
        t = start + math.copysign(capped_exp(log_size(tau) - rate), tau)
        u, log_scale = field.scaled(unit_rows(y) if on_sphere else y, t)
        factor = np.exp(np.minimum(np.asarray(log_scale, dtype=np.float64) - rate, LOG_MAX))
        while factor.ndim and factor.ndim < u.ndim:
            factor = factor[..., None]
        return np.asarray(factor * u)

    return scaled


def take_step(rhs: Rhs, t: float, y: FloatArray, f: FloatArray, h: float) -> Step:
    """Take one Dormand–Prince step of size h (12 evaluations)."""
    k = np.empty((STAGES + 1, y.size))
    k[0] = f.reshape(-1)
    for s in range(1, STAGES):
        increment = (h * (_A[s, :s] @ k[:s])).reshape(y.shape)
        k[s] = rhs(t + _C[s] * h, y + increment).reshape(-1)
    end = y + (h * (_B @ k[:STAGES])).reshape(y.shape)
    k[STAGES] = rhs(t + h, end).reshape(-1)
    return Step(t, h, y, end, k)


def _scale(step: Step, rtol: float, atol: float, on_sphere: bool) -> FloatArray | float:
    """Tolerance of a row: its length is 1 on the sphere."""
    if on_sphere:
        return atol + rtol
    lengths = np.maximum(
        np.sqrt(np.sum(step.start**2, axis=-1)), np.sqrt(np.sum(step.end**2, axis=-1))
    )
    return np.asarray(np.maximum(atol + rtol * lengths, np.finfo(float).tiny))


def step_error(step: Step, rtol: float, atol: float, on_sphere: bool) -> float:
    """Largest error of a row over its tolerance, in the tangent space on the sphere."""
    e5 = (_E5 @ step.stages).reshape(step.end.shape)
    e3 = (_E3 @ step.stages).reshape(step.end.shape)
    if on_sphere:
        x = unit_rows(step.end)
        e5 = e5 - np.sum(x * e5, axis=-1, keepdims=True) * x
        e3 = e3 - np.sum(x * e3, axis=-1, keepdims=True) * x
    n5 = abs(step.h) * np.sqrt(np.sum(e5 * e5, axis=-1))
    n3 = abs(step.h) * np.sqrt(np.sum(e3 * e3, axis=-1))
    denominator = np.hypot(n5, 0.1 * n3)
    ratio = n5 / np.where(denominator > 0, denominator, 1.0)
    return float(np.max(n5 * ratio / _scale(step, rtol, atol, on_sphere)))


def _dense(rhs: Rhs, step: Step) -> FloatArray:
    """Coefficients (7, N) of the continuous extension of order 7 (3 evaluations)."""
    k = np.empty((STAGES + 1 + len(_A_EXTRA), step.start.size))
    k[: STAGES + 1] = step.stages
    for s, (a, c) in enumerate(zip(_A_EXTRA, _C_EXTRA, strict=True), start=STAGES + 1):
        increment = (step.h * (a[:s] @ k[:s])).reshape(step.start.shape)
        k[s] = rhs(step.t + c * step.h, step.start + increment).reshape(-1)
    delta = (step.end - step.start).reshape(-1)
    out = np.empty((3 + len(_D), delta.size))
    out[0] = delta
    out[1] = step.h * k[0] - delta
    out[2] = 2 * delta - step.h * (k[STAGES] + k[0])
    out[3:] = step.h * (_D @ k)
    return out


def _polynomial(dense: FloatArray, step: Step, theta: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Value and derivative in t of the continuous extension at fractions theta of a step."""
    x = np.asarray(theta, dtype=np.float64)[:, None]
    value = np.zeros((x.shape[0], dense.shape[1]))
    slope = np.zeros_like(value)
    for power, row in enumerate(dense[::-1]):
        factor, sign = (x, 1.0) if power % 2 == 0 else (1.0 - x, -1.0)
        slope = slope * factor + sign * (value + row)
        value = (value + row) * factor
    shape = (-1, *step.start.shape)
    return step.start + value.reshape(shape), slope.reshape(shape) / step.h


def _pieces(
    rhs: Rhs, step: Step, rtol: float, atol: float, on_sphere: bool, depth: int = 6
) -> tuple[list[tuple[Step, FloatArray]], int]:
    """Continuous extensions that meet the tolerance, on halves of the step where they have to.

    The error estimate of a step says nothing on the inside: where a step is as long as stability
    allows, the extension of order 7 is off by a hundred tolerances. Its defect p' − F(p), seen at
    the quarters (where that of the leading error θ⁴(1−θ)⁴ is large), tells.
    """
    dense = _dense(rhs, step)
    cost = len(_A_EXTRA)
    if depth == 0:
        return [(step, dense)], cost
    quarters = np.array([0.25, 0.75])
    values, slopes = _polynomial(dense, step, quarters)
    cost += quarters.size
    scale = _scale(step, rtol, atol, on_sphere)
    worst = 0.0
    for theta, value, slope in zip(quarters, values, slopes, strict=True):
        defect = slope - rhs(step.t + float(theta) * step.h, value)
        size = abs(step.h) * np.sqrt(np.sum(defect * defect, axis=-1)) / 3.0
        worst = max(worst, float(np.max(size / scale)))
    rounding = 64 * np.finfo(float).eps / float(np.min(scale))
    if worst <= max(1.0, rounding):
        return [(step, dense)], cost
    f = step.stages[0].reshape(step.start.shape)
    first = take_step(rhs, step.t, step.start, f, step.h / 2)
    middle = unit_rows(first.end) if on_sphere else first.end
    t = step.t + step.h / 2
    second = take_step(
        rhs, t, middle, first.stages[STAGES].reshape(middle.shape), step.t + step.h - t
    )
    cost += 2 * STAGES
    pieces = []
    for half in (first, second):
        below, more = _pieces(rhs, half, rtol, atol, on_sphere, depth - 1)
        pieces += below
        cost += more
    return pieces, cost


def points_inside(
    rhs: Rhs, step: Step, times: FloatArray, rtol: float, atol: float, on_sphere: bool
) -> tuple[FloatArray, int]:
    """Points at times inside a step, projected on the sphere, and the evaluations they took."""
    pieces, cost = _pieces(rhs, step, rtol, atol, on_sphere)
    out = np.empty((times.size, *step.start.shape))
    sign = math.copysign(1.0, step.h)
    borders = np.array([piece.t for piece, _ in pieces[1:]])
    owner = np.searchsorted(sign * borders, sign * times, side="right")
    for index, (piece, dense) in enumerate(pieces):
        mine = owner == index
        if np.any(mine):
            theta = np.clip((times[mine] - piece.t) / piece.h, 0.0, 1.0)
            points, _ = _polynomial(dense, piece, theta)
            out[mine] = unit_rows(points) if on_sphere else points
    return out, cost


def first_step(rhs: Rhs, t: float, y: FloatArray, f: FloatArray, span: float, tol: float) -> float:
    """Guess a first step size after Hairer, Nørsett, Wanner, section II.4 (1 evaluation)."""
    size = max(float(np.max(np.sqrt(np.sum(y * y, axis=-1)))), 1e-300)
    d1 = float(np.max(np.sqrt(np.sum(f * f, axis=-1))))
    h0 = min(0.01 * size / d1 if d1 > 0 else 1e-6, abs(span))
    f1 = rhs(t + math.copysign(h0, span), y + math.copysign(h0, span) * f)
    d2 = float(np.max(np.sqrt(np.sum((f1 - f) ** 2, axis=-1)))) / h0
    steepest = max(d1, d2)
    if not (math.isfinite(steepest) and steepest > 0):
        return min(h0, abs(span))
    return float(min(100 * h0, (0.01 * tol / steepest) ** 0.125, abs(span)))
