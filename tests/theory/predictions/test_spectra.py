"""Spectra on the circle against full Jacobians."""

from __future__ import annotations

import mpmath
import numpy as np
import pytest
import sympy
from sympy import Rational

from theory.predictions.arguments import MODELS
from theory.predictions.spectra import (
    Spectrum,
    antipodal_rates,
    consensus_rates,
    polygon_mode_rate,
    polygon_splitting_rate,
)
from theory.symbols import beta, d


def number(expr: sympy.Expr) -> mpmath.mpf:
    value = sympy.N(expr, 30)
    assert value.is_Float or value.is_Integer, expr
    return mpmath.mpf(str(value))


def close(a: object, b: object, rel: float = 1e-12) -> None:
    a, b = mpmath.mpf(str(a)), mpmath.mpf(str(b))
    assert abs(a - b) <= rel * max(abs(a), abs(b), mpmath.mpf(10) ** -40), (a, b)


def circle_jacobian(theta: np.ndarray, b: float, model: str) -> np.ndarray:
    """Jacobian of the angle velocities, by complex steps: exact to rounding."""
    count = len(theta)
    columns = []
    for j in range(count):
        z = theta.astype(complex)
        z[j] += 1e-40j
        gaps = z[:, None] - z[None, :]
        kernel = np.exp(b * np.cos(gaps))
        speed = -(kernel * np.sin(gaps)).sum(1)
        speed = speed / (kernel.sum(1) if model == "SA" else count)
        columns.append(speed.imag / 1e-40)
    return np.array(columns).T


def spectrum_of(rates: Spectrum) -> np.ndarray:
    return np.sort([float(rate) for rate, count in rates for _ in range(int(count))])


@pytest.mark.parametrize("model", MODELS)
def test_spectra_on_the_circle_against_full_jacobians(model: str) -> None:
    b, exact = 0.8, Rational(4, 5)
    zeros = np.zeros(4)
    expected = np.sort(np.linalg.eigvals(circle_jacobian(zeros, b, model)).real)
    got = spectrum_of(consensus_rates(4, 2, exact, model))
    np.testing.assert_allclose(got, expected, atol=1e-12)
    for p, q in ((1, 1), (3, 1), (2, 3)):
        theta = np.concatenate([np.zeros(p), np.full(q, np.pi)])
        expected = np.sort(np.linalg.eigvals(circle_jacobian(theta, b, model)).real)
        got = spectrum_of(antipodal_rates(p, q, 2, exact, model))
        np.testing.assert_allclose(got, expected, atol=1e-12)
    for k, copies in ((2, 1), (3, 2), (5, 1), (4, 3)):
        theta = np.repeat(2 * np.pi * np.arange(k) / k, copies)
        expected = np.sort(np.linalg.eigvals(circle_jacobian(theta, b, model)).real)
        modes = [(polygon_mode_rate(p, k, exact, model), 1) for p in range(k)]
        split = [(polygon_splitting_rate(k, exact, model), k * (copies - 1))]
        np.testing.assert_allclose(spectrum_of((*modes, *split)), expected, atol=1e-12)


def test_polygon_rates_by_aliased_bessel_sums() -> None:
    for k, b in ((3, 1.0), (6, 4.0)):
        exact = sympy.nsimplify(b)

        def aliased(r: int, k: int = k, b: float = b) -> mpmath.mpf:
            terms = (r + k * j for j in range(-40, 41))
            return mpmath.fsum(i * i * mpmath.besseli(abs(i), b) for i in terms) / b

        for p in range(k):
            close(
                number(polygon_mode_rate(p, k, exact, "USA")) + 1,
                aliased(p) - aliased(0) + 1,
            )
        close(number(polygon_splitting_rate(k, exact, "USA")), -aliased(0))


def test_polygon_rates_in_closed_form() -> None:
    assert sympy.simplify(polygon_mode_rate(1, 2) - 1 + sympy.tanh(beta).rewrite(sympy.exp)) == 0
    expected = (Rational(1, 2) + 3 * beta / 4) * sympy.exp(-beta / 2)
    assert sympy.simplify(polygon_mode_rate(1, 3, model="USA") - expected) == 0
    # The control: at β = -0.7 the triangle is stable, and the threshold is -2/3.
    assert polygon_mode_rate(1, 3, Rational(-7, 10)) < 0
    assert polygon_splitting_rate(3, Rational(-7, 10)) < 0
    assert polygon_mode_rate(1, 3, Rational(-2, 3)).equals(0)


def test_antipodal_pair_in_closed_form() -> None:
    (relative, count), (zero, rotations) = antipodal_rates(1, 1, d)
    assert sympy.simplify(relative - 2 / (sympy.exp(2 * beta) + 1)) == 0
    assert (count, zero, rotations) == (d - 1, 0, d - 1)
    # Multiplicities fill the tangent space.
    for p, q in ((2, 3), (1, 4)):
        total = sum(c for _, c in antipodal_rates(p, q, d))
        assert sympy.expand(total - (p + q) * (d - 1)) == 0
