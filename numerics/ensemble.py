"""Thousands of independent systems at once: adaptive steps, parameters and ends of their own.

Dormand–Prince 5(4) with SciPy's tables, each system with its own step; what is asked for is reduced
on the way, so that no trajectory is stored. Fused forms (SA, USA) run compiled, with the extra
`fast`; every other model runs batched in NumPy, from its printed velocity.
"""

from __future__ import annotations

import importlib
import math
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from enum import IntEnum
from functools import lru_cache
from importlib.util import find_spec
from numbers import Real
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.integrate import RK45

from numerics import fused, sphere
from numerics.compile import VelocityField, compile_model
from theory.models import Model, attention_form
from theory.symbols import t as time_symbol

__all__ = ["ClosePairs", "Ensemble", "EnsembleStatus", "ensemble"]

Array: TypeAlias = NDArray[np.float64]
Ints: TypeAlias = NDArray[np.int64]
Observe: TypeAlias = Callable[[Array], Any]

_A, _B, _C = np.asarray(RK45.A), np.asarray(RK45.B), np.asarray(RK45.C)
_E, _P = np.asarray(RK45.E), np.asarray(RK45.P)
_SAFETY, _MIN_FACTOR, _MAX_FACTOR = 0.9, 0.2, 10.0
_BLOCK = 2**18
"""Numbers in one stage of a block of systems: seven of them stay in a common cache."""
_STORED = 2**22
"""Numbers of points that a block hands to a function of the user at a time."""
_COMPILED_BLOCK = 32
"""Systems in one compiled call: what threads share out."""
_BETWEEN_CHECKS = 8
"""Steps between two looks whether all pairs are close: a look costs half an evaluation."""


class EnsembleStatus(IntEnum):
    """How a system ended; `.message` says it in words and names the remedy.

    After `MAX_STEPS` and `OVERFLOW` the later values are −1 or NaN.
    """

    FINISHED = 0
    CONSENSUS = 1
    MAX_STEPS = 2
    OVERFLOW = 3

    @property
    def message(self) -> str:
        """What happened and what to do about it."""
        return _MESSAGES[self]


_MESSAGES = {
    EnsembleStatus.FINISHED: "The last time was reached.",
    EnsembleStatus.CONSENSUS: (
        "All pairs are within delta, or all particles are one to the tolerance: the convex "
        "hull of the points never grows (Lemma 6.4), so that what is observed is known for "
        "all later times."
    ),
    EnsembleStatus.MAX_STEPS: (
        "The number of steps was used up; raise max_steps, loosen rtol or shorten the times, or, "
        "for USA at large beta, use `coarsen`."
    ),
    EnsembleStatus.OVERFLOW: (
        "The step fell below the rounding of the time that was reached, or the velocity left the "
        "range of numbers; use `coarsen` at large beta."
    ),
}


@dataclass(frozen=True)
class ClosePairs:
    """Count the unordered pairs i < j with ⟨x_i, x_j⟩ ≥ 1 − δ, the statistic of Figures 3–5.

    The gap 1 − ⟨x_i, x_j⟩ is taken as |x_i − x_j|²/2, which keeps its accuracy at small δ.

    Attributes
    ----------
    delta : float
        δ in (0, 1).

    Examples
    --------
    >>> int(ClosePairs(1e-3)([[1.0, 0.0], [1.0, 0.0], [0.0, 1.0]]))
    1
    """

    delta: float

    def __post_init__(self) -> None:
        """Check δ."""
        if not (isinstance(self.delta, Real) and 0 < self.delta < 1):
            raise ValueError(
                f"Expected 0 < delta < 1 but got delta={self.delta!r}; the paper's is 1e-3."
            )

    def __call__(self, points: ArrayLike) -> NDArray[np.int32]:
        """Count, shape (..., n, d) -> (...)."""
        x = np.asarray(points, dtype=np.float64)
        total = np.zeros(x.shape[:-2], dtype=np.int32)
        for i in range(x.shape[-2] - 1):
            gaps = x[..., i + 1 :, :] - x[..., i : i + 1, :]
            total += np.sum(np.vecdot(gaps, gaps) <= 2 * self.delta, axis=-1, dtype=np.int32)
        return total


