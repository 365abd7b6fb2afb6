"""Tokens beside a second species: the states that refute rows, against numpy, and their twins."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from typing import Any

import numpy as np
import pytest

from proofs_checks import Verdict, check_model
from proofs_checks.claim import Budget
from proofs_checks.own_model.by_species import (
    OF_KEYS,
    energy_falls,
    kept_apart,
    keys_divide,
    keys_drag,
    keys_part,
    one_pulls,
    others_rest,
    pulled_apart,
    rests,
    two_sums,
)
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


@pytest.mark.parametrize("heat", [0.05, 0.5, 2.0, 9.0])
def test_keys_of_a_hemisphere_part_tokens(heat: float) -> None:
    """At the edge of a cap every token of any d moves outward, keys and tokens about e_2."""
    found = keys_part(Flow.of(CROSS, beta=heat), None, budget())
    assert found is not None
    a, c = (float(Fraction(v)) for v in found.text[len("keys (±") :].split(")")[0].split(", "))
    rng = np.random.default_rng(4)
    for dim in (2, 3, 5):
        y = np.zeros((2, dim))
        y[:, 0], y[:, 1] = (a, -a), c
        x = rng.normal(size=(60, dim))
        x[:, 0] = 0
        x = 0.8 * x / np.linalg.norm(x, axis=1, keepdims=True)
        x[:, 0] = 0.6
        x[0, 1:] = [0.8] + [0] * (dim - 2)  # the worst
        rates = _velocity(x, y, heat)[:, 0]
        assert rates.min() > 0 and rates.min() == pytest.approx(rates[0])
        assert f"by {rates[0]:.4g}"[:8] in found.text


def test_keys_divide_at_every_heat() -> None:
    """<x,w>' = tanh(β <x,w>) (1-<x,w>²) for keys w, -w; and keys that drag as slowly as asked."""
    rng = np.random.default_rng(5)
    x = rng.normal(size=(9, 3))
    x /= np.linalg.norm(x, axis=1, keepdims=True)
    rates = _velocity(x, np.array([[1.0, 0, 0], [-1, 0, 0]]), 0.3)[:, 0]
    assert rates == pytest.approx(np.tanh(0.3 * x[:, 0]) * (1 - x[:, 0] ** 2))
    assert keys_divide(Flow.of(CROSS, beta=1), None, budget()) is not None
    near = np.array([[0.01, 0, np.sqrt(1 - 1e-4)], [0.01, 0, -np.sqrt(1 - 1e-4)]])
    drag = _velocity(np.array([[0.6, 0.8, 0]]), near, 2.0)[0]
    assert drag == pytest.approx([0.0064, -0.0048, 0])
    assert keys_drag(Flow.of(CROSS), None, budget()) is not None


def test_states_of_encoder_decoder() -> None:
    x = np.eye(3)[:2]
    v = _velocity(x, np.eye(3)[2:], 2.0, own=True)[0]
    assert v == pytest.approx([0, 1 / (np.e**2 + 1), 1])
    assert two_sums(Flow.of(CODER), None, budget()) is not None
    assert two_sums(Flow.of(CROSS), None, budget()) is None
    assert two_sums(Flow.of(CODER, beta=0), None, budget()) is None
    found = others_rest(Flow.of(CODER), None, budget())
    assert found is not None and found.text.startswith("tokens of Y at (4/5, 3/5)")
    for model in (CROSS, CODER):
        assert one_pulls(Flow.of(model), None, budget()) is not None
    assert energy_falls(Flow.of(CODER), None, budget()) is not None
    assert energy_falls(Flow.of(CROSS), None, budget()) is None  # it has an energy of its own


def test_keys_that_say_nothing() -> None:
    """Keys that move, β <= 0, models of one species."""
    for model in (CODER, catalogue("SA"), catalogue("pre-LN"), catalogue("moving masses")):
        for refute in (keys_part, keys_divide, keys_drag):
            assert refute(Flow.of(model), None, budget()) is None
    for heat in (0, -1):
        for refute in (keys_part, keys_divide):
            assert refute(Flow.of(CROSS, beta=heat), None, budget()) is None
    assert one_pulls(Flow.of(catalogue("SA")), None, budget()) is None


@pytest.mark.slow
def test_rows_of_keys() -> None:
    rows = list(OF_KEYS)
    report = check_model(CROSS, only=rows)
    refuted = {row.name for row in report.rows if row.evidence.verdict is Verdict.REFUTED}
    assert refuted == set(rows) - {"(3.3)", "energy ascent"}
    coder = check_model(CODER, only=rows)
    refuted = {row.name for row in coder.rows if row.evidence.verdict is Verdict.REFUTED}
    assert refuted == {"(3.3)", "(4.1)", "(6.3)", "energy ascent"}


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
    assert coder["Theorem 6.1"].verdict not in (Verdict.REFUTED, Verdict.PROVED)
    assert coder["(4.2)"].verdict is coder["energy ascent"].verdict is Verdict.REFUTED
    assert coder["energy ascent"].detail.startswith("E of SA rises with <x_1,x_2>")
