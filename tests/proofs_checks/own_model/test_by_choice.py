"""Rows that fail for some Q, K, V: what is said of every matrix; beside the compiled model."""

from __future__ import annotations

import numpy as np
import pytest
from sympy import MatrixSymbol

from numerics.compile import compile_model
from proofs_checks import Verdict, check_model
from proofs_checks.own_model.by_choice import chosen
from proofs_checks.own_model.nothing_moves import OF_REST, stands_still
from proofs_checks.proof import Flow
from proofs_checks.propositions import Rel, Subject
from proofs_checks.theorems import Refusal, apply, assume, standing
from proofs_checks.theorems.order import KEPT
from theory import models
from theory.atoms import Tangent
from theory.models import QKV, SA, Model, catalogue
from theory.symbols import K, Q, V, X
from theory.terms import Index, Inner, Row, ddt

ROWS = ["Theorem 6.1", "(6.3)"]
PUT = {
    "low-rank heads": "V_1 = V_2 = -I, K_1 = K_2 = Q_1 = Q_2 = 0",
    "multi-query": "V_1 = V_2 = -I, K = Q_1 = Q_2 = 0",
}


@pytest.mark.parametrize("name", PUT)
def test_heads_of_any_matrices_may_repel(name):
    report = check_model(catalogue(name), only=ROWS)
    for row in ROWS:
        evidence = report[row]
        assert evidence.verdict is Verdict.REFUTED and evidence.detail.startswith(PUT[name])


def test_the_witness_is_of_the_compiled_model():
    model = catalogue("low-rank heads")
    sizes = {"Q_1": (1, 3), "K_1": (1, 3), "Q_2": (2, 3), "K_2": (2, 3)}
    put = {a: np.zeros(shape) for a, shape in sizes.items()} | dict.fromkeys(
        ("V_1", "V_2"), -np.eye(3)
    )
    field = compile_model(model, beta=1 / 3, masses=np.array([0.5, 0.5]), **put)
    points = np.eye(3)[:2]
    rates = field(points)
    assert rates[0] @ points[1] + points[0] @ rates[1] < -0.5


def test_what_is_put_and_where_nothing_is():
    for model in (SA, catalogue("MLP block"), models.QK_SA, models.KURAMOTO, models.NETWORK):
        assert chosen(Flow.of(model)) is None
    given = chosen(Flow.of(QKV, V=np.eye(2)))
    assert given is None
    words, at = chosen(Flow.of(QKV, V=-np.eye(2)))
    assert words == "K = Q = 0" and not at.model.velocity.atoms(MatrixSymbol) & {Q, K, V}
    words, at = chosen(Flow.of(QKV, Q=np.eye(2), K=np.eye(2), beta=2))
    assert words == "V = -I" and set(at.given) == {"beta"}
    words, at = chosen(Flow.of(models.SYMMETRIC_QKV))
    assert words == "V = -I" and not at.model.velocity.atoms(MatrixSymbol) & {V}


def test_where_values_are_the_identity_rows_are_kept():
    report = check_model(models.QK_SA, only=["Lemma 6.4", "(6.2)"])
    assert {row.evidence.verdict for row in report.rows} == {Verdict.PROVED}


def test_given_matrices_are_kept():
    """V = diag(1, 2) is no case of V = -I, whoever gives it."""
    given = {"V": np.diag([1.0, 2.0]), "beta": 1.0}
    for more in ({}, {"Q": np.eye(2), "K": np.eye(2)}):
        (row,) = check_model(QKV, only=["Theorem 6.1"], **given, **more).rows
        assert row.evidence.verdict is Verdict.UNDECIDED
    (row,) = check_model(QKV, only=["Theorem 6.1"], Q=np.eye(2), K=np.eye(2)).rows
    assert row.evidence.detail.startswith("V = -I: ")


REPELLED = ("(4.1)", "(6.2)", "(6.3)", "(6.4)", "(6.5)", "Theorem 6.7", "Remark 6.5")


@pytest.mark.parametrize("scale", [-1, -3])
def test_a_value_matrix_that_is_given_may_repel(scale):
    """V = cI, c < 0, with queries and keys of any kind: at Q = K = 0 it is c SA, which repels."""
    report = check_model(QKV, only=REPELLED, V=scale * np.eye(2))
    for row in REPELLED:
        evidence = report[row]
        assert evidence.verdict is Verdict.REFUTED and evidence.detail.startswith("K = Q = 0: ")
    least = check_model(QKV, only=["(6.7)", "(6.8)"], V=scale * np.eye(2))
    assert {row.evidence.verdict for row in least.rows} == {Verdict.VACUOUS}


@pytest.mark.parametrize("scale", [1, 2])
def test_a_value_matrix_that_attracts_keeps_its_rows(scale):
    report = check_model(QKV, only=REPELLED, V=scale * np.eye(2))
    assert {row.evidence.verdict for row in report.rows} == {Verdict.PROVED}


STILL = {
    "Lemma 6.4": "REFUTED",
    "consensus spectrum": "REFUTED",
    "Theorem 4.1": "REFUTED",
    "Theorem 6.8": "REFUTED",
    "(4.1)": "VACUOUS",
    "(6.7)": "VACUOUS",
    "Remark 3.1": "PROVED",
    "Gram closure": "PROVED",
    "equiangular ODE": "PROVED",
    "Lipschitz bound": "PROVED",
    "(4.4)": "PROVED",
    "(4.5)": "PROVED",
    "(7.1) continuity": "PROVED",
    "(8.1)": "PROVED",
    "Remark 6.2": "REFUTED",
    "Remark 6.5": "REFUTED",
    "(6.1)": "doesn't apply",
}


@pytest.mark.parametrize("zero", ["V = 0", "a multiple of each token"])
def test_where_nothing_moves(zero):
    still = Model("still", Tangent(X, -3 * X))
    made = (QKV, {"V": np.zeros((2, 2))}) if zero == "V = 0" else (still, {})
    report = check_model(made[0], only=STILL, **made[1])
    assert {row: report[row].word for row in STILL} == STILL
    assert not any("error of ours" in row.evidence.detail for row in report.rows)
    shown = [row for row in OF_REST if report[row].verdict is Verdict.PROVED]
    assert len(shown) == 4 and all(report[row].sheet.typed for row in shown)


def test_what_moves_is_not_kept():
    """A speed that isn't 0, at another time alone, or of two tokens, keeps nobody."""
    x, y = (ddt(Row(X, Index(k))) for k in "ij")
    kept = assume(Rel("=", Inner(x, x), 0))
    assert isinstance(apply(KEPT, kept), Refusal)  # it is given, of one time and token
    for says in (Rel("=", Inner(x, y), 0), Rel("=", Inner(x, x), 1), Rel("<=", Inner(x, x), 0)):
        assert isinstance(apply(KEPT, assume(says)), Refusal)
    assert standing(Subject.of(SA)) is None


def test_what_moves_has_no_row_of_rest():
    turned = Model("turned", Tangent(X, -3 * X + SA.velocity.field))
    for model, given in (
        (turned, {}),
        (QKV, {}),
        (models.REPULSIVE, {}),
        (models.PURE_ATTENTION, {}),
    ):
        assert stands_still(Flow.of(model, **given)) is None
    assert stands_still(Flow.of(QKV, V=np.zeros((2, 2)), Q=np.eye(2)))
