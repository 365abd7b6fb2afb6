"""Lipschitz bounds of any softmax, watched at pairs of states, and families without one."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from sympy import MatrixSymbol, cos, exp

from numerics.compile import compile_model
from numerics.sphere import random_points
from proofs_checks import Verdict, check_model
from proofs_checks.own_model.one_sided import ONE_SIDED
from proofs_checks.proof import Flow
from theory.atoms import Elementwise, RowSoftmax, Tangent, row_normalised
from theory.models import SA, Model, catalogue
from theory.positive_part import PositivePart
from theory.symbols import V, X, alpha, beta, m, n, t, z
from theory.weights import SinkSoftmax

ROW = "Lipschitz bound"


def asked(model, **given):
    return check_model(catalogue(model) if isinstance(model, str) else model, only=ROW, **given)[
        ROW
    ]


@pytest.mark.parametrize("name", ["ALiBi", "RoPE", "causal", "strictly causal", "window", "graph"])
def test_a_softmax_of_any_sight_has_the_constant_of_sa(name):
    evidence = asked(name)
    assert evidence.verdict is Verdict.PROVED and evidence.sheet.holds
    assert evidence.scope["beta"] == "symbolic, >= 0" and "2*beta + 2 times it" in evidence.sentence


def test_the_constant_is_the_models_own():
    assert "<= 2*(beta + 1)/sqrt(t + 1) times it" in asked("CoD").sentence
    assert "<= 6 times it" in asked("causal", beta=2).sentence
    assert "<= 4*beta + 2 times it" in asked("L2 + causal").sentence


def growth(field, first, second):
    """One-sided growth of the largest chord, over the chord."""
    moves = field(first) - field(second)
    gap = first - second
    sizes = np.linalg.norm(gap, axis=1)
    i = int(np.argmax(sizes))
    return gap[i] @ moves[i] / sizes[i] ** 2


@pytest.mark.parametrize("name", ["RoPE", "causal", "sink", "bipartite"])
def test_pairs_of_states_stay_below_the_constant_and_pass_a_quarter_of_it(name):
    rng = np.random.default_rng(0)
    hot, fastest = 4.0, -np.inf
    more = {"base": 100.0} if name == "RoPE" else {"sink": 0.5} if name == "sink" else {}
    field = compile_model(catalogue(name), beta=hot, **more)
    for size, noise in [(3, 1e-3), (4, 0.05), (5, 0.5)] * 40:
        first = random_points(size, 2, rng)
        # Tokens opposite each other part fastest.
        first[0] = [1, 0]
        first[1:] = np.array([-1, 0]) + 0.3 * first[1:]
        first /= np.linalg.norm(first, axis=1, keepdims=True)
        second = first + noise * rng.standard_normal(first.shape)
        second /= np.linalg.norm(second, axis=1, keepdims=True)
        fastest = max(fastest, growth(field.unchecked, first, second))
    assert 0 < fastest < 2 * (1 + hot)


@pytest.mark.parametrize(
    "name",
    [
        *("pre-LN", "peri-LN", "causal + pre-LN"),
        pytest.param("nGPT", marks=pytest.mark.slow),
    ],
)
def test_families_without_a_constant(name):
    evidence = asked(name)
    assert evidence.verdict is Verdict.REFUTED and "as s -> 0" in evidence.detail


def test_outputs_near_zero_part_as_fast_as_the_family_says():
    field = compile_model(catalogue("nGPT"), beta=1.0, alpha=1.0)
    for s in (1e-2, 1e-4):
        c, sine = (1 - s**2) / (1 + s**2), 2 * s / (1 + s**2)
        masses = np.exp(np.array([c, -1.0]))
        pair = [np.array([[1.0, 0], [-c, -sign * sine]]) for sign in (1, -1)]
        rate = growth(replace(field, masses=masses).unchecked, *pair)
        assert np.isclose(s * rate, 1 / 2, rtol=1e-3)


VALUES = MatrixSymbol("c", n, 1)
TWINS = {
    "values that are turned": Tangent(X, RowSoftmax(beta * X * X.T, m) * X * V),
    "a sink that tokens move": Tangent(X, SinkSoftmax(beta * X * X.T, m, X * X.T * m) * X),
    "scores of other rows": Tangent(X, RowSoftmax(beta * X * V * X.T, m) * X),
    "scores squared": Tangent(X, RowSoftmax(beta * X * X.T * X * X.T, m) * X),
    "masses of any sign": Tangent(X, RowSoftmax(beta * X * X.T, VALUES) * X),
}


@pytest.mark.parametrize("twin", TWINS)
def test_other_fields_are_refused(twin):
    model = Model(twin, TWINS[twin], parameters=(beta, V, VALUES))
    assert ONE_SIDED.ask(Flow.of(model)).verdict is Verdict.UNDECIDED


def test_a_turning_pace_counts_by_its_size():
    turning = Model("turning", Tangent(X, cos(t) * SA.velocity.field), parameters=(beta,))
    evidence = ONE_SIDED.ask(Flow.of(turning))
    assert "Abs(cos(t))" in evidence.sentence and alpha not in turning.parameters


def features(first, second, *parameters):
    field = row_normalised(Elementwise(first, X) * Elementwise(second, X).T, m) * X
    return Model("own", Tangent(X, field), parameters=parameters)


def test_positive_features_have_the_slope_of_their_logarithm():
    """|d log φ| <= β |dx| of elu + 1 and of e^{βz}; 1/(2 + z) <= 1 on [-1, 1]."""
    assert "<= 2*beta + 2 times it" in asked("positive features").sentence
    assert "<= 2*beta + 2 times it" in asked(features(exp(beta * z), exp(beta * z), beta)).sentence
    assert "<= beta + 3 times it" in asked(features(exp(beta * z), 2 + z, beta)).sentence


@pytest.mark.parametrize("body", [1 + z, 1 + 2 * z, PositivePart(z, 1)], ids=str)
def test_features_that_vanish_somewhere_have_no_constant_by_it(body):
    assert asked(features(body, body)).verdict is not Verdict.PROVED


def test_pairs_of_states_of_features_stay_below_the_constant():
    rng, hot, fastest = np.random.default_rng(0), 4.0, -np.inf
    field = compile_model(catalogue("positive features"), beta=hot)
    for size, noise in [(2, 1e-3), (3, 0.05), (4, 0.5)] * 60:
        first = random_points(size, 2, rng)
        second = first + noise * rng.standard_normal(first.shape)
        second /= np.linalg.norm(second, axis=1, keepdims=True)
        fastest = max(fastest, growth(field, first, second))
    assert 0.5 < fastest < 2 + 2 * hot
