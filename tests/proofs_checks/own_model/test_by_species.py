"""Tokens beside a second species: the states that refute rows, against numpy, and their twins."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from proofs_checks import Verdict, check_model
from proofs_checks.claim import Budget
from proofs_checks.own_model.by_species import kept_apart, pulled_apart, rests
from proofs_checks.proof import Flow
from theory.atoms import Tangent
from theory.models import Model, catalogue
from theory.symbols import X

CROSS, CODER = catalogue("cross-attention"), catalogue("encoder-decoder")
ROWS = ["(4.2)", "Theorem 4.1", "Theorem 6.1", "energy ascent", "dissipation identity"]


def budget() -> Budget:
    return Budget(1, np.random.default_rng(0))


def _softmax(scores: Any) -> Any:
    weights = np.exp(scores)
    return weights / weights.sum(axis=1, keepdims=True)


def _velocity(x: Any, y: Any, heat: float, own: bool = False) -> Any:
    pull = _softmax(heat * x @ y.T) @ y + (_softmax(heat * x @ x.T) @ x if own else 0.0)
    return pull - (pull * x).sum(axis=1, keepdims=True) * x


@pytest.mark.parametrize(("model", "own"), [(CROSS, False), (CODER, True)])
def test_a_second_species_pulls_tokens_apart(model: Model, own: bool) -> None:
    x, y = np.array([[0.8, 0.6], [0.8, -0.6]]), np.array([[0.0, 1], [0, -1]])
    v = _velocity(x, y, 2.0, own)
    rate = v[0] @ x[1] + v[1] @ x[0]
    assert rate == pytest.approx(-0.9274 if own else -1.2805, abs=1e-4)
    found = pulled_apart(Flow.of(model), None, budget())
    assert found is not None and f"d<x_1,x_2>/dt = {rate:.6g}" in found.text


def test_caps_keep_their_tokens() -> None:
    """Whatever d, masses of tokens and keys near w, -w; and a run from such a start."""
    rng = np.random.default_rng(3)
    for dim in (2, 3, 5):
        y = np.zeros((2, dim))
        y[:, 0] = 1, -1
        y += rng.normal(scale=0.01, size=y.shape)
        y /= np.linalg.norm(y, axis=1, keepdims=True)
        x = rng.normal(size=(50, dim))
        x[:, 0] = 0
        x = 0.8 * x / np.linalg.norm(x, axis=1, keepdims=True)
        x[:, 0] = 0.6
        assert _velocity(x, y, 2.0)[:, 0].min() > 0.4
        assert _velocity(-x, y, 2.0)[:, 0].max() < -0.4
    found = kept_apart(Flow.of(CROSS), None, budget())
    assert found is not None and f"{np.tanh(1.2) * 0.64:.6g}" in found.text


def test_twins() -> None:
    """Keys that push, keys that move, β of the other sign, and at β = 0 another question."""
    turned = replace(CROSS, velocity={X: Tangent(X, -CROSS.velocities[X].field)}, energy=None)
    assert kept_apart(Flow.of(turned), None, budget()) is None
    assert kept_apart(Flow.of(CODER), None, budget()) is None
    assert kept_apart(Flow.of(CROSS, beta=-1), None, budget()) is None
    assert pulled_apart(Flow.of(CROSS, beta=-1), None, budget()) is None
    assert kept_apart(Flow.of(CROSS, beta=0), None, budget()) is None
    assert rests(Flow.of(CROSS), None, budget()) is not None
    assert rests(Flow.of(CODER), None, budget()) is None
    assert pulled_apart(Flow.of(catalogue("SA")), None, budget()) is None
    assert pulled_apart(Flow.of(catalogue("pre-LN")), None, budget()) is None


@pytest.mark.slow
def test_rows() -> None:
    report = check_model(CROSS, only=ROWS)
    refuted = {row.name for row in report.rows if row.evidence.verdict is Verdict.REFUTED}
    proved = {row.name for row in report.rows if row.evidence.verdict is Verdict.PROVED}
    assert refuted == {"(4.2)", "Theorem 4.1", "Theorem 6.1"}
    assert proved == {"energy ascent", "dissipation identity"}
    assert "whatever the keys" in report["Theorem 6.1"].sentence
    assert report["energy ascent"].detail.startswith("for every Y, which stays")
    coder = check_model(CODER, only=["(4.2)", "Theorem 6.1", "energy ascent"])
    words = [row.evidence.verdict for row in coder.rows if row.name != "(4.2)"]
    assert Verdict.REFUTED not in words and Verdict.PROVED not in words
    assert coder["(4.2)"].verdict is Verdict.REFUTED
