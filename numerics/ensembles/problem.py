"""A checked call of `ensemble`: systems, times, what is observed, and who runs it.

Points in more dimensions than tokens are turned into their span first.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import lru_cache
from numbers import Real
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import ArrayLike, NDArray

from numerics import sphere
from numerics.arguments import FloatArray, IntArray, as_float, check_choice
from numerics.compile import SystemField, VelocityField, compile_model, is_foreign
from numerics.extras import numba_works, require_numba
from numerics.fused import FusedForm, recognise
from numerics.rows import dots
from numerics.stepping import ArrayVelocity, Block, fits, many
from theory.models import Model, attention_form
from theory.summaries import Summarised

Observe: TypeAlias = Callable[[FloatArray], Any]


BLOCK = 2**18
"""Numbers in one stage of a block of systems: seven of them stay in a common cache."""


_STORED = 2**22
"""Numbers of points that a block hands to a function of the user at a time."""


_COMPILED_BLOCK = 32
"""Systems in one compiled call: what threads share out."""


@dataclass(frozen=True)
class ClosePairs(Summarised):
    """Count the unordered pairs i < j with ⟨x_i, x_j⟩ ≥ 1 − δ, the statistic of Figures 3–5.

    The gap 1 − ⟨x_i, x_j⟩ is taken as |x_i − x_j|²/2, which keeps its accuracy at small δ.

    Parameters
    ----------
    delta : float
        The number δ in (0, 1).

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
            total += np.sum(dots(gaps, gaps) <= 2 * self.delta, axis=-1, dtype=np.int32)
        return total