@dataclass(frozen=True, eq=False)
class Ensemble:
    """What was asked for along many trajectories, and how each of them ended.

    Attributes
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
    """

    times: Array
    points: Array | None
    observed: NDArray[Any] | None
    status: Ints
    steps: Ints
    evaluations: Ints
    backend: str

    def count(self, status: EnsembleStatus) -> int:
        """Count the systems that ended so."""
        return int(np.count_nonzero(self.status == status))


def ensemble(
    model: Model,
    points: ArrayLike,
    *,
    t_eval: ArrayLike,
    rtol: float = 1e-6,
    observe: Observe | None = None,
    masses: ArrayLike | None = None,
    backend: str | None = None,
    jobs: int = 1,
    max_steps: int = 100_000,
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
    model : Model
        A flow.
    points : array_like
        Shape (..., n, d), unit rows for a model on the sphere.
    t_eval : array_like
        Times ≥ 0, ascending.
    rtol : float
        Tolerance for a step, in [1e-12, 1e-2]: relative to the length 1 of a row on the sphere, to
        1 + |x_i| on R^d.
    observe : callable, optional
        Function of points (k, n, d) of any k, with values (k, *shape) of numbers: stored in place
        of the points. It is tried once on copies of a start. Booleans and unsigned integers are
        stored as signed ones (or floats), which have a −1 for what is missing. `ClosePairs` is
        evaluated inside the compiled loop.
    masses : array_like, optional
        Shape (n,) or (..., n); 1/n each by default.
    backend : {"numpy", "numba"}, optional
        Default: "numba" where numba is installed and the model has a fused form.
    jobs : int
        Threads.
    max_steps : int
        Largest number of attempted steps of a system.
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

    >>> from theory import SA
    >>> starts = sphere.random_points(8, 2, rng=0, batch=(10, 1))
    >>> found = ensemble(SA, starts, t_eval=[0.0, 30.0], beta=[0.5, 1.0, 2.0, 4.0],
    ...                  observe=ClosePairs(1e-3))
    >>> found.observed.shape, int(found.observed[-1, :, 0].min())
    ((2, 10, 4), 28)
    """
    problem = _checked(model, points, t_eval, rtol, masses, backend, parameters)
    check_whole("jobs", jobs, 1)
    check_whole("max_steps", max_steps, 1)
    entry = _entry_of(observe, problem)
    starts = range(0, problem.count, problem.block(observe))
    blocks = [np.arange(s, min(s + problem.block(observe), problem.count)) for s in starts]
    work = _compiled_block if problem.backend == "numba" else _array_block
    gathered = _Gathered(entry.empty(problem.count, problem.times.size))

    def run(rows: Ints) -> None:
        gathered.put(rows, *work(problem, rows, entry, max_steps))

    if jobs == 1 or len(blocks) == 1:
        for rows in blocks:
            run(rows)
    else:
        with ThreadPoolExecutor(jobs) as pool:
            for _ in pool.map(run, blocks):
                pass
    return gathered.result(problem, observe is not None)


# ------------------------------------------------------------------------------------------ problem


@dataclass(frozen=True, eq=False)
class _Problem:
    """A checked call: systems are numbered along the flattened batch."""

    field: VelocityField
    points: Array
    basis: Array | None
    """Orthonormal rows (..., n, d) that span the points, which then are coordinates (..., n, n)."""
    batch: tuple[int, ...]
    times: Array
    rtol: float
    backend: str
    attractive: bool

    @property
    def count(self) -> int:
        return math.prod(self.batch)

    def block(self, observe: Observe | None) -> int:
        """Give the number of systems that are worked on together."""
        n = self.points.shape[-2]
        d = self.points.shape[-1] if self.basis is None else self.basis.shape[-1]
        if isinstance(observe, ClosePairs) or observe is None:
            most = _COMPILED_BLOCK
        else:
            most = max(1, min(_COMPILED_BLOCK, _STORED // (self.times.size * n * d)))
        if self.backend == "numba":
            return most
        return int(np.clip(_BLOCK // (n * max(n, d)), 1, 4096))

    def rows(self, array: Array, trailing: int, rows: Ints) -> Array:
        """Take the entries of an array, whose leading axes are broadcast, for some systems."""
        shape = array.shape[array.ndim - trailing :]
        whole = np.broadcast_to(array, (*self.batch, *shape))
        if not self.batch:
            return np.array(whole[None])
        return np.asarray(whole[np.unravel_index(rows, self.batch)])

    def field_of(self, rows: Ints) -> VelocityField:
        """Bind the parameters of some systems."""
        values = {}
        for name, value in self.field.parameters.items():
            many = not callable(value) and np.ndim(value) > 2
            values[name] = self.rows(value, 2, rows) if many else value
        masses = self.field.masses
        if masses is not None and masses.ndim > 1:
            masses = self.rows(masses, 1, rows)
        return replace(self.field, parameters=values, masses=masses)

    def turned_back(self, points: Array, rows: Ints) -> Array:
        """Turn points (k, ..., n, n) in their spans into points in d dimensions."""
        if self.basis is None:
            return points
        basis = self.rows(self.basis, 2, rows)
        return np.asarray(points @ basis.reshape(-1, *(1,) * (points.ndim - 3), *basis.shape[1:]))


@dataclass(frozen=True)
class _Entry:
    """What is stored of a system at a time."""

    observe: Observe | None
    shape: tuple[int, ...]
    dtype: np.dtype[Any]

    def empty(self, systems: int, times: int) -> NDArray[Any]:
        """Values that are missing as yet: NaN, or −1 among whole numbers."""
        missing: Any = -1 if self.dtype.kind == "i" else np.nan
        return np.full((systems, times, *self.shape), missing, dtype=self.dtype)

    def __call__(self, points: Array) -> NDArray[Any]:
        """Take what is asked for of points (k, n, d)."""
        if self.observe is None:
            return points
        seen = np.asarray(self.observe(points))
        if seen.shape != (len(points), *self.shape):
            raise ValueError(
                f"Expected values of shape {(len(points), *self.shape)} for points of shape "
                f"{points.shape} but got observe(points).shape={seen.shape}; {_BATCHED}"
            )
        return seen


_BATCHED = (
    "observe takes points (k, n, d) of k systems and returns a value for each, such as "
    "lambda x: x.mean(axis=-2)."
)


def _entry_of(observe: Observe | None, problem: _Problem) -> _Entry:
    """Find out what is stored, from a few copies of the first start."""
    n, d = problem.points.shape[-2:]
    d = d if problem.basis is None else problem.basis.shape[-1]
    if observe is None:
        return _Entry(None, (n, d), np.dtype(np.float64))
    if isinstance(observe, ClosePairs):
        return _Entry(observe, (), np.dtype(np.int32))
    if not callable(observe):
        raise TypeError(f"Expected a function of points but got observe={observe!r}; {_BATCHED}")
    copies = next(k for k in (2, 3, 4) if k not in (n, d))
    points = np.broadcast_to(np.eye(1, d), (n, d))
    if problem.count:
        first = np.zeros(1, dtype=np.int64)
        points = problem.turned_back(problem.rows(problem.points, 2, first), first)[0]
    tried = np.tile(points, (copies, 1, 1))
    try:
        seen = np.asarray(observe(tried))
    except (TypeError, ValueError, IndexError) as error:
        raise ValueError(
            f"Expected a function of points (k, n, d) but got observe={observe!r}, which fails at "
            f"shape {tried.shape} ({error}); {_BATCHED}"
        ) from error
    if seen.shape[:1] != (copies,) or seen.dtype.kind not in "biufc":
        raise ValueError(
            f"Expected {copies} values, of numbers, for points of shape {tried.shape} but got "
            f"observe(points).shape={seen.shape} of dtype={seen.dtype}; {_BATCHED}"
        )
    kept = seen.dtype if seen.dtype.kind in "ifc" else np.promote_types(seen.dtype, np.int8)
    return _Entry(observe, seen.shape[1:], kept)


def check_whole(name: str, value: Any, least: int) -> None:
    """Validate a whole number, `least` or more.

    Raises
    ------
    ValueError
        For anything else.
    """
    if isinstance(value, bool) or not isinstance(value, int | np.integer) or value < least:
        raise ValueError(
            f"Expected a whole number >= {least} but got {name}={value!r}; give at least {least}."
        )


def check_times(times: ArrayLike, name: str, rtol: float) -> Array:
    """Validate ascending times from 0 on, and the tolerance of a step.

    Raises
    ------
    ValueError
        If a time or the tolerance is out of range.
    """
    array = np.asarray(times, dtype=np.float64)
    if array.ndim != 1 or array.size == 0:
        raise ValueError(
            f"Expected a one-dimensional array of times but got {name}.shape={array.shape}; "
            "give at least one time."
        )
    if not (np.isfinite(array).all() and array[0] >= 0 and (np.diff(array) >= 0).all()):
        raise ValueError(
            f"Expected ascending finite times >= 0 but got {name}={array}; sort them, the start is "
            "at 0."
        )
    if not (isinstance(rtol, float | np.floating) and 1e-12 <= rtol <= 1e-2):
        raise ValueError(
            f"Expected a tolerance in [1e-12, 1e-2] but got rtol={rtol!r}; 1e-6 is usual."
        )
    return array


def _checked(
    model: Model,
    points: ArrayLike,
    t_eval: ArrayLike,
    rtol: float,
    masses: ArrayLike | None,
    backend: str | None,
    parameters: dict[str, Any],
) -> _Problem:
    field = compile_model(model, masses=masses, **parameters)
    if model.kind != "flow":
        raise ValueError(
            f"Expected a flow but got model={model.name} of kind {model.kind!r}; iterate it with "
            "numerics.integrate."
        )
    if any(callable(value) for value in field.parameters.values()):
        raise ValueError(
            "Expected constant parameters but got a function of time; write the time dependence "
            "into the model with theory.symbols.t: systems are at different times."
        )
    x = np.asarray(sphere.check_points(points, space=model.space), dtype=np.float64)
    if model.space == "sphere":
        x = sphere.project(x)
    times = check_times(t_eval, "t_eval", rtol)
    field._checked(x)
    basis = None
    if _turns(model) and x.shape[-1] > x.shape[-2]:
        x, basis = _turned(x)
    shapes = [x.shape[:-2]]
    shapes += [np.shape(value)[:-2] for value in field.parameters.values()]
    if field.masses is not None:
        shapes.append(field.masses.shape[:-1])
    try:
        batch = np.broadcast_shapes(*shapes)
    except ValueError as error:
        raise ValueError(
            f"Expected batches that broadcast but got the leading axes {shapes} of points, "
            "parameters and masses; give points of shape (runs, 1, n, d) and beta of shape (k,), "
            "for example."
        ) from error
    form = fused.recognise(model)
    chosen = _choose(backend, field, form)
    return _Problem(
        field=field,
        points=x,
        basis=basis,
        batch=batch,
        times=times,
        rtol=float(rtol),
        backend=chosen,
        attractive=form is not None and form.scale > 0,
    )


def _turned(x: Array) -> tuple[Array, Array]:
    """Write the rows of x (..., n, d), d > n, as n coordinates (..., n, n) in a basis (..., n, d).

    Cholesky's factor of the Gram matrix, twice: the second time makes the basis orthonormal to
    rounding. QR stays for tokens that are (nearly) dependent, such as duplicates: it goes column by
    column, and on a busy machine its many threaded calls wait for one another.
    """
    coordinates, basis = None, x
    try:
        for _ in range(2):
            factor = np.linalg.cholesky(basis @ basis.mT)
            coordinates = factor if coordinates is None else coordinates @ factor
            basis = np.linalg.solve(factor, basis)
    except np.linalg.LinAlgError:
        coordinates = None
    if coordinates is not None:
        error = np.abs(basis @ basis.mT - np.eye(x.shape[-2])).max(initial=0.0)
        if error <= 16 * x.shape[-2] * np.finfo(np.float64).eps:
            return np.asarray(coordinates, dtype=np.float64), basis
    columns, triangle = np.linalg.qr(x.mT)
    return np.asarray(triangle.mT), np.asarray(columns.mT)


@lru_cache(maxsize=256)
def _turns(model: Model) -> bool:
    """Whether a model commutes with rotations and keeps points in their span."""
    return model.space == "sphere" and attention_form(model) is not None


def _choose(backend: str | None, field: VelocityField, form: fused.FusedForm | None) -> str:
    if backend not in (None, "numpy", "numba"):
        raise ValueError(
            f"Expected backend 'numpy', 'numba' or None but got backend={backend!r}; leave it out."
        )
    fits = False
    if form is not None:
        beta = np.asarray(field.parameters[form.name])
        low, high = float(beta.min(initial=0.0)), float(beta.max(initial=0.0))
        # the constant shifts of the compiled pair sums
        fits = -fused.SMALL <= low and high <= (fused.LARGE if form.normalised else 700.0)
    if backend == "numba":
        fused.load_numba()
        if not fits:
            raise ValueError(
                f"Expected a model with a fused form at moderate beta but got model="
                f"{field.model.name} and backend='numba'; use backend='numpy'."
            )
        return "numba"
    return "numba" if backend is None and fits and find_spec("numba") is not None else "numpy"


class _Gathered:
    """Results of blocks, put where they belong."""

    def __init__(self, values: NDArray[Any]) -> None:
        self.values = values
        self.status, self.steps, self.evaluations = np.zeros((3, len(values)), dtype=np.int64)

    def put(self, rows: Ints, values: NDArray[Any], status: Ints, work: Ints) -> None:
        """Store the values (k, time, ...) of some systems."""
        self.values[rows] = values
        self.status[rows], self.steps[rows], self.evaluations[rows] = status, *work.T

    def result(self, problem: _Problem, observed: bool) -> Ensemble:
        """Shape everything as the batch."""
        batch = problem.batch
        values = np.moveaxis(self.values, 1, 0)
        values = values.reshape(values.shape[0], *batch, *values.shape[2:])
        return Ensemble(
            times=problem.times,
            points=None if observed else values,
            observed=values if observed else None,
            status=self.status.reshape(batch),
            steps=self.steps.reshape(batch),
            evaluations=self.evaluations.reshape(batch),
            backend=problem.backend,
        )


@lru_cache(maxsize=1)
def _compiled_loop() -> Any:
    """Import the loop that is compiled, on first use."""
    fused.load_numba()
    return importlib.import_module("numerics.ensemble_numba")


def _compiled_block(
    problem: _Problem, rows: Ints, entry: _Entry, max_steps: int
) -> tuple[NDArray[Any], Ints, Ints]:
    """Run some systems in the compiled loop."""
    field = problem.field_of(rows)
    form = fused.recognise(field.model)
    assert form is not None
    x = problem.rows(problem.points, 2, rows)
    n = x.shape[-2]
    masses = np.full((1, n), 1.0 / n) if field.masses is None else np.atleast_2d(field.masses)
    beta = np.broadcast_to(np.asarray(field.parameters[form.name]).reshape(-1), rows.size)
    counting = entry.observe.delta if isinstance(entry.observe, ClosePairs) else None
    points, counts, work, status = _compiled_loop().march(
        form, x, masses, np.array(beta), problem.times, problem.rtol, counting, max_steps
    )
    if counting is not None:
        return counts, status, work
    points = problem.turned_back(points, rows)
    if entry.observe is None:
        return points, status, work
    values = entry.empty(rows.size, problem.times.size)
    there = np.isfinite(points).all(axis=(-2, -1))
    if there.any():
        values[there] = entry(points[there])
    return values, status, work


# ------------------------------------------------------------------------------- batched in NumPy


def _array_block(
    problem: _Problem, rows: Ints, entry: _Entry, max_steps: int
) -> tuple[NDArray[Any], Ints, Ints]:
    """Run some systems in batched NumPy."""
    x = problem.rows(problem.points, 2, rows)
    recorder = _Recorder(problem, rows, entry)
    with np.errstate(over="ignore", invalid="ignore", under="ignore", divide="ignore"):
        status, work = _march(problem, rows, x, recorder, max_steps)
    return recorder.values, status, work


class _Recorder:
    """Values of the systems of a block at the times."""

    def __init__(self, problem: _Problem, rows: Ints, entry: _Entry) -> None:
        self.problem, self.rows, self.entry = problem, rows, entry
        self.values = entry.empty(rows.size, problem.times.size)
        n = problem.points.shape[-2]
        counts = isinstance(entry.observe, ClosePairs) and problem.attractive
        self.certain = n * (n - 1) // 2 if counts else None

    def put(self, systems: Ints, places: Ints, points: Array) -> NDArray[np.bool_]:
        """Record points (k, n, d); tell which systems need no more steps."""
        if not isinstance(self.entry.observe, ClosePairs):
            points = self.problem.turned_back(points, self.rows[systems])
        seen = self.entry(points)
        self.values[systems, places] = seen
        done = np.zeros(self.rows.size, dtype=bool)
        if self.certain is not None:
            done[systems[seen == self.certain]] = True
        return done

    def certain_at(self, points: Array) -> NDArray[np.bool_]:
        """Tell which systems have all pairs close, so that they need no more steps."""
        if self.certain is None:
            return np.zeros(len(points), dtype=bool)
        return np.asarray(self.entry(points) == self.certain)

    def fill(self, systems: Ints, first: Ints) -> None:
        """Give the remaining places of systems whose pairs are all close the same value."""
        if self.certain is not None:
            for system, place in zip(systems, first, strict=True):
                self.values[system, place:] = self.certain


def _unit(points: Array) -> Array:
    return np.asarray(points / np.sqrt(np.vecdot(points, points))[..., None])


def _lengths(vectors: Array, weights: Array) -> Array:
    """Largest row of each system, over its weight."""
    return np.asarray(np.max(np.sqrt(np.vecdot(vectors, vectors)) / weights, axis=-1))


def _combined(weights: Array, stages: Array) -> Array:
    """Add up Σ_k w_k f_k without a matrix product, whose threads would cost more than the sum."""
    total = weights[0] * stages[0]
    for weight, stage in zip(weights[1:], stages[1:], strict=False):
        if weight != 0.0:
            total += weight * stage
    return np.asarray(total)


def _march(
    problem: _Problem, rows: Ints, x: Array, recorder: _Recorder, max_steps: int
) -> tuple[Ints, Ints]:
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

    def rhs(at: Array, y: Array) -> Array:
        moment: Any = at[:, None, None] if timed else 0.0
        velocity = field.unchecked(_unit(y) if on_sphere else y, moment)
        return np.array(np.broadcast_to(velocity, y.shape))

    def scale(y: Array) -> Array:
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
        stages = np.empty((_B.size + 1, *x.shape))
        stages[0] = f
        wide = h[:, None, None]
        for s in range(1, _B.size):
            y = x + wide * _combined(_A[s, :s], stages)
            stages[s] = rhs(t + _C[s] * h, y)
        y = x + wide * _combined(_B, stages)
        unit = _unit(y) if on_sphere else y
        stages[-1] = rhs(t + h, unit)
        work[active, 1] += _B.size
        defect = wide * _combined(_E, stages)
        if on_sphere:
            defect -= np.vecdot(unit, defect)[..., None] * unit
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


def _outputs(place: Ints, fresh: Ints, size: int) -> Iterator[tuple[Ints, Ints]]:
    """Pairs (system, place) of the outputs inside a step, some at a time."""
    which = np.repeat(np.arange(place.size), fresh)
    within = np.arange(which.size) - np.repeat(np.cumsum(fresh) - fresh, fresh)
    places = place[which] + within
    step = max(1, 4 * _BLOCK // size)
    for start in range(0, which.size, step):
        yield which[start : start + step], places[start : start + step]


def _extension(x: Array, stages: Array, h: Array, which: Ints, theta: Array) -> Array:
    """Continuous extension x + h Σ_q θ^{q+1} Σ_s P_sq k_s at fractions of the steps."""
    powers = theta[:, None] ** np.arange(1, _P.shape[1] + 1)
    weights = h[which, None] * (powers @ _P.T)
    value = x[which]
    for s in range(_P.shape[0]):
        value = value + weights[:, s, None, None] * stages[s][which]
    return np.asarray(value)


def _first_steps(
    rhs: Callable[[Array, Array], Array], t: Array, x: Array, f: Array, end: float, scale: Array
) -> Array:
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
