"""The course of a coarsening run: its status, its merges, and its states at any log time.

Also how steps are kept to be taken again, and how joins of components become merges.
"""

from __future__ import annotations

import enum
import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any, overload

import numpy as np
from numpy.typing import ArrayLike, NDArray

from numerics import sphere
from numerics.arguments import FloatArray, IntArray, as_float, named
from numerics.coarsening.backends import make_pairs
from numerics.coarsening.flows import Clock
from numerics.coarsening.legs import Leg
from numerics.coarsening.step import Options, extend, observe, try_step
from numerics.records import Result
from theory.models import Model

MERGE_DISTANCE = 1e-3
"""Two clusters have merged when points of theirs come within this chord of each other."""


_KEYFRAME_EVERY = 128


class CoarsenStatus(enum.Enum):
    """How a coarsening run ended; `message` says what that means and what to do about it."""

    CONSENSUS = "consensus"
    STATIONARY = "stationary"
    HORIZON = "horizon"
    MAX_STEPS = "max-steps"

    @property
    def message(self) -> str:
        """One sentence for people, ending with the remedy where there is one."""
        return _MESSAGES[self]


_MESSAGES = {
    CoarsenStatus.CONSENSUS: "All points are in one cluster.",
    CoarsenStatus.STATIONARY: (
        "The pulls on every cluster that feels one cancel to rounding, so the clusters left are an "
        "equilibrium to double precision; perturb the points to leave it if it is a saddle."
    ),
    CoarsenStatus.HORIZON: "The run stopped at log_t_end; raise log_t_end to follow it further.",
    CoarsenStatus.MAX_STEPS: (
        "The run stopped after max_steps steps; raise max_steps, or loosen rtol for fewer steps."
    ),
}


@dataclass(frozen=True, eq=False)
class Merge(Result):
    """Two or more clusters that became one.

    Parameters
    ----------
    log_time : float
        Natural logarithm of the time at which the last two of the clusters came within
        `MERGE_DISTANCE` of each other; −inf for those within it from the start.
    children : tuple of int
        The clusters that merged, ascending; ids below n are particles.
    cluster : int
        Id of the new cluster; new ids are n, n + 1, … in the order of time.
    mass : float
        Total mass of the new cluster.
    position : (d,) array
        Its normalised centre of mass at that time.
    energy_before, energy_after : float
        Energy Σ_ij m_i m_j e^{−β(1−<x_i,x_j>)} halfway, in log t, to the merge before and to the
        merge after: between well separated merges these are the heights of the two plateaus.
    ill_conditioned : bool
        True when this merge is not to be relied on: the twin gave another partner or a log time
        farther away than `LARGEST_LOG_TIME_ERROR`, or the run had come too close to a saddle
        before, or (with ``check=True``) the repeat gave another time or partner.
    log_time_error : float
        Error bar of `log_time`: its distance from the log time of the twin, plus rounding; inf
        where the twin has no such merge, NaN without a twin.
    alternative : tuple of int or None
        None where the twin merged the same clusters. Else the particles of the cluster that the
        first child joined in the twin, empty if it had joined none by then.
    """

    log_time: float
    children: tuple[int, ...]
    cluster: int
    mass: float
    position: FloatArray
    energy_before: float
    energy_after: float
    ill_conditioned: bool = False
    log_time_error: float = math.nan
    alternative: tuple[int, ...] | None = None


