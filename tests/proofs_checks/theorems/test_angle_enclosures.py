"""Angles at a time, and from which dimension on: other numbers and premises are refused."""

from __future__ import annotations

from functools import cache
from typing import Any

import pytest
from sympy import Integer, Rational, exp

from proofs_checks.proof import Flow
from proofs_checks.propositions import Is, Rel, Subject
from proofs_checks.theorems import Conclusion, Refusal, Theorem, apply, assume, settle, sight_in
from proofs_checks.theorems.angle_enclosures import (
    FROM_A_DIMENSION,
    FROM_DIMENSION,
    NEAR_AT,
    NEAR_AT_A_TIME,
    angles_at,
    dimension_from,
    over_log,
    when,
)
from proofs_checks.theorems.angle_times import TIMES, times
from proofs_checks.theorems.enclosed import IN_ORDER
from theory.models import SA
from theory.predictions import equiangular_rate, equiangular_time
from theory.symbols import beta, gamma

ONE, OFF = Integer(1), Rational(1, 10**9)
CASE = 2, ONE, Rational(1, 2), Rational("0.28951806699")
NEED, DIGITS, UNIT = 16 * exp(20), Rational("12.423"), Rational(1, 2000)


@cache
def clocked() -> Conclusion:
    found = sight_in(Flow.of_paper(SA))
    assert not isinstance(found, Refusal)
    own = times(*found, equiangular_rate(model="SA"), equiangular_time(model="SA"))
    assert own is not None
    return own


def test_an_angle_and_a_dimension() -> None:
    near = angles_at(clocked(), [CASE], OFF)
    assert isinstance(near.found, Theorem) and near.found.says == near.says.then
    least = dimension_from(clocked(), CASE, OFF, NEED, DIGITS, UNIT)
    assert isinstance(least.found, Theorem)
    assert least.found.says.args[1:] == (Subject.of(SA), 2, 1, NEED, DIGITS, UNIT)
    assert not any(beta in one.free_symbols for one in least.found.given if isinstance(one, Rel))


@pytest.mark.parametrize(
    ("case", "off"),
    [
        ((3, *CASE[1:]), OFF),
        ((1, *CASE[1:]), OFF),
        ((2, 2 * ONE, *CASE[2:]), OFF),
        ((2, Integer(0), *CASE[2:]), OFF),
        ((2, -ONE, *CASE[2:]), OFF),
        ((2, ONE, ONE, CASE[3]), OFF),
        ((*CASE[:3], CASE[3] + 3 * OFF), OFF),
        (CASE, -OFF),
        (CASE, ONE),
    ],
)
def test_other_angles_are_refused(case: Any, off: Any) -> None:
    assert isinstance(angles_at(clocked(), [case], off).found, Refusal)


@pytest.mark.parametrize(
    ("need", "digits", "unit"),
    [
        (4 * exp(20), DIGITS, UNIT),
        (NEED, DIGITS + Rational(1, 1000), UNIT),
        (NEED, DIGITS, -UNIT),
        (NEED, DIGITS, UNIT / 1000),
        (-NEED, DIGITS, UNIT),
        (NEED * beta, DIGITS, UNIT),
    ],
)
def test_other_dimensions_are_refused(need: Any, digits: Any, unit: Any) -> None:
    found = dimension_from(clocked(), CASE, OFF, need, digits, unit).found
    assert isinstance(found, Refusal)


def test_premises_of_an_angle() -> None:
    """Each bound is needed, and in its place; of another T nothing is concluded."""
    time = clocked().found.says.args[1].arguments[1]  # type: ignore[union-attr]
    clock = assume(Is(TIMES, Subject.of(SA), time))
    low, high = (when(time, 2, ONE, CASE[3] + side) for side in (-OFF, OFF))
    early, late = (
        settle(IN_ORDER, Rel("<", low, CASE[2])),
        settle(IN_ORDER, Rel("<", CASE[2], high)),
    )
    assert isinstance(apply(NEAR_AT_A_TIME, clock, early, late, case=CASE, off=OFF), Theorem)
    other = assume(Is(TIMES, Subject.of(SA), 2 * time))
    for premises in ((clock, late, early), (clock, early, early), (other, early, late)):
        found = apply(NEAR_AT_A_TIME, *premises, case=CASE, off=OFF)
        assert isinstance(found, Refusal)
    weak = assume(Rel("<=", low, CASE[2]))
    assert isinstance(apply(NEAR_AT_A_TIME, clock, weak, late, case=CASE, off=OFF), Refusal)
    cold = assume(Is(TIMES, Subject.of(SA), gamma))
    at_zero = 2, Integer(0), Rational(1, 2), Rational(1, 2)
    ends = (
        settle(IN_ORDER, Rel("<", *pair))
        for pair in ((CASE[2] - OFF, CASE[2]), (CASE[2], CASE[2] + OFF))
    )
    assert isinstance(apply(NEAR_AT_A_TIME, cold, *ends, case=at_zero, off=OFF), Theorem)


def test_premises_of_a_dimension() -> None:
    near = angles_at(clocked(), [CASE], OFF).found
    said = {"need": NEED, "digits": DIGITS, "unit": UNIT}
    low = settle(IN_ORDER, Rel("<", over_log(DIGITS - UNIT), NEED / (CASE[3] + OFF) ** 2))
    high = settle(IN_ORDER, Rel("<", NEED / (CASE[3] - OFF) ** 2, over_log(DIGITS + UNIT)))
    assert isinstance(apply(FROM_A_DIMENSION, near, low, high, **said), Theorem)
    late = assume(Is(NEAR_AT, Subject.of(SA), 2, ONE, ONE, CASE[3], OFF))
    vague = assume(Is(NEAR_AT, Subject.of(SA), 2, ONE, CASE[2], CASE[3], ONE))
    least = assume(Is(FROM_DIMENSION, Subject.of(SA), 2, ONE, NEED, DIGITS, UNIT))
    for premises in (
        (near, high, low),
        (near, low, low),
        (late, low, high),
        (vague, low, high),
        (least, low, high),
        (near, assume(Rel("<", 0, NEED)), high),
    ):
        assert isinstance(apply(FROM_A_DIMENSION, *premises, **said), Refusal)
    more = {**said, "digits": Rational(1, 2)}
    assert isinstance(apply(FROM_A_DIMENSION, near, low, high, **more), Refusal)
