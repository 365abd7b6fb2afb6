"""Coordinates z = e^{-tW} x of attention on R^d: words that are equal, and refused twins."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from sympy import DiagMatrix, Identity, MatrixSymbol, OneMatrix, S, ZeroMatrix

from proofs_checks.propositions import Rel, Subject, written
from proofs_checks.theorems import (
    Refusal,
    Theorem,
    assume,
    replayed,
    rescaled_motion,
    rescaled_weights,
    settle,
    words_left,
)
from proofs_checks.theorems.rescaled import SUBSTITUTED
from theory.atoms import MatrixExponential, RowSoftmax
from theory.masks import Mask
from theory.models import PURE_ATTENTION, RESCALED_ATTENTION, SA
from theory.symbols import K, Q, V, X, beta, d, m, n, t

WEIGHTS = MatrixSymbol("A", n, n)
ONES = OneMatrix(n, 1)
SOFTMAX = RowSoftmax(beta * X * X.T, m)
PULL = WEIGHTS * X * V.T
ACROSS = PULL - DiagMatrix(WEIGHTS * ONES) * X * V.T


def test_both_ways() -> None:
    for model, matrix, velocity in (
        (RESCALED_ATTENTION, -V, PULL),
        (PURE_ATTENTION, V, ACROSS),
        (PURE_ATTENTION, V, PULL - X * V.T),
    ):
        own = rescaled_motion(Subject.of(model), matrix, velocity, WEIGHTS)
        assert isinstance(own.found, Theorem) and not own.found.given
        assert own.found.says == own.says.then and isinstance(replayed(own.found), Theorem)


@pytest.mark.parametrize(
    ("model", "matrix", "velocity"),
    [
        (RESCALED_ATTENTION, V, PULL),
        (RESCALED_ATTENTION, -2 * V, PULL),
        (RESCALED_ATTENTION, -V, PULL.subs(V, V.T)),
        (PURE_ATTENTION, V, PULL),
        (PURE_ATTENTION, 2 * V, ACROSS),
        (PURE_ATTENTION, K.T * Q, ACROSS),
        (SA, V, ACROSS),
    ],
)
def test_twins(model: Any, matrix: Any, velocity: Any) -> None:
    own = rescaled_motion(Subject.of(model), matrix, velocity, WEIGHTS)
    assert isinstance(getattr(own, "found", own), Refusal)


def test_rows_of_tokens_that_see_nobody_have_no_sum() -> None:
    """Rows of a strictly causal softmax sum to 1 but for the first, which is 0."""
    for mask, so in ((Mask.causal(), True), (Mask.strictly_causal(), False)):
        seen = RowSoftmax(beta * X * X.T, m, mask)
        assert (words_left(seen * ONES, ONES) == 0) is so
        model = replace(PURE_ATTENTION, velocity=seen * X * V.T, parameters=(beta, V))
        own = rescaled_motion(Subject.of(model), V, PULL - X * V.T, WEIGHTS)
        assert isinstance(own.found, Theorem)  # -V z_i is there whatever rows sum to
        across = rescaled_motion(Subject.of(model), V, ACROSS, WEIGHTS)
        assert isinstance(across.found, Theorem) is so


def test_weights() -> None:
    forth = X * MatrixExponential(t * V.T)
    seen = RowSoftmax(beta * forth * Q.T * K * forth.T, m)
    subject = Subject.of(PURE_ATTENTION)
    assert isinstance(rescaled_weights(subject, V, seen).found, Theorem)
    for matrix, other in ((-V, seen), (V, seen.subs(beta, 2 * beta)), (V, seen.subs(Q, K))):
        assert isinstance(rescaled_weights(subject, matrix, other).found, Refusal)


@pytest.mark.parametrize(
    ("left", "right", "so"),
    [
        (MatrixExponential(t * V) * MatrixExponential(-t * V), Identity(d), True),
        (MatrixExponential(t * V) * MatrixExponential(-t * V.T), Identity(d), False),
        (MatrixExponential(t * V) * V, V * MatrixExponential(t * V), True),
        (MatrixExponential(t * V) * V.T, V.T * MatrixExponential(t * V), False),
        (MatrixExponential(S.Zero * V), Identity(d), True),
        (SOFTMAX * ONES, ONES, True),
        (SOFTMAX.T * ONES, ONES, False),
        (RowSoftmax(beta * X * X.T, ONES) * ONES, 2 * ONES, False),
        (V, ZeroMatrix(d, d), False),
    ],
)
def test_words(left: Any, right: Any, so: bool) -> None:
    assert isinstance(settle(SUBSTITUTED, Rel("=", left, right)), Theorem) is so


def test_what_is_no_equation_of_matrices() -> None:
    for says in (Rel("=", beta, beta + 1), Rel("<=", beta, 1)):
        assert isinstance(settle(SUBSTITUTED, says), Refusal)
        assert isinstance(assume(says), Theorem)


def test_matrices_are_written_as_mathematics() -> None:
    says = Rel("=", SOFTMAX * X * MatrixExponential(t * V.T), DiagMatrix(m) * X)
    assert written(says) == "softmax(β X X^T) X e^(t V^T) = diag(m) X"
