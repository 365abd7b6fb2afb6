"""A single run by either loop: nodes, points at given times, or a look at each step."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from scipy.spatial import cKDTree

from numerics import sphere
from numerics.arguments import FloatArray, IntArray
from numerics.compile import VelocityField, namespace
from numerics.interrupts import interrupts_later
from numerics.stepping.arrays import Outcome, Round, Rules, march, shaped, take_step
from numerics.stepping.choice import load_loop
from numerics.stepping.clock import Clock
from numerics.stepping.dense import points_inside
from numerics.stepping.fields import Field, blocks_of, single
from numerics.stepping.ledger import drowned, entry
from numerics.stepping.tail import Tail, attracting, radius, spread
from numerics.stepping.velocity import COLUMNS, CompiledVelocity, Stop, layout

NODES = 1 << 20
"""Numbers in the nodes that the compiled loop stores before it returns."""

PAIRS = 1 << 26
"""Pairs of all tokens in the steps that it takes before it returns: a second or so, so that a
Ctrl-C is heard."""


@dataclass(frozen=True, eq=False)
class Taken:
    """An accepted step: times in the clock of the run, points in the shape of the start.

    Attributes
    ----------
    t, arrived : float
        Its times.
    start, end : array
        Points there.
    reach : callable, optional
        Points at a time inside, by a full step of the method. None for a layer: what is met on the
        way is met at its end.
    inside : callable, optional
        Points at an array of times inside, by the continuous extension.
    """

    t: float
    arrived: float
    start: Any
    end: Any
    reach: Callable[[float], Any] | None = None
    inside: Callable[[FloatArray], Any] | None = None


Visit = Callable[[Taken], bool]
"""Looks at a step; tells whether the run stops there."""


@dataclass(frozen=True, eq=False)
class Ended:
    """How a run ended, and what it stored where nobody looked at its steps."""

    stop: Stop
    evaluations: int
    rounding: float
    node_times: FloatArray
    nodes: Any
    outputs: Any
    tail: Tail | None = None


def run_arrays(field: Field, rules: Rules, clock: Clock, points: Any, visit: Visit) -> Ended:
    """Run the array loop on one system; the caller stores what it wants of its steps."""
    forms = single(field, clock, tuple(points.shape))
    outcome, tail, label = Outcome.of(1), None, None
    start, shape = np.array([clock.start]), tuple(points.shape)
    forward = isinstance(points, np.ndarray) and clock.end > clock.start
    free = rules.longest == np.inf and not rules.stops
    near = reach_of_tail(field, rules, clock) if forward and free else -1.0
    merging = forward and attracting(field)
    if near > 0.0 and spread(points) <= near:
        tail = Tail.of(field, clock, clock.start, points)
        start[0] = clock.end
    steps = march(lambda _: forms, rules, start, shaped(points, 1, -1), clock.end, outcome)
    for attempt in steps:
        if attempt.accepted[0]:
            taken = _taken(forms[int(attempt.turned[0])], rules, shape, attempt, outcome, label)
            attempt.ended[0] = visit(taken)
            if attempt.ended[0] or taken.arrived == clock.end or not merging:
                continue
            x = attempt.step.end.reshape(shape)
            fewer = merged(field, x, one_within(rules))
            if fewer is not None:
                field, x, where = fewer
                label = where if label is None else where[label]
                rules, shape = replace(rules, blocks=blocks_of(field, x)), tuple(x.shape)
                forms = single(field, clock, shape)
                attempt.fewer = rules, x.reshape(1, -1)
            if spread(x) <= near:
                tail = Tail.of(field, clock, taken.arrived, x).of_rows(label)
                attempt.ended[0] = True
    if tail is not None and outcome.status[0] == Stop.FINISHED:
        visit_tail(tail, clock.end, visit)
    nothing = np.empty(0)
    stop, evaluations = Stop(int(outcome.status[0])), int(outcome.evaluations[0])
    return Ended(stop, evaluations, float(outcome.rounding[0]), nothing, nothing, nothing, tail)


def one_within(rules: Rules) -> float:
    """Distance within which tokens that pull on each other become one: a tenth of a step's error.

    What is left of a cluster then no longer limits the steps, nor costs anything.
    """
    return 0.1 * (rules.rtol + rules.atol)


def merged(
    field: Field, points: FloatArray, within: float
) -> tuple[VelocityField, FloatArray, IntArray] | None:
    """Make one of tokens within a distance of each other, as the compiled loop does.

    The field and the points of what is left, and where each token is there; None if all are apart.
    """
    if not isinstance(field, VelocityField) or points.ndim != 2:
        return None
    pairs = cKDTree(points).query_pairs(within, output_type="ndarray")
    if not pairs.size:
        return None
    owner = np.arange(len(points))
    for i, j in pairs[np.lexsort((pairs[:, 1], pairs[:, 0]))].tolist():
        if owner[i] == i and owner[j] == j:
            owner[j] = i
    kept, label = np.unique(owner, return_inverse=True)
    masses = np.full(label.size, 1.0 / label.size) if field.masses is None else field.masses
    together = replace(field, masses=np.bincount(label, masses).astype(np.float64))
    centres = np.zeros((len(kept), points.shape[1]))
    np.add.at(centres, label, masses[:, None] * points)
    return together, np.asarray(sphere.project(centres)), label


def reach_of_tail(field: Field, rules: Rules, clock: Clock) -> float:
    """Distance at which the closed tail begins; below 0 for a run backward in time."""
    return radius(field, rules.rtol + rules.atol) if clock.end > clock.start else -1.0


def visit_tail(tail: Tail, end: float, visit: Visit) -> None:
    """Show the tail as steps, until the visitor stops."""
    t, x = tail.start, tail.at(np.array([tail.start]))[0]
    for arrived in tail.nodes(end).tolist():
        y = tail.at(np.array([arrived]))[0]
        if visit(Taken(t, arrived, x, y, lambda at: tail.at(np.array([at]))[0], tail.at)):
            return
        t, x = arrived, y


def _taken(
    velocity: Any,
    rules: Rules,
    shape: tuple[int, ...],
    attempt: Round,
    outcome: Outcome,
    label: IntArray | None,
) -> Taken:
    """Show a step of the array loop, whose rows stand for all that have merged in them."""
    step = attempt.step

    def rows(states: Any) -> Any:
        points = shaped(states, -1, *shape)
        return points if label is None else points[:, label]

    def velocities(_: Any) -> Any:
        return velocity, None

    def reach(t: float) -> Any:
        outcome.evaluations[:] += rules.tableau.stages
        first = step.stages[0], 0.0
        part = take_step(velocity, rules, step.systems, step.t, step.start, first, t - step.t)
        return rows(part.end)[0, ...]

    def inside(times: FloatArray) -> Any:
        which = np.zeros(times.size, dtype=np.int64)
        return rows(points_inside(velocities, rules, step, which, times, outcome.evaluations))

    start, end = rows(step.start)[0, ...], rows(step.end)[0, ...]
    return Taken(float(step.t[0]), float(attempt.arrived[0]), start, end, reach, inside)


class _Machine:
    """One system in the compiled loop."""

    def __init__(
        self,
        velocity: CompiledVelocity,
        masses: FloatArray | None,
        rules: Rules,
        clock: Clock,
        points: FloatArray,
        looked: bool,
        near: float,
    ) -> None:
        self.loop, self.rules, self.shape = load_loop(), rules, rules.blocks[0].shape
        n, d = self.shape[-2:]
        table = layout(rules.blocks)
        weights = np.full(n, 1.0 / n) if masses is None else masses
        weights = np.broadcast_to(weights, self.shape[:-1]).flatten()
        scratch = velocity.scratch(d, int(table[:, COLUMNS].max()))
        merging = near > 0.0 and len(table) == 1
        self.track, self.room = self.loop.prepare(
            points.flatten(), weights, table, velocity.parameters, rules.tableau, clock.start,
            scratch, merging,
        )  # fmt: skip
        self.task = self.loop.Task(
            velocity.function, velocity.differences, clock.end, rules.rtol, rules.atol,
            rules.max_steps, 1 if looked else rules.max_steps + 1, rules.timeless, not looked,
            one_within(rules) ** 2 if merging else -1.0, near * abs(near),
        )  # fmt: skip

    def sink(self, times: FloatArray, nodes: int) -> Any:
        """Room for points at times, and for nodes."""
        size = int(np.prod(self.shape))
        return self.loop.Sink(
            times, np.empty((times.size, size)), np.empty(0, np.int32), np.empty(nodes),
            np.empty((nodes, size)),
        )  # fmt: skip

    def march(self, sink: Any) -> Stop:
        """Go on."""
        with interrupts_later():  # numba makes tuples of results: an error in there ends Python
            code, self.track, self.room = self.loop.march(
                self.rules.tableau, self.task, sink, self.track, self.room
            )
        return Stop(code)

    def rows(self, state: FloatArray) -> FloatArray:
        """Points of a state."""
        out = np.empty(int(np.prod(self.shape)))
        self.loop.write(state, self.track.blocks, self.track.label, out)
        return out.reshape(self.shape)

    def taken(self) -> Taken:
        """Give the last step, before the loop goes on to its end."""
        loop, track, room, tableau = self.loop, self.track, self.room, self.rules.tableau
        t, arrived = float(track.numbers[loop.T]), float(track.numbers[loop.ARRIVED])

        def reach(at: float) -> FloatArray:
            room.k[0] = track.k[0]
            loop.stages(tableau, self.task, t, at - t, track.x, room.k, room.stop, track, room)
            return self.rows(room.stop)

        def inside(times: FloatArray) -> FloatArray:
            sink = self.sink(times, 0)
            track.counts[loop.PLACE] = 0
            loop.inside(tableau, self.task, sink, times.size, track, room)
            return np.asarray(sink.points.reshape(-1, *self.shape))

        return Taken(t, arrived, self.rows(track.x), self.rows(track.end), reach, inside)

    def ended(self, stop: Stop, nodes: Any, outputs: Any, tail: Tail | None) -> Ended:
        """Say how the run ended."""
        loop = self.loop
        return Ended(
            stop,
            int(self.track.counts[loop.EVALUATIONS]),
            float(self.track.numbers[loop.ROUNDING]),
            np.concatenate([times for times, _ in nodes]),
            np.concatenate([states for _, states in nodes]).reshape(-1, *self.shape),
            outputs.reshape(-1, *self.shape),
            tail,
        )


def run_compiled(
    field: VelocityField,
    velocity: CompiledVelocity,
    rules: Rules,
    clock: Clock,
    points: FloatArray,
    times: FloatArray,
    visit: Visit | None,
) -> Ended:
    """Run the compiled loop on one system.

    Without `visit` it returns at the end alone, with its nodes after the start and the points at
    the times; with it, after every step, and stores nothing.
    """
    looked = visit is not None
    near = reach_of_tail(field, rules, clock)
    machine = _Machine(velocity, field.masses, rules, clock, points, looked, near)
    nothing = np.empty(0)
    pairs = points.size // points.shape[-1] * points.shape[-2]
    chunk = 0 if looked else int(np.clip(min(NODES // points.size, PAIRS // pairs), 1, 512))
    sink = machine.sink(nothing if looked else times, chunk)
    nodes = [(nothing, np.empty((0, points.size)))]
    counts, place = machine.track.counts, machine.loop
    stop = Stop.PAUSED
    while stop is Stop.PAUSED:
        stop = machine.march(sink)
        counts = machine.track.counts
        if visit is not None and counts[place.FRESH] and visit(machine.taken()):
            stop = Stop.FINISHED
        stored = int(counts[place.NODES])
        if stored:
            nodes.append((sink.node_times[:stored].copy(), sink.nodes[:stored].copy()))
            counts[place.NODES] = 0
    outputs, tail = sink.points[: int(counts[place.PLACE])], None
    if stop in (Stop.GATHERED, Stop.CERTAIN):
        t, x = float(machine.track.numbers[place.T]), machine.rows(machine.track.x)
        tail, stop = Tail.of(field, clock, t, x), Stop.FINISHED
        if visit is not None:
            visit_tail(tail, clock.end, visit)
        else:
            more = tail.nodes(clock.end)
            nodes.append((more, tail.at(more).reshape(more.size, -1)))
            late = tail.at(times[len(outputs) :]).reshape(-1, points.size)
            outputs = np.concatenate([outputs, late])
    return machine.ended(stop, nodes, outputs, tail)


def points_between(
    field: Field, rules: Rules, clock: Clock, points: Any, ends: FloatArray, times: FloatArray
) -> Any:
    """Points at times between two nodes, the first of which is given; its step is taken anew."""
    if ends.size == 1:
        return namespace(points).stack([points] * times.size)
    label = None
    if isinstance(points, np.ndarray) and attracting(field):
        # steps as long as those of a run that made one of them would tear tokens apart
        field, points, label = merged(field, points, 0.0) or (field, points, None)
    rules = replace(rules, blocks=blocks_of(field, points))
    products, differences = single(field, clock, tuple(points.shape))
    alone, h = np.zeros(1, dtype=np.int64), np.diff(ends)
    start, one = ends[:1], points.reshape(1, -1)
    begin = rules.inside(start, start, np.sign(h))
    velocity, first = products, products(begin, one)
    if differences is not None and drowned(entry(first[1], first[1], h[0]), 0.0, rules.rtol):
        velocity, first = differences, differences(begin, one)
    step = take_step(velocity, rules, alone, start, one, first, h)
    which, count = np.zeros(times.size, dtype=np.int64), np.zeros(1, dtype=np.int64)
    states = points_inside(lambda _: (velocity, None), rules, step, which, times, count)
    states = states.reshape(-1, *points.shape)
    return states if label is None else states[:, label]
