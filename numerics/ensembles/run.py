"""Thousands of independent systems at once: adaptive steps, parameters and ends of their own.

Fused forms (SA, USA) run compiled, with the extra `fast`; every other model runs batched in NumPy,
from its printed velocity. Blocks of systems are shared among threads.
"""

from __future__ import annotations

import importlib
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from dataclasses import field as field_
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from numerics.arguments import FloatArray, IntArray, check_order, check_whole, refuse_option_names
from numerics.compile import State, VelocityField
from numerics.ensembles.functions import checked_function
from numerics.ensembles.march import array_block
from numerics.ensembles.problem import (
    ClosePairs,
    Entry,
    Observe,
    Problem,
    checked_problem,
    entry_of,
)
from numerics.ensembles.status import STATUS_OF, EnsembleStatus
from numerics.ensembles.systems import SystemProblem, checked_systems, entry_of_state
from numerics.extras import require_numba
from numerics.functions import FunctionField
from numerics.fused import recognise
from numerics.records import Result
from numerics.stepping import (
    COLUMNS,
    FIVE,
    Block,
    Stop,
    compiled_velocity,
    layout,
    load_loop,
    spent,
)
from numerics.stops import between, check_steps, kinks
from theory.models import Model

_PAIRS = 1 << 26
"""Pairs of all tokens in the steps of a call of the compiled loop: a second or so, so that a Ctrl-C
is heard."""


@dataclass(frozen=True, eq=False)
class Ensemble(Result):
    """What was asked for along many trajectories, and how each of them ended.

    Parameters
    ----------
    times : (time,) array
        As given.
    points : (time, ..., n, d) array or None
        The points, where nothing was to be observed.
    observed : (time, ..., *shape of one observation) array or None
        What `observe` returned.
    status : (...) int array
        Values of `EnsembleStatus`.
    steps, evaluations : (...) int arrays
        Accepted steps, and evaluations of the velocity.
    backend : str
        Who ran: "numpy" or "numba".
    state : dict or None
        Of a model with several blocks, each of shape (time, ..., rows, columns), where nothing was
        to be observed; a constant block as it was given.
    rounding : (...) array
        Bound on what rounding of the velocity has done, as `Trajectory.rounding`.
    _rtol : float
        Tolerance asked for.
    """

    _shown = ("times", "points", "state", "observed", "ended", "backend")
    _coordinates = (("time", "times"),)
    _variables = (
        ("points", ("time", ..., "token", "component")),
        ("status", (...,)),
        ("steps", (...,)),
        ("evaluations", (...,)),
    )

    times: FloatArray
    points: FloatArray | None
    observed: NDArray[Any] | None
    status: IntArray
    steps: IntArray
    evaluations: IntArray
    backend: str
    state: State | None = None
    rounding: FloatArray = field_(default_factory=lambda: np.zeros(()))
    _rtol: float = field_(default=0.0, repr=False)

    @property
    def reached(self) -> FloatArray:
        """Tolerance that each system met: rtol, or what rounding may have done where more."""
        return np.maximum(self._rtol, self.rounding)

    @property
    def ended(self) -> dict[str, int]:
        """How many systems ended how, by the names of `EnsembleStatus`."""
        counts = {status.name: self.count(status) for status in EnsembleStatus}
        return {name: number for name, number in counts.items() if number}

    def count(self, status: EnsembleStatus) -> int:
        """Count the systems that ended so.

        Parameters
        ----------
        status : EnsembleStatus
            The end that is counted.

        Returns
        -------
        int
            Number of systems.
        """
        return int(np.count_nonzero(self.status == status))


