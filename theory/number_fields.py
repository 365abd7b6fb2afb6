"""Real number fields Q(θ): exact sums, products and signs of the inner products of point codes.

An element is the tuple of its rational coordinates in 1, θ, θ², …; zero is told exactly, and a
sign by halving an interval about θ. Q(√k) and Q(2cos 2π/n) are what sharp codes need.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from functools import lru_cache
from math import gcd
from typing import TypeAlias

from sympy import (
    Expr,
    Integer,
    Poly,
    Rational,
    Symbol,
    cos,
    cyclotomic_poly,
    minimal_polynomial,
    pi,
    sqrt,
)

from theory.summaries import Summarised

Element: TypeAlias = tuple[Fraction, ...]
"""Coordinates in 1, θ, θ², …, as many as the degree of the field."""

_X = Symbol("x")


@dataclass(frozen=True)
class NumberField(Summarised):
    """The field that a real algebraic integer generates over the rationals.

    Attributes
    ----------
    root : Expr
        θ, exact.
    minimal : tuple of int
        Coefficients of its minimal polynomial, constant first, leading coefficient 1.
    low, high : Fraction
        Ends of an interval that holds θ and no other real root.
    """

    root: Expr
    minimal: tuple[int, ...]
    low: Fraction = field(compare=False)
    high: Fraction = field(compare=False)

    @classmethod
    def generated_by(cls, root: Expr) -> NumberField:
        """Return Q(θ) of a real algebraic integer θ.

        Raises
        ------
        ValueError
            For a number that is no algebraic integer.

        Examples
        --------
        >>> NumberField.generated_by(sqrt(5)).minimal
        (-5, 0, 1)
        """
        polynomial = Poly(minimal_polynomial(root, _X), _X)
        if polynomial.LC() != 1:
            raise ValueError(
                f"Expected an algebraic integer but got root={root}; multiply it by "
                f"{polynomial.LC()}."
            )
        shown = root.evalf(30)
        for (low, high), _ in polynomial.intervals():
            if low <= shown <= high:
                ends = _fraction(low), _fraction(high)
                coefficients = tuple(int(c) for c in reversed(polynomial.all_coeffs()))
                return cls(root, coefficients, *ends)
        raise ValueError(f"Expected a real number but got root={root}; give a real one.")

    @property
    def degree(self) -> int:
        """Degree over the rationals."""
        return len(self.minimal) - 1

    def rational(self, value: Fraction | int) -> Element:
        """Return a rational number as an element."""
        return (Fraction(value), *(Fraction(0),) * (self.degree - 1))

    def generator(self) -> Element:
        """Return θ as an element."""
        if self.degree == 1:
            return self.rational(-self.minimal[0])
        return tuple(Fraction(int(k == 1)) for k in range(self.degree))

    def plus(self, *terms: Element) -> Element:
        """Return a sum."""
        return tuple(sum(parts, Fraction(0)) for parts in zip(*terms, strict=True))

    def scaled(self, factor: Fraction | int, element: Element) -> Element:
        """Return a rational multiple."""
        return tuple(factor * a for a in element)

    def times(self, left: Element, right: Element) -> Element:
        """Return a product."""
        found = [Fraction(0)] * (2 * self.degree - 1)
        for i, a in enumerate(left):
            if a:
                for j, b in enumerate(right):
                    found[i + j] += a * b
        for place in range(len(found) - 1, self.degree - 1, -1):
            lead = found.pop()
            if lead:
                for k in range(self.degree):
                    found[place - self.degree + k] -= lead * self.minimal[k]
        return tuple(found)

    def inverse(self, element: Element) -> Element:
        """Return 1 over an element that isn't zero.

        Raises
        ------
        ZeroDivisionError
            For zero.
        """
        # Coordinates of the inverse solve M y = e_0, M the matrix of multiplication.
        size = self.degree
        columns = [element]
        for _ in range(size - 1):
            columns.append(self.times(columns[-1], self.generator()))
        rows = [[columns[j][i] for j in range(size)] + [Fraction(int(i == 0))] for i in range(size)]
        for k in range(size):
            pivot = next((i for i in range(k, size) if rows[i][k]), None)
            if pivot is None:
                raise ZeroDivisionError("Expected an element other than 0; zero has no inverse.")
            rows[k], rows[pivot] = rows[pivot], rows[k]
            rows[k] = [a / rows[k][k] for a in rows[k]]
            for i in range(size):
                if i != k and rows[i][k]:
                    rows[i] = [a - rows[i][k] * b for a, b in zip(rows[i], rows[k], strict=True)]
        return tuple(row[-1] for row in rows)

    def sign(self, element: Element) -> int:
        """Return -1, 0 or 1, exactly."""
        if not any(element):
            return 0
        low, high = self.low, self.high
        while True:
            ends = _horner(element, low, high)
            if ends[0] > 0 or ends[1] < 0:
                return 1 if ends[0] > 0 else -1
            low, high = self._halved(low, high)

    def enclosure(self, width: Fraction) -> tuple[Fraction, Fraction]:
        """Return an interval about θ, at most so wide: its ends are equal where θ is one of them.

        Examples
        --------
        >>> low, high = quadratic_field(2).enclosure(Fraction(1, 100))
        >>> low**2 < 2 < high**2
        True
        """
        low, high = self.low, self.high
        while high - low > width:
            low, high = self._halved(low, high)
        return low, high

    def _halved(self, low: Fraction, high: Fraction) -> tuple[Fraction, Fraction]:
        middle = (low + high) / 2
        values = [_value(self.minimal, end) for end in (low, middle)]
        if values[1] == 0:
            return middle, middle
        return (low, middle) if values[0] * values[1] <= 0 and values[0] else (middle, high)

    def less(self, left: Element, right: Element) -> bool:
        """Whether one element is smaller than another."""
        return self.sign(self.plus(left, self.scaled(-1, right))) < 0

    def expr(self, element: Element) -> Expr:
        """Return an element in SymPy."""
        powers = (self.root**k for k in range(self.degree))
        terms = (Rational(a.numerator, a.denominator) for a in element)
        return sum((a * b for a, b in zip(terms, powers, strict=True)), Integer(0))

    def value(self, element: Element) -> float:
        """Return an element in doubles."""
        root = float(self.root)
        return float(sum(float(a) * root**k for k, a in enumerate(element)))


def _fraction(value: Rational) -> Fraction:
    return Fraction(int(value.p), int(value.q))


def _value(coefficients: Sequence[int], at: Fraction) -> Fraction:
    found = Fraction(0)
    for coefficient in reversed(coefficients):
        found = found * at + coefficient
    return found


def _horner(element: Element, low: Fraction, high: Fraction) -> tuple[Fraction, Fraction]:
    """Enclose the values between two numbers."""
    ends = Fraction(0), Fraction(0)
    for coefficient in reversed(element):
        corners = [a * b for a in ends for b in (low, high)]
        ends = min(corners) + coefficient, max(corners) + coefficient
    return ends


RATIONALS = NumberField.generated_by(Integer(1))
"""Q itself."""


@lru_cache(maxsize=64)
def quadratic_field(k: int) -> NumberField:
    """Return Q(√k) of a k >= 2 without square factors.

    Examples
    --------
    >>> field = quadratic_field(5)
    >>> golden = (Fraction(1, 2), Fraction(1, 2))
    >>> field.expr(field.times(golden, golden)), field.sign((Fraction(-11, 5), Fraction(1)))
    (sqrt(5)/2 + 3/2, 1)
    """
    return NumberField.generated_by(sqrt(Integer(k)))


@lru_cache(maxsize=64)
def cosine_field(n: int) -> NumberField:
    """Return Q(2cos 2π/n), of the regular n-gon, n >= 3.

    Raises
    ------
    ValueError
        For n < 3.

    Examples
    --------
    >>> cosine_field(7).minimal
    (-1, -2, 1, 1)
    """
    if n < 3:
        raise ValueError(f"Expected n >= 3 but got n={n}; two points have products in Q.")
    # Φ_n(x)/x^h, h half its degree, is a sum of x^k + x^-k: polynomials in x + 1/x = θ.
    cyclotomic = [int(c) for c in Poly(cyclotomic_poly(n, _X), _X).all_coeffs()]
    half = len(cyclotomic) // 2
    before, now = Poly(2, _X), Poly(_X, _X)
    minimal = Poly(cyclotomic[half], _X)
    for k in range(1, half + 1):
        minimal += cyclotomic[half + k] * now
        before, now = now, Poly(_X, _X) * now - before
    # The other roots are 2cos(2πk/n), k prime to n: the next one decides how far is too far.
    others = (k for k in range(2, n // 2 + 1) if gcd(k, n) == 1)
    places = [2 * math.cos(2 * math.pi * k / n) for k in (1, next(others, n / 2))]
    low = Fraction(sum(places) / 2).limit_denominator(10**6)
    coefficients = tuple(int(c) for c in reversed(minimal.all_coeffs()))
    return NumberField(2 * cos(2 * pi / n), coefficients, low, Fraction(3))


@lru_cache(maxsize=64)
def cosines(n: int) -> tuple[Element, ...]:
    """Return cos(2πb/n) for b = 0, …, n - 1 in `cosine_field`.

    Examples
    --------
    >>> [cosine_field(5).value(c) for c in cosines(5)][:2]
    [1.0, 0.30901699437494745]
    """
    held = cosine_field(n)
    doubled = [held.rational(2), held.generator()]
    while len(doubled) < n:
        turned = held.times(held.generator(), doubled[-1])
        doubled.append(held.plus(turned, held.scaled(-1, doubled[-2])))
    return tuple(held.scaled(Fraction(1, 2), c) for c in doubled[:n])
