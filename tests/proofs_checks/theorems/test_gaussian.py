"""Gaussian laws under attention: the field, equations of matrices, and twins that are refused."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from sympy import Identity, MatrixSymbol, ZeroMatrix

from proofs_checks.propositions import Is, Rel, Subject
from proofs_checks.theorems import Refusal, Theorem, apply, assume, read, replayed, settle
from proofs_checks.theorems.gaussian import (
    AFFINE,
    AT_GAUSSIAN,
    CARRIED,
    EVEN,
    GAUSSIAN,
    WORDS,
    stays_gaussian,
)
from proofs_checks.theorems.gradients import SYMMETRIC
from theory.atoms import RowSoftmax
from theory.derivations import COVARIANCE, MEAN
from theory.models import PURE_ATTENTION, SA
from theory.symbols import V, X, beta, d, m

A = MatrixSymbol("A", d, d)
GATHERING = replace(PURE_ATTENTION, velocity=RowSoftmax(beta * X * X.T, m) * X, parameters=(beta,))
SUBJECT = Subject.of(GATHERING)
SLOPE = beta * COVARIANCE
MEAN_RATE = SLOPE * MEAN + MEAN
SPREAD_RATE = 2 * beta * COVARIANCE * COVARIANCE


def test_the_field_is_read_off() -> None:
    found = read(AT_GAUSSIAN, SUBJECT)
    assert isinstance(found, Theorem) and found.says == Is(AFFINE, SUBJECT, SLOPE, MEAN)
    for model in (SA, replace(GATHERING, velocity=X * X.T * X, parameters=())):
        assert isinstance(read(AT_GAUSSIAN, Subject.of(model)), Refusal)


def test_a_conclusion() -> None:
    own = stays_gaussian(SUBJECT, MEAN_RATE, SPREAD_RATE)
    assert isinstance(own.found, Theorem) and not own.found.given
    assert own.found.says == own.says.then == Is(GAUSSIAN, SUBJECT, MEAN_RATE, SPREAD_RATE)
    assert isinstance(replayed(own.found), Theorem)
    for mean, spread in (
        (MEAN, SPREAD_RATE),
        (MEAN_RATE, SPREAD_RATE / 2),
        (MEAN_RATE, 2 * beta * COVARIANCE),
        (MEAN_RATE + V * MEAN, SPREAD_RATE),
    ):
        assert isinstance(stays_gaussian(SUBJECT, mean, spread).found, Refusal)


@pytest.mark.parametrize(
    ("left", "right", "even", "so"),
    [
        (A * COVARIANCE.T, A * COVARIANCE, True, True),
        (A * COVARIANCE.T, A * COVARIANCE, False, False),
        (A * COVARIANCE, COVARIANCE * A, True, False),
        (A * Identity(d) + A, 2 * A, False, True),
        (A, A.T, True, False),
        (A * MEAN, ZeroMatrix(d, 1), False, False),
    ],
)
def test_equations_of_matrices(left: Any, right: Any, even: bool, so: bool) -> None:
    facts = (assume(EVEN),) if even else ()
    found = settle(WORDS, Rel("=", left, right), *facts)
    assert isinstance(found, Theorem) == so
    assert not isinstance(found, Theorem) or (EVEN in found.given) == even


def test_what_is_no_equation_of_matrices_is_refused() -> None:
    for says in (Rel("=", beta, beta + 1), Rel("<=", beta, 1), EVEN):
        assert isinstance(settle(WORDS, says), Refusal)


def test_premises() -> None:
    """The equations of mean and covariance, in their places, of this field."""
    own = stays_gaussian(SUBJECT, MEAN_RATE, SPREAD_RATE).found
    assert isinstance(own, Theorem)
    affine, mean, spread = own.premises
    assert isinstance(apply(CARRIED, affine, spread, mean), Refusal)
    assert isinstance(apply(CARRIED, mean, mean, spread), Refusal)
    twice = assume(Rel("=", 2 * spread.says.left, A))
    assert isinstance(apply(CARRIED, affine, mean, twice), Refusal)
    assert isinstance(apply(CARRIED, affine, assume(Rel("<=", beta, 1)), spread), Refusal)
    other = assume(Is(AFFINE, SUBJECT, A, MEAN))
    assert isinstance(apply(CARRIED, other, mean, spread), Refusal)
    known = assume(Is(SYMMETRIC, A))
    more = settle(WORDS, mean.says, assume(EVEN), known)
    found = apply(CARRIED, affine, more, spread)
    assert isinstance(found, Theorem) and found.given == {known.says}  # Σ's alone is spared
