"""The trajectory: points, energies and status of an integration, and its states in between."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from dataclasses import field as field_
from functools import cached_property
from typing import cast

import numpy as np
from numpy.typing import ArrayLike

from numerics.arguments import FloatArray, as_float
from numerics.compile import namespace
from numerics.fastsum import SUMS, FastField
from numerics.integration.events import EventRecord, IntegrationStatus
from numerics.records import Result
from numerics.stepping import EIGHT, Clock, Field, Rules, Tail, points_between
from theory.symbols import t as TIME

_ROOM = 1 << 18  # numbers of the points of as many times as are evaluated together


@dataclass(frozen=True, eq=False)
class Trajectory(Result):
    """Points along a trajectory and how they came about.

    Parameters
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
    field : VelocityField, FastField or FunctionField
        What was integrated.
    log_times : ndarray
        Values of log |times − t_start|, carried by the scaled clock where the times underflow.
    clock : {"plain", "scaled", "layers"}
        Which time the steps were taken in.
    log_rate : float
        In the scaled clock dτ = e^{log_rate} dt; 0 otherwise.
    rounding : float
        Bound on what rounding of the velocity has done to the points, of the form that each step
        used (sums of products, or differences where those would count); errors of earlier steps
        grow or fade as any perturbation does. nan for a function of yours, of whose rounding
        nothing is known.
    events : tuple of EventRecord
        In the order of their times.
    _nodes : tuple[ndarray, ndarray], optional
        Steps of the run.
    _clock : Clock, optional
        The clock of the run.
    _rules : Rules, optional
        Rules of the continuous extension.
    _tail : Tail, optional
        Limit of what lies beyond.

    Examples
    --------
    >>> from numerics import compile_model, integrate, sphere
    >>> from theory import SA
    >>> field = compile_model(SA, beta=4.0)
    >>> integrate(field, sphere.random_points(8, 3, rng=0), 1.0, t_eval=[0.0, 0.5, 1.0])
    Trajectory(model=SA, beta=4, status=FINISHED, times=0 to 1 (3), points=(3, 8, 3),
        n_steps=..., n_evaluations=...)
    """

    _shown = ("field", "status", "times", "points", "n_steps", "n_evaluations", "events")
    _coordinates = (("time", "times"),)
    _variables = (
        ("points", ("time", ..., "token", "component")),
        ("energy", ("time", ...)),
        ("log_times", ("time",)),
    )

    times: FloatArray
    points: FloatArray
    status: IntegrationStatus
    n_steps: int
    n_evaluations: int
    field: Field
    log_times: FloatArray
    clock: str = "plain"
    log_rate: float = 0.0
    rounding: float = 0.0
    events: tuple[EventRecord, ...] = ()
    _nodes: tuple[FloatArray, FloatArray] = field_(default=(np.zeros(0), np.zeros(0)), repr=False)
    _clock: Clock = field_(default=Clock.plain(0.0, 0.0), repr=False)
    _rules: Rules = field_(default=Rules(EIGHT, (), 1e-8, 0.0, 0), repr=False)
    _tail: Tail | None = field_(default=None, repr=False)

    @property
    def reached(self) -> float:
        """The tolerance that was met: rtol, or what rounding may have done where that is more.

        nan for a function of yours; 0 for layers, which have no tolerance.
        """
        return float(np.maximum(self._rules.rtol + self._rules.atol, self.rounding))

    @property
    def sums(self) -> str:
        """Who summed over the pairs: "direct", "circle" or "sphere" (see `numerics.fastsum`)."""
        fast = isinstance(self.field, FastField)
        return SUMS[self.points.shape[-1]] if fast else "direct"

    @cached_property
    def energy(self) -> FloatArray | None:
        """The model's energy at each row's own time, shape (time, ...); None without one."""
        if self.field.model.energy is None:
            return None
        return self._at_each_time(self.field.energy)

    @cached_property
    def log_energy(self) -> FloatArray:
        """Give log ΣΣ m_i m_j e^{β⟨x_i,x_j⟩}, shape (time, ...): finite at every β."""
        return self._at_each_time(self.field.log_energy)

    def _at_each_time(self, energy: Callable[[FloatArray, float], FloatArray]) -> FloatArray:
        """Evaluate an energy: one time at a time where it depends on time, or they are large."""
        timed = any(callable(value) for value in self.field.parameters.values())
        expression = self.field.model.energy
        timed |= expression is not None and TIME in expression.free_symbols
        row = max(1, math.prod(self.points.shape[1:]))
        step = 1 if timed else max(1, _ROOM // row)
        values = [
            energy(self.points[k : k + step], float(self.times[k]))
            for k in range(0, len(self.times), step)
        ]
        joined: FloatArray = namespace(self.points).concat(values)
        return joined

    def at(self, t: ArrayLike | None = None, *, log_time: ArrayLike | None = None) -> FloatArray:
        """Return the points at any time of the run, by the continuous extension of its steps.

        The steps that hold a time asked for are computed again, so that a trajectory stores its
        nodes only, and halved until the extension meets the tolerance too.

        Parameters
        ----------
        t : array_like
            Times between the start and the end. For layers: whole numbers.
        log_time : array_like
            Values of log |t − t_start| in place of t.

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
        node_times, node_points = self._nodes
        backward = bool(node_times[-1] < node_times[0])
        name = "t" if t is not None else "log_time"
        given = as_float(cast(ArrayLike, t if t is not None else log_time), name)
        if given.size == 0:
            return node_points[:0].reshape(*given.shape, *node_points.shape[1:])
        if t is not None:
            wanted = self._clock.of(given)
        else:
            wanted = self._clock.of_log(given, -1.0 if backward else 1.0)
        low, high = sorted((float(node_times[0]), float(node_times[-1])))
        slack = 8 * np.finfo(float).eps * max(abs(low), abs(high))
        outside = ~((wanted >= low - slack) & (wanted <= high + slack))
        if np.any(outside):
            raise ValueError(
                f"Expected times between the first and the last of the trajectory but got "
                f"{name}={float(given[outside].flat[0])!r}; integrate further "
                f"(status {self.status.name}: {self.status.message})"
            )
        flat = np.clip(wanted, low, high).reshape(-1)
        if self.clock == "layers":
            out = stored_layers(flat, node_times, node_points)
        else:
            order = -1.0 if backward else 1.0
            cells = np.searchsorted(order * node_times, order * flat, side="right") - 1
            cells = np.clip(cells, 0, max(node_times.size - 2, 0))
            parts = []
            for cell in np.unique(cells):
                ends, inside = node_times[cell : cell + 2], flat[cells == cell]
                if self._tail is not None and ends[0] >= self._tail.start:
                    parts.append(self._tail.at(inside))
                    continue
                parts.append(
                    points_between(
                        self.field, self._rules, self._clock, node_points[cell], ends, inside
                    )
                )
            xp = namespace(node_points)
            out = xp.concat(parts)[np.argsort(np.argsort(cells, kind="stable"))]
            # Nodes come back bit for bit.
            positions = np.searchsorted(order * node_times, order * flat)
            hits = (node_times[positions] == flat).reshape(-1, *(1,) * (node_points.ndim - 1))
            out = xp.where(xp.asarray(hits, dtype=xp.bool), node_points[positions], out)
        return out.reshape(*wanted.shape, *node_points.shape[1:])


def stored_layers(
    wanted: FloatArray, node_times: FloatArray, node_points: FloatArray
) -> FloatArray:
    """Points after given numbers of layers."""
    positions = np.clip(np.searchsorted(node_times, wanted), 0, node_times.size - 1)
    missing = node_times[positions] != wanted
    if np.any(missing):
        raise ValueError(
            f"Expected whole numbers of layers but got t={float(wanted[missing][0])!r}; "
            "a map has no points between layers: ask for a whole number."
        )
    return node_points[positions]
