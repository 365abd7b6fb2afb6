"""Rows whose object a model hasn't, and models of the kind that have it."""

from __future__ import annotations

import pytest

from proofs_checks import check_model
from proofs_checks.own_model.by_theorem import asked
from proofs_checks.own_model.no_object import lacks
from proofs_checks.proof import Flow
from theory.models import catalogue


def said(row, name, **given):
    return lacks(row, Flow.of(catalogue(name), **given), asked)


@pytest.mark.parametrize(
    ("row", "name", "words"),
    [
        ("(6.12)", "low-rank heads", "all <x_i,x_j> = 40/49"),
        ("(6.11)", "cross-attention", "orthonormal tokens"),
        ("(6.12)", "no projection", "tokens on R^d"),
        ("rates of schemes", "multi-query", "angles have no one γ(t)"),
        ("rates of schemes", "cross-attention", "keys at e_2"),
        ("(6.1)", "repulsive", "near consensus tokens repel"),
        ("(3.3)", "multi-query", "weights other than"),
        ("Theorem 4.1 rates", "MLP block", "consensus isn't at rest: a = 0"),
        ("Theorem 4.1 rates", "low-rank heads", "V_1 = ε e_1 e_1^T"),
        ("consensus spectrum", "cross-attention", "keys at e_2"),
        ("dissipation identity", "encoder-decoder", "no energy is stated"),
        ("Remark 3.8", "encoder-decoder", "tokens of another kind"),
    ],
)
def test_what_is_lacking(row, name, words):
    assert words in said(row, name)


@pytest.mark.every(3)
@pytest.mark.parametrize(
    ("row", "name"),
    [
        ("(6.12)", "SA"),
        ("(6.11)", "USA"),
        ("(6.1)", "SA"),
        ("(6.1)", "ReLU"),
        ("rates of schemes", "encoder-decoder"),  # equal angles stay equal there
        ("(3.3)", "SA"),
        ("(3.3)", "MLP block"),
        ("Theorem 4.1 rates", "SA"),
        ("Theorem 4.1 rates", "repulsive"),
        ("consensus spectrum", "encoder-decoder"),
        ("consensus spectrum", "pre-LN"),
        ("dissipation identity", "cross-attention"),
        ("gradient structure", "LNS with scores"),
        ("Remark 3.8", "SA"),
        ("Lemma 6.4", "cross-attention"),
        ("Lipschitz bound", "low-rank heads"),
    ],
)
def test_what_is_there(row, name):
    assert said(row, name) == ""


def test_a_row_says_so():
    row = check_model(catalogue("cross-attention"), only="(6.12)")["(6.12)"]
    assert not row.applies and "orthonormal" in row.detail
