"""States that refute a row: against numpy, and of models where the row holds there is none."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from sympy import S, cos, exp

from proofs_checks import check_model
from proofs_checks.claim import Budget, Verdict
from proofs_checks.own_model.by_witness import (
    WITNESSED,
    energy_falls,
    other_than_cold,
    other_than_potential,
    rests_apart,
)
from proofs_checks.proof import Flow
from theory.atoms import Tangent
from theory.models import SA, Model, catalogue
from theory.symbols import X, t


def _budget() -> Budget:
    return Budget(1, np.random.default_rng(0))


def _flow(name: str, **given: Any) -> Flow:
    model = catalogue(name)
    assert isinstance(model, Model)
    return Flow.of(model, **given)


OPPOSED = np.array([[0.0, 1], [1, 0], [0, -1], [0, -1], [0, -1], [0, -1]])


@pytest.mark.parametrize("before", [0, -1])
def test_under_causal_sight_the_energy_falls(before: int) -> None:
    """36 E' of x = (e2, e1, -e2 four times), -0.0824 at β = 9/4 under causal sight, by numpy."""
    rates = []
    for heat in (0.1, 1.0, 2.25, 5.0):
        w = np.tri(6, k=before) * np.exp(heat * OPPOSED @ OPPOSED.T)
        z = w.sum(axis=1, keepdims=True)
        pull = np.divide(w, z, out=np.zeros_like(w), where=z > 0) @ OPPOSED
        move = pull - (pull * OPPOSED).sum(axis=1, keepdims=True) * OPPOSED
        rates.append((np.exp(heat * OPPOSED @ OPPOSED.T) @ OPPOSED * move).sum())
    assert max(rates) < 0
    name = "strictly causal" if before else "causal"
    found = WITNESSED["energy ascent"].ask(_flow(name, beta=2.25))
    assert "X = [0 1; 1 0; 0 -1; 0 -1; 0 -1; 0 -1]" in found.detail
    assert float(found.detail.split()[2]) == pytest.approx(rates[2] / 36, rel=1e-5)
    if not before:
        assert rates[2] == pytest.approx(-0.0824, abs=1e-4)


@pytest.mark.parametrize("ask", [energy_falls, other_than_potential, other_than_cold])
def test_no_state_refutes_what_holds(ask: Any) -> None:
    bare = Flow.of(replace(SA, name="bare", energy=None, metric=None))
    assert ask(bare, None, _budget()) is None
    if ask is other_than_cold:
        for name in ("sink", "sigmoid", "positive features"):
            assert ask(_flow(name), None, _budget()) is None


def test_speeds_are_seen_at_other_lengths() -> None:
    """Of pre-LN the velocity at lengths 1, 2, 4 is the gradient over r_i: (3.7) and (4.1)."""
    found = other_than_potential(_flow("pre-LN"), None, _budget())
    assert found is not None and "r = [1; 2; 4]" in found.text
    cold = other_than_cold(_flow("pre-LN"), None, _budget())
    assert cold is not None and "k = 1.33333" in cold.text and "but 0.666667" in cold.text


@pytest.mark.slow
def test_rows() -> None:
    for name in ("causal", "RoPE", "causal + pre-LN"):
        found = check_model(catalogue(name), only="energy ascent")
        assert found["energy ascent"].verdict is Verdict.REFUTED, name
        assert found.rows[0].statement.startswith("E never falls; E = Σ_j Σ_k m_j m_k"), name
    for name in ("peri-LN", "nGPT", "window"):  # a window hides the fourth token from the first
        assert check_model(catalogue(name), only="(4.1)")["(4.1)"].verdict is Verdict.REFUTED
    assert check_model(catalogue("causal"), only="(3.7)")["(3.7)"].verdict is None


SIGHT = {
    "causal": lambda i, j: j <= i,
    "strictly causal": lambda i, j: j < i,
    "window": lambda i, j: abs(i - j) <= 2,
    "bipartite": lambda i, j: (i < 2) != (j < 2),
    "causal + pre-LN": lambda i, j: j <= i,
}


@pytest.mark.parametrize("name", SIGHT)
def test_a_lowest_token_that_sees_only_its_equals_rests(name: str) -> None:
    """(6.3) under a mask, by numpy: its height stays, and no token falls."""
    found = rests_apart(_flow(name), None, _budget())
    assert found is not None
    words = found.text.replace(",", "").split()
    size = int(words[2])
    low = [int(word[2:]) - 1 for word in words[: words.index("others")] if word[:2] == "x_"]
    x = np.array([[0.8, 0.6] if k in low else [1.0, 0.0] for k in range(size)])
    assert 0 < len(low) < size
    seen = np.array([[float(SIGHT[name](i, j)) for j in range(size)] for i in range(size)])
    p = seen * np.exp(2 * x @ x.T)
    z = p.sum(axis=1, keepdims=True)
    pull = np.divide(p, z, out=np.zeros_like(p), where=z > 0) @ x
    move = pull - (pull * x).sum(axis=1, keepdims=True) * x
    assert abs(min(move[k, 0] for k in low)) < 1e-12


def test_where_all_see_all_none_rests_apart() -> None:
    for name in ("SA", "pre-LN", "sink", "RoPE", "graph", "cross-attention"):
        assert rests_apart(_flow(name), None, _budget()) is None


def test_the_equality_case_under_masks_is_refuted() -> None:
    report = check_model(catalogue("window"), only=["(6.3)"])
    assert report["(6.3)"].verdict is Verdict.REFUTED


@pytest.mark.slow
@pytest.mark.parametrize(
    ("pace", "least"), [(S.NegativeOne, -1), (cos(t), cos(1.75)), (1 - t, -0.25)], ids=str
)
def test_under_causal_sight_a_clock_that_turns_parts_two_tokens(pace: Any, least: float) -> None:
    """x_1 = e1 stays, and x_2 = e2 has s e1/(1 + e^β): the rate of <x_1,x_2> = 0."""
    causal = catalogue("causal")
    paced = replace(causal, velocity=Tangent(X, pace * causal.velocity.field))
    found = check_model(paced, only="(4.2)", beta=0.5)["(4.2)"]
    assert found.verdict is Verdict.REFUTED
    rate = float(found.detail.partition("= ")[2].split(",")[0])
    assert rate == pytest.approx(float(least) / (1 + np.exp(0.5)), rel=1e-5)


@pytest.mark.every(2)
@pytest.mark.parametrize("pace", [exp(-t), 1 + cos(t) / 2], ids=str)
def test_a_clock_that_runs_on_parts_nobody(pace: Any) -> None:
    causal = catalogue("causal")
    paced = replace(causal, velocity=Tangent(X, pace * causal.velocity.field))
    assert WITNESSED["(4.2)"].ask(Flow.of(paced)).verdict is not Verdict.REFUTED
    assert check_model(paced, only="(4.2)")["(4.2)"].verdict is Verdict.PROVED


def test_lengths_that_pull_apart_part_two_tokens() -> None:
    model = catalogue("pre-LN")
    turned = replace(model, velocity={b: -rate for b, rate in model.velocities.items()})
    assert check_model(turned, only="(4.2)")["(4.2)"].verdict is Verdict.REFUTED
