"""Searches for certificates on the energy of n tokens on the circle (Problem 3).

They run in ordinary floating point and decide nothing: what they find is a certificate, which
`proofs_checks.certificates.checker` replays in ball arithmetic. ``checker/landscape.py`` says
what the trees mean and why they prove the statement.
"""

from __future__ import annotations

import math
import time
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import combinations_with_replacement
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array

from proofs_checks.certificates.checker import (
    DIGITS,
    FINE,
    LIST,
    POINT,
    SADDLES,
    Slice,
    count_signs,
    list_text,
    point_text,
    point_types,
    saddles_text,
    unique_point,
)
from proofs_checks.certificates.format import Certificate, Rejected, ball_arithmetic, fraction, seal

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]
Booleans = NDArray[np.bool_]

_GRID = 14  # Angles are multiples of 2π/2^14: up to 13 bisections of an axis.
_FULL = 1 << _GRID
_MARGIN = 1e-9  # A leaf must hold by so much, that the checker's rounding doesn't undo it.
_SHAPE = 2  # No side of a box is shorter than another one over this when it is bisected.
_CHUNK = 4096
_PRECISION = 64


class NotFound(RuntimeError):
    """The search ended without a certificate; the message says where it got stuck."""


# -- strict saddles, every β of an interval ----------------------------------------------------


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

    Both are sparse; besides, a dense product would wake the threads of BLAS for next to nothing.
    """

    arcs: list[tuple[int, int]]
    left: Integers
    right: Integers
    sign: Any
    touch: Any


def _cuts(n: int) -> _Cuts:
    arcs = [(a, b) for a in range(1, n) for b in range(a, n)]
    left, right = np.triu_indices(n, 1)
    inside = np.array([[a <= k <= b for k in range(n)] for a, b in arcs], dtype=float)
    sign = (inside[:, right] - inside[:, left]).T
    holds = (left[:, None] == np.arange(n)) | (right[:, None] == np.arange(n))
    touch = (np.abs(sign)[:, :, None] * holds[:, None, :]).reshape(len(left), -1)
    ends = (left.astype(np.int64), right.astype(np.int64))
    return _Cuts(arcs, *ends, csr_array(sign), csr_array(touch))


@dataclass(frozen=True)
class _Values:
    """Force, curvature and growth on the grid at one β; see ``checker_landscape._Slice``."""

    force: Floats
    curvature: Floats
    growth: Floats
    right: Booleans
    least: float


def _values(beta: float) -> _Values:
    phi = 2 * np.pi / _FULL * np.arange(_FULL)
    c = np.cos(phi)
    growth = np.exp(beta * c)
    right = beta**2 * c**2 + 3 * beta * c + 1 - beta**2 >= 0
    low = max(-1.0, (math.sqrt(5 + 4 * beta**2) - 3) / (2 * beta)) if beta else -1.0
    least = (low - beta * (1 - low**2)) * math.exp(beta * low)
    return _Values(np.sin(phi) * growth, (c - beta * (1 - c**2)) * growth, growth, right, least)


def _span(
    at: _Values, a: Integers, b: Integers, top: Booleans, bottom: Booleans
) -> tuple[Floats, Floats]:
    """Largest and smallest curvature on intervals of angles that may hold 0 and π."""
    a, b = a % _FULL, b % _FULL
    half = _FULL // 2
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
    return values.max(axis=0), np.where(inside, at.least, values.min(axis=0))


def _outside(lo: Integers, hi: Integers) -> Booleans:
    """Boxes without a point of the domain; see ``checker_landscape._check_saddles``."""
    last = _FULL - lo[:, -1]
    found = (hi[:, 1:] < lo[:, :-1]).any(axis=1)
    found |= (lo[:, 1:-1] - hi[:, :-2] > last[:, None]).any(axis=1)
    found |= lo[:, -1] - hi[:, -2] > last
    return found | (lo[:, 1] > hi[:, -1] - lo[:, -2])


@dataclass(frozen=True)
class _Tests:
    """Both tests of ``checker_landscape`` on many boxes at once, for β in [low, high]."""

    cuts: _Cuts
    ends: tuple[_Values, _Values]
    bend: float
    curl: float

    def ranges(self, lo: Integers, hi: Integers) -> tuple[Floats, Floats, Floats, Floats]:
        """Largest curvature of each pair at both ends of the slice, smallest, and growth."""
        a = lo[:, self.cuts.right] - hi[:, self.cuts.left]
        b = hi[:, self.cuts.right] - lo[:, self.cuts.left]
        half = _FULL // 2
        top = ((a <= 0) & (b >= 0)) | (b >= _FULL)
        bottom = ((a <= half) & (b >= half)) | (a <= -half)
        growth = np.maximum(self.ends[0].growth, self.ends[1].growth)
        wide = np.maximum(growth[a % _FULL], growth[b % _FULL])
        (up, down), (up_, down_) = (_span(at, a, b, top, bottom) for at in self.ends)
        return up, up_, np.minimum(down, down_), np.where(top, growth[0], wide)

    def direction(self, ranges: tuple[Floats, Floats, Floats, Floats]) -> tuple[Integers, Booleans]:
        """Return the best cut of each box, and whether Σ g over it is negative."""
        up, up_, _, wide = ranges
        crossed = abs(self.cuts.sign)
        sums = np.maximum(up @ crossed, up_ @ crossed) + self.curl * (wide @ crossed)
        return sums.argmin(axis=1), sums.min(axis=1) < -_MARGIN

    def force(
        self, lo: Integers, hi: Integers, ranges: tuple[Floats, Floats, Floats, Floats]
    ) -> tuple[Integers, Booleans, Integers]:
        """Return the best cut, whether its force has one sign, and where it varies most."""
        up, up_, down, wide = ranges
        count, n = lo.shape
        middle = (lo + hi) // 2
        place = (middle[:, self.cuts.right] - middle[:, self.cuts.left]) % _FULL
        growth = np.maximum(self.ends[0].growth, self.ends[1].growth)
        force, force_ = (at.force[place] @ self.cuts.sign for at in self.ends)
        least = np.where(force * force_ > 0, np.minimum(np.abs(force), np.abs(force_)), 0.0)
        least -= self.bend * (growth[place] @ abs(self.cuts.sign))
        above = np.maximum(up, up_) + self.curl * wide
        below = down - self.curl * wide
        slope = np.maximum(above @ self.cuts.touch, -(below @ self.cuts.touch))
        slope = slope.reshape(count, -1, n) * ((hi - lo)[:, None, :] * (355 / 113 / _FULL))
        spare = least - slope.sum(axis=2)
        best = spare.argmax(axis=1)
        rows = np.arange(count)
        # Bisect where the most promising force varies most, but leave no axis far behind: that
        # force may vanish in the box, and then another one decides once the box is small.
        width = hi - lo
        lagging = width * _SHAPE < width.max(axis=1, keepdims=True)
        axis = np.where(lagging, -1.0, slope[rows, best]).argmax(axis=1)
        return best, spare[rows, best] > _MARGIN, axis


def _tests(n: int, low: float, high: float) -> _Tests:
    bend = (high - low) ** 2 / 8
    return _Tests(_cuts(n), (_values(low), _values(high)), bend, bend * (1.09 + high / 4))


Boxes = list[tuple[list[int], list[int]]]


def _decide(
    lo: Integers, hi: Integers, tests: _Tests, known: Boxes | None
) -> tuple[list[str], Integers]:
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


def _tree(n: int, tests: _Tests, known: Boxes | None, deadline: float) -> str:
    """Return a subdivision tree in preorder, found level by level.

    Raises
    ------
    NotFound
        Where a box gets too small to bisect, or at the deadline.
    """
    lo = np.zeros((1, n), dtype=np.int64)
    hi = np.full((1, n), _FULL, dtype=np.int64)
    lo[0, -1] = _FULL // 2
    hi[0, 0] = 0
    levels: list[list[str]] = []
    while len(lo):
        level = ["."] * len(lo)
        splits: list[Integers] = []
        axes: list[Integers] = []
        inside = np.flatnonzero(~_outside(lo, hi))
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
            turns = (lo[small.argmax()] / _FULL).round(4).tolist()
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


def _whole(n: Any) -> bool:
    return isinstance(n, int | np.integer) and not isinstance(n, bool)


def certify_strict_saddles(
    n: int,
    beta_to: int | Fraction | str | None = None,
    *,
    beta_from: int | Fraction | str = 0,
    budget_s: float = math.inf,
) -> Certificate:
    """Find a certificate that consensus is the only local maximum on the circle.

    Every critical point of the energy (7.4) of n tokens other than consensus is a strict saddle:
    Problem 3 of the paper, for this n.

    Parameters
    ----------
    n : int
        Number of tokens, 3 to 16. For every β and n = 3, …, 9 there are 16, 100, 755, 5.7e3, 4.2e4,
        2.9e5, 2.0e6 boxes: 0.1 s at n = 6, 3 s at n = 8, a minute at n = 9.
    beta_to : rational, optional
        Certify up to this β; by default for every β, with the large-β argument from its threshold
        ``cos(π/(n-1))/sin²(π/(n-1))`` on.
    beta_from : rational
        Certify from this β >= 0 on.
    budget_s : float
        Seconds to search. When they end, the certificate states the part of the range that was
        done; its ``parameters["beta_to"]`` says how far it got.

    Returns
    -------
    Certificate
        Of the kind "strict-saddles-circle". The search needs no python-flint, the check does.

    Raises
    ------
    ValueError
        For n or β out of range.
    NotFound
        When not even the first slice of β could be done: the message names the angles where no
        test held, a candidate for a local maximum.

    Examples
    --------
    >>> certificate = certify_strict_saddles(4)
    >>> print(certificate.statement)
    On the circle (d = 2), for n = 4 tokens of equal mass and every beta >= 0: every critical point
    of the interaction energy (at beta = 0, its limit) other than consensus is a strict saddle, its
    Hessian has a positive eigenvalue. SA and USA have the same critical points.
    """
    if not _whole(n) or not 3 <= n <= 16:
        raise ValueError(f"Expected n from 3 to 16 but got n={n}; n = 2 needs no search.")
    start = low = fraction(beta_from)
    angle = math.pi / (n - 1)
    threshold = math.cos(angle) / math.sin(angle) ** 2
    goal = Fraction(math.floor(threshold * 1000) + 1, 1000) if beta_to is None else None
    goal = fraction(beta_to) if beta_to is not None else max(goal or low, low + Fraction(1, 1000))
    if not 0 <= low < goal:
        raise ValueError(
            f"Expected 0 <= beta_from < beta_to but got beta_from={low}, beta_to={goal}."
        )
    deadline = time.perf_counter() + budget_s
    knots, trees = [low], []
    while low < goal:
        # Where the energy is stiffer, narrower slices.
        step, failure = Fraction(1, 2 + math.floor(low)), None
        for _ in range(4):
            high = min(low + step, goal)
            try:
                trees.append(_tree(n, _tests(n, float(low), float(high)), None, deadline))
                break
            except NotFound as stuck:
                failure = NotFound(f"β from {low} to {high}: {stuck}")
                step /= 2
        else:
            if failure is not None and not trees:
                raise failure
            break
        low = high
        knots.append(low)
    endless = beta_to is None and low == goal
    statement, assumptions = saddles_text(n, start, None if endless else low)
    return seal(
        SADDLES,
        statement,
        {"n": n, "beta_from": str(start), "beta_to": "infinity" if endless else str(low)},
        {"grid": _GRID, "knots": [str(knot) for knot in knots], "trees": trees},
        assumptions,
        _PRECISION,
    )


# -- critical points at one β ------------------------------------------------------------------


def _newton(n: int, beta: float, starts: Floats) -> Floats:
    """Return zeros of the force with θ_0 = 0, angles over 2π, from many starts at once."""
    turns = starts.copy()
    step = np.zeros_like(turns)
    for _ in range(60):
        phi = 2 * np.pi * (turns[:, :, None] - turns[:, None, :])
        weight = np.exp(beta * (np.cos(phi) - 1))
        force = (np.sin(phi) * weight).sum(axis=2)
        slope = -(np.cos(phi) - beta * np.sin(phi) ** 2) * weight
        rows = np.arange(n)
        slope[:, rows, rows] = 0.0
        slope[:, rows, rows] = -slope.sum(axis=2)
        inverse = np.linalg.pinv(slope[:, 1:, 1:], rcond=1e-12)
        step[:, 1:] = (inverse @ force[:, 1:, None])[:, :, 0] / (2 * np.pi)
        # Long steps are cut: they'd leave the neighbourhood where the linear model means anything.
        step *= np.minimum(1.0, 0.05 / np.maximum(np.abs(step).max(axis=1), 1e-300))[:, None]
        turns = turns - step
    return turns[np.abs(step).max(axis=1) < 1e-13]


def _in_domain(n: int, turns: Floats) -> list[tuple[float, ...]]:
    """Return the images of a configuration in the domain of the trees, token 0 at 0."""
    place = np.sort(np.where(turns % 1.0 > 1 - 1e-9, 0.0, turns % 1.0))
    gaps = np.diff(np.append(place, place[0] + 1.0))
    found: list[tuple[float, ...]] = []
    for row in (gaps, gaps[::-1]):
        for shift in range(n):
            image = np.roll(row, shift)
            if image[-1] > image.max() - 1e-9 and image[0] < image[-2] + 1e-9:
                point = np.concatenate([[0.0], np.cumsum(image[:-1])])
                if all(np.abs(point - other).max() > 1e-8 for other in found):
                    found.append(tuple(point.tolist()))
    return found


def find_critical_points(n: int, beta: float, steps: int = 12) -> list[tuple[float, ...]]:
    """Return the critical points other than consensus, angles over 2π, one a class at least.

    Parameters
    ----------
    n : int
    beta : float
    steps : int
        Newton's method starts from every ordered configuration on a circle of so many places.

    Returns
    -------
    list of tuple
        Angles θ_i/2π with θ_1 = 0, ordered, the last gap the largest and the first gap at most the
        last but one. Complete only as far as the starts reach.

    Examples
    --------
    >>> [tuple(round(t, 4) for t in point) for point in find_critical_points(3, 1.0)]
    [(0.0, 0.0, 0.5), (0.0, 0.3333, 0.6667)]
    """
    places = combinations_with_replacement(range(steps), n - 1)
    # Off the lattice, where symmetric starts would stay symmetric.
    starts = np.array([(0.0, *np.add(p, 0.37) / steps) for p in places])
    found: list[tuple[float, ...]] = []
    for turns in _newton(n, beta, starts):
        for point in _in_domain(n, turns):
            gap = 1 - point[-1]
            new = all(np.abs(np.subtract(point, other)).max() > 1e-7 for other in found)
            if gap < 0.5 + 1e-9 and new:
                found.append(point)
    return sorted(found)


def signs_at(turns: Sequence[float], beta: float) -> tuple[int, int]:
    """Count positive and negative eigenvalues of the Hessian modulo rotation, in doubles.

    Those below 1e-9 of the largest are counted as neither.

    Examples
    --------
    >>> signs_at((0, 0.5), 1.0)
    (1, 0)
    """
    phi = 2 * np.pi * np.subtract.outer(turns, turns)
    hessian = (np.cos(phi) - beta * np.sin(phi) ** 2) * np.exp(beta * (np.cos(phi) - 1))
    np.fill_diagonal(hessian, 0.0)
    np.fill_diagonal(hessian, -hessian.sum(axis=0))
    values = np.linalg.eigvalsh(hessian[1:, 1:])
    least = 1e-9 * np.abs(values).max()
    return int((values > least).sum()), int((values < -least).sum())


def count_critical_points(n: int, beta: float) -> dict[str, int]:
    """Count the critical points that Newton's method finds, by type, in doubles.

    The counterpart without python-flint of ``certify_critical_points``; nothing tells whether the
    list is complete.

    Examples
    --------
    >>> count_critical_points(3, 1.0)
    {'0,2': 1, '1,1': 3, '2,0': 2}
    """
    points = find_critical_points(n, beta)
    centres = [[round(t * 2**FINE) for t in point] for point in points]
    return point_types(n, centres, [signs_at(point, beta) for point in points])


def certify_critical_points(n: int, beta: int | Fraction | str) -> Certificate:
    """Find a certificate on all critical points of the energy on the circle at one β.

    Parameters
    ----------
    n : int
        Number of tokens, 3 to 5.
    beta : rational
        At least 0; all critical points must be non-degenerate there.

    Returns
    -------
    Certificate
        Of the kind "critical-points-circle": how many critical points there are up to rotation,
        and how many of each type (positive, negative eigenvalues).

    Raises
    ------
    ValueError
        For n or β out of range.
    NotFound
        When a critical point is degenerate or wasn't found.
    MissingFlint
        When python-flint isn't installed: Krawczyk's test chooses the boxes.

    Examples
    --------
    >>> certify_critical_points(3, 1).parameters["types"]  # doctest: +SKIP
    {'0,2': 1, '1,1': 3, '2,0': 2}
    """
    value = fraction(beta)
    if not _whole(n) or not 3 <= n <= 5 or value < 0:
        raise ValueError(f"Expected n from 3 to 5 and beta >= 0 but got n={n}, beta={beta}.")
    centres, kinds, boxes = [], [], []
    with ball_arithmetic(_PRECISION) as flint:
        bounds = Slice(flint, _GRID, value, value)
        for point in find_critical_points(n, float(value)):
            centre = [round(t * 2**FINE) for t in point]
            middle = [round(t * _FULL) for t in point]
            for size in range(_GRID - 3, 0, -1):
                lo = [0, *(k - (1 << size) for k in middle[1:])]
                hi = [0, *(k + (1 << size) for k in middle[1:])]
                try:
                    kind = unique_point(bounds, centre, lo, hi)
                except Rejected:
                    continue
                centres.append(centre)
                kinds.append(kind)
                boxes.append((lo, hi))
                break
            else:
                raise NotFound(f"the critical point at 2π {point} may be degenerate")
    tree = _tree(n, _tests(n, float(value), float(value)), boxes, math.inf)
    types = point_types(n, centres, kinds)
    count = sum(types.values())
    statement, assumptions = list_text(n, value, count, types)
    return seal(
        LIST,
        statement,
        {"n": n, "beta": str(value), "count": count, "types": types},
        {
            "grid": _GRID,
            "points": [
                {"at": centre, "lo": lo, "hi": hi}
                for centre, (lo, hi) in zip(centres, boxes, strict=True)
            ],
            "tree": tree,
        },
        assumptions,
        _PRECISION,
    )


def certify_critical_point(
    turns: Sequence[float], beta: int | Fraction | str, radius: Fraction = Fraction(1, 2**30)
) -> Certificate:
    """Find a certificate that there is one critical point near a configuration, and its type.

    Parameters
    ----------
    turns : sequence of float
        Angles over 2π, as accurate as doubles allow.
    beta : rational
        Any sign.
    radius : Fraction
        How far from ``turns`` the critical point may be, in turns; a dyadic number.

    Returns
    -------
    Certificate
        Of the kind "critical-point-circle".

    Raises
    ------
    Rejected
        When Krawczyk's test finds no single non-degenerate critical point there.
    MissingFlint
        When python-flint isn't installed.

    Examples
    --------
    >>> polygon = certify_critical_point((0, 1 / 3, 2 / 3), "-7/10")  # doctest: +SKIP
    >>> polygon.parameters["positive"], polygon.parameters["negative"]  # doctest: +SKIP
    (0, 2)
    """
    value, places = fraction(beta), [Fraction(t) for t in turns]
    with ball_arithmetic(_PRECISION) as flint:
        positive, negative = count_signs(flint, value, places, radius)
    statement, assumptions = point_text(len(places), value, places, radius, positive, negative)
    parameters = {
        "n": len(places),
        "beta": str(value),
        "turns": [str(t) for t in places],
        "radius": str(radius),
        "positive": positive,
        "negative": negative,
    }
    return seal(POINT, statement, parameters, {}, assumptions, _PRECISION)


__all__ = [
    "NotFound",
    "certify_critical_point",
    "certify_critical_points",
    "certify_strict_saddles",
    "count_critical_points",
    "find_critical_points",
    "signs_at",
]
