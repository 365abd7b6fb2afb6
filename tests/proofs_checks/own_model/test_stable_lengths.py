"""Rates across consensus beside lengths, with those of differences of the compiled model."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from sympy import Symbol, cos, exp

from numerics.compile import compile_model
from proofs_checks import Verdict, check_model
from theory.atoms import Tangent
from theory.models import PERI_LN, PRE_LN, SA, catalogue
from theory.symbols import X, beta, r, t

ROW = "consensus spectrum"


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("pre-LN", "-1/r ((d - 1)*(n - 1) times)"),
        ("peri-LN", "-1/r ((d - 1)*(n - 1) times)"),
        ("mix-LN", "Piecewise((-1, t_0 < tau), (-1/r, True)) ((d - 1)*(n - 1) times)"),
    ],
)
def test_rates_across_consensus_are_negative(name, said):
    evidence = check_model(catalogue(name), only=ROW)[ROW]
    assert evidence.verdict is Verdict.PROVED and said in evidence.sentence
    assert evidence.scope["lengths"] == "equal" and "at equal r" in evidence.sentence


@pytest.mark.parametrize("model", [PRE_LN, PERI_LN], ids=lambda model: model.name)
def test_they_are_those_of_differences(model):
    field, lengths, step = compile_model(model, beta=1.5), np.full((3, 1), 2.0), 1e-6

    def velocity(tangent):
        points = np.stack([np.ones(3), tangent], axis=1)
        points /= np.linalg.norm(points, axis=1, keepdims=True)
        return field.unchecked({"X": points, "r": lengths})["X"][:, 1]

    moves = [velocity(step * row) / step for row in np.eye(3)]
    assert np.allclose(np.sort(np.linalg.eigvals(np.array(moves).T).real), [-0.5, -0.5, 0])


@pytest.mark.parametrize("factor", [-1, Symbol("c", real=True)])
def test_what_repels_or_may_is_not_stable(factor):
    own = {X: factor * PRE_LN.velocities[X], r: PRE_LN.velocities[r]}
    more = (factor,) if isinstance(factor, Symbol) else ()
    twin = replace(PRE_LN, name="twin", velocity=own, parameters=(beta, *more))
    assert check_model(twin, only=ROW)[ROW].verdict is not Verdict.PROVED


@pytest.mark.parametrize("name", ["moving masses", "cross-attention"])
def test_other_blocks_are_left_as_they_are(name):
    assert check_model(catalogue(name), only=ROW)[ROW].verdict is not Verdict.PROVED


@pytest.mark.parametrize(("name", "rate"), [
    ("CoD", "-1/sqrt(t_0 + 1) ("), ("LNS", "-1/(r*sqrt(t_0 + 1)) ("),
    ("LNS with scores", "-1/(r*sqrt(t_0 + 1)) ("),
])  # fmt: skip
def test_clocks_are_in_the_rates_of_each_time(name, rate):
    """u_i' = s(t) (ū - u_i)/r near consensus, whatever the scores do."""
    evidence = check_model(catalogue(name), only="consensus spectrum")["consensus spectrum"]
    assert evidence.word == "PROVED" and rate in evidence.sentence


@pytest.mark.parametrize("pace", [t - 1, cos(t), -exp(-t)])
def test_a_pace_of_either_sign_is_not_stable_at_each_time(pace):
    model = replace(SA, velocity=Tangent(X, pace * SA.velocity.field), energy=None, metric=None)
    evidence = check_model(model, only="consensus spectrum")["consensus spectrum"]
    assert evidence.word != "PROVED"