@dataclass(frozen=True, eq=False)
class Coarsening(Result):
    """The course of a coarsening run.

    Parameters
    ----------
    status : CoarsenStatus
        How the run ended.
    merges : tuple of Merge
        In the order of time.
    log_times, energies : (steps + 1,) arrays
        Natural logarithm of time at the accepted steps, −inf first, and the energy
        Σ_ij m_i m_j e^{−β(1−<x_i,x_j>)} in (0, (Σ m)²] there; for other kernels than exponentials
        Σ_ij m_i m_j (h(<x_i,x_j>) − h(−1))/(h(1) − h(−1)).
    points : (n, d) array
        The initial points, as unit vectors.
    masses : (n,) array
        Their masses.
    beta : float
        Inverse temperature; NaN for a model without it.
    model : Model
        The flow.
    rtol : float
        Tolerance asked for.
    final_points, final_masses : (k, d) and (k,) arrays
        Where the clusters are at the end, and their masses.
    final_labels : (n,) int array
        The row of `final_points` each particle belongs to.
    residual : float
        Largest |Σ pulls| / Σ |pulls| over the clusters at the end (0 for a single cluster).
    conditioning : float
        Smallest value along the run of |velocity| / Σ|pulls| of the fastest points. Small values
        mean that the run passed close to a saddle, which multiplies rounding errors by about
        the inverse; merges after a value below 1e-6 are marked.
    confirmed : bool or None
        With ``check=True``, whether the repeat ended in the same way; None without.
    steps, rejected : int
        Accepted and rejected steps.
    _history : History, optional
        Steps of the run, which `at` reads.
    frozen : float
        Bound on how far the pulls that were left out because they are below e^{−40} of the fastest
        speed would have moved a point along the whole run.
    rounding : float
        The largest error of a step that couldn't be told from rounding where that is above rtol;
        0 where every step met it. `reached` is what all of them met.
    """

    _shown = (
        *("model", "beta", "status", "n", "d", "merges", "log_times", "final_points"),
        *("steps", "rtol", "reached", "ill_conditioned"),
    )
    _coordinates = (("log_time", "log_times"),)
    _variables = (
        ("energies", ("log_time",)),
        ("points", ("token", "component")),
        ("masses", ("token",)),
        ("final_labels", ("token",)),
        ("final_points", ("cluster", "component")),
        ("final_masses", ("cluster",)),
    )

    status: CoarsenStatus
    merges: tuple[Merge, ...]
    log_times: FloatArray
    energies: FloatArray
    points: FloatArray
    masses: FloatArray
    beta: float
    model: Model
    rtol: float
    final_points: FloatArray
    final_masses: FloatArray
    final_labels: IntArray
    residual: float
    conditioning: float
    confirmed: bool | None
    steps: int
    rejected: int
    _history: History = field(repr=False)
    frozen: float = 0.0
    rounding: float = 0.0

    @property
    def reached(self) -> float:
        """The tolerance that every step was held to: rtol, or the rounding above it."""
        return max(self.rtol, self.rounding)

    @property
    def n(self) -> int:
        """Number of particles."""
        return int(self.points.shape[0])

    @property
    def d(self) -> int:
        """Dimension of the space around the sphere."""
        return int(self.points.shape[1])

    def _further_variables(self) -> Iterable[tuple[str, tuple[Any, ...], Any]]:
        """Numbers of the merges."""
        for name in ("log_time", "mass", "energy_before", "energy_after", "log_time_error"):
            yield f"merge_{name}", ("merge",), [getattr(merge, name) for merge in self.merges]
        yield "merge_cluster", ("merge",), np.array([m.cluster for m in self.merges], dtype=int)

    @property
    def ill_conditioned(self) -> bool:
        """Whether any merge is marked, or a repeat ended differently."""
        return self.confirmed is False or any(merge.ill_conditioned for merge in self.merges)

    @overload
    def at(self, log_time: float) -> FloatArray: ...
    @overload
    def at(self, log_time: Sequence[float] | NDArray[Any]) -> FloatArray: ...
    def at(self, log_time: ArrayLike) -> FloatArray:
        """Return the positions of all particles at given times.

        Parameters
        ----------
        log_time : float or (k,) array
            Natural logarithm of time; −inf is the start. After consensus or at an equilibrium
            every later time is allowed. Late in a run neighbouring floating-point numbers are far
            apart in time: beyond log t = 36 a motion at rate 1 happens between two of them.

        Returns
        -------
        (n, d) or (k, n, d) array
            Unit vectors. The step that holds the time is taken again from its start, so a call
            costs about fifteen velocity evaluations for each step that is hit.

        Raises
        ------
        ValueError
            If a time is NaN or lies beyond the end of an unfinished run.
        """
        times = as_float(log_time, "log_time")
        if times.ndim > 1:
            raise ValueError(
                f"Expected a number or a vector of times but got log_time.shape={times.shape}. "
                "Pass log_time.ravel()."
            )
        end = self.log_times[-1]
        finished = self.status in (CoarsenStatus.CONSENSUS, CoarsenStatus.STATIONARY)
        wrong = np.isnan(times) | ((times > end) & (not finished))
        if wrong.any():
            bad = float(times[wrong].flat[0])
            raise ValueError(
                f"Expected times up to the end of the run, {end:g}, but got log_time={bad:g}. "
                "Run coarsen again with a larger log_t_end or max_steps."
            )
        flat = np.atleast_1d(times)
        out = np.empty((len(flat), self.n, self.d))
        steps = np.searchsorted(self.log_times, flat, side="right") - 1
        for step in np.unique(steps):
            chosen = np.flatnonzero(steps == step)
            if step + 1 >= len(self.log_times):
                out[chosen] = self.final_points[self.final_labels]
            else:
                out[chosen] = self._history.positions(int(step), flat[chosen])
        out[flat == -np.inf] = self.points
        return out if times.ndim else out[0]


def check_run(result: Any) -> None:
    """Refuse what isn't a run of `coarsen`."""
    if not isinstance(result, Coarsening):
        raise TypeError(
            f"Expected a run of coarsen but got result={named(result)}; "
            "pass what coarsen(points, beta=...) returns."
        )


@dataclass(frozen=True, eq=False)
class _Frame:
    """All clusters at one step."""

    step: int
    x: FloatArray  # (d, m)
    members: IntArray  # (n,): column of each particle
    masses: FloatArray  # (m,), of total 1


