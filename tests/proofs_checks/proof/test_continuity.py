"""CONTINUOUS: norms and divisors that vanish, and rows that were proved in spite of them."""

import numpy as np
import pytest
from sympy import DiagMatrix, Inverse, exp

from numerics import compile_model
from proofs_checks import check_model
from proofs_checks.claim import Verdict
from proofs_checks.proof import CONTINUOUS, CONTINUOUS_AT_EQUAL_ANGLES, Flow, Outcome
from theory import catalogue
from theory.atoms import Elementwise, RowNormalize, RowSoftmax, Tangent
from theory.models import QK_SA, SA, USA, Model, attention_model
from theory.models.by_parts import base
from theory.positions import Rotary
from theory.symbols import K, Q, X, beta, m, z

HOLDS, FAILS, GAP = Outcome.HOLDS, Outcome.FAILS, Outcome.GAP
SCORES = RowNormalize(X * Q.T) * RowNormalize(X * K.T).T
QK_NORM = Model("QK-norm", Tangent(X, RowSoftmax(beta * SCORES, m) * X), parameters=(beta, Q, K))
ROPE = RowNormalize(Rotary(X * Q.T, base)) * RowNormalize(Rotary(X * K.T, base)).T
TURNED = Model(
    "QK-norm, RoPE", Tangent(X, RowSoftmax(beta * ROPE, m) * X), parameters=(beta, base, Q, K)
)
SQUARE, FLAT = np.array([[2.0, 1.0], [0.0, 1.0]]), np.array([[1.0, 2.0], [2.0, 4.0]])
TALL, WIDE = np.array([[1.0, 0.0], [0.0, 1.0], [1.0, 1.0]]), np.array([[1.0, 2.0]])


@pytest.mark.parametrize("model", [QK_NORM, TURNED], ids=lambda model: model.name)
@pytest.mark.parametrize(
    ("queries", "keys", "outcome"),
    [
        (None, None, GAP),
        (SQUARE, None, GAP),
        (SQUARE, SQUARE, HOLDS),
        (TALL, TALL, HOLDS),
        (SQUARE, FLAT, FAILS),
        (WIDE, WIDE, FAILS),
    ],
)
def test_normalised_queries_ask_for_no_kernel(model, queries, keys, outcome):
    given = {"Q": queries, "K": keys}
    step = CONTINUOUS.test(Flow.of(model, **{a: b for a, b in given.items() if b is not None}))
    assert step.outcome is outcome


def test_where_a_query_vanishes_there_is_no_limit():
    field = compile_model(QK_NORM, beta=1.0, Q=FLAT, K=SQUARE)
    null, near = np.array([2.0, -1.0]) / np.sqrt(5), 1e-7
    turned = [np.array([2.0 + s * near, -1.0 + s * near]) for s in (1, -1)]
    found = [field(np.array([x / np.linalg.norm(x), [1.0, 0.0], [0.0, 1.0]])) for x in turned]
    assert np.allclose(FLAT @ null, 0) and np.abs(found[0] - found[1]).max() > 0.1


def nonnegative(weights):
    return attention_model(weights=weights, scheme="nGPT")


@pytest.mark.parametrize(
    ("model", "given", "open_", "equal"),
    [
        (catalogue("nGPT"), {}, HOLDS, HOLDS),
        (nonnegative("sigmoid"), {}, HOLDS, HOLDS),
        (nonnegative("ReLU"), {}, HOLDS, HOLDS),
        (nonnegative("ReLU"), {"beta": -1}, FAILS, FAILS),
        (nonnegative("ReLU"), {"beta": 0}, FAILS, FAILS),
        (nonnegative("linear"), {}, GAP, HOLDS),
        (attention_model(weights="ReLU", scheme="peri-LN"), {"beta": -2}, FAILS, FAILS),
        (catalogue("peri-LN"), {}, HOLDS, HOLDS),
        (attention_model(mask="causal", scheme="nGPT"), {}, HOLDS, HOLDS),
        (attention_model(weights="ReLU"), {"beta": -1}, HOLDS, HOLDS),
        (SA, {}, HOLDS, HOLDS),
        (USA, {}, HOLDS, HOLDS),
        (QK_SA, {}, HOLDS, HOLDS),
    ],
)
def test_outputs_that_are_normalised_ask_for_a_weight_of_ones_own(model, given, open_, equal):
    flow = Flow.of(model, **given)
    assert CONTINUOUS.test(flow).outcome is open_
    assert CONTINUOUS_AT_EQUAL_ANGLES.test(flow).outcome is equal


