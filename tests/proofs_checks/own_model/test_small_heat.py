"""Theorem 4.2 from Theorem 4.1 at β = 0 and Lemma 6.4; beside runs, and where a premise fails."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from sympy import Piecewise

from numerics import compile_model, integrate
from proofs_checks import Verdict, check_model
from proofs_checks.own_model.small_heat import SMALL_HEAT, of_cold
from proofs_checks.proof import Flow
from theory.atoms import Tangent
from theory.models import Model, catalogue
from theory.symbols import X, beta, t

ROW = "Theorem 4.2"
NAMES = ("causal", "strictly causal", "bipartite", "RoPE", "sink", "sigmoid")


@pytest.mark.parametrize(
    "name", [*NAMES[:2], *(pytest.param(name, marks=pytest.mark.slow) for name in NAMES[2:])]
)
def test_small_heat_keeps_almost_every_start(name: str) -> None:
    evidence = check_model(catalogue(name), only=ROW)[ROW]
    assert evidence.verdict is Verdict.PROVED and evidence.scope["beta"] == "-> 0"
    assert evidence.sentence.startswith("P(S_β) -> 1 as β -> 0, for any law of X(0)")


NAMED = "nGPT", "pre-LN", "LNS", "mix-LN"


@pytest.mark.slow
def test_lengths_and_divisors_are_left_behind_at_zero() -> None:
    """Of nGPT almost every start; with lengths those that last at β = 0, as it says."""
    found = {name: SMALL_HEAT.ask(Flow.of(catalogue(name))) for name in NAMED}
    assert all(evidence.verdict is Verdict.PROVED for evidence in found.values())
    assert found["nGPT"].sentence.startswith("P(S_β) -> 1 as β -> 0, for any law of X(0)")
    for name in NAMED[1:]:
        said, scope = found[name].sentence, found[name].scope
        assert said.startswith("lim inf P(S_β) >= P(the starts whose lengths last at β = 0)")
        assert "X solves" not in scope.get("given", "") and scope["existence"] == "not shown"
        assert found[name].sheet.typed


@pytest.mark.slow
@pytest.mark.parametrize("name", ["linear", "ReLU"])
def test_pairs_at_an_obtuse_angle_never_meet_of_weights_that_turn_there(name: str) -> None:
    """γ' of two tokens by the compiled field: at most 0 on (-1, 0] at each β."""
    assert SMALL_HEAT.ask(Flow.of(catalogue(name))).verdict is Verdict.REFUTED
    for heat in (0.01, 1.0, 7.0):
        field = compile_model(catalogue(name), beta=heat)
        for angle in (1.6, 2.0, 3.0):
            points = np.array([[1, 0], [np.cos(angle), np.sin(angle)]])
            moves = field.unchecked(points)
            assert moves[0] @ points[1] + moves[1] @ points[0] <= 1e-15
    for other in ("sigmoid", "USA", "summed sigmoid"):
        assert SMALL_HEAT.ask(Flow.of(catalogue(other))).verdict is not Verdict.REFUTED


@pytest.mark.slow
def test_runs_of_a_causal_mask_meet_at_small_heat() -> None:
    rng = np.random.default_rng(4)
    for _ in range(20):
        points = rng.normal(size=(4, 3))
        points /= np.linalg.norm(points, axis=1, keepdims=True)
        run = integrate(compile_model(catalogue("causal"), beta=0.02), points, 200.0)
        assert np.min(run.points[-1] @ run.points[-1].T) > 0.99


def of(factor: object, name: str = "causal") -> Model:
    model = catalogue(name)
    assert isinstance(model.velocity, Tangent)
    return replace(model, velocity=Tangent(X, factor * model.velocity.field))


TWINS = {
    "a jump at β = 0": of(Piecewise((1, beta <= 0), (1 / (1 + beta), True))),
    "a pole at β = 0": of(1 / beta),
    "repulsion": of(-1),
    "speeds that vanish at β = 0": of(beta),
    "two changes in t": of(Piecewise((1, t < 1), (2, t < 2), (1, True))),
    "moving masses": catalogue("moving masses"),
}


@pytest.mark.parametrize("twin", TWINS)
def test_where_a_premise_fails(twin: str) -> None:
    assert of_cold(Flow.of(TWINS[twin])) is None


def test_a_given_heat_is_no_limit() -> None:
    assert of_cold(Flow.of(catalogue("causal"), beta=1)) is None
