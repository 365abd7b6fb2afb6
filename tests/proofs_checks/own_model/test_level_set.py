"""(6.12) of other models: T by numpy, twins whose time falls with β, and kinds without γ."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from scipy.integrate import quad, solve_ivp
from sympy import cos, sin

from proofs_checks import Verdict, check_model
from proofs_checks.own_model.level_set import LEVEL
from proofs_checks.proof import Flow
from theory.atoms import RowSoftmax, Tangent
from theory.models import SA, Model, catalogue
from theory.symbols import X, beta, m, t

ROW = "(6.12)"


def _model(name: str) -> Model:
    model = catalogue(name)
    assert isinstance(model, Model)
    return model


def _time(rate: Any, hot: float, level: float) -> float:
    return quad(lambda g: 1 / rate(g, hot), 0, level, limit=200)[0]


def _sizes(g: float, hot: float, n: int) -> tuple[float, float]:
    """<x,A> and |A| of softmax attention at equal angles, by the Gram matrix."""
    weights = np.exp(hot * np.where(np.arange(n) == 0, 1.0, g))
    weights /= weights.sum()
    gram = (1 - g) * np.eye(n) + g
    return float(gram[0] @ weights), float(np.sqrt(weights @ gram @ weights))


@pytest.mark.slow
def test_ngpt_and_peri_ln_take_longer_at_a_greater_beta_by_numpy() -> None:
    """γ' and r' by the Gram matrix, not by the derived law."""
    size, heats = 4, (0.25, 0.5, 1.0, 2.0, 4.0)

    def turn(g: float, hot: float) -> float:
        total = np.exp(hot) + (size - 1) * np.exp(hot * g)
        rate = 2 * (1 - g) * ((size - 1) * g + 1) * np.exp(hot * g) / total
        return float(rate / _sizes(g, hot, size)[1])

    def move(_: float, state: Any, hot: float) -> list[float]:
        along, long = _sizes(state[0], hot, size)
        return [turn(state[0], hot) / state[1], along / long]

    def end(_: float, state: Any, hot: float) -> float:
        return float(state[0] - 0.9)

    end.terminal = True  # type: ignore[attr-defined]
    runs = [
        solve_ivp(move, (0, 100), [0.0, 2.0], events=end, rtol=1e-8, args=(hot,)) for hot in heats
    ]
    times = {
        "peri-LN": [run.t[-1] for run in runs],
        "nGPT": [_time(turn, hot, 0.9) for hot in heats],
    }
    for name, found in times.items():
        assert np.all(np.diff(found) > 0), name
        assert LEVEL.ask(Flow.of(_model(name))).verdict is Verdict.PROVED


@pytest.mark.slow
def test_sinks_and_sums_are_sooner_late_by_numpy() -> None:
    """T(1-δ) of a sink rises with β for early angles and falls for late ones."""

    def sink(g: float, hot: float) -> float:
        return 2 * (1 - g) * (1 + g) * np.exp(hot * g) / (np.exp(hot) + np.exp(hot * g) + 1)

    early = [_time(sink, hot, 0.2) for hot in (1.0, 2.0)]
    late = [_time(sink, hot, 1 - 1e-12) for hot in (1.0, 2.0)]
    assert early[0] < early[1] and late[0] > late[1]
    for name in ("softmax-off-by-one", "sink", "USA", "moving masses"):
        found = LEVEL.ask(Flow.of(_model(name)))
        assert found.verdict is Verdict.REFUTED and "T falls for all small δ" in found.detail


@pytest.mark.parametrize("name", ["linear", "ReLU", "repulsive"])
def test_an_angle_that_never_passes_0_has_no_level_set(name: str) -> None:
    found = LEVEL.ask(Flow.of(_model(name)))
    assert found.verdict is Verdict.REFUTED and "γ never passes 0" in found.detail


@pytest.mark.every(4)
@pytest.mark.parametrize("name", ["positive features", "no projection", "causal", "long context"])
def test_kinds_without_a_common_angle_or_beta_are_not_spoken_of(name: str) -> None:
    assert not LEVEL.ask(Flow.of(_model(name))).applies


@pytest.mark.slow
def test_what_is_read_off() -> None:
    """Of scores in t the lengths have no clock of their own; signs of β and of s are read."""
    for name, word in (("LNS with scores", "UNDECIDED"), ("mix-LN", "PROVED")):
        found = LEVEL.ask(Flow.of(_model(name)))
        assert found.word == word and (word != "PROVED" or found.sheet.typed)
    cooled = Tangent(X, RowSoftmax(-beta * X * X.T, m) * X)
    for model in (
        Model("β of the other sign", cooled, parameters=(beta,)),
        Model("cos", Tangent(X, cos(t) * RowSoftmax(beta * X * X.T, m) * X), parameters=(beta,)),
        Model("waves", Tangent(X, (2 + sin(t)) * -SA.velocity.field), parameters=(beta,)),
    ):
        assert LEVEL.ask(Flow.of(model)).verdict is not Verdict.PROVED, model.name
    waves = Model("2 + sin", Tangent(X, (2 + sin(t)) * SA.velocity.field), parameters=(beta,))
    assert LEVEL.ask(Flow.of(waves)).verdict in (Verdict.PROVED, Verdict.UNDECIDED)


@pytest.mark.slow
@pytest.mark.parametrize("part", [1, 3])
def test_a_share_of_beta_is_read(part: int) -> None:
    shared = SA.subs({beta: beta / part})
    assert LEVEL.ask(Flow.of(shared)).verdict is Verdict.PROVED


@pytest.mark.slow
def test_rows() -> None:
    for name in ("pre-LN", "mix-LN", "LNS", "CoD", "Sinkhorn"):
        found = check_model(_model(name), only=ROW)[ROW]
        assert found.verdict is Verdict.PROVED, name
    assert "equal lengths" in check_model(_model("pre-LN"), only=ROW)[ROW].sentence
