"""Integrals that are enclosed, against SciPy's and closed forms; signs of zonal coefficients."""

from __future__ import annotations

import numpy as np
import pytest
import sympy as sp
from scipy.integrate import quad
from scipy.special import eval_gegenbauer
from sympy import Rational, S, pi

from proofs_checks.decide import NoEnclosureError, decide_positive_definite
from proofs_checks.decide.integrals import integral
from theory.positive_part import PositivePart
from theory.symbols import z

HALF = Rational(1, 2)


def fold(u: sp.Expr, power: Rational | int) -> sp.Expr:
    """|u|^power."""
    return PositivePart(u, power) + PositivePart(-u, power)


@pytest.mark.parametrize(
    ("expr", "high", "value"),
    [
        (sp.sqrt(z), S.One, Rational(2, 3)),
        (z ** Rational(3, 2) * sp.exp(z) / sp.exp(z), S.One, Rational(2, 5)),
        (1 / sp.sqrt(1 + z), Rational(3), 2),
        (sp.log(1 + z), S.One, 2 * sp.log(2) - 1),
        (sp.sin(z) ** 2, pi, pi / 2),
        (sp.atan(2 * z), S.One, sp.atan(2) - sp.log(5) / 4),
        (sp.asin(z / 2), S.One, pi / 6 + sp.sqrt(3) - 2),
    ],
    ids=str,
)
def test_integrals_with_a_closed_form(expr: sp.Expr, high: sp.Expr, value: sp.Expr) -> None:
    found = integral(expr, z, [(S.Zero, {}), (high, {})])
    assert found.a <= float(value) + 1e-15 and found.b >= float(value) - 1e-15
    assert float(found.b - found.a) < 1e-9


@pytest.mark.parametrize("expr", [1 / z, sp.sign(z), sp.Abs(z - HALF), sp.atan(z) / (z - HALF)])
def test_there_is_none_of_a_pole_or_what_is_not_analytic(expr: sp.Expr) -> None:
    with pytest.raises(NoEnclosureError):
        integral(expr, z, [(S.Zero, {}), (S.One, {})])


def coefficient(h: sp.Expr, degree: int, dimension: int) -> float:
    """SciPy's mean of h times a Gegenbauer polynomial (Chebyshev's for d = 2)."""
    plain = h.replace(PositivePart, lambda u, p: sp.Max(u, 0) ** sp.nsimplify(p))
    value = sp.lambdify(z, plain, "scipy")
    order = dimension / 2 - 1

    def body(angle: float) -> float:
        c = np.cos(angle)
        zonal = np.cos(degree * angle) if dimension == 2 else eval_gegenbauer(degree, order, c)
        return float(value(c) * zonal * np.sin(angle) ** (dimension - 2))

    return float(quad(body, 0, np.pi, limit=500, epsabs=1e-12)[0])


@pytest.mark.parametrize(
    "h",
    [
        *(fold(z - HALF, 3 * HALF) + 2 * z, PositivePart(z, 2) / 2, PositivePart(z, 3 * HALF)),
        *(fold(z, 3) + 2 * z, fold(z, 5) + z, sp.exp(z) + PositivePart(z, 2)),
        *(PositivePart(z + sp.sqrt(2) / 2, 2), sp.tanh(z), z + sp.atan(3 * z), sp.asinh(z)),
    ],
    ids=str,
)
def test_a_negative_coefficient_refutes(h: sp.Expr) -> None:
    """Kernels with folds fall late: |z|^5 + z at degree 8."""
    found = decide_positive_definite(h)
    assert found.refuted
    assert coefficient(h, found.witness["degree"], found.witness["d"]) < -1e-7


@pytest.mark.parametrize(
    "h",
    [
        sp.asin(z / 2),
        sp.sqrt(2 - z**2) + z * (pi - sp.acos(z / sp.sqrt(2))),
        fold(z, 4) + z,
    ],
    ids=str,
)
def test_what_has_no_negative_one_in_reach_is_not_refuted(h: sp.Expr) -> None:
    assert not decide_positive_definite(h).refuted
    assert min(coefficient(h, k, d) for k in range(1, 8) for d in (2, 3, 4)) > -1e-9
