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
import sympy

from numerics.arguments import FloatArray
from proofs_checks.certificates.checker import (
    FINE,
    LIST,
    POINT,
    SADDLES,
    WEIGHTED,
    Slice,
    arrangements,
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


_NARROWEST = Fraction(1, 1024)
"""The narrowest slice of β that is tried before the search stops."""


def _width(beta: Fraction) -> Fraction:
    """Where the energy is stiffer, narrower slices."""
    return Fraction(1, 2 + math.floor(abs(beta)))


def _march(
    orders: Sequence[tuple[int, ...]], alike: bool, begin: Fraction, end: Fraction, deadline: float
) -> tuple[list[Fraction], list[list[str]], NotFound | None]:
    """Go from one β to another in slices; return the knots, their trees, and what stopped it."""
    knots = [begin]
    trees: list[list[str]] = []
    sign = 1 if end > begin else -1
    step = _width(begin)
    while knots[-1] != end:
        here = knots[-1]
        there = here + sign * min(step, abs(end - here))
        low, high = sorted((here, there))
        try:
            found = []
            for order in orders:
                tests = box_tests(order, float(low), float(high))
                found.append(subdivision_tree(len(order), tests, None, deadline, alike))
        except NotFound as stuck:
            step = abs(there - here) / 2
            if step < _NARROWEST or time.perf_counter() > deadline:
                return knots, trees, NotFound(f"β from {low} to {high}: {stuck}")
            continue
        knots.append(there)
        trees.append(found)
        # Failures are near on the way down: a slice is at most twice as wide as the last one.
        step = min(2 * abs(there - here), _width(there))
    return knots, trees, None


def _number(value: Any, name: str) -> Fraction:
    if isinstance(value, float):
        raise ValueError(
            f"Expected {name} a whole number, a Fraction or a text such as '-13/20' but got "
            f"{name}={value}; a float is not the number that it prints."
        )
    return fraction(value)


def _range_of(n: int, low: Any, high: Any) -> tuple[Fraction, Fraction, bool]:
    """Return where to begin and end, and whether the large-β argument takes over at the end."""
    begin = _number(low, "low")
    if high is not None and high not in (math.inf, sympy.oo):
        end = _number(high, "high")
        if not begin < end:
            raise ValueError(f"Expected low < high but got low={begin}, high={end}.")
        return begin, end, False
    angle = math.pi / (n - 1)
    threshold = math.cos(angle) / math.sin(angle) ** 2
    end = Fraction(math.floor(threshold * 1000) + 1, 1000)
    return begin, max(end, begin + Fraction(1, 1000)), True


def certify_strict_saddles(
    n: int,
    *,
    low: int | Fraction | str = 0,
    high: int | Fraction | str | float | None = math.inf,
    masses: Sequence[int | Fraction | str] | None = None,
    budget_s: float = math.inf,
) -> Certificate:
    """Find a certificate that consensus is the only local maximum on the circle.

    Every critical point of the energy (7.4) of n tokens other than consensus is a strict saddle:
    Problem 3 of the paper, for this n.

    Parameters
    ----------
    n : int
        Number of tokens, 3 to 16. For every β >= 0 and n = 3, …, 10 there are 16, 100, 755, 5.7e3,
        4.2e4, 2.9e5, 1.9e6, 1.1e7 boxes: 0.1 s at n = 6, 3 s at n = 8, 200 s at n = 10.
    low : rational
        Certify from this β on, of any sign. It fails at -2/3 for n = 3, 6, at -2.21243 for n = 4,
        at -1.442905 for n = 5, at -1.716912 for n = 7.
    high : rational or infinity
        Certify up to this β; by default for every β, with the large-β argument from its threshold
        ``cos(π/(n-1))/sin²(π/(n-1))`` on.
    masses : sequence of n rationals, optional
        Masses > 0 of the tokens, in any unit; equal ones by default. Unequal ones for n <= 6: each
        of their orders round the circle is searched, up to n!/2.
    budget_s : float
        Seconds to search.

    Returns
    -------
    Certificate
        Of the kind "strict-saddles-circle", or "strict-saddles-circle-masses". When the time ends,
        or the range holds a β where the statement fails, it states the part round 0 that was done:
        its ``parameters["beta_from"]`` and ``["beta_to"]`` say how far that is.

    Raises
    ------
    ValueError
        For n, masses or β out of range.
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
    >>> below = certify_strict_saddles(3, low="-13/20", high=0)
    >>> below.parameters["beta_from"], below.parameters["beta_to"]
    ('-13/20', '0')
    """
    if not _whole(n) or not 3 <= n <= 16:
        raise ValueError(f"Expected n from 3 to 16 but got n={n}; n = 2 needs no search.")
    weights = None if masses is None else [_number(mass, "masses") for mass in masses]
    if weights is not None and (n > 6 or len(weights) != n or min(weights) <= 0):
        raise ValueError(
            f"Expected {n} masses > 0, and n <= 6 with masses, but got n={n}, masses={masses}."
        )
    if weights is not None and len(set(weights)) == 1:
        weights = None
    begin, end, endless = _range_of(n, low, high)
    orders = [(1,) * n] if weights is None else arrangements(weights)
    alike = weights is None
    deadline = time.perf_counter() + budget_s
    # From 0, or the end next to it, both ways: what is done then is one interval, and below 0 the
    # statement fails somewhere.
    middle = min(max(begin, Fraction(0)), end)
    below, lower, stuck = _march(orders, alike, middle, begin, deadline)
    above, upper, stuck_above = _march(orders, alike, middle, end, deadline)
    knots, trees = [*below[:0:-1], *above], [*lower[::-1], *upper]
    endless = endless and above[-1] == end
    if not trees and not endless:
        raise stuck_above or stuck or NotFound("the time ran out")
    last = None if endless else knots[-1]
    parameters: dict[str, Any] = {
        "n": n,
        "beta_from": str(knots[0]),
        "beta_to": "infinity" if endless else str(last),
    }
    if weights is not None:
        parameters["masses"] = [str(mass) for mass in weights]
    statement, assumptions = saddles_text(n, knots[0], last, weights)
    evidence = [tree[0] for tree in trees] if alike else trees
    return seal(
        SADDLES if alike else WEIGHTED,
        statement,
        parameters,
        {"grid": GRID, "knots": [str(knot) for knot in knots], "trees": evidence},
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
        Number of tokens.
    beta : float
        Inverse temperature β.
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
    tree = subdivision_tree(n, box_tests((1,) * n, float(value), float(value)), boxes, math.inf)
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
