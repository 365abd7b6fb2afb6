"""What enclosures decide: other places, ranges, signs and shapes are refused."""

from __future__ import annotations

from typing import Any

import pytest
from sympy import Integer, Rational, Symbol, besseli, exp, log, sqrt

from proofs_checks.certificates import check
from proofs_checks.propositions import All, Bound, Rel, every, some
from proofs_checks.theorems import Refusal, Theorem, certificate_of, crossing, positive, settle
from proofs_checks.theorems.enclosed import (
    IN_ORDER,
    POSITIVE_BETWEEN,
    RISES_THROUGH,
    VARIABLE,
    positive_between,
    rises_through_zero,
)
from proofs_checks.theorems.mode_orders import OVERTAKES, overtakes
from theory.symbols import beta, z
from theory.terms import Norm, Vec

SLACK = 20 * VARIABLE * exp(3 * VARIABLE) - 1
ENDS = Integer(0), Integer(1)
PLACE, OFF = Rational("0.04384"), Rational("0.000005")
FREE = Symbol("a", real=True)


def test_numbers_in_order() -> None:
    assert isinstance(settle(IN_ORDER, Rel("<", log(2), Rational("0.6932"))), Theorem)
    assert isinstance(settle(IN_ORDER, Rel("<=", Rational("0.6931"), log(2))), Theorem)
    for says in (
        Rel("<", log(2), Rational("0.6931")),
        Rel("<", sqrt(2), sqrt(2)),
        Rel("<=", sqrt(2), sqrt(2)),
        Rel("=", 1, 1),
        Rel("<", 0, 1 + beta**2),
        Rel("<", 0, 1 + Norm(Vec("w"))),
        Rel("<", 0, log(-1)),
        All(Rel("<", 0, 1)),
    ):
        assert isinstance(settle(IN_ORDER, says), Refusal)


def test_a_certificate_is_behind_a_zero_and_a_sign() -> None:
    own = (
        settle(RISES_THROUGH, rises_through_zero(SLACK, *ENDS, PLACE, OFF)),
        settle(POSITIVE_BETWEEN, positive_between(1 + SLACK, Rational(1, 9), Integer(1))),
    )
    for one, kind in zip(own, ("root", "sign"), strict=True):
        assert isinstance(one, Theorem)
        found = certificate_of(one)
        assert found is not None and found.kind == kind and check(found).ok
    plain = settle(IN_ORDER, Rel("<", 0, 1))
    assert isinstance(plain, Theorem) and certificate_of(plain) is None


@pytest.mark.parametrize(
    ("curve", "low", "high", "place", "off"),
    [
        (SLACK, *ENDS, PLACE + 2 * OFF, OFF),
        (SLACK, *ENDS, PLACE, OFF / 1000),
        (SLACK, *ENDS, PLACE, -OFF),
        (SLACK, *ENDS[::-1], PLACE, OFF),
        (SLACK, Rational(1, 9), Integer(1), PLACE, OFF),
        (-SLACK, *ENDS, PLACE, OFF),
        (SLACK + FREE, *ENDS, PLACE, OFF),
        (SLACK, Integer(0), sqrt(2), PLACE, OFF),
        (SLACK * (VARIABLE - Rational(1, 2)), *ENDS, PLACE, OFF),
        (log(VARIABLE), *ENDS, Rational(1), Rational(1, 2)),
    ],
)
def test_other_zeros_are_refused(curve: Any, low: Any, high: Any, place: Any, off: Any) -> None:
    says = rises_through_zero(curve, low, high, place, off)
    assert isinstance(settle(RISES_THROUGH, says), Refusal)


@pytest.mark.parametrize(
    ("curve", "low", "high"),
    [
        (SLACK, *ENDS),
        (1 + SLACK, *ENDS),
        (2 + SLACK, *ENDS[::-1]),
        (2 + SLACK + FREE, *ENDS),
        (2 + SLACK, Integer(0), sqrt(2)),
        (1 / VARIABLE, *ENDS),
    ],
)
def test_other_signs_are_refused(curve: Any, low: Any, high: Any) -> None:
    assert isinstance(settle(POSITIVE_BETWEEN, positive_between(curve, low, high)), Refusal)


