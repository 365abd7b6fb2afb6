"""Adaptive integration x' = F(t, x) on the sphere (and on R^d, and of layers x <- F(x)).

Dormand–Prince 8(5,3) with SciPy's tables: each accepted step is projected, so that the points stay
on the sphere to a few ulp, and errors are measured in the tangent spaces.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike
from scipy.optimize import brentq

from numerics import sphere
from numerics.arguments import FloatArray, as_float, check_number
from numerics.fastsum import choose
from numerics.integration.clock import LOG_MAX, Rhs, capped_exp, choose_clock, log_size, to_clock
from numerics.integration.events import (
    Event,
    EventCallable,
    EventRecord,
    IntegrationStatus,
    all_events,
    crossed,
    watch_start,
)
from numerics.integration.layers import iterate_layers
from numerics.integration.steps import (
    STAGES,
    Step,
    first_step,
    make_rhs,
    points_inside,
    step_error,
    take_step,
    unit_rows,
)
from numerics.integration.trajectory import Trajectory

if TYPE_CHECKING:
    from numerics.integration.clock import Field


_SAFETY, _MIN_FACTOR, _MAX_FACTOR, _EXPONENT = 0.9, 0.2, 10.0, -1.0 / 8.0


_RTOL_RANGE = (1e-13, 1e-2)


def _check_t_eval(t_eval: ArrayLike, t_start: float, t_end: float) -> FloatArray:
    times = as_float(t_eval, "t_eval")
    if times.ndim != 1 or times.size == 0:
        raise ValueError(
            f"Expected a one-dimensional array of times but got t_eval.shape={times.shape}; "
            "give at least one time."
        )
    low, high = min(t_start, t_end), max(t_start, t_end)
    outside = ~((times >= low) & (times <= high))
    if np.any(outside):
        k = int(np.argmax(outside))
        raise ValueError(
            f"Expected times in [{low!r}, {high!r}] but got t_eval[{k}]={float(times[k])!r}; "
            "change t_end or drop the time."
        )
    direction = 1.0 if t_end >= t_start else -1.0
    if np.any(direction * np.diff(times) < 0):
        k = int(np.argmax(direction * np.diff(times) < 0))
        raise ValueError(
            f"Expected times sorted along the integration but got t_eval[{k + 1}]="
            f"{float(times[k + 1])!r} after {float(times[k])!r}; sort them "
            "(in decreasing order backward in time)."
        )
    return times


def integrate(
    field: Field,
    points: ArrayLike,
    t_end: float | None = None,
    t_eval: ArrayLike | None = None,
    rtol: float = 1e-8,
    atol: float | None = None,
    events: Event | EventCallable | Sequence[Event | EventCallable] | None = None,
    max_steps: int = 100_000,
    *,
    t_start: float = 0.0,
    log_t_end: float | None = None,
    sums: str = "auto",
) -> Trajectory:
    """Integrate a compiled model from given points.

    Dormand–Prince 8(5,3) with an error per step, measured in the tangent space and in the largest
    row of the largest system, below `rtol`. Each accepted step is projected to the sphere. Systems
    of a batch share the steps. Models on R^d are not projected; a model of kind "map" is iterated,
    x <- F(x), t counting the layers (projected on the sphere).

    *The scaled clock.* Where the velocity may exceed e^230 (USA at large |β|), the steps are taken
    in the time τ = e^{log_rate} t of `field.scaled`, log_rate being the log scale at the start, and
    `log_times` carries log t, as t itself may underflow. The flow inside a cluster limits τ to a
    few units a step, so this follows the first merges; `coarsen` is for the rest.

    Parameters
    ----------
    field : VelocityField or FastField
        From `compile_model` or `fastsum.fast_field`.
    points : array_like
        Shape (..., n, d), unit rows for a model on the sphere (checked to 1e-6, then projected).
    t_end : float
        End time; below t_start the flow runs backward. For a map: a number of layers.
    t_eval : array_like, optional
        Times at which points are stored, sorted along the integration, between t_start and t_end.
        Default: the accepted steps (all layers of a map).
    rtol : float
        Tolerance for a step, relative to the length of a row (1 on the sphere), in [1e-13, 1e-2].
    atol : float, optional
        Absolute tolerance for a step, added to it. Default: 0 on the sphere, `rtol` on R^d.
    events : Event, callable or sequence of them, optional
        Zeros to find, by sign changes over a step; each is located by root finding on full steps
        of the method, to a few ulp in time. For a map: noted at the first layer past the change.
    max_steps : int
        Largest number of attempted steps (layers for a map).
    t_start : float
        Start time, of interest to models that depend on time.
    log_t_end : float, optional
        log of (t_end − t_start) in place of t_end, for end times that underflow.
    sums : {"auto", "direct", "fast"}
        Who sums over the pairs. "auto": on the circle and on S² the fast sums of
        `numerics.fastsum` where n is past their break-even and rtol is at least 100 times their
        stated error of 1e-10; "fast": those sums at any n, as accurate as rtol needs.
        `Trajectory.sums` says who did.

    Returns
    -------
    Trajectory
        With the status; nothing is raised for an integration that stopped early.

    Raises
    ------
    TypeError, ValueError
        For points, times, tolerances or events that are not as described.

    References
    ----------
    Hairer, Nørsett, Wanner, *Solving Ordinary Differential Equations I*, section II.5.

    Examples
    --------
    Two points under SA at β = 0: the tangent of half their angle decays like e^{-t}.

    >>> from numerics import compile_model
    >>> from theory import SA
    >>> trajectory = integrate(compile_model(SA, beta=0.0), [[1, 0], [0, 1]], 2.0)
    >>> gap = sphere.geodesic_distance(trajectory.points[-1, 0], trajectory.points[-1, 1])
    >>> round(float(np.tan(gap / 2) * np.exp(2.0)), 6)
    1.0
    """
    if not callable(getattr(field, "unchecked", None)):
        raise TypeError(
            f"Expected a compiled field but got field={getattr(field, 'name', field)!r}; "
            "make one with compile_model(model, ...)."
        )
    model = field.model
    on_sphere = model.space == "sphere"
    x = np.array(sphere.check_points(points, space=model.space), dtype=np.float64)
    if on_sphere:
        x = sphere.project(x)
    tolerance = check_number(rtol, "rtol", "give a tolerance between 1e-13 and 1e-2")
    if not _RTOL_RANGE[0] <= tolerance <= _RTOL_RANGE[1]:
        raise ValueError(
            f"Expected a tolerance in [1e-13, 1e-2] but got rtol={rtol!r}; "
            "below, rounding decides; above, the error estimate means nothing."
        )
    field = choose(field, x, tolerance, sums)
    absolute = (0.0 if on_sphere else tolerance) if atol is None else atol
    absolute = check_number(absolute, "atol", "give a number >= 0 or leave it out")
    if absolute < 0:
        raise ValueError(
            f"Expected a tolerance >= 0 but got atol={atol!r}; leave it out for the default."
        )
    if isinstance(max_steps, bool) or not isinstance(max_steps, int | np.integer) or max_steps < 1:
        raise ValueError(
            f"Expected a positive integer but got max_steps={max_steps!r}; the default is 100000."
        )
    begin = check_number(t_start, "t_start", "give the start time")
    end, log_span = _end(begin, t_end, log_t_end)
    evaluate = None if t_eval is None else _check_t_eval(t_eval, begin, end)
    watch = all_events(events)
    if model.kind == "map":
        return iterate_layers(field, x, begin, end, evaluate, watch, int(max_steps))

    x, log_rate = choose_clock(field, x, begin)
    span = (begin, end)
    if log_rate is not None:
        tau_end = math.exp(min(log_span + log_rate, LOG_MAX))
        span = (0.0, 0.0 if math.isinf(log_span) else math.copysign(tau_end, end - begin))
        evaluate = None if evaluate is None else to_clock(evaluate - begin, log_rate)
    with np.errstate(over="ignore", invalid="ignore", under="ignore"):
        run = _Run(field, x, begin, span, evaluate, (tolerance, absolute), watch, log_rate)
        return run.result(run.march(max_steps))


def _end(begin: float, t_end: float | None, log_t_end: float | None) -> tuple[float, float]:
    """Read the end time, given as such or as a logarithm; and the log of the length."""
    if (t_end is None) == (log_t_end is None):
        raise ValueError(
            f"Expected one of t_end and log_t_end but got t_end={t_end!r} and "
            f"log_t_end={log_t_end!r}; give exactly one of them."
        )
    if t_end is not None:
        end = check_number(t_end, "t_end", "give a finite end time")
        return end, log_size(end - begin)
    log_span = check_number(log_t_end, "log_t_end", "give the log of the end time")
    return begin + capped_exp(log_span), log_span


class _Run:
    """An integration in the clock of ``log_rate``: where it is, and what was met on the way."""

    def __init__(
        self,
        field: Field,
        x: FloatArray,
        begin: float,
        span: tuple[float, float],
        t_eval: FloatArray | None,
        tolerances: tuple[float, float],
        events: tuple[Event, ...],
        log_rate: float | None,
    ) -> None:
        self.field, self.begin, self.log_rate = field, begin, log_rate
        self.on_sphere = field.model.space == "sphere"
        self.rhs = make_rhs(field, log_rate, begin)
        self.rtol, self.atol = tolerances
        self.events, self.t_eval = events, t_eval
        self.t, self.t_end = span
        self.sign = -1.0 if self.t_end < self.t else 1.0
        self.x = x
        self.nodes: list[tuple[float, FloatArray]] = [(self.t, x)]
        self.outputs: list[tuple[float, FloatArray]] = []
        self.pending = 0  # position in t_eval
        if t_eval is not None:
            self.pending = int(np.count_nonzero(self.sign * t_eval <= self.sign * self.t))
            self.outputs += [(self.t, x)] * self.pending
        self.f = self.rhs(self.t, x)
        self.evaluations = 1
        self.values, self.records, self.stop = watch_start(events, self.real(self.t), x)

    def real(self, clock_time: float) -> float:
        """Time in the plain clock."""
        if self.log_rate is None:
            return clock_time
        size = capped_exp(log_size(clock_time) - self.log_rate)
        return self.begin + math.copysign(size, clock_time)

    def march(self, max_steps: int) -> IntegrationStatus:
        """Step until the end, a terminal event or a failure."""
        sign, t_end, rtol, atol = self.sign, self.t_end, self.rtol, self.atol
        attempts, grow, h = 0, _MAX_FACTOR, 0.0
        if self.t != t_end and self.stop is None:
            h = first_step(self.rhs, self.t, self.x, self.f, t_end - self.t, rtol + atol)
            self.evaluations += 1
        while self.t != t_end and self.stop is None:
            if attempts >= max_steps:
                return IntegrationStatus.MAX_STEPS
            attempts += 1
            left = t_end - self.t
            last = h >= abs(left) * (1 - 1e-12)
            h = abs(left) if last else h
            step = take_step(self.rhs, self.t, self.x, self.f, left if last else sign * h)
            self.evaluations += STAGES
            error = step_error(step, rtol, atol, self.on_sphere)
            if not error <= 1.0:
                usable = math.isfinite(error)
                h *= max(_MIN_FACTOR, _SAFETY * error**_EXPONENT) if usable else _MIN_FACTOR
                grow = 1.0
                if h < 10 * abs(float(np.nextafter(self.t, sign * math.inf)) - self.t):
                    return (
                        IntegrationStatus.STEP_UNDERFLOW if usable else IntegrationStatus.OVERFLOW
                    )
                continue
            self.accept(step, t_end if last else self.t + sign * h)
            h *= min(grow, _SAFETY * max(error, 1e-12) ** _EXPONENT)
            grow = _MAX_FACTOR
        return IntegrationStatus.FINISHED if self.stop is None else self.stop.status

    def accept(self, step: Step, t_new: float) -> None:
        """Go on to the end of a step, or to a terminal event inside it."""
        x_new = unit_rows(step.end) if self.on_sphere else step.end
        after = [event(self.real(t_new), x_new) for event in self.events]
        t_new, x_new = self._met(step, t_new, x_new, after)
        if self.t_eval is not None:
            step = self._stored(step, t_new, x_new, self.t_eval)
        self.f = step.stages[STAGES].reshape(self.x.shape)
        if t_new != self.t:
            self.nodes.append((t_new, x_new))
        self.t, self.x, self.values = t_new, x_new, after

    def _met(
        self, step: Step, t_new: float, x_new: FloatArray, after: list[float]
    ) -> tuple[float, FloatArray]:
        """Record the events inside a step; where it ends, or a terminal one ends it."""
        zeros: list[tuple[float, int, FloatArray]] = []
        for index, event in enumerate(self.events):
            if crossed(event, self.values[index], after[index]):
                zero, state, cost = _locate(
                    event, self.rhs, step, (t_new, x_new), self.real, self.on_sphere
                )
                zeros.append((zero, index, state))
                self.evaluations += cost
        for zero, index, state in sorted(zeros, key=lambda item: (self.sign * item[0], item[1])):
            self.records.append(EventRecord(index, self.real(zero), state))
            if self.events[index].terminal:
                self.stop = self.events[index]
                return zero, state
        return t_new, x_new

    def _stored(self, step: Step, t_new: float, x_new: FloatArray, t_eval: FloatArray) -> Step:
        """Store the points at the times inside a step; a step that ended early is taken anew."""
        reached = int(np.count_nonzero(self.sign * t_eval <= self.sign * t_new))
        if reached > self.pending:
            if t_new != step.t + step.h and self.stop is not None:
                step = take_step(self.rhs, self.t, self.x, self.f, t_new - self.t)
                self.evaluations += STAGES
            wanted = t_eval[self.pending : reached]
            values, cost = points_inside(
                self.rhs, step, wanted, self.rtol, self.atol, self.on_sphere
            )
            self.evaluations += cost
            values[wanted == t_new] = x_new
            self.outputs += list(zip(wanted.tolist(), values, strict=True))
            self.pending = reached
        return step

    def result(self, status: IntegrationStatus) -> Trajectory:
        """Gather the trajectory."""
        outputs = self.outputs
        if self.t_eval is None:
            outputs = self.nodes
        elif status is not IntegrationStatus.FINISHED and (not outputs or outputs[-1][0] != self.t):
            outputs.append((self.t, self.x))
        node_times = np.array([time for time, _ in self.nodes])
        clock_times = np.array([time for time, _ in outputs])
        origin = self.begin if self.log_rate is None else 0.0
        with np.errstate(divide="ignore"):
            log_times = np.log(np.abs(clock_times - origin)) - (self.log_rate or 0.0)
        return Trajectory(
            times=np.array([self.real(time) for time in clock_times]),
            points=np.array([state for _, state in outputs]),
            status=status,
            n_steps=len(self.nodes) - 1,
            n_evaluations=self.evaluations,
            field=self.field,
            log_times=log_times,
            clock="plain" if self.log_rate is None else "scaled",
            log_rate=self.log_rate or 0.0,
            events=tuple(self.records),
            _nodes=(node_times, np.array([state for _, state in self.nodes])),
            _start=self.begin,
            _tolerances=(self.rtol, self.atol),
        )


def _locate(
    event: Event,
    rhs: Rhs,
    step: Step,
    end: tuple[float, FloatArray],
    real: Callable[[float], float],
    on_sphere: bool,
) -> tuple[float, FloatArray, int]:
    """Zero of an event inside a step: clock time, points, evaluations.

    Every trial is a full step of the method from the start of the step, so the points found are as
    accurate as an accepted step.
    """
    cost = 0
    f = step.stages[0].reshape(step.start.shape)

    def state(t: float) -> FloatArray:
        nonlocal cost
        if t == step.t:
            return step.start
        if t == end[0]:
            return end[1]
        cost += STAGES
        reached = take_step(rhs, step.t, step.start, f, t - step.t).end
        return unit_rows(reached) if on_sphere else reached

    def value(t: float) -> float:
        return event(real(t), state(t))

    eps = float(np.finfo(float).eps)
    width = abs(end[0] - step.t)
    root = brentq(value, step.t, end[0], xtol=max(4 * eps * width, 1e-300), rtol=4 * eps)
    return float(root), state(float(root)), cost
