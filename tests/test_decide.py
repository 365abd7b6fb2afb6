"""Signs of kernels and positive definiteness: exact answers, intervals, honest UNDECIDED."""

from __future__ import annotations

import numpy as np
import pytest
import sympy as sp
from hypothesis import given, settings
from hypothesis import strategies as st
from mpmath import iv

from proofs_checks.claim import Verdict
from proofs_checks.decide import (
    NoEnclosureError,
    decide_positive,
    decide_positive_definite,
    enclose,
    positive_taylor,
    sign_changes,
    zonal_coefficient,
)
from theory.symbols import beta, z

FUNCTIONS = (
    sp.exp(z), sp.log(2 + z), sp.sin(3 * z), sp.cos(z), sp.tan(z), sp.sinh(z), sp.cosh(2 * z),
    sp.tanh(z), sp.asin(z / 2), sp.acos(z / 2), sp.atan(3 * z), sp.asinh(z), sp.atanh(z / 2),
    sp.sqrt(2 + z), (2 + z) ** sp.Rational(-3, 2), 1 / (3 - z), z**3 - z / 3, sp.Abs(z),
    (2 + z) ** sp.pi, sp.Float(0.1) * z,
)  # fmt: skip


@pytest.mark.parametrize("function", FUNCTIONS, ids=str)
def test_enclosures_hold_every_sample(function):
    numeric = sp.lambdify(z, function, "mpmath")
    for a, b in ((-1, 1), (-0.5, 0.25), (0, 0.125)):
        box = enclose(function, {z: iv.mpf([a, b])})
        for at in np.linspace(a, b, 21):
            assert float(box.a) - 1e-15 <= numeric(at) <= float(box.b) + 1e-15


@pytest.mark.parametrize("function", [1 / z, sp.log(z), sp.gamma(2 + z), sp.sqrt(z)], ids=str)
def test_no_enclosure_is_an_error(function):
    with pytest.raises(NoEnclosureError, match="Expected"):
        enclose(function, {z: iv.mpf([-1, 1])})


@pytest.mark.parametrize(
    ("expr", "closed", "verdict"),
    [
        (z**2 + 1, (True, True), "PROVED"),
        (2 * (1 + z), (False, True), "PROVED"),
        (2 * (1 + z), (True, True), "REFUTED"),
        (3 * z**2, (True, True), "REFUTED"),
        (1 / (2 + z), (True, True), "PROVED"),
        (sp.exp(beta * z) * (1 - z), (True, False), "PROVED"),
        (3 * z**2 + beta, (True, True), "PROVED"),
        (sp.sinh(beta * z), (True, True), "REFUTED"),
        (sp.log(3) - sp.log(2 + z), (True, False), "CERTIFIED"),
        (sp.cos(z), (True, True), "CERTIFIED"),
        (z**2 - sp.Rational(1, 3) * z + sp.Rational(1, 36), (True, True), "REFUTED"),
        ((z - sp.sqrt(2) / 3) ** 2, (True, True), "UNDECIDED"),
        (sp.S.Zero, (True, True), "REFUTED"),
    ],
    ids=str,
)
def test_signs(expr, closed, verdict):
    decision = decide_positive(expr, closed=closed)
    assert decision.verdict is Verdict[verdict], decision
    if decision.refuted:
        value = expr.subs(z, decision.witness["z"])
        value = value.subs(beta, decision.witness.get("beta", 1))
        assert sp.simplify(value) <= 0


def test_a_root_between_all_samples_is_found():
    root = sp.Rational(1234567, 9999999)
    expr = (z - root) ** 2
    assert decide_positive(expr).witness["z"] == root
    assert decide_positive(expr, strict=False).holds
    narrow = (z - root) * (z - root - sp.Rational(1, 10**6))
    witness = decide_positive(narrow, strict=False).witness["z"]
    assert narrow.subs(z, witness) < 0


def test_the_scope_says_which_parameters():
    proved = decide_positive(sp.exp(beta * z))
    assert proved.scope == {"beta": "> 0"}
    boxed = decide_positive(sp.exp(beta) - sp.exp(beta * z), closed=(True, False))
    assert boxed.verdict is Verdict.CERTIFIED and boxed.scope == {"beta": "[1/4, 4]"}


def test_floats_are_read_as_the_rationals_they_print():
    assert decide_positive(0.1 * z - 0.1, strict=True).refuted
    assert decide_positive(z + 1.5).verdict is Verdict.PROVED


@given(st.lists(st.integers(-4, 4), min_size=1, max_size=6))
@settings(max_examples=40, deadline=None)
def test_polynomial_signs_agree_with_a_fine_grid(coefficients):
    expr = sum((c * z**p for p, c in enumerate(coefficients)), sp.S.Zero)
    decision = decide_positive(expr)
    lowest = np.polyval(coefficients[::-1], np.linspace(-1, 1, 2001)).min()
    if decision.verdict is Verdict.PROVED:
        assert lowest > 0
    else:
        assert decision.refuted
        assert expr.subs(z, decision.witness["z"]) <= 0


def test_sign_changes():
    assert sign_changes(z**3 - z / 4) == (-sp.Rational(1, 2), 0, sp.Rational(1, 2))
    assert sign_changes(z**2 * (z - sp.Rational(1, 3))) == (sp.Rational(1, 3),)
    (root,) = sign_changes(z * sp.cosh(z) - sp.cosh(z) / 3)
    assert abs(root - 1 / 3) < 1e-12
    assert sign_changes(beta * z) is None


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
    ("kernel", "verdict", "degree"),
    [
        (sp.exp(beta * z) / beta, "PROVED", None),
        (z**3, "PROVED", None),
        (sp.log(2 + z), "REFUTED", 2),
        (-sp.exp(z), "REFUTED", 1),
        (sp.sin(z), "REFUTED", 3),
        (z - z**2, "REFUTED", 2),
        (z**4 - z**2 / 2 + z, "PROVED", None),
    ],
    ids=str,
)
def test_positive_definite(kernel, verdict, degree):
    decision = decide_positive_definite(kernel)
    assert decision.verdict is Verdict[verdict], decision
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