def ensemble(
    model: Model | VelocityField | FunctionField | Callable[[Any, Any], Any],
    points: ArrayLike | Mapping[str, ArrayLike],
    *,
    t_eval: ArrayLike,
    rtol: float = 1e-6,
    observe: Observe | None = None,
    masses: ArrayLike | None = None,
    backend: str | None = None,
    jobs: int = 1,
    max_steps: int = 100_000,
    max_step: float | None = None,
    t_stops: ArrayLike = (),
    **parameters: Any,
) -> Ensemble:
    """Integrate many independent systems from t = 0, each with its own steps and parameters.

    Each step of a system errs by at most `rtol` in its largest row, measured in the tangent space;
    values at `t_eval` come from the continuous extension of order 4.

    *Reduction.* Where the model commutes with rotations and d > n, the points are turned into
    their span, n dimensions (a QR factorisation: exact).

    *Merging* (compiled backend, attraction). Particles within rtol of each other become one with
    the sum of their masses. That moves a particle by no more than a step may err; fewer pairs are
    left to evaluate, and nothing contracts any more that would limit the step. Starts that differ
    by less than rtol and are to separate need a smaller rtol or `backend="numpy"`.

    *Early end.* See `EnsembleStatus.CONSENSUS`; it needs attraction, and `observe=ClosePairs(δ)`
    or merging. A single token is at consensus from the start.

    *A stopped system* (`MAX_STEPS`, `OVERFLOW`) has no later values: they are NaN, or −1 where
    whole numbers are observed; `observe` is never called with its missing points.

    Parameters
    ----------
    model : Model, VelocityField, or callable
        A flow, or one that is compiled; or a function ``f(points, t)``, see `FunctionField`: it is
        called with points of shape (k, n, d) of k systems, each at a time of its own, t of shape
        (k, 1, 1), and has to treat each system by itself. Nothing is known of its rounding.
    points : array_like, or mapping from name to array_like
        Shape (..., n, d), unit rows for a model on the sphere. For a model with several blocks a
        value for each of them, of shapes (..., rows, columns), by the names of their symbols.
    t_eval : array_like
        Times ≥ 0, ascending.
    rtol : float
        Tolerance for a step, in [1e-12, 1e-2]: relative to the length 1 of a row on the sphere, to
        1 + |x_i| on R^d.
    observe : callable, optional
        Function of points (k, n, d) of any k, with values (k, *shape) of numbers: stored in place
        of the points. It is tried once on copies of a start. Booleans and unsigned integers are
        stored as signed ones (or floats), which have a −1 for what is missing. `ClosePairs` is
        evaluated inside the compiled loop. For a model with several blocks: a function of states
        ``{name: (k, rows, columns)}``.
    masses : array_like, optional
        Shape (n,) or (..., n); 1/n each by default.
    backend : {"numpy", "numba"}, optional
        Default: "numba" where numba is installed and the model has a fused form. Of a model with
        several blocks it sums the attention; the steps are taken in NumPy.
    jobs : int
        Threads.
    max_steps : int
        Largest number of attempted steps of a system.
    max_step : float, optional
        Length of the longest step, as for `integrate`; the steps are taken in NumPy then.
    t_stops : array_like, optional
        Times that the steps of every system must meet, as for `integrate`.
    **parameters
        A value for every parameter of the model; scalars of shape (...) and matrices (..., k, d)
        are broadcast against the batch of the points.

    Returns
    -------
    Ensemble
        Its batch is that of points and parameters, broadcast.

    Raises
    ------
    TypeError, ValueError
        For points, times, parameters or options that are not as described.
    ModuleNotFoundError
        For ``backend="numba"`` without numba.

    References
    ----------
    Hairer, Nørsett, Wanner, *Solving Ordinary Differential Equations I*, sections II.4–II.6.

    Examples
    --------
    Forty systems at four values of β, from ten common starts:

    >>> from numerics import sphere
    >>> from theory import SA
    >>> starts = sphere.random_points(8, 2, rng=0, batch=(10, 1))
    >>> found = ensemble(SA, starts, t_eval=[0.0, 30.0], beta=[0.5, 1.0, 2.0, 4.0],
    ...                  observe=ClosePairs(1e-3))
    >>> found.observed.shape, int(found.observed[-1, :, 0].min())
    ((2, 10, 4), 28)

    Directions and lengths, from the same starts:

    >>> from theory import catalogue
    >>> state = {"X": starts, "r": np.ones((8, 1))}
    >>> grown = ensemble(catalogue("pre-LN"), state, t_eval=[0.0, 1.0], beta=1.0)
    >>> grown.state["r"].shape, bool((grown.state["r"][1] > 1.0).all())
    ((2, 10, 1, 8, 1), True)
    """
    check_order("ensemble(model, points, t_eval=...)", points, model)
    if isinstance(model, Model):
        refuse_option_names(ensemble, model)
    problem: Problem
    if (max_step is not None or np.size(t_stops)) and backend != "numba":
        backend = "numpy"
    if isinstance(model, VelocityField):
        bound = {**model.parameters, "masses": model.masses} | parameters
        masses, model = bound.pop("masses") if masses is None else masses, model.model
        parameters = bound
    if isinstance(model, Model) and len(model.blocks) > 1:
        problem = checked_systems(model, points, t_eval, rtol, masses, backend, parameters)
        entry = entry_of_state(observe, problem)
    elif callable(model):
        alone: Any = points
        problem = checked_function(model, alone, t_eval, rtol, masses, backend, parameters)
        entry = entry_of(observe, problem)
    else:
        given: Any = points
        problem = checked_problem(model, given, t_eval, rtol, masses, backend, parameters)
        entry = entry_of(observe, problem)
    check_whole(jobs, "jobs", 1)
    check_whole(max_steps, "max_steps", 1)
    starts = range(0, problem.count, problem.block(observe))
    blocks = [np.arange(s, min(s + problem.block(observe), problem.count)) for s in starts]
    longest, stops = check_steps(max_step, t_stops, 0.0, float(problem.times[-1]))
    if problem.compiled and (max_step is not None or stops.size):
        raise ValueError(
            "Expected backend='numpy' beside max_step and t_stops but got backend='numba', whose "
            "loop knows neither; leave it out."
        )
    stops = between([*stops, *kinks(problem.field, 0.0, float(problem.times[-1]))], 0.0, np.inf)
    limits = longest, tuple(stops.tolist())
    gathered = _Gathered(problem, entry.empty(problem.count, problem.times.size))

    def run(rows: IntArray) -> None:
        if problem.compiled:
            gathered.put(rows, *_compiled_block(problem, rows, entry, max_steps))
        else:
            gathered.put(rows, *array_block(problem, rows, entry, max_steps, *limits))

    if jobs == 1 or len(blocks) == 1:
        for rows in blocks:
            run(rows)
    else:
        with ThreadPoolExecutor(jobs) as pool:
            for _ in pool.map(run, blocks):
                pass
    return gathered.result(observe is not None)


