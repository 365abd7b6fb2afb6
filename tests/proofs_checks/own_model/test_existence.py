"""Remark 3.1 of any model: Lipschitz on a compact state, or lengths that vanish; beside numbers."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from sympy import DiagMatrix, Piecewise, Rational, exp, sqrt, tan

from numerics.compile import compile_model
from proofs_checks import Verdict, check_model
from proofs_checks.own_model.existence import EXISTENCE, rough
from proofs_checks.proof import Flow
from theory.atoms import Elementwise, RowSoftmax, Sinkhorn, Tangent
from theory.models import MOVING_MASSES, Model, catalogue
from theory.positive_part import PositivePart
from theory.symbols import X, alpha, beta, m, t, z

ROW = "Remark 3.1"


def asked(model, **given):
    return check_model(catalogue(model) if isinstance(model, str) else model, only=ROW, **given)[
        ROW
    ]


@pytest.mark.parametrize(
    "name",
    [
        *("ALiBi", "RoPE", "causal", "strictly causal", "window", "bipartite", "graph", "sink"),
        *("sigmoid", "cross-attention", "encoder-decoder", "ReLU", "positive features", "Sinkhorn"),
        *(pytest.param(name, marks=pytest.mark.slow) for name in ("CoD", "moving masses")),
    ],
)
def test_a_lipschitz_velocity_on_a_compact_state_lasts(name):
    evidence = asked(name)
    assert evidence.verdict is Verdict.PROVED and evidence.sheet.holds
    assert "Lipschitz on a compact state" in evidence.sentence


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("pre-LN", "m = (1, 2e^(2β)): X' = 0, r_1' = -1/3"),
        ("peri-LN", "m = (1, 2e^(2β)): X' = 0, r_1' = -1:"),
        ("mix-LN", "r_1' = -1/3 from t = tau on, 0 before"),
        ("causal + pre-LN", "m = (2e^(2β), 1): X' = 0, r_2' = -1/3"),
        ("nGPT", "m = (1, e^(2β)): the velocity has no value there"),
    ],
)
def test_opposite_tokens_pull_a_length_down(name, said):
    evidence = asked(name)
    assert evidence.verdict is Verdict.REFUTED and said in evidence.detail


@pytest.mark.parametrize("hot", [0.5, 2.0])
def test_the_rate_of_a_length_is_that_of_the_compiled_model(hot):
    field = compile_model(catalogue("pre-LN"), beta=hot)
    masses = np.array([1, 2 * np.exp(2 * hot)])
    lengths = np.array([[0.3], [2.0]])
    state = {"X": np.array([[1.0, 0], [-1, 0]]), "r": lengths}
    rates = replace(field, masses=masses).unchecked(state)
    assert np.allclose(rates["X"], 0) and np.isclose(np.ravel(rates["r"])[0], -1 / 3)
    assert "r_1' = -1/3" in asked("pre-LN", beta=hot).detail


TWINS = {
    "a clock with a pole": Tangent(X, tan(t) * RowSoftmax(beta * X * X.T, m) * X),
    "a clock that ends": Tangent(X, RowSoftmax(beta * X * X.T, m) * X / (1 - t)),
    "a jump in time": Tangent(
        X, Piecewise((1, t < 1), (2, True)) * RowSoftmax(beta * X * X.T, m) * X
    ),
    "a kernel that is too steep": Tangent(
        X, Elementwise(sqrt(abs(z)), X * X.T) * DiagMatrix(m) * X
    ),
    "a step": Tangent(X, Elementwise(PositivePart(z, 0), X * X.T) * DiagMatrix(m) * X),
    "a positive part that is too steep": Tangent(
        X, Elementwise(PositivePart(z, Rational(1, 2)), X * X.T) * DiagMatrix(m) * X
    ),
    "divided by features that may vanish": Tangent(
        X,
        DiagMatrix(Elementwise(PositivePart(z, 1), X) * Elementwise(exp(z), X.T) * m) ** -1
        * X
        * X.T
        * DiagMatrix(m)
        * X,
    ),
    "unequal shares of moving lengths": Tangent(X, Sinkhorn(X * X.T, m * beta) * X),
    "divided by its sum, which may be 0": Tangent(
        X, DiagMatrix(Elementwise(1 / z, X * X.T * m)) * X * X.T * DiagMatrix(m) * X
    ),
}


@pytest.mark.parametrize("twin", TWINS)
def test_what_isnt_smooth_isnt_proved(twin):
    evidence = EXISTENCE.ask(Flow.of(Model(twin, TWINS[twin], parameters=(beta,))))
    assert evidence.verdict is not Verdict.PROVED


def test_masses_whose_sum_moves_dont_stay_on_a_simplex():
    grows = MOVING_MASSES.velocities | {m: alpha * DiagMatrix(m) * m}
    evidence = EXISTENCE.ask(Flow.of(replace(MOVING_MASSES, velocity=grows)))
    assert evidence.verdict is not Verdict.PROVED
    assert "Σ_i m_i' = 0" in evidence.detail


def test_parts_are_named():
    for name in ("SA", "USA", "ReLU", "Sinkhorn"):
        assert rough(catalogue(name).velocity) == ""
    steep = TWINS["a kernel that is too steep"]
    assert rough(steep) == "[sqrt(Abs(z)) at z=X*X.T]"


def test_sinkhorns_weights_are_smooth_also_of_scores_that_are_not_symmetric():
    """I + P is invertible for positive P with rows of sum 1: only 1 has modulus 1."""
    rng = np.random.default_rng(0)
    for _ in range(20):
        plan = np.exp(3 * rng.normal(size=(5, 5)))
        plan /= plan.sum(axis=1, keepdims=True)
        assert np.min(np.abs(1 + np.linalg.eigvals(plan))) > 1e-3


@pytest.mark.slow
def test_remark_3_1_and_the_scope_of_other_rows_are_one_decision():
    """ "existence: not shown" stands in a scope where, and only where, Remark 3.1 isn't proved."""
    for name in ("moving masses", "causal", "nGPT", "pre-LN"):
        report = check_model(catalogue(name), only=[ROW, "(4.2)"])
        shown = report[ROW].verdict is Verdict.PROVED
        assert report["(4.2)"].verdict is Verdict.PROVED
        assert ("existence" in report["(4.2)"].scope) is not shown


def test_equal_tokens_pull_lengths_down_where_velocities_are_turned():
    model = catalogue("LNS with scores")
    back = {symbol: -rate for symbol, rate in model.velocities.items()}
    evidence = asked(replace(model, velocity=back))
    assert evidence.verdict is Verdict.REFUTED
    assert "x_2 = x_1, m = (1, 1): X' = 0, r_1' = -1: a small r_1 falls to 0" in evidence.detail
