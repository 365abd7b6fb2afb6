"""An ensemble in the array loop, each system with its own steps and its own end.

What is asked for is reduced on the way, so that no trajectory is stored.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from numerics.arguments import FloatArray, IntArray
from numerics.ensembles.problem import BLOCK, ClosePairs, Entry, Problem
from numerics.stepping import (
    FIVE,
    ArrayVelocity,
    Outcome,
    Rules,
    Stop,
    march,
    points_inside,
)
from numerics.stops import warn_of_pulses

_BETWEEN_CHECKS = 8
"""Steps between two looks whether all pairs are close: a look costs half an evaluation."""


def array_block(
    problem: Problem,
    rows: IntArray,
    entry: Entry,
    max_steps: int,
    longest: float = math.inf,
    stops: tuple[float, ...] = (),
) -> tuple[NDArray[Any], IntArray, IntArray, FloatArray]:
    """Run some systems in batched NumPy."""
    recorder = _Recorder(problem, rows, entry)
    with np.errstate(over="ignore", invalid="ignore", under="ignore", divide="ignore"):
        outcome = _march(problem, rows, recorder, (max_steps, longest, stops))
    work = np.stack([outcome.steps, outcome.evaluations], axis=1)
    return recorder.values, outcome.status, work, outcome.rounding


class _Recorder:
    """Values of the systems of a block at the times."""

    def __init__(self, problem: Problem, rows: IntArray, entry: Entry) -> None:
        self.problem, self.rows, self.entry = problem, rows, entry
        self.values = entry.empty(rows.size, problem.times.size)
        n = problem.tokens
        counts = isinstance(entry.observe, ClosePairs) and problem.attractive
        self.certain = n * (n - 1) // 2 if counts else None

    def put(self, systems: IntArray, places: IntArray, states: FloatArray) -> NDArray[np.bool_]:
        """Record states (k, numbers); tell which systems need no more steps."""
        points = self.problem.shaped(states, self.rows[systems])
        if not isinstance(self.entry.observe, ClosePairs):
            points = self.problem.turned_back(points, self.rows[systems])
        seen = self.entry(points)
        self.values[systems, places] = seen
        done = np.zeros(self.rows.size, dtype=bool)
        if self.certain is not None:
            done[systems[seen == self.certain]] = True
        return done

    def certain_at(self, systems: IntArray, states: FloatArray) -> NDArray[np.bool_]:
        """Tell which systems have all pairs close, so that they need no more steps."""
        if self.certain is None:
            return np.zeros(len(states), dtype=bool)
        points = self.problem.shaped(states, self.rows[systems])
        return np.asarray(self.entry(points) == self.certain)

    def fill(self, systems: IntArray, first: IntArray) -> None:
        """Give the remaining places of systems whose pairs are all close the same value."""
        if self.certain is not None:
            for system, place in zip(systems, first, strict=True):
                self.values[system, place:] = self.certain


def _march(
    problem: Problem,
    rows: IntArray,
    recorder: _Recorder,
    limits: tuple[int, float, tuple[float, ...]],
) -> Outcome:
    """Step all systems until the last has ended."""
    flat, times = problem.start(rows), problem.times
    atol = problem.rtol if problem.free else 0.0
    most, longest, stops = limits
    rules = Rules(
        FIVE, problem.blocks, problem.rtol, atol, most, problem.attractive, longest, stops
    )
    outcome = Outcome.of(rows.size)

    def velocities(systems: IntArray) -> tuple[ArrayVelocity, ArrayVelocity | None]:
        return problem.velocities(rows[systems])

    alone = problem.attractive and problem.tokens == 1  # and stays where it is
    start = times.size if alone else int(np.searchsorted(times, 0.0, side="right"))
    place, ended = np.full(rows.size, start), np.full(rows.size, alone)
    for first in range(start):
        ended |= recorder.put(np.arange(rows.size), np.full(rows.size, first), flat)
    zero, nodes = np.zeros(rows.size), [0.0]  # of the first system: what its steps have seen
    steps = march(velocities, rules, zero, flat, float(times[-1]), outcome, ended.copy())
    for rounds, attempt in enumerate(steps, start=1):
        active, step = attempt.step.systems, attempt.step
        if active[0] == 0 and attempt.accepted[0]:
            nodes.append(float(attempt.arrived[0]))
        arrived = np.searchsorted(times, attempt.arrived, side="right")
        reached = np.where(attempt.accepted, arrived, place[active])
        for which, places in _outputs(place[active], reached - place[active], flat.shape[1]):
            states = points_inside(
                velocities, rules, step, which, times[places], outcome.evaluations
            )
            ended |= recorder.put(active[which], places, states)
        place[active] = reached
        if rounds % _BETWEEN_CHECKS == 0:
            there = np.where(attempt.accepted[:, None], step.end, step.start)
            ended[active] |= recorder.certain_at(active, there)
        attempt.ended[:] = ended[active]
    warn_of_pulses(problem.field, np.array(nodes), FIVE.c[: FIVE.stages + 1])
    outcome.status[ended] = Stop.CERTAIN
    recorder.fill(np.flatnonzero(ended), place[ended])
    return outcome


def _outputs(place: IntArray, fresh: IntArray, size: int) -> Iterator[tuple[IntArray, IntArray]]:
    """Pairs (system, place) of the outputs inside a step, some at a time."""
    which = np.repeat(np.arange(place.size), fresh)
    within = np.arange(which.size) - np.repeat(np.cumsum(fresh) - fresh, fresh)
    places = place[which] + within
    step = max(1, 4 * BLOCK // size)
    for start in range(0, which.size, step):
        yield which[start : start + step], places[start : start + step]