@pytest.mark.parametrize(
    ("slow", "fast", "low", "high"),
    [
        (besseli(1, VARIABLE), 4 * besseli(2, VARIABLE), Rational(2), Rational(3)),
        (besseli(1, VARIABLE), 4 * besseli(2, VARIABLE), Rational(5, 4), Rational(1)),
        (besseli(1, VARIABLE), 4 * besseli(2, VARIABLE), Rational(1), sqrt(2)),
        (besseli(1, VARIABLE), 4 * besseli(3, VARIABLE), Rational(1), Rational(9)),
        (besseli(1, VARIABLE), 4 * VARIABLE * besseli(2, VARIABLE), Rational(1, 9), Rational(9)),
        (besseli(1, VARIABLE), 4 * besseli(2, 2 * VARIABLE), Rational(1, 9), Rational(9)),
        (-besseli(1, VARIABLE), -4 * besseli(2, VARIABLE), Rational(1), Rational(5, 4)),
        (besseli(1, VARIABLE), 4 * FREE * besseli(2, VARIABLE), Rational(1), Rational(5, 4)),
    ],
)
def test_other_modes_are_refused(slow: Any, fast: Any, low: Any, high: Any) -> None:
    assert isinstance(settle(OVERTAKES, overtakes(slow, fast, low, high)), Refusal)


def test_a_mode_overtakes() -> None:
    ends = Rational(1), Rational(5, 4)
    for factor in (1 / VARIABLE, VARIABLE**2):
        says = overtakes(factor * besseli(1, VARIABLE), 4 * factor * besseli(2, VARIABLE), *ends)
        one = settle(OVERTAKES, says)
        assert isinstance(one, Theorem)
        found = certificate_of(one)
        assert found is not None and found.kind == "switch"
        parts = says.opened(z).args
        for fewer in (parts[1:], parts[:3], parts[::-1], (*parts[:2], parts[3], parts[2])):
            assert isinstance(settle(OVERTAKES, some(z, All(*fewer))), Refusal)
    other = overtakes(besseli(1, VARIABLE), 3 * besseli(2, VARIABLE), Rational(1), Rational(2))
    kept = settle(OVERTAKES, other)
    assert isinstance(kept, Theorem) and certificate_of(kept) is None


def test_other_shapes_are_refused() -> None:
    zero = rises_through_zero(SLACK, *ENDS, PLACE, OFF)
    sign = positive_between(2 + SLACK, *ENDS)
    parts = zero.opened(z).args
    for fewer in (parts[1:], parts[:2], parts[::-1], (parts[0], parts[2], parts[1])):
        assert isinstance(settle(RISES_THROUGH, some(z, All(*fewer))), Refusal)
    assert isinstance(settle(RISES_THROUGH, every(z, All(*parts))), Refusal)
    assert isinstance(settle(RISES_THROUGH, sign), Refusal)
    inner = sign.opened(VARIABLE)
    assert isinstance(sign, Bound) and isinstance(settle(POSITIVE_BETWEEN, zero), Refusal)
    for other in (inner.args[1], inner.args[1].args[1]):
        assert isinstance(settle(POSITIVE_BETWEEN, every(VARIABLE, other)), Refusal)
    assert isinstance(settle(POSITIVE_BETWEEN, some(VARIABLE, inner)), Refusal)


def test_a_root_in_closed_form_is_the_zero() -> None:
    near, half = Rational("1.618"), Rational(1, 2)
    golden = half + sqrt(5) / 2
    for root, kind in ((golden, Theorem), (1 - golden, Refusal), (golden - half, Refusal)):
        own = crossing(z**2 - z - 1, z, (Integer(1), Integer(2)), (near, half / 1000), root)
        assert isinstance(own.found, kind)
    assert isinstance(positive(1 + z**2, z, *ENDS).found, Theorem)
