"""Theorem 4.2: twins of our own and independent mathematics."""

from dataclasses import replace

import numpy as np
import pytest
from sympy import Rational, exp, lambdify, simplify

from numerics import compile_model, integrate
from numerics.sphere import random_points
from proofs_checks.own_model import check_model
from proofs_checks.paper.section_4.theorem_4_2_clustered_in_time import THEOREM_4_2
from proofs_checks.proof import NORM, ByModel
from theory.atoms import Tangent
from theory.models import QK_SA, QK_USA, QKV
from theory.symbols import X, t

SCORED = THEOREM_4_2.prediction.scored
AWAY = replace(QK_SA, name="away", velocity=Tangent(X, -QK_SA.velocity.field))


@pytest.mark.parametrize("model", [QK_SA, QK_USA], ids=lambda model: model.name)
def test_clustered_at_zero_beta_ends_in_consensus_with_queries_and_keys(model):
    rng = np.random.default_rng(4)
    points = np.asarray(random_points(4, 2, rng, 200))
    matrices = {name: rng.standard_normal((3, 2)) for name in "QK"}
    norm = np.linalg.norm(matrices["Q"].T @ matrices["K"], 2)
    hot = float(lambdify((t, NORM), THEOREM_4_2.prediction.hottest.of(model))(1, norm))
    still = integrate(compile_model(model, beta=0.0, **matrices), points, 1.0).points[-1]
    near = (still @ still.swapaxes(-1, -2)).min(axis=(-2, -1)) > 0.75
    assert near.sum() > 10
    for signed in (hot, -hot):
        field = compile_model(model, beta=signed, **matrices)
        one, end = (integrate(field, points[near], time).points[-1] for time in (1.0, 40.0))
        assert (one @ one.swapaxes(-1, -2)).min() > 0.5
        assert (end @ end.swapaxes(-1, -2)).min() > 1 - 1e-9


def test_a_model_with_given_matrices_gets_its_own_temperatures():
    given = {"Q": 2 * np.eye(2), "K": np.array([[0.0, -1.0], [1.0, 0.0]]), "V": np.eye(2)}
    report = check_model(QKV, only=["(4.5)", "Theorem 4.2"], **given)
    assert all(row.evidence.verdict.name == "PROVED" for row in report.rows)
    hottest = report["Theorem 4.2"].prediction.hottest.softmax
    assert simplify(hottest - 1 / (8 * (exp(2 * t) - 1))) == 0  # |Q^T K| = 2
    assert check_model(QKV, only=["Theorem 4.2"])["Theorem 4.2"].verdict.name == "REFUTED"


TWINS = {
    "4.2 kept at 5/8": replace(
        THEOREM_4_2, prediction=replace(THEOREM_4_2.prediction, kept=Rational(5, 8))
    ),
    "4.2 of queries and keys that repel": replace(THEOREM_4_2, model=(AWAY,)),
    "4.2 with the norm squared": replace(
        THEOREM_4_2,
        prediction=replace(
            THEOREM_4_2.prediction,
            scored=ByModel(SCORED.softmax / NORM, SCORED.plain),
        ),
    ),
}


@pytest.mark.every(5)
@pytest.mark.parametrize("twin", TWINS.values(), ids=TWINS)
def test_a_twin_is_refuted(twin, refuted):
    refuted(twin)
