"""Bounds of the force s and of g = s' on a grid of angles, for every β of a slice, as integers."""

from __future__ import annotations

from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any

from proofs_checks.certificates.format import Rejected

SCALE = 40  # Bits after the point of the integers that replace values of s and g.


@dataclass
class Slice:
    """Bounds of s and g on a grid of angles 2πk/2^grid, for β in [low, high], as integers.

    At a fixed angle a function of β is at least the smaller of its end values less
    (high - low)²/8 sup |∂²/∂β²|, and at most the larger one plus as much. Both second derivatives
    are bounded by e^{β cos φ}, times 1 for s (∂²s = sin φ cos²φ e^{β cos φ}) and times
    109/100 + |β|/4 for g: with c = cos φ, ∂²g = (c³ - 2c(1-c²) - βc²(1-c²)) e^{βc}; there
    |c³ - 2c(1-c²)| = |c||3c² - 2| <= |c|(2-c²) <= 1.0887, c²(1-c²) <= 1/4. The exponential itself
    is largest at one end of the slice, as it is convex in β, and at one end of an interval of c:
    where β < 0 that is at the angle π, if the interval holds it.

    As a function of c, g has the derivative q e^{βc}, q = β²c² + 3βc + 1 - β². For β > 0 it falls
    on [-1, 1] up to the larger root c⁺ of q and rises from there, because q(-1) = 1 - 3β is
    negative or else both roots are at most -1. So on an interval the largest value is at an end,
    and the smallest too unless c⁺ is inside. For β < 0, g(φ; β) = -g(π - φ; -β): it rises up to
    c⁺(β) = -c⁺(-β) and falls from there, and smallest and largest change places.
    """

    flint: Any
    grid: int
    low: Fraction
    high: Fraction
    _values: dict[int, tuple[int, ...]] = field(default_factory=dict)
    _ranges: dict[tuple[int, int], tuple[int, ...]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Fix both ends, the extreme value of g, and the bound of the second derivatives."""
        arb, fmpq = self.flint.arb, self.flint.fmpq
        self.ends = [arb(fmpq(b.numerator, b.denominator)) for b in (self.low, self.high)]
        self.least = [self._extreme(b) if b > 0 else None for b in self.ends]
        self.most = [self._extreme(b) if b < 0 else None for b in self.ends]
        square = (self.high - self.low) ** 2 / 8
        self.bend_force = square
        self.bend = square * (Fraction(109, 100) + max(self.high, -self.low) / 4)

    def _floor(self, ball: Any) -> int:
        return self._integer((ball * 2**SCALE).lower().floor())

    def _ceil(self, ball: Any) -> int:
        return self._integer((ball * 2**SCALE).upper().ceil())

    def _integer(self, ball: Any) -> int:
        found = ball.unique_fmpz()
        if found is None:  # NaN or infinite
            raise Rejected(f"no finite bound at β from {self.low} to {self.high}")
        return int(found)

    def _extreme(self, b: Any) -> int:
        """Bound the value of g at c⁺: from below for β > 0, from above for β < 0.

        At β = 0 there is none, since g rises with the cosine.
        """
        c = ((5 + 4 * b * b).sqrt() - 3) / (2 * b)
        value = (c - b * (1 - c * c)) * (b * c).exp()
        return self._floor(value) if b > 0 else self._ceil(value)

    def values(self, k: int) -> tuple[int, ...]:
        """Bounds at the angle 2πk/2^grid.

        For each end of the slice: floor and ceiling of s, floor and ceiling of g, and on which side
        of c⁺ the cosine is (1 where g rises with it, -1 where it falls, 0 unknown); last a bound of
        e^{β cos φ} for all β.
        """
        k %= 1 << self.grid
        found = self._values.get(k)
        if found is None:
            sine, c = (self.flint.arb(2 * k) / (1 << self.grid)).sin_cos_pi()
            out: list[int] = []
            growth = 0
            for b in self.ends:
                weight = (b * c).exp()
                force, curvature = sine * weight, (c - b * (1 - c * c)) * weight
                q = b * b * c * c + 3 * b * c + 1 - b * b
                side = 1 if q >= 0 else -1 if q <= 0 else 0
                out += [self._floor(force), self._ceil(force)]
                out += [self._floor(curvature), self._ceil(curvature), side]
                growth = max(growth, self._ceil(weight))
            found = self._values[k] = (*out, growth)
        return found

    def span(self, a: int, b: int) -> tuple[int, ...]:
        """Bounds of g on the angles from 2πa/2^grid to 2πb/2^grid.

        Upper bounds at each end of the slice, a bound of e^{β cos φ}, and a lower and an upper
        bound for every β in the slice.
        """
        if a + b < 0:  # g is even
            a, b = -b, -a
        found = self._ranges.get((a, b))
        if found is None:
            full = 1 << self.grid
            places = [a, b]
            # cos is monotone between the multiples of π: its extremes are at these and at the ends.
            places += [m * full // 2 for m in range(-4, 5) if a <= m * full // 2 <= b]
            rows = [self.values(k) for k in places]
            growth = max(row[-1] for row in rows)
            above, below = [], []
            for end in (0, 1):
                smallest = min(row[5 * end + 2] for row in rows)
                largest = max(row[5 * end + 3] for row in rows)
                if abs(sum(row[5 * end + 4] for row in rows)) < len(rows):
                    least, most = self.least[end], self.most[end]
                    smallest = smallest if least is None else min(smallest, least)
                    largest = largest if most is None else max(largest, most)
                above.append(largest)
                below.append(smallest)
            pad = -(-self.bend.numerator * growth // self.bend.denominator)
            found = (*above, growth, min(below) - pad, max(above) + pad)
            self._ranges[a, b] = found
        return found
