"""(4.4): twins of our own and independent mathematics."""

from dataclasses import replace

import numpy as np
import pytest
from sympy import exp, lambdify

from proofs_checks.own_model import check_model
from proofs_checks.paper.section_4.eq_4_4_deviation import EQUATION_4_4
from proofs_checks.proof import NORM, ByModel
from theory.models import QK_SA, QK_USA, QKV, SA
from theory.symbols import beta, t


def velocity(model, points, hot, matrix):
    """Tangential field with masses 1/n, written out."""
    weights = np.exp(hot * points @ matrix @ points.T)
    total = weights.sum(axis=1, keepdims=True) if model is QK_SA else len(points)
    field = weights @ points / total
    return field - np.sum(field * points, axis=1, keepdims=True) * points


def paths(model, points, hot, matrix, steps=400, time=1.0):
    """Classical Runge-Kutta with projected steps."""
    found, h = [points], time / steps
    for _ in range(steps):
        x = found[-1]
        a = velocity(model, x, hot, matrix)
        b = velocity(model, x + h / 2 * a, hot, matrix)
        c = velocity(model, x + h / 2 * b, hot, matrix)
        e = velocity(model, x + h * c, hot, matrix)
        x = x + h / 6 * (a + 2 * b + 2 * c + e)
        found.append(x / np.linalg.norm(x, axis=1, keepdims=True))
    return np.array(found)


@pytest.mark.parametrize("model", [QK_SA, QK_USA], ids=lambda model: model.name)
def test_the_bound_holds_for_any_queries_and_keys_by_other_steps(model):
    rng = np.random.default_rng(8)
    bound = lambdify((t, beta, NORM), EQUATION_4_4.prediction.of(model))
    for hot in (-0.9, -0.1, 0.3, 1.2):
        points = rng.standard_normal((5, 3))
        points /= np.linalg.norm(points, axis=1, keepdims=True)
        matrix = rng.standard_normal((3, 3)) / 2
        apart = paths(model, points, hot, matrix) - paths(model, points, 0.0, matrix)
        times = np.linspace(0, 1, 401)
        seen = np.linalg.norm(apart, axis=-1).max(axis=-1)
        assert np.all(seen <= bound(times, hot, np.linalg.norm(matrix, 2)) + 1e-9)


@pytest.mark.parametrize("model", [QK_SA, QK_USA], ids=lambda model: model.name)
def test_the_force_is_sharp(model):
    # Many tokens at e and -e, one across that attends to e alone: F^β - F^0 -> β e.
    points = np.array([[0.0, 1.0]] + [[1.0, 0.0], [-1.0, 0.0]] * 500)
    matrix = np.array([[0.0, 0.0], [1.0, 0.0]])
    for hot in (1e-3, -1e-3):
        moved = velocity(model, points, hot, matrix) - velocity(model, points, 0.0, matrix)
        assert np.linalg.norm(moved[0]) > 0.998 * abs(hot)


def test_a_model_with_given_matrices_gets_its_own_bound():
    given = {"Q": np.array([[3.0, 0.0]]), "K": np.array([[0.0, 2.0]]), "V": np.eye(2)}
    found = check_model(QKV, only=["(4.4)"], **given)["(4.4)"]
    assert found.verdict.name == "PROVED" and "|β| |Q^T K|/2" in found.detail
    free = check_model(QKV, only=["(4.4)"])["(4.4)"]
    assert free.verdict.name == "PROVED" and "|V|" in free.sentence + free.detail


TWINS = {
    "(4.4) without its growth": replace(
        EQUATION_4_4, prediction=replace(EQUATION_4_4.prediction, softmax=beta * t / 40)
    ),
    "(4.4) with e^{2t} -> e^t for queries and keys": replace(
        EQUATION_4_4,
        prediction=replace(
            EQUATION_4_4.prediction,
            scored=ByModel(
                *(
                    e.subs(exp(2 * t), exp(t)) / 2
                    for e in map(EQUATION_4_4.prediction.of, (QK_SA, QK_USA))
                )
            ),
        ),
    ),
    "(4.4) of a much hotter SA": replace(EQUATION_4_4, model=SA.subs({beta: 30 * beta})),
}


@pytest.mark.every(5)
@pytest.mark.parametrize("twin", TWINS.values(), ids=TWINS)
def test_a_twin_is_refuted(twin, refuted):
    refuted(twin)
