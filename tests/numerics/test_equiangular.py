"""The equiangular curve against mpmath: T(γ) by its closed form with 80 digits, γ(t) by inversion.

Tolerances follow the conditioning of the inverse: relative error eps·(1 + |dlog γ/dlog t|).
"""

from __future__ import annotations

import math

import mpmath
import numpy as np
import pytest
from numpy.testing import assert_allclose
from scipy.integrate import solve_ivp

from numerics.equiangular import equiangular_gamma, equiangular_gap, equiangular_time

EPS = np.finfo(float).eps


def reference_time(gamma: float, beta: float, n: int, model: str) -> mpmath.mpf:
    """The closed form by exponential integrals, in 80 digits."""
    g, b, c = mpmath.mpf(gamma), mpmath.mpf(beta), mpmath.mpf(1) / (n - 1)
    odds = mpmath.log(((n - 1) * g + 1) / (1 - g))
    if b == 0:
        return odds / 2
    far = mpmath.exp(-b) * (mpmath.ei(b) - mpmath.ei(b * (1 - g)))
    near = mpmath.exp(b * c) * (mpmath.ei(-b * (g + c)) - mpmath.ei(-b * c))
    usa = (far + near) / 2
    return usa if model == "USA" else mpmath.exp(b) / n * usa + (n - 1) * odds / (2 * n)


def reference_rate(gamma: float, beta: float, n: int, model: str) -> mpmath.mpf:
    g, b = mpmath.mpf(gamma), mpmath.mpf(beta)
    shape = 2 * mpmath.exp(b * g) * (1 - g) * ((n - 1) * g + 1)
    return shape / (mpmath.exp(b) + (n - 1) * mpmath.exp(b * g)) if model == "SA" else shape / n


@pytest.mark.every(7)
@pytest.mark.parametrize("model", ["SA", "USA"])
@pytest.mark.parametrize("beta", [0.0, 1e-12, 1e-6, 0.01, 1.0, 5.0, 30.0, 100.0, 700.0, 1e4])
@pytest.mark.parametrize("n", [2, 3, 32, 1000])
def test_time_and_its_inverse(model: str, beta: float, n: int) -> None:
    with mpmath.workdps(80):
        for gamma in (1e-12, 1e-5, 0.01, 0.3, 0.7, 0.99, 1 - 1e-9):
            time = reference_time(gamma, beta, n, model)
            log_time = float(equiangular_time(gamma, beta, n, model, log_time=True))
            exact = float(mpmath.log(time))
            assert abs(log_time - exact) <= 16 * EPS * max(1, abs(exact), beta)
            # The inverse, where the curve lets it be computed from a double.
            speed = time * reference_rate(gamma, beta, n, model)
            error = 32 * EPS * max(1, abs(exact), beta)
            for value, got in (
                (gamma, equiangular_gamma(exact, beta, n, model, log_time=True)),
                (1 - gamma, equiangular_gap(exact, beta, n, model, log_time=True)),
            ):
                tolerance = error * (1 + float(speed) / value)
                if tolerance < 1e-3:
                    assert_allclose(got, value, rtol=tolerance)


@pytest.mark.parametrize(("model", "beta"), [("SA", 0.0), ("SA", 4.0), ("USA", 2.0)])
def test_curve_solves_the_equation(model: str, beta: float) -> None:
    """An independent integration of (6.9) and (6.10)."""
    n = 5

    def rate(_: float, g: np.ndarray) -> np.ndarray:
        shape = 2 * np.exp(beta * g) * (1 - g) * ((n - 1) * g + 1)
        weight = np.exp(beta) + (n - 1) * np.exp(beta * g) if model == "SA" else n
        return shape / weight

    times = np.linspace(0, 6, 25)
    solution = solve_ivp(rate, (0, 6), [0.0], "DOP853", times, rtol=1e-12, atol=1e-14)
    assert_allclose(equiangular_gamma(times, beta, n, model), solution.y[0], rtol=0, atol=1e-10)


