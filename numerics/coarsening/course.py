"""The loop of a coarsening run: legs, merge events, collapses, endings."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np

from numerics.arguments import FloatArray, IntArray
from numerics.coarsening.backends import make_pairs, take_leg
from numerics.coarsening.legs import Leg, Why, diagnose, energy
from numerics.coarsening.result import MERGE_DISTANCE, CoarsenStatus, History, Joining
from numerics.coarsening.step import (
    Dense,
    Options,
    State,
    collapsible,
    extend,
    groups,
    observe,
)

SADDLE_CONDITIONING = 1e-6
"""Below this conditioning figure later merges are marked: the run came close to a saddle."""

_ENDS = {
    Why.STATIONARY: CoarsenStatus.STATIONARY,
    Why.HORIZON: CoarsenStatus.HORIZON,
    Why.MAX_STEPS: CoarsenStatus.MAX_STEPS,
}


class Course:
    """Mutable state of one run, nothing outside it.

    Parameters
    ----------
    x : (d, n) array
        Unit columns.
    masses : (n,) array
        Of total 1.
    options : Options
        Of the run.
    history : History, optional
        Where to keep the steps.
    kick : float
        Displace every point by that length along the sphere, at the start and at each collapse.
    watch : callable, optional
        Gets log t and the events so far after each leg.
    """

    def __init__(
        self,
        x: FloatArray,
        masses: FloatArray,
        options: Options,
        history: History | None = None,
        kick: float = 0.0,
        watch: Callable[[float, list[Joining]], None] | None = None,
    ) -> None:
        n = x.shape[1]
        self.options = options
        self.x = x
        self.masses = masses
        self.members: IntArray = np.arange(n)  # column of each particle
        self.component: IntArray = np.arange(n)  # of each column: smallest particle of its tree
        self.events: list[Joining] = []
        self.log_times = [-math.inf]
        self.energies: list[float] = []
        self.residual = 0.0
        self.conditioning = 1.0
        self.frozen = 0.0
        self.rounding = options.held if options.held > options.rtol else 0.0
        self.steps = 0
        self.rejected = 0
        self.s = 0.0
        self.history = history
        self._kick = kick
        self._watch = watch
        self._draw = np.random.default_rng(20240301)
        self._new_pairs()

    def _new_pairs(self) -> None:
        o = self.options
        self.pairs = make_pairs(o.backend, self.masses, o.kernel, o.normalised, o.floor)

    def go(self) -> CoarsenStatus:
        """Run to an end."""
        options = self.options
        everything = np.arange(self.x.shape[1])
        i, j = self.pairs.close(self.x, everything, self.component, MERGE_DISTANCE, options.core)
        start = np.full(len(i), -math.inf)
        self._join(start, start, i, j, None)
        state = self._look(-math.inf)
        collapsed, state = self._collapse(state, i, j)
        if self._kick and not collapsed:
            self._displace()
            state = self._look(-math.inf)
        self.energies.append(self._energy(state))
        self._keyframe()
        h = 0.1
        while state is not None:
            leg = take_leg(
                self.pairs,
                state,
                h,
                options,
                self.component,
                MERGE_DISTANCE,
                options.max_steps - self.steps - self.rejected,
            )
            self._record(leg)
            if self._watch is not None:
                self._watch(self.log_times[-1], self.events)
            state, h = leg.state, leg.h
            if leg.why in _ENDS:
                return _ENDS[Why(leg.why)]
            if leg.step is None:
                continue
            i, j = leg.first, leg.second
            dense = None
            apart = self.component[i] != self.component[j]
            end = options.log_t_end
            if (end is not None and leg.step.log_time >= end) or apart.any():
                dense = extend(self.pairs, leg.step, leg.state, options)
                self._find_events(dense, i[apart], j[apart])
            self.s += leg.step.h
            if end is not None and dense is not None and leg.step.log_time >= end:
                self._stop_at(dense, end)
                return CoarsenStatus.HORIZON
            collapsed, state = self._collapse(state, i, j)
            if collapsed:
                h = min(h, 0.5)
                self._keyframe()
                self.energies[-1] = self._energy(state)
        self.residual = 0.0
        return CoarsenStatus.CONSENSUS

    def _keyframe(self) -> None:
        if self.history is not None:
            self.history.keyframe(self.x, self.members, self.masses)

    def _record(self, leg: Leg) -> None:
        """Add the steps of a leg."""
        taken = len(leg.lengths)
        self.steps += taken
        self.rejected += leg.rejected
        self.residual = leg.residual
        self.conditioning = min(self.conditioning, leg.conditioning)
        self.frozen += leg.frozen
        self.rounding = max(self.rounding, leg.least)
        self.s += float(leg.lengths.sum()) - (leg.step.h if leg.step is not None else 0.0)
        if self.history is not None:
            self.history.record(self.x, self.log_times[-1], leg, self.members, self.masses)
        self.log_times += leg.log_times.tolist()
        self.energies += self._energies(leg).tolist()
        self.x = leg.state.x

    def _stop_at(self, dense: Dense, end: float) -> None:
        """Take the last step back to the horizon."""
        self.x = dense.points(dense.fraction(end))
        state = self._look(end)
        self.log_times[-1] = end
        self.energies[-1] = self._energy(state)
        if state is not None:
            self.residual, conditioning = diagnose(state, self.options)
            self.conditioning = min(self.conditioning, conditioning)

    def _look(self, log_time: float) -> State | None:
        """Observe the current points; None for a single cluster, which doesn't move."""
        if self.x.shape[1] == 1:
            return None
        return observe(self.pairs, self.x, log_time, self.options)

    def _displace(self) -> None:
        """Displace every point along the sphere, if this is a twin."""
        if self._kick == 0.0:
            return
        step = self._draw.standard_normal(self.x.shape)
        step -= self.x * np.sum(self.x * step, axis=0)
        length = np.linalg.norm(step, axis=0)
        step *= self._kick / np.where(length > 1e-8, length, np.inf)
        self.x = self.x + step
        self.x /= np.linalg.norm(self.x, axis=0)

    def _energy(self, state: State | None) -> float:
        kernel = self.options.kernel
        if state is None:
            return 1.0
        if kernel.exponential:
            return energy(self.masses, state)
        return kernel.energy(state.x, self.masses)

    def _energies(self, leg: Leg) -> FloatArray:
        """Energies of a leg; nobody asks for a twin's."""
        kernel = self.options.kernel
        if kernel.exponential or self.history is None:
            return leg.energies
        return np.array([kernel.energy(place, self.masses) for place in leg.places])

    def _find_events(self, dense: Dense, i: IntArray, j: IntArray) -> None:
        """Merge events of a step, up to the horizon, in the order of time."""
        theta = dense.crossings(i, j, MERGE_DISTANCE)
        times = dense.log_time(theta)
        if self.options.log_t_end is not None:
            early = times <= self.options.log_t_end
            theta, times, i, j = theta[early], times[early], i[early], j[early]
        order = np.argsort(theta, kind="stable")
        clocks = self.s + theta[order] * dense.step.h
        self._join(times[order], clocks, i[order], j[order], (dense, theta[order]))

    def _join(
        self,
        times: FloatArray,
        clocks: FloatArray,
        i: IntArray,
        j: IntArray,
        where: tuple[Dense, FloatArray] | None,
    ) -> None:
        """Feed near pairs, in the order of time, to the union of components."""
        component = self.component
        for k in range(len(times)):
            a, b = int(component[i[k]]), int(component[j[k]])
            if a == b:
                continue
            a, b = min(a, b), max(a, b)
            component[component == b] = a
            union = np.flatnonzero(component == a)
            points = self.x[:, union]
            if where is not None:
                points = where[0].points(float(where[1][k]), union)
            centre = points @ (self.masses[union] / self.masses[union].max())
            self.events.append(
                Joining(
                    log_time=float(times[k]),
                    clock=float(clocks[k]),
                    first=a,
                    second=b,
                    position=centre / np.linalg.norm(centre),
                    doubtful=self.conditioning < SADDLE_CONDITIONING,
                )
            )

    def _collapse(self, state: State | None, i: IntArray, j: IntArray) -> tuple[bool, State | None]:
        """Replace contracted groups by their centres of mass."""
        if state is None:
            return False, None
        gap = self.x[:, i] - self.x[:, j]
        core = np.einsum("kp,kp->p", gap, gap) < self.options.core**2
        i, j = i[core], j[core]
        if len(i):
            accepted = collapsible(state, self.masses, i, j, self.options)
            i, j = i[accepted], j[accepted]
        if not len(i):
            return False, state
        labels = groups(self.x.shape[1], i, j)
        count = int(labels.max()) + 1
        masses = np.bincount(labels, self.masses, count).astype(np.float64)
        single = np.bincount(labels, minlength=count) == 1
        x = np.array([np.bincount(labels, row * self.masses, count) for row in self.x])
        x /= masses  # before the lengths: squares of small masses underflow
        x /= np.linalg.norm(x, axis=0)
        first: IntArray = np.unique(labels, return_index=True)[1].astype(np.int64)
        x[:, single] = self.x[:, first[single]]  # untouched points keep every bit
        self.x, self.masses = x, masses
        self.members = labels[self.members]
        self.component = self.component[first]
        self._new_pairs()
        self._displace()
        return True, self._look(state.log_time)
