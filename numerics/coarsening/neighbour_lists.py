"""Pair sums of the coarsening integrator over neighbour lists, by the compiled loops."""

from __future__ import annotations

import math

import numpy as np

from numerics.arguments import FloatArray, IntArray
from numerics.coarsening.all_pairs import crossings
from numerics.coarsening.compiled import clock_sum, close_pairs, error_squares
from numerics.coarsening.kernels import Kernel
from numerics.coarsening.legs import Leg, diagnose
from numerics.coarsening.lists import (
    Field,
    NearList,
    WeightList,
    constants,
    first_level,
    near_list,
    new_near_list,
    velocity,
    weight_list,
)
from numerics.coarsening.march import EVENT, FULL, MAX_STEPS, Rules, march
from numerics.coarsening.pairs import Speeds
from numerics.coarsening.step import EXTENDED, Options, State, Step
from numerics.interrupts import interrupts_later

_CHUNK = 64  # steps between returns of the compiled loop, at most
_ROOM = 1 << 21  # numbers in the places of a chunk, at most
_PAIRS = 1 << 26  # pairs of all points in the steps of a chunk: a second or so, so that a Ctrl-C
# is heard, which waits for the loop to return
_TRIES = 4  # attempts for each step of a chunk
_UNBROKEN = interrupts_later()  # numba makes tuples of results: an error in there ends Python


class NumbaPairs:
    """The pair sums over neighbour lists; the same results as `NumpyPairs` to rounding.

    Parameters
    ----------
    masses, kernel, normalised, floor
        As in `numerics.coarsening.pairs.NumpyPairs`.
    """

    def __init__(self, masses: FloatArray, kernel: Kernel, normalised: bool, floor: float) -> None:
        self.masses = masses
        self._constants = constants(masses, kernel, normalised, floor)
        self._weights: WeightList | None = None
        self._level = -math.inf
        self._near: NearList | None = None

    @_UNBROKEN
    def _weight_list(self, x: FloatArray) -> WeightList:
        """Return the last list, or the first one."""
        if self._weights is None:
            self._level = first_level(x, self._constants)
            self._weights = weight_list(x, self._constants, self._level)
        return self._weights

    @_UNBROKEN
    def _near_list(self, x: FloatArray) -> NearList:
        """Return the pairs that are near at `x`."""
        self._near = new_near_list(x, 0.2) if self._near is None else near_list(x, self._near)
        return self._near

    @_UNBROKEN
    def speeds(self, x: FloatArray) -> Speeds:
        """Scaled velocities at the unit columns of `x`."""
        found = velocity(x, self._constants, self._weight_list(x), self._level)
        self._weights, self._level, field = found
        return field.speeds

    def clock(self, x: FloatArray, u: FloatArray) -> float:
        """Return the 4-norm R of all relative pair rates and single rates."""
        near = self._near_list(x)
        total = clock_sum(x, u, self._constants.floor, near.apart, near.offsets, near.indices)
        return float(total**0.25)

    def error_norms(
        self, before: FloatArray, after: FloatArray, first: FloatArray, second: FloatArray
    ) -> tuple[float, float]:
        """Largest weighted difference of two error fields over all pairs and points."""
        near = self._near_list(after)
        one, two = error_squares(
            before,
            after,
            first,
            second,
            self._constants.kernel,
            self._constants.floor,
            near.apart,
            near.offsets,
            near.indices,
        )
        return float(np.sqrt(one)), float(np.sqrt(two))

    def close(
        self, x: FloatArray, moved: IntArray, component: IntArray, radius: float, core: float
    ) -> tuple[IntArray, IntArray]:
        """Pairs nearer than `radius` in different components, and all pairs nearer than `core`.

        `radius` and `core` may be at most 0.05, the least `apart` of a list.
        """
        near = self._near_list(x)
        return close_pairs(
            x, moved, component, radius * radius, core * core, near.offsets, near.indices
        )

    def crossings(self, origin: FloatArray, slopes: FloatArray, square: float) -> FloatArray:
        """Fractions θ of a step at which |x_i − x_j|² falls to `square`, by bisection."""
        return crossings(np.ascontiguousarray(origin), np.ascontiguousarray(slopes), square)

    @_UNBROKEN
    def leg(
        self,
        state: State,
        h: float,
        options: Options,
        component: IntArray,
        radius: float,
        budget: int,
    ) -> Leg:
        """Take steps until something happens; `numerics.coarsening.legs.leg` says what."""
        x = state.x
        d, m = x.shape
        weights, near = self._weight_list(x), self._near_list(x)
        room = max(1, min(_CHUNK, _ROOM // x.size, _PAIRS // (m * m)))
        tries = min(budget, _TRIES * room)
        places, lengths = np.empty((room, d, m)), np.empty(room)
        log_times, energies = np.empty(room), np.empty(room)
        stages, times = np.empty((EXTENDED, d, m)), np.empty(EXTENDED)
        before = Field(state.speeds, *diagnose(state, options))
        rules = Rules(
            options.held,
            options.core**2,
            radius**2,
            math.inf if options.log_t_end is None else float(options.log_t_end),
            options.rounding,
            options.blur,
        )
        (
            why, taken, rejected, h, norm, now, clock, elapsed, conditioning, frozen, least,
            field, self._weights, self._level, self._near, first, second,
        ) = march(
            x, state.log_time, state.norm, state.clock, h, before, self._constants, rules,
            component, weights, self._level, near, tries, places, lengths, log_times, energies,
            stages, times,
        )  # fmt: skip
        why = FULL if why == MAX_STEPS and taken + rejected < budget else why
        after, step = state, None
        if taken:
            end = places[taken - 1].copy()
            after = State(end, float(log_times[taken - 1]), field.speeds, norm, now)
        if why == EVENT:
            start = places[taken - 2].copy() if taken > 1 else x
            log_time = float(log_times[taken - 2]) if taken > 1 else state.log_time
            step = Step(
                State(start, log_time, state.speeds, math.nan, clock),
                float(lengths[taken - 1]),
                end,
                stages,
                times,
                elapsed,
                after.log_time,
                0.0,
                least,
            )
        return Leg(
            why, places[:taken], lengths[:taken], log_times[:taken], energies[:taken],
            after, step, first, second, h, rejected, field.residual, conditioning, frozen,
            least,
        )  # fmt: skip
