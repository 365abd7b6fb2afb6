"""Tokens on the circle: what is claimed of their angles; what is another isn't concluded."""

from __future__ import annotations

from typing import Any

import pytest
from sympy import Rational, cos, exp, sin

from proofs_checks.audit import audit, in_angles, solution_of
from proofs_checks.propositions import All, Rel, Subject
from proofs_checks.theorems import (
    Conclusion,
    Refusal,
    Theorem,
    convolving,
    coupled,
    settle,
    steps_of,
    turning,
)
from proofs_checks.theorems.circle import APART, OWN
from proofs_checks.theorems.engines import EQUAL
from proofs_checks.theorems.readers import OTHER, TOKEN
from theory.models import CAUSAL, QKV, REPULSIVE, SA, USA
from theory.symbols import beta, n
from theory.terms import ddt, total

HERE = Subject.of(USA)


def force(a: Any) -> Any:
    return -exp(beta * cos(a)) * sin(a)


def weight(a: Any) -> Any:
    return exp(beta * cos(a))


@pytest.mark.parametrize("model", [SA, USA, REPULSIVE])
def test_steps_hold_along_a_solution(model: Any) -> None:
    sign, divided = -1 if model is REPULSIVE else 1, None if model is USA else weight
    own = turning(Subject.of(model), lambda a: sign * force(a), divided)
    assert not isinstance(own, Refusal)
    own = coupled(Subject.of(model), own, sign, 0)
    assert isinstance(own.found, Theorem) and own.found.says == own.says.then
    told = audit(steps_of(own.found), in_angles(solution_of(model, dimension=2)))
    assert told.doubts == () and told.held > 3


@pytest.mark.parametrize(
    "other",
    [
        lambda a: -force(a),
        lambda a: force(a) / n,
        lambda a: -exp(2 * beta * cos(a)) * sin(a),
        lambda a: -sin(a),
    ],
)
def test_another_velocity_is_not_concluded(other: Any) -> None:
    found = turning(HERE, other)
    assert isinstance(found, Refusal) or isinstance(found.found, Refusal)


@pytest.mark.parametrize("model", [CAUSAL, QKV, SA])
def test_sums_over_some_or_of_other_values_are_refused(model: Any) -> None:
    found = turning(Subject.of(model), force, None if model is SA else weight)
    assert isinstance(found, Refusal) or isinstance(found.found, Refusal)


def test_kuramoto_is_at_one_temperature() -> None:
    own = turning(HERE, force)
    assert not isinstance(own, Refusal)
    assert isinstance(coupled(HERE, own, 1, 0).found, Theorem)
    for coupling, heat in ((2, 0), (-1, 0), (1, Rational(1, 10))):
        assert isinstance(coupled(HERE, own, coupling, heat).found, Refusal)


def test_signs_of_sines_are_in_front_of_sums() -> None:
    """SymPy writes sin(a - b) or -sin(b - a) as the names of bound indices have it."""
    turns = total(ddt(OWN) * total(sin(APART), OTHER), TOKEN)
    pairs = total(total(cos(APART), OTHER), TOKEN)
    assert isinstance(settle(EQUAL, Rel("=", ddt(pairs), -2 * turns)), Theorem)
    assert isinstance(settle(EQUAL, Rel("=", ddt(pairs), 2 * turns)), Refusal)
    odd = total(total(sin(APART), OTHER), TOKEN)
    assert isinstance(settle(EQUAL, Rel("=", odd, 0)), Theorem)
    for even in (pairs, total(total(sin(APART) ** 2, OTHER), TOKEN)):
        assert isinstance(settle(EQUAL, Rel("=", even, 0)), Refusal)


def test_a_number_is_summed_as_often_as_there_are_tokens() -> None:
    assert isinstance(settle(EQUAL, Rel("=", total(beta, OTHER), n * beta)), Theorem)
    less = total(beta, OTHER, (TOKEN,))
    assert isinstance(settle(EQUAL, Rel("=", less, n * beta)), Refusal)
    assert isinstance(settle(EQUAL, Rel("=", less, (n - 1) * beta)), Theorem)


def test_convolutions_are_with_a_kernel_and_its_slope() -> None:
    def slope(a: Any) -> Any:
        return -beta * sin(a) * weight(a)

    for model, divided in ((USA, False), (SA, True)):
        own = convolving(Subject.of(model), weight, slope, 1 / beta, divided)
        assert isinstance(own, Conclusion) and isinstance(own.found, Theorem)
        assert own.found.says == own.says.then
        assert Rel("!=", beta, 0) in own.says.given
        assert isinstance(own.says.then, All)
        told = audit(steps_of(own.found), in_angles(solution_of(model, dimension=2)))
        assert told.doubts == () and told.held > 3
    for kernel, other, factor in (
        (weight, slope, 1),
        (weight, lambda a: -slope(a), 1 / beta),
        (lambda a: weight(2 * a), slope, 1 / beta),
    ):
        found = convolving(Subject.of(SA), kernel, other, factor, True)
        assert isinstance(found, Refusal) or isinstance(found.found, Refusal)


def test_a_slope_is_said_where_it_is_that_of_the_kernel() -> None:
    own = convolving(HERE, lambda a: a, force, 1, False)  # a' isn't φ' force(φ)
    assert isinstance(own, Conclusion) and not isinstance(own.says.then, All)
