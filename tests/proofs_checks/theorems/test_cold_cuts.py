"""States at rest at β = 0: each premise of the two kinds is needed, and tables are summed over."""

from __future__ import annotations

from typing import Any

import pytest
from sympy import ImmutableMatrix, Rational, S, Symbol

from proofs_checks.propositions import Is, Rel, Subject
from proofs_checks.theorems import (
    Refusal,
    Theorem,
    apply,
    assume,
    cut_that_bends,
    cuts_at_rest,
    settle,
)
from proofs_checks.theorems.cold_cuts import CUT_OFF, CUTTING, TWO_KINDS, kinds_of_rest
from theory.atoms import Tangent
from theory.models import CAUSAL, REPULSIVE, SA, USA, Model
from theory.symbols import X, beta, z

COLD = {beta: S.Zero}
P, Q, A, B, W = (Symbol(name) for name in "pqabw")
CUT = (A - B) * (P - Q - A + B)
SKEW = ((0, 1), (-1, 0))


@pytest.mark.parametrize("model", [SA, USA, REPULSIVE])
def test_a_multiple_of_the_barycentre_rests_in_two_ways(model: Model) -> None:
    found = kinds_of_rest(Subject.of(model, COLD))
    assert isinstance(found, Theorem) and not found.given


@pytest.mark.parametrize(
    "subject",
    [
        Subject.of(SA),
        Subject.of(CAUSAL, COLD),
        Subject.of(Model("still", Tangent(X, beta * SA.velocity.field)), COLD),
    ],
)
def test_others_are_refused(subject: Subject) -> None:
    assert isinstance(kinds_of_rest(subject), Refusal)


def _premises(model: Model) -> tuple[Theorem, ...]:
    found = kinds_of_rest(Subject.of(model, COLD))
    assert isinstance(found, Theorem)
    return found.premises


def test_every_premise_of_two_kinds_is_needed() -> None:
    level, unit, mass = _premises(SA)
    assert isinstance(apply(TWO_KINDS, level, unit, mass), Theorem)
    more = assume(Rel("<", 0, beta))
    for facts in (
        (level, unit),
        (unit, level, mass),
        (level, mass, unit),
        (assume(level.says), unit, mass),
        (level, assume(unit.says), mass),
        (level, unit, assume(mass.says)),
        (more, unit, mass),
    ):
        assert isinstance(apply(TWO_KINDS, *facts), Refusal)
    assert isinstance(apply(TWO_KINDS, level, _premises(USA)[1], mass), Refusal)


@pytest.mark.parametrize(
    ("rows", "holds"),
    [
        (((1, 0), (-1, 0)), True),
        (((1, 0), (1, 0)), False),
        (((1, 0), (0, 1)), False),
        (((1, 0), (-1, 0), (0, 1)), False),
        (((2, 0), (-2, 0)), False),
        (((Rational(3, 5), Rational(4, 5)), (Rational(-3, 5), Rational(-4, 5))), True),
    ],
)
def test_tables_are_at_rest_and_have_a_cut(rows: Any, holds: bool) -> None:
    found = settle(CUTTING, Is(CUT_OFF, ImmutableMatrix(rows)))
    assert isinstance(found, Theorem if holds else Refusal)


@pytest.mark.parametrize(
    ("of_sum", "of_parts", "holds"),
    [
        (-W, CUT, True),
        (-2 * W, CUT, False),
        (W, CUT, False),
        (-W, -A * B, False),
        (-W, -P * Q, False),
    ],
)
def test_cuts_are_those_of_every_subset(of_sum: Any, of_parts: Any, holds: bool) -> None:
    own = cuts_at_rest(Subject.of(SA, COLD), of_sum, of_parts, (W, P, Q, A, B), ())
    assert isinstance(own.found, Theorem) is holds


@pytest.mark.parametrize(
    ("slope", "single", "ends", "block", "holds"),
    [
        (1, -(W**2), -P * Q, SKEW, True),
        (-1, -(W**2), -P * Q, SKEW, False),
        (1, -W, -P * Q, SKEW, False),
        (1, -(W**2), S.Zero, SKEW, False),
        (1, -(W**2), -P * Q, ((0, 1), (1, 0)), False),
        (1, -(W**2), -P * Q, ((0, 1), (0, 0)), False),
    ],
)
def test_a_turn_of_two_coordinates_bends_it_up(
    slope: int, single: Any, ends: Any, block: Any, holds: bool
) -> None:
    cuts = {(W,): single, (P, Q): ends}
    own = cut_that_bends(Subject.of(SA, COLD), slope * z, S(slope), cuts, block)
    assert isinstance(own.found, Theorem) is holds
