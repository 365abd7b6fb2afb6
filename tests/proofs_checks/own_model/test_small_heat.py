"""Theorem 4.2 from Theorem 4.1 at β = 0 and Lemma 6.4; beside runs, and where a premise fails."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from sympy import Piecewise

from numerics import compile_model, integrate
from proofs_checks import Verdict, check_model
from proofs_checks.own_model.small_heat import derive_cold
from proofs_checks.proof import Flow
from theory.atoms import Tangent
from theory.models import Model, catalogue
from theory.symbols import X, beta

ROW = "Theorem 4.2"
NAMES = ("causal", "strictly causal", "bipartite", "RoPE", "sink", "sigmoid")


@pytest.mark.parametrize(
    "name", [*NAMES[:2], *(pytest.param(name, marks=pytest.mark.slow) for name in NAMES[2:])]
)
def test_small_heat_keeps_almost_every_start(name: str) -> None:
    evidence = check_model(catalogue(name), only=ROW)[ROW]
    assert evidence.verdict is Verdict.PROVED and evidence.scope["beta"] == "-> 0"
    assert evidence.sentence.startswith("P(S_β) -> 1 as β -> 0, for any law of X(0)")


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
    "lengths that may end": catalogue("pre-LN"),
    "moving masses": catalogue("moving masses"),
}


@pytest.mark.parametrize("twin", TWINS)
def test_where_a_premise_fails(twin: str) -> None:
    assert derive_cold(Flow.of(TWINS[twin])) is None


def test_a_given_heat_is_no_limit() -> None:
    assert derive_cold(Flow.of(catalogue("causal"), beta=1)) is None
