"""Rows that some matrices of heads and neurons refute, beside the compiled model and its twins."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from sympy import Lambda, Max, Symbol, tanh

from numerics.compile import compile_model
from proofs_checks import Verdict, check_model
from proofs_checks.claim import Budget
from proofs_checks.own_model.by_matrices import (
    consensus_moves,
    free_parts,
    moving,
    two_caps,
    unstable,
)
from proofs_checks.proof import Flow
from theory import models
from theory.atoms import RowSoftmax, Tangent
from theory.models import QKV, SA, catalogue
from theory.models.layers import neurons
from theory.symbols import X, beta, m, t, z

MLP, RANKED = catalogue("MLP block"), catalogue("low-rank heads")


def budget():
    return Budget(1, np.random.default_rng(0))


def block(rows, activation):
    """Attention beside a layer of any width and activation."""
    hidden, matrices = neurons(rows, activation)
    return replace(
        MLP,
        name="twin",
        velocity=Tangent(X, SA.velocity.field + hidden),
        parameters=(beta, *matrices),
    )


def _fields(points, put, heat=2.0):
    return compile_model(MLP, beta=heat, **put)(points)


def test_neurons_keep_caps_apart():
    """C = 9 of one neuron a = 5/3 e_1: at ±3/5 tokens move outward, wherever the others are."""
    rng = np.random.default_rng(1)
    found = two_caps(Flow.of(MLP), None, budget())
    assert found is not None and "a_1 = (5/3) e_1, b_1 = 0" in found.text and "C = 9" in found.text
    for dim in (2, 3):
        put = {"w": np.zeros((dim, 1)), "a": np.zeros((1, dim)), "b": np.zeros((1, 1))}
        put["w"][0, 0], put["a"][0, 0] = 9, 5 / 3
        for sign in (1, -1):
            x = rng.normal(size=(40, dim))
            x[0, 0] = 0
            x /= np.linalg.norm(x, axis=1, keepdims=True)
            x[0] *= 0.8
            x[0, 0] = 0.6 * sign
            assert _fields(x, put)[0, 0] * sign > 0


@pytest.mark.parametrize(
    ("activation", "rows", "words"),
    [
        (tanh, 1, "b_1 = 0, w = C (e_1, 0"),
        (Lambda(z, z**2 - 1), 1, "b_1 = 1, w = C"),  # even about 0: a shift is needed
        (Lambda(z, z**2), Symbol("width", integer=True, positive=True), "a_1 = -a_2"),
        (Lambda(z, 1 + 0 * z), 3, None),
    ],
)
def test_other_activations(activation, rows, words):
    found = two_caps(Flow.of(block(rows, activation)), None, budget())
    assert found is None if words is None else words in found.text


def test_consensus_near_which_tokens_part():
    found = unstable(Flow.of(MLP), None, budget())
    assert found is not None and "C = 4" in found.text
    put = {"w": np.array([[4.0], [0], [0]]), "a": np.array([[5 / 3, 0, 0]]), "b": np.zeros((1, 1))}
    near = np.array([[1e-4, 1, 0], [-1e-4, 1, 0]])
    rates = _fields(near / np.linalg.norm(near, axis=1, keepdims=True), put)
    assert (rates[0, 0] - rates[1, 0]) / 2e-4 == pytest.approx(10 / 3 - 1, abs=1e-3)


def test_consensus_that_moves():
    found = consensus_moves("(6.2)", Flow.of(RANKED), None, budget())
    assert found is not None and found.text.startswith("V_1 = ε e_1 e_1^T, V_2 = 0, ε > 0")
    sizes = {"Q_1": (1, 2), "K_1": (1, 2), "Q_2": (2, 2), "K_2": (2, 2)}
    put = {a: np.ones(s) for a, s in sizes.items()} | {
        "V_1": np.diag([0.1, 0]),
        "V_2": np.zeros((2, 2)),
    }
    rate = compile_model(RANKED, beta=1.0, **put)(np.array([[0.6, 0.8]] * 3))
    assert rate == pytest.approx(np.array([[0.06 * 0.64, -0.06 * 0.48]] * 3))
    neuron = {"w": np.array([[0.1], [0]]), "a": np.zeros((1, 2)), "b": np.ones((1, 1))}
    rate = _fields(np.array([[0.6, 0.8]] * 3), neuron)
    assert rate[0] == pytest.approx(0.1 * 0.8413447 * np.array([0.64, -0.48]))


def test_twins_without_free_matrices():
    timed = replace(
        MLP, name="timed", velocity=Tangent(X, t * SA.velocity.field + MLP.velocity.field)
    )
    for model in (SA, models.QK_SA, catalogue("causal"), catalogue("encoder-decoder"), timed):
        assert free_parts(Flow.of(model)) is None and moving(Flow.of(model)) == ""
    given = {"w": np.ones((2, 1)), "a": np.ones((1, 2)), "b": np.ones((1, 1))}
    assert free_parts(Flow.of(MLP, **given)) is None
    assert free_parts(Flow.of(MLP, w=np.ones((2, 1)))) is None
    assert free_parts(Flow.of(QKV, V=np.eye(2))) is None
    assert two_caps(Flow.of(RANKED), None, budget()) is None
    positive = block(1, Lambda(z, Max(z, 0)))
    assert unstable(Flow.of(positive), None, budget()) is None


@pytest.mark.slow
def test_rows():
    rows = ["Lemma 6.4", "(6.2)", "(6.4)", "(6.8)", "Remark 6.5", "(7.1)", "(3.3)"]
    report = check_model(MLP, only=rows)
    assert {row.evidence.verdict for row in report.rows} == {Verdict.REFUTED}
    heads = check_model(RANKED, only=["(3.7)", "(6.7)", "(7.1) continuity"])
    assert {row.evidence.verdict for row in heads.rows} == {Verdict.REFUTED}


def test_two_heads_of_the_identity_weigh_two():
    both = replace(
        MLP,
        name="both",
        velocity=Tangent(X, MLP.velocity.field + 3 * RowSoftmax(-beta * X * X.T, m) * X),
    )
    found = two_caps(Flow.of(both), None, budget())
    assert found is not None and "heads by at most (4/5) 4" in found.text