class History:
    """Enough of a run to take any of its steps again.

    Only the points that moved are kept for most steps: with well separated merges that is a small
    part of them.
    """

    def __init__(self, options: Options, basis: FloatArray | None, clock: Clock) -> None:
        self._options = options
        self._basis = basis
        self._clock = clock
        self._frames: list[_Frame] = []
        self._changes: list[tuple[IntArray, FloatArray]] = []
        self._lengths: list[float] = []
        self._log_times: list[float] = []

    def keyframe(self, x: FloatArray, members: IntArray, masses: FloatArray) -> None:
        """Keep the whole configuration at the current step."""
        frame = _Frame(len(self._lengths), x, members, masses)
        if self._frames and self._frames[-1].step == frame.step:
            self._frames.pop()
        self._frames.append(frame)

    def record(
        self, x: FloatArray, log_time: float, leg: Leg, members: IntArray, masses: FloatArray
    ) -> None:
        """Keep the steps of a leg from x, and where they led."""
        before = np.concatenate((x[None], leg.places[:-1])) if len(leg.places) else leg.places
        moved = (leg.places != before).any(axis=1)
        times = [log_time, *leg.log_times.tolist()]
        for place, which, length, time in zip(leg.places, moved, leg.lengths, times, strict=False):
            columns = np.flatnonzero(which)
            self._lengths.append(float(length))
            self._log_times.append(time)
            self._changes.append((columns, place[:, columns]))
            if len(self._lengths) - self._frames[-1].step >= _KEYFRAME_EVERY:
                self.keyframe(place.copy(), members, masses)

    def positions(self, step: int, log_times: FloatArray) -> FloatArray:
        """Positions (k, n, d) of all particles at times inside one step."""
        options = self._options
        frame = next(f for f in reversed(self._frames) if f.step <= step)
        x = frame.x.copy()
        for columns, values in self._changes[frame.step : step]:
            x[:, columns] = values
        pairs = make_pairs(
            options.backend, frame.masses, options.kernel, options.normalised, options.floor
        )
        before = observe(pairs, x, self._log_times[step], options)
        trial = try_step(pairs, before, self._lengths[step], options)
        after = observe(pairs, trial.after, trial.log_time, options)
        dense = extend(pairs, trial, after, options)
        out = []
        for log_time in log_times:
            theta = dense.fraction(self._clock.inner(float(log_time)))
            points = dense.points(theta)[:, frame.members].T
            out.append(points if self._basis is None else sphere.project(points @ self._basis))
        return np.array(out)


@dataclass(frozen=True, eq=False)
class Joining:
    """Two components that joined: their smallest particles, and the place of the union."""

    log_time: float
    clock: float  # s, −inf at the start
    first: int
    second: int
    position: FloatArray
    doubtful: bool


@dataclass(eq=False)
class _Node:
    """A cluster while the tree is being put together."""

    log_time: float
    clock: float
    mass: float
    children: list[_Node]
    particle: int  # the smallest one inside
    position: FloatArray | None = None
    doubtful: bool = False


def assembled_merges(
    events: Sequence[Joining],
    masses: FloatArray,
    log_times: FloatArray,
    energies: FloatArray,
    rtol: float,
) -> tuple[Merge, ...]:
    """Make merges of the joins of components; joins too close to be told apart become one."""
    top = {k: _Node(-math.inf, -math.inf, float(mass), [], k) for k, mass in enumerate(masses)}
    for event in events:
        children: list[_Node] = []
        for node in (top[event.first], top.pop(event.second)):
            fresh = node.clock == event.clock or event.clock - node.clock <= rtol
            if node.children and fresh:
                children += node.children
            else:
                children.append(node)
        mass = math.fsum(child.mass for child in children)
        top[event.first] = _Node(
            event.log_time,
            event.clock,
            mass,
            children,
            event.first,
            event.position,
            event.doubtful or any(child.doubtful for child in children),
        )
    nodes: list[_Node] = []
    stack = list(top.values())
    while stack:
        node = stack.pop()
        if node.children:
            nodes.append(node)
            stack += node.children
    nodes.sort(key=lambda node: (node.clock, node.particle))
    ids = {id(node): len(masses) + k for k, node in enumerate(nodes)}

    # heights of the staircase between one merge and the next
    times = np.array([node.log_time for node in nodes])
    halfway = np.concatenate(([-np.inf], 0.5 * (times[:-1] + times[1:]), [np.inf]))
    heights = np.full(len(halfway), energies[0])
    inside = np.isfinite(halfway)
    if len(log_times) > 1:
        heights[inside] = np.interp(
            halfway[inside], log_times[1:], energies[1:], left=energies[0], right=energies[-1]
        )
        heights[halfway == np.inf] = energies[-1]
    return tuple(
        Merge(
            log_time=node.log_time,
            children=tuple(sorted(ids.get(id(c), c.particle) for c in node.children)),
            cluster=ids[id(node)],
            mass=node.mass,
            position=np.asarray(node.position),
            energy_before=float(heights[k]),
            energy_after=float(heights[k + 1]),
            ill_conditioned=node.doubtful,
        )
        for k, node in enumerate(nodes)
    )