@dataclass(frozen=True, eq=False)
class Problem:
    """A checked call: systems are numbered along the flattened batch."""

    field: Any
    """What is integrated: a `VelocityField`."""
    points: FloatArray
    basis: FloatArray | None
    """Orthonormal rows (..., n, d) that span the points, which then are coordinates (..., n, n)."""
    batch: tuple[int, ...]
    times: FloatArray
    rtol: float
    backend: str
    attractive: bool

    @property
    def count(self) -> int:
        """Number of systems."""
        return math.prod(self.batch)

    @property
    def compiled(self) -> bool:
        """Whether the compiled loop runs them."""
        return self.backend == "numba"

    @property
    def tokens(self) -> int:
        """Number of tokens of a system."""
        return self.points.shape[-2]

    @property
    def free(self) -> bool:
        """Whether rows have no length of their own."""
        return bool(self.field.model.space != "sphere")

    @property
    def blocks(self) -> tuple[Block, ...]:
        """Blocks of the stepper."""
        return (Block(self.points.shape[-2:], not self.free),)

    def start(self, rows: IntArray) -> FloatArray:
        """Give some systems at the start, a row each."""
        return self.rows(self.points, 2, rows).reshape(rows.size, -1)

    def shaped(self, flat: FloatArray, rows: IntArray) -> FloatArray:
        """Points (k, n, d) of rows of some systems."""
        return flat.reshape(-1, *self.points.shape[-2:])

    def velocities(self, rows: IntArray) -> tuple[ArrayVelocity, ArrayVelocity | None]:
        """Velocity of some systems, each at a time of its own, in both forms."""
        return many(self.field_of(rows), self.blocks[0])

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
        return int(np.clip(BLOCK // (n * max(n, d)), 1, 4096))

    def rows(self, array: FloatArray, trailing: int, rows: IntArray) -> FloatArray:
        """Take the entries of an array, whose leading axes are broadcast, for some systems."""
        shape = array.shape[array.ndim - trailing :]
        whole = np.broadcast_to(array, (*self.batch, *shape))
        if not self.batch:
            return np.array(whole[None])
        return np.asarray(whole[np.unravel_index(rows, self.batch)])

    def field_of(self, rows: IntArray) -> Any:
        """Bind the parameters of some systems."""
        values = {}
        for name, value in self.field.parameters.items():
            many = not callable(value) and np.ndim(value) > 2
            values[name] = self.rows(value, 2, rows) if many else value
        masses = self.field.masses
        if masses is not None and masses.ndim > 1:
            masses = self.rows(masses, 1, rows)
        return replace(self.field, parameters=values, masses=masses)

    def turned_back(self, points: FloatArray, rows: IntArray) -> FloatArray:
        """Turn points (k, ..., n, n) in their spans into points in d dimensions."""
        if self.basis is None:
            return points
        basis = self.rows(self.basis, 2, rows)
        return np.asarray(points @ basis.reshape(-1, *(1,) * (points.ndim - 3), *basis.shape[1:]))


@dataclass(frozen=True)
class Entry:
    """What is stored of a system at a time."""

    observe: Observe | None
    shape: tuple[int, ...]
    dtype: np.dtype[Any]

    def empty(self, systems: int, times: int) -> NDArray[Any]:
        """Values that are missing as yet: NaN, or −1 among whole numbers."""
        missing: Any = -1 if self.dtype.kind == "i" else np.nan
        return np.full((systems, times, *self.shape), missing, dtype=self.dtype)

    def __call__(self, points: FloatArray) -> NDArray[Any]:
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


def entry_of(observe: Observe | None, problem: Problem) -> Entry:
    """Find out what is stored, from a few copies of the first start."""
    n, d = problem.points.shape[-2:]
    d = d if problem.basis is None else problem.basis.shape[-1]
    if observe is None:
        return Entry(None, (n, d), np.dtype(np.float64))
    if isinstance(observe, ClosePairs):
        return Entry(observe, (), np.dtype(np.int32))
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
    return entry_like(observe, seen, copies, f"points of shape {tried.shape}", "points", _BATCHED)


def entry_like(
    observe: Observe, seen: Any, copies: int, given: str, argument: str, remedy: str
) -> Entry:
    """Store what was seen of a few systems: a number, or an array of them, for each.

    Raises
    ------
    ValueError
        For anything else, naming what was given, by what argument, and the remedy.
    """
    if seen.shape[:1] != (copies,) or seen.dtype.kind not in "biufc":
        raise ValueError(
            f"Expected {copies} values, of numbers, for {given} but got "
            f"observe({argument}).shape={seen.shape} of dtype={seen.dtype}; {remedy}"
        )
    kept = seen.dtype if seen.dtype.kind in "ifc" else np.promote_types(seen.dtype, np.int8)
    return Entry(observe, seen.shape[1:], kept)


def check_times(times: ArrayLike, name: str, rtol: float) -> FloatArray:
    """Validate ascending times from 0 on, and the tolerance of a step.

    Raises
    ------
    ValueError
        If a time or the tolerance is out of range.
    """
    array = as_float(times, name)
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


def check_flow(field: VelocityField | SystemField) -> None:
    """Refuse layers, and parameters that are functions of time.

    Raises
    ------
    ValueError
        For either.
    """
    model = field.model
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


def checked_problem(
    model: Model,
    points: ArrayLike,
    t_eval: ArrayLike,
    rtol: float,
    masses: ArrayLike | None,
    backend: str | None,
    parameters: dict[str, Any],
) -> Problem:
    """Check the arguments of `ensemble`, and choose who runs it."""
    field = compile_model(model, masses=masses, **parameters)
    check_flow(field)
    if is_foreign(points):
        raise TypeError(
            "Expected points of NumPy, whose systems step each by itself, but got points of type "
            f"{type(points).__module__}.{type(points).__qualname__}; convert them, or call "
            "integrate, which keeps a batch in its library."
        )
    x = np.asarray(sphere.check_points(points, space=model.space), dtype=np.float64)
    if model.space == "sphere":
        x = sphere.project(x)
    times = check_times(t_eval, "t_eval", rtol)
    field.checked(x)
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
    form = recognise(model)
    chosen = _choose(backend, field, form)
    return Problem(
        field=field,
        points=x,
        basis=basis,
        batch=batch,
        times=times,
        rtol=float(rtol),
        backend=chosen,
        attractive=form is not None and form.scale > 0,
    )


def _turned(x: FloatArray) -> tuple[FloatArray, FloatArray]:
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


def _choose(backend: str | None, field: VelocityField, form: FusedForm | None) -> str:
    if backend is not None:
        check_choice(backend, "backend", ("numpy", "numba"), "leave it out")
    possible = fits(form, field)
    if backend == "numba":
        require_numba()
        if not possible:
            raise ValueError(
                f"Expected a model with a fused form at moderate beta but got model="
                f"{field.model.name} and backend='numba'; use backend='numpy'."
            )
        return "numba"
    return "numba" if backend is None and possible and numba_works() else "numpy"
