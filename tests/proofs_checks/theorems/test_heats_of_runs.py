"""(6.1) where the heat of a softmax changes in time, bounded: slopes of a run, and refusals."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from sympy import MatrixSymbol, S, cos, exp, sin, sqrt

from proofs_checks.own_model import check_model
from proofs_checks.propositions import Subject
from proofs_checks.theorems import run_exponent
from theory.atoms import RowSoftmax, Tangent
from theory.models import Model, catalogue
from theory.symbols import X, d, m, t

MIDDLE = MatrixSymbol("B", d, d)


def heated(heat: Any, middle: Any = None) -> Model:
    """Softmax of b(t) <x_i, x_j>, or of b(t) <x_i, B x_j>."""
    scores = heat * X * X.T if middle is None else heat * X * middle * X.T
    parameters = () if middle is None else (middle,)
    return Model("heated", Tangent(X, RowSoftmax(scores, m) * X), parameters=parameters)


@pytest.mark.parametrize("heat", [1 + sin(t), 3 / (1 + t), 2 + exp(-t), -cos(t)], ids=str)
def test_a_bounded_heat_leaves_the_exponent(heat: Any) -> None:
    for model in (heated(heat), heated(heat, MIDDLE)):
        own = run_exponent(Subject.of(model))
        assert own is not None and own.says.then.args[1] == 1


@pytest.mark.parametrize("heat", [t, sqrt(1 + t), exp(t), t * sin(t)], ids=str)
def test_a_heat_without_bounds_is_refused(heat: Any) -> None:
    assert run_exponent(Subject.of(heated(heat))) is None


@pytest.mark.parametrize("name", ["ALiBi", "long context", "ALiBi + pre-LN"])
def test_scores_of_other_forms_are_left_as_they_are(name: str) -> None:
    """Sums with positions, and no scores at exponent 0."""
    subject = Subject.of(catalogue(name))
    assert run_exponent(subject) is not None
    cold = {one: S.Zero for one in subject.free_symbols if str(one) == "exponent"}
    assert run_exponent(Subject.of(catalogue(name), cold)) is not None


@pytest.mark.slow
def test_the_row_of_scores_that_are_scaled_down() -> None:
    found = check_model(catalogue("LNS with scores"), only="(6.1)")["(6.1)"]
    assert found.word == "PROVED" and "1/(√(t + 1) r_i) -> 1" in found.sentence


def test_a_run_has_the_slope() -> None:
    """LNS with scores in log(1 + t), masses 1/3, β = 2: -Δ log D / Δ∫1/(√(1+t) r) -> 1."""
    rng, step, hot = np.random.default_rng(1), 1e-3, 2.0
    x = np.array([1.0, 0, 0]) + 0.3 * rng.standard_normal((3, 3))
    x /= np.linalg.norm(x, axis=1, keepdims=True)
    r, clock, seen = np.ones(3), 0.0, []
    for place in range(14_001):
        time = np.exp(place * step)  # 1 + t
        if place in (10_000, 14_000):
            seen.append((clock, np.log(np.linalg.norm(x - x.mean(axis=0), axis=1).max())))
        weights = np.exp(hot / time * x @ x.T)
        pull = weights / weights.sum(axis=1, keepdims=True) @ x
        along = np.sum(x * pull, axis=1)
        pace = np.sqrt(time) * step  # dt/√(1+t) in the time log(1 + t)
        clock += pace / r[0]
        x = x + (pull - along[:, None] * x) * (pace / r)[:, None]
        x /= np.linalg.norm(x, axis=1, keepdims=True)
        r = r + along * pace
    (first, low), (last, lower) = seen
    assert (low - lower) / (last - first) == pytest.approx(1, abs=0.01)
