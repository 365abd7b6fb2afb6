"""One step of the coarsening integrator: error control, dense output, and when a pair is a point.

The equations are those of `numerics.coarsen`: dX/ds = U/R and dT/ds = e^{L0 − L} by Dormand and
Prince's method of order 8 with its 5(3) error pair and continuous extension of order 7. Points are
the columns of (d, m) arrays.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from numerics.arguments import FloatArray, IntArray
from numerics.coarsening.kernels import Kernel
from numerics.coarsening.pairs import Backend, Pairs, Speeds
from numerics.stepping import EIGHT, error, extended

STAGES = EIGHT.stages
A, B = EIGHT.a, EIGHT.a[STAGES, :STAGES].copy()
E3, E5 = EIGHT.three[:STAGES].copy(), EIGHT.five[:STAGES].copy()
EXTENDED = len(EIGHT.c)
_INTERPOLATOR_POWER = 7
_FEW = 64  # pairs that are grouped one by one
_BLOCK = 1 << 18  # numbers in one block of tangents
LARGEST_EXPONENT = 709.0

STATIONARY_RESIDUAL = 1e-13
"""Pulls that cancel to this fraction of their sum are rounding: the state is stationary. From
β = 113 on the rounding of the exponents βe_ij is larger, and 4β·eps takes its place."""

ROUNDED = 4 * float(np.finfo(np.float64).eps)
"""A few roundings of a slope: no error of a step is held below them, as none could be told."""

SMALLEST_RTOL = 1e-12
LARGEST_RTOL = 1e-4


@dataclass(frozen=True)
class Options:
    """The scalars of a run, checked."""

    kernel: Kernel
    normalised: bool
    rtol: float
    log_t_end: float | None
    max_steps: int
    backend: Backend

    @property
    def beta(self) -> float:
        """β, or what takes its place in other kernels: the steepest change of log h'."""
        return self.kernel.steepness

    @property
    def held(self) -> float:
        """What the errors of steps are held to: rtol, or what positions known to eps leave.

        The error control weighs a position by β, and log t by the exponents that β multiplies.
        """
        return max(self.rtol, min(ROUNDED * (1.0 + self.beta), LARGEST_RTOL))

    @property
    def core(self) -> float:
        """Separation δ below which a contracting pair is replaced by its centre.

        The pull on other points changes by (βδ)²/2 ≤ `held`, and event times by about δ/1e-3.
        """
        core = max(self.rtol, 1e-12)
        return min(core, math.sqrt(2 * self.held) / self.beta) if self.beta > 0 else core

    @property
    def floor(self) -> float:
        """Separation f below which a velocity difference is mostly rounding."""
        return max(self.core, 1e-15 / self.held)

    @property
    def blur(self) -> float:
        """Rounding of a clock, where the fastest pulls don't cancel.

        Other kernels than exponentials have stable equilibria of several clusters, and runs that
        settle there: their clock is rounding in the end, and its error isn't held below that. The
        clock of an exponential is held to the tolerance throughout.
        """
        return 0.0 if self.kernel.exponential else 1e-15

    @property
    def rounding(self) -> float:
        """Residual below which the pulls cancel to rounding: the state is stationary."""
        return max(STATIONARY_RESIDUAL, 4 * self.beta * float(np.finfo(np.float64).eps))


# --- one Runge-Kutta step --------------------------------------------------------------------


@dataclass(frozen=True, eq=False)
class State:
    """Clusters at one time, with the velocity there. Points are columns."""

    x: FloatArray  # (d, m)
    log_time: float
    speeds: Speeds
    norm: float  # R
    clock: float  # L = M + log R


@dataclass(frozen=True, eq=False)
class Step:
    """A trial step from a state: where it leads and how wrong it is."""

    before: State
    h: float
    after: FloatArray  # (d, m), projected
    stages: FloatArray  # (16, d, m), dX/ds; the last four rows are filled by `extend`
    time_stages: FloatArray  # (16,), dT/ds with T in units of e^{−L0}
    scaled_time: float  # T at the end of the step
    log_time: float
    error: float  # accepted when ≤ 1
    least: float = 0.0  # tolerance of the places that rounding raised, else 0


