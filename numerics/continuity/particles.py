"""Nodes that carry their masses along the flow: where they go, and how volumes about them change.

A node's mass never changes and a density is ``ρ₀ e^{-∫div}``: mass is exact and densities stay
positive. The nodes resolve the density until neighbours no longer predict a node; beyond that they
are particles with masses.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from enum import IntEnum

import numpy as np
from scipy.integrate import DOP853
from scipy.interpolate import make_interp_spline

from numerics.arguments import FloatArray
from numerics.continuity.circle import Circle
from numerics.continuity.zonal import Zonal

PLACES_OFF, VOLUMES_OFF = 1e-6, 1e-3
"""A node, in radians, and the log of its volume, as far from what its neighbours predict."""


class MeanFieldStatus(IntEnum):
    """How a run ended; `.message` says it in words and names the remedy."""

    SMOOTH = 0
    CONCENTRATED = 1
    MAX_STEPS = 2
    STALLED = 3

    @property
    def message(self) -> str:
        """What happened and what to do about it."""
        return _MESSAGES[self]


_MESSAGES = {
    MeanFieldStatus.SMOOTH: "The last time was reached, with a density that the nodes resolve.",
    MeanFieldStatus.CONCENTRATED: (
        "The last time was reached; after `resolved_until` the nodes don't resolve the density and "
        "are particles with masses: `density` is None there, and `quantiles`, `moments` and "
        "`energy` have the error of as many particles. Raise modes to resolve it longer."
    ),
    MeanFieldStatus.MAX_STEPS: (
        "The number of steps was used up, as where clusters contract much faster than they move; "
        "raise max_steps, loosen rtol, or shorten t_end."
    ),
    MeanFieldStatus.STALLED: (
        "The step fell below the rounding of the time that was reached; loosen rtol, or use "
        "smaller parameters."
    ),
}


@dataclass(frozen=True)
class Course:
    """Nodes at times: places and log-volumes of shape (time, n), what the scaled energy gained."""

    times: FloatArray
    places: FloatArray
    log_volumes: FloatArray
    gains: FloatArray
    resolved_until: float
    status: MeanFieldStatus
    n_steps: int
    n_evaluations: int


def march(
    geometry: Circle | Zonal,
    start: tuple[float, FloatArray],
    times: FloatArray,
    rtol: float,
    max_steps: int,
    report: Callable[[float], None] | None = None,
) -> Course:
    """Integrate nodes, log-volumes and the gain of energy, by DOP853, to each of the times.

    Parameters
    ----------
    geometry : Circle or Zonal
        The equation and its nodes.
    start : (float, ndarray)
        Time and state: displacements from the labels, log-volumes, gain.
    times : ndarray
        Ascending, from the start's on.
    rtol : float
        Tolerance of a step, relative to displacements and log-volumes; absolute is rtol/1000.
    max_steps : int
        Accepted steps at most.
    report : callable, optional
        Is told the time after each step.
    """
    size = geometry.labels.size

    def rate(_: float, state: FloatArray) -> FloatArray:
        velocity, spread, gain = geometry.flow(geometry.labels + state[:size])
        return np.concatenate([velocity, spread, [gain]])

    begun, state = start
    rows = [state for time in times if time <= begun]
    resolved, smooth_until, steps = True, begun, 0
    status = MeanFieldStatus.SMOOTH
    if times[-1] > begun:
        solver = DOP853(rate, begun, state, times[-1], rtol=rtol, atol=1e-3 * rtol)
        while solver.status == "running":
            if steps >= max_steps:
                status = MeanFieldStatus.MAX_STEPS
                break
            solver.step()
            if solver.status == "failed":
                status = MeanFieldStatus.STALLED
                break
            steps += 1
            due = int(np.searchsorted(times, solver.t, side="right"))
            between = solver.dense_output() if len(rows) < due else None
            seen = []
            for time in times[len(rows) : due]:
                assert between is not None
                rows.append(solver.y.copy() if time == solver.t else between(time))
                seen.append((float(time), rows[-1]))
            for time, row in (*seen, (solver.t, solver.y)) if resolved else ():
                resolved = is_resolved(geometry, row)
                if not resolved:
                    break
                smooth_until = time
            if report is not None:
                report(solver.t)
        evaluations = solver.nfev
        if status is not MeanFieldStatus.SMOOTH and (not rows or times[len(rows) - 1] < solver.t):
            rows.append(solver.y.copy())
            times = np.append(times[: len(rows) - 1], solver.t)
    else:
        evaluations = 0
    if status is MeanFieldStatus.SMOOTH and not resolved:
        status = MeanFieldStatus.CONCENTRATED
    table = np.array(rows)
    return Course(
        times[: len(rows)],
        geometry.labels + table[:, :size],
        table[:, size : 2 * size],
        table[:, -1],
        smooth_until if not resolved else math.inf,
        status,
        steps,
        evaluations,
    )


def is_resolved(geometry: Circle | Zonal, state: FloatArray) -> bool:
    """Whether three neighbours on each side predict every node's place and volume."""
    size = geometry.labels.size
    places = geometry.extended(geometry.labels + state[:size], geometry.turn)
    volumes = geometry.extended(state[size : 2 * size])
    labels = geometry.extended(geometry.labels, geometry.turn)
    weights = _neighbour_weights(labels)
    return bool(
        np.max(np.abs(_unpredicted(places, weights))) < PLACES_OFF
        and np.max(np.abs(_unpredicted(volumes, weights))) < VOLUMES_OFF
    )


def _unpredicted(values: FloatArray, weights: FloatArray) -> FloatArray:
    """Value at each node minus the polynomial of degree 5 through its six neighbours."""
    inner = values.size - 6
    off = values[3 : 3 + inner].copy()
    for weight, shift in zip(weights, (0, 1, 2, 4, 5, 6), strict=True):
        off -= weight * values[shift : shift + inner]
    return off


def _neighbour_weights(labels: FloatArray) -> FloatArray:
    """Lagrange weights of the six neighbours of each node, shape (6, n)."""
    inner = labels.size - 6
    near = np.stack([labels[s : s + inner] for s in (0, 1, 2, 4, 5, 6)])
    here = labels[3 : 3 + inner]
    weights = np.ones_like(near)
    for i in range(6):
        for j in range(6):
            if i != j:
                weights[i] *= (here - near[j]) / (near[i] - near[j])
    return weights


def spline(geometry: Circle | Zonal, values: FloatArray, turn: float = 0.0, k: int = 5) -> object:
    """Make a function of labels through values at the nodes."""
    labels = geometry.extended(geometry.labels, geometry.turn)
    return make_interp_spline(labels, geometry.extended(values, turn), k=k)


__all__ = ["Course", "MeanFieldStatus", "is_resolved", "march", "spline"]
