"""The array loop: many systems at a time, each with its own steps, on arrays of any library.

States are (systems, numbers) arrays of NumPy, PyTorch or JAX; times and lengths of steps are NumPy.
The loop is a generator: it hands every round of attempts to the caller, who looks for events, takes
points from inside the steps, and says who needs no more steps.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Generator
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from numerics.arguments import FloatArray, IntArray
from numerics.compile import namespace
from numerics.rows import divide, dots
from numerics.stepping.controller import (
    MOST,
    error,
    factor,
    first_length,
    lost,
    rounded,
    trial_length,
)
from numerics.stepping.ledger import drowned, entry, excess
from numerics.stepping.tableau import Tableau
from numerics.stepping.velocity import FAR, ArrayVelocity, Block, Stop

Velocities: TypeAlias = Callable[[IntArray], tuple[ArrayVelocity, ArrayVelocity | None]]
"""Numbers of systems -> their velocity by products, and by differences where there is that form."""

_SMALL = 1 << 15
"""Numbers up to which stages are added up by a matrix product, whose threads cost more later."""


@dataclass(frozen=True)
class Rules:
    """What a step is held to."""

    tableau: Tableau
    blocks: tuple[Block, ...]
    rtol: float
    atol: float
    max_steps: int
    timeless: bool = False
    """Whether steps may be below the spacing of times: the velocity is smooth and free of time."""
    longest: float = math.inf
    """No step is longer."""
    stops: tuple[float, ...] = ()
    """Times, sorted, that steps meet exactly; the velocity may jump there."""

    def inside(self, t: FloatArray, times: FloatArray, sign: Any) -> FloatArray:
        """Move times to the inside of the stretch between stops that goes on from t."""
        if not self.stops:
            return times
        marks = np.array([-math.inf, *self.stops, math.inf])
        ahead = np.where(
            sign > 0, np.searchsorted(marks, t, "right"), np.searchsorted(marks, t, "left")
        )
        low, high = np.nextafter(marks[ahead - 1], math.inf), np.nextafter(marks[ahead], -math.inf)
        return np.clip(times, low, high)


@dataclass(frozen=True, eq=False)
class Step:
    """Steps of some systems, accepted or not: from t over h (signed) to `end`, on the manifold."""

    systems: IntArray
    t: FloatArray
    h: FloatArray
    start: Any
    end: Any
    stages: Any
    bounds: tuple[Any, Any]  # of the velocity at both ends

    def take(self, which: Any) -> Step:
        """Pick the steps of some systems."""
        if len(self.systems) == 1:
            return self
        bounds = tuple(_picked(bound, which) for bound in self.bounds)
        return Step(
            self.systems[which],
            self.t[which],
            self.h[which],
            self.start[which],
            self.end[which],
            self.stages[:, which],  # many systems are arrays of NumPy
            (bounds[0], bounds[1]),
        )


def _picked(bound: Any, which: Any) -> Any:
    return bound[which] if np.ndim(bound) else bound


def shaped(x: Any, *shape: int) -> Any:
    """Reshape; the array API has it as a function only."""
    return x.reshape(shape) if hasattr(x, "reshape") else namespace(x).reshape(x, shape)


def picked(x: Any, which: IntArray) -> Any:
    """Pick along the first axis; the array API takes no indices of NumPy."""
    if hasattr(x, "reshape"):
        return x[which]
    xp = namespace(x)
    return xp.take(x, xp.asarray(which, dtype=xp.int64), axis=0)


def numbers(values: Any) -> FloatArray:
    """Bring numbers about rows or systems to NumPy, off their device."""
    if hasattr(values, "detach"):
        values = values.detach().cpu()
    return np.asarray(values, dtype=np.float64)


def wide(values: FloatArray) -> Any:
    """Numbers of the systems, to be multiplied with their states."""
    return float(values[0]) if values.size == 1 else values[:, None]


def combined(weights: FloatArray, stages: Any) -> Any:
    """Σ_s w_s k_s, in an array of its own."""
    if isinstance(stages, np.ndarray) and stages[0].size <= _SMALL:
        count = weights.size
        flat = stages[:count].reshape(count, -1)
        return (weights @ flat).reshape(stages.shape[1:])
    total = None
    for w, k in zip(weights.tolist(), stages, strict=False):
        if w != 0.0:
            total = w * k if total is None else total + w * k
    return 0.0 * stages[0] if total is None else total


def ahead(x: Any, length: Any, weights: FloatArray, stages: Any) -> Any:
    """X + h Σ_s w_s k_s."""
    y = combined(weights, stages)
    if not isinstance(y, np.ndarray):
        return x + length * y
    y *= length
    y += x
    return y


def _rows(x: Any, blocks: tuple[Block, ...]) -> list[Any]:
    """View the blocks of states as (systems, ..., n, d)."""
    if len(blocks) == 1:
        return [shaped(x, x.shape[0], *blocks[0].shape)]
    out, at = [], 0
    for block in blocks:
        part = x[:, at : at + block.size]
        out.append(shaped(part, x.shape[0], *block.shape))
        at += block.size
    return out


def retract(x: Any, blocks: tuple[Block, ...]) -> Any:
    """Divide the rows on the sphere by their lengths, and keep constant sums."""
    if len(blocks) == 1 and blocks[0].on_sphere and isinstance(x, np.ndarray):
        return _unit_rows(x.reshape(len(x), *blocks[0].shape)).reshape(x.shape)
    xp = namespace(x)
    parts = []
    for rows, block in zip(_rows(x, blocks), blocks, strict=True):
        if block.on_sphere:
            rows = _unit(rows, xp)
        elif block.conserved:
            kept = xp.sum(block.unit, axis=(-2, -1), keepdims=True)
            for _ in range(2):  # the second time puts right the rounding of a large logarithm
                total = xp.sum(block.unit * xp.exp(rows), axis=(-2, -1), keepdims=True)
                rows = rows - xp.log(total / kept)
        parts.append(shaped(rows, x.shape[0], -1))
    return parts[0] if len(parts) == 1 else xp.concat(parts, axis=1)


def _unit(rows: Any, xp: Any) -> Any:
    """Divide rows by their lengths; those too long become NaN."""
    if xp is np:
        return _unit_rows(rows)
    square = _dots(rows, rows, xp)
    return rows / xp.sqrt(xp.where(square <= FAR, square, math.nan * square))[..., None]


def _unit_rows(rows: FloatArray) -> FloatArray:
    """Divide rows of NumPy by their lengths; those too long become NaN."""
    square = dots(rows, rows)
    if not np.maximum.reduce(square, axis=None, initial=0.0) <= FAR:
        square = np.where(square <= FAR, square, math.nan)
    out = np.empty(rows.shape)
    divide(rows, np.sqrt(square), out)
    return out


def _dots(x: Any, y: Any, xp: Any) -> Any:
    return dots(x, y) if xp is np else xp.vecdot(x, y)


def _largest(values: Any, xp: Any) -> Any:
    """Take the largest number of each system."""
    return xp.max(shaped(values, values.shape[0], -1), axis=1)


def lengths(v: Any, blocks: tuple[Block, ...], over: list[Any] | None = None) -> FloatArray:
    """Length of the largest row of each system, over the tolerances of rows where given."""
    xp = namespace(v)
    top = np.zeros(v.shape[0])
    for place, rows in enumerate(_rows(v, blocks)):
        size = xp.sqrt(_dots(rows, rows, xp))
        top = np.maximum(top, numbers(_largest(size if over is None else size / over[place], xp)))
    return top


def tolerances(rules: Rules, start: Any, end: Any) -> list[Any]:
    """Tolerance of a row of each block: its length is 1 on the sphere, a logarithm counts as 1."""
    xp = namespace(start)
    out: list[Any] = []
    for a, b, block in zip(
        _rows(start, rules.blocks), _rows(end, rules.blocks), rules.blocks, strict=True
    ):
        if block.on_sphere or block.unit is not None:
            out.append(rules.atol + rules.rtol)
            continue
        longer = xp.sqrt(xp.maximum(_dots(a, a, xp), _dots(b, b, xp)))
        out.append(rules.atol + rules.rtol * longer + 1e-300)
    return out


def take_step(
    velocity: ArrayVelocity,
    rules: Rules,
    systems: IntArray,
    t: FloatArray,
    x: Any,
    f: tuple[Any, Any],
    h: FloatArray,
) -> Step:
    """Take a step of every system from x, where the velocity and its bound are f."""
    tableau, length = rules.tableau, wide(h)
    count = tableau.stages
    stages: Any = [f[0]]
    if isinstance(x, np.ndarray):
        stages = np.empty((count + 1, *x.shape))
        stages[0] = f[0]
    bound: Any = 0.0
    end = x
    for s in range(1, count + 1):
        end = retract(ahead(x, length, tableau.a[s, :s], stages), rules.blocks)
        slope, bound = velocity(rules.inside(t, t + tableau.c[s] * h, np.sign(h)), end)
        if isinstance(stages, list):
            stages.append(slope)
        else:
            stages[s] = slope
    return Step(systems, t, h, x, end, stages, (f[1], bound))


def step_error(step: Step, rules: Rules) -> FloatArray:
    """Error of the steps over the tolerance, in the tangent space on the sphere."""
    xp, tableau = namespace(step.end), rules.tableau
    length = wide(step.h)
    wrong = np.zeros(len(step.systems))
    estimates = (tableau.five, tableau.three) if tableau.three.any() else (tableau.five,)
    sides = [_rows(length * combined(weights, step.stages), rules.blocks) for weights in estimates]
    over = tolerances(rules, step.start, step.end)
    for place, (ends, block) in enumerate(
        zip(_rows(step.end, rules.blocks), rules.blocks, strict=True)
    ):
        sizes = []
        for rows in (side[place] for side in sides):
            if block.on_sphere:
                rows = rows - _dots(ends, rows, xp)[..., None] * ends
            sizes.append(numbers(_dots(rows, rows, xp)))
        found = error(sizes[0], sizes[1] if len(sizes) == 2 else 0.0)
        wrong = np.maximum(wrong, _largest(found / numbers(over[place]), np))
        if not block.on_sphere:  # where a NaN isn't among the estimates already
            whole = numbers(_largest(xp.abs(ends), xp)) < np.inf
            wrong = np.where(whole, wrong, np.nan)  # no estimate may take what isn't a number
    return wrong


@dataclass(eq=False)
class Outcome:
    """How the systems ended."""

    status: IntArray
    steps: IntArray
    evaluations: IntArray
    rounding: FloatArray

    @classmethod
    def of(cls, count: int) -> Outcome:
        """Nothing has happened."""
        status, steps, evaluations = np.zeros((3, count), dtype=np.int64)
        return cls(status, steps, evaluations, np.zeros(count))


@dataclass(eq=False)
class Round:
    """A round of attempts, for the caller to look at between two rounds.

    Attributes
    ----------
    step : Step
        Of every running system.
    accepted : bool array
        Whose steps are taken.
    arrived : float array
        Times at the ends of the steps.
    ended : bool array, to be written
        Who needs no more steps.
    turned : bool array
        Whose velocity is by differences.
    fewer : (rules, state), to be set
        What a single system goes on with whose rows have become fewer; its velocities are asked
        for anew.
    """

    step: Step
    accepted: NDArray[np.bool_]
    arrived: FloatArray
    ended: NDArray[np.bool_]
    turned: NDArray[np.bool_]
    fewer: tuple[Rules, Any] | None = None


def march(
    velocities: Velocities,
    rules: Rules,
    t: FloatArray,
    x: Any,
    end: float,
    outcome: Outcome,
    ended: NDArray[np.bool_] | None = None,
) -> Generator[Round]:
    """Step all systems from their times to `end`; the batch is compacted as they end.

    Many systems are arrays of NumPy; a single one may be an array of any library.
    """
    active = np.arange(x.shape[0])
    sign = -1.0 if t.size and end < t[0] else 1.0
    forms, tolerance = _Forms(velocities, active), rules.rtol + rules.atol
    goals = sign * np.unique([*(sign * np.array(rules.stops)), sign * end])
    f, bound = forms(rules.inside(t, t, sign), x)
    h = _first_lengths(forms, rules, t, x, f, np.abs(end - t), sign)
    outcome.evaluations += 2
    attempts = np.zeros(active.size, dtype=np.int64)
    grow = np.full(active.size, MOST)
    ended = (t == end) if ended is None else ended | (t == end)
    usable = np.ones(active.size, dtype=bool)
    below = np.zeros(active.size)  # what of the times is lost in rounding
    while True:
        spent = ~ended & (attempts >= rules.max_steps)
        gone = ~ended & lost(np.minimum(h, rules.longest), 0.0 * t if rules.timeless else t)
        outcome.status[active[spent]] = Stop.MAX_STEPS
        outcome.status[active[gone]] = np.where(usable[gone], Stop.UNDERFLOW, Stop.OVERFLOW)
        stay = ~(ended | spent | gone)
        if not stay.any():
            return
        if not stay.all():
            active, t, h, x, f = active[stay], t[stay], h[stay], x[stay], f[stay]
            attempts, grow, bound = attempts[stay], grow[stay], _picked(bound, stay)
            below = below[stay]
            forms.keep(stay, active)
        attempts += 1
        ahead = np.searchsorted(sign * goals, sign * t, side="right")
        goal = goals[np.minimum(ahead, goals.size - 1)]
        left = np.abs(goal - t)
        free = np.minimum(h, rules.longest)
        last = free >= left * (1 - 1e-12)
        h = np.where(last, left, free)
        note = entry(bound, bound, h)
        if forms.turn(drowned(note, outcome.rounding[active] + note, tolerance)):
            f, bound = forms(t, x)
            outcome.evaluations[active] += 1
        step = take_step(forms, rules, active, t, x, (f, bound), sign * h)
        outcome.evaluations[active] += rules.tableau.stages
        wrong = step_error(step, rules) / excess(*step.bounds, step.h, tolerance)
        accepted = wrong <= 1.0
        passed = below + sign * h
        arrived = np.where(last, goal, t + passed)
        taken = Round(step, accepted, arrived, np.zeros(active.size, dtype=bool), forms.turned)
        yield taken
        usable = np.isfinite(wrong)
        largest = np.where(accepted, grow, 1.0)
        h = rounded(h * factor(wrong, largest, rules.tableau.exponent))
        met = accepted & last & (goal != end)
        h = np.where(met, np.maximum(h, free), h)  # a stop says nothing of the length after it
        grow = np.where(accepted, MOST, 1.0)
        outcome.steps[active[accepted]] += 1
        outcome.rounding[active] += np.where(accepted, entry(*step.bounds, step.h), 0.0)
        f, x = step.stages[rules.tableau.stages], step.end
        bound = step.bounds[1]
        if not accepted.all():
            f, x = _chosen(accepted, f, step.stages[0]), _chosen(accepted, x, step.start)
            bound = np.where(accepted, bound, step.bounds[0])
        below = np.where(accepted, passed - (arrived - t), below)
        t = np.where(accepted, arrived, t)
        ended = taken.ended | (accepted & last & ~met)
        if met.any():
            f, bound = forms(rules.inside(t, t, sign), x)
            outcome.evaluations[active] += 1
        if taken.fewer is not None:
            rules, x = taken.fewer
            forms.keep(np.ones(1, dtype=bool), active)
            f, bound = forms(t, x)
            outcome.evaluations += 1


def _chosen(which: NDArray[np.bool_], yes: Any, no: Any) -> Any:
    """States of `yes`, which is written to, for some systems, of `no` for the others."""
    if which.size == 1:
        return yes if which[0] else no
    yes[~which] = no[~which]
    return yes


def _first_lengths(
    velocity: ArrayVelocity,
    rules: Rules,
    t: FloatArray,
    x: Any,
    f: Any,
    span: FloatArray,
    sign: float,
) -> FloatArray:
    """Guess first step sizes (1 evaluation)."""
    size = np.maximum(lengths(x, rules.blocks), 1e-300)
    speed = lengths(f, rules.blocks)
    trial = np.asarray(trial_length(speed, size, span))
    there = retract(x + wide(sign * trial) * f, rules.blocks)
    bend = lengths(velocity(t + sign * trial, there)[0] - f, rules.blocks)
    bend = bend / np.maximum(trial, 1e-300)
    tolerance = rules.rtol + rules.atol
    return np.asarray(
        rounded(first_length(speed, bend, trial, tolerance, span, rules.tableau.exponent))
    )


class _Forms:
    """The velocity of the running systems, each in the form that its ledger asks for."""

    def __init__(self, velocities: Velocities, systems: IntArray) -> None:
        self.velocities = velocities
        self.products, self.differences = velocities(systems)
        self.turned = np.zeros(systems.size, dtype=bool)
        self.any_turned = False

    def keep(self, stay: NDArray[np.bool_], systems: IntArray) -> None:
        """Go on with some of the systems."""
        self.turned = self.turned[stay]
        self.any_turned = bool(self.turned.any())
        if systems.size:
            self.products, self.differences = self.velocities(systems)

    def turn(self, which: NDArray[np.bool_]) -> bool:
        """Use differences for some of the systems from now on; whether that is new to any."""
        if self.differences is None or not (which & ~self.turned).any():
            return False
        self.turned = self.turned | which
        self.any_turned = True
        return True

    def __call__(self, t: FloatArray, x: Any) -> tuple[Any, Any]:
        """Velocity and bound."""
        if not self.any_turned:
            return self.products(t, x)
        assert self.differences is not None
        fine, close = self.differences(t, x)
        if self.turned.all():
            return fine, close
        coarse, far = self.products(t, x)
        return np.where(self.turned[:, None], fine, coarse), np.where(self.turned, close, far)
