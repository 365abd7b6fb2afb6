"""Doubly stochastic attention: its energy bends as is said, in numpy, and hostile twins."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from proofs_checks import check_model
from proofs_checks.own_model.sinkhorn_saddles import OF_SINKHORN, derive_heat
from proofs_checks.proof import Flow
from theory.atoms import RowSoftmax, Sinkhorn, Tangent
from theory.models import SINKHORN, catalogue
from theory.symbols import X, beta, m, t


def plan_of(x: Any, mass: Any, heat: float) -> tuple[Any, Any]:
    """Plan and potentials, by damped iteration."""
    p = np.zeros(len(x))
    for _ in range(400):
        p = (p - np.log(np.exp(heat * x @ x.T + p) @ mass)) / 2
    return mass[:, None] * mass * np.exp(heat * x @ x.T + p[:, None] + p), p


@pytest.mark.parametrize("heat", [0.5, 3.0])
def test_the_energy_bends_up_by_the_trace_at_least(heat: float) -> None:
    """At any state, along x_i -> N(x_i + s P_i u) over a basis: E'' >= Σ π (1-g)(d-2-g)."""
    rng = np.random.default_rng(1)
    step = 1e-3
    for size, width in ((3, 3), (5, 3), (4, 4)):
        x = rng.normal(size=(size, width))
        x /= np.linalg.norm(x, axis=1, keepdims=True)
        mass = rng.dirichlet(np.full(size, 3.0))
        plan, p = plan_of(x, mass, heat)
        assert np.allclose(plan.sum(axis=1), mass)
        g = x @ x.T
        trace = (plan * (1 - g) * (width - 2 - g)).sum()
        bends = 0.0
        for u in np.eye(width):
            v = u - (x @ u)[:, None] * x
            long = np.linalg.norm(v, axis=1, keepdims=True)
            for sign in (1, -1):  # geodesics with velocity v
                moved = np.cos(step * long) * x + sign * np.sin(step * long) * v / long
                own = -mass @ plan_of(moved, mass, heat)[1] / heat
                bends += (own + mass @ p / heat) / step**2
        assert bends >= trace - 1e-4 and trace >= (plan * (1 - g) ** 2).sum() - 1e-12 > 0


def turned(field: Any) -> Flow:
    return Flow.of(replace(SINKHORN, name="twin", velocity=Tangent(X, field), energy=None))


@pytest.mark.parametrize(
    "field",
    [
        -Sinkhorn(beta * X * X.T, m) * X,
        Sinkhorn(-beta * X * X.T, m) * X,
        RowSoftmax(beta * X * X.T, m) * X,
        Sinkhorn(beta * X * X.T, m) * (-X),
        (1 - t) * Sinkhorn(beta * X * X.T, m) * X,
        Sinkhorn(beta * X * X.T, m) * Sinkhorn(beta * X * X.T, m) * X,
        Sinkhorn(beta * X * X.T, m) * X + RowSoftmax(beta * X * X.T, m) * X,
    ],
    ids=["pushed", "negative scores", "softmax", "turned", "in time", "twice", "two"],
)
def test_hostile_models_are_not_read(field: Any) -> None:
    assert derive_heat(turned(field)) is None
    assert all(row.ask(turned(field)).word == "UNDECIDED" for row in OF_SINKHORN.values())


def test_multiples_are_read() -> None:
    assert derive_heat(turned(3 * Sinkhorn(2 * beta * X * X.T, m) * X)) == 2 * beta
    assert derive_heat(Flow.of(SINKHORN, beta=-1)) is None


@pytest.mark.slow
def test_the_rows() -> None:
    found = check_model(catalogue("Sinkhorn"), only=list(OF_SINKHORN))
    assert {row.evidence.word for row in found.rows} == {"PROVED"}
    assert found["Theorem 6.1"].scope["d"] == "symbolic, >= 3"
    assert check_model(SINKHORN, only="Theorem 6.1", beta=-1)["Theorem 6.1"].word != "PROVED"
