"""T6c of kernels with 0 <= k' <= b k: the bound of its proof in numpy, slopes, and twins."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from proofs_checks import check_model
from proofs_checks.propositions import Rel, Subject, every, written
from proofs_checks.theorems import (
    OTHER,
    TOKEN,
    Refusal,
    Theorem,
    almost_every_start,
    apply,
    assume,
    gram,
    states_of,
)
from proofs_checks.theorems.saddles import SMALL_SADDLES, small_heat, steepness
from theory.energy import interaction_energy
from theory.models import Model, gradient_flow
from theory.parse import parse_kernel
from theory.symbols import beta, m
from theory.terms import Item

ROW = "Theorem 4.3"


def flow_of(kernel: str, kind: str = "wasserstein") -> Model:
    return gradient_flow(interaction_energy(parse_kernel(kernel)), kernel, kind)


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


@pytest.mark.every(5)
@pytest.mark.parametrize(
    "kernel",
    [
        "log(1 + exp(2*beta*t))/beta",  # k' isn't below β k, but below 2β k
        "log(1 + exp(-beta*t))/beta",  # it repels
        "-log(1 + exp(beta*t))/beta",
        "exp(beta*t)/beta + t**2",  # k' isn't below β k
        "t - beta*t**2/10",  # k falls
    ],
)
def test_hostile_kernels(kernel: str) -> None:
    found = almost_every_start(ROW, Subject.of(flow_of(kernel)))
    assert found is None or every(TOKEN, small_heat(2 * beta)) in found[1].says.given


@pytest.mark.parametrize(
    "kernel", ["log(1 + exp(beta*t))/beta", "log(1 + exp(beta*t - 1))/beta", "exp(beta*t)/beta"]
)
def test_slopes_are_those_of_the_kernel(kernel: str) -> None:
    """k' and b k - k' as they are asked for, against differences of k."""
    states = states_of(Subject.of(flow_of(kernel)))
    assert states is not None and states.heat == beta
    inner, weight = gram(TOKEN, OTHER), states.own.weight
    own = weight / (Item(m, TOKEN) * Item(m, OTHER))
    rises, rest = steepness(weight, inner, states.heat)
    for heat, at in ((0.3, -0.7), (2.0, 0.4), (1.0, 0.0)):

        def value(a: Any, g: float, heat: float = heat) -> float:
            return float(a.subs({inner: g, beta: heat}))

        slope = (value(own, at + 1e-6) - value(own, at - 1e-6)) / 2e-6
        assert value(rises, at) == pytest.approx(slope, abs=1e-8)
        assert value(rest, at) == pytest.approx(heat * value(own, at) - slope, abs=1e-8)


def test_what_is_asked_of_a_kernel() -> None:
    """Without its slope, its slowness, or 0 < k nothing is concluded; nor of another heat."""
    states = states_of(Subject.of(flow_of("log(1 + exp(beta*t))/beta")))
    assert states is not None
    found = states.small()
    assert isinstance(found, Theorem) and found.by is SMALL_SADDLES
    for place, premise in enumerate(found.premises):
        less = (*found.premises[:place], *found.premises[place + 1 :])
        assert isinstance(apply(SMALL_SADDLES, *less), Refusal)
        half = assume(Rel("<=", 0, beta / 2)) if place in (4, 5, 6) else found.premises[place - 1]
        wrong = (*found.premises[:place], half, *found.premises[place + 1 :])
        assert isinstance(apply(SMALL_SADDLES, *wrong), Refusal), written(premise.says)


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["wasserstein", "softmax"])
def test_the_row(kind: str) -> None:
    def ask(**given: Any) -> Any:
        return check_model("log(1 + exp(beta*t))/beta", only=ROW, flow=kind, **given)[ROW]

    assert ask().word == ask(beta=0.3).word == "PROVED"
    assert ask(beta=0.9).word == "VACUOUS"  # min m <= 1/2
