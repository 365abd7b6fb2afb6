"""(4.2): twins of our own."""

from dataclasses import replace

import numpy as np
import pytest
from sympy import DiagMatrix, Rational, cos, exp

from numerics import compile_model, integrate
from proofs_checks.claim import Verdict
from proofs_checks.own_model import check_model
from proofs_checks.paper.section_4.eq_4_2_least_product import EQUATION_4_2
from theory.atoms import Elementwise, Tangent
from theory.energy import interaction_energy
from theory.models import QK_SA, QKV, SA, USA, Model, gradient_flow
from theory.symbols import X, beta, m, t, z

FALLING = gradient_flow(interaction_energy(-exp(beta * z) / beta), "falling")
TWINS = {
    "(4.2) from -1/2 on": replace(EQUATION_4_2, prediction=Rational(-1, 2)),
    "(4.2) of the falling flow": replace(EQUATION_4_2, model=FALLING),
}


@pytest.mark.every(5)
@pytest.mark.parametrize("twin", TWINS.values(), ids=TWINS)
def test_a_twin_is_refuted(twin, refuted):
    refuted(twin)


def row(model, **given):
    return check_model(model, only="(4.2)", **given)["(4.2)"]


def weighted(kernel):
    """``x_i' = P_i Σ_j m_j k(g_ij) x_j``."""
    field = Elementwise(kernel, X * X.T) * DiagMatrix(m) * X
    return Model(f"k = {kernel}", Tangent(X, field), parameters=())


def paced(factor, model):
    """The same velocity times a factor."""
    return replace(model, name=f"{factor} {model.name}", velocity=factor * model.velocity)


@pytest.mark.slow
@pytest.mark.parametrize("kernel", ["t**3", "(t-1/2)**3", "t**5"])
def test_weights_may_touch_0(kernel):
    assert row(kernel).verdict is Verdict.PROVED
    assert row(kernel, flow="softmax").verdict is Verdict.PROVED


@pytest.mark.parametrize("kernel", ["t**3 - t**2", "-t**3"])
def test_weights_below_0_where_tokens_are_near_part_them(kernel):
    assert row(kernel).verdict is not Verdict.PROVED


@pytest.mark.every(9)
@pytest.mark.parametrize("model", [SA, USA, QK_SA], ids=lambda model: model.name)
@pytest.mark.parametrize("factor", [cos(t), 1 - t, 2 - exp(t)], ids=str)
def test_a_flow_that_runs_backwards_parts_tokens(model, factor):
    found = row(paced(factor, model))
    assert found.verdict is Verdict.REFUTED and "s =" in found.detail


def test_tokens_part_as_the_witness_says():
    assert "t = 7/4" in row(paced(cos(t), SA)).detail
    field = compile_model(paced(cos(t), SA), beta=1.5)
    points = np.array([[1.0, 0.0], [np.cos(0.3), np.sin(0.3)]])
    seen = integrate(field, points, 2.0, [1.7, 1.75, 1.8], rtol=1e-10).points
    products = [float(a @ b) for a, b in seen]
    assert 0 < products[2] < products[1] < products[0] < 1


@pytest.mark.slow
def test_a_weight_that_vanishes_nearby_and_a_schedule_of_one_sign_part_none():
    assert row(paced(cos(t), weighted(z**2 - 1))).verdict is not Verdict.PROVED
    assert row(paced(2 + cos(t), weighted(z**2))).verdict is Verdict.PROVED


def test_any_value_matrix_may_be_minus_the_identity():
    found = row(QKV)
    assert found.verdict is Verdict.REFUTED and "V = -I" in found.detail
    assert row(QK_SA).verdict is Verdict.PROVED
