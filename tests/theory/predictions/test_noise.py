"""Thresholds of the noise."""

from __future__ import annotations

import itertools

import mpmath
import sympy
from sympy import Rational

from theory.predictions.arguments import MODELS
from theory.predictions.modes import mode_growth_rate
from theory.predictions.noise import noise_dichotomy, noise_threshold
from theory.symbols import beta


def number(expr: sympy.Expr) -> mpmath.mpf:
    value = sympy.N(expr, 30)
    assert value.is_Float or value.is_Integer, expr
    return mpmath.mpf(str(value))


def close(a: object, b: object, rel: float = 1e-12) -> None:
    a, b = mpmath.mpf(str(a)), mpmath.mpf(str(b))
    assert abs(a - b) <= rel * max(abs(a), abs(b), mpmath.mpf(10) ** -40), (a, b)


def test_noise_thresholds() -> None:
    for model, dim in itertools.product(MODELS, (2, 3)):
        kappa = noise_threshold(2, dim, model)
        assert sympy.simplify(mode_growth_rate(1, 2, dim, model, noise=kappa)) == 0
        assert number(mode_growth_rate(2, 2, dim, model, noise=kappa)) < 0
    assert noise_threshold(0, 2) == Rational(1, 2)
    close(number(noise_threshold(3)), mpmath.besseli(1, 3) / (3 * mpmath.besseli(0, 3)))


def test_noise_dichotomy_on_the_circle() -> None:
    """I_2/I_1 = 1/2 at one β_*: increasing, negative below."""
    values = [number(noise_dichotomy(b)) for b in (1, 2, 3, 4, 6)]
    assert values == sorted(values)
    assert values[0] < 0 < values[-1]
    root = mpmath.findroot(lambda b: 2 * mpmath.besseli(2, b) - mpmath.besseli(1, b), 2.5)
    close(float(sympy.nsolve(noise_dichotomy(beta), beta, 2.5)), root, 1e-10)
