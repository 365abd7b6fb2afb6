"""The compiled loop of a coarsening run: whole steps without a return to Python.

It takes the steps of `numerics.coarsening.step` until something happens: a near pair, the horizon,
an equilibrium. Most points hardly move in most steps. Pairs of such points whose pull can't change
by e^{−40} of the fastest speed are summed once a step and held; the rest are summed at every stage.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from numerics.arguments import FloatArray, IntArray
from numerics.coarsening.all_pairs import pulls_of_all
from numerics.coarsening.compiled import (
    clock_sum,
    close_pairs,
    error_squares,
    half_squares,
    largest_weight,
    pair_sums,
    squares_after,
)
from numerics.coarsening.exponents import change_rate
from numerics.coarsening.lists import (
    Field,
    NearList,
    Problem,
    WeightList,
    displacement,
    lasts,
    near_list,
    velocity,
    weight_list,
)
from numerics.coarsening.split import FAR, Split, everything, split_pairs
from numerics.coarsening.step import E3, E5, LARGEST_EXPONENT, ROUNDED, STAGES, A, B
from numerics.machine_code import jit
from numerics.stepping import EIGHT, MOST, error, factor

BoolArray = NDArray[np.bool_]

_error, _factor, EXPONENT = jit(error), jit(factor), EIGHT.exponent

FULL, EVENT, STATIONARY, HORIZON, MAX_STEPS = range(5)

FINE, FAILED, TOOFAR = range(3)

_BOOST = 4.0  # how much farther than at its first speed a point may move in a step
_ALL = 1e4  # from this boost on every pair is followed
_SLOWER = 1e-4  # the fastest speed may fall by this factor within a step that drops pairs
_LEVEL = 20.0  # stages whose exponents change by more have a largest weight of their own: fourth
# powers of speeds in units of the first one would overflow, and bound a step to 1/β of its length


class Rules(NamedTuple):
    """The scalars that rule the steps."""

    held: float
    core2: float
    radius2: float
    log_t_end: float  # inf for none
    rounding: float  # residuals below it are an equilibrium
    blur: float  # rounding of a clock


@jit
def _unit(y: FloatArray, x: FloatArray) -> None:
    """Divide the columns of y by their lengths, except those equal to the columns of x."""
    d, m = y.shape
    squares = np.zeros(m)
    moved = np.zeros(m)
    for k in range(d):
        row, own = y[k], x[k]
        for i in range(m):
            squares[i] += row[i] * row[i]
            moved[i] = 1.0 if row[i] != own[i] else moved[i]
    for i in range(m):
        squares[i] = np.sqrt(squares[i]) if moved[i] > 0.0 else 1.0
    for k in range(d):
        row = y[k]
        for i in range(m):
            row[i] /= squares[i]


@jit
def _combine(
    x: FloatArray, h: float, row: FloatArray, count: int, stages: FloatArray, y: FloatArray
) -> bool:
    """Y = x + h Σ_s row[s] stages[s]; whether it is finite."""
    y[:] = 0.0
    for s in range(count):
        if row[s] != 0.0:
            y += row[s] * stages[s]
    total = 0.0
    d, m = y.shape
    for k in range(d):
        for i in range(m):
            y[k, i] = x[k, i] + h * y[k, i]
            total += abs(y[k, i])
    return bool(np.isfinite(total))


@jit
def _within(y: FloatArray, x: FloatArray, limits: FloatArray) -> bool:
    """Whether every point has moved less than it may."""
    d, m = y.shape
    squares = np.zeros(m)
    for k in range(d):
        row, own = y[k], x[k]
        for i in range(m):
            t = row[i] - own[i]
            squares[i] += t * t
    for i in range(m):
        if squares[i] > limits[i]:
            return False
    return True


@jit
def clock_of(
    x: FloatArray, u: FloatArray, scale: float, p: Problem, near: NearList
) -> tuple[float, float]:
    """R and L = M + log R."""
    total = clock_sum(x, u, p.floor, near.apart, near.offsets, near.indices)
    norm = total**0.25
    return norm, scale + p.top + (
        np.log(norm) if norm > 0.0 else (-np.inf if norm == 0.0 else np.nan)
    )


@jit
def _scatter(part: FloatArray, active: IntArray, whole: FloatArray) -> None:
    """Write columns to their places."""
    for k in range(part.shape[0]):
        row, out = part[k], whole[k]
        for q in range(len(active)):
            out[active[q]] = row[q]


@jit
def _stages(
    x: FloatArray, h: float, clock: float, field: Field, p: Problem, split: Split,
    near: NearList, slopes: FloatArray, norms: FloatArray, times: FloatArray,
) -> tuple[int, float, NearList]:  # fmt: skip
    """Fill stages 1 to 11 of the active points, R and dT/ds.

    Return FINE, FAILED or TOOFAR, the square of the lowest of the fastest speeds met over that at
    the start, and the near pairs.
    """
    start = x[:, split.active]
    masses = p.masses[split.active]
    y, none = np.empty_like(start), np.empty(0)
    count = y.shape[1]
    whole = x.copy()
    speeds = np.empty_like(x)
    first = (field.speeds.u * field.speeds.u).sum(axis=0).max()
    lowest = 1.0
    steepest = change_rate(p.kernel, 2.0)
    log_masses = p.log_masses[split.active]
    pairs = len(split.indices)
    dense = len(x) in (2, 3) and 2 * pairs == count * (count - 1) and len(p.kernel.table) == 0
    own = np.exp(p.kernel.own)
    for s in range(1, STAGES):
        if not _combine(start, h, A[s], s, slopes, y):
            return FAILED, lowest, near
        _unit(y, start)
        if not _within(y, start, split.limits):
            return TOOFAR, lowest, near
        amax = field.speeds.amax
        if pairs and 2.0 * displacement(y, start) * steepest > _LEVEL:
            amax = largest_weight(y, log_masses, p.kernel, split.offsets, split.indices, split.half)
        elif not dense:
            half_squares(y, split.offsets, split.indices, split.half)
        rise = amax - field.speeds.amax
        unit = np.exp(min(-rise, LARGEST_EXPONENT))  # of what is held, in units of this stage
        u = unit * split.pull
        weight = unit * split.weight
        if dense:
            pulls_of_all(y, masses, p.kernel.beta, amax, u, weight)
        else:
            pair_sums(
                y, masses, p.kernel, amax, split.offsets, split.indices, split.half,
                u, weight, none,
            )  # fmt: skip
        factor, slowest = np.exp(-field.speeds.shift), np.exp(amax)
        for q in range(count):
            weight[q] = factor / (own * masses[q] + slowest * weight[q]) if p.normalised else factor
        u *= weight
        fastest = (u * u).sum(axis=0).max()
        _scatter(y, split.active, whole)
        speeds[:] = unit * field.speeds.u
        _scatter(u, split.active, speeds)
        near = near_list(whole, near)
        norm, now = clock_of(whole, speeds, amax + field.speeds.shift, p, near)
        if not norm > 0.0:
            return FAILED, lowest, near
        lowest = min(lowest, fastest / first * np.exp(min(2.0 * rise, LARGEST_EXPONENT)))
        slopes[s] = u / norm
        norms[s] = norm * np.exp(rise)
        times[s] = np.exp(min(clock - now, LARGEST_EXPONENT))
    return FINE, lowest, near


@jit
def _weighted(row: FloatArray, values: FloatArray) -> float:
    """Sum row[s] values[s] over the stages."""
    total = 0.0
    for s in range(STAGES):
        total += row[s] * values[s]
    return total


@jit
def _sum_stages(
    u: FloatArray, row: FloatArray, active: IntArray, slopes: FloatArray, norms: FloatArray
) -> FloatArray:
    """Σ_s row[s] (dX/ds)_s; points that aren't active keep their velocity."""
    rest = 0.0
    for s in range(STAGES):
        rest += row[s] / norms[s]
    out = rest * u
    part = np.zeros(slopes.shape[1:])
    for s in range(STAGES):
        if row[s] != 0.0:
            part += row[s] * slopes[s]
    _scatter(part, active, out)
    return out


