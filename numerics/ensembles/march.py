"""Dormand–Prince 5(4) on a batch in NumPy, each system with its own step and its own end.

What is asked for is reduced on the way, so that no trajectory is stored.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.integrate import RK45

from numerics.arguments import FloatArray, IntArray
from numerics.ensembles.problem import BLOCK, ClosePairs, Entry, Problem
from numerics.ensembles.status import EnsembleStatus
from theory.symbols import t as time_symbol

_A, _B, _C = np.asarray(RK45.A), np.asarray(RK45.B), np.asarray(RK45.C)


_E, _P = np.asarray(RK45.E), np.asarray(RK45.P)


_SAFETY, _MIN_FACTOR, _MAX_FACTOR = 0.9, 0.2, 10.0


_BETWEEN_CHECKS = 8
"""Steps between two looks whether all pairs are close: a look costs half an evaluation."""


def array_block(
    problem: Problem, rows: IntArray, entry: Entry, max_steps: int
) -> tuple[NDArray[Any], IntArray, IntArray]:
    """Run some systems in batched NumPy."""
    x = problem.rows(problem.points, 2, rows)
    recorder = _Recorder(problem, rows, entry)
    with np.errstate(over="ignore", invalid="ignore", under="ignore", divide="ignore"):
        status, work = _march(problem, rows, x, recorder, max_steps)
    return recorder.values, status, work


class _Recorder:
    """Values of the systems of a block at the times."""

    def __init__(self, problem: Problem, rows: IntArray, entry: Entry) -> None:
        self.problem, self.rows, self.entry = problem, rows, entry
        self.values = entry.empty(rows.size, problem.times.size)
        n = problem.points.shape[-2]
        counts = isinstance(entry.observe, ClosePairs) and problem.attractive
        self.certain = n * (n - 1) // 2 if counts else None

    def put(self, systems: IntArray, places: IntArray, points: FloatArray) -> NDArray[np.bool_]:
        """Record points (k, n, d); tell which systems need no more steps."""
        if not isinstance(self.entry.observe, ClosePairs):
            points = self.problem.turned_back(points, self.rows[systems])
        seen = self.entry(points)
        self.values[systems, places] = seen
        done = np.zeros(self.rows.size, dtype=bool)
        if self.certain is not None:
            done[systems[seen == self.certain]] = True
        return done

    def certain_at(self, points: FloatArray) -> NDArray[np.bool_]:
        """Tell which systems have all pairs close, so that they need no more steps."""
        if self.certain is None:
            return np.zeros(len(points), dtype=bool)
        return np.asarray(self.entry(points) == self.certain)

    def fill(self, systems: IntArray, first: IntArray) -> None:
        """Give the remaining places of systems whose pairs are all close the same value."""
        if self.certain is not None:
            for system, place in zip(systems, first, strict=True):
                self.values[system, place:] = self.certain


def _unit(points: FloatArray) -> FloatArray:
    return np.asarray(points / np.sqrt(np.vecdot(points, points))[..., None])


def _lengths(vectors: FloatArray, weights: FloatArray) -> FloatArray:
    """Largest row of each system, over its weight."""
    return np.asarray(np.max(np.sqrt(np.vecdot(vectors, vectors)) / weights, axis=-1))


def _combined(weights: FloatArray, stages: FloatArray) -> FloatArray:
    """Add up Σ_k w_k f_k without a matrix product, whose threads would cost more than the sum."""
    total = weights[0] * stages[0]
    for weight, stage in zip(weights[1:], stages[1:], strict=False):
        if weight != 0.0:
            total += weight * stage
    return np.asarray(total)


def _march(
    problem: Problem, rows: IntArray, x: FloatArray, recorder: _Recorder, max_steps: int
) -> tuple[IntArray, IntArray]:
    """Step all systems until the last has ended; the batch is compacted as they end."""
    on_sphere = problem.field.model.space == "sphere"
    timed = time_symbol in problem.field.model.velocity.free_symbols
    times, end, rtol = problem.times, float(problem.times[-1]), problem.rtol
    count = rows.size
    status = np.full(count, EnsembleStatus.FINISHED, dtype=np.int64)
    work = np.zeros((count, 2), dtype=np.int64)
    active = np.arange(count)
    field = problem.field_of(rows)
    t = np.zeros(count)

    def rhs(at: FloatArray, y: FloatArray) -> FloatArray:
        moment: Any = at[:, None, None] if timed else 0.0
        velocity = field.unchecked(_unit(y) if on_sphere else y, moment)
        return np.array(np.broadcast_to(velocity, y.shape))

    def scale(y: FloatArray) -> FloatArray:
        return np.full(y.shape[:-1], rtol) if on_sphere else rtol * (1 + np.sqrt(np.vecdot(y, y)))

    f = rhs(t, x)
    alone = problem.attractive and x.shape[-2] == 1  # and stays where it is
    place = np.full(count, times.size if alone else np.searchsorted(times, 0.0, side="right"))
    ended = np.full(count, alone)
    for first in range(int(place[0])):
        ended |= recorder.put(active, np.full(count, first), x)
    h = _first_steps(rhs, t, x, f, end, scale(x))
    work[:, 1] = 2
    attempts = np.zeros(count, dtype=np.int64)
    grow = np.full(count, _MAX_FACTOR)
    rounds = 0
    while True:
        certain = ended[active]
        if certain.any():
            status[active[certain]] = EnsembleStatus.CONSENSUS
            recorder.fill(active[certain], place[certain])
        running = (place < times.size) & ~certain
        spent, lost = attempts >= max_steps, h < np.maximum(1e-15 * t, 1e-300)
        status[active[running & spent]] = EnsembleStatus.MAX_STEPS
        status[active[running & lost]] = EnsembleStatus.OVERFLOW
        stay = running & ~spent & ~lost
        if not stay.all():  # systems that have ended leave
            active, place, attempts = active[stay], place[stay], attempts[stay]
            x, f, t, h, grow = x[stay], f[stay], t[stay], h[stay], grow[stay]
            field = problem.field_of(rows[active])
        if not active.size:
            return status, work
        attempts += 1
        last = h >= (end - t) * (1 - 1e-12)
        h = np.where(last, end - t, h)
        stages, unit, defect = _step(rhs, t, x, f, h, on_sphere)
        work[active, 1] += _B.size
        error = _lengths(defect, np.maximum(scale(x), scale(unit)))
        finite = np.isfinite(error)
        accepted = finite & (error <= 1.0)
        factor = _SAFETY * np.where(finite, np.maximum(error, 1e-12), 1e12) ** -0.2
        factor = np.clip(factor, _MIN_FACTOR, np.where(accepted, grow, 1.0))
        grow = np.where(accepted, _MAX_FACTOR, 1.0)
        arrived = np.where(last, end, t + h)
        work[active[accepted], 0] += 1
        reached = np.where(accepted, np.searchsorted(times, arrived, side="right"), place)
        for which, places in _outputs(place, reached - place, x[0].size):
            theta = np.minimum((times[places] - t[which]) / h[which], 1.0)
            value = _extension(x, stages, h, which, theta)
            ended |= recorder.put(active[which], places, _unit(value) if on_sphere else value)
        place = reached
        x[accepted], f[accepted] = unit[accepted], stages[-1][accepted]
        rounds += 1
        if rounds % _BETWEEN_CHECKS == 0:
            ended[active] |= recorder.certain_at(x)
        t = np.where(accepted, arrived, t)
        h = h * factor


def _step(
    rhs: Callable[[FloatArray, FloatArray], FloatArray],
    t: FloatArray,
    x: FloatArray,
    f: FloatArray,
    h: FloatArray,
    on_sphere: bool,
) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Stages of a step of every system, its end, and the estimate of its error."""
    stages = np.empty((_B.size + 1, *x.shape))
    stages[0] = f
    wide = h[:, None, None]
    for s in range(1, _B.size):
        y = x + wide * _combined(_A[s, :s], stages)
        stages[s] = rhs(t + _C[s] * h, y)
    y = x + wide * _combined(_B, stages)
    unit = _unit(y) if on_sphere else y
    stages[-1] = rhs(t + h, unit)
    defect = wide * _combined(_E, stages)
    if on_sphere:
        defect -= np.vecdot(unit, defect)[..., None] * unit
    return stages, unit, defect


