"""Enclosures of expressions: `enclose` over intervals with exact ends, `enclose_ball` over balls.

Both are one walk through the expression, and every number in it is Arb's (python-flint). What
can't be enclosed (an unknown function, a division by zero) raises an error and is no value. A part
may be infinite where the whole is not: 1/log 0 is 0. The checker of certificates has an evaluator
of its own.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from fractions import Fraction
from functools import reduce, wraps
from operator import add, mul
from typing import Any, TypeVar, cast

import sympy as sp
from flint import arb, ctx, fmpq
from sympy import Expr, S

from theory.positive_part import PositivePart

PRECISION = 80
"""Bits at which intervals round, outward, whatever the working precision of flint is."""

PRECISIONS = (80, 400, 2000)
"""Bits in which the sign of a value is looked at: e^{-500} isn't 0."""

_WORD = 2**60

_INFINITY = arb("inf")
_LIMITS = {
    "log": ((arb(0), -_INFINITY),),
    "atanh": ((arb(-1), -_INFINITY), (arb(1), _INFINITY)),
    "erf": ((-_INFINITY, arb(-1)), (_INFINITY, arb(1))),
}
"""Limits of rising functions at places where Arb has no value of them."""

Operation = TypeVar("Operation", bound=Callable[..., Any])


def _precise(operation: Operation) -> Operation:
    """Run an operation with at least `PRECISION` bits, and leave flint's setting as it was."""

    @wraps(operation)
    def run(*values: Any) -> Any:
        if ctx.prec >= PRECISION:
            return operation(*values)
        with ctx.workprec(PRECISION):
            return operation(*values)

    return cast(Operation, run)


class NoEnclosureError(ValueError):
    """The expression can't be enclosed: an unknown function, a division by zero, a bad domain."""