def _unit_columns(y: FloatArray, x: FloatArray) -> FloatArray:
    """Divide the columns of y by their lengths, except those equal to the columns of x.

    Dividing a frozen point by its length would let it drift by rounding from step to step.
    """
    out: FloatArray = y / np.sqrt(np.einsum("km,km->m", y, y))
    return np.where((y == x).all(axis=0), x, out)


def observe(pairs: Pairs, x: FloatArray, log_time: float, options: Options) -> State:
    """Velocity and clock at unit columns x."""
    speeds = pairs.speeds(x)
    norm = pairs.clock(x, speeds.u)
    scale = speeds.amax + speeds.shift + (0.0 if options.normalised else options.kernel.top)
    return State(x, log_time, speeds, norm, scale + (math.log(norm) if norm > 0 else -math.inf))


def conditioning(state: State, options: Options) -> float:
    """Divide the fastest speed by the most that pulls would reach without cancelling."""
    s = state.speeds
    effort = float(np.max(s.effort / s.partition if options.normalised else s.effort))
    speed = float(np.sqrt(np.max(np.einsum("km,km->m", s.u, s.u)))) * math.exp(s.shift)
    return speed / effort if effort > 0 else 1.0


def drowned(state: State, options: Options) -> float:
    """Find the rounding of a slope in s of the nearest pair, relative to its distance.

    Positions known to eps change a pull by a few eps of its weight, and so do exponents known to
    eps of their size.
    """
    s, m = state.speeds, state.x.shape[1]
    weight = float(np.max(s.weight / s.partition if options.normalised else s.weight))
    weight *= math.exp(min(-s.shift, LARGEST_EXPONENT))
    nearest = 4.0
    for k in range(m - 1):
        gap = state.x[:, k + 1 :] - state.x[:, k : k + 1]
        nearest = min(nearest, float(np.einsum("km,km->m", gap, gap).min()))
    size = 1.0 + min(abs(s.amax), 2.0 * options.beta)
    return ROUNDED * size * weight / (math.sqrt(nearest + options.floor**2) * state.norm)


def _rate(pairs: Pairs, y: FloatArray, state: State, options: Options) -> tuple[FloatArray, float]:
    """dX/ds and dT/ds at a stage; NaN where there is no velocity, which rejects the step."""
    at = observe(pairs, _unit_columns(y, state.x), 0.0, options)
    if not at.norm > 0:
        return np.full_like(y, np.nan), math.nan
    return at.speeds.u / at.norm, math.exp(min(state.clock - at.clock, LARGEST_EXPONENT))


def try_step(pairs: Pairs, state: State, h: float, options: Options) -> Step:
    """One step of length h in s, with its error estimate."""
    x = state.x
    stages = np.empty((EXTENDED, *x.shape))
    times = np.empty(EXTENDED)
    flat = stages.reshape(EXTENDED, -1)
    stages[0] = state.speeds.u / state.norm
    times[0] = 1.0
    failed = Step(state, h, x, stages, times, math.nan, math.nan, math.nan)
    for s in range(1, STAGES):
        y = x + h * (A[s, :s] @ flat[:s]).reshape(x.shape)
        if not np.isfinite(y).all():
            return failed
        stages[s], times[s] = _rate(pairs, y, state, options)
    raw = x + h * (B @ flat[:STAGES]).reshape(x.shape)
    elapsed = h * float(B @ times[:STAGES])
    if not (elapsed > 0 and np.isfinite(raw).all()):
        return failed
    after = _unit_columns(raw, x)
    log_time = float(np.logaddexp(state.log_time, math.log(elapsed) - state.clock))
    norms = pairs.error_norms(
        x,
        after,
        (E5 @ flat[:STAGES]).reshape(x.shape),
        (E3 @ flat[:STAGES]).reshape(x.shape),
    )
    # The time error counts relative to the time elapsed since the start, not to the step.
    units = math.exp(min(-state.clock - log_time, LARGEST_EXPONENT))
    clock = options.held + options.blur / max(conditioning(state, options), 1e-300)
    fifth, third = (abs(float(row @ times[:STAGES])) * units for row in (E5, E3))

    def wrong(place: float, clock: float) -> float:
        # each by itself: an estimate of order 3 of places would make little of the clock's of 5
        fives, threes = np.array([norms, (fifth, third)]).T / [place, clock]
        with np.errstate(over="ignore", invalid="ignore"):  # clocks may part by a factor of e^709
            return h * float(np.max(error(np.square(fives), np.square(threes))))

    found = wrong(options.held, clock) if all(map(math.isfinite, norms)) else math.nan
    least = 0.0
    if found > 1.0:
        least = h * drowned(state, options)
        found = wrong(max(options.held, least), max(clock, least * units))
    return Step(
        state, h, after, stages, times, elapsed, log_time, found, least * (least > options.held)
    )


