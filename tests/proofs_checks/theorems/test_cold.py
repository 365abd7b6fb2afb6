"""(4.1) at β = 0 against numpy, and models whose speed isn't one constant."""

from __future__ import annotations

import numpy as np
import pytest

from proofs_checks import check_model
from proofs_checks.claim import Verdict
from proofs_checks.own_model.by_theorem import THEOREMS
from proofs_checks.proof import Flow
from proofs_checks.propositions import Subject
from proofs_checks.theorems import Theorem, barycentre
from theory.models import catalogue
from theory.symbols import beta


def test_the_barycentre_of_a_sink() -> None:
    own = barycentre(Subject.of(catalogue("sink"), {beta: 0}))
    assert own is not None and isinstance(own.found, Theorem)
    assert "x_i' = (P_(x_i) Σ_j m_j x_j)/(Σ_j m_j + e^sink/n)" in str(own.found)
    rng = np.random.default_rng(0)
    x = rng.normal(size=(5, 3))
    x /= np.linalg.norm(x, axis=1, keepdims=True)
    masses, sink = rng.uniform(0.1, 1, 5), 0.7
    pull = masses @ x
    move = (pull - (x @ pull)[:, None] * x) / (masses.sum() + np.exp(sink) / 5)
    rate = 2 * pull @ (masses @ move)
    k = 1 / (masses.sum() + np.exp(sink) / 5)
    assert rate == pytest.approx(2 / k * (masses * (move**2).sum(axis=1)).sum())


def test_no_constant_speed() -> None:
    for name in ("pre-LN", "CoD", "nGPT", "ALiBi", "causal"):
        assert barycentre(Subject.of(catalogue(name), {beta: 0})) is None, name


@pytest.mark.slow
def test_rows() -> None:
    for name in ("sink", "softmax-off-by-one", "RoPE"):
        found = check_model(catalogue(name), only="(4.1)")["(4.1)"]
        assert found.verdict is Verdict.PROVED and found.sentence.startswith("β = 0: x_i' = ")


@pytest.mark.parametrize("name", ["SA", "USA", "sink", "RoPE"])
def test_a_rate_of_one_is_no_multiple(name: str) -> None:
    """USA's motion and what is concluded of it printed alike, and the sheet raised."""
    found = THEOREMS["(4.1)"].ask(Flow.of(catalogue(name)))
    assert found.verdict is Verdict.PROVED
    assert name != "USA" or "x_i' = P_(x_i) Σ_j m_j x_j and" in found.sentence
