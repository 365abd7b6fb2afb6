"""Subdivision of the angles of n tokens on the circle, each leaf with the test that holds there.

In ordinary floating point, many boxes at a time; ``checker/landscape.py`` says what the trees mean
and replays them in balls.
"""

from __future__ import annotations

import math
import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array

from numerics.arguments import FloatArray, IntArray
from proofs_checks.certificates.checker import DIGITS

Booleans = NDArray[np.bool_]

GRID = 14  # Angles are multiples of 2π/2^14: up to 13 bisections of an axis.
FULL = 1 << GRID
_MARGIN = 1e-9  # A leaf must hold by so much, that the checker's rounding doesn't undo it.
_SHAPE = 2  # No side of a box is shorter than another one over this when it is bisected.
_CHUNK = 4096


class NotFound(RuntimeError):
    """The search ended without a certificate; the message says where it got stuck."""


@dataclass(frozen=True)
class _Cuts:
    """The cuts tried: S runs over the arcs first..last of tokens, without token 0.

    An arc and its complement are the same cut, so these are all cuts into two arcs.

    Attributes
    ----------
    arcs : list of (int, int)
    left, right : (pairs,) tokens i < j of a pair
    sign : (pairs, arcs), 1 if j is in S and i isn't, -1 the other way, 0 if they aren't cut
    touch : (pairs, arcs * n), 1 if a pair is cut by the arc and holds the token

    With masses, 1 is m_i m_j in both; the largest mass is the unit.

    Both are sparse; besides, a dense product would wake the threads of BLAS for next to nothing.
    """

    arcs: list[tuple[int, int]]
    left: IntArray
    right: IntArray
    sign: Any
    touch: Any


def _cuts(masses: Sequence[int]) -> _Cuts:
    n = len(masses)
    arcs = [(a, b) for a in range(1, n) for b in range(a, n)]
    left, right = np.triu_indices(n, 1)
    inside = np.array([[a <= k <= b for k in range(n)] for a, b in arcs], dtype=float)
    sign = (inside[:, right] - inside[:, left]).T
    holds = (left[:, None] == np.arange(n)) | (right[:, None] == np.arange(n))
    unit = np.asarray(masses) / max(masses)
    sign *= (unit[left] * unit[right])[:, None]
    touch = (np.abs(sign)[:, :, None] * holds[:, None, :]).reshape(len(left), -1)
    ends = (left.astype(np.int64), right.astype(np.int64))
    return _Cuts(arcs, *ends, csr_array(sign), csr_array(touch))


@dataclass(frozen=True)
class _Values:
    """Force, curvature and growth on the grid at one β; see `checker.Slice`."""

    force: FloatArray
    curvature: FloatArray
    growth: FloatArray
    right: Booleans
    extreme: float


def _values(beta: float) -> _Values:
    phi = 2 * np.pi / FULL * np.arange(FULL)
    c = np.cos(phi)
    growth = np.exp(beta * c)
    right = beta**2 * c**2 + 3 * beta * c + 1 - beta**2 >= 0
    turn = (math.sqrt(5 + 4 * beta**2) - 3) / (2 * beta) if beta else -1.0
    turn = min(1.0, max(-1.0, turn))
    extreme = (turn - beta * (1 - turn**2)) * math.exp(beta * turn)
    return _Values(np.sin(phi) * growth, (c - beta * (1 - c**2)) * growth, growth, right, extreme)


def _span(
    at: _Values, a: IntArray, b: IntArray, top: Booleans, bottom: Booleans
) -> tuple[FloatArray, FloatArray]:
    """Largest and smallest curvature on intervals of angles that may hold 0 and π."""
    a, b = a % FULL, b % FULL
    half = FULL // 2
    rows = [(at.curvature[k], at.right[k]) for k in (a, b)]
    rows.append((np.where(top, at.curvature[0], rows[0][0]), np.where(top, True, rows[0][1])))
    rows.append(
        (
            np.where(bottom, at.curvature[half], rows[0][0]),
            np.where(bottom, at.right[half], rows[0][1]),
        )
    )
    values = np.array([value for value, _ in rows])
    sides = np.array([side for _, side in rows])
    inside = sides.any(axis=0) & ~sides.all(axis=0)
    values = np.concatenate([values, np.where(inside, at.extreme, values[0])[None]])
    return values.max(axis=0), values.min(axis=0)


