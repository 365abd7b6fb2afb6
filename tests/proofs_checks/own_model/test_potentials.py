"""Sinkhorn's weights: bounds at drawn states, by potentials that are iterated here."""

from __future__ import annotations

import numpy as np
import pytest
from sympy import Rational

from numerics.compile import compile_model
from numerics.sphere import random_points
from proofs_checks import check_model
from proofs_checks.own_model.potentials import potentials_of
from proofs_checks.proof import Flow
from proofs_checks.propositions import Subject
from proofs_checks.theorems.chord_rates import chords
from proofs_checks.theorems.chords import APART
from theory.atoms import Sinkhorn, Tangent
from theory.models import SINKHORN, Model, catalogue
from theory.symbols import K, Q, X, alpha, beta, m

UNEVEN = Model(
    "own", Tangent(X, Sinkhorn(beta * X * Q.T * K * X.T, m) * X), parameters=(beta, Q, K)
)


def potentials(points, hot, masses):
    """Iterate p <- (p - log Σ_k m_k e^(S_ik + p_k))/2, of a fixed point with rows of sum 1."""
    scores, p = hot * points @ points.T, np.zeros(len(points))
    for _ in range(4000):
        p = (p - np.log(np.exp(scores + p) @ masses)) / 2
    return p, np.exp(p[:, None] + scores + p) * masses


def rate_of(model):
    """K of D' <= K D, as it is concluded."""
    return chords(Subject.of(model)).says.right / APART


def drawn(rng, size, width=3):
    return random_points(size, width, rng), rng.uniform(0.05, 1, size)


def test_rows_sum_to_one_and_weights_are_above_their_bound():
    rng = np.random.default_rng(0)
    for hot in (0.5, 2.0):
        points, masses = drawn(rng, 4)
        p, weights = potentials(points, hot, masses)
        assert np.allclose(weights.sum(axis=1), 1)
        assert np.ptp(p) <= 2 * hot
        assert np.all(weights >= np.exp(-4 * hot) * masses / masses.sum())
        field = compile_model(SINKHORN, beta=hot, masses=masses)
        pulls = weights @ points
        pulls -= np.sum(pulls * points, axis=1)[:, None] * points
        assert np.allclose(field(points), pulls, atol=1e-7)


def test_chords_grow_more_slowly_than_the_constant():
    rng, hot, fastest = np.random.default_rng(1), 1.0, -np.inf
    constant = float(rate_of(SINKHORN).subs(beta, hot))
    field = compile_model(SINKHORN, beta=hot)
    for noise in (1e-3, 0.05, 0.5) * 20:
        first = random_points(3, 2, rng)
        second = first + noise * rng.standard_normal(first.shape)
        second /= np.linalg.norm(second, axis=1, keepdims=True)
        gap, moves = first - second, field(first) - field(second)
        i = int(np.argmax(np.linalg.norm(gap, axis=1)))
        fastest = max(fastest, gap[i] @ moves[i] / (gap[i] @ gap[i]))
    assert 0.2 < fastest < constant


def test_the_velocity_is_the_gradient_with_potentials_held():
    rng, hot = np.random.default_rng(3), 1.5
    points, masses = drawn(rng, 4)
    p, _ = potentials(points, hot, masses)

    def height(x):
        return np.log(np.exp(hot * points @ x + p) @ masses) / hot

    field = compile_model(SINKHORN, beta=hot, masses=masses)(points)
    for x, moves in zip(points, field, strict=True):
        slope = np.array([(height(x + e) - height(x - e)) / 2e-6 for e in 1e-6 * np.eye(3)])
        assert np.allclose(slope - (slope @ x) * x, moves, atol=1e-6)


@pytest.mark.parametrize("row", ["(4.4)", "(4.5)", "(3.7)", "(2.5)", "Lipschitz bound"])
def test_rows(row):
    evidence = check_model(SINKHORN, only=row)[row]
    assert evidence.word == "PROVED" and evidence.sheet.holds


@pytest.mark.slow
def test_rows_that_follow():
    report = check_model(SINKHORN, only=["(6.11)", "Remark 6.5"])
    assert [row.evidence.word for row in report.rows] == ["PROVED"] * 2
    assert "e^(-t h e^(-4 β))" in report["Remark 6.5"].sentence


def test_a_factor_and_a_heat_are_the_models_own():
    model = Model("own", Tangent(X, alpha * Sinkhorn(2 * beta * X * X.T, m) * X),
                  parameters=(alpha, beta))  # fmt: skip
    at = {alpha: 3, beta: Rational(1, 2)}
    assert abs(float(rate_of(model).subs(at)) - 3 * (4 + 2 * np.exp(4))) < 1e-9


@pytest.mark.parametrize("model", [UNEVEN, catalogue("SA"), catalogue("RoPE")])
def test_other_weights_have_no_potentials(model):
    assert potentials_of(Flow.of(model)) is None


def test_uneven_scores_are_left_alone():
    """One potential doesn't make rows and columns of uneven scores stochastic."""
    for row in ("(2.5)", "Remark 6.5", "(3.7)"):
        assert check_model(UNEVEN, only=row)[row].word != "PROVED"