@dataclass(frozen=True, slots=True, eq=False)
class Interval:
    """All numbers from ``a`` to ``b``: exact binary ends, and arithmetic that rounds outward.

    An end may be infinite. Sums ∞ - ∞ and products 0·∞ are none, and neither is a division by 0,
    which has no sign.

    Examples
    --------
    >>> box = interval(0, "1/2")
    >>> (1 - box).log().b <= 0
    True
    """

    a: arb
    b: arb

    def __post_init__(self) -> None:
        """Refuse ends that are no numbers."""
        if self.a.is_nan() or self.b.is_nan():
            raise NoEnclosureError(f"Expected ends that are numbers but got [{self.a}, {self.b}].")

    def __repr__(self) -> str:
        """Both ends in fifteen digits."""
        return f"[{self.a.str(15, radius=False)}, {self.b.str(15, radius=False)}]"

    def __contains__(self, value: Any) -> bool:
        """Whether a rational number lies in it."""
        point = _ratio_ball(Fraction(value))
        return bool(self.a <= point and point <= self.b)

    @property
    def is_finite(self) -> bool:
        """Whether both ends are."""
        return bool(self.a.is_finite() and self.b.is_finite())

    @property
    def mid(self) -> float:
        """Middle, rounded."""
        return float(self.a + self.b) / 2

    def __neg__(self) -> Interval:
        """Turn it over."""
        return Interval(-self.b, -self.a)

    def __abs__(self) -> Interval:
        """Values of ``|x|``."""
        if self.a >= 0:
            return self
        return -self if self.b <= 0 else Interval(arb(0), max(-self.a, self.b))

    def max(self, other: Interval) -> Interval:
        """Values of the larger of two numbers."""
        return Interval(max(self.a, other.a), max(self.b, other.b))

    def min(self, other: Interval) -> Interval:
        """Values of the smaller of two numbers."""
        return Interval(min(self.a, other.a), min(self.b, other.b))

    @_precise
    def __add__(self, other: Any) -> Interval:
        """Add an interval or a number."""
        other = interval(other)
        found = Interval((self.a + other.a).lower(), (self.b + other.b).upper())
        if not found.is_finite:
            Interval(self.a + other.b, self.b + other.a)  # refused where it is ∞ - ∞
        return found

    def __sub__(self, other: Any) -> Interval:
        """Subtract an interval or a number."""
        return self + -interval(other)

    @_precise
    def __mul__(self, other: Any) -> Interval:
        """Multiply by an interval or a number."""
        other = interval(other)
        for one, factor in ((self, other), (other, self)):
            if not one.is_finite and factor.a <= 0 <= factor.b:
                raise NoEnclosureError(f"Expected no 0·∞ but got {one} times {factor}.")
        if self.a >= 0 and other.a >= 0:
            return Interval((self.a * other.a).lower(), (self.b * other.b).upper())
        products = [p * q for p in (self.a, self.b) for q in (other.a, other.b)]
        return Interval(min(p.lower() for p in products), max(p.upper() for p in products))

    def __truediv__(self, other: Any) -> Interval:
        """Divide by an interval or a number."""
        return self * interval(other).power(Fraction(-1))

    def __rsub__(self, other: Any) -> Interval:
        """Subtract from a number."""
        return interval(other) - self

    def __rtruediv__(self, other: Any) -> Interval:
        """Divide a number."""
        return interval(other) / self

    __radd__ = __add__
    __rmul__ = __mul__

    def __pow__(self, exponent: int) -> Interval:
        """Whole power."""
        return self.power(Fraction(exponent))

    @_precise
    def power(self, exponent: Fraction) -> Interval:
        """Rational power; of a negative number only whole ones."""
        if exponent < 0:
            if self.a <= 0 <= self.b:
                raise NoEnclosureError(f"Expected a non-zero denominator but got {self}.")
            rest = self.power(-exponent)
            return Interval((1 / rest.b).lower(), (1 / rest.a).upper())
        if exponent.denominator == 1:
            base = self if exponent % 2 else abs(self)
            count = exponent.numerator
            low, high = (end**count if end.is_finite() else end for end in (base.a, base.b))
            return Interval(low.lower(), high.upper())
        self._need(self.a >= 0, "a base >= 0")
        if exponent == Fraction(1, 2):
            return self._rising("sqrt")
        whole = _ratio_ball(exponent)
        low, high = ((arb(0) if end == 0 else end**whole) for end in (self.a, self.b))
        return Interval(low.lower(), high.upper())

    def positive_part(self, exponent: Fraction) -> Interval:
        """Values of ``max(x, 0)^p``; of a power p <= 0 there is none at x = 0."""
        if exponent == 0 and self.a <= 0 <= self.b:
            return Interval(arb(0), arb(1))
        if exponent <= 0:
            self._need(self.a > 0 or self.b < 0, "numbers of one sign")
            return interval(0) if self.b < 0 else self.power(exponent)
        return Interval(max(self.a, arb(0)), max(self.b, arb(0))).power(exponent)

    def _need(self, met: Any, what: str) -> None:
        if not met:
            raise NoEnclosureError(f"Expected {what} but got {self}.")

    @_precise
    def _rising(self, name: str) -> Interval:
        """Image under a function that rises on it, by its values or limits at the ends."""
        return Interval(_at_end(name, self.a).lower(), _at_end(name, self.b).upper())

    @_precise
    def _image(self, function: Callable[[arb], arb]) -> Interval:
        """Image under any function, by Arb's value on a ball that holds the interval."""
        self._need(self.is_finite, "finite ends")
        ball = function(self.a.union(self.b))
        return Interval(ball.lower(), ball.upper())

    def exp(self) -> Interval:
        """Exponential."""
        return self._rising("exp")

    def sqrt(self) -> Interval:
        """Square root."""
        return self.power(Fraction(1, 2))

    def log(self) -> Interval:
        """Natural logarithm."""
        self._need(self.a >= 0, "numbers >= 0")
        return self._rising("log")

    def sinh(self) -> Interval:
        """Hyperbolic sine."""
        return self._rising("sinh")

    def cosh(self) -> Interval:
        """Hyperbolic cosine."""
        return abs(self)._rising("cosh")

    def tanh(self) -> Interval:
        """Hyperbolic tangent."""
        return self._rising("tanh")

    def erf(self) -> Interval:
        """Error function."""
        return self._rising("erf")

    def asinh(self) -> Interval:
        """Inverse of sinh."""
        return self._rising("asinh")

    def atanh(self) -> Interval:
        """Inverse of tanh."""
        self._need(self.a >= -1 and self.b <= 1, "numbers in [-1, 1]")
        return self._rising("atanh")

    def atan(self) -> Interval:
        """Inverse of tan."""
        return self._rising("atan")

    def asin(self) -> Interval:
        """Inverse of sin."""
        self._need(self.a >= -1 and self.b <= 1, "numbers in [-1, 1]")
        return self._rising("asin")

    @_precise
    def acos(self) -> Interval:
        """Inverse of cos."""
        self._need(self.a >= -1 and self.b <= 1, "numbers in [-1, 1]")
        return Interval(self.b.acos().lower(), self.a.acos().upper())

    def tan(self) -> Interval:
        """Tangent."""
        half_turns = self._wholes(Fraction(1, 2), 1)
        self._need(not half_turns, "an interval without a pole of tan")
        return self._rising("tan")

    def sin(self) -> Interval:
        """Sine."""
        return self._wave("sin", (Fraction(1, 2), Fraction(3, 2)))

    def cos(self) -> Interval:
        """Cosine."""
        return self._wave("cos", (Fraction(0), Fraction(1)))

    @_precise
    def _wave(self, name: str, turns: tuple[Fraction, Fraction]) -> Interval:
        """Values of sin or cos, whose tops and bottoms are at ``turns·π + 2πk``."""
        left, right = getattr(self.a, name)(), getattr(self.b, name)()
        low, high = min(left.lower(), right.lower()), max(left.upper(), right.upper())
        if self._wholes(turns[0], 2):
            high = arb(1)
        if self._wholes(turns[1], 2):
            low = arb(-1)
        return Interval(max(low, arb(-1)), min(high, arb(1)))

    def _wholes(self, start: Fraction, period: int) -> bool:
        """Whether it may hold a number ``(start + period·k)·π`` with a whole k."""
        self._need(self.is_finite, "finite ends")
        first, last = ((end / arb.pi() - _ratio_ball(start)) / period for end in (self.a, self.b))
        return bool(first.lower().ceil() <= last.upper().floor())

    def ei(self) -> Interval:
        """Exponential integral."""
        return self._image(arb.ei)

    def bessel_i(self, order: Interval) -> Interval:
        """Bessel function I, of an exact order."""
        return self._image(lambda at: at.bessel_i(order.a.union(order.b)))

    def beta_law(self, first: Fraction, second: Fraction) -> Interval:
        """Probability that a Beta(first, second) variable is at most a number of [0, 1].

        It rises with the number and with the second parameter. Arb's series loses bits with large
        parameters: it gets more; and it is NaN at whole numbers beyond its words, not beside them.
        """
        self._need(bool(self.a >= 0) and bool(self.b <= 1), "numbers of [0, 1]")
        beside = Fraction(int(second.denominator == 1 and second > _WORD), 4)
        with ctx.workprec(PRECISION + 4 * int(first + second).bit_length()):
            low, high = (
                at.beta_lower(_ratio_ball(first), _ratio_ball(place), regularized=True)
                for at, place in ((self.a, second - beside), (self.b, second + beside))
            )
            return Interval(low.lower(), high.upper())