@pytest.mark.parametrize(
    ("kernel", "outcome"), [(exp(beta * z), HOLDS), (1 - z, FAILS), (1 + z, HOLDS), (z, GAP)]
)
def test_rows_that_are_divided_by_their_sums_ask_for_the_same(kernel, outcome):
    weights = Elementwise(kernel, X * X.T)
    field = Inverse(DiagMatrix(weights * m)) * weights * DiagMatrix(m) * X
    flow = Flow.of(Model("rows", Tangent(X, field), parameters=(beta,)))
    assert CONTINUOUS.test(flow).outcome is outcome


ROWS = ["(6.4)", "Theorem 6.7", "hemisphere under a mask"]


@pytest.mark.slow
def test_no_row_is_proved_by_compactness_where_a_norm_vanishes():
    for given in ({}, {"Q": FLAT, "K": SQUARE}, {"Q": WIDE, "K": WIDE}):
        rows = check_model(QK_NORM, only=[*ROWS, "consensus spectrum under a mask"], **given).rows
        for row in (one for one in rows if one.applies):  # of a solution, if any
            proved = row.evidence.verdict is Verdict.PROVED
            assert proved or "continuous" in row.evidence.detail
            assert not proved or row.evidence.scope["existence"] == "not shown"
        near = check_model(QK_NORM, only=["(4.2)"], **given)["(4.2)"]  # of a solution, if any
        assert near.verdict is Verdict.PROVED and near.scope["existence"] == "not shown"
    rows = check_model(QK_NORM, only=ROWS, Q=SQUARE, K=TALL[:2]).rows
    assert {row.evidence.verdict for row in rows} == {Verdict.PROVED}


@pytest.mark.parametrize("scheme", ["nGPT", "peri-LN"])
@pytest.mark.slow
def test_rates_at_a_consensus_that_has_no_velocity_are_not_proved(scheme):
    name = "rates of schemes"
    model = attention_model(weights="ReLU", scheme=scheme)
    found = check_model(model, only=[name], beta=-1)[name]
    assert found.verdict is not Verdict.PROVED and "k(1) = 0" in found.detail
    assert check_model(model, only=[name], beta=1)[name].verdict is Verdict.PROVED


NEAR_CONSENSUS = ("(6.1)", "consensus spectrum")
"""Rows on the modes at consensus, wherever it is."""


@pytest.mark.parametrize(
    "model", [QK_NORM, pytest.param(TURNED, marks=pytest.mark.slow)], ids=lambda model: model.name
)
def test_consensus_has_no_modes_where_a_query_vanishes(model):
    """Two tokens on both sides of x* with Qx* = 0 never weigh alike: their rate isn't 1."""
    for matrices, shown in (
        ({}, False),
        ({"Q": SQUARE}, False),
        ({"Q": WIDE, "K": WIDE}, False),
        ({"Q": SQUARE, "K": FLAT}, False),
        ({"Q": TALL, "K": TALL}, True),
        ({"Q": SQUARE, "K": -SQUARE}, True),
    ):
        report = check_model(model, only=NEAR_CONSENSUS, **matrices)
        for row in report.rows:
            assert (row.evidence.verdict is Verdict.PROVED) is shown, (row.name, matrices)
            if shown:
                assert "have no kernel" in row.evidence.scope["given"]


def test_the_rate_at_such_a_consensus_is_another():
    field = compile_model(QK_NORM, beta=1.0, Q=np.array([[0.0, 1.0]]), K=np.array([[0.0, 1.0]]))
    for small in (1e-2, 1e-4, 1e-6):
        points = np.array([[np.cos(small), np.sin(small)], [np.cos(small), -np.sin(small)]])
        rate = -field(points)[0, 1] / small
        assert rate == pytest.approx(2 / (1 + np.exp(2)), rel=1e-3)  # by symmetry; not 1


def test_the_rate_where_there_is_no_kernel_is_that_of_the_mode():
    """Beside the test above: an invertible Q gives 1, wherever consensus is."""
    field = compile_model(QK_NORM, beta=1.0, Q=SQUARE, K=-SQUARE)
    for angle in (0.3, 1.9, 4.0):
        for small in (1e-4, 1e-6):
            places = angle + small * np.array([1, -1])
            points = np.array([np.cos(places), np.sin(places)]).T
            turns = np.array([-np.sin(places), np.cos(places)]).T
            rates = (field(points) * turns).sum(axis=1)
            assert (rates[1] - rates[0]) / (2 * small) == pytest.approx(1, rel=1e-3)
