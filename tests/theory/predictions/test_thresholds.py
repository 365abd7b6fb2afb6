"""Thresholds of small and large β, and their profile."""

from __future__ import annotations

import mpmath
import pytest
import sympy
from sympy import Rational, Symbol, pi

from theory.predictions.thresholds import (
    critical_angle,
    hessian_profile,
    large_beta_threshold,
    saddle_bracket,
    small_beta_threshold,
)
from theory.symbols import beta, d, n


def number(expr: sympy.Expr) -> mpmath.mpf:
    value = sympy.N(expr, 30)
    assert value.is_Float or value.is_Integer, expr
    return mpmath.mpf(str(value))


def close(a: object, b: object, rel: float = 1e-12) -> None:
    a, b = mpmath.mpf(str(a)), mpmath.mpf(str(b))
    assert abs(a - b) <= rel * max(abs(a), abs(b), mpmath.mpf(10) ** -40), (a, b)


def test_small_beta_threshold() -> None:
    # (n-1)(e^β - 1) < 1 is what the proof needs.
    for count in (2, 5, 100):
        b = small_beta_threshold(count)
        assert sympy.simplify((count - 1) * (sympy.exp(b) - 1)) == 1
        assert b > Rational(1, count)
        assert small_beta_threshold(least_mass=Rational(1, count)).equals(b)
    with pytest.raises(ValueError, match=r"a number in \(0, 1\) but got least_mass"):
        small_beta_threshold(least_mass=1)


@pytest.mark.parametrize("dim", [2, 3, 10])
def test_critical_angle_is_the_zero_of_the_profile(dim: int) -> None:
    for b in (Rational(1, 5), 2, 6):
        tau = critical_angle(b, dim)
        assert abs(number(hessian_profile(tau, b, dim))) < 1e-25
        assert 0 < number(tau) < mpmath.pi / 2
        assert number(tau) < mpmath.sqrt(mpmath.mpf(dim - 1) / number(b))
        for step in (Rational(1, 100), Rational(1, 2)):
            assert number(hessian_profile(tau + step, b, dim)) < 0
            assert number(hessian_profile(tau - step / 10, b, dim)) > 0


def test_hessian_profile_is_minus_the_second_derivative_of_the_kernel() -> None:
    tau = Symbol("tau")
    kernel = sympy.exp(beta * sympy.cos(tau)) / beta
    assert sympy.simplify(hessian_profile(tau) + kernel.diff(tau, 2)) == 0
    # Figure 6.
    close(number(hessian_profile(Rational(116403, 100000), 2)), "-2.84889", 1e-5)
    close(number(hessian_profile(Rational(69631, 100000), 6)), "-169.788", 1e-5)
    assert hessian_profile(pi, 3) == -sympy.exp(-3)


def test_large_beta_thresholds() -> None:
    table = {4: 0.6667, 5: 1.41421, 6: 2.34164, 7: 3.46410, 8: 4.78589}
    printed = {3: 1.414, 4: 3.464, 5: 6.309, 6: 9.960}
    for count, expected in table.items():
        exact = large_beta_threshold(count)
        assert abs(number(exact) - expected) < 1e-4
        assert abs(number((count - 1) * critical_angle(exact)) - mpmath.pi) < 1e-20
        assert number(exact) < number(large_beta_threshold(count, form="simple"))
        # Below the threshold the inequality fails.
        assert number((count - 1) * critical_angle(exact * Rational(9, 10)) - pi) > 0
    for count, expected in printed.items():
        assert abs(number(large_beta_threshold(count, form="printed")) - expected) < 1e-3
    for count in (2, 3):
        assert large_beta_threshold(count, 5) == 0
    for count in (4, 8):
        bound = large_beta_threshold(count, 3, "printed")
        assert abs(number((count - 1) * critical_angle(bound, 3)) - mpmath.pi / 2) < 1e-20
    close(number(large_beta_threshold(8, form="printed")), 19.69, 1e-3)
    assert large_beta_threshold(n).subs(n, 3) == 0
    assert large_beta_threshold(n, d).subs({n: 6, d: 2}).equals(large_beta_threshold(6))
    with pytest.raises(ValueError, match="exact, simple, printed"):
        large_beta_threshold(4, form="other")


def test_saddle_bracket_is_positive_from_dimension_three() -> None:
    g = Symbol("g", real=True)
    assert sympy.expand(saddle_bracket(g) - (1 - g) - (d - 3 + beta * (1 - g**2))) == 0
    assert saddle_bracket(Rational(99, 100), 1, 2) < 0  # the control: d = 2
