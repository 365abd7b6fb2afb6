"""Adaptive integration x' = F(t, x) on the sphere (and on R^d, and of layers x <- F(x)).

Dormand–Prince 8(5,3) with SciPy's tables, run in ambient coordinates on the field extended with
degree 0, x' = F(t, x/|x|), which keeps every length: each accepted step is projected, so that the
points stay on the sphere to a few ulp, and errors are measured in the tangent spaces.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from dataclasses import field as field_
from enum import Enum
from functools import cached_property
from typing import TYPE_CHECKING, Any, Protocol, TypeAlias

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.integrate import DOP853
from scipy.optimize import brentq

from numerics import fastsum, sphere

if TYPE_CHECKING:
    from numerics.compile import VelocityField

    Field: TypeAlias = VelocityField | fastsum.FastField

FloatArray: TypeAlias = NDArray[np.float64]
Rhs: TypeAlias = Callable[[float, FloatArray], FloatArray]

_STAGES = int(DOP853.n_stages)
_A, _B, _C = np.asarray(DOP853.A), np.asarray(DOP853.B), np.asarray(DOP853.C)
_E3, _E5 = np.asarray(DOP853.E3), np.asarray(DOP853.E5)
_A_EXTRA, _C_EXTRA = np.asarray(DOP853.A_EXTRA), np.asarray(DOP853.C_EXTRA)
_D = np.asarray(DOP853.D)

_SAFETY, _MIN_FACTOR, _MAX_FACTOR, _EXPONENT = 0.9, 0.2, 10.0, -1.0 / 8.0
_RTOL_RANGE = (1e-13, 1e-2)
_LOG_PLAIN = 230.0
"""Largest log of a velocity that the plain clock takes on (e^230 = 1e100)."""
_LOG_MAX = 690.0
"""Largest log of a value of the scaled clock."""


class IntegrationStatus(Enum):
    """How an integration ended; `.message` says it in words and names the remedy."""

    FINISHED = "finished"
    EVENT = "event"
    CONSENSUS = "consensus"
    MAX_STEPS = "max_steps"
    STEP_UNDERFLOW = "step_underflow"
    OVERFLOW = "overflow"

    @property
    def message(self) -> str:
        """What happened and what to do about it."""
        return _MESSAGES[self]

    @property
    def success(self) -> bool:
        """Whether the integration ended as asked: at t_end or at a terminal event."""
        return self in (
            IntegrationStatus.FINISHED,
            IntegrationStatus.EVENT,
            IntegrationStatus.CONSENSUS,
        )


_MESSAGES = {
    IntegrationStatus.FINISHED: "The end time was reached.",
    IntegrationStatus.EVENT: (
        "A terminal event stopped the integration; to go on, integrate again from the last points "
        "or make the event non-terminal."
    ),
    IntegrationStatus.CONSENSUS: (
        "All points of every system lie in a cap of the radius asked for: what remains is the "
        "linear flow to one point; lower the radius of `consensus_event` to go on."
    ),
    IntegrationStatus.MAX_STEPS: (
        "The number of steps was used up before the end time; raise max_steps, loosen rtol, or use "
        "`coarsen` where clusters merge on exponentially long times."
    ),
    IntegrationStatus.STEP_UNDERFLOW: (
        "The step fell below the spacing of floating-point times; loosen rtol, or check the field "
        "for a discontinuity or a singularity near the last time."
    ),
    IntegrationStatus.OVERFLOW: (
        "The velocity or the points left the range of floating-point numbers; shorten t_end, use "
        "the rescaled model on R^d, or `coarsen` on the sphere at large beta."
    ),
}


class _EventCallable(Protocol):
    def __call__(self, t: float, points: FloatArray, /) -> Any: ...


@dataclass(frozen=True)
class Event:
    """A function of (t, points) whose zeros are wanted.

    A plain callable is taken too, with the attributes `terminal` (default False) and `direction`
    (default 0) that `scipy.integrate.solve_ivp` uses.

    Attributes
    ----------
    function : callable
        (t, points) -> float; points have the shape (..., n, d) of the start.
    terminal : bool
        Whether the integration stops there.
    direction : float
        Positive: only zeros where the function rises along the integration; negative: only where
        it falls; 0: both.
    at_start : bool
        Whether a value ≤ 0 at the start counts as an event there.
    status : IntegrationStatus
        The status of a trajectory that it stops.
    """

    function: _EventCallable
    terminal: bool = True
    direction: float = 0.0
    at_start: bool = False
    status: IntegrationStatus = IntegrationStatus.EVENT

    def __call__(self, t: float, points: FloatArray) -> float:
        """Evaluate the function."""
        value = np.asarray(self.function(t, points), dtype=np.float64)
        if value.size != 1 or np.isnan(value).any():
            raise ValueError(
                f"Expected a number from an event but got event(t={t!r}, points)={value!r}; "
                "reduce over the points and the batch, for instance with max."
            )
        return float(value.reshape(()))


@dataclass(frozen=True, eq=False)
class EventRecord:
    """A zero that was found.

    Attributes
    ----------
    index : int
        Position of the event in the `events` given.
    time : float
        The time of the zero.
    points : ndarray
        Shape (..., n, d), the points then, by a full step of the method up to that time.
    """

    index: int
    time: float
    points: FloatArray


def cap_radius(points: ArrayLike) -> FloatArray:
    """Give the angular radius of the cap about the mean direction that holds all points.

    Parameters
    ----------
    points : array_like
        Shape (..., n, d), unit rows.

    Returns
    -------
    ndarray
        Shape (...), in [0, π]; π where the mean vanishes.

    Examples
    --------
    >>> round(float(cap_radius([[1.0, 0.0], [0.0, 1.0]])), 6)
    0.785398
    """
    x = np.asarray(points, dtype=np.float64)
    mean = np.mean(x, axis=-2, keepdims=True)
    length = np.sqrt(np.sum(mean * mean, axis=-1, keepdims=True))
    centre = mean / np.where(length > 0, length, 1.0)
    radius = np.max(sphere.geodesic_distance(x, centre), axis=-1)
    return np.asarray(np.where(length[..., 0, 0] > 0, radius, math.pi))


def consensus_event(delta: float = 1e-8) -> Event:
    """Stop when the points of every system lie in a cap of radius delta about their mean.

    From there the flow is the linearised one up to a relative error of order (1+|β|)·delta², so
    that nothing but an exponential is left to compute. The status is CONSENSUS.

    Parameters
    ----------
    delta : float
        Radius of the cap in radians, in (0, π/2).

    Raises
    ------
    ValueError
        If delta is outside (0, π/2).

    Examples
    --------
    >>> consensus_event(1e-3).terminal
    True
    """
    if not 0 < delta < math.pi / 2:
        raise ValueError(
            f"Expected a cap radius in (0, pi/2) but got delta={delta!r}; "
            "the hemisphere is the largest cap from which consensus follows."
        )

    def distance(t: float, points: FloatArray) -> float:
        return math.log(max(float(np.max(cap_radius(points))), 1e-300) / delta)

    return Event(distance, direction=-1.0, at_start=True, status=IntegrationStatus.CONSENSUS)


@dataclass(frozen=True, eq=False)
class Trajectory:
    """Points along a trajectory and how they came about.

    Attributes
    ----------
    times : ndarray
        Shape (time,): `t_eval`, or the accepted steps. After an early stop, those before it, and
        the time of the stop.
    points : ndarray
        Shape (time, ..., n, d).
    status : IntegrationStatus
        How the integration ended; `status.message` names the remedy.
    n_steps, n_evaluations : int
        Accepted steps, evaluations of the velocity.
    field : VelocityField or FastField
        What was integrated.
    log_times : ndarray
        log |times − t_start|, carried by the scaled clock where the times underflow.
    clock : {"plain", "scaled", "layers"}
        Which time the steps were taken in.
    log_rate : float
        In the scaled clock dτ = e^{log_rate} dt; 0 otherwise.
    events : tuple of EventRecord
        In the order of their times.
    """

    times: FloatArray
    points: FloatArray
    status: IntegrationStatus
    n_steps: int
    n_evaluations: int
    field: Field
    log_times: FloatArray
    clock: str = "plain"
    log_rate: float = 0.0
    events: tuple[EventRecord, ...] = ()
    _nodes: tuple[FloatArray, FloatArray] = field_(default=(np.zeros(0), np.zeros(0)), repr=False)
    _start: float = field_(default=0.0, repr=False)
    _tolerances: tuple[float, float] = field_(default=(1e-8, 0.0), repr=False)

    @property
    def sums(self) -> str:
        """Who summed over the pairs: "direct", "circle" or "sphere" (see `numerics.fastsum`)."""
        fast = isinstance(self.field, fastsum.FastField)
        return fastsum.SUMS[self.points.shape[-1]] if fast else "direct"

    @cached_property
    def energy(self) -> FloatArray | None:
        """The model's energy, shape (time, ...); None for a model without one."""
        if self.field.model.energy is None:
            return None
        return np.asarray(self.field.energy(self.points))

    @cached_property
    def log_energy(self) -> FloatArray:
        """Give log ΣΣ m_i m_j e^{β⟨x_i,x_j⟩}, shape (time, ...): finite at every β."""
        return np.asarray(self.field.log_energy(self.points))

    def at(self, t: ArrayLike | None = None, *, log_time: ArrayLike | None = None) -> FloatArray:
        """Points at any time of the trajectory, by the continuous extension of its steps.

        The steps that hold a time asked for are computed again, so that a trajectory stores its
        nodes only, and halved until the extension meets the tolerance too.

        Parameters
        ----------
        t : array_like
            Times between the start and the end. For layers: whole numbers.
        log_time : array_like
            log |t − t_start| in place of t.

        Returns
        -------
        ndarray
            Shape (*t.shape, ..., n, d), projected to the sphere.

        Raises
        ------
        ValueError
            If a time lies outside the trajectory, or between layers.
        """
        if (t is None) == (log_time is None):
            raise ValueError(
                "Expected one of t and log_time but got "
                f"t={t!r} and log_time={log_time!r}; give exactly one of them."
            )
        start = self._start
        node_times, node_points = self._nodes
        backward = bool(node_times[-1] < node_times[0])
        if t is not None:
            wanted = np.asarray(t, dtype=np.float64)
            if self.clock == "scaled":
                wanted = _to_clock(wanted - start, self.log_rate)
        else:
            logs = np.asarray(log_time, dtype=np.float64) + self.log_rate
            wanted = np.exp(np.minimum(logs, _LOG_MAX + 10)) * (-1.0 if backward else 1.0)
            if self.clock != "scaled":
                wanted = wanted + start
        low, high = sorted((float(node_times[0]), float(node_times[-1])))
        slack = 8 * np.finfo(float).eps * max(abs(low), abs(high))
        outside = ~((wanted >= low - slack) & (wanted <= high + slack))
        if np.any(outside):
            given = np.asarray(t if t is not None else log_time, dtype=np.float64)
            name = "t" if t is not None else "log_time"
            raise ValueError(
                f"Expected times between the first and the last of the trajectory but got "
                f"{name}={float(given[outside].flat[0])!r}; integrate further "
                f"(status {self.status.name}: {self.status.message})"
            )
        flat = np.clip(wanted, low, high).reshape(-1)
        if self.clock == "layers":
            out = _stored_layers(flat, node_times, node_points)
        else:
            rhs = _make_rhs(self.field, self.log_rate if self.clock == "scaled" else None, start)
            out = np.empty((flat.size, *node_points.shape[1:]))
            order = -1.0 if backward else 1.0
            cells = np.searchsorted(order * node_times, order * flat, side="right") - 1
            cells = np.clip(cells, 0, max(node_times.size - 2, 0))
            for cell in np.unique(cells):
                which = cells == cell
                if node_times.size == 1:
                    out[which] = node_points[0]
                    continue
                t0, t1 = float(node_times[cell]), float(node_times[cell + 1])
                step = _step(rhs, t0, node_points[cell], rhs(t0, node_points[cell]), t1 - t0)
                out[which], _ = _inside(
                    rhs, step, flat[which], *self._tolerances, self.field.model.space == "sphere"
                )
            # Nodes come back bit for bit.
            positions = np.searchsorted(order * node_times, order * flat)
            hits = node_times[positions] == flat
            out[hits] = node_points[positions[hits]]
        return out.reshape(*wanted.shape, *node_points.shape[1:])


