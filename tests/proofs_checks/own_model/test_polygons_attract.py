"""Polygons that attract: Jacobians and runs in numpy, and kernels of which none is found."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from proofs_checks import check_model
from proofs_checks.claim import Budget
from proofs_checks.own_model.polygons_attract import polygon_attracts
from proofs_checks.proof import Flow
from theory.models import REPULSIVE, SA, USA, catalogue

BUDGET = Budget(1, np.random.default_rng(0))


def ask(model: Any, **given: Any) -> Any:
    model = catalogue(model) if isinstance(model, str) else model
    return polygon_attracts(Flow.of(model, **given), None, BUDGET)


def sigmoid(cosine: Any, tokens: int) -> Any:
    return 1 / (1 + np.exp(-20 * cosine))


def summed(cosine: Any, tokens: int) -> Any:
    return np.exp(20 * cosine) / (1 + np.exp(20 * cosine) / tokens)


@pytest.mark.parametrize(("name", "kernel"), [("sigmoid", sigmoid), ("summed sigmoid", summed)])
def test_the_five_gon_attracts(name: str, kernel: Any) -> None:
    """Its Jacobian has one eigenvalue 0, and a run from near it ends there."""
    given = {"bias": 0} if name == "sigmoid" else {}
    found = ask(name, **given)
    assert found.text.startswith("the regular 5-gon, masses 1/5, beta = 20")

    def rate(angles: Any) -> Any:
        apart = angles[:, None] - angles[None]
        return -(kernel(np.cos(apart), 5) * np.sin(apart)).sum(axis=1) / 5

    angles = 2 * np.pi * np.arange(5) / 5
    slopes = np.array([(rate(angles + e) - rate(angles - e)) / 2e-5 for e in 1e-5 * np.eye(5)])
    modes = np.sort(np.linalg.eigvals(slopes).real)
    assert modes[-2] < -1e-2 and abs(modes[-1]) < 1e-6
    moved = angles + np.array([0.01, -0.02, 0.005, 0.02, -0.015])
    for _ in range(4000):
        moved = moved + 0.1 * rate(moved)
    assert np.allclose(np.diff(moved), 2 * np.pi / 5, atol=1e-5)


@pytest.mark.parametrize(
    ("model", "given"),
    [(SA, {}), (USA, {}), ("L2", {}), ("sigmoid", {"beta": 1, "bias": 0}), ("RoPE", {})],
    ids=str,
)
def test_where_none_is_found(model: Any, given: dict[str, Any]) -> None:
    """All but consensus are saddles on the circle for e^{βg}; RoPE has no energy."""
    assert ask(model, **given) is None


def test_what_repels_and_negative_heats() -> None:
    assert ask(REPULSIVE).scope == {"n": "3", "d": "2"}
    assert "abs_exponent" not in ask("long context", exponent=-1).text
    assert ask("long context", exponent=-0.1) is None  # log 7 is less than 2
    assert ask("sigmoid", bias=0, beta=30, n=5).scope["n"] == "5"


@pytest.mark.every(2, kept="slow", rest="full")
@pytest.mark.parametrize("row", ["circle", "Theorem 5.1"])
def test_the_rows(row: str) -> None:
    for name in ("sigmoid", "summed sigmoid"):
        assert check_model(catalogue(name), only=row)[row].word == "REFUTED"
    assert check_model("log(1 + exp(beta*t))/beta", only=row, beta=1.3)[row].word != "REFUTED"
