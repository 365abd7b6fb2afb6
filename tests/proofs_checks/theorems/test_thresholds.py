"""Thresholds of β: what is claimed beside consensus, and what is refused."""

from __future__ import annotations

from typing import Any

import pytest
from sympy import Rational, exp, log, sqrt

from proofs_checks.proof import ONE_MASS
from proofs_checks.propositions import Rel, Subject
from proofs_checks.theorems import Conclusion, Refusal, Theorem, apply, as_sheet, assume
from proofs_checks.theorems.order import TANGENT
from proofs_checks.theorems.thresholds import small_starts
from proofs_checks.theorems.unit_cones import EITHER
from theory.models import SA
from theory.symbols import beta, z

RIGHT, THRESHOLD = exp(beta) - 1, -log(1 - ONE_MASS)


def holds(*asked: Any) -> bool:
    own = small_starts(Subject.of(SA), *asked)
    assert isinstance(own, Conclusion)
    return as_sheet(own.says, own.found, own.names).holds


def test_what_is_weaker_is_shown_and_what_is_stronger_is_not() -> None:
    assert holds(RIGHT, THRESHOLD, ONE_MASS)
    assert holds(RIGHT + beta, THRESHOLD, ONE_MASS / 2)
    assert not holds(RIGHT / 2, THRESHOLD, ONE_MASS)
    assert not holds(beta, THRESHOLD, ONE_MASS)
    assert not holds(RIGHT, 2 * THRESHOLD, ONE_MASS)
    assert not holds(RIGHT, THRESHOLD + ONE_MASS, ONE_MASS)
    assert not holds(RIGHT, THRESHOLD, Rational(11, 10) * ONE_MASS)


def test_a_heat_that_is_no_multiple_has_no_threshold() -> None:
    squared = Subject.of(SA.subs({beta: beta**2}))
    found = small_starts(squared, RIGHT, THRESHOLD, ONE_MASS)
    assert isinstance(found, Refusal) and "no multiple of β" in str(found)


def test_the_tangent_of_the_exponential() -> None:
    rises = apply(TANGENT, number=-beta)
    assert isinstance(rises, Theorem) and rises.says == Rel("<=", 1 - beta, exp(-beta))
    hot = assume(Rel("<", 0, beta))
    for number in (beta, -beta):
        strict = apply(TANGENT, hot, number=number)
        assert isinstance(strict, Theorem) and strict.says == Rel("<", 1 + number, exp(number))
    for sign in (Rel("<=", 0, beta), Rel("<", 1, beta), Rel("<", 0, 2 * beta)):
        assert isinstance(apply(TANGENT, assume(sign), number=beta), Refusal)
    for number in (1 / z, sqrt(z)):
        assert isinstance(apply(TANGENT, number=number), Refusal)


@pytest.mark.parametrize("number", [1 / z, sqrt(z), log(z)])
def test_a_symbol_is_of_either_sign_and_what_has_no_value_is_not(number: Any) -> None:
    assert isinstance(apply(EITHER, number=z), Theorem)
    assert isinstance(apply(EITHER, number=number), Refusal)