def _stored_layers(
    wanted: FloatArray, node_times: FloatArray, node_points: FloatArray
) -> FloatArray:
    positions = np.clip(np.searchsorted(node_times, wanted), 0, node_times.size - 1)
    missing = node_times[positions] != wanted
    if np.any(missing):
        raise ValueError(
            f"Expected whole numbers of layers but got t={float(wanted[missing][0])!r}; "
            "a map has no points between layers: ask for a whole number."
        )
    return node_points[positions]


# ---------------------------------------------------------------------------------------------
# One step of the method
# ---------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class _Step:
    """A step taken: stages k[0..12] (k[12] at the end), in rows; not projected."""

    t: float
    h: float
    start: FloatArray
    end: FloatArray
    stages: FloatArray


def _unit(points: FloatArray) -> FloatArray:
    return np.asarray(points / np.sqrt(np.sum(points * points, axis=-1, keepdims=True)))


def _make_rhs(field: Field, log_rate: float | None, start: float) -> Rhs:
    """Build the right-hand side in the clock of the integration, extended with degree 0."""
    on_sphere = field.model.space == "sphere"

    def plain(t: float, y: FloatArray) -> FloatArray:
        if not np.isfinite(y).all():
            return np.full(y.shape, np.nan)
        return np.asarray(field.unchecked(_unit(y) if on_sphere else y, t))

    if log_rate is None:
        return plain
    rate = log_rate

    def scaled(tau: float, y: FloatArray) -> FloatArray:
        if not np.isfinite(y).all():
            return np.full(y.shape, np.nan)
        t = start + math.copysign(_exp(_log(tau) - rate), tau)
        u, log_scale = field.scaled(_unit(y) if on_sphere else y, t)
        factor = np.exp(np.minimum(np.asarray(log_scale, dtype=np.float64) - rate, _LOG_MAX))
        while factor.ndim and factor.ndim < u.ndim:
            factor = factor[..., None]
        return np.asarray(factor * u)

    return scaled


