"""Thresholds of β: what is claimed beside consensus, and what is refused."""

from __future__ import annotations

from typing import Any

import pytest
from sympy import Rational, asin, atan, exp, log, pi, sqrt

from proofs_checks.proof import ONE_MASS
from proofs_checks.propositions import Rel, Subject
from proofs_checks.theorems import Conclusion, Refusal, Theorem, apply, as_sheet, assume
from proofs_checks.theorems.analytic import analytic
from proofs_checks.theorems.order import EITHER, TANGENT
from proofs_checks.theorems.pulls import gram
from proofs_checks.theorems.readers import OTHER, TOKEN
from proofs_checks.theorems.thresholds import few_starts, large_starts, small_starts
from theory.energy import interaction_energy
from theory.models import SA, gradient_flow
from theory.symbols import X, beta, d, n, z
from theory.terms import Inner, Row, Vec

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


C = (1 - d + sqrt((d - 1) ** 2 + 4 * beta**2)) / (2 * beta)
BRACKET, LOW = (d - 1) * z - beta * (1 - z**2), (d - 1) * (n - 1) ** 2 / pi**2


@pytest.mark.parametrize(
    ("asked", "so"),
    [
        ((BRACKET, C, LOW, pi), True),
        ((BRACKET, C, 2 * LOW, pi), True),
        ((BRACKET, C, LOW / 4, pi), False),
        ((BRACKET, -C - (d - 1) / beta, LOW, pi), False),
        ((BRACKET + z, C, LOW, pi), False),
        ((BRACKET, C, LOW, 3 * pi / 2), False),
        ((BRACKET, C, LOW, pi / 2), False),
    ],
)
def test_large_starts(asked: Any, so: bool) -> None:
    own = large_starts(Subject.of(SA), *asked)
    assert isinstance(own, Conclusion)
    assert as_sheet(own.says, own.found, own.names).holds is so


def test_few_starts() -> None:
    said = z * exp(2 * z) - 2 * (1 - z**2) * exp(2 * z)
    hot = Subject.of(SA, {beta: 2})
    for profile, most, so in ((said, 4, True), (said, 9, False), (said + z, 4, False)):
        own = few_starts(hot, profile, most)
        assert isinstance(own, Conclusion)
        assert as_sheet(own.says, own.found, own.names).holds is so


def _said(kernel: Any) -> Any:
    slope = kernel.diff(z)
    return z * slope - (1 - z**2) * slope.diff(z)


@pytest.mark.parametrize(
    ("kernel", "most"),
    [
        (log(2 + z), 2),
        (-log(3 - z), 3),
        (1 / (2 - z), 5),
        ((3 + z) ** Rational(3, 2), 3),
        (sqrt(2 + z), 2),
        (2 * exp(z), 4),
        (asin(z / 2), 2),
    ],
    ids=str,
)
def test_few_starts_of_kernels_that_divide(kernel: Any, most: int) -> None:
    subject = Subject.of(gradient_flow(interaction_energy(kernel)))
    for profile, count, so in ((1, most, True), (1, most + 1, False), (-1, most, False)):
        own = few_starts(subject, profile * _said(kernel), count)
        shown = isinstance(own, Conclusion) and as_sheet(own.says, own.found, own.names).holds
        assert shown is so


def test_what_is_analytic_on_the_sphere_alone() -> None:
    g = gram(TOKEN, OTHER)
    for own in (log(2 + g), 1 / (g - 2), sqrt(2 + g), asin(g / 2), atan(g)):
        assert analytic(own)
    for own in (
        log(1 + g),
        1 / g,
        sqrt(1 + g),
        asin(g),
        log(2 + g + Inner(Row(X, TOKEN), Vec("w"))),
    ):
        assert not analytic(own)
