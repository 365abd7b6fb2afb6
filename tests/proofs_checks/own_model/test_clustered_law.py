"""(4.3): at β = 0 shares of clustered starts tend to 1 where almost all meet, as runs show."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from sympy import exp, sin

from numerics.compile import compile_model
from numerics.sphere import random_points
from proofs_checks import Verdict, check_model
from theory.atoms import Tangent
from theory.models import SA, catalogue
from theory.symbols import X, t

ROW = "(4.3)"


def asked(name, **given):
    return check_model(catalogue(name), only=ROW, **given)[ROW]


@pytest.mark.every(4)
@pytest.mark.parametrize("name", ["nGPT", "causal", "RoPE", "CoD"])
def test_shares_tend_to_one(name):
    evidence = asked(name)
    assert evidence.verdict is Verdict.PROVED and "P(S_0^m) -> 1" in evidence.sentence
    assert evidence.scope["beta"] == "0" and evidence.sheet.holds


def test_lengths_are_starts_too():
    evidence = asked("pre-LN")
    assert evidence.verdict is Verdict.PROVED
    assert evidence.sentence.endswith(
        "any law of (X, r(0)) with a density, of starts that keep their lengths"
    )


def at_a_pace(factor):
    return replace(SA, velocity=Tangent(X, factor * SA.velocity.field))


def test_at_a_pace_as_of_the_flow_at_its_first():
    for factor, said in ((1 + sin(t), "the same limits"), (1 / (1 - t), "-> ∞ as it ends")):
        evidence = check_model(at_a_pace(factor), only=ROW)[ROW]
        assert evidence.verdict is Verdict.PROVED and said in evidence.sentence
        assert evidence.sheet.typed
    assert check_model(at_a_pace(exp(-t)), only=ROW)[ROW].verdict is Verdict.REFUTED


@pytest.mark.parametrize("name", ["graph", "repulsive", "cross-attention"])
def test_nothing_is_said_where_starts_may_not_meet(name):
    assert asked(name).verdict is not Verdict.PROVED


def test_a_given_heat_is_another_question():
    assert asked("causal", beta=1).verdict is not Verdict.PROVED


@pytest.mark.slow
def test_runs_of_a_causal_mask_end_clustered():
    field, rng = compile_model(catalogue("causal"), beta=0.0), np.random.default_rng(0)
    inside = []
    for _ in range(20):
        points = random_points(3, 2, rng)
        for _ in range(300):
            points = points + 0.1 * field.unchecked(points)
            points /= np.linalg.norm(points, axis=1, keepdims=True)
        inside.append((points @ points.T).min() > 3 / 4)
    assert np.mean(inside) > 0.9