def _step(rhs: Rhs, t: float, y: FloatArray, f: FloatArray, h: float) -> _Step:
    """Take one Dormand–Prince step of size h (12 evaluations)."""
    k = np.empty((_STAGES + 1, y.size))
    k[0] = f.reshape(-1)
    for s in range(1, _STAGES):
        increment = (h * (_A[s, :s] @ k[:s])).reshape(y.shape)
        k[s] = rhs(t + _C[s] * h, y + increment).reshape(-1)
    end = y + (h * (_B @ k[:_STAGES])).reshape(y.shape)
    k[_STAGES] = rhs(t + h, end).reshape(-1)
    return _Step(t, h, y, end, k)


def _scale(step: _Step, rtol: float, atol: float, on_sphere: bool) -> FloatArray | float:
    """Tolerance of a row: its length is 1 on the sphere."""
    if on_sphere:
        return atol + rtol
    lengths = np.maximum(
        np.sqrt(np.sum(step.start**2, axis=-1)), np.sqrt(np.sum(step.end**2, axis=-1))
    )
    return np.asarray(np.maximum(atol + rtol * lengths, np.finfo(float).tiny))


def _error(step: _Step, rtol: float, atol: float, on_sphere: bool) -> float:
    """Largest error of a row over its tolerance, in the tangent space on the sphere."""
    e5 = (_E5 @ step.stages).reshape(step.end.shape)
    e3 = (_E3 @ step.stages).reshape(step.end.shape)
    if on_sphere:
        x = _unit(step.end)
        e5 = e5 - np.sum(x * e5, axis=-1, keepdims=True) * x
        e3 = e3 - np.sum(x * e3, axis=-1, keepdims=True) * x
    n5 = abs(step.h) * np.sqrt(np.sum(e5 * e5, axis=-1))
    n3 = abs(step.h) * np.sqrt(np.sum(e3 * e3, axis=-1))
    denominator = np.hypot(n5, 0.1 * n3)
    ratio = n5 / np.where(denominator > 0, denominator, 1.0)
    return float(np.max(n5 * ratio / _scale(step, rtol, atol, on_sphere)))


