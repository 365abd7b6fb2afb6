"""Which pairs a compiled step follows stage by stage, and which it may hold.

Most points hardly move in most steps: pairs of such points whose pull can't change by e^{−40} of
the fastest speed are summed once a step.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from numerics.arguments import FloatArray, IntArray
from numerics.coarsening.compiled import IndexArray, pair_sums, squares_after
from numerics.coarsening.exponents import change_rate, exponents, reach_of
from numerics.coarsening.lists import Problem, WeightList
from numerics.coarsening.pairs import DROPPED
from numerics.machine_code import jit

FAR = 1.0  # a point that may change an exponent by more is looked at by itself


class Split(NamedTuple):
    """The points that a step follows, the pairs it sums at every stage, and what it holds."""

    active: IntArray  # (k,): columns; the others move at their first velocity
    offsets: IntArray  # the pairs to sum at every stage, as places in `active`
    indices: IndexArray
    half: FloatArray
    pull: FloatArray  # (d, k): sums of the pairs that are held
    weight: FloatArray  # (k,)
    limits: FloatArray  # (k,): squares of how far points may move
    frozen: float  # bound on the change of the held pulls on a point, over the fastest speed


@jit
def everything(x: FloatArray) -> Split:
    """All points and all pairs, none held."""
    d, m = x.shape
    offsets = np.empty(m + 1, np.int64)
    indices = np.empty(m * (m - 1) // 2, np.int32)
    found = 0
    for i in range(m):
        offsets[i] = found
        for j in range(i + 1, m):
            indices[found] = j
            found += 1
    offsets[m] = found
    return Split(
        np.arange(m), offsets, indices, np.empty(found), np.zeros((d, m)), np.zeros(m),
        np.full(m, np.inf), 0.0,
    )  # fmt: skip


@jit
def _widths(
    k0: FloatArray, h: float, boost: float, far: float
) -> tuple[FloatArray, NDArray[np.bool_], IntArray]:
    """How far each point may move, which may move farther than `far`, and a list of those."""
    d, m = k0.shape
    squares = np.zeros(m)
    for k in range(d):
        row = k0[k]
        for i in range(m):
            squares[i] += row[i] * row[i]
    limits = np.empty(m)
    fast = np.empty(m, np.bool_)
    movers = np.empty(m, np.int64)
    count = 0
    for i in range(m):
        limits[i] = max(boost * h * np.sqrt(squares[i]), 1e-12)
        fast[i] = limits[i] > far
        if fast[i]:
            movers[count] = i
            count += 1
    return limits, fast, movers[:count]


@jit
def _followed(
    x: FloatArray, level: float, p: Problem, pairs: WeightList, limits: FloatArray,
    fast: NDArray[np.bool_], movers: IntArray,
) -> tuple[IntArray, IndexArray, NDArray[np.bool_]]:  # fmt: skip
    """Find the pairs to sum at every stage, and tell which of the list are held.

    For points that move far the pairs that may come to count are looked for anew.
    """
    d, m = x.shape
    count = len(movers)
    # exponents of the other points change by at most 2·FAR, and e^z − 1 ≤ 3.2 z up to z = 2
    sensitive = np.log(1.0 + 3.2 * change_rate(p.kernel, pairs.reach))
    reach = reach_of(p.kernel, p.spread - level - DROPPED)
    offsets = np.empty(m + 1, np.int64)
    indices = np.empty(len(pairs.indices) + count * m, np.int32)
    held = np.zeros(len(pairs.indices), np.bool_)
    squares = np.empty(m)
    found, following = 0, 0
    for i in range(m):
        offsets[i] = found
        if fast[i]:
            following += 1
            squares_after(x, i, squares)
            for j in range(i + 1, m):
                width = reach + limits[i] + limits[j]
                if squares[j] < width * width:
                    indices[found] = j
                    found += 1
            continue
        for q in range(following, count):
            j = movers[q]
            square = 0.0
            for k in range(d):
                t = x[k, j] - x[k, i]
                square += t * t
            width = reach + limits[i] + limits[j]
            if square < width * width:
                indices[found] = j
                found += 1
        mass = p.log_masses[i]
        low = pairs.offsets[i]
        exponents(pairs.half[low : pairs.offsets[i + 1]], p.kernel, squares)
        for q in range(low, pairs.offsets[i + 1]):
            j = pairs.indices[q]
            if fast[j]:
                continue
            other = p.log_masses[j]
            advantage = abs(other - mass) - p.kernel.own if p.normalised else max(other, mass)
            change = sensitive + np.log(limits[i] + limits[j])
            if advantage + squares[q - low] + change > level + DROPPED:
                indices[found] = j
                found += 1
            else:
                held[q] = True
    offsets[m] = found
    return offsets, indices[:found], held


@jit
def split_pairs(
    x: FloatArray, k0: FloatArray, h: float, amax: float, level: float, p: Problem,
    pairs: WeightList, boost: float,
) -> Split:  # fmt: skip
    """Tell the pairs that a step of length h has to follow from those it may hold.

    A point may move by `boost` times its speed at the start.
    """
    d, m = x.shape
    rate = change_rate(p.kernel, pairs.reach)
    far = FAR / rate if rate > 0.0 else np.inf
    limits, fast, movers = _widths(k0, h, boost, far)
    offsets, indices, held = _followed(x, level, p, pairs, limits, fast, movers)
    if 4 * len(indices) > m * (m - 1):
        return everything(x)
    place = np.zeros(m, np.int64)
    for i in range(m):
        if fast[i] or offsets[i + 1] > offsets[i]:
            place[i] = 1
    for j in indices:
        place[j] = 1
    active = np.flatnonzero(place)
    count = len(active)
    place[:] = -1
    for q in range(count):
        place[active[q]] = q
    # the pairs of active points, in places of `active`
    own_offsets = np.empty(count + 1, np.int64)
    for q in range(count):
        own_offsets[q] = offsets[active[q]]
    own_offsets[count] = len(indices)
    for q in range(len(indices)):
        indices[q] = place[indices[q]]
    # what is held but pulls on an active point
    rest_offsets = np.empty(m + 1, np.int64)
    rest = np.empty(len(held), np.int32)
    half = np.empty(len(held))
    found = 0
    for i in range(m):
        rest_offsets[i] = found
        for q in range(pairs.offsets[i], pairs.offsets[i + 1]):
            if held[q] and (place[i] >= 0 or place[pairs.indices[q]] >= 0):
                rest[found] = pairs.indices[q]
                half[found] = pairs.half[q]
                found += 1
    rest_offsets[m] = found
    pull = np.zeros((d, m))
    weight, none = np.zeros(m), np.empty(0)
    if found:
        pair_sums(x, p.masses, p.kernel, amax, rest_offsets, rest, half, pull, weight, none)
    frozen = m * np.exp(DROPPED) if len(held) else 0.0
    return Split(
        active, own_offsets, indices, np.empty(len(indices)), pull[:, active], weight[active],
        limits[active] * limits[active], frozen,
    )  # fmt: skip
