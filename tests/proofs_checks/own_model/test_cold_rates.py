"""Rates at β = 0 of other weights: runs and Jacobians by numpy, and states of another k."""

from __future__ import annotations

import re
from dataclasses import replace

import numpy as np
import pytest
from scipy.integrate import solve_ivp
from sympy import Abs, DiagMatrix, Expr, Heaviside, Max, Min, Rational, cos, exp, floor

from numerics.compile import compile_model
from proofs_checks import Verdict, check_model
from proofs_checks.discovery import questions
from proofs_checks.own_model.by_witness import WITNESSED
from proofs_checks.proof import Flow
from theory.atoms import Elementwise, Tangent
from theory.models import SA, Model, catalogue
from theory.positive_part import PositivePart
from theory.symbols import X, beta, m, n, t, z

ROW = "Theorem 4.1 rates"
HALF = Rational(1, 2)


def _model(name: str) -> Model:
    model = catalogue(name)
    assert isinstance(model, Model)
    return model


@pytest.mark.parametrize(("name", "given"), [("softmax-off-by-one", {}), ("sink", {"sink": 0.5})])
def test_a_sink_is_sa_at_another_pace(name: str, given: dict[str, float]) -> None:
    """1-γ of a run of orthonormal tokens, and the modes at consensus and of 3 against 1."""
    flow = Flow.of(_model(name), **given)
    rates = questions()[ROW].ask(flow).prediction
    pace = float(rates.relative.subs(n, 4))
    field = compile_model(_model(name), beta=0.0, **given)

    def move(_: float, state: np.ndarray) -> np.ndarray:
        return np.asarray(field.unchecked(state.reshape(4, 4))).ravel()

    run = solve_ivp(move, (0, 1.5), np.eye(4).ravel(), rtol=1e-9, atol=1e-12)
    end = run.y[:, -1].reshape(4, 4)
    assert np.isclose(1 - end[0] @ end[1], 4 / (np.exp(2 * pace * 1.5) + 3), atol=1e-7)
    for groups, rates in (([1, 1, 1, 1], [-pace]), ([1, 1, 1, -1], [pace, -pace / 2])):
        start = np.array(groups, dtype=float)[:, None] * np.eye(4)[0]
        steps = []
        for i in range(4):
            shift = np.zeros((4, 4))
            shift[i, 1] = 1e-6
            moved = np.asarray(field.unchecked(start + shift))
            steps.append(moved[:, 1] / 1e-6)
        found = np.linalg.eigvals(np.array(steps).T).real
        assert all(np.abs(found - rate).min() < 1e-5 for rate in rates)


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("pre-LN", "k = 1 of <x_1,x_2>"),
        ("nGPT", "alpha = "),
        ("CoD", "but 0.5 of <x_1,x_2>"),
        ("causal", "k = 0.75 of <x_1,x_2>"),
        ("window", "but 0 of <x_1,x_4>"),
    ],
)
def test_speeds_clocks_and_labels_have_no_one_pace(name: str, words: str) -> None:
    found = WITNESSED[ROW].ask(Flow.of(_model(name)))
    assert found.verdict is Verdict.REFUTED and words in found.detail, found.detail


@pytest.mark.slow
def test_what_has_a_pace_is_not_refuted_and_what_has_none_at_0_says_nothing() -> None:
    for name in ("RoPE", "Sinkhorn", "positive features", "sigmoid", "USA"):
        assert WITNESSED[ROW].ask(Flow.of(_model(name))).verdict is not Verdict.REFUTED, name
    sink = _model("sink")
    waves = replace(sink, velocity=Tangent(X, cos(t) * sink.velocity.field))
    assert WITNESSED[ROW].ask(Flow.of(waves)).verdict is Verdict.REFUTED
    empty = check_model(_model("moving masses"), only=ROW)[ROW]
    assert empty.verdict is Verdict.VACUOUS and "β = 0" in empty.detail


@pytest.mark.parametrize(
    "weight",
    [PositivePart(z - Rational(9, 10), 1), PositivePart(HALF - z, 1), 1 - z, (z - HALF) ** 2],
    ids=str,
)
def test_weights_that_are_0_somewhere_have_no_one_pace(weight: Expr) -> None:
    """The first is 0 up to γ = 9/10; two k that are found are those of γ' at two angles."""
    field = Elementwise(weight * exp(beta * z), X * X.T) * DiagMatrix(m) * X
    model = Model("k", Tangent(X, field), parameters=(beta,))
    found = check_model(model, only=ROW)[ROW]
    assert found.verdict is Verdict.REFUTED
    said = [float(one) for one in re.findall(r"k = ([\d.]+)|but ([\d.]+)", found.detail)[0] if one]
    angles = [0.0, 8 / 9, 1 - (1 / 41) ** 2]
    assert any(np.isclose(said[0], float(weight.subs(z, a)), atol=1e-6) for a in angles)


@pytest.mark.parametrize(
    "pace", [Max(0, t - 1), Max(0, 1 - t), Min(1, t), floor(t), Heaviside(t - 1), Abs(t - 1)]
)
def test_paces_with_folds_and_steps_are_no_one_pace(pace: Expr) -> None:
    moved = replace(SA, name="paced", velocity=Tangent(X, pace * SA.velocity.field))
    found = check_model(moved, only=ROW)[ROW]
    assert found.verdict is Verdict.REFUTED and "t = 3" in found.detail