def _dense(rhs: Rhs, step: _Step) -> FloatArray:
    """Coefficients (7, N) of the continuous extension of order 7 (3 evaluations)."""
    k = np.empty((_STAGES + 1 + len(_A_EXTRA), step.start.size))
    k[: _STAGES + 1] = step.stages
    for s, (a, c) in enumerate(zip(_A_EXTRA, _C_EXTRA, strict=True), start=_STAGES + 1):
        increment = (step.h * (a[:s] @ k[:s])).reshape(step.start.shape)
        k[s] = rhs(step.t + c * step.h, step.start + increment).reshape(-1)
    delta = (step.end - step.start).reshape(-1)
    out = np.empty((3 + len(_D), delta.size))
    out[0] = delta
    out[1] = step.h * k[0] - delta
    out[2] = 2 * delta - step.h * (k[_STAGES] + k[0])
    out[3:] = step.h * (_D @ k)
    return out


def _polynomial(dense: FloatArray, step: _Step, theta: FloatArray) -> tuple[FloatArray, FloatArray]:
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
    rhs: Rhs, step: _Step, rtol: float, atol: float, on_sphere: bool, depth: int = 6
) -> tuple[list[tuple[_Step, FloatArray]], int]:
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
    first = _step(rhs, step.t, step.start, f, step.h / 2)
    middle = _unit(first.end) if on_sphere else first.end
    t = step.t + step.h / 2
    second = _step(rhs, t, middle, first.stages[_STAGES].reshape(middle.shape), step.t + step.h - t)
    cost += 2 * _STAGES
    pieces = []
    for half in (first, second):
        below, more = _pieces(rhs, half, rtol, atol, on_sphere, depth - 1)
        pieces += below
        cost += more
    return pieces, cost


