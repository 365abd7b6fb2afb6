"""Powers of absolute values and positive parts: which products and powers of them are C¹.

``abs(u)``, ``max(u, 0)`` and ``min(u, 0)`` are all ``a max(u,0)^p + b max(-u,0)^p`` with p = 1; so
are u itself (1, -1), and products and powers of them. Such a function has a kink where u = 0 unless
p > 1: then its derivative is continuous there, and 0.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction

from sympy import Expr, Rational

from theory.parse.ranges import Range, range_negative, range_power, range_product, range_sum
from theory.positive_part import split_power

FOLDS = ("abs", "max", "min")
"""Functions with a kink, which a power above 1 removes."""


@dataclass(frozen=True)
class Split:
    """``above · max(base, 0)^power + below · max(-base, 0)^power``."""

    base: Expr
    power: Fraction
    above: Fraction
    below: Fraction

    @property
    def smooth(self) -> bool:
        """Whether it is C¹ also where the base is 0."""
        return self.power > 1

    @property
    def expr(self) -> Expr:
        """It as an expression."""
        power, above, below = (
            Rational(value.numerator, value.denominator)
            for value in (self.power, self.above, self.below)
        )
        return split_power(self.base, power, above, below)

    @property
    def rule(self) -> Callable[[Range], Range]:
        """Its range, from that of its base."""

        def rule(base: Range) -> Range:
            found = Range(0.0, 0.0)
            for factor, side in ((self.above, base), (self.below, range_negative(base))):
                part = Range(max(side.low, 0.0), max(side.high, 0.0))
                factors = Range(float(factor), float(factor))
                found = range_sum(found, range_product(range_power(part, self.power), factors))
            return found

        return rule

    def scaled(self, factor: Fraction) -> Split:
        """Multiply by a number."""
        return Split(self.base, self.power, self.above * factor, self.below * factor)

    def times(self, other: Split) -> Split | None:
        """Multiply by another power of the same base; None if it has another."""
        if other.base == -self.base:
            other = Split(self.base, other.power, other.below, other.above)
        if other.base != self.base:
            return None
        above, below = self.above * other.above, self.below * other.below
        return Split(self.base, self.power + other.power, above, below)

    def raised(self, exponent: Fraction) -> Split | None:
        """Raise to a positive power; None where it isn't real or its factors no fractions."""
        if exponent <= 0:
            return None
        if exponent.denominator == 1:
            factors = (self.above ** int(exponent), self.below ** int(exponent))
        elif {self.above, self.below} <= {Fraction(0), Fraction(1)}:
            factors = (self.above, self.below)
        else:
            return None
        return Split(self.base, self.power * exponent, *map(Fraction, factors))


def plain(base: Expr) -> Split:
    """Write an expression itself in this form."""
    return Split(base, Fraction(1), Fraction(1), Fraction(-1))


def fold(name: str, base: Expr) -> Split:
    """Write abs(u), max(u, 0) or min(u, 0)."""
    above, below = {"abs": (1, 1), "max": (1, 0), "min": (0, -1)}[name]
    return Split(base, Fraction(1), Fraction(above), Fraction(below))


def even_root(base: Expr, exponent: Expr) -> Split | None:
    """Read ``(u**2)**1.5``, a power above 1 of u², as |u|³; None for anything else."""
    if exponent.is_Integer or not (base.is_Pow and base.exp.is_Integer and base.exp % 2 == 0):
        return None
    total = Fraction(int(base.exp)) * Fraction(int(exponent.p), int(exponent.q))
    return fold("abs", base.base).raised(total) if total > 1 else None
