"""A run from its start to its end, by either loop: nodes, points at the times asked for, events."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from numerics.arguments import FloatArray
from numerics.compile import namespace
from numerics.fastsum import FastField
from numerics.integration.events import Event, EventRecord, IntegrationStatus, watch_start
from numerics.integration.trajectory import Trajectory
from numerics.stepping import (
    EIGHT,
    Clock,
    Ended,
    Field,
    Rules,
    Stop,
    Taken,
    attracting,
    blocks_of,
    crossed,
    finest,
    locate,
    run_arrays,
    run_compiled,
    spent,
    velocity_of_run,
)

_STATUS = {
    Stop.FINISHED: IntegrationStatus.FINISHED,
    Stop.MAX_STEPS: IntegrationStatus.MAX_STEPS,
    Stop.UNDERFLOW: IntegrationStatus.STEP_UNDERFLOW,
    Stop.OVERFLOW: IntegrationStatus.OVERFLOW,
}


class Course:
    """What was met on the way: nodes, points at times, events."""

    def __init__(
        self, clock: Clock, x: Any, t_eval: FloatArray | None, events: tuple[Event, ...]
    ) -> None:
        self.clock, self.events, self.t_eval = clock, events, t_eval
        self.sign = -1.0 if clock.end < clock.start else 1.0
        self.nodes: list[tuple[float, Any]] = [(clock.start, x)]
        self.outputs: list[tuple[float, Any]] = []
        if t_eval is not None:
            self.outputs += [(clock.start, x)] * self.reached(clock.start)
        self.values, self.records, self.stop = watch_start(events, clock.real(clock.start), x)

    def reached(self, t: float) -> int:
        """How many of the times come no later."""
        assert self.t_eval is not None
        return int(np.count_nonzero(self.sign * self.t_eval <= self.sign * t))

    def visit(self, step: Taken) -> bool:
        """Go on to the end of a step, or to a terminal event inside it."""
        t, x = step.arrived, step.end
        after = [event(self.clock.real(t), x) for event in self.events]
        t, x = self._met(step, after)
        if self.t_eval is not None:
            wanted = self.t_eval[len(self.outputs) : self.reached(t)]
            within = wanted[wanted != t]
            values: Any = step.inside(within) if step.inside and within.size else None
            for k, at in enumerate(wanted.tolist()):
                here = values is None or at == t
                self.outputs.append((at, x if here else values[k, ...]))
        if t != self.nodes[-1][0]:
            self.nodes.append((t, x))
        self.values = after
        return self.stop is not None

    def rest(self) -> None:
        """Nothing moves any more from the end of the clock to that of the run."""
        self.clock = self.clock.at_rest()
        if self.t_eval is not None:
            last = [(self.clock.end, self.nodes[-1][1])]
            self.outputs += last * (self.t_eval.size - len(self.outputs))

    def _met(self, step: Taken, after: list[float]) -> tuple[float, Any]:
        """Record the events inside a step; where it ends, or a terminal one ends it."""
        zeros: list[tuple[float, int, Any]] = []
        start, end = (step.t, step.start), (step.arrived, step.end)
        for index, event in enumerate(self.events):
            if crossed(event.direction, self.values[index], after[index]):
                zero, state = end
                if step.reach is not None:
                    zero, state = locate(event, self.clock.real, step.reach, start, end)
                zeros.append((zero, index, state))
        for zero, index, state in sorted(zeros, key=lambda item: (self.sign * item[0], item[1])):
            if self.stop is not None and zero != end[0]:
                break
            self.records.append(EventRecord(index, self.clock.real(zero), state))
            if self.stop is None and self.events[index].terminal:
                self.stop, end = self.events[index], (zero, state)
        return end

    def trajectory(
        self, field: Field, rules: Rules, status: IntegrationStatus, ended: Ended | None = None
    ) -> Trajectory:
        """Make the trajectory of a run; a terminal event has the last word on its status."""
        clock, nodes, outputs = self.clock, self.nodes, self.outputs
        status = status if self.stop is None else self.stop.status
        if self.t_eval is None:
            outputs = nodes
        elif not status.whole:
            if not outputs or outputs[-1][0] != nodes[-1][0]:
                outputs = [*outputs, nodes[-1]]
        stack = namespace(nodes[0][1]).stack
        return Trajectory(
            times=np.array([clock.real(time) for time, _ in outputs]),
            points=stack([state for _, state in outputs]),
            status=status,
            n_steps=len(nodes) - 1,
            n_evaluations=0 if ended is None else ended.evaluations,
            field=field,
            log_times=np.array([clock.log_time(time) for time, _ in outputs]),
            clock="plain" if clock.log_rate is None else "scaled",
            log_rate=clock.log_rate or 0.0,
            rounding=0.0 if ended is None else ended.rounding,
            events=tuple(self.records),
            _nodes=(np.array([time for time, _ in nodes]), stack([state for _, state in nodes])),
            _clock=clock,
            _rules=rules,
            _tail=None if ended is None else ended.tail,
        )


def follow(
    field: Field,
    x: Any,
    clock: Clock,
    t_eval: FloatArray | None,
    tolerances: tuple[float, float],
    events: tuple[Event, ...],
    max_steps: int,
    longest: float = math.inf,
    stops: tuple[float, ...] = (),
) -> Trajectory:
    """Run from x to the end of the clock, or a terminal event, or a failure."""
    course = Course(clock, x, t_eval, events)
    rtol, atol = tolerances
    rtol = max(rtol, finest(x))  # of arrays in single precision
    blocks, timeless = blocks_of(field, x), attracting(field)
    rules = Rules(EIGHT, blocks, rtol, atol, max_steps, timeless, longest, stops)
    velocity, status = None, IntegrationStatus.FINISHED
    ended: Ended | None = None
    if course.stop is None:
        if not stops and longest == math.inf:
            velocity = velocity_of_run(field, x, clock)
        if velocity is None or isinstance(field, FastField):
            ended = run_arrays(field, rules, clock, x, course.visit)
        else:
            first = len(course.outputs)
            times = np.empty(0) if t_eval is None else t_eval[first:]
            visit = course.visit if events else None
            ended = run_compiled(field, velocity, rules, clock, x, times, visit)
            course.nodes += zip(ended.node_times.tolist(), ended.nodes, strict=True)
            course.outputs += zip(times.tolist(), ended.outputs, strict=False)
        status = _STATUS[ended.stop]
        if status is IntegrationStatus.FINISHED and not clock.whole:
            if course.stop is None and ended.tail is not None and ended.tail.over(clock.end):
                course.rest()
            else:
                status = IntegrationStatus.CLOCK
        ends = clock.begin, clock.real(course.nodes[-1][0])
        if status.whole and np.all(spent(field, ended.rounding, rtol + atol, ends)):
            status = IntegrationStatus.ROUNDING
    return course.trajectory(field, rules, status, ended)
