"""W₁ and W₂ on the circle, exact in O((n + m) log(n + m)) by quantile functions.

With quantile functions F⁻¹, G⁻¹ lifted to the line, W_p^p is the least value over the cut α of
∫ |F⁻¹(u+α) − G⁻¹(u)|^p du, which is convex in α (Delon, Salomon, Sobolevskii, SIAM J. Appl. Math.
70, 2010). For p = 1 the best α is a median of F − G; for p = 2 the derivative
2 ∫ (x − G⁻¹(F(x) − α)) dx vanishes there.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
from scipy.optimize import brentq

from numerics.arguments import FloatArray

TURN = 2 * np.pi


@dataclass(frozen=True, eq=False)
class Arcs:
    """A measure on the circle: masses spread evenly over arcs that follow one another.

    Attributes
    ----------
    start, end : ndarray, shape (k,)
        Ends of the arcs in [0, 2π], ``start[i] <= end[i] <= start[i+1]``; an atom is an arc
        without length.
    level : ndarray, shape (k + 1,)
        Mass up to each arc: 0 first, the total last.
    """

    start: FloatArray
    end: FloatArray
    level: FloatArray

    @property
    def total(self) -> float:
        """Mass of the circle."""
        return float(self.level[-1])

    def of_mass(self, total: float) -> Arcs:
        """Return the same measure times a number, of this total mass."""
        return replace(self, level=self.level * (total / self.total))

    @property
    def length(self) -> FloatArray:
        """Lengths of the arcs."""
        return self.end - self.start

    def at(self, u: FloatArray, inside: FloatArray) -> FloatArray:
        """Quantiles at levels u, continued to the line, on the arcs that hold the levels inside."""
        turns = np.floor(inside / self.total)
        arc = np.searchsorted(self.level, inside - turns * self.total, side="right") - 1
        arc = np.clip(arc, 0, self.start.size - 1)
        share = (u - turns * self.total - self.level[arc]) / np.diff(self.level)[arc]
        return np.asarray(self.start[arc] + np.clip(share, 0, 1) * self.length[arc] + turns * TURN)

    def integral(self) -> Callable[[FloatArray], FloatArray]:
        """Make the integral of the continued quantile function from 0."""
        masses = np.diff(self.level)
        sums = np.append(0.0, np.cumsum(masses * (self.start + self.end) / 2))

        def value(u: FloatArray) -> FloatArray:
            turns = np.floor(u / self.total)
            rest = u - turns * self.total
            arc = np.clip(np.searchsorted(self.level, rest, "right") - 1, 0, masses.size - 1)
            over = rest - self.level[arc]
            inside = over * (self.start[arc] + self.length[arc] * over / (2 * masses[arc]))
            whole = turns * (sums[-1] + TURN * self.total * (turns - 1) / 2)
            return np.asarray(whole + turns * TURN * rest + sums[arc] + inside)

        return value


def atoms(angles: FloatArray, masses: FloatArray) -> Arcs:
    """Measure of atoms at angles, shape (n,) both."""
    turned = np.mod(angles, TURN)
    order = np.argsort(turned, kind="stable")
    return _arcs(turned[order], turned[order], masses[order])


def cells(masses: FloatArray) -> Arcs:
    """Measure with these masses on arcs of equal length from angle 0."""
    ends = np.linspace(0, TURN, masses.size + 1)
    return _arcs(ends[:-1], ends[1:], masses)


def _arcs(start: FloatArray, end: FloatArray, masses: FloatArray) -> Arcs:
    """Arcs in order, without those of no mass beside the sum of the others."""
    # Small distances are sums of differences of these sums: each is right to its last digit.
    sums = np.append(0.0, np.cumsum(masses.astype(np.longdouble)).astype(float))
    held = np.diff(sums) > 0
    return Arcs(start[held], end[held], np.append(0.0, sums[1:][held]))


def distance(first: Arcs, second: Arcs, p: int) -> float:
    """W₁ or W₂ of two measures of equal total mass."""
    if p == 1:
        return _cost(first, second, _median_cut(first, second), 1)
    cut = _stationary_cut(first, second)
    found = [_cost(first, second, place, 2) for place in (cut, _at_a_jump(first, second, cut))]
    return float(np.sqrt(max(min(found), 0.0)))


def cell_distance(excess: FloatArray) -> FloatArray:
    """W₁ between laws on the same cells of equal width, each filled alike: many at once.

    Parameters
    ----------
    excess : ndarray, shape (..., cells)
        Differences of masses, of sum 0. What crosses the edges is their running sum less a
        constant, the median of it for the best cut.

    Returns
    -------
    ndarray, shape (...)
    """
    crossing = np.cumsum(excess, axis=-1)
    crossing = crossing - np.median(crossing, axis=-1, keepdims=True)
    return np.asarray(np.abs(crossing).sum(axis=-1) * (TURN / excess.shape[-1]))


def _cost(first: Arcs, second: Arcs, cut: float, p: int) -> float:
    """``∫ |F⁻¹(u+α) − G⁻¹(u)|^p du`` over one period, exactly."""
    total = second.total
    inner = np.mod(first.level[:-1] - cut, total)
    breaks = np.sort(np.concatenate([second.level, inner]))
    widths, middle = np.diff(breaks), (breaks[1:] + breaks[:-1]) / 2
    # Levels that differ by rounding are one level: a sliver of 1e-16 would add 1e-8 to W₂.
    widths[widths < 8 * np.finfo(float).eps * total] = 0.0
    left, right = (
        first.at(end + cut, middle + cut) - second.at(end, middle)
        for end in (breaks[:-1], breaks[1:])
    )
    if p == 2:
        return float(widths @ (left * left + left * right + right * right)) / 3
    size = np.abs(left) + np.abs(right)
    crossed = np.divide(left**2 + right**2, size, out=np.zeros_like(size), where=size > 0)
    return float(widths @ np.where(left * right >= 0, size, crossed)) / 2


def _root(slope: Callable[[float], float], low: float, high: float, tolerance: float) -> float:
    """Where a function that doesn't fall changes its sign; an end if it doesn't."""
    if slope(low) >= 0:
        return low
    if slope(high) <= 0:
        return high
    return float(brentq(slope, low, high, xtol=tolerance, rtol=4 * np.finfo(float).eps))


def _stationary_cut(first: Arcs, second: Arcs) -> float:
    """Cut of the least ``∫ |F⁻¹(u+α) − G⁻¹(u)|² du``: the root of half its derivative."""
    total, integral = second.total, second.integral()
    gaps = np.append(first.start[1:], first.start[0] + TURN) - first.end
    held = first.length > 0
    spread = first.length[held] / np.diff(first.level)[held]
    lower, upper = first.level[:-1][held], first.level[1:][held]
    mean = TURN * (first.start[0] + np.pi)

    def slope(cut: float) -> float:
        after = first.level[1:] - cut
        pulled = float(gaps @ second.at(after, after))
        if spread.size:
            pulled += float(spread @ (integral(upper - cut) - integral(lower - cut)))
        return mean - pulled

    return _root(slope, -total, total, np.finfo(float).eps * total)


def _at_a_jump(first: Arcs, second: Arcs, cut: float) -> float:
    """Cut nearest to a given one at which a jump of F⁻¹ meets one of G⁻¹.

    Of two sets of atoms the cost is linear between such cuts, so the least is at one.
    """
    turns = np.array([-1.0, 0.0, 1.0])[:, None] * second.total
    levels = (second.level[:-1] + turns).ravel()
    wanted = first.level[:-1] - cut
    place = np.clip(np.searchsorted(levels, wanted), 1, levels.size - 1)
    near = np.where(
        np.abs(levels[place] - wanted) < np.abs(levels[place - 1] - wanted),
        levels[place],
        levels[place - 1],
    )
    best = int(np.argmin(np.abs(near - wanted)))
    return float(first.level[best] - near[best])


def _median_cut(first: Arcs, second: Arcs) -> float:
    """Cut of the least ``∫ |F(x) − G(x) − α| dx``: a median of F − G over the circle."""
    ends = np.concatenate([first.start, first.end, second.start, second.end, [0.0, TURN]])
    breaks = np.unique(ends)
    middle, width = (breaks[1:] + breaks[:-1]) / 2, np.diff(breaks)
    (up, rise), (down, fall) = (_distribution(measure, middle) for measure in (first, second))
    value, half = up - down, np.abs(rise - fall) * width / 2
    low, high = value - half, value + half

    def slope(cut: float) -> float:
        level = low >= high  # constant there: below the cut or above it
        share = np.where(level, cut > value, 0.0)
        np.divide(cut - low, high - low, out=share, where=~level)
        return float(width @ np.clip(share, 0, 1)) - np.pi

    return _root(slope, float(low.min()), float(high.max()), np.finfo(float).eps * first.total)


def _distribution(measure: Arcs, places: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Distribution function and its slope at places, none of them an end of an arc."""
    arc = np.searchsorted(measure.end, places)
    known = np.minimum(arc, measure.start.size - 1)
    inside = (arc < measure.start.size) & (measure.start[known] < places)
    masses, length = np.diff(measure.level)[known], measure.length[known]
    density = np.divide(masses, length, out=np.zeros_like(places), where=inside)
    return measure.level[arc] + density * (places - measure.start[known]), density