def _outside(lo: IntArray, hi: IntArray, alike: bool) -> Booleans:
    """Boxes without a point of the domain; see ``checker/landscape.py``."""
    last = FULL - lo[:, -1]
    found = (hi[:, 1:] < lo[:, :-1]).any(axis=1)
    found |= (lo[:, 1:-1] - hi[:, :-2] > last[:, None]).any(axis=1)
    found |= lo[:, -1] - hi[:, -2] > last
    return found | (lo[:, 1] > hi[:, -1] - lo[:, -2]) if alike else found


@dataclass(frozen=True)
class _Tests:
    """Both tests of ``checker/landscape.py`` on many boxes at once, for β in [low, high]."""

    cuts: _Cuts
    ends: tuple[_Values, _Values]
    bend: float
    curl: float

    def ranges(
        self, lo: IntArray, hi: IntArray
    ) -> tuple[FloatArray, FloatArray, FloatArray, FloatArray]:
        """Largest curvature of each pair at both ends of the slice, smallest, and growth."""
        a = lo[:, self.cuts.right] - hi[:, self.cuts.left]
        b = hi[:, self.cuts.right] - lo[:, self.cuts.left]
        half = FULL // 2
        top = ((a <= 0) & (b >= 0)) | (b >= FULL)
        bottom = ((a <= half) & (b >= half)) | (a <= -half)
        growth = np.maximum(self.ends[0].growth, self.ends[1].growth)
        wide = np.maximum(growth[a % FULL], growth[b % FULL])
        (up, down), (up_, down_) = (_span(at, a, b, top, bottom) for at in self.ends)
        wide = np.where(top, np.maximum(wide, growth[0]), wide)
        wide = np.where(bottom, np.maximum(wide, growth[half]), wide)
        return up, up_, np.minimum(down, down_), wide

    def direction(
        self, ranges: tuple[FloatArray, FloatArray, FloatArray, FloatArray]
    ) -> tuple[IntArray, Booleans]:
        """Return the best cut of each box, and whether Σ g over it is negative."""
        up, up_, _, wide = ranges
        crossed = abs(self.cuts.sign)
        sums = np.maximum(up @ crossed, up_ @ crossed) + self.curl * (wide @ crossed)
        return sums.argmin(axis=1), sums.min(axis=1) < -_MARGIN

    def force(
        self,
        lo: IntArray,
        hi: IntArray,
        ranges: tuple[FloatArray, FloatArray, FloatArray, FloatArray],
    ) -> tuple[IntArray, Booleans, IntArray]:
        """Return the best cut, whether its force has one sign, and where it varies most."""
        up, up_, down, wide = ranges
        count, n = lo.shape
        middle = (lo + hi) // 2
        place = (middle[:, self.cuts.right] - middle[:, self.cuts.left]) % FULL
        growth = np.maximum(self.ends[0].growth, self.ends[1].growth)
        force, force_ = (at.force[place] @ self.cuts.sign for at in self.ends)
        least = np.where(force * force_ > 0, np.minimum(np.abs(force), np.abs(force_)), 0.0)
        least -= self.bend * (growth[place] @ abs(self.cuts.sign))
        above = np.maximum(up, up_) + self.curl * wide
        below = down - self.curl * wide
        slope = np.maximum(above @ self.cuts.touch, -(below @ self.cuts.touch))
        slope = slope.reshape(count, -1, n) * ((hi - lo)[:, None, :] * (355 / 113 / FULL))
        spare = least - slope.sum(axis=2)
        best = spare.argmax(axis=1)
        rows = np.arange(count)
        # Bisect where the most promising force varies most, but leave no axis far behind: that
        # force may vanish in the box, and then another one decides once the box is small.
        width = hi - lo
        lagging = width * _SHAPE < width.max(axis=1, keepdims=True)
        axis = np.where(lagging, -1.0, slope[rows, best]).argmax(axis=1)
        return best, spare[rows, best] > _MARGIN, axis


