"""The equiangular curve by quadrature and from explicit particles."""

from __future__ import annotations

import mpmath
import numpy as np
import pytest
import sympy
from sympy import Rational, Symbol

from theory.predictions.arguments import MODELS
from theory.predictions.equiangular import (
    equiangular_inner_product,
    equiangular_rate,
    equiangular_time,
)
from theory.symbols import gamma, n

BETAS = (0.3, 1.0, 4.0)


def number(expr: sympy.Expr) -> mpmath.mpf:
    value = sympy.N(expr, 30)
    assert value.is_Float or value.is_Integer, expr
    return mpmath.mpf(str(value))


def close(a: object, b: object, rel: float = 1e-12) -> None:
    a, b = mpmath.mpf(str(a)), mpmath.mpf(str(b))
    assert abs(a - b) <= rel * max(abs(a), abs(b), mpmath.mpf(10) ** -40), (a, b)


def test_equiangular_time_is_proved_to_invert_the_rate() -> None:
    """dT/dγ · γ' = 1 and T(0) = 0, with n and β symbolic (n = k + 1, as SymPy needs)."""
    k, b = Symbol("k", positive=True), Symbol("b", positive=True)
    for model in MODELS:
        time = equiangular_time(gamma, b, Symbol("n"), model).subs(Symbol("n"), k + 1)
        rate = equiangular_rate(gamma, b, Symbol("n"), model).subs(Symbol("n"), k + 1)
        assert sympy.simplify(time.diff(gamma) * rate - 1) == 0
        assert sympy.simplify(time.subs(gamma, 0)) == 0
        flat = equiangular_time(gamma, 0, n, model).diff(gamma)
        assert sympy.simplify(flat * equiangular_rate(gamma, 0, n, model) - 1) == 0


@pytest.mark.parametrize("model", MODELS)
@pytest.mark.parametrize("b", [0, *BETAS])
def test_equiangular_time_by_quadrature(model: str, b: float) -> None:
    exact = sympy.nsimplify(b)
    for count, target in ((2, Rational(1, 2)), (32, Rational(9, 10))):
        rate = sympy.lambdify(gamma, equiangular_rate(gamma, exact, count, model), "mpmath")
        expected = mpmath.quad(lambda g, f=rate: 1 / f(g), [0, mpmath.mpf(str(target.n(30)))])
        close(number(equiangular_time(target, exact, count, model)), expected, 1e-10)


def test_equiangular_rates_from_explicit_particles() -> None:
    """Orthonormal and equiangular rows moved by the definition of SA and USA."""
    for count, g, b in ((3, 0.0, 1.3), (4, 0.4, 2.0), (5, -0.1, 0.7)):
        gram = (1 - g) * np.eye(count) + g
        x = np.linalg.cholesky(gram)
        kernel = np.exp(b * gram)
        for model, weights in (
            ("SA", kernel / kernel.sum(1, keepdims=True)),
            ("USA", kernel / count),
        ):
            pull = weights @ x
            velocity = pull - np.sum(pull * x, axis=1, keepdims=True) * x
            moving = velocity @ x.T + x @ velocity.T
            expected = moving[0, 1]
            got = number(equiangular_rate(sympy.nsimplify(g), sympy.nsimplify(b), count, model))
            close(got, expected, 1e-12)
            np.testing.assert_allclose(moving[~np.eye(count, dtype=bool)], expected, rtol=1e-12)


def test_inner_product_at_zero_beta() -> None:
    curve = equiangular_inner_product()
    t = next(iter(curve.free_symbols - {n}))
    residual = curve.diff(t) - equiangular_rate(curve, 0, n)
    assert sympy.simplify(residual) == 0
    assert curve.subs(t, 0) == 0
    assert sympy.simplify(curve.subs(t, equiangular_time(gamma, 0, n)) - gamma) == 0


def test_time_to_a_small_gap_at_zero_beta() -> None:
    delta = Rational(1, 1000)
    expected = sympy.log(32 / delta - 31) / 2
    assert sympy.simplify(equiangular_time(1 - delta, 0, 32) - expected) == 0
