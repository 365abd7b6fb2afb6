"""Runs from nearly orthogonal tokens against the equiangular curve γ_β(t) of Theorem 6.8."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

import numpy as np

from numerics.compile import VelocityField, compile_model
from numerics.equiangular import equiangular_time as equiangular_clock
from numerics.sphere import random_points
from proofs_checks.claim import Budget
from proofs_checks.proof.alphabet import Array
from proofs_checks.shared_runs import integrate
from theory.models import SA, USA
from theory.predictions import PARTS, equiangular_rate, mode_amplitude

Statistic = Literal["worst pair", "mean", "first order", "crossing", "crossing, first order"]


PAIR_DELTA = 1e-3  # level 1 - δ of Figure 3


SNAPSHOT_LEVEL = 0.6  # γ at the time of the snapshot


DRAWN_BETA = 1.5  # β = 1 would hide a missing factor


FLOWS_BY_NAME = {flow.name: flow for flow in (SA, USA)}


def rotated_to_few(points: Array) -> Array:
    """Rotate n < d tokens to R^n, by QR: inner products are kept."""
    if points.shape[-1] <= points.shape[-2]:
        return points
    triangle = np.asarray(np.linalg.qr(points.swapaxes(-1, -2), mode="r"))
    return np.ascontiguousarray(triangle.swapaxes(-1, -2))


def equivariant_parts(matrix: Array) -> tuple[Array, Array, Array]:
    """Split symmetric matrices with zero diagonal into mean, rows and pairs; n >= 3."""
    size = matrix.shape[-1]
    off = 1 - np.eye(size)
    mean = matrix.sum(axis=(-2, -1))[..., None, None] / (size * (size - 1)) * off
    row = (matrix - mean).sum(axis=-1) / (size - 2)
    rows = (row[..., :, None] + row[..., None, :]) * off
    return mean, rows, (matrix - mean - rows) * off


def first_time_within(times: Array, gaps: Array, level: float) -> Array:
    """First time at which gaps, shape (time, ...), fall to the level, by linear log interpolation.

    NaN where they never do.
    """
    after = (gaps <= level).argmax(axis=0)
    never = (after == 0) | ~(gaps <= level).any(axis=0)
    low = np.maximum(after - 1, 0)
    logs = np.log(np.maximum(gaps, 1e-300))
    high_value = np.take_along_axis(logs, after[None], axis=0)[0]
    low_value = np.take_along_axis(logs, low[None], axis=0)[0]
    share = (low_value - np.log(level)) / np.where(never, 1.0, low_value - high_value)
    found: Array = times[low] + share * (times[after] - times[low])
    return np.where(never, np.nan, found)


@lru_cache(maxsize=64)
def amplitude_values(curve: str, size: int, level: float) -> tuple[float, ...]:
    """Amplitudes of the mean, the rows and the pairs when γ reaches a level."""
    return tuple(
        float(mode_amplitude(part, level, DRAWN_BETA, size, curve).evalf()) for part in PARTS
    )


@dataclass(frozen=True)
class EquiangularRuns:
    """Uniform tokens in one dimension, under one flow, measured against one curve.

    Attributes
    ----------
    field : VelocityField
    curve : {"SA", "USA"}
        Whose equiangular tokens are compared with.
    points : ndarray, shape (runs, n, min(n, d))
    """

    field: VelocityField
    curve: str
    points: Array

    @property
    def size(self) -> int:
        """Number of tokens."""
        return int(self.points.shape[-2])

    def start(self) -> Array:
        """Return the initial inner products, zero on the diagonal."""
        return (self.points @ self.points.swapaxes(-1, -2)) * (1 - np.eye(self.size))

    def propagated(self, level: float) -> Array:
        """Deviation to first order at γ = level."""
        values = amplitude_values(self.curve, self.size, level)
        mean, rows, pairs = equivariant_parts(self.start())
        return np.asarray(values[0] * mean + values[1] * rows + values[2] * pairs)

    def _snapshot(self, field: VelocityField, points: Array) -> Array:
        time = float(equiangular_clock(SNAPSHOT_LEVEL, DRAWN_BETA, self.size, self.curve))
        end = integrate(field, points, time, [time], rtol=1e-8).points[-1]
        return (end @ end.swapaxes(-1, -2) - SNAPSHOT_LEVEL) * (1 - np.eye(self.size))

    def deviation(self) -> Array:
        """Gram matrix minus γ at the time when γ = 0.6, zero on the diagonal."""
        return self._snapshot(self.field, self.points)

    def mean_error(self) -> Array:
        """Mean product minus that of equiangular tokens with the same initial mean, a run each."""
        pairs = self.size * (self.size - 1)
        mean = self.start().sum(axis=(-2, -1)) / pairs
        gram = (1 - mean)[:, None, None] * np.eye(self.size) + mean[:, None, None]
        reference = compile_model(FLOWS_BY_NAME[self.curve], beta=DRAWN_BETA)
        even = self._snapshot(reference, np.linalg.cholesky(gram))
        return np.asarray((self.deviation() - even).sum(axis=(-2, -1)) / pairs)

    def crossing(self) -> Array:
        """Time at which a pair first reaches 1 - δ, minus T(1-δ); NaN where it is far too late."""
        end = float(
            equiangular_clock(gap=PAIR_DELTA, beta=DRAWN_BETA, n=self.size, model=self.curve)
        )
        times = np.linspace(0.25 * end, 2.5 * end, 90)
        run = integrate(self.field, self.points, float(times[-1]), times, rtol=1e-8).points
        i, j = np.triu_indices(self.size, 1)
        gaps = np.square(run[:, :, i] - run[:, :, j]).sum(axis=-1) / 2
        matrix = np.zeros((len(self.points), self.size, self.size))
        matrix[:, i, j] = first_time_within(times, gaps, PAIR_DELTA) - end
        return matrix + matrix.swapaxes(-1, -2)

    def speed(self, level: float) -> float:
        """γ' at γ = level."""
        return float(equiangular_rate(level, DRAWN_BETA, self.size, self.curve).evalf())

    def error(self, statistic: Statistic) -> Array:
        """Largest error of a prediction over the pairs, one number a run."""
        if statistic == "mean":
            return np.abs(self.mean_error())
        if statistic in ("worst pair", "first order"):
            error = self.deviation()
            if statistic == "first order":
                error = error - self.propagated(SNAPSHOT_LEVEL)
        else:
            error = self.crossing()
            if statistic == "crossing, first order":
                error = error + self.propagated(1 - PAIR_DELTA) / self.speed(1 - PAIR_DELTA)
        return np.asarray(np.abs(error).max(axis=(-2, -1)))


def draw_runs(
    field: VelocityField, curve: str, shape: tuple[int, int, int], budget: Budget
) -> EquiangularRuns:
    """Draw (runs, n, d) uniform tokens, rotated to at most n dimensions."""
    runs, size, dimension = shape
    points = np.asarray(random_points(size, dimension, budget.rng, runs))
    return EquiangularRuns(field, curve, rotated_to_few(points))


def number_of_runs(budget: Budget) -> int:
    """Count the runs for a size: a standard error needs some, however small the budget."""
    return max(budget.cases, 12)


def moment_in_words(crossing: bool) -> str:
    """Say at which time a finite dimension is looked at, for a scope."""
    return f"when a pair reaches 1 - {PAIR_DELTA:g}" if crossing else f"T({SNAPSHOT_LEVEL:g})"


def sizes_of(budget: Budget) -> tuple[int, tuple[int, ...], int]:
    """Tokens, dimensions, and the least dimension that is fitted."""
    if budget.full:
        return 32, (16, 32, 64, 128, 256, 512, 1024), 64
    return 5, (32, 64, 128, 256, 512, 1024, 2048), 32


WRONG_CURVE = "γ of USA for SA"


SETTING = "Uniform tokens, β = 3/2, n = 5 (32 in full)"