@dataclass(frozen=True, eq=False)
class Dense:
    """Continuous extension of a step: positions and log t at fractions θ in [0, 1] of it."""

    pairs: Pairs
    step: Step
    coefficients: FloatArray  # (7, d, m)
    time_coefficients: FloatArray  # (7,)

    def points(self, theta: float, columns: IntArray | slice = slice(None)) -> FloatArray:
        """Return unit columns at θ."""
        x = self.step.before.x[:, columns]
        return _unit_columns(x + extended(self.coefficients[:, :, columns], theta), x)

    def log_time(self, theta: FloatArray) -> FloatArray:
        """Logarithm of time at an array of θ."""
        elapsed = extended(self.time_coefficients, theta)
        with np.errstate(divide="ignore"):
            scaled = np.log(np.maximum(elapsed, 0.0))
        before = self.step.before
        return np.logaddexp(before.log_time, scaled - before.clock)

    def fraction(self, log_time: float) -> float:
        """Find the θ at which log t has the given value, by bisection to the last bit."""
        low, high = 0.0, 1.0
        if log_time >= self.step.log_time:
            return 1.0
        for _ in range(64):
            middle = 0.5 * (low + high)
            if self.log_time(np.array([middle]))[0] < log_time:
                low = middle
            else:
                high = middle
        return high

    def crossings(self, i: IntArray, j: IntArray, distance: float) -> FloatArray:
        """Fractions at which the pairs (i, j) come within `distance`, by bisection.

        The difference of the two points is interpolated, not the points: nothing cancels.
        """
        out = np.empty(len(i))
        for start in range(0, len(i), 1 << 14):
            a, b = i[start : start + (1 << 14)], j[start : start + (1 << 14)]
            origin = self.step.before.x[:, a] - self.step.before.x[:, b]
            slopes = self.coefficients[:, :, a] - self.coefficients[:, :, b]
            out[start : start + len(a)] = self.pairs.crossings(origin, slopes, distance**2)
        return out


def extend(pairs: Pairs, step: Step, after: State, options: Options) -> Dense:
    """Continuous extension of an accepted step; three more velocity evaluations."""
    x, h, clock = step.before.x, step.h, step.before.clock
    stages, times = step.stages, step.time_stages
    flat = stages.reshape(EXTENDED, -1)
    if after.norm > 0:
        stages[STAGES] = after.speeds.u / after.norm
        times[STAGES] = math.exp(min(clock - after.clock, LARGEST_EXPONENT))
    else:  # the step ended at an equilibrium
        stages[STAGES], times[STAGES] = 0.0, times[STAGES - 1]
    for s in range(STAGES + 1, EXTENDED):
        y = x + h * (A[s, :s] @ flat[:s]).reshape(x.shape)
        stages[s], times[s] = _rate(pairs, y, step.before, options)

    def build(
        change: FloatArray, first: FloatArray, last: FloatArray, all_stages: FloatArray
    ) -> FloatArray:
        out = np.empty((_INTERPOLATOR_POWER, *change.shape))
        out[0] = change
        out[1] = h * first - change
        out[2] = 2 * change - h * (first + last)
        out[3:] = h * (EIGHT.dense[3:] @ all_stages).reshape(-1, *change.shape)
        return out

    return Dense(
        pairs,
        step,
        build(step.after - x, stages[0], stages[STAGES], flat),
        build(np.array(step.scaled_time), times[0], times[STAGES], times),
    )