def _inside(
    rhs: Rhs, step: _Step, times: FloatArray, rtol: float, atol: float, on_sphere: bool
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
            out[mine] = _unit(points) if on_sphere else points
    return out, cost


def _first_step(rhs: Rhs, t: float, y: FloatArray, f: FloatArray, span: float, tol: float) -> float:
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


# ---------------------------------------------------------------------------------------------
# Clocks and checks
# ---------------------------------------------------------------------------------------------


def _log(value: float) -> float:
    return math.log(abs(value)) if value != 0 else -math.inf


def _exp(value: float) -> float:
    return math.exp(min(value, 709.0))


def _to_clock(t: FloatArray, log_rate: float) -> FloatArray:
    """Turn times into values of the scaled clock, capped at e^690."""
    with np.errstate(divide="ignore"):
        logs = np.log(np.abs(t)) + log_rate
    return np.asarray(np.sign(t) * np.exp(np.minimum(logs, _LOG_MAX)))


def _check_number(value: Any, name: str, remedy: str) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float | np.integer | np.floating):
        raise TypeError(f"Expected a number but got {name}={value!r}; {remedy}.")
    if not math.isfinite(value):
        raise ValueError(f"Expected a finite number but got {name}={value!r}; {remedy}.")
    return float(value)


def _check_t_eval(t_eval: ArrayLike, t_start: float, t_end: float) -> FloatArray:
    times = np.asarray(t_eval, dtype=np.float64)
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


def _as_event(event: Any, index: int) -> Event:
    if isinstance(event, Event):
        return event
    if not callable(event):
        raise TypeError(
            f"Expected a callable of (t, points) but got events[{index}]={event!r}; "
            "give a function or an `Event`."
        )
    return Event(
        event,
        terminal=bool(getattr(event, "terminal", False)),
        direction=float(getattr(event, "direction", 0.0)),
    )


def _crossed(event: Event, before: float, after: float) -> bool:
    rising = before < 0 <= after
    falling = before > 0 >= after
    if event.direction > 0:
        return rising
    if event.direction < 0:
        return falling
    return rising or falling


# ---------------------------------------------------------------------------------------------
# The integrator
# ---------------------------------------------------------------------------------------------