class _Gathered:
    """Results of blocks, put where they belong."""

    def __init__(self, problem: Problem, values: NDArray[Any]) -> None:
        self.problem, self.values, self.rounding = problem, values, np.zeros(len(values))
        self.status, self.steps, self.evaluations = np.zeros((3, len(values)), dtype=np.int64)

    def put(
        self,
        rows: IntArray,
        values: NDArray[Any],
        stop: IntArray,
        work: IntArray,
        rounding: FloatArray,
    ) -> None:
        """Store the values (k, time, ...) of some systems."""
        self.values[rows] = values
        self.steps[rows], self.evaluations[rows] = work.T
        problem, ends = self.problem, (0.0, float(self.problem.times[-1]))
        if isinstance(problem.field, FunctionField):
            rounding = np.nan * rounding  # nothing is known of it
        else:
            lost = spent(problem.field_of(rows), rounding, problem.rtol, ends)
            stop = np.where(lost & (stop == Stop.FINISHED), Stop.ROUNDING, stop)
        self.status[rows], self.rounding[rows] = STATUS_OF[stop], rounding

    def result(self, observed: bool) -> Ensemble:
        """Shape everything as the batch."""
        problem, batch = self.problem, self.problem.batch
        values = np.moveaxis(self.values, 1, 0)
        values = values.reshape(values.shape[0], *batch, *values.shape[2:])
        state, points = None, None if observed else values
        if isinstance(problem, SystemProblem) and not observed:
            state = problem.told(values)
            points = state["X"]
        return Ensemble(
            times=problem.times,
            points=points,
            observed=values if observed else None,
            status=self.status.reshape(batch),
            steps=self.steps.reshape(batch),
            evaluations=self.evaluations.reshape(batch),
            backend=problem.backend,
            state=state,
            rounding=self.rounding.reshape(batch),
            _rtol=problem.rtol,
        )


@lru_cache(maxsize=1)
def _compiled_loop() -> Any:
    """Import the loop that is compiled, on first use."""
    require_numba()
    return importlib.import_module("numerics.ensembles.compiled")


def _compiled_block(
    problem: Problem, rows: IntArray, entry: Entry, max_steps: int
) -> tuple[NDArray[Any], IntArray, IntArray, FloatArray]:
    """Run some systems in the compiled loop: values, stops, work, and rounding."""
    field = problem.field_of(rows)
    form = recognise(field.model)
    assert form is not None
    x = problem.rows(problem.points, 2, rows)
    n, d = x.shape[1:]
    masses = np.full((1, n), 1.0 / n) if field.masses is None else np.atleast_2d(field.masses)
    beta = np.broadcast_to(np.asarray(field.parameters[form.name]).reshape(-1), rows.size)
    velocity = compiled_velocity(form, beta)
    counting = entry.observe.delta if isinstance(entry.observe, ClosePairs) else None
    times, attractive = problem.times, problem.attractive
    task = load_loop().Task(
        velocity.function, velocity.differences, float(times[-1]), problem.rtol, 0.0,
        max_steps, max(1, _PAIRS // (n * n)), attractive, True,
        merging=problem.rtol**2 if attractive else -1.0,
        close=-1.0 if counting is None else 2 * counting, attractive=attractive,
    )  # fmt: skip
    points = np.full((rows.size, 0 if counting is not None else times.size, n * d), np.nan)
    counts = np.full((rows.size, 0 if counting is None else times.size), -1, dtype=np.int32)
    work, stop = np.zeros((rows.size, 2), dtype=np.int64), np.zeros(rows.size, dtype=np.int64)
    rounding = np.zeros(rows.size)
    table = layout([Block((n, d), on_sphere=True)])
    _compiled_loop().march_all(
        FIVE, task, x.reshape(rows.size, -1), masses, table, velocity.parameters,
        velocity.scratch(d, int(table[0, COLUMNS])), times, points, counts, work,
        rounding, stop,
    )  # fmt: skip
    if counting is not None:
        return counts, stop, work, rounding
    points = problem.turned_back(points.reshape(rows.size, -1, n, d), rows)
    if entry.observe is None:
        return points, stop, work, rounding
    values = entry.empty(rows.size, problem.times.size)
    there = np.isfinite(points).all(axis=(-2, -1))
    if there.any():
        values[there] = entry(points[there])
    return values, stop, work, rounding
