"""Rows that fail for some Q, K, V: what is said of every matrix; beside the compiled model."""

from __future__ import annotations

import numpy as np
import pytest
from sympy import MatrixSymbol

from numerics.compile import compile_model
from proofs_checks import Verdict, check_model
from proofs_checks.own_model.by_choice import chosen
from proofs_checks.proof import Flow
from theory import models
from theory.models import QKV, SA, catalogue
from theory.symbols import V

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
