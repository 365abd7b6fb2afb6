"""Pair sums of the coarsening integrator over neighbour lists, by the compiled loops.

A list holds the pairs whose weight can reach e^{−80} of the largest one, and is rebuilt only when
the points have moved far enough to matter.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from numerics.arguments import FloatArray, IntArray
from numerics.coarsening.compiled import (
    IndexArray,
    clock_sum,
    close_pairs,
    error_squares,
    largest_weight,
    largest_weight_of_all,
    neighbours,
    pair_sums,
)
from numerics.coarsening.pairs import EXPONENT_CUT, Speeds


class _WeightList(NamedTuple):
    """The pairs whose weight can count, and how long the list can be trusted."""

    offsets: IntArray
    indices: IndexArray
    half: FloatArray  # |x_i − x_j|²/2 along the list, rewritten by every evaluation
    anchor: FloatArray  # the points it was made at
    threshold: float  # pairs with −β|x_i − x_j|²/2 at or below it were left out
    reach: float  # the distance at which a pair was left out

    @property
    def complete(self) -> bool:
        """Whether no pair was left out."""
        m = self.anchor.shape[1]
        return bool(len(self.indices) == m * (m - 1) // 2)


class _NearList(NamedTuple):
    """The near pairs; while it is in use all others are farther than `apart`."""

    offsets: IntArray
    indices: IndexArray
    anchor: FloatArray
    apart: float


class NumbaPairs:
    """The pair sums over neighbour lists; the same results as `NumpyPairs` to rounding.

    Two lists are kept, each with the points it was made at: of the pairs whose weight counts, and
    of the pairs that are near. A list stays in use while the points have moved so little since
    that no pair outside it can have come to belong to it.

    Parameters
    ----------
    masses, beta, normalised, floor
        As in `numerics.coarsening.NumpyPairs`.
    """

    _MARGIN = 20.0  # how far beyond the cut the first list reaches: longer lists, fewer rebuilds

    def __init__(self, masses: FloatArray, beta: float, normalised: bool, floor: float) -> None:
        self.masses = masses
        self._log_masses = np.log(masses)
        self._beta = beta
        self._normalised = normalised
        self._floor = floor
        self._weights: _WeightList | None = None
        self._near: _NearList | None = None
        self._near_reach = 0.2  # follows the density of the points

    def _largest(self, x: FloatArray, pairs: _WeightList) -> float:
        return largest_weight(
            x, self._log_masses, self._beta, pairs.offsets, pairs.indices, pairs.half
        )

    def _weight_list(self, x: FloatArray) -> tuple[_WeightList, float]:
        """Return the pairs that count at `x`, and amax."""
        beta = self._beta
        amax = -np.inf
        if self._weights is not None:
            pairs = self._weights
            amax = self._largest(x, pairs)
            # Points that moved by D change a distance by at most 2D, hence the exponent of a pair
            # at the edge of the list by at most 2βD·reach; pairs farther out have more to go.
            change = 2.0 * beta * _displacement(x, pairs.anchor) * pairs.reach
            excess = amax + EXPONENT_CUT - pairs.threshold
            short = excess < 4.0 * self._MARGIN or len(pairs.indices) < 4 * len(self.masses)
            if amax > -np.inf and short and (pairs.complete or change < excess):
                return pairs, amax
        if not amax > -np.inf:
            amax = largest_weight_of_all(x, self._log_masses, beta)
        # The old list may have missed the largest weight: amax is then too low a value, which
        # makes the new list longer than need be, but not wrong.
        threshold = amax + EXPONENT_CUT - self._MARGIN
        limit = -2.0 * threshold / beta if beta > 0.0 else np.inf
        offsets, indices = neighbours(x, limit)
        reach = min(2.0, float(np.sqrt(limit)))
        pairs = _WeightList(offsets, indices, np.empty(len(indices)), x.copy(), threshold, reach)
        self._weights = pairs
        return pairs, self._largest(x, pairs)

    def _near_list(self, x: FloatArray) -> _NearList:
        """Return the pairs that are near at `x`."""
        near = self._near
        if near is None or _displacement(x, near.anchor) > near.apart / 2:
            reach = self._near_reach
            near = self._near = _NearList(*neighbours(x, reach * reach), x.copy(), reach / 2)
            if len(near.indices) > 32 * x.shape[1]:
                self._near_reach = max(0.1, reach / 2)
            elif len(near.indices) < 4 * x.shape[1]:
                self._near_reach = min(0.8, reach * 2)
        return near

    def speeds(self, x: FloatArray) -> Speeds:
        """Scaled velocities at the unit columns of `x`."""
        d, m = x.shape
        pairs, amax = self._weight_list(x)
        u = np.zeros((d, m))
        weight = np.zeros(m)
        effort = np.zeros(m)
        pair_sums(
            x,
            self.masses,
            self._beta,
            amax,
            pairs.offsets,
            pairs.indices,
            pairs.half,
            u,
            weight,
            effort,
        )
        partition = self.masses + np.exp(amax) * weight
        if self._normalised:
            u /= partition
        return Speeds(u, weight, effort, partition, amax)

    def clock(self, x: FloatArray, u: FloatArray) -> float:
        """Return the 4-norm R of all relative pair rates and single rates."""
        near = self._near_list(x)
        total = clock_sum(x, u, self._floor, near.apart, near.offsets, near.indices)
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
            self._beta,
            self._floor,
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


def _displacement(x: FloatArray, anchor: FloatArray) -> float:
    """How far the column that moved most has moved."""
    gap = x - anchor
    return float(np.sqrt(np.einsum("km,km->m", gap, gap).max()))