def integrate(
    field: Field,
    points: ArrayLike,
    t_end: float | None = None,
    t_eval: ArrayLike | None = None,
    rtol: float = 1e-8,
    atol: float | None = None,
    events: Event | _EventCallable | Sequence[Event | _EventCallable] | None = None,
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
    tolerance = _check_number(rtol, "rtol", "give a tolerance between 1e-13 and 1e-2")
    if not _RTOL_RANGE[0] <= tolerance <= _RTOL_RANGE[1]:
        raise ValueError(
            f"Expected a tolerance in [1e-13, 1e-2] but got rtol={rtol!r}; "
            "below, rounding decides; above, the error estimate means nothing."
        )
    field = fastsum.choose(field, x, tolerance, sums)
    absolute = (0.0 if on_sphere else tolerance) if atol is None else atol
    absolute = _check_number(absolute, "atol", "give a number >= 0 or leave it out")
    if absolute < 0:
        raise ValueError(
            f"Expected a tolerance >= 0 but got atol={atol!r}; leave it out for the default."
        )
    if isinstance(max_steps, bool) or not isinstance(max_steps, int | np.integer) or max_steps < 1:
        raise ValueError(
            f"Expected a positive integer but got max_steps={max_steps!r}; the default is 100000."
        )
    begin = _check_number(t_start, "t_start", "give the start time")
    if (t_end is None) == (log_t_end is None):
        raise ValueError(
            f"Expected one of t_end and log_t_end but got t_end={t_end!r} and "
            f"log_t_end={log_t_end!r}; give exactly one of them."
        )
    if t_end is not None:
        end = _check_number(t_end, "t_end", "give a finite end time")
        log_span = _log(end - begin)
    else:
        log_span = _check_number(log_t_end, "log_t_end", "give the log of the end time")
        end = begin + _exp(log_span)
    evaluate = None if t_eval is None else _check_t_eval(t_eval, begin, end)
    listed: list[Any]
    if events is None:
        listed = []
    elif isinstance(events, Event) or callable(events):
        listed = [events]
    elif isinstance(events, Sequence):
        listed = list(events)
    else:
        raise TypeError(
            f"Expected an event, a function or a sequence of them but got events={events!r}."
        )
    watch = tuple(_as_event(event, k) for k, event in enumerate(listed))
    if model.kind == "map":
        return _iterate(field, x, begin, end, evaluate, watch, int(max_steps))

    x, log_rate = _choose_clock(field, x, begin)
    with np.errstate(over="ignore", invalid="ignore", under="ignore"):
        if log_rate is None:
            return _run(
                field, x, begin, begin, end, evaluate, tolerance, absolute, watch, max_steps, None
            )
        sign = -1.0 if end < begin else 1.0
        tau_end = sign * math.exp(min(log_span + log_rate, _LOG_MAX))
        if math.isinf(log_span):
            tau_end = 0.0
        tau_eval = None if evaluate is None else _to_clock(evaluate - begin, log_rate)
        return _run(
            field, x, begin, 0.0, tau_end, tau_eval, tolerance, absolute, watch, max_steps, log_rate
        )


def _choose_clock(field: Field, x: FloatArray, t: float) -> tuple[FloatArray, float | None]:
    """Points with the batch of the parameters, and the rate of the scaled clock or None."""
    u, log_scale = field.scaled(x, t)
    rate = float(np.max(log_scale))
    batched = np.array(np.broadcast_to(x, u.shape))
    try:
        largest = float(np.max(np.abs(field(x, t))))
    except OverflowError:
        return batched, rate
    if _log(largest) <= _LOG_PLAIN and rate <= _LOG_PLAIN:
        return batched, None
    return batched, rate


def _run(
    field: Field,
    x: FloatArray,
    begin: float,
    t: float,
    t_end: float,
    t_eval: FloatArray | None,
    rtol: float,
    atol: float,
    events: tuple[Event, ...],
    max_steps: int,
    log_rate: float | None,
) -> Trajectory:
    """Step from t to t_end in the clock of `log_rate` and gather the trajectory."""
    space = field.model.space
    on_sphere = space == "sphere"
    rhs = _make_rhs(field, log_rate, begin)
    sign = -1.0 if t_end < t else 1.0

    def real(clock_time: float) -> float:
        if log_rate is None:
            return clock_time
        return begin + math.copysign(_exp(_log(clock_time) - log_rate), clock_time)

    nodes: list[tuple[float, FloatArray]] = [(t, x)]
    outputs: list[tuple[float, FloatArray]] = []
    pending = 0  # position in t_eval
    if t_eval is not None:
        pending = int(np.count_nonzero(sign * t_eval <= sign * t))
        outputs += [(t, x)] * pending
    status = IntegrationStatus.FINISHED
    f = rhs(t, x)
    evaluations, attempts, grow = 1, 0, _MAX_FACTOR
    values = [event(real(t), x) for event in events]
    records = [
        EventRecord(index, real(t), x)
        for index, event in enumerate(events)
        if event.at_start and values[index] <= 0
    ]
    stop = next((events[r.index] for r in records if events[r.index].terminal), None)
    h = 0.0
    if t != t_end and stop is None:
        h = _first_step(rhs, t, x, f, t_end - t, rtol + atol)
        evaluations += 1
    while t != t_end and stop is None:
        if attempts >= max_steps:
            status = IntegrationStatus.MAX_STEPS
            break
        attempts += 1
        last = h >= abs(t_end - t) * (1 - 1e-12)
        h = abs(t_end - t) if last else h
        step = _step(rhs, t, x, f, (t_end - t) if last else sign * h)
        evaluations += _STAGES
        error = _error(step, rtol, atol, on_sphere)
        if not error <= 1.0:
            usable = math.isfinite(error)
            h *= max(_MIN_FACTOR, _SAFETY * error**_EXPONENT) if usable else _MIN_FACTOR
            grow = 1.0
            if h < 10 * abs(float(np.nextafter(t, sign * math.inf)) - t):
                status = IntegrationStatus.STEP_UNDERFLOW if usable else IntegrationStatus.OVERFLOW
                break
            continue
        t_new = t_end if last else t + sign * h
        x_new = _unit(step.end) if on_sphere else step.end
        after = [event(real(t_new), x_new) for event in events]
        zeros: list[tuple[float, int, FloatArray]] = []
        for index, event in enumerate(events):
            if _crossed(event, values[index], after[index]):
                zero, state, cost = _locate(event, rhs, step, (t_new, x_new), real, space)
                zeros.append((zero, index, state))
                evaluations += cost
        for zero, index, state in sorted(zeros, key=lambda item: (sign * item[0], item[1])):
            records.append(EventRecord(index, real(zero), state))
            if events[index].terminal:
                stop, t_new, x_new = events[index], zero, state
                break
        if t_eval is not None:
            reached = int(np.count_nonzero(sign * t_eval <= sign * t_new))
            if reached > pending:
                if t_new != step.t + step.h and stop is not None:
                    step = _step(rhs, t, x, f, t_new - t)
                    evaluations += _STAGES
                wanted = t_eval[pending:reached]
                values_there, cost = _inside(rhs, step, wanted, rtol, atol, on_sphere)
                evaluations += cost
                values_there[wanted == t_new] = x_new
                outputs += list(zip(wanted.tolist(), values_there, strict=True))
                pending = reached
        f = step.stages[_STAGES].reshape(x.shape)
        if t_new != t:
            nodes.append((t_new, x_new))
        t, x, values = t_new, x_new, after
        h *= min(grow, _SAFETY * max(error, 1e-12) ** _EXPONENT)
        grow = _MAX_FACTOR
    if stop is not None:
        status = stop.status
    if t_eval is None:
        outputs = nodes
    elif status is not IntegrationStatus.FINISHED and (not outputs or outputs[-1][0] != t):
        outputs.append((t, x))
    node_times = np.array([time for time, _ in nodes])
    clock_times = np.array([time for time, _ in outputs])
    origin = begin if log_rate is None else 0.0
    with np.errstate(divide="ignore"):
        log_times = np.log(np.abs(clock_times - origin)) - (log_rate or 0.0)
    return Trajectory(
        times=np.array([real(time) for time in clock_times]),
        points=np.array([state for _, state in outputs]),
        status=status,
        n_steps=len(nodes) - 1,
        n_evaluations=evaluations,
        field=field,
        log_times=log_times,
        clock="plain" if log_rate is None else "scaled",
        log_rate=log_rate or 0.0,
        events=tuple(records),
        _nodes=(node_times, np.array([state for _, state in nodes])),
        _start=begin,
        _tolerances=(rtol, atol),
    )


def _locate(
    event: Event,
    rhs: Rhs,
    step: _Step,
    end: tuple[float, FloatArray],
    real: Callable[[float], float],
    space: str,
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
        cost += _STAGES
        reached = _step(rhs, step.t, step.start, f, t - step.t).end
        return _unit(reached) if space == "sphere" else reached

    def value(t: float) -> float:
        return event(real(t), state(t))

    eps = float(np.finfo(float).eps)
    width = abs(end[0] - step.t)
    root = brentq(value, step.t, end[0], xtol=max(4 * eps * width, 1e-300), rtol=4 * eps)
    return float(root), state(float(root)), cost


def _iterate(
    field: Field,
    x: FloatArray,
    begin: float,
    t_end: float,
    t_eval: FloatArray | None,
    events: tuple[Event, ...],
    max_steps: int,
) -> Trajectory:
    """Apply a map layer by layer; times count the layers."""
    for name, value in (("t_start", begin), ("t_end", t_end)):
        if value != math.floor(value):
            raise ValueError(
                f"Expected a whole number of layers but got {name}={value!r}; "
                f"the model {field.model.name!r} is a map."
            )
    if t_end < begin:
        raise ValueError(
            f"Expected t_end >= t_start for a map but got t_end={t_end!r}; "
            "layers are not run backward."
        )
    if t_eval is not None and np.any(t_eval != np.floor(t_eval)):
        bad = float(t_eval[t_eval != np.floor(t_eval)][0])
        raise ValueError(
            f"Expected whole numbers of layers but got t_eval value={bad!r}; "
            f"the model {field.model.name!r} is a map."
        )
    on_sphere = field.model.space == "sphere"
    layers: list[tuple[float, FloatArray]] = [(begin, x)]
    status, layer = IntegrationStatus.FINISHED, begin
    values = [event(layer, x) for event in events]
    records = [
        EventRecord(index, layer, x)
        for index, event in enumerate(events)
        if event.at_start and values[index] <= 0
    ]
    stop = next((events[r.index] for r in records if events[r.index].terminal), None)
    evaluations = 0
    while layer < t_end and stop is None:
        if evaluations >= max_steps:
            status = IntegrationStatus.MAX_STEPS
            break
        with np.errstate(over="ignore", invalid="ignore", under="ignore"):
            y = np.asarray(field(x, layer) if evaluations == 0 else field.unchecked(x, layer))
            y = _unit(y) if on_sphere else y
        evaluations += 1
        if not np.all(np.isfinite(y)):
            status = IntegrationStatus.OVERFLOW
            break
        layer, x = layer + 1.0, y
        layers.append((layer, x))
        after = [event(layer, x) for event in events]
        for index, event in enumerate(events):
            if _crossed(event, values[index], after[index]):
                records.append(EventRecord(index, layer, x))
                if event.terminal and stop is None:
                    stop = event
        values = after
    if stop is not None:
        status = stop.status
    node_times = np.array([time for time, _ in layers])
    node_points = np.array([state for _, state in layers])
    if t_eval is None:
        times, out = node_times, node_points
    else:
        times = t_eval[t_eval <= layer]
        if status is not IntegrationStatus.FINISHED and (not times.size or times[-1] != layer):
            times = np.append(times, layer)
        out = _stored_layers(times, node_times, node_points)
    with np.errstate(divide="ignore"):
        log_times = np.log(times - begin)
    return Trajectory(
        times=times,
        points=out,
        status=status,
        n_steps=len(layers) - 1,
        n_evaluations=evaluations,
        field=field,
        log_times=log_times,
        clock="layers",
        events=tuple(records),
        _nodes=(node_times, node_points),
        _start=begin,
    )
