"""Coarsening at any β: n weighted points on the sphere down to one cluster, on a clock of log t.

`coarsen` integrates SA or USA through every metastable phase and returns the whole merge tree, the
energy staircase and a dense trajectory in log t; the cost doesn't depend on how long phases last.

With e_ij = |x_i − x_j|²/2 = 1 − <x_i, x_j>, P_x the projection to the tangent space at x and sums
over all j,

    SA:   x_i' = P_{x_i} Σ_j m_j e^{−β e_ij} x_j / Z_i,    Z_i = Σ_j m_j e^{−β e_ij}
    USA:  x_i' = P_{x_i} Σ_j m_j e^{β (1 − e_ij)} x_j

the velocity is written e^M U with U of order one, and the position is advanced in the variable s
of ds = e^L dt, L = M + log R, where R is a smooth maximum of all relative rates of change. In s
nothing is exponentially large or small; log t is recovered by quadrature of e^{−L} along the same
steps (`numerics.coarsening.step`; the pair sums are in `numerics.coarsening.pairs`).
"""

from __future__ import annotations

import functools
import math
from dataclasses import replace

import numpy as np
import sympy as sp
from numpy.typing import ArrayLike

from numerics import sphere
from numerics.arguments import (
    FloatArray,
    IntArray,
    as_number,
    check_log_time,
    check_masses,
    check_model,
    check_whole,
    shown,
)
from numerics.coarsening.backends import choose_backend, make_pairs
from numerics.coarsening.pairs import Backend
from numerics.coarsening.result import (
    MERGE_DISTANCE,
    Coarsening,
    CoarsenStatus,
    History,
    Joining,
    assembled_merges,
    marked_by_repeat,
)
from numerics.coarsening.step import (
    LARGEST_RTOL,
    SMALLEST_RTOL,
    Dense,
    Options,
    State,
    collapsible,
    extend,
    groups,
    observe,
    try_step,
)
from theory import SA, attention_form
from theory.models import Model
from theory.symbols import beta as beta_symbol
from theory.symbols import z as inner_product

STATIONARY_RESIDUAL = 1e-13
"""Pulls that cancel to this fraction of their sum are rounding: the state is stationary. From
β = 113 on the rounding of the exponents βe_ij is larger, and 4β·eps takes its place."""


SADDLE_CONDITIONING = 1e-6
"""Below this conditioning figure later merges are marked: the run came close to a saddle."""


def coarsen(
    points: ArrayLike,
    beta: float,
    model: Model = SA,
    masses: ArrayLike | None = None,
    rtol: float = 1e-8,
    log_t_end: float | None = None,
    max_steps: int = 100_000,
    check: bool = False,
    backend: Backend | None = None,
) -> Coarsening:
    """Follow attention particles through all their merges, up to times like e^{1000}.

    Parameters
    ----------
    points : (n, d) array
        Initial unit vectors, d ≥ 1.
    beta : float
        Inverse temperature, from 0 to 1e4 and beyond.
    model : Model
        `theory.SA` or `theory.USA`, or any model with the same attention kernel e^{β<x,y>}.
    masses : (n,) array, optional
        Positive masses, used as given; 1/n each by default.
    rtol : float
        Tolerance, from 1e-12 to 1e-4: about the error of log t at each merge, and the relative
        error of every separation between points.
    log_t_end : float, optional
        Stop exactly at this log t; by default the run goes on to one cluster or an equilibrium.
    max_steps : int
        Stop after that many steps, accepted and rejected.
    check : bool
        Repeat with the data rotated and a hundredfold finer tolerance, and mark every merge that
        moved by more than ``100 * rtol`` or changed partner. No quantity of a single run can
        detect a configuration that is symmetric but moving, whose symmetry rounding breaks.
    backend : {"numpy", "numba"}, optional
        The pair loops; numba when it can be imported.

    Returns
    -------
    Coarsening
        Status, merges, energies, dense output and final clusters.

    Raises
    ------
    TypeError, ValueError
        If the points are not unit rows, a mass is not positive and finite, beta is negative or
        not finite, rtol or max_steps is no number or out of range, log_t_end is NaN, the model
        has another kernel, or the energy of such masses is no double.
    ModuleNotFoundError
        If ``backend="numba"`` and numba cannot be imported.

    Notes
    -----
    A merge is the first time at which points of two clusters come within `MERGE_DISTANCE`. Merges
    that share a cluster and follow each other within `rtol` of the clock s, in which distances
    change at rates of order one, are reported as a single one of more than two clusters: their
    order is below the accuracy. Merges one after the other may have equal log times all the same:
    after e^{200} a merge that takes e^{100} is instantaneous to double precision.

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
    """
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
    check_model(model, "pass SA or USA")
    if not isinstance(check, bool | np.bool_):
        raise TypeError(f"Expected True or False but got check={shown(check)}; leave it out.")
    options = _options(
        beta, _is_normalised(model), rtol, log_t_end, max_steps, choose_backend(backend)
    )
    result = _coarsen(start, weights, model, options)
    if not check:
        return result
    finer = replace(
        options, rtol=max(options.rtol / 100, SMALLEST_RTOL), max_steps=_repeat_limit(options)
    )
    repeat = _coarsen(start @ _rotation(start.shape[1]), weights, model, finer)
    return marked_by_repeat(result, repeat)


