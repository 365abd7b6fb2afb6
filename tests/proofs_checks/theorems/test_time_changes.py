"""Time changes: what moves at a speed of time alone is the flow at pace 1, at another time."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from sympy import Expr, Rational, S, cos, exp, sin, sqrt

from proofs_checks.propositions import Is, Rel, Subject
from proofs_checks.theorems import Conclusion, Refusal, Theorem, apply, as_sheet, read, settle
from proofs_checks.theorems.engines import SIGNS
from proofs_checks.theorems.perron import SMOOTH_IN_STATE, SMOOTHNESS_IN_STATE
from proofs_checks.theorems.readers import MOTION
from proofs_checks.theorems.time_changes import CHANGED, RETIMED, retimed
from theory.atoms import Tangent
from theory.models import COD, PRE_LN, SA, USA, Model, catalogue
from theory.symbols import X, beta, t

RELU: Any = catalogue("ReLU")
PACE = 1 / sqrt(t + 1)
TIME = 2 * sqrt(t + 1) - 2


def paced(pace: Expr, model: Model = SA) -> Subject:
    return Subject.of(replace(model, velocity=Tangent(X, pace * model.velocity.field)))


def own_of(subject: Subject, time: Expr, pace: Expr, still: Model = SA) -> Conclusion:
    found = retimed(subject, Subject.of(still), time, pace)
    assert isinstance(found, Conclusion)
    return found


@pytest.mark.parametrize(
    ("model", "time", "pace", "shown"),
    [
        (SA, TIME, PACE, True),
        (SA, TIME + 1, PACE, False),
        (SA, TIME / 2, PACE / 2, False),
        (SA, TIME, PACE / 2, False),
        (USA, TIME, PACE, False),
        (SA.subs({beta: 2 * beta}), TIME, PACE, False),
    ],
)
def test_what_is_claimed(model: Model, time: Expr, pace: Expr, shown: bool) -> None:
    own = own_of(Subject.of(COD), time, pace, model)
    assert as_sheet(own.says, own.found, own.names).holds is shown


def test_a_speed_that_changes_sign_needs_one_solution() -> None:
    found = own_of(paced(cos(t)), sin(t), cos(t)).found
    assert isinstance(found, Theorem)
    assert any(one.by is SMOOTHNESS_IN_STATE for one in found.premises[0].premises)
    assert isinstance(own_of(paced(cos(t), RELU), sin(t), cos(t), RELU).found, Refusal)
    assert isinstance(own_of(paced(exp(t), RELU), exp(t) - 1, exp(t), RELU).found, Theorem)
    # a speed of 0 throughout says nothing of the field: the rule asks that c(0) isn't 0
    assert isinstance(own_of(paced(sin(t)), 1 - cos(t), sin(t)).found, Refusal)


def test_a_mutated_premise_is_refused() -> None:
    found = own_of(Subject.of(COD), TIME, PACE).found
    assert isinstance(found, Theorem)
    step = found.premises[0]
    motion, unique = step.premises
    field, pace = step.parameters["field"], step.parameters["pace"]
    assert step.by is CHANGED and step.says == Is(RETIMED, *step.says.arguments)
    assert isinstance(apply(CHANGED, motion, unique, pace=pace, field=field), Theorem)
    for wrong in (2 * pace, S.One, pace * (t + 1)):
        sign = settle(SIGNS, Rel("<", 0, wrong))
        assert isinstance(apply(CHANGED, motion, sign, pace=wrong, field=field), Refusal)
    for other in (
        settle(SIGNS, Rel("<=", 0, pace)),
        settle(SIGNS, Rel("<", 0, pace * Rational(1, 2))),
        read(SMOOTHNESS_IN_STATE, Subject.of(USA)),
        motion,
    ):
        assert isinstance(apply(CHANGED, motion, other, pace=pace, field=field), Refusal)
    stays = read(MOTION, Subject.of(COD))
    assert isinstance(stays, Theorem) and isinstance(stays.says, Rel)
    assert isinstance(apply(CHANGED, stays, unique, pace=S.One, field=stays.says.right), Refusal)


def test_lengths_that_move_too_are_refused() -> None:
    found = retimed(Subject.of(PRE_LN), Subject.of(SA), t, S.One)
    assert isinstance(found, Refusal) or isinstance(found.found, Refusal)


def test_what_is_smooth_in_the_state_may_have_a_time() -> None:
    found = read(SMOOTHNESS_IN_STATE, Subject.of(COD))
    assert isinstance(found, Theorem) and found.says == Is(SMOOTH_IN_STATE, Subject.of(COD))
    assert isinstance(read(SMOOTHNESS_IN_STATE, Subject.of(RELU)), Refusal)
