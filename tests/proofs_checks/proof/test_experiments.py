"""Statements that spend a budget: trials at a gap, and searches that end in steps."""

import numpy as np
import pytest

from proofs_checks.claim import Budget, Verdict
from proofs_checks.proof import (
    Counterexample,
    Flow,
    How,
    Sheet,
    Statement,
    Step,
    Trial,
    experiment,
    gap,
    not_asked,
)
from proofs_checks.proof.experiments import NO_PROOF
from theory.models import SA

BUDGET = Budget(2, np.random.default_rng(0))


def searched(found, *before):
    return Statement(
        "",
        "something",
        lambda flow, prediction: Sheet(before),
        not_asked,
        search=lambda flow, prediction, budget: found,
    )(SA, 1, BUDGET)


def tried(trial):
    return experiment("it happens", lambda flow, prediction, budget: trial)(SA, 1, BUDGET)


def test_runs_alone_support_and_say_what_they_saw():
    evidence = tried(Trial(margin=0.5, cases=3, seen="seen thrice", scope={"n": "5"}))
    assert evidence.verdict is Verdict.SUPPORTED
    assert evidence.detail == "seen thrice; not proved: it happens"
    assert (evidence.cases, evidence.margin, evidence.scope["n"]) == (3, 0.5, "5")
    assert NO_PROOF in str(evidence.sheet)


def test_a_violation_refutes_with_its_scope():
    evidence = tried(Trial("it doesn't", scope={"n": "5"}))
    assert evidence.verdict is Verdict.REFUTED
    assert evidence.scope == {"n": "5"}


def test_a_silent_trial_leaves_it_undecided_with_the_reason():
    evidence = tried(Trial(silent="no numbers"))
    assert evidence.verdict is Verdict.UNDECIDED
    assert "no numbers" in evidence.detail


@pytest.mark.parametrize("before", [(), (Step("a", How.DERIVED),)])
def test_enclosed_steps_of_a_search_certify(before):
    found = Sheet((Step("b", How.ENCLOSED, enclosed=True),), {"n": "4"}, summary="b", cases=7)
    evidence = searched(found, *before)
    assert evidence.verdict is Verdict.CERTIFIED
    assert (evidence.detail, evidence.cases, evidence.scope["n"]) == ("b", 7, "4")
    assert len(evidence.sheet.steps) == len(before) + 1


def test_a_search_refutes_and_its_gap_leaves_it_undecided():
    assert searched(Counterexample("no")).verdict is Verdict.REFUTED
    assert searched(Sheet((gap("b", "why"),))).verdict is Verdict.UNDECIDED


def test_nothing_is_searched_for_where_a_step_is_missing():
    assert searched(Counterexample("no"), gap("a", "why")).verdict is Verdict.UNDECIDED


def test_no_flow_is_asked():
    assert not_asked(Flow.of(SA)) is None