@functools.lru_cache(maxsize=32)
def _is_normalised(model: Model) -> bool:
    """Whether the model is SA (True) or USA (False); an error for any other."""
    form = attention_form(model)
    exponential = sp.exp(beta_symbol * inner_product)
    if form is None or form.scale != 1 or sp.simplify(form.kernel - exponential) != 0:
        raise ValueError(
            "Expected a model whose attention kernel is exp(beta*z) but got "
            f"model={model.name}. Use numerics.integrate, which takes any model."
        )
    return bool(form.normalised)


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


def _options(
    beta: float,
    normalised: bool,
    rtol: float,
    log_t_end: float | None,
    max_steps: int,
    backend: Backend,
) -> Options:
    """Check the numbers of a call."""
    if isinstance(beta, list | tuple) or np.ndim(beta) > 0:
        raise ValueError(
            f"Expected one number but got beta={shown(beta)}. "
            "Call coarsen once for each temperature."
        )
    temperature = as_number(beta, "beta", "give one number >= 0")
    if not 0 <= temperature < math.inf:
        raise ValueError(
            f"Expected a finite number ≥ 0 but got beta={shown(beta)}. "
            "Negative beta repels and has no merges: use numerics.integrate."
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
    return Options(temperature, normalised, tolerance, end, int(max_steps), backend)


def _coarsen(points: FloatArray, masses: FloatArray, model: Model, options: Options) -> Coarsening:
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
    shift = 0.0 if options.normalised else -math.log(total)
    inner = replace(
        options, log_t_end=None if options.log_t_end is None else options.log_t_end - shift
    )
    run = _Run(np.ascontiguousarray(columns), masses / total, inner, basis, shift)
    status = run.go()

    def outward(position: FloatArray) -> FloatArray:
        return position if basis is None else sphere.project(position @ basis)

    log_times = np.array(run.log_times) + shift
    if status is CoarsenStatus.HORIZON:
        log_times[-1] = options.log_t_end  # exactly, whatever the shift rounded to
    energies = np.array(run.energies) * total**2
    merges = assembled_merges(
        [replace(e, log_time=e.log_time + shift, position=outward(e.position)) for e in run.events],
        masses,
        log_times,
        energies,
        options.rtol,
    )
    return Coarsening(
        status=status,
        merges=merges,
        log_times=log_times,
        energies=energies,
        points=points,
        masses=masses,
        beta=options.beta,
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
        _history=run.history,
    )


class _Run:
    """The loop over steps: mutable state of one run, nothing outside it."""

    def __init__(
        self,
        x: FloatArray,
        masses: FloatArray,
        options: Options,
        basis: FloatArray | None,
        shift: float,
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
        self.steps = 0
        self.rejected = 0
        self.s = 0.0
        self.history = History(options, basis, shift)
        self._new_pairs()

    def _new_pairs(self) -> None:
        o = self.options
        self.pairs = make_pairs(o.backend, self.masses, o.beta, o.normalised, o.floor)

    def go(self) -> CoarsenStatus:
        """Run to an end."""
        options = self.options
        everything = np.arange(self.x.shape[1])
        i, j = self.pairs.close(self.x, everything, self.component, MERGE_DISTANCE, options.core)
        start = np.full(len(i), -math.inf)
        self._join(start, start, i, j, None)
        state = self._look(-math.inf)
        _, state = self._collapse(state, i, j)
        self.energies.append(self._energy(state))
        self.history.keyframe(self.x, self.members, self.masses)
        h = 0.1
        while True:
            if state is None:
                self.residual = 0.0
                return CoarsenStatus.CONSENSUS
            self._diagnose(state)
            rounding = max(STATIONARY_RESIDUAL, 4 * options.beta * np.finfo(np.float64).eps)
            if self.residual <= rounding or state.norm == 0:
                return CoarsenStatus.STATIONARY
            if options.log_t_end is not None and state.log_time >= options.log_t_end:
                return CoarsenStatus.HORIZON
            if self.steps + self.rejected >= options.max_steps:
                return CoarsenStatus.MAX_STEPS
            step = try_step(self.pairs, state, h, options)
            if not step.error <= 1.0:
                self.rejected += 1
                finite = math.isfinite(step.error)
                h *= max(0.2, 0.9 * step.error ** (-1 / 8)) if finite else 0.2
                continue
            factor = min(10.0, 0.9 * step.error ** (-1 / 8)) if step.error > 0 else 10.0
            h *= max(factor, 0.2)
            self.steps += 1
            after = observe(self.pairs, step.after, step.log_time, options)
            moved = np.flatnonzero((step.after != state.x).any(axis=0))
            i, j = self.pairs.close(step.after, moved, self.component, MERGE_DISTANCE, options.core)
            dense = None
            apart = self.component[i] != self.component[j]
            ends = options.log_t_end is not None and step.log_time >= options.log_t_end
            if ends or apart.any():
                dense = extend(self.pairs, step, after, options)
                self._find_events(dense, i[apart], j[apart])
            self.s += step.h
            self.history.record(step, moved, self.members, self.masses)
            if ends and dense is not None and options.log_t_end is not None:
                self.x = dense.points(dense.fraction(options.log_t_end))
                state = self._look(options.log_t_end)
                self.log_times.append(options.log_t_end)
                self.energies.append(self._energy(state))
                if state is not None:
                    self._diagnose(state)
                return CoarsenStatus.HORIZON
            self.x = step.after
            collapsed, state = self._collapse(after, i, j)
            if collapsed:
                h = min(h, 0.5)
                self.history.keyframe(self.x, self.members, self.masses)
            self.log_times.append(step.log_time)
            self.energies.append(self._energy(state))

    def _look(self, log_time: float) -> State | None:
        """Observe the current points; None for a single cluster, which doesn't move."""
        if self.x.shape[1] == 1:
            return None
        return observe(self.pairs, self.x, log_time, self.options)

    def _energy(self, state: State | None) -> float:
        """Σ_i m_i (m_i + e^amax S_i) for masses of total 1."""
        if state is None:
            return 1.0
        s = state.speeds
        return float(self.masses @ (self.masses + math.exp(s.amax) * s.weight))

    def _diagnose(self, state: State) -> None:
        """Residual of the slowest cancellation, and conditioning of the fastest points."""
        s = state.speeds
        divisor = s.partition if self.options.normalised else np.ones_like(s.partition)
        speed = np.sqrt(np.einsum("km,km->m", s.u, s.u))
        felt = s.effort > 0
        self.residual = float(np.max((speed * divisor)[felt] / s.effort[felt], initial=0.0))
        effort = float(np.max(s.effort / divisor))
        if effort > 0:
            self.conditioning = min(self.conditioning, float(speed.max()) / effort)

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
            centre = points @ self.masses[union]
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
        x /= np.linalg.norm(x, axis=0)
        first: IntArray = np.unique(labels, return_index=True)[1].astype(np.int64)
        x[:, single] = self.x[:, first[single]]  # untouched points keep every bit
        self.x, self.masses = x, masses
        self.members = labels[self.members]
        self.component = self.component[first]
        self._new_pairs()
        return True, self._look(state.log_time)


def _rotation(d: int) -> FloatArray:
    """Draw a fixed orthogonal matrix without any symmetry of the coordinates."""
    q, r = np.linalg.qr(np.random.default_rng(20240229).standard_normal((d, d)))
    return np.asarray(q * np.sign(np.diag(r)))


def _repeat_limit(options: Options) -> int:
    """Allow a repeat twice the steps: at order 8 a tolerance of 1/100 needs 100^{1/8} = 1.8."""
    return 2 * options.max_steps
