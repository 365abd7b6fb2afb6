"""Growth of modes by linearising particles and by quadrature."""

from __future__ import annotations

import itertools
import math

import mpmath
import numpy as np
import pytest
import sympy
from sympy import Rational

from theory.predictions.arguments import MODELS
from theory.predictions.modes import fastest_mode, mode_growth_rate

BETAS = (0.3, 1.0, 4.0)


def number(expr: sympy.Expr) -> mpmath.mpf:
    value = sympy.N(expr, 30)
    assert value.is_Float or value.is_Integer, expr
    return mpmath.mpf(str(value))


def close(a: object, b: object, rel: float = 1e-12) -> None:
    a, b = mpmath.mpf(str(a)), mpmath.mpf(str(b))
    assert abs(a - b) <= rel * max(abs(a), abs(b), mpmath.mpf(10) ** -40), (a, b)


@pytest.mark.parametrize("model", MODELS)
@pytest.mark.parametrize("b", BETAS)
def test_mode_growth_on_the_circle_by_linearising_particles(model: str, b: float) -> None:
    """Central difference of the velocity of 256 angles along cos(kθ)."""
    count, eps = 256, 1e-5
    theta = 2 * np.pi * np.arange(count) / count

    def velocity(angles: np.ndarray) -> np.ndarray:
        gaps = angles[:, None] - angles[None, :]
        kernel = np.exp(b * np.cos(gaps))
        total = -(kernel * np.sin(gaps)).sum(1)
        return total / (kernel.sum(1) if model == "SA" else count)

    for k in (1, 2, 3):
        shape = np.cos(k * theta)
        change = (velocity(theta + eps * shape) - velocity(theta - eps * shape)) / (2 * eps)
        measured = change @ shape / (shape @ shape)
        close(number(mode_growth_rate(k, sympy.nsimplify(b), 2, model)), measured, 1e-7)


@pytest.mark.parametrize("dim", [3, 5])
def test_mode_growth_on_the_sphere(dim: int, sphere_mean, gegenbauer) -> None:
    """Rate = -<Y, div grad (G*Y)>/<Y, Y> with the multiplier by quadrature."""
    b = mpmath.mpf(2)
    lam = mpmath.mpf(dim - 2) / 2
    zero = sphere_mean(lambda u: mpmath.exp(b * u), dim)
    for k in (1, 2, 4):
        top = gegenbauer(k, lam, 1)
        multiplier = sphere_mean(
            lambda u, k=k, top=top: mpmath.exp(b * u) * gegenbauer(k, lam, u) / top, dim
        )
        rate = k * (k + dim - 2) * multiplier / b
        close(number(mode_growth_rate(k, 2, dim, "USA")), rate, 1e-11)
        close(number(mode_growth_rate(k, 2, dim, "SA")), rate / zero, 1e-11)


def test_mode_growth_at_zero_beta_is_the_limit() -> None:
    small = Rational(1, 10**8)
    for dim, k, model in itertools.product((2, 3, 6), (1, 2), MODELS):
        limit = mode_growth_rate(k, small, dim, model)
        assert abs(number(limit) - number(mode_growth_rate(k, 0, dim, model))) < 1e-6


def test_fastest_mode_by_brute_force_and_its_growth() -> None:
    for b in (0.1, 1, 2.5, 9, 40, 81, 400):
        rates = [k * k * mpmath.besseli(k, b) for k in range(1, 80)]
        best = 1 + max(range(len(rates)), key=rates.__getitem__)
        assert fastest_mode(sympy.nsimplify(b)) == best
    for dim in (3, 8):
        rates = [k * (k + dim - 2) * mpmath.besseli(k + dim / 2 - 1, 30) for k in range(1, 80)]
        assert fastest_mode(30, dim) == 1 + max(range(79), key=rates.__getitem__)
    assert abs(fastest_mode(10_000) - math.sqrt(20_000)) < 3
