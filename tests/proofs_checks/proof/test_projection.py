"""Velocities in other words: factors outside P, terms along the tokens, V = cI. Nothing changes."""

from dataclasses import replace

import numpy as np
import pytest
from sympy import DiagMatrix, Identity, MatrixSymbol, Symbol, exp

from numerics import compile_model
from numerics.sphere import random_points
from proofs_checks import check_model
from proofs_checks.claim import Verdict
from proofs_checks.proof import Flow, cone_rate_of
from proofs_checks.proof.projection import projected
from theory.atoms import RowSoftmax, Tangent
from theory.models import CAUSAL, QK_SA, QKV, SA, USA, Model
from theory.symbols import K, Q, V, X, beta, d, m, n, t, z

W = MatrixSymbol("a", n, 1)
VALUES = Model(
    "SA with V", Tangent(X, RowSoftmax(beta * X * X.T, m) * X * V.T), parameters=(beta, V)
)
ROWS = ("confinement", "(4.2)", "(6.2)", "Lemma 6.4", "Theorem 6.3", "hemisphere under a mask")


def field(model):
    return model.velocity.field


# the model in other words, and the factor of its field
SAME = [
    (lambda model: exp(t) * model.velocity, exp(t)),
    (lambda model: model.velocity / (1 + t), 1 / (1 + t)),
    (lambda model: -model.velocity, -1),
    (lambda model: model.velocity + 2 * model.velocity, 3),
    (lambda model: Tangent(X, field(model) - 3 * X), 1),
    (lambda model: Tangent(X, 2 * (field(model) + t * X)), 2),
    (lambda model: Tangent(X, field(model) + DiagMatrix(m) * X), 1),
    (lambda model: Tangent(X, field(model) - X) + Tangent(X, 5 * X), 1),
]


@pytest.mark.parametrize("model", [SA, USA, CAUSAL, QK_SA], ids=lambda model: model.name)
@pytest.mark.parametrize(("said", "factor"), SAME)
def test_one_form(model, said, factor):
    other = projected(said(model))
    assert other == Tangent(X, (factor * field(model)).doit())


@pytest.mark.parametrize(("said", "factor"), SAME)
def test_it_is_the_same_velocity(said, factor):
    points, time = random_points(5, 3, rng=1), 0.7
    seen, plain = (
        compile_model(replace(SA, velocity=v, energy=None, metric=None), beta=1.3)(points, time)
        for v in (said(SA), projected(said(SA)))
    )
    assert np.allclose(seen, plain, atol=1e-14)


@pytest.mark.parametrize("other", [Tangent(X, X * V.T), SA.velocity.field, X], ids=str)
def test_what_is_left_as_it_is(other):
    assert projected(other) == other


def test_weights_minus_a_multiple_of_the_identity():
    head = RowSoftmax(beta * X * X.T, m)
    assert projected(Tangent(X, (head - 3 * Identity(n)) * X)) == SA.velocity
    assert projected(Tangent(X, DiagMatrix(W) ** -1 * X + field(SA))) == SA.velocity


def rows_of(model, **given):
    return {row.name: row.evidence for row in check_model(model, only=list(ROWS), **given).rows}


def with_values(model, scale):
    """Rows of the model with V = c I, c a number or a symbol."""
    if isinstance(scale, Symbol):
        return rows_of(model.subs({V: scale * Identity(d)}, "cV"))
    return rows_of(model, V=scale * np.eye(2))


@pytest.mark.slow
@pytest.mark.parametrize("scale", [2, 0.1, 1, Symbol("c"), Symbol("c", positive=True)], ids=repr)
@pytest.mark.parametrize("model", [VALUES, QKV], ids=lambda model: model.name)
def test_a_positive_multiple_of_the_identity_as_value_matrix(model, scale):
    found = with_values(model, scale)
    assert {name: e.verdict for name, e in found.items()} == dict.fromkeys(ROWS, Verdict.PROVED)


@pytest.mark.parametrize("scale", [2, Symbol("c")], ids=repr)
def test_the_rate_is_multiplied(scale):
    # x' = c F(x) is F at the time ct, so that a rate in t is c times as large.
    plain, scaled = Flow.of(SA), Flow.of(VALUES.subs({V: scale * Identity(d)}, "cV"))
    assert cone_rate_of(scaled).of(SA) == scale * cone_rate_of(plain).of(SA)


@pytest.mark.slow
@pytest.mark.parametrize("scale", [-1, -0.5, Symbol("c", negative=True)], ids=repr)
@pytest.mark.parametrize("model", [VALUES, QKV], ids=lambda model: model.name)
def test_a_negative_multiple_repels(model, scale):
    found = with_values(model, scale)
    for name in ("Lemma 6.4", "Theorem 6.3", "hemisphere under a mask"):
        assert found[name].verdict is Verdict.REFUTED, name
    assert found["confinement"].verdict is Verdict.PROVED


@pytest.mark.parametrize("model", [VALUES, QKV], ids=lambda model: model.name)
def test_with_values_zero_nothing_moves(model):
    found = rows_of(model, V=np.zeros((2, 2)))
    for name in ("Lemma 6.4", "Theorem 6.3"):
        assert found[name].verdict is Verdict.REFUTED, name
    assert found["(4.2)"].verdict is Verdict.PROVED
    assert found["(6.2)"].verdict is Verdict.PROVED


def test_other_value_matrices_are_no_multiples():
    for value in (np.diag([1.0, 2.0]), np.array([[1.0, 0.1], [0.0, 1.0]])):
        assert V in Flow.of(VALUES, V=value).model.parameters
    skew = np.array([[0, 1.0], [-1, 0]])
    found = Flow.of(QKV, V=2 * np.eye(2), Q=skew, K=np.eye(2))
    assert V not in found.model.parameters and {Q, K} <= set(found.model.parameters)


def test_queries_and_keys_that_are_multiples_of_the_identity_scale_beta():
    """One alone is left: the other's k stands beside d."""
    found = Flow.of(QKV, V=np.eye(2), Q=2 * np.eye(2), K=3 * np.eye(2))
    assert found.model.parameters == (beta,) and found.weight == exp(6 * beta * z)
    assert {Q, K} < set(Flow.of(QKV, Q=2 * np.eye(2)).model.parameters)
    tall = np.vstack([np.eye(2), np.zeros(2)])
    assert Q in Flow.of(QKV, Q=tall, K=tall, V=np.eye(2)).model.parameters
