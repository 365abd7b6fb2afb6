"""Curves that fall through 0 once and have one well: other places and curves are refused."""

from __future__ import annotations

from typing import Any

import pytest
from sympy import Rational, Symbol, cos, exp, sin

from proofs_checks.propositions import All, Bound, every, some
from proofs_checks.theorems import Refusal, Theorem, settle
from proofs_checks.theorems.wells import (
    ANGLE,
    ONE_WELL,
    ONE_ZERO,
    falls_through_zero,
    one_well,
)
from theory.symbols import z

CURVE = exp(2 * cos(ANGLE)) * (cos(ANGLE) - 2 * sin(ANGLE) ** 2)
ZERO = Rational(67, 100), Rational(68, 100)
PLACE = Rational(1163, 1000), Rational(1165, 1000)
LEAST = Rational(-29, 10), Rational(-28, 10)
FREE = Symbol("a", real=True)


def test_the_curve_of_the_paper() -> None:
    assert isinstance(settle(ONE_ZERO, falls_through_zero(CURVE, *ZERO)), Theorem)
    assert isinstance(settle(ONE_WELL, one_well(CURVE, *PLACE, *LEAST)), Theorem)
    assert isinstance(settle(ONE_ZERO, falls_through_zero(CURVE.expand(), *ZERO)), Theorem)


@pytest.mark.parametrize(
    ("curve", "low", "high"),
    [
        (CURVE, Rational(68, 100), Rational(7, 10)),
        (CURVE, *ZERO[::-1]),
        (CURVE, Rational(-1), ZERO[1]),
        (-CURVE, *ZERO),
        (CURVE + FREE, *ZERO),
        (CURVE + ANGLE, *ZERO),
        (CURVE * cos(ANGLE), *ZERO),
        (exp(1 / cos(ANGLE)) * cos(ANGLE), Rational(1), Rational(2)),
        (cos(ANGLE) - exp(cos(ANGLE)), *ZERO),
    ],
)
def test_other_zeros_are_refused(curve: Any, low: Any, high: Any) -> None:
    assert isinstance(settle(ONE_ZERO, falls_through_zero(curve, low, high)), Refusal)


@pytest.mark.parametrize(
    ("curve", "place", "least"),
    [
        (CURVE, ZERO, LEAST),
        (-CURVE, PLACE, LEAST),
        (CURVE, PLACE, (LEAST[0], Rational(-285, 100))),
        (CURVE, PLACE, (Rational(-28, 10), Rational(0))),
        (cos(ANGLE), PLACE, LEAST),
        (CURVE * cos(ANGLE), PLACE, LEAST),
    ],
)
def test_other_wells_are_refused(curve: Any, place: Any, least: Any) -> None:
    assert isinstance(settle(ONE_WELL, one_well(curve, *place, *least)), Refusal)


def test_other_statements_are_refused() -> None:
    zero, well = falls_through_zero(CURVE, *ZERO), one_well(CURVE, *PLACE, *LEAST)
    assert isinstance(settle(ONE_WELL, zero), Refusal)
    assert isinstance(settle(ONE_ZERO, well), Refusal)
    for engine, says in ((ONE_ZERO, zero), (ONE_WELL, well)):
        parts = says.opened(z).args
        for fewer in (parts[1:], parts[::-1], (*parts[:2], *parts[3:], parts[2])):
            assert isinstance(settle(engine, some(z, All(*fewer))), Refusal)
        assert isinstance(settle(engine, every(z, All(*parts))), Refusal)
        assert isinstance(says, Bound) and isinstance(settle(engine, All(says)), Refusal)
