"""Solutions from rational starts: other starts, times, flows and angles are refused."""

from __future__ import annotations

from functools import cache
from typing import Any

import pytest
from sympy import ImmutableMatrix, Rational, S, sqrt

from proofs_checks.certificates import check
from proofs_checks.propositions import Is, Rel, Subject
from proofs_checks.theorems import (
    Conclusion,
    Theorem,
    apply,
    assume,
    certificate_of,
    followed,
    meeting_from,
    settle,
    solving,
)
from proofs_checks.theorems.attraction import SEVERAL
from proofs_checks.theorems.hemisphere import common_sight
from proofs_checks.theorems.kernel import Refusal
from proofs_checks.theorems.logic import part, together
from proofs_checks.theorems.pulls import HIGH, UNIT_AXIS
from proofs_checks.theorems.readers import TO_ONE
from proofs_checks.theorems.validated import (
    AFTER_ENTRY,
    ENTERED,
    ENTERS,
    FOLLOWED,
    FOLLOWING,
    STARTS,
    SURROUNDED,
    SURROUNDS,
)
from theory.models import PRE_LN, REPULSIVE, SA, USA
from theory.symbols import beta, n, t

OWN = Subject.of(SA, {beta: S.One})
AROUND = ImmutableMatrix([[3, 4], [-8, -15], [-4, 3]])
CORNER = ImmutableMatrix([[1, 0], [0, 1]])
LATE, ANGLE = S.One / 8, Rational(3, 10)


@cache
def sight() -> Theorem:
    found = common_sight(OWN)
    assert isinstance(found, Theorem)
    return found


@cache
def met() -> Conclusion:
    own = meeting_from(sight(), OWN, AROUND)
    assert isinstance(own, Conclusion) and isinstance(own.found, Theorem)
    return own


def test_tokens_around_0_meet() -> None:
    found = met().found
    assert isinstance(found, Theorem)
    assert found.given == {solving(OWN), Is(STARTS, AROUND)} and found.says == met().says.then
    entered = found.premises[1]
    certificate = certificate_of(entered)
    assert certificate is not None and certificate.kind == "hemisphere" and check(certificate).ok


@pytest.mark.parametrize(
    "rows",
    [
        CORNER,
        ImmutableMatrix([[1, 0], [0, 1], [-1, 0]]),
        ImmutableMatrix([[1, 0], [0, 1], [-1, 0], [0, -1]]),
        ImmutableMatrix([[0, 0], [0, 1], [1, -1]]),
        ImmutableMatrix([[sqrt(2), 0], [-1, 1], [-1, -1]]),
        ImmutableMatrix([[1, 0, 0], [-1, 1, 0], [-1, -1, 0]]),
    ],
)
def test_other_points_surround_nothing(rows: Any) -> None:
    """A square's corners have 0 on an edge of each triangle."""
    assert isinstance(settle(SURROUNDED, Is(SURROUNDS, rows)), Refusal)
    assert isinstance(settle(SURROUNDED, Is(STARTS, rows)), Refusal)


def test_other_entries_are_refused() -> None:
    time = met().says.then.args[1].arguments[2]
    assert isinstance(settle(ENTERED, Is(ENTERS, OWN, AROUND, time)), Theorem)
    for says in (
        Is(ENTERS, OWN, AROUND, time - 1),
        Is(ENTERS, Subject.of(USA, {beta: S.One}), AROUND, time),
        Is(ENTERS, Subject.of(REPULSIVE, {beta: S.One}), AROUND, time),
        Is(ENTERS, Subject.of(SA), AROUND, time),
        Is(ENTERS, Subject.of(PRE_LN, {beta: S.One}), AROUND, time),
        Is(SURROUNDS, AROUND),
        Rel("<", 0, 1),
    ):
        assert isinstance(settle(ENTERED, says), Refusal)


def test_premises_of_meeting() -> None:
    entered = assume(Is(ENTERS, OWN, AROUND, S.One))
    shown = met().found.premises[1]  # type: ignore[union-attr]
    meets = apply(part, apply(part, sight(), place=1), place=0)
    found = apply(AFTER_ENTRY, shown, meets)
    assert isinstance(found, Theorem) and found.says == TO_ONE
    more = apply(part, apply_both(meets, Rel("<", 3, n)), place=0)
    other = Is(ENTERS, Subject.of(USA, {beta: S.One}), AROUND, S.One)
    for premises in (
        (entered, meets),
        (meets, shown),
        (shown, sight()),
        (shown, assume(TO_ONE)),
        (shown, more),
        (settle(ENTERED, other), meets),
    ):
        assert isinstance(apply(AFTER_ENTRY, *premises), Refusal)
    assert {HIGH, UNIT_AXIS, SEVERAL} <= meets.given  # type: ignore[union-attr]


def apply_both(fact: Any, says: Any) -> Any:
    return apply(together, fact, assume(says))


def test_a_flow_that_changes_with_the_time() -> None:
    """Later it is another flow than from the start on."""
    moving = Subject.of(SA, {beta: t + 1})
    says = Is(ENTERS, moving, AROUND, S.One)
    assert isinstance(settle(ENTERED, says), Refusal)


def test_a_solution_is_followed() -> None:
    own = followed(OWN, CORNER, [(LATE, CORNER)], ANGLE)
    assert isinstance(own.found, Theorem)
    certificate = certificate_of(own.found)
    assert certificate is not None and certificate.kind == "run" and check(certificate).ok


@pytest.mark.parametrize(
    ("subject", "rows", "time", "end", "error"),
    [
        (OWN, CORNER, LATE, CORNER, ANGLE / 30),
        (OWN, CORNER, 8 * LATE, CORNER, ANGLE),
        (OWN, CORNER, -LATE, CORNER, ANGLE),
        (OWN, CORNER, S.One / 3, CORNER, ANGLE),
        (OWN, CORNER / 3, LATE, CORNER, ANGLE),
        (OWN, CORNER, LATE, ImmutableMatrix([[0, 1], [1, 0]]), ANGLE),
        (OWN, CORNER, LATE, AROUND, ANGLE),
        (OWN, CORNER, LATE, CORNER, sqrt(2)),
        (Subject.of(SA), CORNER, LATE, CORNER, ANGLE),
        (Subject.of(SA, {beta: -S.One}), CORNER, LATE, CORNER, ANGLE),
        (Subject.of(REPULSIVE, {beta: S.One}), CORNER, LATE, CORNER, ANGLE),
    ],
)
def test_other_places_are_refused(subject: Any, rows: Any, time: Any, end: Any, error: Any) -> None:
    assert isinstance(settle(FOLLOWING, Is(FOLLOWED, subject, rows, time, end, error)), Refusal)
