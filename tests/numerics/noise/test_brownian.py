"""Steps of noise alone: their multipliers against e^{-λs}, quadrature, and the paths themselves."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest
from scipy.special import eval_gegenbauer
from sympy import N, Rational

from numerics import noisy, sphere
from numerics.noise import SCHEMES, step_multiplier
from numerics.noise.brownian import jump
from theory import Model, Noise
from theory.atoms import Tangent
from theory.predictions import STEP, jump_law
from theory.symbols import X, d, kappa

ALONE = Model("noise alone", Tangent(X, X), parameters=(kappa,), noise=Noise(kappa))


def zonal(degree: int, size: int, u: np.ndarray) -> np.ndarray:
    """Gegenbauer polynomial that is 1 at u = 1, as SciPy has it."""
    if size == 2:
        return np.cos(degree * np.arccos(np.clip(u, -1, 1)))
    return eval_gegenbauer(degree, size / 2 - 1, u) / eval_gegenbauer(degree, size / 2 - 1, 1.0)


@pytest.mark.parametrize("size", [2, 3, 8])
@pytest.mark.parametrize("degree", [1, 2, 3, 5])
def test_weak_orders_by_quadrature(degree, size):
    rate = degree * (degree + size - 2)
    errors = {
        scheme: [
            abs(step_multiplier(degree, size, s / rate, scheme) - math.exp(-s))
            for s in (0.01, 0.005)
        ]
        for scheme in SCHEMES
    }
    assert abs(math.log2(errors["euler"][0] / errors["euler"][1]) - 2) < 0.1  # local: order 1
    assert errors["euler"][1] == pytest.approx(rate * (size + 2) * (0.005 / rate) ** 2, rel=0.1)
    if degree <= 2:
        assert max(errors["weak2"]) < 4e-15
    else:
        assert abs(math.log2(errors["weak2"][0] / errors["weak2"][1]) - 3) < 0.1  # order 2


@pytest.mark.every(2)
@pytest.mark.parametrize(("scheme", "order"), [("euler", 1), ("weak2", 2)])
def test_weak_order_over_a_fixed_time(scheme, order):
    """m_l^N against e^{-λT}: the global order, without Monte Carlo."""
    rate = 3 * (3 + 1)
    errors = [
        abs(step_multiplier(3, 3, 0.1 / count, scheme) ** count - math.exp(-0.1 * rate))
        for count in (16, 32)
    ]
    assert abs(math.log2(errors[0] / errors[1]) - order) < 0.15


def test_the_law_is_that_of_the_theory_and_a_law():
    for size in (2, 3, 7, 64):
        for s in (1e-9, 1e-5, 1e-3, 0.1, 3.0, 60.0):
            found = jump(size, np.float64(s))
            said = [float(N(e.subs({STEP: Rational(s), d: size}), 60)) for e in jump_law()]
            assert np.allclose(found, said, rtol=1e-9, atol=0), (size, s)
            assert 0 < found[0] <= 1
            assert 0 < found[1] <= 2
    assert jump(3, np.float64(0.0)) == (0.0, 0.0)


@pytest.mark.parametrize("size", [2, 3, 6])
@pytest.mark.parametrize("scheme", SCHEMES)
def test_paths_have_the_multipliers_of_their_scheme(scheme, size):
    """One step of many tokens: E P_l(<x,x'>) within 4 Monte-Carlo errors; κ for 2κ is told."""
    s, start = 0.08, sphere.random_points(20_000, size, rng=3)
    run = noisy(ALONE, start, 1.0, 1.0, scheme, rng=4, kappa=s)
    assert np.allclose(np.linalg.norm(run.points, axis=-1), 1.0, atol=1e-14)
    products = np.vecdot(run.points[-1], start)
    for degree in (1, 2, 4):
        values = zonal(degree, size, products)
        error = np.std(values) / math.sqrt(values.size)
        said = step_multiplier(degree, size, s, scheme)
        assert abs(np.mean(values) - said) < 4 * error
        assert abs(np.mean(values) - step_multiplier(degree, size, s / 2, scheme)) > 10 * error


def test_noise_that_is_not_projected_leaves_the_sphere():
    """The broken twin: sqrt(2κ) dB without projection, in Itô's sense without its drift."""
    rng, s = np.random.default_rng(0), 0.05
    x = sphere.random_points(2000, 3, rng=1)
    x = x + math.sqrt(2 * s) * rng.standard_normal(x.shape)
    assert np.mean(np.sum(x * x, axis=-1)) == pytest.approx(1 + 2 * s * 3, rel=0.02)


@pytest.mark.parametrize(
    ("arguments", "match"),
    [
        ({"degree": -1}, "whole number >= 0 but got degree=-1"),
        ({"d": 1}, "whole number >= 2 but got d=1"),
        ({"s": 0.0}, "Expected a positive finite s"),
        ({"s": math.inf}, "Expected a positive finite s"),
        ({"scheme": "milstein"}, "Expected one of 'euler' or 'weak2'"),
    ],
)
def test_bad_arguments(arguments, match):
    with pytest.raises(ValueError, match=match):
        step_multiplier(**{"degree": 1, "d": 2, "s": 0.1, **arguments})


def test_noise_of_strength_0_moves_nothing():
    start = sphere.random_points(5, 3, rng=0)
    for scheme in SCHEMES:
        run = noisy(replace(ALONE, noise=Noise(0)), start, 1.0, 0.1, scheme, kappa=1.0)
        assert np.allclose(run.points[-1], start, atol=1e-15)
