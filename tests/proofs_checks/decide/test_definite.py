"""Positive definiteness: Taylor coefficients, zonal coefficients, dimensions."""

import numpy as np
import pytest
import sympy as sp
from scipy.special import eval_legendre

from proofs_checks.decide import Answer
from proofs_checks.decide.definite import (
    decide_positive_definite,
    positive_taylor,
    zonal_coefficient,
)
from theory.positive_part import PositivePart
from theory.symbols import beta, n, z


@pytest.mark.parametrize(
    ("kernel", "taylor"),
    [
        (sp.exp(beta * z) / beta, (True, True)),
        (sp.cosh(2 * z), (True, False)),
        (sp.sinh(z), (False, True)),
        (z * sp.cosh(z), (False, True)),
        (z**3 + beta * z, (False, False)),
        ((1 + z) ** 2 - 7, (False, False)),
        (sp.exp(z**2), (True, False)),
        (sp.exp(-z), None),
        (sp.log(2 + z), None),
        (z - z**2, None),
        ((1 - z) * sp.exp(z), None),
    ],
    ids=str,
)
def test_taylor_coefficients(kernel, taylor):
    assert positive_taylor(kernel) == taylor


@pytest.mark.parametrize(
    ("kernel", "answer", "degree"),
    [
        (sp.exp(beta * z) / beta, "DECIDED", None),
        (z**3, "DECIDED", None),
        (sp.log(2 + z), "FAILS", 2),
        (-sp.exp(z), "FAILS", 1),
        (sp.sin(z), "FAILS", 3),
        (z - z**2, "FAILS", 2),
        (z**4 - z**2 / 2 + z, "DECIDED", None),
    ],
    ids=str,
)
def test_positive_definite(kernel, answer, degree):
    decision = decide_positive_definite(kernel)
    assert decision.answer is Answer[answer], decision
    assert decision.witness.get("degree") == degree


def test_positive_definiteness_depends_on_the_dimension():
    kernel = z**4 - sp.Rational(9, 10) * z**2
    # Degree 2 on S^{d-1}: 6/(d+4) against 9/10 (times the same factor), positive for d = 2 only.
    assert zonal_coefficient(kernel, 2, 2) > 0 > zonal_coefficient(kernel, 2, 3)
    assert decide_positive_definite(kernel, dimensions=(2,)).holds
    assert decide_positive_definite(kernel, dimensions=(3,)).witness == {"degree": 2, "d": 3}


def test_zonal_coefficients_match_quadrature():
    from scipy.integrate import quad
    from scipy.special import eval_legendre

    for degree in range(4):
        value, _ = quad(lambda t, k=degree: (t**3 + t**2) * eval_legendre(k, t) / 2, -1, 1)
        assert abs(float(zonal_coefficient(z**3 + z**2, degree, 3)) - value) < 1e-12


BIAS = sp.Symbol("exp_bias", positive=True)


@pytest.mark.slow
@pytest.mark.parametrize(
    "kernel",
    [
        sp.log(1 + BIAS * sp.exp(beta * z)) / beta,
        n * sp.log(1 + sp.exp(beta * z) / n) / beta,
        PositivePart(beta * z, 1) ** 2 / (2 * beta),
    ],
    ids=str,
)
def test_kernels_with_parameters_fail_at_numbers(kernel):
    """The coefficient that is named is negative by quadrature, at the numbers that are named."""
    found = decide_positive_definite(kernel)
    assert found.refuted
    at = {s: value for s, value in found.witness.items() if s in kernel.free_symbols}
    assert set(at) == kernel.free_symbols - {z}
    h = sp.lambdify(z, kernel.subs(at).replace(PositivePart, lambda u, p: sp.Max(u, 0) ** p))
    angle = (np.arange(20000) + 0.5) / 20000 * np.pi
    values = np.array([float(h(a)) for a in np.cos(angle)])
    degree, dimension = found.witness["degree"], found.witness["d"]
    assert dimension in (2, 3)
    zonal = eval_legendre(degree, np.cos(angle)) if dimension == 3 else np.cos(degree * angle)
    assert (values * zonal * np.sin(angle) ** (dimension - 2)).mean() < -1e-4


def test_kernels_with_parameters_that_are_definite_at_numbers_stay_open():
    kernel = sp.exp(z) + z**2 - beta * z**2 / 100  # positive definite up to β = 150, and a bit
    assert not decide_positive_definite(kernel).refuted
