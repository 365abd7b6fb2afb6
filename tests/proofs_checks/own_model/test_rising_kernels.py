"""Theorem 4.3 of kernels with 0 <= k' <= β k: the bound of its proof in numpy, and twins."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from proofs_checks import check_model
from proofs_checks.own_model.rising_kernels import RISING
from proofs_checks.proof import Flow
from theory.energy import interaction_energy
from theory.models import gradient_flow
from theory.parse import parse_kernel

ROW = "Theorem 4.3"


def flow_of(kernel: str, kind: str = "wasserstein") -> Flow:
    return Flow.of(gradient_flow(interaction_energy(parse_kernel(kernel)), kernel, kind))


def test_without_ascent_tokens_are_in_a_hemisphere() -> None:
    """Draw tokens; those with Σ_{j≠i} m_j k(g) g >= 0 for all i have the claimed heights."""
    rng = np.random.default_rng(0)
    seen = 0
    for _ in range(4000):
        x = rng.normal(size=(3, 2))
        x /= np.linalg.norm(x, axis=1, keepdims=True)
        m = rng.dirichlet([2, 2, 2])
        heat = rng.uniform(0, -np.log(1 - m.min()))
        bias = rng.normal() * 3
        g = x @ x.T
        pulls = g / (1 + np.exp(-heat * g - bias)) * m
        np.fill_diagonal(pulls, 0)
        if (pulls.sum(axis=1) >= 0).all():
            seen += 1
            assert (x @ (m @ x) >= m - (1 - m) * (np.exp(heat) - 1) - 1e-12).all()
    assert seen > 100


@pytest.mark.parametrize(
    "kernel",
    [
        "exp(2*beta*t)/(2*beta)",  # k' = 2β k
        "log(1 + exp(-beta*t))/beta",  # it repels
        "-log(1 + exp(beta*t))/beta",
        "exp(beta*t)/beta + t**2",  # k' isn't below β k
        "t - beta*t**2/10",  # k falls
    ],
)
def test_hostile_kernels_are_not_proved(kernel: str) -> None:
    assert RISING.ask(flow_of(kernel)).word != "PROVED"


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["wasserstein", "softmax"])
def test_the_row(kind: str) -> None:
    def ask(**given: Any) -> Any:
        return check_model("log(1 + exp(beta*t))/beta", only=ROW, flow=kind, **given)[ROW]

    assert ask().word == ask(beta=0.3).word == "PROVED"
    assert ask(beta=0.9).word == "VACUOUS"  # min m <= 1/2
