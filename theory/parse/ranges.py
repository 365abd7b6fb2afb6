"""Ranges of values: intervals of doubles that round outwards, and exact signs of polynomials.

What a kernel's terms take on [-1, 1], and whether that shows them nonzero or positive.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from fractions import Fraction

import sympy
from sympy import Expr, Poly, Rational

from theory.symbols import z


@dataclass(frozen=True)
class Range:
    """An interval that contains every value of a term."""

    low: float
    high: float
    nonzero: bool = False  # 0 is not a value, even where an end of the interval is 0

    @property
    def without_zero(self) -> bool:
        """Whether 0 is not a value."""
        return self.nonzero or self.low > 0 or self.high < 0

    @property
    def positive(self) -> bool:
        """Whether every value is positive."""
        return self.low > 0 or (self.low == 0 and self.nonzero)

    @property
    def negative(self) -> bool:
        """Whether every value is negative."""
        return self.high < 0 or (self.high == 0 and self.nonzero)


REALS = Range(-math.inf, math.inf)


_LARGEST = math.nextafter(math.inf, 0)


def _range(low: float, high: float, nonzero: bool = False) -> Range:
    """Clean a computed pair: NaN becomes unbounded, a lower end is never +inf."""
    low = -math.inf if math.isnan(low) else min(low, _LARGEST)
    high = math.inf if math.isnan(high) else max(high, -_LARGEST)
    return Range(low, high, nonzero)


def exact_range(value: Fraction) -> Range:
    """Return the tightest range around a rational."""
    try:
        near = float(value)
    except OverflowError:
        return _range(_LARGEST, math.inf) if value > 0 else _range(-math.inf, -_LARGEST)
    low = near if Fraction(near) <= value else math.nextafter(near, -math.inf)
    high = near if Fraction(near) >= value else math.nextafter(near, math.inf)
    return Range(low, high)


def padded_range(low: float, high: float) -> Range:
    """Allow the library's elementary functions four units in the last place.

    A computed 0 is left alone: the functions used here return 0 only where they vanish.
    """
    if low:
        low -= abs(low) * 1e-15
    if high:
        high += abs(high) * 1e-15
    return _range(low, high)


def _sum_end(a: float, b: float, towards: float) -> float:
    total = a + b
    if not math.isfinite(total):
        return total if not (math.isfinite(a) and math.isfinite(b)) else towards
    part = total - a
    exact = (a - (total - part)) + (b - part) == 0.0  # Knuth's two-sum
    return total if exact else math.nextafter(total, towards)


def _product_ends(a: float, b: float) -> tuple[float, float]:
    if a == 0.0 or b == 0.0:
        return 0.0, 0.0
    product = a * b
    if math.isinf(a) or math.isinf(b):
        return product, product
    if math.isfinite(product) and Fraction(a) * Fraction(b) == Fraction(product):
        return product, product
    return math.nextafter(product, -math.inf), math.nextafter(product, math.inf)


def range_sum(a: Range, b: Range) -> Range:
    """Range of a + b."""
    low = _sum_end(a.low, b.low, -math.inf)
    high = _sum_end(a.high, b.high, math.inf)
    same_sign = (a.low >= 0 and b.low >= 0) or (a.high <= 0 and b.high <= 0)
    return _range(low, high, same_sign and (a.without_zero or b.without_zero))


def range_negative(a: Range) -> Range:
    """Range of -a."""
    return Range(-a.high, -a.low, a.nonzero)


def range_product(a: Range, b: Range) -> Range:
    """Range of a·b."""
    ends = [_product_ends(x, y) for x in (a.low, a.high) for y in (b.low, b.high)]
    low, high = min(e[0] for e in ends), max(e[1] for e in ends)
    if (a.low >= 0 and b.low >= 0) or (a.high <= 0 and b.high <= 0):
        low = max(low, 0.0)  # an underflow must not cost the sign
    if (a.low >= 0 and b.high <= 0) or (a.high <= 0 and b.low >= 0):
        high = min(high, 0.0)
    return _range(low, high, a.without_zero and b.without_zero)


def range_reciprocal(a: Range) -> Range:
    """Range of 1/a."""
    if not a.positive and not a.negative:
        return Range(-math.inf, math.inf, a.without_zero)
    if a.negative:
        return range_negative(range_reciprocal(range_negative(a)))
    low = 0.0 if math.isinf(a.high) else padded_range(1 / a.high, 1 / a.high).low
    high = math.inf if a.low < 1e-300 else padded_range(1 / a.low, 1 / a.low).high
    return _range(max(low, 0.0), high, True)


def _monotone(function: Callable[[float], float], a: Range) -> Range:
    def at(value: float, overflow: float) -> float:
        try:
            return function(value)
        except OverflowError:
            return overflow

    low = at(a.low, -math.inf if a.low < 0 else _LARGEST)
    high = at(a.high, math.inf if a.high > 0 else -_LARGEST)
    return padded_range(low, high)


def range_exp(a: Range) -> Range:
    """Range of e^a."""
    out = _monotone(math.exp, a)
    return _range(max(out.low, 0.0), out.high or 5e-324, True)


def range_log(a: Range) -> Range:
    """Range of log a."""
    low = math.log(a.low) if a.low > 0 else -math.inf
    high = math.log(a.high) if a.high > 0 else math.inf  # not positive: the caller refuses
    return padded_range(low, high)


def range_power(a: Range, exponent: Fraction) -> Range:
    """Raise to a rational exponent; one that is not whole needs a >= 0."""

    def at(value: float) -> float:
        try:
            return math.pow(value, float(exponent))
        except OverflowError:
            return math.copysign(math.inf, value) if odd else math.inf

    if exponent < 0:
        return range_reciprocal(range_power(a, -exponent))
    whole = exponent.denominator == 1
    odd = whole and exponent % 2 == 1
    if odd:
        out = padded_range(at(a.low), at(a.high))
        return _range(out.low, out.high, a.without_zero)
    low, high = a.low, a.high
    if whole and low < 0:  # an even power depends on |a|
        low, high = (0.0 if high >= 0 else -high), max(-low, high)
    out = padded_range(at(max(low, 0.0)), at(max(high, 0.0)))
    # The smallest double stands in for an underflow of a positive value.
    return _range(max(out.low, 0.0), max(out.high, 5e-324), a.without_zero)


def range_cosine(a: Range) -> Range:
    """Range of cos a."""
    # Beyond 1e6, reducing the argument costs digits; nobody needs a tight range there.
    if not (abs(a.low) < 1e6 and abs(a.high) < 1e6) or a.high - a.low >= 6.28:
        return Range(-1.0, 1.0)
    pad = 1e-9
    low = min(math.cos(a.low), math.cos(a.high)) - 1e-14
    high = max(math.cos(a.low), math.cos(a.high)) + 1e-14
    if math.floor((a.high + pad) / math.tau) > math.floor((a.low - pad) / math.tau):
        high = 1.0
    if math.floor((a.high + pad - math.pi) / math.tau) > math.floor(
        (a.low - pad - math.pi) / math.tau
    ):
        low = -1.0
    return _range(max(low, -1.0), min(high, 1.0))


def _sine(a: Range) -> Range:
    half_pi = Range(-math.pi / 2 - 1e-15, -math.pi / 2 + 1e-15)
    return range_cosine(range_sum(a, half_pi))


def _cosh(a: Range) -> Range:
    if a.low >= 0:
        magnitude = a
    elif a.high <= 0:
        magnitude = range_negative(a)
    else:
        magnitude = Range(0.0, max(-a.low, a.high))
    out = _monotone(math.cosh, magnitude)
    return _range(max(out.low, 1.0), out.high)


def _tangent(a: Range) -> Range:
    return range_product(_sine(a), range_reciprocal(range_cosine(a)))


def _clipped(function: Callable[[float], float], low: float, high: float) -> _Rule:
    """Evaluate an increasing function on the part of the range inside its domain."""

    def rule(a: Range) -> Range:
        inside = Range(min(max(a.low, low), high), max(min(a.high, high), low))
        return _monotone(function, inside)

    return rule


_Rule = Callable[[Range], Range]


# name -> (SymPy's function, its range, what its argument must satisfy)
FUNCTIONS: dict[str, tuple[Callable[[Expr], Expr], _Rule, str]] = {
    "exp": (sympy.exp, range_exp, ""),
    "log": (sympy.log, range_log, "positive"),
    "sqrt": (sympy.sqrt, lambda a: range_power(a, Fraction(1, 2)), "positive"),
    "sin": (sympy.sin, _sine, ""),
    "cos": (sympy.cos, range_cosine, ""),
    "tan": (sympy.tan, _tangent, "nonzero cosine"),
    "sinh": (sympy.sinh, lambda a: _monotone(math.sinh, a), ""),
    "cosh": (sympy.cosh, _cosh, ""),
    "tanh": (sympy.tanh, lambda a: _monotone(math.tanh, a), ""),
    "erf": (sympy.erf, lambda a: _monotone(math.erf, a), ""),
    "asin": (sympy.asin, _clipped(math.asin, -1.0, 1.0), "inside (-1, 1)"),
    "acos": (
        sympy.acos,
        lambda a: range_negative(_clipped(lambda v: -math.acos(v), -1.0, 1.0)(a)),
        "inside (-1, 1)",
    ),
    "atan": (sympy.atan, lambda a: _monotone(math.atan, a), ""),
    "asinh": (sympy.asinh, lambda a: _monotone(math.asinh, a), ""),
    "atanh": (sympy.atanh, lambda a: Range(-math.inf, math.inf), "inside (-1, 1)"),
}


def range_shows(kind: str, found: Range) -> bool:
    """Whether a range shows that its values are nonzero, positive or nonnegative."""
    if kind == "nonzero":
        return found.without_zero
    return found.positive if kind == "positive" else found.low >= 0


def polynomial_violation(expr: Expr, kind: str) -> float | None:
    """Where a rational polynomial fails the property on [-1, 1]; None if it holds. Exact."""
    poly = Poly(expr, z, domain="QQ")
    if poly.is_zero:
        return None if kind == "nonnegative" else 0.0
    if poly.degree() == 0:
        value = poly.LC()
        holds = value != 0 if kind == "nonzero" else value > 0
        return None if holds else 0.0
    squarefree = poly.sqf_part()
    if kind in ("nonzero", "positive"):
        if squarefree.count_roots(-1, 1):
            return _a_root(squarefree)
        return None if kind == "nonzero" or poly.eval(0) > 0 else 0.0
    for factor, multiplicity in poly.sqf_list()[1]:
        inner = factor.count_roots(-1, 1) - sum(factor.eval(e) == 0 for e in (-1, 1))
        if multiplicity % 2 and inner:
            return _negative_point(poly)
    return _negative_point(poly)


def _negative_point(poly: Poly) -> float | None:
    """Find a point of [-1, 1] where the polynomial is negative; None if there is none.

    Between consecutive roots the sign is constant, so one point of each gap decides.
    """
    squarefree, width = poly.sqf_part(), Rational(1)
    intervals = [] if poly.degree() == 0 else squarefree.intervals(inf=-1, sup=1)
    # Isolating intervals may touch, as (-1, 0) and (0, 0) of z(2z + 1): then no gap lies between.
    while any(left[0][1] >= right[0][0] for left, right in itertools.pairwise(intervals)):
        width /= 16
        intervals = squarefree.intervals(inf=-1, sup=1, eps=width)
    ends = [Rational(-1)]
    for (low, high), _ in intervals:
        ends += [low, high]
    ends.append(Rational(1))
    for low, high in itertools.pairwise(ends):
        for point in (low, (low + high) / 2, high):
            if poly.eval(point) < 0:
                return float(point)
    return None


def _a_root(poly: Poly) -> float:
    (low, high), _ = poly.intervals(inf=-1, sup=1, eps=Rational(1, 10**7))[0]
    return float((low + high) / 2)


WORDS = {"nonzero": "different from 0", "positive": "positive", "nonnegative": "nonnegative"}


def samples(count: int) -> Iterator[tuple[float, ...]]:
    """Give a fixed small sample of values for a number of parameters."""
    values = (1.0, -1.0, 2.0, -2.0, 0.5, -0.5, 4.0, -4.0, 0.0, 10.0, -10.0)
    if count == 0:
        return iter([()])
    if count == 1:
        return iter([(v,) for v in values])
    return itertools.islice(itertools.product(values, repeat=count), 60)


def violation(kind: str, what: str, point: dict[str, float]) -> str:
    """Say where a property fails."""
    failing = {"nonzero": "is 0", "positive": "is not positive", "nonnegative": "is negative"}[kind]
    if not point:
        return f"{what} {failing}"
    where = ", ".join(f"{name} = {value:.6g}" for name, value in point.items())
    near = "near" if kind == "nonzero" else "at"
    return f"{what} {failing} {near} {where}"
