"""Ensembles of models with several blocks: each system's state as a row, with its own steps."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from numerics.arguments import FloatArray, IntArray, check_choice
from numerics.compile import State, SystemField, compile_model
from numerics.ensembles.problem import (
    BLOCK,
    ClosePairs,
    Entry,
    Observe,
    Problem,
    check_flow,
    check_times,
    entry_like,
)
from numerics.extras import numba_works
from numerics.stepping import ArrayVelocity, Block, Coordinates
from theory.models import Model
from theory.symbols import t as time_symbol


@dataclass(frozen=True, eq=False)
class SystemProblem(Problem):
    """A checked call for a model of several blocks: `points` are the values of all, in a row."""

    shapes: Mapping[str, tuple[int, ...]]
    """Shape of each block in one system, in the order of `points`."""

    @property
    def compiled(self) -> bool:
        """Whether the compiled loop runs them: it knows points alone."""
        return False

    @property
    def free(self) -> bool:
        """Whether some rows have no length of their own."""
        return any(block.space == "euclidean" for block in self._moving)

    @cached_property
    def _moving(self) -> list[Any]:
        return [block for block in self.field.model.blocks if block.moves]

    @property
    def tokens(self) -> int:
        """Number of tokens of a system."""
        return self.shapes["X"][0]

    def block(self, observe: Observe | None) -> int:
        """Give the number of systems that are worked on together."""
        n, d = self.shapes["X"]
        return int(np.clip(BLOCK // (n * max(n, d)), 1, 4096))

    @cached_property
    def blocks(self) -> tuple[Block, ...]:
        """Blocks of the stepper."""
        coordinates = self._coordinates(np.zeros(1, dtype=np.int64))
        ones = [np.ones(shape) for shape in coordinates.shapes]
        return coordinates.blocks(ones)

    def start(self, rows: IntArray) -> FloatArray:
        """Coordinates of some systems at the start."""
        state = self.state(self.rows(self.points, 1, rows))
        return self._coordinates(rows).rows(state, (rows.size,))

    def shaped(self, flat: FloatArray, rows: IntArray) -> FloatArray:
        """Values of all blocks at coordinates of some systems, a row a system."""
        values = self.state(self.rows(self.points, 1, rows)) | self._coordinates(rows).state(flat)
        return np.concatenate(
            [values[name].reshape(rows.size, -1) for name in self.shapes], axis=-1
        )

    def state(self, rows: FloatArray) -> State:
        """Blocks of rows of values, shape (..., numbers)."""
        found, at = {}, 0
        for name, shape in self.shapes.items():
            size = math.prod(shape)
            found[name] = rows[..., at : at + size].reshape(*rows.shape[:-1], *shape)
            at += size
        return found

    def told(self, rows: FloatArray) -> State:
        """Blocks of rows of values at times; a constant one as it was given."""
        given = self.state(self.points)
        moving = [str(block.symbol) for block in self._moving]
        return {k: v if k in moving else given[k] for k, v in self.state(rows).items()}

    def velocities(self, rows: IntArray) -> tuple[ArrayVelocity, ArrayVelocity | None]:
        """Velocity of the coordinates of some systems, each at a time of its own."""
        field, coordinates = self.field_of(rows), self._coordinates(rows)
        start, still = self.state(self.rows(self.points, 1, rows)), coordinates.names
        constant = {name: value for name, value in start.items() if name not in still}
        timed = time_symbol in self.field.model.velocity.free_symbols

        def velocity(t: FloatArray, x: FloatArray) -> tuple[FloatArray, Any]:
            state = constant | coordinates.state(x)
            v = field.unchecked(state, t[:, None, None] if timed else 0.0)
            return coordinates.slopes(v, state, (len(x),)), 0.0

        return velocity, None

    def _coordinates(self, rows: IntArray) -> Coordinates:
        """Coordinates of some systems: masses relative to the mean, so that sums are the count."""
        start = self.state(self.rows(self.points, 1, rows))
        units = {
            str(block.symbol): np.mean(start[str(block.symbol)], axis=(-2, -1), keepdims=True)
            if block.space == "simplex"
            else np.ones((rows.size, 1, 1))
            for block in self._moving
        }
        shapes = [self.shapes[str(block.symbol)] for block in self._moving]
        return Coordinates.of(self._moving, shapes, units)


def checked_systems(
    model: Model,
    state: Any,
    t_eval: ArrayLike,
    rtol: float,
    masses: ArrayLike | None,
    backend: str | None,
    parameters: dict[str, Any],
) -> SystemProblem:
    """Check the arguments of `ensemble` for a model of several blocks."""
    if backend is not None:
        check_choice(backend, "backend", ("numpy", "numba"), "leave it out")
    chosen = backend or ("numba" if numba_works() else "numpy")
    field: Any = compile_model(model, masses=masses, backend=chosen, **parameters)
    check_flow(field)
    assert isinstance(field, SystemField)
    values = field.checked(state)
    times = check_times(t_eval, "t_eval", rtol)
    batch = np.broadcast_shapes(*field.batches(values))
    shapes = {name: value.shape[-2:] for name, value in values.items()}
    packed = [
        np.broadcast_to(value, (*batch, *shapes[name])).reshape(*batch, -1)
        for name, value in values.items()
    ]
    return SystemProblem(
        field=field,
        points=np.concatenate(packed, axis=-1),
        basis=None,
        batch=batch,
        times=times,
        rtol=float(rtol),
        backend=chosen,
        attractive=False,
        shapes=shapes,
    )


def entry_of_state(observe: Callable[[Any], Any] | None, problem: SystemProblem) -> Entry:
    """Find out what is stored, from a few copies of the first start."""
    numbers = problem.points.shape[-1]
    if observe is None:
        return Entry(None, (numbers,), np.dtype(np.float64))
    if not callable(observe):
        raise TypeError(f"Expected a function of states but got observe={observe!r}; {_BATCHED}")

    def seen(rows: FloatArray) -> NDArray[Any]:
        state = problem.state(rows)
        return np.asarray(observe(state["X"] if isinstance(observe, ClosePairs) else state))

    rows = np.ones((1, numbers))
    if problem.count:
        rows = problem.rows(problem.points, 1, np.zeros(1, dtype=np.int64))
    copies = next(k for k in (2, 3, 4) if k not in problem.shapes["X"])
    try:
        tried = seen(np.tile(rows, (copies, 1)))
    except (TypeError, ValueError, IndexError, KeyError) as error:
        raise ValueError(
            f"Expected a function of states but got observe={observe!r}, which fails at blocks "
            f"{dict(problem.shapes)} of {copies} systems ({error}); {_BATCHED}"
        ) from error
    return entry_like(seen, tried, copies, f"{copies} systems", "state", _BATCHED)


_BATCHED = (
    "observe takes states of k systems, {name: (k, rows, columns)}, and returns a value for each, "
    'such as lambda state: state["r"].min(axis=(-2, -1)).'
)
