"""An attracting state of RoPE on the circle: by runs in numpy, and twins without one."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from sympy import cos, sqrt

from proofs_checks import check_model
from proofs_checks.claim import Budget
from proofs_checks.decide import interval
from proofs_checks.own_model.attracting_state import _is_stable, stays_apart_on_circle
from proofs_checks.proof import Flow
from theory.atoms import Tangent
from theory.models import SA, Model, catalogue
from theory.symbols import X, t


def ask(name: str, **given: Any) -> Any:
    model = SA if name == "SA" else catalogue(name)
    return stays_apart_on_circle(Flow.of(model, **given), None, Budget(1, np.random.default_rng(0)))


def run(angles: Any, heat: float, sink: float, times: int = 4000) -> Any:
    """Tokens of masses 1/4 under scores β cos(θ_j - θ_i + j - i)."""
    place = np.subtract.outer(np.arange(4), np.arange(4))
    for _ in range(times):
        apart = np.subtract.outer(angles, angles)
        w = np.exp(heat * np.cos(apart + place)) / 4
        pull = (w * -np.sin(apart)).sum(axis=1) / (w.sum(axis=1) + sink / 4)
        angles = angles + 0.2 * pull
    return angles


@pytest.mark.slow
@pytest.mark.parametrize(("name", "sink"), [("RoPE", 0.0), ("RoPE + sink", np.e)])
def test_what_is_found_attracts(name: str, sink: float) -> None:
    found = ask(name)
    assert "d = 2, beta = 9/4" in found.text and found.scope == {"n": "4", "d": "2"}
    words = found.text.partition("angles ")[2].partition(" stay")[0]
    angles = np.array(list(map(float, words.split(", "))))
    moved = run(angles + np.array([0.01, -0.02, 0.005, 0.01]), 9 / 4, sink)
    apart = np.subtract.outer(moved, moved) - np.subtract.outer(angles, angles)
    assert np.abs(np.sin(apart / 2)).max() < 1e-6
    assert np.cos(np.subtract.outer(angles, angles)).min() < 0


@pytest.mark.slow
def test_the_row() -> None:
    found = check_model(catalogue("RoPE"), only=["circle", "Theorem 5.1"])
    for row in ("circle", "Theorem 5.1"):  # n - 1 = 3 <= π √β at β = 9/4
        assert found[row].word == "REFUTED" and "Krawczyk" in found[row].detail
    cold = check_model(catalogue("RoPE"), only="Theorem 5.1", beta=0.9)
    assert cold["Theorem 5.1"].word == "UNDECIDED", "3 > π √0.9"


@pytest.mark.slow
@pytest.mark.parametrize(("pace", "right"), [(1 / sqrt(1 + t), True), (cos(t), False)])
def test_a_clock_changes_no_curve(pace: Any, right: bool) -> None:
    rope = catalogue("RoPE")
    assert isinstance(rope, Model)
    paced = replace(rope, name="paced", velocity=Tangent(X, pace * rope.velocity.field))
    found = stays_apart_on_circle(Flow.of(paced), None, Budget(1, np.random.default_rng(0)))
    assert (found is not None) == right


def test_models_without_turned_tokens_are_not_asked() -> None:
    assert ask("SA") is None and ask("sigmoid") is None and ask("RoPE + pre-LN") is None
    assert ask("RoPE", beta=0) is None


def test_stable_matrices() -> None:
    """Routh and Hurwitz against eigenvalues."""
    rng = np.random.default_rng(2)
    for _ in range(40):
        a = rng.integers(-9, 6, (3, 3)).tolist()
        right = np.linalg.eigvals(np.array(a, float)).real.max() < -1e-9
        assert _is_stable([[interval(x) for x in row] for row in a]) == right
