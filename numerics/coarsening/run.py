"""Coarsening at any β: n weighted points on the sphere down to one cluster, on a clock of log t.

`coarsen` integrates SA, USA, or attention with any increasing kernel through every metastable phase
and returns the whole merge tree, the energy staircase and a dense trajectory in log t; the cost
doesn't depend on how long phases last.

With e_ij = |x_i − x_j|²/2 = 1 − <x_i, x_j>, P_x the projection to the tangent space at x and sums
over all j,

    SA:   x_i' = P_{x_i} Σ_j m_j e^{−β e_ij} x_j / Z_i,    Z_i = Σ_j m_j e^{−β e_ij}
    USA:  x_i' = P_{x_i} Σ_j m_j e^{β (1 − e_ij)} x_j

or any h'(<x_i,x_j>) > 0 in place of the exponentials (`numerics.coarsening.kernels`), the velocity
is written e^M U with U of order one, and the position is advanced in the variable s of
ds = e^L dt, L = M + log R, where R is a smooth maximum of all relative rates of change. In s
nothing is exponentially large or small; log t is recovered by quadrature of e^{−L} along the same
steps (`numerics.coarsening.step`; the pair sums are in `numerics.coarsening.pairs`).
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import replace
from typing import TypeAlias

import numpy as np
from numpy.typing import ArrayLike

from numerics import sphere
from numerics.arguments import (
    FloatArray,
    as_model,
    as_number,
    check_log_time,
    check_masses,
    check_number,
    check_order,
    check_watcher,
    check_whole,
    old_order,
    shown,
)
from numerics.coarsening.backends import choose_backend
from numerics.coarsening.course import Course
from numerics.coarsening.flows import Clock, Flow, read_flow
from numerics.coarsening.pairs import LARGEST_MASS_RATIO, Backend
from numerics.coarsening.result import (
    Coarsening,
    CoarsenStatus,
    History,
    Joining,
    Merge,
    assembled_merges,
)
from numerics.coarsening.step import LARGEST_RTOL, SMALLEST_RTOL, Options
from numerics.coarsening.twin import TWIN_RTOL, marked_by_repeat, with_error_bars
from theory import SA
from theory.models import Model

Watch: TypeAlias = Callable[[float, tuple[tuple[float, int, int], ...]], None]


def _names(given: object) -> bool:
    """Whether an argument is a model, or a kernel as text."""
    return isinstance(given, Model | str)


_OLD = (
    *("points", "beta", "model", "masses", "rtol", "log_t_end", "max_steps", "check"),
    *("backend", "flow"),
)


@old_order(_OLD, 1, lambda args: len(args) > 1 and np.ndim(args[1]) == 0 and not _names(args[1]))
def coarsen(
    points: ArrayLike,
    model: Model | str = SA,
    *,
    beta: float | None = None,
    masses: ArrayLike | None = None,
    rtol: float = 1e-8,
    log_t_end: float | None = None,
    max_steps: int = 100_000,
    check: bool = False,
    error_bars: bool = True,
    backend: Backend | None = None,
    flow: str | None = None,
    watch: Watch | None = None,
    **parameters: float,
) -> Coarsening:
    """Follow attention particles through all their merges, up to times like e^{1000}.

    Parameters
    ----------
    points : (n, d) array
        Initial unit vectors, d ≥ 1.
    model : Model or str
        `theory.SA`, `theory.USA`, or any model with the velocity P_i Σ_j m_j h'(<x_i,x_j>) x_j,
        over its row sums or not, whose kernel increases: h' > 0 on [−1, 1]. A factor s(t) > 0 is
        allowed. Text is a kernel h(t), such as ``"t + t**3/3"``.
    beta : float, optional
        Inverse temperature, from 0 to 1e4 and beyond; for a model that has it.
    masses : (n,) array, optional
        Positive masses, used as given; 1/n each by default.
    rtol : float
        Tolerance, from 1e-12 to 1e-4: about the error of log t at each merge, and the relative
        error of every separation between points. No step is held to less than its rounding, which
        is 4 (1 + β) eps where exponents are large; `Coarsening.reached` says what was.
    log_t_end : float, optional
        Stop exactly at this log t; by default the run goes on to one cluster or an equilibrium.
    max_steps : int
        Stop after that many steps, accepted and rejected.
    check : bool
        Repeat as well with the data rotated and a hundredfold finer tolerance, mark every merge
        that moved by more than a hundred times what was reached or changed partner, and say in
        `confirmed` whether the repeat ended in the same way. Error bars and marks don't need it: a
        run has a twin.
    error_bars : bool
        Run the twin. Without it a run takes half the time, as in a sweep over many; its merges have
        a `log_time_error` of nan, and marks only from the run itself and from `check`.
    backend : {"numpy", "numba"}, optional
        The pair loops; numba when it can be imported.
    flow : {"wasserstein", "softmax"}, optional
        For the text of a kernel: whether row i is divided by Σ_k m_k h'(<x_i,x_k>).
    watch : callable, optional
        Gets, as the run goes on, log t and the joins so far: a tuple of (log t, i, j), two clusters
        named by their smallest particles. What it holds when a run is interrupted is true.
    **parameters : float
        Values of the model's other parameters.

    Returns
    -------
    Coarsening
        Status, merges, energies, dense output and final clusters.

    Raises
    ------
    TypeError, ValueError
        If the points are not unit rows, a mass is not positive and finite, masses are more than a
        ratio of 1e300 apart, beta is negative or not finite, rtol or max_steps is no number or out
        of range, log_t_end is NaN, the model is no such attention or its kernel doesn't increase,
        a parameter has no value or no place, or the energy of such masses is no double.
    ModuleNotFoundError
        If ``backend="numba"`` and numba cannot be imported.

    Notes
    -----
    A merge is the first time at which points of two clusters come within `MERGE_DISTANCE`. Merges
    that share a cluster and follow each other within `rtol` of the clock s, in which distances
    change at rates of order one, are reported as a single one of more than two clusters: their
    order is below the accuracy. Merges one after the other may have equal log times all the same:
    after e^{200} a merge that takes e^{100} is instantaneous to double precision.

    Beside a run goes its twin: the same clusters displaced along the sphere by rtol, or the
    rounding above it, in the norm of the error control (rtol/√(1 + β²)), at the start and again at
    each collapse, with steps of its own at a tolerance four times as coarse. The distance of the
    two log times of a merge, plus rounding, is its `Merge.log_time_error`. A merge is marked
    ``ill_conditioned`` where the twin merges other clusters (`Merge.alternative`), or at a time or
    place that is far away: then the symmetry or the saddle behind it turns the last digits of the
    data into its outcome. The twin is not put back on the run after a merge, so that what an early
    doubtful merge does to later ones shows in their bars and marks.

    The pair loops read log h' off panels of polynomials that are right to rounding, so that any
    kernel is followed as far as an exponential, which is one of its own: L2 attention is SA at 2β,
    long context SA at γ log n. The energy of an exponential is that of `Coarsening`; any other's is
    Σ_ij m_i m_j (h(<x_i,x_j>) − h(−1))/(h(1) − h(−1)).

    Merging is never undone: two points that start within `MERGE_DISTANCE` of each other on opposite
    sides of a saddle count as merged from the start.

    Examples
    --------
    Two points one radian apart: at β = 81 they take e^{32.5} units of time to meet.

    >>> import numpy as np
    >>> result = coarsen([[1, 0], [np.cos(1), np.sin(1)]], beta=81)
    >>> result.status.name
    'CONSENSUS'
    >>> round(result.merges[0].log_time, 6)
    32.513007

    Attraction that hardly falls with the distance:

    >>> result = coarsen([[1, 0], [np.cos(1), np.sin(1)]], model="t + t**3/3")
    >>> round(result.merges[0].log_time, 6)
    1.292856
    """
    check_order("coarsen(points, model, beta=...)", points, model)
    start = sphere.check_points(points)
    if start.ndim != 2:
        raise ValueError(
            f"Expected one system of points (n, d) but got points.shape={start.shape}. "
            "Call coarsen once for each system of a batch."
        )
    start = sphere.project(start)
    n = len(start)
    weights = np.full(n, 1.0 / n) if masses is None else check_masses(masses, n)
    if weights.ndim != 1:
        raise ValueError(
            f"Expected one mass for each point but got masses.shape={weights.shape}. "
            "Pass a vector of n masses."
        )
    _check_total(weights)
    if float(weights.max()) > LARGEST_MASS_RATIO * float(weights.min()):
        raise ValueError(
            f"Expected masses within a ratio of {LARGEST_MASS_RATIO:g} but got "
            f"masses.min()={weights.min():g}, masses.max()={weights.max():g}. "
            "Leave the lightest points out: they pull on nothing."
        )
    taken = as_model(model, flow, tuple(parameters))
    for name, value in (("check", check), ("error_bars", error_bars)):
        if not isinstance(value, bool | np.bool_):
            raise TypeError(f"Expected True or False but got {name}={shown(value)}; leave it out.")
    check_watcher(watch, "watch")
    temperature = None if beta is None else _temperature(beta)
    values = _values(taken, temperature, parameters)
    read = read_flow(taken, temperature, n, start.shape[1], values)
    options = _options(read, rtol, log_t_end, max_steps, choose_backend(backend))
    if log_t_end is None and not math.isfinite(read.clock.outer(_LATE)):
        raise ValueError(
            "Expected log_t_end where the integral of s(t) stays below e^1000 up to log t = 1e4 "
            f"but got log_t_end=None and model={taken.name}; give the log t to stop at."
        )
    hot = math.nan if temperature is None else temperature
    result = _coarsen(start, weights, taken, hot, read.clock, options, error_bars, watch)
    if not check:
        return result
    finer = replace(
        options, rtol=max(options.rtol / 100, SMALLEST_RTOL), max_steps=_repeat_limit(options)
    )
    turned = start @ _rotation(start.shape[1])
    repeat = _coarsen(turned, weights, taken, hot, read.clock, finer, False)
    return marked_by_repeat(result, repeat)


__test__ = {"coarsen": coarsen}  # doctest takes a wrapped function for that of another module


_LATE = 1000.0  # log τ that any clock reaches whose integral is infinite


STEEPEST = 2.0**50  # from here on 4β·eps, the rounding of exponents, is no less than 1


_PATIENCE = 1.0  # how much later, in log t, the twin may come to the last merge


def _values(
    model: Model, beta: float | None, parameters: dict[str, float]
) -> tuple[tuple[str, float], ...]:
    """Check the parameters given by keyword."""
    names = sorted(str(parameter) for parameter in model.parameters)
    given = [*parameters, *([] if beta is None else ["beta"])]
    for name in given:
        if name not in names:
            value = beta if name == "beta" else parameters[name]
            raise ValueError(
                f"Expected a parameter of model={model.name} among {names} but got "
                f"{name}={shown(value)}; leave it out."
            )
    return tuple(
        (name, check_number(parameters[name], name, "give a number")) for name in sorted(parameters)
    )


def _check_total(masses: FloatArray) -> None:
    """Refuse masses whose energy, of the order of (Σm)², is no double."""
    with np.errstate(over="ignore", under="ignore"):
        square = float(np.sum(masses)) ** 2 if float(np.sum(masses)) < 1e154 else math.inf
        smallest = float(np.min(masses)) / float(np.sum(masses))
    if not (0 < square < math.inf and smallest > 0):
        raise ValueError(
            "Expected masses whose sum has a square that is a double, each of them a double beside "
            f"the sum, but got masses={shown(masses.tolist())}. "
            "Divide them by their sum: SA doesn't see it, and USA's clock runs faster by it."
        )


def _temperature(beta: float) -> float:
    """Check an inverse temperature."""
    if isinstance(beta, list | tuple) or np.ndim(beta) > 0:
        raise ValueError(
            f"Expected one number but got beta={shown(beta)}. "
            "Call coarsen once for each temperature."
        )
    temperature = as_number(beta, "beta", "give one number >= 0")
    if not 0 <= temperature < math.inf:
        raise ValueError(
            f"Expected a finite number ≥ 0 but got beta={shown(beta)}. "
            "A negative one pulls most from afar: give its kernel as text, -exp(-4*t)/4."
        )
    return temperature


def _options(
    flow: Flow, rtol: float, log_t_end: float | None, max_steps: int, backend: Backend
) -> Options:
    """Check the numbers of a call."""
    if not flow.kernel.steepness <= STEEPEST:
        raise ValueError(
            f"Expected a kernel whose logarithm changes at a rate up to {STEEPEST:g} but got "
            f"{shown(flow.kernel.steepness)}, beta of SA and USA; beyond, no digit of an exponent "
            "is left in doubles: lower beta."
        )
    tolerance = as_number(rtol, "rtol", "1e-6 to 1e-10 is the useful range")
    if not SMALLEST_RTOL <= tolerance <= LARGEST_RTOL:
        raise ValueError(
            f"Expected a tolerance from {SMALLEST_RTOL:g} to {LARGEST_RTOL:g} but got "
            f"rtol={rtol}. Below lies rounding; 1e-6 to 1e-10 is the useful range."
        )
    end = None
    if log_t_end is not None:
        remedy = "give the logarithm of a time, or None to run to the end"
        end = check_log_time(log_t_end, "log_t_end", remedy)
    check_whole(max_steps, "max_steps", 0)
    return Options(flow.kernel, flow.normalised, tolerance, end, int(max_steps), backend)


def _coarsen(
    points: FloatArray,
    masses: FloatArray,
    model: Model,
    beta: float,
    clock: Clock,
    options: Options,
    error_bars: bool,
    watch: Watch | None = None,
) -> Coarsening:
    """Run and translate: the span of the points as coordinates, masses of total 1."""
    n, d = points.shape
    basis = None
    columns = points.T
    if d > n:
        # n points and all their velocities lie in n dimensions at most: the flow is the same in
        # coordinates of their span
        basis = np.linalg.qr(points.T)[0].T  # (n, d)
        columns = basis @ points.T
        columns /= np.linalg.norm(columns, axis=0)
    total = float(masses.sum())
    # SA doesn't see a common factor of the masses; USA runs faster by it.
    clock = clock if options.normalised else clock.shifted(-math.log(total))
    end = options.log_t_end
    inner = replace(options, log_t_end=None if end is None else clock.inner(end))
    history = History(inner, basis, clock)

    def seen(log_time: float, events: list[Joining]) -> None:
        assert watch is not None
        joined = tuple((clock.outer(e.log_time), e.first, e.second) for e in events)
        watch(clock.outer(log_time), joined)

    told = None if watch is None else seen
    run = Course(np.ascontiguousarray(columns), masses / total, inner, history, watch=told)
    status = run.go()

    def outward(position: FloatArray) -> FloatArray:
        return position if basis is None else sphere.project(position @ basis)

    log_times = clock.outers(np.array(run.log_times))
    if status is CoarsenStatus.HORIZON:
        log_times[-1] = options.log_t_end  # exactly, whatever the shift rounded to
    energies = np.array(run.energies) * total**2
    merges = assembled_merges(
        _outside(run.events, clock, outward),
        masses,
        log_times,
        energies,
        options.held,
    )
    if error_bars:
        merges = _barred(merges, run, np.ascontiguousarray(columns), masses, clock, outward)
    return Coarsening(
        status=status,
        merges=merges,
        log_times=log_times,
        energies=energies,
        points=points,
        masses=masses,
        beta=beta,
        model=model,
        rtol=options.rtol,
        final_points=np.ascontiguousarray(outward(run.x.T)),
        final_masses=run.masses * total,
        final_labels=run.members,
        residual=run.residual,
        conditioning=run.conditioning,
        confirmed=None,
        steps=run.steps,
        rejected=run.rejected,
        _history=history,
        frozen=run.frozen,
        rounding=run.rounding,
    )


def _outside(
    events: list[Joining], clock: Clock, outward: Callable[[FloatArray], FloatArray]
) -> list[Joining]:
    """Events in the model's time and coordinates."""
    return [
        replace(e, log_time=clock.outer(e.log_time), position=outward(e.position)) for e in events
    ]


