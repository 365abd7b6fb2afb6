"""Scores with query and key matrices are read off a velocity, and their least weight holds."""

from __future__ import annotations

import numpy as np
import pytest
from sympy import Abs, Identity, cos, exp

from proofs_checks.proof import NORM, Flow, Outcome, scores_of
from proofs_checks.proof.score_twins import drawn_matrices, twins
from theory.atoms import Tangent
from theory.models import CAUSAL, QK_SA, QK_USA, QKV, SA, SINKHORN, SYMMETRIC_QKV, Model
from theory.symbols import V, X, beta, d, t


def test_which_models_have_scores():
    for model in (SA, CAUSAL, SINKHORN, QKV, SYMMETRIC_QKV):
        assert scores_of(model) is None
    assert scores_of(QK_SA).normalised and not scores_of(QK_USA).normalised
    twice = Model("twice", Tangent(X, 2 * QK_USA.velocity.field), parameters=QK_USA.parameters)
    assert scores_of(twice).scale == 2
    assert scores_of(SYMMETRIC_QKV.subs({V: Identity(d)})) is None
    assert scores_of(QKV.subs({V: Identity(d)})) == scores_of(QK_SA)


def test_the_facts_of_a_flow_with_scores():
    flow = Flow.of(QK_SA)
    assert flow.scores.least(flow.norm) == exp(-2 * Abs(beta) * NORM)
    assert flow.attracts.holds and flow.own_values.holds and flow.value_is_identity.holds is False
    assert flow.cold_scalar.model.name == "SA" and flow.cold_scalar.number() == 0
    assert Flow.of(QK_USA, beta=-3).scores.heat == -3
    assert Flow.of(QK_SA, beta=lambda time: 1 + time).scores is None
    faded = Model("faded", Tangent(X, exp(-t) * QK_SA.velocity.field), parameters=QK_SA.parameters)
    assert Flow.of(faded).scores.scale == 1 and Flow.of(faded).schedule.total == 1
    turned = Model("turned", Tangent(X, -QK_SA.velocity.field), parameters=QK_SA.parameters)
    assert Flow.of(turned).attracts.outcome is not Outcome.HOLDS
    moving = QK_SA.subs({beta: beta * cos(t)})
    assert Flow.of(moving).scores is None


def test_a_value_matrix_that_is_the_identity_is_put():
    flow = Flow.of(QKV, V=np.eye(3), Q=np.ones((2, 3)), K=np.ones((2, 3)))
    assert flow.own_values.holds and "V" not in flow.given and flow.norm == 6
    assert Flow.of(QKV, V=2 * np.eye(3)).own_values.holds
    assert Flow.of(QKV, V=np.diag([1, 1, 2])).own_values.outcome is Outcome.FAILS
    assert Flow.of(QKV, V=lambda time: np.eye(3)).own_values.outcome is Outcome.GAP
    assert Flow.of(SYMMETRIC_QKV, V=np.eye(2)).form == Flow.of(SA).form


@pytest.mark.parametrize("model", [QK_SA, QK_USA], ids=lambda model: model.name)
def test_no_weight_is_below_the_least(model):
    rng, worst = np.random.default_rng(1), np.inf
    for _ in range(300):
        size, dimension = rng.integers(2, 7), rng.integers(1, 5)
        points = rng.standard_normal((size, dimension))
        points /= np.linalg.norm(points, axis=1, keepdims=True)
        drawn, norm = drawn_matrices(model, dimension, rng, opposed=bool(rng.integers(2)))
        hot, masses = rng.uniform(-3, 3), rng.dirichlet(np.full(size, 0.3))
        share = np.exp(hot * (points @ drawn["Q"].T) @ (points @ drawn["K"].T).T)
        if model is QK_SA:
            share /= share @ masses[:, None]
        least = np.exp(-(2 if model is QK_SA else 1) * abs(hot) * norm)
        assert share.min() >= least * (1 - 1e-12)
        worst = min(worst, share.min() / least)
    assert worst < 1.5


def test_members_of_the_family():
    found = list(twins(Flow.of(QK_USA)))
    assert [words for words, *_ in found][:2] == ["Q = I, K = I", "Q = I, K = -I"]
    assert all(flow.form is not None and not flow.normalised for _, flow, *_ in found)
    assert not list(twins(Flow.of(SA))) and not list(twins(Flow.of(QK_SA, Q=np.eye(2))))
