"""What a verdict is when a statement's machinery has no answer at all."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np

from proofs_checks import Budget, Verdict
from proofs_checks.claim import Evidence
from proofs_checks.paper.section_6.lemma_6_4_cone import LEMMA_6_4
from proofs_checks.proof import (
    Counterexample,
    Domain,
    Flow,
    How,
    Outcome,
    Premise,
    Sheet,
    Statement,
    Step,
    judge,
    statement_of,
)
from theory import HARDMAX
from theory.atoms import Tangent
from theory.models import SA, Model
from theory.symbols import X


def test_an_atom_that_no_engine_evaluates_is_undecided() -> None:
    """No crash, and no verdict either: hardmax has entries at given scores alone."""
    budget = Budget(3, np.random.default_rng(0))
    onto = replace(HARDMAX, velocity=Tangent(X, HARDMAX.velocity), space="sphere", blocks=())
    found = judge(statement_of(LEMMA_6_4), Flow.of(onto), None, budget, tried=False)
    assert found.verdict is Verdict.UNDECIDED and "Hardmax" in found.detail


def _asked(statement: Statement[Any], model: Model = SA) -> Evidence:
    budget = Budget(3, np.random.default_rng(0))
    return judge(statement, Flow.of(model), None, budget, tried=False)


def test_another_kind_of_object_gets_no_verdict() -> None:
    """A premise or domain that names a kind of object asks before `refute`, and says why."""

    def fails(flow: Flow) -> Step:
        return Step("heads", How.DERIVED, Outcome.FAILS, "no heads")

    def refutes(flow: Flow, prediction: Any, budget: Budget) -> Counterexample:
        return Counterexample("never to be asked")

    base = Statement("row", "of heads", lambda flow, p: Sheet(()), lambda flow: 1, refutes)
    kinds = (
        replace(base, premises=(Premise("HEADS", fails, kind=True),)),
        replace(base, domain=(Domain("heads", fails, kind=True),)),
    )
    for statement in kinds:
        found = _asked(statement)
        assert (found.verdict, found.applies, found.detail) == (None, False, "no heads")
        assert found.word == "doesn't apply"
    assert _asked(replace(base, premises=(Premise("HEADS", fails),))).verdict is Verdict.REFUTED


def test_a_sentence_carries_what_was_derived_for_the_flow() -> None:
    """The row says the flow's own prediction, where its statement writes that."""
    step = Step("1 = 1", How.DERIVED)
    statement: Statement[int] = Statement(
        "row",
        "rate c",
        lambda flow, p: Sheet((step,)),
        lambda flow: 7,
        says=lambda f, p: f"rate {p}",
    )
    assert _asked(statement).sentence == "rate 7"
    assert _asked(replace(statement, says=None)).sentence == ""
