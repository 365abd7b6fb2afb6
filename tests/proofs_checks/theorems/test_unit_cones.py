"""Vectors in the cone of unit vectors: drawn ones, and what is too much is refused or doubted."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pytest
from sympy import Rational, S

from proofs_checks.audit import doubted, evaluate
from proofs_checks.propositions import Proposition, Rel
from proofs_checks.theorems import (
    Conclusion,
    Theorem,
    apply,
    as_sheet,
    cone_product,
    near_a_point,
    start_height,
)
from proofs_checks.theorems.order import EITHER, LOWEST_ONE
from theory.symbols import X, m
from theory.terms import Index, Item

FOUR, HALF = S(4), S.Half


@pytest.mark.parametrize(
    ("own", "shown"),
    [
        (cone_product(), True),
        (cone_product(largest=True), False),
        (cone_product(signed=True), False),
        (start_height(HALF, HALF), True),
        (start_height(Rational(1, 3), HALF), True),
        (start_height(Rational(3, 5), HALF), False),
        (start_height(HALF, Rational(4, 3)), False),
        (near_a_point(FOUR), True),
        (near_a_point(Rational(9, 2)), True),
        (near_a_point(Rational(7, 2)), False),
    ],
)
def test_what_is_claimed(own: Conclusion, shown: bool) -> None:
    assert as_sheet(own.says, own.found, own.names).holds is shown
    if shown:
        assert isinstance(own.found, Theorem) and doubted(own.found) is None


@dataclass(frozen=True)
class Said:
    """What is said under what is given, and concluded by nobody."""

    says: Proposition
    given: frozenset[Proposition]


@pytest.mark.parametrize("own", [cone_product(), start_height(HALF, HALF), near_a_point(FOUR)])
def test_what_is_turned_round_is_doubted(own: Conclusion) -> None:
    assert isinstance(own.found, Theorem) and isinstance(own.found.says, Rel)
    turned = Rel("<=", own.found.says.right, own.found.says.left)
    assert doubted(Said(turned, own.found.given)) is not None


def test_drawn_cones() -> None:
    rng = np.random.default_rng(0)
    says, seen = cone_product().says.then, 0
    for _ in range(20):
        points = rng.normal(size=(4, 3))
        points /= np.linalg.norm(points, axis=1, keepdims=True)
        theta = rng.exponential(size=(4, 1))
        for i in range(4):
            if points[i] @ (points.T @ theta)[:, 0] >= 0:
                here = {"X": points, "theta": theta, "i": i + 1}
                assert evaluate(says, None, here)
                seen += 1
    assert seen > 20


def test_rules_of_what_is_always_defined() -> None:
    odd = 1 / Item(m, Index("i"))
    for rule, names in ((EITHER, {}), (LOWEST_ONE, {"index": Index("i")})):
        assert not isinstance(apply(rule, number=odd, **names), Theorem)
    assert X not in odd.free_symbols
