"""The explicit constants of Theorem 6.9: growth along the curve, what it costs, the dimension."""

from __future__ import annotations

import pytest
from scipy.integrate import quad
from sympy import Rational, log, sin

from theory.predictions import (
    curve_growth,
    equiangular_rate,
    nonlinear_loss,
    orthonormal_radius,
    sufficient_dimension,
)

TENTH, LATE = Rational(1, 10), Rational(1, 50)


@pytest.mark.every(4)
@pytest.mark.parametrize("model", ["SA", "USA"])
@pytest.mark.parametrize(("b", "size"), [(0, 2), (1, 2), (3, 7), (9, 64)])
def test_growth_is_the_integral_of_the_linearised_rate_over_the_curve(b, size, model):
    others = size - 1

    def rate(g):
        """Mean of 1-g and of what the weights gain, by the top eigenvalue."""
        speed = float(equiangular_rate(Rational(g), b, size, model))
        at = 2 * (1 - g) * (1 + others * g) / speed
        first, second = (1 - g) * (1 + others * g) / others, 1 - g * g
        return others / at * (1 - g + b * (first + (first * second) ** 0.5)) / speed

    exact = float(curve_growth(Rational(9, 10), b, size))
    assert quad(rate, 0, 0.9, epsabs=1e-10)[0] == pytest.approx(exact, rel=1e-8)


def test_growth_without_n_but_for_its_root():
    for size in (2, 10, 10**6):
        for b in (0, 1, 9):
            assert curve_growth(1, b, size) <= log(size) / 2 + Rational(165, 100) * b + 1e-12


def test_two_tokens_need_little_more_than_the_tolerance_at_zero_beta():
    tiny = Rational(1, 10**6)
    radius = orthonormal_radius(tiny, tiny / 1000, 0, 2)
    assert float(2 * radius / tiny) == pytest.approx(0.5**0.5, rel=2e-3)


def test_the_dimension_is_where_markov_gives_the_probability():
    for level in (0, Rational(1, 2), Rational(9, 10)):
        bound = sufficient_dimension(TENTH, LATE, 1, 8, level)
        radius = orthonormal_radius(TENTH, LATE, 1, 8)
        assert float(1 - 28 / (bound * sin(radius) ** 2)) == pytest.approx(float(level))


def test_what_is_out_of_range_is_refused():
    with pytest.raises(ValueError, match="late"):
        nonlinear_loss(TENTH, TENTH, 1, 2)
    with pytest.raises(ValueError, match="probability"):
        sufficient_dimension(TENTH, LATE, 1, 2, 1)
