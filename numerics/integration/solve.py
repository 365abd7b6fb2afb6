"""Adaptive integration x' = F(t, x) on the sphere (and on R^d, and of layers x <- F(x)).

Dormand–Prince 8(5,3) with SciPy's tables: each accepted step is projected, so that the points stay
on the sphere to a few ulp, and errors are measured in the tangent spaces.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any, Concatenate, ParamSpec, Protocol, cast, overload

import numpy as np
from numpy.typing import ArrayLike

from numerics import sphere
from numerics.arguments import (
    FloatArray,
    as_float,
    as_model,
    check_choice,
    check_number,
    check_order,
    refuse_gradients,
    refuse_option_names,
    shown,
)
from numerics.compile import SystemField, compile_model, is_foreign
from numerics.fastsum import choose
from numerics.functions import FunctionField
from numerics.integration.course import follow
from numerics.integration.events import Event, EventCallable, all_events
from numerics.integration.layers import iterate_layers
from numerics.integration.systems import FlatField, StateTrajectory
from numerics.integration.trajectory import Trajectory
from numerics.stepping import EIGHT, Clock, Field, choose_clock, exp, log_size
from numerics.stops import between, check_steps, kinks, warn_of_pulses
from theory.models import Model

_RTOL_RANGE = (1e-13, 1e-2)

_LAST = float(np.finfo(np.float64).max)

_ASIDE = 1e-12
"""A time goes to the scaled clock and back by its logarithm, of at most some 1000: 1000 eps."""


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


_P = ParamSpec("_P")


class _Integrate(Protocol[_P]):
    """A function of a field and where it starts: arrays give arrays, states give states."""

    @overload
    def __call__(
        self,
        field: SystemField | Model,
        points: Mapping[str, ArrayLike],
        *args: _P.args,
        **kwargs: _P.kwargs,
    ) -> StateTrajectory: ...

    @overload
    def __call__(
        self,
        field: Field | Model | str | FunctionField | Callable[[Any, Any], Any],
        points: ArrayLike,
        *args: _P.args,
        **kwargs: _P.kwargs,
    ) -> Trajectory: ...


def _of_two_kinds(function: Callable[Concatenate[Any, Any, _P], Any]) -> _Integrate[_P]:
    """Say that the kind of the trajectory is that of the start."""
    return cast(Any, function)


@_of_two_kinds  # type: ignore[arg-type]  # field and points may go by name too
def integrate(
    field: Any,
    points: Any,
    t_end: float | None = None,
    t_eval: ArrayLike | None = None,
    rtol: float = 1e-8,
    atol: float | None = None,
    events: Event | EventCallable | Sequence[Event | EventCallable] | None = None,
    max_steps: int = 100_000,
    *,
    t_start: float = 0.0,
    log_t_end: float | None = None,
    max_step: float | None = None,
    t_stops: ArrayLike = (),
    sums: str = "auto",
    **parameters: Any,
) -> Trajectory | StateTrajectory:
    """Integrate a model, or any function of points and time, from given points.

    Dormand–Prince 8(5,3) with an error per step, measured in the tangent space and in the largest
    row of the largest system, below `rtol`. Each accepted step is projected to the sphere. Systems
    of a batch share the steps. Models on R^d are not projected; a model of kind "map" is iterated,
    x <- F(x), t counting the layers (projected on the sphere). Fused forms run in a compiled loop
    where numba is installed (unless the field's backend is "plain"), other scalar kernels where
    its backend is "numba", after a second of compiling: the same steps, sooner.

    *The scaled clock.* Where the velocity may exceed e^230 (USA at large |β|) or the end e^650, the
    steps are taken in the time τ = e^{log_rate} (t − t_start) of `field.scaled`, and `log_times`
    carries log |t − t_start|, as t itself may underflow or be infinite. log_rate is the log scale
    at the start, or less, so that the end is a number; where speed and end are more than e^950
    apart the run ends at the horizon of its clock, with the status CLOCK, unless all tokens are one
    by then.

    *Rounding.* `Trajectory.rounding` adds up what the rounding of the velocity may have done. Where
    sums of products would take a hundredth of the tolerance of a step, or half of it in all, the
    velocity is summed by differences from then on (`VelocityField.differences`). No step is held to
    less than its rounding, and `Trajectory.reached` says what was. A run whose rounding may have
    done more than four tolerances, and more than 64 (1 + |β|) eps, which no tolerance is below,
    goes to its end as ROUNDING.

    *Merging and the tail* (SA and USA forward in time). Tokens of a single system of NumPy that are
    within rtol/10 of each other become one, as what is left of a cluster would limit the steps; at
    a β of time too, whose steps may be below the spacing of times. Tokens that are all gathered
    follow the linear flow to the end time where β is constant.

    Parameters
    ----------
    field : Model, str, callable, VelocityField, SystemField or FastField
        A model, with its parameters by keyword: short for ``compile_model(model, **parameters)``.
        Text is a kernel h(t), as for `coarsen`. A function ``f(points, t)`` is a `FunctionField`:
        on the sphere, its values are projected to the tangent spaces
        (``FunctionField(f, "euclidean")`` is for R^d); how its rounding adds up isn't known, so
        that `Trajectory.rounding` is nan and no run is ROUNDING. What is compiled already,
        by `compile_model` or `fast_field`, is taken as it is.
    points : array_like, or mapping from name to array_like
        Shape (..., n, d), unit rows for a model on the sphere (checked to 1e-6, then projected).
        An array of PyTorch or JAX stays where it is and keeps its precision (extra ``array``).
        For a model with several blocks a value for each of them, by the names of their symbols.
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
        Logarithm of (t_end − t_start) in place of t_end, for end times that are no numbers.
    max_step : float, optional
        Length of the longest step: below the width of a pulse of a schedule, which a longer step
        may pass over. The steps are taken in NumPy then.
    t_stops : array_like, optional
        Times that steps must meet exactly, where a function of yours jumps or bends; on the scaled
        clock to 1e-12 of the time since the start. Those of Piecewise, Heaviside, Abs, Max, … in a
        model or a symbolic schedule are found by themselves, so are its narrow pulses and rises,
        and those of a callable that answers to the symbol t. A function of numbers is looked at
        after the run, at 65 537 moments where it takes them as an array and says the same as of
        numbers, else at 4 097: where a step has passed over what it does, you are warned. What it
        does between these moments, in a time below 1/65536 or 1/4096 of the run, nobody sees, nor
        what depends on t inside a velocity that is a function of yours.
    sums : {"auto", "direct", "fast"}
        Who sums over the pairs. "auto": on the circle and on S² the fast sums of
        `numerics.fastsum` where n is past their break-even and rtol is at least 100 times their
        stated error of 1e-10; "fast": those sums at any n, as accurate as rtol needs.
        `Trajectory.sums` says who did.
    **parameters
        For a model: what `compile_model` takes, values of its parameters, masses, a backend. For
        the text of a kernel also ``flow``, "wasserstein" or "softmax".

    Returns
    -------
    Trajectory or StateTrajectory
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

    The same by name, and a drift of your own:

    >>> short = integrate(SA, [[1, 0], [0, 1]], 2.0, beta=0.0)
    >>> bool((short.points == trajectory.points).all())
    True
    >>> north = integrate(lambda x, t: np.array([0.0, 1.0]), [[1.0, 0.0]], 3.0)
    >>> abs(north.points[-1, 0, 1] - np.tanh(3.0)) < 1e-7, north.rounding
    (np.True_, nan)
    """
    check_order("integrate(model, points, t_end)", points, field)
    field = compiled = _as_field(field, parameters)
    for value in points.values() if isinstance(points, Mapping) else (points,):
        refuse_gradients(value, "points")
    state = field.checked(points) if isinstance(field, SystemField) else None
    flat = None if state is None else FlatField(field, state)
    own = isinstance(field, FunctionField)
    model = field.model
    on_sphere = model.space == "sphere" and flat is None
    x: Any = points
    if flat is not None and state is not None:
        x = flat.row(state)
    elif is_foreign(points):
        field(points)  # is what refuses them
    else:
        x = np.array(sphere.check_points(points, space=model.space), dtype=np.float64)
        x = sphere.project(x) if on_sphere else x
    tolerance = _check_rtol(rtol)
    if own:
        check_choice(sums, "sums", ("auto", "direct"), "a function sums by itself")
    else:
        field = choose(field, x, tolerance, sums) if flat is None else flat
    free = not on_sphere if flat is None else flat.free
    absolute = _check_atol(atol, tolerance if free else 0.0)
    _check_max_steps(max_steps)
    begin = check_number(t_start, "t_start", "give the start time")
    end, log_span = _end(begin, t_end, log_t_end)
    if own:
        refuse_gradients(field(x, begin), "velocities")  # and one that fails
    evaluate = None if t_eval is None else _check_t_eval(t_eval, begin, end)
    watch = all_events(events)
    if flat is not None:
        watch = flat.events(watch)
    longest, stops = check_steps(max_step, t_stops, begin, end)
    if model.kind == "map":
        _refuse_steps(max_step, stops)
        layers = iterate_layers(field, x, begin, end, evaluate, watch, int(max_steps))
        return layers if flat is None else flat.trajectory(layers)

    x, clock = choose_clock(field, x, begin, end, log_span)
    inside = None if evaluate is None else clock.of(evaluate)
    with np.errstate(over="ignore", invalid="ignore", under="ignore", divide="ignore"):
        stops = between([*stops, *kinks(compiled, begin, max(-_LAST, min(end, _LAST)))], begin, end)
        marks = tuple(np.unique(clock.of(_sides(stops, clock))).tolist())
        if clock.log_rate is not None and longest < np.inf:
            longest = float(clock.of_log(np.log(longest), 1.0))
        limits = (tolerance, absolute)
        run = follow(field, x, clock, inside, limits, watch, int(max_steps), longest, marks)
        nodes = run._nodes[0]
        if clock.log_rate is not None:
            nodes = np.array([clock.real(node) for node in nodes.tolist()])
        warn_of_pulses(compiled, nodes, EIGHT.c[: EIGHT.stages + 1])
        if flat is not None:
            return flat.trajectory(run)
        run = replace(run, rounding=math.nan) if own else run
        if evaluate is None or clock.log_rate is None or not run.status.whole:
            return run
        # as they were asked for: some may be beyond the numbers of the clock
        return replace(run, times=evaluate, log_times=np.log(np.abs(evaluate - begin)))


def _sides(stops: FloatArray, clock: Clock) -> FloatArray:
    """Put times at both sides of the stops of a scaled clock, which are right to rounding."""
    if clock.log_rate is None:
        return stops
    aside = _ASIDE * np.abs(stops - clock.begin) + 4 * np.spacing(np.abs(stops))
    return np.concatenate([stops - aside, stops, stops + aside])


def _check_rtol(rtol: float) -> float:
    """Read the relative tolerance."""
    tolerance = check_number(rtol, "rtol", "give a tolerance between 1e-13 and 1e-2")
    if not _RTOL_RANGE[0] <= tolerance <= _RTOL_RANGE[1]:
        raise ValueError(
            f"Expected a tolerance in [1e-13, 1e-2] but got rtol={rtol!r}; "
            "below, rounding decides; above, the error estimate means nothing."
        )
    return tolerance


def _check_atol(atol: float | None, default: float) -> float:
    """Read the absolute tolerance."""
    absolute = default if atol is None else atol
    absolute = check_number(absolute, "atol", "give a number >= 0 or leave it out")
    if absolute < 0:
        raise ValueError(
            f"Expected a tolerance >= 0 but got atol={atol!r}; leave it out for the default."
        )
    return absolute


def _check_max_steps(max_steps: int) -> None:
    """Refuse what isn't a number of steps."""
    if isinstance(max_steps, bool) or not isinstance(max_steps, int | np.integer) or max_steps < 1:
        raise ValueError(
            f"Expected a positive integer but got max_steps={max_steps!r}; the default is 100000."
        )


def _refuse_steps(max_step: float | None, stops: FloatArray) -> None:
    """Refuse lengths of steps for layers."""
    if max_step is not None or stops.size:
        what = f"max_step={max_step!r}" if max_step is not None else f"t_stops={stops.tolist()}"
        raise ValueError(f"Expected no steps for a map but got {what}; leave it out.")


def _as_field(field: Any, parameters: dict[str, Any]) -> Any:
    """Compile a model, wrap a function, and take a field as it is."""
    if isinstance(field, str):
        options = ("masses", "backend", "threads", "precise", "flow")
        names = tuple(name for name in parameters if name not in options)
        field = as_model(field, parameters.pop("flow", None), names)
    if isinstance(field, Model):
        refuse_option_names(integrate, field)
        return compile_model(field, **parameters)
    compiled = callable(getattr(field, "unchecked", None))
    if not compiled and not callable(field):
        raise TypeError(
            f"Expected a model, a compiled field or a function f(points, t) but got "
            f"field={shown(field)}; write for instance integrate(SA, points, 10.0, beta=4.0)."
        )
    if parameters:
        what = "a compiled field" if compiled else "a function"
        raise TypeError(
            f"Expected no parameters beside {what} but got {', '.join(parameters)}; "
            + ("give them to compile_model." if compiled else "bind them inside the function.")
        )
    return field if compiled else FunctionField(field)


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
    return begin + exp(log_span), log_span