def test_zero_beta_is_elementary() -> None:
    t = np.array([0.0, 1e-9, 0.3, 2.0, 30.0])
    for model in ("SA", "USA"):
        exact = np.expm1(2 * t) / (np.expm1(2 * t) + 7)
        assert_allclose(equiangular_gamma(t, 0.0, 7, model), exact, rtol=1e-14)
        assert_allclose(equiangular_gap(t, 0.0, 7, model), 7 / (np.expm1(2 * t) + 7), rtol=2e-14)


def test_ends_of_the_line() -> None:
    for model in ("SA", "USA"):
        for beta in (0.0, 9.0, 800.0, 1e4):
            assert equiangular_gamma(0.0, beta, 3, model) == 0.0
            assert equiangular_gap(0.0, beta, 3, model) == 1.0
            assert equiangular_gamma(math.inf, beta, 3, model) == 1.0
            assert equiangular_gap(math.inf, beta, 3, model) == 0.0
            assert equiangular_gamma(-math.inf, beta, 3, model, log_time=True) == 0.0
            assert equiangular_time(0.0, beta, 3, model) == 0.0
            assert equiangular_time(0.0, beta, 3, model, log_time=True) == -math.inf
    assert equiangular_time(0.5, 1e4, 3) == math.inf
    assert 9900 < equiangular_time(0.5, 1e4, 3, log_time=True) < 1e4


def test_shapes_and_monotonicity() -> None:
    t = np.linspace(0, 2, 600).reshape(20, 30)
    for model in ("SA", "USA"):
        gamma = equiangular_gamma(t, 5.0, 32, model)
        gap = equiangular_gap(t, 5.0, 32, model)
        assert gamma.shape == t.shape
        assert np.all(np.diff(gamma.ravel()) >= -EPS)
        assert np.all(np.diff(gap.ravel()) < 0)
        assert_allclose(gamma + gap, 1, rtol=1e-15)


def test_gap_argument_reaches_beyond_doubles_near_one() -> None:
    assert_allclose(equiangular_time(gap=1e-3, beta=3.0, n=32), equiangular_time(0.999, 3.0, 32))
    far = equiangular_time(gap=1e-200, beta=1.0, n=4)
    assert_allclose(equiangular_gap(far, 1.0, 4), 1e-200, rtol=1e-12)
    # SA's rate at consensus is 1, so 1-γ decays like e^{-2t}.
    further = equiangular_time(gap=1e-202, beta=1.0, n=4)
    assert_allclose(further - far, math.log(100) / 2, rtol=1e-12)


@pytest.mark.parametrize(
    ("arguments", "problem"),
    [
        (dict(t=-1.0, beta=1.0, n=3), "times >= 0 but got t="),
        (dict(t=math.nan, beta=1.0, n=3), "times >= 0"),
        (dict(t=1.0, beta=-1.0, n=3), "inverse temperature >= 0 but got beta="),
        (dict(t=1.0, beta=math.inf, n=3), "inverse temperature"),
        (dict(t=1.0, beta=1.0, n=1), "tokens >= 2 but got n=1"),
        (dict(t=1.0, beta=1.0, n=2.5), "tokens >= 2"),
        (dict(t=1.0, beta=1.0, n=3, model="QKV"), "one of SA, USA but got model='QKV'"),
    ],
)
def test_bad_input_of_the_curve(arguments: dict, problem: str) -> None:
    for function in (equiangular_gamma, equiangular_gap):
        with pytest.raises(ValueError, match=problem):
            function(**arguments)


def test_bad_input_of_the_time() -> None:
    for arguments in ({}, {"gamma": 0.1, "gap": 0.9}):
        with pytest.raises(ValueError, match="Expected one of gamma and gap"):
            equiangular_time(beta=1.0, n=3, **arguments)
    for gamma in (-0.1, 1.0, math.nan):
        with pytest.raises(ValueError, match="inner products in"):
            equiangular_time(gamma, 1.0, 3)
    for gap in (0.0, 1.1, math.nan):
        with pytest.raises(ValueError, match="gaps in"):
            equiangular_time(gap=gap, beta=1.0, n=3)
