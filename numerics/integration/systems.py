"""Runs of models with several blocks, in the array loop that runs all others.

A block of positive numbers is integrated as the logarithm of its change; one whose sum is constant
is brought back to it after each step.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from functools import partial
from types import SimpleNamespace
from typing import Any

import numpy as np
from numpy.typing import ArrayLike
from sympy import S

from numerics.arguments import FloatArray
from numerics.compile import State, SystemField
from numerics.integration.events import Event, EventRecord, IntegrationStatus
from numerics.integration.trajectory import Trajectory
from numerics.records import Result
from numerics.stepping import Block, Coordinates
from theory.engines import Rewriter


def _stays(field: SystemField, part: Any) -> bool:
    """Whether a parameter that is 0 stops a block; the others then run as if it were no block."""
    if field.model.kind == "map":
        return False
    zeros = {
        p: S.Zero
        for p in field.model.parameters
        if not callable(value := field.parameters[str(p)]) and np.ndim(value) == 0 and value == 0
    }
    velocity = field.model.velocities[part.symbol]
    return bool(zeros) and not Rewriter().words(velocity.xreplace(zeros))


@dataclass(frozen=True, eq=False)
class StateTrajectory(Result):
    """States along a trajectory of a model with several blocks.

    Parameters
    ----------
    times : ndarray
        Shape (time,).
    state : dict
        Value of each block, of shape (time, ..., rows, columns); a constant block as it was given.
    status : IntegrationStatus
        How the integration ended; `status.message` names the remedy.
    n_steps, n_evaluations : int
        Accepted steps, evaluations of the velocity.
    field : SystemField
        What was integrated.
    events : tuple of EventRecord
        In the order of their times; ``points`` of a record is a state.
    _run : Trajectory
        The run of that array.
    _flat : FlatField
        How blocks lie in one array.
    """

    _shown = ("field", "status", "times", "state", "n_steps", "n_evaluations", "events")
    _coordinates = (("time", "times"),)
    _variables = (("energy", ("time", ...)),)

    times: FloatArray
    state: State
    status: IntegrationStatus
    n_steps: int
    n_evaluations: int
    field: SystemField
    events: tuple[EventRecord, ...]
    _run: Trajectory
    _flat: FlatField

    def _further_variables(self) -> Iterable[tuple[str, tuple[Any, ...], Any]]:
        """Yield the blocks of the state."""
        for name, value in self.state.items():
            rows = ("token", "component") if name == "X" else (f"{name}_row", f"{name}_column")
            yield name, (*(("time",) if name in self._flat.varying else ()), ..., *rows), value

    @property
    def points(self) -> FloatArray:
        """The tokens X, shape (time, ..., n, d)."""
        return self.state["X"]

    @property
    def energy(self) -> FloatArray | None:
        """The model's energy at each row's own time, shape (time, ...); None without one."""
        if self.field.model.energy is None:
            return None
        moving = self._flat.varying
        rows = [
            self.field.energy(
                {k: v[i] if k in moving else v for k, v in self.state.items()}, float(time)
            )
            for i, time in enumerate(self.times)
        ]
        return np.stack(rows)

    def at(self, t: ArrayLike) -> State:
        r"""State at any time of the trajectory, of shapes (*t.shape, ..., rows, columns).

        Parameters
        ----------
        t : array_like
            Time.

        Returns
        -------
        State
            Blocks by name, of shapes (\*t.shape, ..., rows, columns).

        Raises
        ------
        ValueError
            If a time lies outside the trajectory.
        """
        return self._flat.state(self._run.at(t))


class FlatField:
    """The velocity of a state as one row of numbers, for the array loop."""

    def __init__(self, field: SystemField, state: State) -> None:
        self.field = field
        self.model = SimpleNamespace(
            name=field.model.name,
            space="blocks",
            kind=field.model.kind,
            energy=None,
            velocity=field.model.velocity,
        )
        moving = [part for part in field.model.blocks if part.moves]
        self.varying = [str(part.symbol) for part in moving]
        parts = [part for part in moving if not _stays(field, part)]
        names = [str(part.symbol) for part in parts]
        self.constant = {k: v for k, v in state.items() if k not in names}
        batch = np.broadcast_shapes(*field.batches(state))
        shapes = {name: (*batch, *state[name].shape[-2:]) for name in names}
        starts = {name: np.broadcast_to(state[name], shapes[name]).copy() for name in names}
        self.coordinates = Coordinates.of(parts, list(shapes.values()), starts)

    @property
    def names(self) -> list[str]:
        """Names of the blocks that the loop moves."""
        return self.coordinates.names

    @property
    def free(self) -> bool:
        """Whether some rows have no length of their own."""
        return self.coordinates.free

    @property
    def blocks(self) -> tuple[Block, ...]:
        """Blocks of the stepper."""
        return self.coordinates.blocks(self.coordinates.units)

    def row(self, state: Mapping[str, FloatArray]) -> FloatArray:
        """Coordinates of a state: of what is positive, logarithms of its change from the start."""
        return self.coordinates.rows(state)

    def state(self, rows: FloatArray) -> State:
        """States of rows of coordinates, shape (..., numbers)."""
        still = {
            name: np.broadcast_to(value, (*rows.shape[:-1], *value.shape))
            for name, value in self.constant.items()
            if name in self.varying
        }
        return self.constant | still | self.coordinates.state(rows)

    def unchecked(self, row: FloatArray, t: float = 0.0) -> FloatArray:
        """Velocity of the coordinates; of a map, the coordinates after the layer."""
        state = self.state(row)
        velocity = self.field.unchecked(state, t)
        if self.model.kind == "map":
            return self.row(velocity)
        return self.coordinates.slopes(velocity, state)

    def __call__(self, row: FloatArray, t: float = 0.0) -> FloatArray:
        """Velocity of the coordinates, as `unchecked`."""
        return self.unchecked(row, t)

    def scaled(self, row: FloatArray, t: float = 0.0) -> tuple[FloatArray, FloatArray]:
        """Velocity over e^0: a state of several blocks has no clock of its own."""
        return self.unchecked(row, t), np.zeros(())

    def events(self, events: tuple[Event, ...]) -> tuple[Event, ...]:
        """Events of states, as events of rows of coordinates."""
        return tuple(replace(e, function=partial(self._seen, e.function)) for e in events)

    def _seen(self, function: Any, t: float, row: FloatArray) -> Any:
        return function(t, self.state(row))

    def trajectory(self, run: Trajectory) -> StateTrajectory:
        """States of a run of rows of coordinates."""
        records = tuple(EventRecord(r.index, r.time, self.state(r.points)) for r in run.events)
        return StateTrajectory(
            run.times,
            self.state(run.points),
            run.status,
            run.n_steps,
            run.n_evaluations,
            self.field,
            records,
            run,
            self,
        )
