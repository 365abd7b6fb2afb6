"""Positive definiteness: Taylor coefficients, zonal coefficients, dimensions."""

import pytest
import sympy as sp

from proofs_checks.decide import Answer
from proofs_checks.decide.definite import (
    decide_positive_definite,
    positive_taylor,
    zonal_coefficient,
)
from theory.symbols import beta, z


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
