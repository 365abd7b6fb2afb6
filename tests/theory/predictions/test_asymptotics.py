"""Linearisation about equiangular tokens, its amplitudes and widths."""

from functools import cache

import numpy as np
import pytest
from scipy.integrate import quad
from sympy import Rational, diff, exp, log

from numerics import compile_model
from numerics.equiangular import equiangular_time
from theory.energy import interaction_energy
from theory.models import CAUSAL, SA, USA, gradient_flow
from theory.predictions.asymptotics import (
    PARTS,
    crossing_deviation,
    equiangular_modes,
    escape_time,
    mode_amplitude,
    normal_form,
    pair_variance,
)
from theory.symbols import beta, gamma, n, z

modes_of = cache(equiangular_modes)  # a second each
MODELS = pytest.mark.parametrize("model", [SA, USA], ids=lambda model: model.name)


def pattern(part, size):
    """One deviation of each part, in full."""
    matrix = np.ones((size, size))
    if part == "rows":
        u = np.array([1.0, -1.0, *[0.0] * (size - 2)])
        matrix = u[:, None] + u
    if part == "pairs":  # row sums 0: (e1 - e2)(e3 - e4)ᵀ and its transpose
        a, b = np.zeros(size), np.zeros(size)
        a[:2], b[2:4] = (1, -1), (1, -1)
        matrix = np.outer(a, b) + np.outer(b, a)
    return matrix * (1 - np.eye(size))


NESTED = gradient_flow(interaction_energy(exp(beta / (2 - z))))


@pytest.mark.slow
@pytest.mark.parametrize("model", [SA, USA, NESTED], ids=["SA", "USA", "exp(β/(2-z))"])
@pytest.mark.parametrize("part", PARTS)
@pytest.mark.parametrize("level", [0.1, 0.7])
def test_rates_are_those_of_finite_differences(model, part, level):
    size, hot, step = 5, 1.3, 1e-6
    field = compile_model(model, beta=hot)
    shape = pattern(part, size)

    def gram_rate(gram):
        points = np.linalg.cholesky(gram)
        product = field(points) @ points.T
        return product + product.T

    even = (1 - level) * np.eye(size) + level
    slope = (gram_rate(even + step * shape) - gram_rate(even - step * shape)) / (2 * step)
    rate = getattr(modes_of(model), part)
    value = float(rate.subs({n: size, beta: hot, gamma: level}))
    assert np.abs(slope - value * shape).max() < 1e-8


@pytest.mark.slow
@MODELS
def test_amplitudes_solve_their_equations(model):
    modes = modes_of(model)
    assert modes.proved
    for part in PARTS:
        amplitude = mode_amplitude(part, model=model.name)
        assert normal_form(amplitude.subs(gamma, 0)) == 1
        assert normal_form(diff(log(amplitude), gamma) * modes.rate - getattr(modes, part)) == 0


@pytest.mark.slow
def test_rows_at_numbers_are_the_quadrature_of_their_rate():
    modes = modes_of(SA)
    at = {n: 6, beta: Rational(9, 4)}

    def ratio(g):
        return float((modes.rows / modes.rate).subs(at).subs(gamma, g))

    expected = np.exp(quad(ratio, 0, 0.8)[0])
    assert float(mode_amplitude("rows", 0.8, 2.25, 6).evalf()) == pytest.approx(expected, rel=1e-9)


def test_two_tokens_have_one_part():
    for model in ("SA", "USA"):
        found = pair_variance(beta=beta, n=2, model=model)
        mean = mode_amplitude("mean", n=2, model=model)
        at = {gamma: Rational(1, 3), beta: Rational(7, 4)}
        assert float((found - mean**2).subs(at).evalf()) == pytest.approx(0, abs=1e-12)


def test_a_cubic_kernel_has_modes_of_its_own():
    # h' = z³ vanishes at γ = 0, and nothing there moves, to first order
    modes = equiangular_modes(gradient_flow(interaction_energy(z**4 / 4)))
    assert modes.proved
    assert modes.rows.subs(gamma, 0) == modes.pairs.subs(gamma, 0) == 0


def test_wrong_arguments_are_refused():
    with pytest.raises(ValueError, match="Expected one of mean, rows, pairs but got part='trace'"):
        mode_amplitude("trace")
    with pytest.raises(ValueError, match="Expected one of"):
        mode_amplitude("pairs", model="KURAMOTO")
    with pytest.raises(ValueError, match="Expected weights that treat"):
        equiangular_modes(CAUSAL)


def test_the_width_is_the_slope_of_the_clock():
    # dT/dγ = 1/γ': the deviation of a time is that of the product times the slope of T
    level, step = 0.9, 1e-5
    times = equiangular_time([level - step, level + step], 1.5, 8)
    slope = (times[1] - times[0]) / (2 * step)
    spread = float(pair_variance(level, 1.5, 8).evalf()) ** 0.5
    found = float(crossing_deviation(level, 1.5, 8).evalf())
    assert found == pytest.approx(spread * slope, rel=1e-7)
    assert float(escape_time(2.0, np.exp(-4.0))) == pytest.approx(2.0)
