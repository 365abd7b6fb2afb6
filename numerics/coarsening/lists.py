"""Neighbour lists of the compiled coarsening loop, and the velocity summed over them.

A list of weights holds the pairs whose pull can reach e^{−40} of the fastest net speed; a list of
near pairs those that are near. Each knows the points it was made at and stays in use while the
points have moved so little that no pair outside it can have come to belong to it.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from numerics.arguments import FloatArray, IntArray
from numerics.coarsening.compiled import (
    IndexArray,
    largest_weight,
    largest_weight_of_all,
    pair_sums,
    weighty,
)
from numerics.coarsening.exponents import (
    Exponents,
    change_rate,
    exponents_of,
    reach_of,
)
from numerics.coarsening.kernels import FIRST, TERMS, Kernel
from numerics.coarsening.pairs import CANCELLED, DROPPED, Speeds
from numerics.machine_code import jit

MARGIN = 10.0
"""How far beyond the limit the list of weights reaches: longer lists, fewer rebuilds."""

LISTS = 8
"""Lists that are made for one velocity before all pairs are summed. Two do, or three after a jump;
exponents beyond 2^53, whose spacing exceeds `MARGIN`, would have no list that lasts."""


class Problem(NamedTuple):
    """What stays the same while the number of points does."""

    masses: FloatArray
    log_masses: FloatArray
    spread: float  # the largest advantage that a pair can have by its masses
    kernel: Exponents
    top: float  # logarithm of the factor beside the weights; 0 where rows are normalised
    normalised: bool
    floor: float


class WeightList(NamedTuple):
    """The pairs whose pull can count."""

    offsets: IntArray
    indices: IndexArray
    half: FloatArray  # |x_i − x_j|²/2 along the list, rewritten by every evaluation
    anchor: FloatArray  # the points it was made at
    threshold: float  # pairs whose pull was below e^threshold there were left out
    reach: float  # no pair at this distance or farther is in


class NearList(NamedTuple):
    """The near pairs; while it is in use all others are farther than `apart`."""

    offsets: IntArray
    indices: IndexArray
    anchor: FloatArray
    apart: float
    reach: float  # of the next list: follows the density of the points


class Field(NamedTuple):
    """A velocity and how much of the pulls cancels in it."""

    speeds: Speeds
    residual: float  # largest part of a point's Σ|pulls| that is left as its speed
    conditioning: float  # the fastest speed over the largest Σ|pulls|


def constants(masses: FloatArray, kernel: Kernel, normalised: bool, floor: float) -> Problem:
    """Collect what stays the same."""
    logs = np.log(masses)
    spread = float(np.ptp(logs)) - kernel.own if normalised else 0.0
    top = 0.0 if normalised else float(kernel.top)
    code = exponents_of(kernel)
    return Problem(masses, logs, spread, code, top, bool(normalised), float(floor))


@jit
def displacement(x: FloatArray, anchor: FloatArray) -> float:
    """How far the column that moved most has moved."""
    d, m = x.shape
    worst = 0.0
    for i in range(m):
        square = 0.0
        for k in range(d):
            t = x[k, i] - anchor[k, i]
            square += t * t
        worst = max(worst, square)
    return float(np.sqrt(worst))


@jit
def complete(pairs: WeightList) -> bool:
    """Whether no pair was left out."""
    m = pairs.anchor.shape[1]
    return len(pairs.indices) == m * (m - 1) // 2


@jit
def weight_list(x: FloatArray, p: Problem, level: float) -> WeightList:
    """Make the list of the pairs that count beside a net speed e^level."""
    threshold = level + DROPPED - MARGIN
    offsets, indices = weighty(x, p.log_masses, p.kernel, p.normalised, threshold)
    reach = min(2.0, reach_of(p.kernel, p.spread - threshold))
    return WeightList(offsets, indices, np.empty(len(indices)), x.copy(), threshold, reach)


@jit
def first_level(x: FloatArray, p: Problem) -> float:
    """Bound the level from below without a list: no weight is divided by more than the mass 1."""
    return float(largest_weight_of_all(x, p.log_masses, p.kernel) + CANCELLED)


@jit
def lasts(p: Problem, pairs: WeightList, level: float, moved: float) -> bool:
    """Whether no pair outside a list counts beside a net speed e^level.

    Points that moved by D change a distance by at most 2D, hence the exponent −βe of a pair at
    the edge of the list by at most 2βD·reach; pairs farther out have more to go.
    """
    if complete(pairs):
        return True
    change = 2.0 * moved * change_rate(p.kernel, pairs.reach)
    return bool(change < level + DROPPED - pairs.threshold)


@jit
def near_list(x: FloatArray, near: NearList) -> NearList:
    """Return the list, or a new one once the points have moved."""
    if displacement(x, near.anchor) <= near.apart / 2:
        return near
    return new_near_list(x, near.reach)


@jit
def new_near_list(x: FloatArray, reach: float) -> NearList:
    """List the pairs nearer than `reach`."""
    m = x.shape[1]
    # equal masses: either flow will do, and one that isn't a literal has been compiled for
    distance = Exponents(2.0, np.empty((0, FIRST + TERMS)), 0.0, 2.0)  # minus its square
    offsets, indices = weighty(x, np.zeros(m), distance, reach > 0.0, -reach * reach)
    following = reach
    if len(indices) > 32 * m:
        following = max(0.1, reach / 2)
    elif len(indices) < 4 * m:
        following = min(0.8, reach * 2)
    return NearList(offsets, indices, x.copy(), reach / 2, following)


@jit
def velocity(
    x: FloatArray, p: Problem, pairs: WeightList, level: float
) -> tuple[WeightList, float, Field]:
    """Return a list of all that counts at x, the level found, and the velocity.

    Where no weight is a number above 0, nothing pulls.
    """
    d, m = x.shape
    rounds, everything = 0, False
    while True:
        rounds += 1
        spare = level + DROPPED - pairs.threshold
        if rounds > LISTS:
            everything = True
            pairs = weight_list(x, p, -np.inf)
        elif (spare > 4.0 * MARGIN and len(pairs.indices) > 4 * m) or not lasts(
            p, pairs, level, displacement(x, pairs.anchor)
        ):
            pairs = weight_list(x, p, level)
        u = np.zeros((d, m))
        weight = np.zeros(m)
        effort = np.zeros(m)
        amax = largest_weight(x, p.log_masses, p.kernel, pairs.offsets, pairs.indices, pairs.half)
        if not amax > -np.inf and not everything:  # all that counted has gone: begin anew
            level = first_level(x, p)
            pairs = weight_list(x, p, level)
            continue
        if amax > -np.inf:
            pair_sums(
                x, p.masses, p.kernel, amax, pairs.offsets, pairs.indices, pairs.half,
                u, weight, effort,
            )  # fmt: skip
        partition = p.masses * np.exp(p.kernel.own) + np.exp(amax) * weight
        divisor = partition if p.normalised else np.ones(m)
        fastest, gross, residual = 0.0, 0.0, 0.0
        for i in range(m):
            largest, square = 0.0, 0.0  # over a mass of its own a speed may be 1e300
            for k in range(d):
                u[k, i] /= divisor[i]
                largest = max(largest, abs(u[k, i]))
            for k in range(d):
                square += (u[k, i] / largest) ** 2 if largest > 0.0 else 0.0
            speed = largest * np.sqrt(square)
            fastest = max(fastest, speed)
            gross = max(gross, effort[i] / divisor[i])
            if effort[i] > 0.0:
                residual = max(residual, speed * divisor[i] / effort[i])
        net = max(fastest, gross * np.exp(CANCELLED))
        if net > 0.0:
            level = amax + np.log(net)
            if not everything and not lasts(p, pairs, level, displacement(x, pairs.anchor)):
                continue
        shift = 0.0
        if fastest > 0.0 and not (1e-30 < fastest and fastest < 1e30):
            u /= fastest
            shift = np.log(fastest)
        frozen = 0.0 if complete(pairs) else (m - 1) * np.exp(DROPPED)
        return (
            pairs,
            level,
            Field(
                Speeds(u, weight, effort, partition, amax, shift, frozen),
                residual,
                fastest / gross if gross > 0.0 else 1.0,
            ),
        )