@jit
def _wrong(
    squares: tuple[float, float], fifth: float, third: float, place: float, clock: float
) -> float:
    """Error over the tolerances of places and of the clock; `try_step` says why each by itself."""
    places = _error(squares[0] / place**2, squares[1] / place**2)
    return float(np.maximum(places, _error((fifth / clock) ** 2, (third / clock) ** 2)))


@jit
def drowned(x: FloatArray, norm: float, field: Field, p: Problem) -> float:
    """Round a slope of the nearest pair; `numerics.coarsening.step.drowned` says why."""
    m = x.shape[1]
    weight, nearest = 0.0, 4.0
    for i in range(m):
        divisor = field.speeds.partition[i] if p.normalised else 1.0
        weight = max(weight, field.speeds.weight[i] / divisor)
    weight *= np.exp(min(-field.speeds.shift, LARGEST_EXPONENT))
    squares = np.empty(m)
    for i in range(m - 1):
        squares_after(x, i, squares)
        nearest = min(nearest, squares[i + 1 :].min())
    size = 1.0 + min(abs(field.speeds.amax), 2.0 * p.kernel.beta)
    return float(ROUNDED * size * weight / (np.sqrt(nearest + p.floor * p.floor) * norm))


@jit
def _judge(
    x: FloatArray, h: float, clock: float, log_time: float, field: Field, p: Problem,
    rules: Rules, near: NearList, active: IntArray, slopes: FloatArray, norms: FloatArray,
    times: FloatArray, after: FloatArray, held: float,
) -> tuple[float, float, float, float, NearList]:  # fmt: skip
    """Fill `after`; return the error (accepted when ≤ 1), T and log t at the end of the step.

    And the tolerance of the places where rounding raised it, else 0.
    """
    nan = np.nan
    u = field.speeds.u
    after[:] = x + h * _sum_stages(u, B, active, slopes, norms)
    elapsed = h * _weighted(B, times)
    if not (elapsed > 0.0 and np.isfinite(after.sum())):
        return nan, nan, nan, 0.0, near
    _unit(after, x)
    log_time = np.logaddexp(log_time, np.log(elapsed) - clock)
    five = _sum_stages(u, E5, active, slopes, norms)
    three = _sum_stages(u, E3, active, slopes, norms)
    near = near_list(after, near)
    squares = error_squares(
        x, after, five, three, p.kernel, p.floor, near.apart, near.offsets, near.indices
    )
    # The time error counts relative to the time elapsed since the start, and is held to `held`.
    units = np.exp(min(-clock - log_time, LARGEST_EXPONENT))
    fifth, third = abs(_weighted(E5, times)) * units, abs(_weighted(E3, times)) * units
    wrong = h * _wrong(squares, fifth, third, rules.held, held)
    least = 0.0
    if wrong > 1.0:
        least = h * drowned(x, norms[0], field, p)
        wrong = h * _wrong(squares, fifth, third, max(rules.held, least), max(held, least * units))
    if not (np.isfinite(squares[0]) and np.isfinite(squares[1])):
        wrong = nan
    return wrong, elapsed, log_time, least if least > rules.held else 0.0, near


