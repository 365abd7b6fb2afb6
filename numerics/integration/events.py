"""Events of an integration, and how one can end: statuses whose message names the remedy."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Any, Protocol

import numpy as np
from numpy.typing import ArrayLike

from numerics import sphere
from numerics.arguments import FloatArray, as_number, shown
from numerics.records import Result


class IntegrationStatus(Enum):
    """How an integration ended; `.message` says it in words and names the remedy."""

    FINISHED = "finished"
    EVENT = "event"
    CONSENSUS = "consensus"
    MAX_STEPS = "max_steps"
    STEP_UNDERFLOW = "step_underflow"
    OVERFLOW = "overflow"
    CLOCK = "clock"
    ROUNDING = "rounding"

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

    @property
    def whole(self) -> bool:
        """Whether the end time was reached, be it less accurately than asked."""
        return self in (IntegrationStatus.FINISHED, IntegrationStatus.ROUNDING)


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
    IntegrationStatus.CLOCK: (
        "The clock ended before the end time: speeds and end time are more than e^950 apart; "
        "use `coarsen`, whose time is a logarithm, or a smaller end time."
    ),
    IntegrationStatus.ROUNDING: (
        "The end time was reached, but rounding of the velocity may have moved the points by more "
        "than rtol, see `reached`; use `coarsen`, which keeps relative accuracy, for SA and USA "
        "with positive beta, or a smaller t_end, or loosen rtol."
    ),
}


class EventCallable(Protocol):
    """A function of time and points whose zeros are looked for."""

    def __call__(self, t: float, points: FloatArray, /) -> Any:
        """Give the value at a time and points."""


@dataclass(frozen=True)
class Event:
    """A function of (t, points) whose zeros are wanted.

    A plain callable is taken too, with the attributes `terminal` (default False) and `direction`
    (default 0) that `scipy.integrate.solve_ivp` uses.

    Parameters
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

    function: EventCallable
    terminal: bool = True
    direction: float = 0.0
    at_start: bool = False
    status: IntegrationStatus = IntegrationStatus.EVENT

    def __call__(self, t: float, points: FloatArray) -> float:
        """Evaluate the function."""
        try:
            value = np.asarray(self.function(t, points), dtype=np.float64)
        except (TypeError, ValueError, IndexError) as error:
            raise ValueError(
                f"Expected a function of (t, points) but got event={shown(self.function)}, which "
                f"fails at t={t!r} ({error}); an event is a number, such as points.min() - 0.1."
            ) from error
        if value.size != 1 or np.isnan(value).any():
            raise ValueError(
                f"Expected a number from an event but got event(t={t!r}, points)={value!r}; "
                "reduce over the points and the batch, for instance with max."
            )
        return float(value.reshape(()))


@dataclass(frozen=True, eq=False)
class EventRecord(Result):
    """A zero that was found.

    Attributes
    ----------
    index : int
        Position of the event in the `events` given.
    time : float
        The time of the zero.
    points : ndarray, or mapping from name to ndarray
        Shape (..., n, d), the points then, by a full step of the method up to that time; of a model
        with several blocks the state.
    """

    index: int
    time: float
    points: Any


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

    Returns
    -------
    Event
        The event, for `integrate`.

    Raises
    ------
    TypeError, ValueError
        If delta is no number, or outside (0, π/2).

    Examples
    --------
    >>> consensus_event(1e-3).terminal
    True
    """
    radius = as_number(delta, "delta", "give a radius in (0, pi/2)")
    if not 0 < radius < math.pi / 2:
        raise ValueError(
            f"Expected a cap radius in (0, pi/2) but got delta={shown(delta)}; "
            "the hemisphere is the largest cap from which consensus follows."
        )

    def distance(t: float, points: FloatArray) -> float:
        return math.log(max(float(np.max(cap_radius(points))), 1e-300) / radius)

    return Event(distance, direction=-1.0, at_start=True, status=IntegrationStatus.CONSENSUS)


def as_event(event: Any, index: int) -> Event:
    """Make an event of a function; an event stays what it is."""
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


def watch_start(
    events: tuple[Event, ...], t: float, points: FloatArray
) -> tuple[list[float], list[EventRecord], Event | None]:
    """Give the values of the events at the start, those that happen there, and one that ends."""
    values = [event(t, points) for event in events]
    records = [
        EventRecord(index, t, points)
        for index, event in enumerate(events)
        if event.at_start and values[index] <= 0
    ]
    stop = next((events[r.index] for r in records if events[r.index].terminal), None)
    return values, records, stop


def all_events(
    events: Event | EventCallable | Sequence[Event | EventCallable] | None,
) -> tuple[Event, ...]:
    """Make events of what was given: none, one or several."""
    listed: list[Any]
    if events is None:
        listed = []
    elif isinstance(events, Event) or callable(events):
        listed = [events]
    elif isinstance(events, Sequence):
        listed = list(events)
    else:
        raise TypeError(
            f"Expected an event, a function or several of them but got events={shown(events)}."
        )
    return tuple(as_event(event, k) for k, event in enumerate(listed))
