"""Lemma 6.4: twins of our own and independent mathematics."""

from dataclasses import replace

import numpy as np
import pytest
from sympy import Integer, Rational, exp, lambdify

from numerics.compile import compile_model
from proofs_checks.claim import Verdict
from proofs_checks.own_model import check_model
from proofs_checks.paper.section_6.lemma_6_4_cone import LEMMA_6_4
from proofs_checks.proof import CONE, NORM, R0, ByModel, smallest_weight
from theory.atoms import Tangent
from theory.energy import interaction_energy
from theory.models import QK_SA, QK_USA, QKV, gradient_flow
from theory.symbols import X, beta, z

REVERSED = gradient_flow(-2 * interaction_energy(exp(beta * z) / beta), "reversed twice as fast")
SCORED = (CONE.of(QK_SA), CONE.of(QK_USA))
AWAY = replace(QK_USA, name="away", velocity=Tangent(X, -QK_USA.velocity.field))
RISING = gradient_flow(interaction_energy(2 * z + z**2 / 2), "rising")


def test_an_increasing_kernel_without_temperature_clusters(found):
    assert found(replace(LEMMA_6_4, model=RISING)).verdict is Verdict.PROVED
    assert smallest_weight(RISING) == (Integer(1), "")


@pytest.mark.slow
def test_a_slower_rate_is_also_a_bound(found):
    slower = replace(LEMMA_6_4.prediction, plain=R0 * exp(-2 * beta))
    assert found(replace(LEMMA_6_4, prediction=slower)).verdict is Verdict.PROVED


def test_the_detail_states_the_rates_that_were_proved(found):
    slower = replace(LEMMA_6_4.prediction, plain=R0 * exp(-5 * beta))
    detail = found(replace(LEMMA_6_4, prediction=slower)).detail
    assert "D <= D(0) e^(-t h e^(-5 β))" in detail.split("USA: ")[1]


def contraction(weights, points, pole):
    """Rate at which the gnomonic diameter shrinks at first, by differentiating y_i = x_i/s_i."""
    field = weights @ points
    moved = field - np.sum(field * points, axis=1, keepdims=True) * points
    heights = points @ pole
    flat = points / heights[:, None]
    speeds = moved / heights[:, None] - flat * (moved @ pole / heights)[:, None]
    apart = flat[:, None] - flat[None]
    squares = np.sum(apart**2, axis=-1)
    i, j = np.unravel_index(np.argmax(squares), squares.shape)
    return -np.dot(apart[i, j], speeds[i] - speeds[j]) / squares[i, j], heights.min()


@pytest.mark.slow
@pytest.mark.parametrize("model", [QK_SA, QK_USA], ids=lambda model: model.name)
def test_the_diameter_shrinks_at_least_at_the_rate_for_any_queries_and_keys(model):
    rng, least = np.random.default_rng(5), np.inf
    rate = lambdify((R0, beta, NORM), CONE.of(model))
    for case in range(3000):
        size, dimension = rng.integers(2, 6), rng.integers(2, 5)
        points = rng.standard_normal((size, dimension)) * rng.uniform(0.1, 3)
        points[:, -1] = rng.uniform(0.05, 1, size)
        points /= np.linalg.norm(points, axis=1, keepdims=True)
        matrix = rng.standard_normal((dimension, dimension))
        if case % 3 == 0:  # a token that attends to what is far from it
            matrix = -np.outer(points[0], points[rng.integers(size)])
        if case % 3 == 1:
            matrix = -np.eye(dimension)
        hot, masses = rng.uniform(-3, 3), rng.dirichlet(np.full(size, 0.3))
        weights = masses * np.exp(hot * points @ matrix @ points.T)
        if model is QK_SA:
            weights /= weights.sum(axis=1, keepdims=True)
        found, low = contraction(weights, points, np.eye(dimension)[-1])
        said = rate(low, hot, np.linalg.norm(matrix, 2))
        assert found >= said * (1 - 1e-9)
        least = min(least, found / said)
    assert least < 1.3 or model is QK_SA


def test_the_constant_is_sharp_without_the_row_sum():
    # Tokens that attend to what is opposite, all but met: every weight is nearly e^{-|β|}.
    close = np.array([[np.sin(0.01), np.cos(0.01)], [-np.sin(0.01), np.cos(0.01)]])
    weights = np.exp(-3 * close @ close.T) / 2
    found, low = contraction(weights, close, np.array([0.0, 1.0]))
    assert low * np.exp(-3) <= found < 1.001 * np.exp(-3)


MATRIX = np.array([[0.5, 1.0, 0.0], [-1.0, 0.25, 2.0]])


@pytest.mark.slow
@pytest.mark.parametrize("hot", [-1.5, 0.7])
def test_a_model_with_given_matrices_gets_its_own_constant(hot):
    report = check_model(
        QKV, only=["Lemma 6.4", "Theorem 6.3"], beta=hot, Q=MATRIX, K=2 * MATRIX, V=np.eye(3)
    )
    norm = np.linalg.norm(2 * MATRIX.T @ MATRIX, 2)
    for row in report.rows:
        assert row.evidence.verdict is Verdict.PROVED, row.evidence.detail
    said = float(Rational(report["Lemma 6.4"].sentence.rpartition("|Q^T K| <= ")[2]))
    assert norm <= said <= norm * (1 + 1e-6)
    assert "the paper's constants hold too" in report["Lemma 6.4"].detail


def test_other_values_leave_the_hypothesis():
    given = {"beta": 1.0, "Q": np.eye(2), "K": np.eye(2)}
    found = check_model(QKV, only=["Lemma 6.4"], V=np.diag([1.0, 2.0]), **given)["Lemma 6.4"]
    assert found.verdict is Verdict.UNDECIDED and "V = I" in found.detail
    assert check_model(QKV, only=["Lemma 6.4"])["Lemma 6.4"].verdict is Verdict.REFUTED


def test_the_pair_that_stands_by_simulation():
    pair = np.array([[1.0, 1.0], [1.0, -1.0]]) / np.sqrt(2)
    eye = np.eye(2)
    field = compile_model(QKV, beta=np.log(3), Q=eye, K=eye, V=np.diag([1.0, 2.0]))
    assert np.abs(field(pair)).max() < 1e-15
    assert np.abs(compile_model(QKV, beta=np.log(3), Q=eye, K=eye, V=eye)(pair)).max() > 0.1


TWINS = {
    "cone rate e^{3β}": replace(
        LEMMA_6_4, prediction=replace(LEMMA_6_4.prediction, plain=R0 * exp(3 * beta))
    ),
    "cone of the reversed flow": replace(LEMMA_6_4, model=(REVERSED,)),
    "two thirds of the norm": replace(
        LEMMA_6_4,
        prediction=replace(CONE, scored=ByModel(*(e.subs(NORM, 2 * NORM / 3) for e in SCORED))),
    ),
    "queries and keys that repel": replace(LEMMA_6_4, model=(AWAY,)),
}


@pytest.mark.every(5)
@pytest.mark.parametrize("twin", TWINS.values(), ids=TWINS)
def test_a_twin_is_refuted(twin, refuted):
    refuted(twin)