@_precise
def interval(low: Any, high: Any = None) -> Interval:
    """Smallest interval that holds one number, or two and all between.

    Parameters
    ----------
    low, high : number, text, Expr or Interval
        A number, exactly; a float is the binary fraction that it is.

    Examples
    --------
    >>> interval("1/3").a < interval("1/3").b
    True
    """
    if high is not None:
        return Interval(interval(low).a, interval(high).b)
    if isinstance(low, Interval):
        return low
    if isinstance(low, Expr):
        return enclose(low)
    ball = low if isinstance(low, arb) else _ratio_ball(Fraction(low))
    return Interval(ball.lower(), ball.upper())


def _at_end(name: str, end: arb) -> arb:
    """Value of a rising function at an end of an interval, or its limit there."""
    limits = (limit for place, limit in _LIMITS.get(name, ()) if place == end)
    found: arb | None = next(limits, None)
    return getattr(end, name)() if found is None else found


def _ratio_ball(value: Fraction) -> arb:
    return arb(fmpq(value.numerator, value.denominator))


def _ball_power(base: arb, exponent: Fraction) -> arb:
    if (2 * exponent).denominator == 1:
        whole = exponent.denominator == 1
        # Not base**count: python-flint squares a ball centred at 0 to NaN.
        count = int(exponent if whole else 2 * exponent)
        power = math.prod([base if whole else base.sqrt()] * abs(count), start=arb(1))
        return power if count >= 0 else 1 / power
    return (_ratio_ball(exponent) * base.log()).exp()


@dataclass(frozen=True)
class _Arithmetic:
    """What the walk needs of a kind of number, beside its operators and methods."""

    ratio: Callable[[Fraction], Any]
    exact: Callable[[Any], Fraction | None]
    pi: Callable[[], Any]
    power: Callable[[Any, Fraction], Any]
    positive_part: Callable[[Any, Fraction], Any]


def _exact(ball: arb) -> Fraction | None:
    """Return the number that a ball of radius 0 is."""
    if not (ball.is_exact() and ball.is_finite()):
        return None
    mantissa, exponent = ball.man_exp()
    return Fraction(int(mantissa)) * Fraction(2) ** int(exponent)


def _exact_number(box: Interval) -> Fraction | None:
    return _exact(box.a) if box.a == box.b else None


def _ball_part(base: arb, exponent: Fraction) -> arb:
    part = Interval(base.lower(), base.upper()).positive_part(exponent)
    return part.a.union(part.b)