def _barred(
    merges: tuple[Merge, ...],
    run: Course,
    columns: FloatArray,
    masses: FloatArray,
    clock: Clock,
    outward: Callable[[FloatArray], FloatArray],
) -> tuple[Merge, ...]:
    """Run the twin until it has had its chance at every merge, and give the merges error bars."""
    if not merges:
        return merges
    options = run.options
    held = options.held
    last = clock.inner(merges[-1].log_time)
    twin = Course(
        columns,
        masses / float(masses.sum()),
        replace(
            options,
            rtol=TWIN_RTOL * held,
            log_t_end=last + _PATIENCE if math.isfinite(last) else None,
            max_steps=2 * (run.steps + run.rejected) + 1000 if math.isfinite(last) else 0,
        ),
        kick=held / math.hypot(1.0, options.beta),
    )
    twin.go()
    others = assembled_merges(
        _outside(twin.events, clock, outward),
        masses,
        clock.outers(np.array(twin.log_times)),
        np.array(twin.energies),
        held,
    )
    return with_error_bars(len(masses), merges, others, options.beta, held)


def _rotation(d: int) -> FloatArray:
    """Draw a fixed orthogonal matrix without any symmetry of the coordinates."""
    q, r = np.linalg.qr(np.random.default_rng(20240229).standard_normal((d, d)))
    return np.asarray(q * np.sign(np.diag(r)))


def _repeat_limit(options: Options) -> int:
    """Allow a repeat twice the steps: at order 8 a tolerance of 1/100 needs 100^{1/8} = 1.8."""
    return 2 * options.max_steps
