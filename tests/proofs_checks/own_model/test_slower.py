"""Remark 6.5 of models in use: exponentially where the clock is t, and slower, by a bound."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from sympy import Piecewise, exp, sqrt

from numerics.compile import compile_model
from proofs_checks import Verdict, check_model
from theory.atoms import RowSoftmax, Tangent
from theory.models import MIX_LN, SA, Model, catalogue
from theory.symbols import X, beta, m, t


def found(model: Model) -> Verdict | None:
    return check_model(model, only="Remark 6.5")["Remark 6.5"].verdict


def paced(pace: object) -> Model:
    """SA at a pace that is a function of time."""
    return replace(
        SA, name="paced", velocity=Tangent(X, pace * RowSoftmax(beta * X * X.T, m) * X), energy=None
    )


@pytest.mark.parametrize(
    "name",
    ["causal", *(pytest.param(one, marks=pytest.mark.slow) for one in
     ("nGPT", "sink", "ALiBi", "RoPE", "strictly causal", "bipartite", "moving masses",
      "window + nGPT"))],
)  # fmt: skip
def test_exponentially(name: str) -> None:
    assert found(catalogue(name)) is Verdict.PROVED


@pytest.mark.parametrize(
    "name",
    ["CoD", "pre-LN", "peri-LN", "LNS", "bipartite + pre-LN"],
)
@pytest.mark.slow
def test_slower(name: str) -> None:
    row = check_model(catalogue(name), only="Remark 6.5")["Remark 6.5"]
    assert row.verdict is Verdict.REFUTED and "D >= D(0)" in row.detail
    assert f"X solves {name} for all t >= 0" in row.scope["given"]


@pytest.mark.parametrize(
    ("pace", "verdict"),
    [
        (1 / (1 + t), Verdict.REFUTED),
        (2 + 1 / (1 + t), Verdict.PROVED),  # τ >= 2t
        pytest.param(exp(-t), Verdict.REFUTED, marks=pytest.mark.slow),  # it doesn't attract at all
        pytest.param(sqrt(1 + t), Verdict.PROVED, marks=pytest.mark.slow),
    ],
)
def test_paces(pace: object, verdict: Verdict) -> None:
    assert found(paced(pace)) is verdict


def test_the_counterexample_along_its_run() -> None:
    """CoD: x = (4/5, ±3/5), D >= 3/2 e^(5 - 5 √(1 + t)); e^(-t) falls below it."""
    x, step, below = np.array([[0.8, 0.6], [0.8, -0.6]]), 1e-2, []
    for k in range(3000):
        time = k * step
        weights = np.exp(x @ x.T)
        pull = weights / weights.sum(axis=1, keepdims=True) @ x / np.sqrt(1 + time)
        x = x + step * (pull - (pull * x).sum(axis=1, keepdims=True) * x)
        x /= np.linalg.norm(x, axis=1, keepdims=True)
        width = np.linalg.norm(x[0] / x[0, 0] - x[1] / x[1, 0])
        assert width >= 1.5 * np.exp(5 - 5 * np.sqrt(1 + time + step))
        below.append(1.5 * np.exp(-(time + step)) < width)
    assert below[-1]


def swapped(model: Model) -> Model:
    """Lengths first, and none after: consensus attracts exponentially in the end."""

    def put(rate: Any) -> Any:
        return rate.replace(Piecewise, lambda one, two: Piecewise((two[0], one[1]), (one[0], True)))

    rates = {symbol: put(rate) for symbol, rate in model.velocities.items()}
    return replace(model, name="swapped", velocity=rates)


@pytest.mark.slow
def test_after_its_change_mix_ln_lingers_as_pre_ln_does() -> None:
    assert found(MIX_LN) is Verdict.REFUTED
    field = compile_model(MIX_LN, beta=1.0, tau=0.0)
    x, r = np.array([[0.8, 0.6], [0.8, -0.6]]), np.ones((2, 1))
    for _ in range(1000):
        rates = field({"X": x, "r": r}, 1.0)  # past τ, and the same at all times
        x, r = x + 0.02 * rates["X"], r + 0.02 * rates["r"]
        x /= np.linalg.norm(x, axis=1, keepdims=True)
    y = x / x[:, :1]
    assert np.linalg.norm(y[0] - y[1]) > 1.5 / 21 ** (25 / 8)


@pytest.mark.slow
def test_where_lengths_come_first_nothing_lingers() -> None:
    assert found(swapped(MIX_LN)) is not Verdict.REFUTED
