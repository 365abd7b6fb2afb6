"""Searches for certificates on the energy of n tokens on the circle (Problem 3).

They run in ordinary floating point and decide nothing: what they find is a certificate, which
`proofs_checks.certificates.checker` replays in ball arithmetic. ``checker/landscape.py`` says
what the trees mean and why they prove the statement.
"""

from __future__ import annotations

import math
import time
from collections.abc import Sequence
from fractions import Fraction
from itertools import combinations_with_replacement
from typing import Any

import numpy as np

from numerics.arguments import FloatArray
from proofs_checks.certificates.checker import (
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
from proofs_checks.certificates.search.boxes import (
    FULL,
    GRID,
    NotFound,
    box_tests,
    subdivision_tree,
)

_PRECISION = 64


# -- strict saddles, every β of an interval ----------------------------------------------------


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
        Number of tokens, 3 to 16. For every β and n = 3, …, 10 there are 16, 100, 755, 5.7e3,
        4.2e4, 2.9e5, 1.9e6, 1.1e7 boxes: 0.1 s at n = 6, 3 s at n = 8, 200 s at n = 10, whose
        certificate comes with the package (`saved_saddles`).
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
        Of the kind "strict-saddles-circle".

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
                tests = box_tests(n, float(low), float(high))
                trees.append(subdivision_tree(n, tests, None, deadline))
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
        {"grid": GRID, "knots": [str(knot) for knot in knots], "trees": trees},
        assumptions,
        _PRECISION,
    )


# -- critical points at one β ------------------------------------------------------------------


def _newton(n: int, beta: float, starts: FloatArray) -> FloatArray:
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


def _in_domain(n: int, turns: FloatArray) -> list[tuple[float, ...]]:
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

    Examples
    --------
    >>> certify_critical_points(3, 1).parameters["types"]
    {'0,2': 1, '1,1': 3, '2,0': 2}
    """
    value = fraction(beta)
    if not _whole(n) or not 3 <= n <= 5 or value < 0:
        raise ValueError(f"Expected n from 3 to 5 and beta >= 0 but got n={n}, beta={beta}.")
    centres, kinds, boxes = [], [], []
    with ball_arithmetic(_PRECISION) as flint:
        bounds = Slice(flint, GRID, value, value)
        for point in find_critical_points(n, float(value)):
            centre = [round(t * 2**FINE) for t in point]
            middle = [round(t * FULL) for t in point]
            for size in range(GRID - 3, 0, -1):
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
    tree = subdivision_tree(n, box_tests(n, float(value), float(value)), boxes, math.inf)
    types = point_types(n, centres, kinds)
    count = sum(types.values())
    statement, assumptions = list_text(n, value, count, types)
    return seal(
        LIST,
        statement,
        {"n": n, "beta": str(value), "count": count, "types": types},
        {
            "grid": GRID,
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

    Examples
    --------
    >>> polygon = certify_critical_point((0, 1 / 3, 2 / 3), "-7/10")
    >>> polygon.parameters["positive"], polygon.parameters["negative"]
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