@jit
def _energy(p: Problem, field: Field) -> float:
    """Σ_i m_i (m_i + e^amax S_i) for masses of total 1."""
    total = 0.0
    for i in range(len(p.masses)):
        total += p.masses[i] * (p.masses[i] + np.exp(field.speeds.amax) * field.speeds.weight[i])
    return total


class Trial(NamedTuple):
    """An attempt at a step; `split` and `slopes` serve the next, shorter one as well."""

    split: Split
    slopes: FloatArray  # (12, d, k): dX/ds of the active points
    longest: float  # the step length that `split` was made for
    boost: float
    error: float
    elapsed: float  # T at the end
    ends: float  # log t at the end
    frozen: float  # bound on the displacement by pulls that were dropped or held
    least: float  # tolerance of the places that rounding raised, else 0


@jit
def _try_step(
    x: FloatArray, log_time: float, norm: float, clock: float, h: float, field: Field,
    p: Problem, rules: Rules, pairs: WeightList, level: float, near: NearList, last: Trial,
    norms: FloatArray, times: FloatArray, after: FloatArray,
) -> tuple[Trial, WeightList, NearList]:  # fmt: skip
    """Attempt a step, with more and more points and pairs until they suffice."""
    m = x.shape[1]
    split, slopes, longest, boost = last.split, last.slopes, last.longest, last.boost
    rate = change_rate(p.kernel, pairs.reach)
    room = FAR / rate if rate > 0.0 else 0.0
    while True:
        if h > longest:
            if not lasts(p, pairs, level, displacement(x, pairs.anchor) + room):
                pairs = weight_list(x, p, level)
                half_squares(x, pairs.offsets, pairs.indices, pairs.half)
            first = field.speeds.u / norm
            if boost < _ALL:
                split = split_pairs(x, first, h, field.speeds.amax, level, p, pairs, boost)
            else:
                split = everything(x)
            longest = h
            slopes = np.empty((STAGES, x.shape[0], len(split.active)))
            slopes[0] = first[:, split.active]
        norms[0] = norm
        times[0] = 1.0
        state, lowest, near = _stages(x, h, clock, field, p, split, near, slopes, norms, times)
        sparse = len(split.indices) < m * (m - 1) // 2
        slower = state == FINE and sparse and lowest < _SLOWER * _SLOWER
        if state == TOOFAR or slower:
            boost = _ALL if slower else boost * 8.0
            longest = -1.0
            continue
        error, elapsed, ends, frozen, least = np.nan, np.nan, np.nan, 0.0, 0.0
        if state == FINE:
            error, elapsed, ends, least, near = _judge(
                x, h, clock, log_time, field, p, rules, near, split.active, slopes,
                norms, times, after, rules.held + rules.blur / max(field.conditioning, 1e-300),
            )  # fmt: skip
        if sparse:
            frozen = h * (field.speeds.frozen + split.frozen) / np.sqrt(min(lowest, 1.0))
        return (
            Trial(split, slopes, longest, boost, error, elapsed, ends, frozen, least), pairs, near
        )  # fmt: skip