def _outputs(place: IntArray, fresh: IntArray, size: int) -> Iterator[tuple[IntArray, IntArray]]:
    """Pairs (system, place) of the outputs inside a step, some at a time."""
    which = np.repeat(np.arange(place.size), fresh)
    within = np.arange(which.size) - np.repeat(np.cumsum(fresh) - fresh, fresh)
    places = place[which] + within
    step = max(1, 4 * BLOCK // size)
    for start in range(0, which.size, step):
        yield which[start : start + step], places[start : start + step]


def _extension(
    x: FloatArray, stages: FloatArray, h: FloatArray, which: IntArray, theta: FloatArray
) -> FloatArray:
    """Continuous extension x + h Σ_q θ^{q+1} Σ_s P_sq k_s at fractions of the steps."""
    powers = theta[:, None] ** np.arange(1, _P.shape[1] + 1)
    weights = h[which, None] * (powers @ _P.T)
    value = x[which]
    for s in range(_P.shape[0]):
        value = value + weights[:, s, None, None] * stages[s][which]
    return np.asarray(value)


def _first_steps(
    rhs: Callable[[FloatArray, FloatArray], FloatArray],
    t: FloatArray,
    x: FloatArray,
    f: FloatArray,
    end: float,
    scale: FloatArray,
) -> FloatArray:
    """Guess first step sizes after Hairer, Nørsett, Wanner, section II.4 (1 evaluation)."""
    speed = _lengths(f, scale)
    size = _lengths(x, scale)
    first = np.where(speed > 0, 0.01 * size / np.where(speed > 0, speed, 1.0), 1e-6)
    first = np.minimum(first, max(end, 1e-300))
    slope = rhs(t + first, x + first[:, None, None] * f)
    bend = _lengths(slope - f, scale) / first
    steepest = np.maximum(speed, bend)
    guess = np.where(
        steepest > 0, (0.01 / np.where(steepest > 0, steepest, 1.0)) ** 0.2, 1e-3 * first
    )
    return np.asarray(np.minimum(100 * first, guess))
