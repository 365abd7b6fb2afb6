"""Regular simplices that attract: against eigenvalues and runs by numpy, and rows on free Q, K."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from sympy import Identity, Integer, MatAdd, Symbol

from numerics.compile import compile_model
from proofs_checks import check_model
from proofs_checks.claim import Budget, Verdict
from proofs_checks.own_model.simplex_attracts import OF_SCORES, simplex_attracts, with_scores
from proofs_checks.proof import Flow
from theory.atoms import Elementwise
from theory.models import QK_SA, QK_USA, QKV, SA, SYMMETRIC_QKV, USA, Model, catalogue
from theory.symbols import V, X, d, t


def simplex(dimension: int) -> np.ndarray:
    """Rows of d + 1 unit vectors at inner products -1/d."""
    gram = (1 + 1 / dimension) * np.eye(dimension + 1) - 1 / dimension
    values, vectors = np.linalg.eigh(gram)
    return (vectors * np.sqrt(np.maximum(values, 0)))[:, 1:]


def slope(model: Model, points: np.ndarray, **given: Any) -> np.ndarray:
    """Real parts of the eigenvalues of the velocity along tangents, by differences."""
    field = compile_model(model, **given)
    size = points.size
    columns = []
    for k in range(size):
        moved = np.zeros(size)
        moved[k] = 1e-6
        ends = []
        for sign in (1, -1):
            x = points + sign * moved.reshape(points.shape)
            ends.append(field(x / np.linalg.norm(x, axis=1, keepdims=True)))
        columns.append((ends[0] - ends[1]).ravel() / 2e-6)
    return np.sort(np.linalg.eigvals(np.array(columns).T).real)


@pytest.mark.parametrize("dimension", [2, 3, 4, 5])
@pytest.mark.parametrize("model", [SA, USA], ids=["SA", "USA"])
def test_the_threshold_is_that_of_the_eigenvalues(dimension: int, model: Model) -> None:
    """Above it there is an eigenvalue > 0; below it all are < 0 but those of rotations."""
    least = dimension * (dimension - 1) / (dimension + 1)
    still = dimension * (dimension - 1) // 2 + dimension + 1  # rotations, and lengths
    points = simplex(dimension)
    assert np.allclose(
        points @ points.T - np.eye(dimension + 1) * (1 + 1 / dimension), -1 / dimension
    )
    for heat, attracts in ((-0.9 * least, False), (-1.1 * least, True)):
        rates = slope(model, points, beta=heat)
        assert (rates[-1] > 1e-3) == (not attracts)
        if attracts:
            assert (rates < -1e-3).sum() == points.size - still
        budget = Budget(1, np.random.default_rng(0))
        found = simplex_attracts(Flow.of(model, beta=heat), None, budget, dimension)
        assert (found is not None) == attracts


c = Symbol("c", positive=True)
FREE = {
    "QK-SA": (QK_SA, {}),
    "QK-USA": (QK_USA, {}),
    "beta = 1/3": (QK_SA, {"beta": 1 / 3}),
    "V = 2I": (QKV, {"V": 2 * np.eye(2)}),
    "V = cI": (QKV.subs({V: c * Identity(d)}), {}),
}


@pytest.mark.slow
@pytest.mark.parametrize("name", FREE)
def test_rows_on_almost_every_start_fail_for_some_queries_and_keys(name: str) -> None:
    model, given = FREE[name]
    report = check_model(model, only=list(OF_SCORES), **given)
    for row in OF_SCORES:
        evidence = report[row]
        assert evidence.verdict is Verdict.REFUTED, (row, evidence.detail)
        assert evidence.detail.startswith("Q = ") and "K = I" in evidence.detail


@pytest.mark.parametrize("dimension", [2, 3])
def test_the_witness_is_of_the_compiled_model(dimension: int) -> None:
    """At Q = -(d/β) I, K = I tokens near the simplex come back to one, along Euler steps."""
    beta = 0.7
    matrices = {"Q": -dimension / beta * np.eye(dimension), "K": np.eye(dimension)}
    field = compile_model(QK_SA, beta=beta, **matrices)
    moved = simplex(dimension) + np.random.default_rng(1).normal(
        scale=0.05, size=(dimension + 1, dimension)
    )
    x = moved / np.linalg.norm(moved, axis=1, keepdims=True)
    ends = simplex(dimension) @ simplex(dimension).T
    assert np.abs(x @ x.T - ends).max() > 0.02
    for _ in range(100):
        x = x + 0.2 * field(x)
        x /= np.linalg.norm(x, axis=1, keepdims=True)
    assert np.abs(x @ x.T - ends).max() < 1e-5


def test_where_no_scores_are_free_nothing_is_put() -> None:
    for model, given in (
        (SA, {}),
        (QK_SA, {"Q": np.eye(2), "K": np.eye(2)}),
        (SYMMETRIC_QKV, {}),
        (QK_SA, {"beta": 0}),
        (catalogue("low-rank heads"), {}),
    ):
        assert with_scores(Flow.of(model, **given), -3) is None
    report = check_model(QK_SA, only=list(OF_SCORES), Q=np.eye(2), K=np.eye(2))
    assert Verdict.REFUTED not in {row.evidence.verdict for row in report.rows}
    cold = check_model(QK_SA, only=["circle", "Theorem 6.1"], beta=0)
    assert Verdict.REFUTED not in {row.evidence.verdict for row in cold.rows}


def test_scores_that_are_a_sum_have_none() -> None:
    """A layer with a bias, at a pace: a function of X W + b and no product."""
    block = catalogue("MLP block")
    heads = [one for rate in block.velocities.values() for one in rate.atoms(Elementwise)]
    assert any(isinstance(one.expr, MatAdd) for one in heads)
    paced = {
        symbol: rate.func(X, rate.field / (1 + t)) for symbol, rate in block.velocities.items()
    }
    for model in (block, replace(block, velocity=paced[X])):
        assert with_scores(Flow.of(model), -Integer(3)) is None