def box_tests(masses: Sequence[int], low: float, high: float) -> _Tests:
    """Make the tests for tokens of these masses, in this order, and β in [low, high]."""
    bend = (high - low) ** 2 / 8
    curl = bend * (1.09 + max(high, -low) / 4)
    return _Tests(_cuts(masses), (_values(low), _values(high)), bend, curl)


Boxes = list[tuple[list[int], list[int]]]


def _decide(
    lo: IntArray, hi: IntArray, tests: _Tests, known: Boxes | None
) -> tuple[list[str], IntArray]:
    """Return each box's leaf, "" if there is none, and the axis to split then.

    With boxes of ``known`` critical points these and forces count; without, directions and forces.
    """
    names = [DIGITS[a] + DIGITS[b] for a, b in tests.cuts.arcs]
    leaves = [""] * len(lo)
    ranges = tests.ranges(lo, hi)
    if known is None:
        cut, holds = tests.direction(ranges)
        for k in np.flatnonzero(holds):
            leaves[k] = "+" + names[cut[k]]
    else:
        holds = np.zeros(len(lo), dtype=bool)
        for number, (low, high) in enumerate(known):
            inside = (lo >= low).all(axis=1) & (hi <= high).all(axis=1)
            for k in np.flatnonzero(inside):
                leaves[k] = "=" + DIGITS[number]
            holds |= inside
    axis = np.zeros(len(lo), dtype=np.int64)
    todo = np.flatnonzero(~holds)
    if todo.size:
        few = (ranges[0][todo], ranges[1][todo], ranges[2][todo], ranges[3][todo])
        cut, holds, axis[todo] = tests.force(lo[todo], hi[todo], few)
        for k in np.flatnonzero(holds):
            leaves[todo[k]] = "!" + names[cut[k]]
    return leaves, axis


def subdivision_tree(
    n: int, tests: _Tests, known: Boxes | None, deadline: float, alike: bool = True
) -> str:
    """Return a subdivision tree in preorder, found level by level.

    ``alike`` says that the masses are equal, so that half of the domain is enough.

    Raises
    ------
    NotFound
        Where a box gets too small to bisect, or at the deadline.
    """
    lo = np.zeros((1, n), dtype=np.int64)
    hi = np.full((1, n), FULL, dtype=np.int64)
    lo[0, -1] = FULL // 2
    hi[0, 0] = 0
    levels: list[list[str]] = []
    while len(lo):
        level = ["."] * len(lo)
        splits: list[IntArray] = []
        axes: list[IntArray] = []
        inside = np.flatnonzero(~_outside(lo, hi, alike))
        for start in range(0, len(inside), _CHUNK):
            if time.perf_counter() > deadline:
                raise NotFound("the time ran out")
            part = inside[start : start + _CHUNK]
            leaves, axis = _decide(lo[part], hi[part], tests, known)
            for k, leaf, x in zip(part.tolist(), leaves, axis.tolist(), strict=True):
                level[k] = leaf or DIGITS[x]
            open_ = np.array([not leaf for leaf in leaves])
            splits.append(part[open_])
            axes.append(axis[open_])
        levels.append(level)
        if not splits:
            break
        split, axis = np.concatenate(splits), np.concatenate(axes)
        rows = np.arange(len(split))
        lo, hi = lo[split], hi[split]
        small = (hi - lo)[rows, axis] <= 2
        if small.any():
            turns = (lo[small.argmax()] / FULL).round(4).tolist()
            raise NotFound(f"no test holds near the angles 2π {turns}")
        half = (lo[rows, axis] + hi[rows, axis]) // 2
        upper, lower = lo.copy(), hi.copy()
        upper[rows, axis] = lower[rows, axis] = half
        # Both children of a box stand side by side.
        lo = np.stack([lo, upper], axis=1).reshape(-1, n)
        hi = np.stack([lower, hi], axis=1).reshape(-1, n)
    texts: list[str] = []
    for level in reversed(levels):
        children = iter(texts)
        texts = [x + next(children) + next(children) if x in DIGITS else x for x in level]
    return texts[0]