# --- collapse --------------------------------------------------------------------------------


def _transverse_rates(
    x: FloatArray, masses: FloatArray, at: IntArray, options: Options
) -> FloatArray:
    """Largest eigenvalues of the tangential Jacobian of the common velocity field at points.

    J = P C P − <x, m̄> P with C the second moment of all points under the weights m_j e^{ψ(e_ij)}
    times d log h'/dg, β for an exponential, and m̄ their mean; normalised, less the product of m̄
    and the mean under the weights of C: for SA C is β times the covariance. A common positive
    factor is left out. Where J isn't symmetric, its symmetric part bounds how distances grow.
    """
    own, others = x.T[at][:, :, None], x[None]
    difference = others - own  # (c, d, m)
    half = 0.5 * np.einsum("ckm,ckm->cm", difference, difference)
    w = masses * np.exp(options.kernel.exponents(half))
    if options.normalised:
        w = w / w.sum(axis=1, keepdims=True)
    slopes = w * options.kernel.slopes(half)
    e = half[:, None, :]
    tangent = np.where(e <= 1.0, difference + e * own, (others + own) + (e - 2.0) * own)
    moment = (tangent * slopes[:, None, :]) @ tangent.mT
    if options.normalised:
        mean, bent = (tangent @ v[:, :, None] for v in (w, slopes))
        moment -= mean * bent.mT
    if not options.kernel.exponential:  # all directions of the tangent space may contract by C
        outside = 2.0 * np.abs(slopes).sum(axis=1)
        moment -= outside[:, None, None] * (own * own.mT)
    largest = np.linalg.eigvalsh(0.5 * (moment + moment.mT))[:, -1]
    return np.asarray(largest - np.sum(w * (1.0 - half), axis=1))


def collapsible(
    state: State, masses: FloatArray, i: IntArray, j: IntArray, options: Options
) -> NDArray[np.bool_]:
    """Which of the very near pairs (i, j) may be replaced by one point.

    A pair must contract, and sit where the common field contracts in every direction: on a saddle
    a pair contracts along one direction while another is about to separate it.
    """
    x, u = state.x, state.speeds.u
    gap = x[:, i] - x[:, j]
    identical = np.einsum("kp,kp->p", gap, gap) < 1e-28
    contracting = np.einsum("kp,kp->p", gap, u[:, i] - u[:, j]) < 0
    candidates = contracting & ~identical
    stable = np.zeros(x.shape[1], dtype=bool)
    points = np.unique(np.concatenate((i[candidates], j[candidates])))
    rows = max(1, _BLOCK // x.size)
    for start in range(0, len(points), rows):
        some = points[start : start + rows]
        stable[some] = _transverse_rates(x, masses, some, options) < 0
    accepted: NDArray[np.bool_] = identical | (candidates & stable[i] & stable[j])
    return accepted


def groups(m: int, i: IntArray, j: IntArray) -> IntArray:
    """Label connected components, numbered by their smallest member."""
    if len(i) <= _FEW:
        root = np.arange(m)
        for a, b in zip(i.tolist(), j.tolist(), strict=True):
            one, two = root[a], root[b]
            root[root == max(one, two)] = min(one, two)
        return np.asarray(np.unique(root, return_inverse=True)[1])
    graph = coo_array((np.ones(len(i), dtype=bool), (i, j)), shape=(m, m))
    labels = connected_components(graph, directed=False)[1]
    _, first, inverse = np.unique(labels, return_index=True, return_inverse=True)
    rank = np.empty(len(first), dtype=np.int64)
    rank[np.argsort(first)] = np.arange(len(first))
    return rank[inverse]