_INTERVALS = _Arithmetic(
    interval, _exact_number, lambda: interval(arb.pi()), Interval.power, Interval.positive_part
)
_BALLS = _Arithmetic(_ratio_ball, _exact, arb.pi, _ball_power, _ball_part)

_METHODS = {
    getattr(sp, name): name
    for name in (
        *("exp", "log", "sin", "cos", "tan", "sinh", "cosh", "tanh"),
        *("asin", "acos", "atan", "asinh", "atanh", "erf"),
    )
}
_METHODS |= {sp.Abs: "__abs__", sp.Ei: "ei"}


def _walk(expr: Expr, values: Mapping[Any, Any], numbers: _Arithmetic) -> Any:
    """Value of an expression in one arithmetic, each part of it once."""
    known = dict(values)

    def walk(node: Any) -> Any:
        if node not in known:
            known[node] = value(node)
        return known[node]

    def value(node: Any) -> Any:
        if node.is_Rational or node.is_Float:
            exact = sp.Rational(node)
            return numbers.ratio(Fraction(int(exact.p), int(exact.q)))
        if node is S.Pi:
            return numbers.pi()
        if node is S.Exp1:
            return numbers.ratio(Fraction(1)).exp()
        if node.is_Add or node.is_Mul:
            return reduce(add if node.is_Add else mul, map(walk, node.args))
        if node.is_Pow and node.base is not S.Exp1:
            exponent = numbers.exact(walk(node.exp))
            if node.exp.is_Rational:
                exponent = Fraction(int(node.exp.p), int(node.exp.q))
            if exponent is not None:
                return numbers.power(walk(node.base), exponent)
            return (walk(node.exp) * walk(node.base).log()).exp()
        if isinstance(node, sp.Max | sp.Min):
            join = "max" if isinstance(node, sp.Max) else "min"
            return reduce(lambda a, b: getattr(a, join)(b), map(walk, node.args))
        if isinstance(node, sp.besseli):
            return walk(node.args[1]).bessel_i(walk(node.args[0]))
        if isinstance(node, PositivePart):
            return numbers.positive_part(walk(node.args[0]), Fraction(str(node.args[1])))
        if isinstance(node, sp.exp) or node.is_Pow:
            return walk(node.exp).exp()
        if node.func in _METHODS:
            return getattr(walk(node.args[0]), _METHODS[node.func])()
        raise NoEnclosureError(
            f"Expected an elementary expression but got {node}; no enclosure is known for it."
        )

    return walk(sp.sympify(expr))


def enclose(expr: Any, values: Mapping[Any, Any] | None = None) -> Interval:
    """Enclosure of an expression over intervals.

    Parameters
    ----------
    expr : Expr
        Built from numbers, symbols, sums, products, powers and the elementary functions, Max and
        Min, Ei and besseli.
    values : Mapping
        An interval, or an exact number, for every symbol.

    Returns
    -------
    Interval
        It holds every value, and is finite. Where a part is infinite, as a logarithm of 0, a value
        is the limit.

    Raises
    ------
    NoEnclosureError
        When there is none.

    Examples
    --------
    >>> from theory.symbols import z
    >>> 2 in enclose(z**2 + 1, {z: interval(0, 2)})
    True
    """
    at = {symbol: interval(value) for symbol, value in (values or {}).items()}
    found: Interval = _precise(_walk)(expr, at, _INTERVALS)
    found._need(found.is_finite, "a finite value")
    return found


def enclose_ball(expr: Expr, values: Mapping[Any, Any]) -> Any:
    """Ball that holds the value of an expression, at the working precision of flint.

    Balls are what the checker of certificates computes with: a search asks for them, so that it
    sees what the checker will see. A value that isn't finite is a ball that says so.

    Raises
    ------
    NoEnclosureError
        For a node that isn't known.

    Examples
    --------
    >>> from theory.symbols import z
    >>> enclose_ball(z**2, {z: arb(3)}) == 9
    True
    """
    return _walk(expr, values, _BALLS)


def enclosed_sign(expr: Expr, at: Mapping[Any, Any]) -> int:
    """Return 1 or -1 if enclosures show that an expression has that sign at a point, else 0.

    It is far cheaper than SymPy's, and of no use where the value is 0.

    Examples
    --------
    >>> from theory.symbols import z
    >>> enclosed_sign(z - 1, {z: S.Half}), enclosed_sign(z - 1, {z: S.One})
    (-1, 0)
    """
    for precision in PRECISIONS:
        with suppress(NoEnclosureError), ctx.workprec(precision):
            box = enclose(expr, at)
            if box.a > 0 or box.b < 0:
                return -1 if box.b < 0 else 1
    return 0