@jit
def _no_trial() -> Trial:
    """Say that nothing has been attempted at this place."""
    return Trial(
        everything(np.zeros((1, 1))), np.empty((STAGES, 1, 1)), -1.0, _BOOST,
        np.nan, np.nan, np.nan, 0.0, 0.0,
    )  # fmt: skip


@jit
def _moved(x: FloatArray, after: FloatArray) -> IntArray:
    """Columns that differ."""
    d, m = x.shape
    out = np.empty(m, np.int64)
    count = 0
    for i in range(m):
        for k in range(d):
            if after[k, i] != x[k, i]:
                out[count] = i
                count += 1
                break
    return out[:count]


@jit
def march(
    x: FloatArray, log_time: float, norm: float, now: float, h: float, field: Field, p: Problem,
    rules: Rules,
    component: IntArray, pairs: WeightList, level: float, near: NearList, budget: int,
    places: FloatArray, lengths: FloatArray, log_times: FloatArray, energies: FloatArray,
    stages: FloatArray, times: FloatArray,
) -> tuple[
    int, int, int, float, float, float, float, float, float, float, float, Field, WeightList, float,
    NearList, IntArray, IntArray,
]:  # fmt: skip
    """Take steps until something happens.

    The arrays from `places` on are filled. Return why it stopped, the accepted and rejected steps,
    h, R and L, the clock before and T at the end of the last step, the least conditioning, the
    bound on what was dropped, the largest tolerance that rounding raised, the field, lists, level,
    near list and the near pairs after the last step.
    """
    taken, rejected = 0, 0
    conditioning, frozen, least = np.inf, 0.0, 0.0
    clock = 0.0
    trial = _no_trial()
    first = np.empty(0, np.int64)
    second = np.empty(0, np.int64)
    after = np.empty_like(x)
    norms = np.empty(STAGES)
    while True:
        conditioning = min(conditioning, field.conditioning)
        if field.residual <= rules.rounding or norm == 0.0:
            why = STATIONARY
            break
        if log_time >= rules.log_t_end:
            why = HORIZON
            break
        if taken + rejected >= budget:
            why = MAX_STEPS
            break
        if taken == len(lengths):
            why = FULL
            break
        clock = now
        trial = _no_trial()
        while not trial.error <= 1.0 and taken + rejected < budget:
            trial, pairs, near = _try_step(
                x, log_time, norm, clock, h, field, p, rules, pairs, level, near, trial,
                norms, times, after,
            )  # fmt: skip
            length = h
            h *= _factor(trial.error, MOST, EXPONENT)
            if not trial.error <= 1.0:
                rejected += 1
        if not trial.error <= 1.0:
            continue
        frozen += trial.frozen
        least = max(least, trial.least)
        u = field.speeds.u
        pairs, level, field = velocity(after, p, pairs, level)
        near = near_list(after, near)
        norm, now = clock_of(after, field.speeds.u, field.speeds.amax + field.speeds.shift, p, near)
        places[taken] = after
        lengths[taken] = length
        log_times[taken] = trial.ends
        energies[taken] = _energy(p, field)
        taken += 1
        moved = _moved(x, after)
        first, second = close_pairs(
            after, moved, component, rules.radius2, rules.core2, near.offsets, near.indices
        )
        if len(first) or trial.ends >= rules.log_t_end:
            for s in range(STAGES):
                stages[s] = u / norms[s]
                _scatter(trial.slopes[s], trial.split.active, stages[s])
            why = EVENT
            break
        x = places[taken - 1]
        log_time = trial.ends
    return (
        why, taken, rejected, h, norm, now, clock, trial.elapsed, conditioning, frozen, least,
        field,
        pairs, level, near, first, second,
    )  # fmt: skip
