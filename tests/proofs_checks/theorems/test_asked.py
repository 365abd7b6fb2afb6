"""Statements that are decided by theorems: a sheet is what is claimed of a flow, or has a gap."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from sympy import Rational, cosh, exp, sin, sqrt

from proofs_checks.claim import Budget, Verdict
from proofs_checks.discovery import discover, questions
from proofs_checks.proof import Flow, Statement
from proofs_checks.theorems import Concludes, Refusal, pull_in, subject_in
from theory.atoms import Tangent
from theory.models import REPULSIVE, SA, USA, catalogue
from theory.symbols import X, beta, t

TYPED = {"(3.11)", "(3.12)-(3.14)", "(3.6)", "(4.2)", "(6.2)", "(6.3)", "(6.5)", "Lemma 6.4"}
"""Claims whose sheet is a theorem: a list that only grows."""


def claim_of(label: str) -> Any:
    return next(claim for claim in discover() if claim.label == label)


def alone(label: str, **changes: Any) -> Any:
    """Evidence of a claim's sheet, whatever counterexamples and runs say."""
    claim = replace(claim_of(label), **changes)
    check = replace(claim.check, refute=lambda *_: None, trial=None)
    return check(claim.model, claim.prediction, Budget(3, np.random.default_rng(0)))


def test_the_claims_that_are_typed() -> None:
    found = {c.label for c in discover() if isinstance(c.check, Statement) and c.check.typed}
    assert found >= TYPED
    for claim in discover():
        if claim.label in found:
            assert isinstance(claim.check.decide, Concludes)


@pytest.mark.every(4)
@pytest.mark.parametrize("label", sorted(TYPED))
def test_sheets_are_theorems_and_no_control_has_one(label: str) -> None:
    own = alone(label)
    assert own.verdict is Verdict.PROVED
    for _, sheet in own.sheets:
        assert sheet.typed and {"claim", "given", "where"} <= set(sheet.heading)
    claim = claim_of(label)
    for control in claim.controls:
        twin = claim.twin(control)
        found = alone(label, model=twin.model, prediction=twin.prediction)
        assert found.verdict is not Verdict.PROVED, control.change


@pytest.mark.every(3)
@pytest.mark.parametrize("rate", [2, Rational(11, 10), 1 + beta / 100])
def test_a_rate_that_is_more_than_was_concluded_is_a_gap(rate: Any) -> None:
    cone = claim_of("Lemma 6.4").prediction
    found = alone("Lemma 6.4", prediction=replace(cone, softmax=rate * cone.softmax))
    assert found.verdict is Verdict.UNDECIDED and "the sheet concludes" in found.detail


@pytest.mark.parametrize("rate", [Rational(1, 2), exp(-beta)])
def test_a_lower_rate_is_a_bound_too(rate: Any) -> None:
    cone = claim_of("Lemma 6.4").prediction
    found = alone("Lemma 6.4", prediction=replace(cone, softmax=rate * cone.softmax))
    assert found.verdict is Verdict.PROVED


@pytest.mark.parametrize("row", ["(6.2)", "dissipation identity"])
def test_a_model_is_called_by_its_own_name(row: str) -> None:
    """Models of one motion are equal, and what is kept of one is written of the other."""
    for name in ("first", "second"):
        found = questions()[row].ask(Flow.of(replace(USA, name=name)))
        assert f"X solves {name} for all t" in found.scope["given"]


def test_another_model_has_another_theorem() -> None:
    assert alone("Lemma 6.4", model=(REPULSIVE,)).verdict is Verdict.UNDECIDED
    slower = SA.subs({beta: 2 * beta})
    assert alone("Lemma 6.4", model=(slower,)).verdict is Verdict.UNDECIDED  # e^(-4β) is its own
    assert alone("(6.2)", model=(slower,)).verdict is Verdict.PROVED


@pytest.mark.slow
def test_what_is_said_is_what_is_decided() -> None:
    for name, said in (("SA", "e^(-2 β)"), ("pre-LN", "log(1 + t/R)"), ("Sinkhorn", "e^(-4 β)")):
        found = questions()["Lemma 6.4"].ask(Flow.of(catalogue(name)))
        assert found.verdict is Verdict.PROVED and said in found.sentence
        assert said in found.sheet.heading["claim"]


def switch(time: float) -> float:
    return 1.0 if time < 3 else 2.0


def test_code_is_any_function_of_time_and_what_ends_is_refused() -> None:
    coded = Flow.of(SA, beta=switch)
    assert "beta(t)" in str(subject_in(coded).velocities)
    assert questions()["(6.2)"].ask(coded).verdict is Verdict.PROVED
    falling = replace(USA, velocity=USA.velocity / (t - 1))
    assert isinstance(subject_in(Flow.of(falling)), Refusal)
    assert isinstance(pull_in(Flow.of(falling)), Refusal)


def test_what_ends_is_said_in_its_own_time() -> None:
    """τ = ∫ds/(1-s) goes to infinity at t = 1, and 2 - 2√(1-t) to 2: there tokens don't meet."""
    for row in ("Lemma 6.4", "(6.2)", "(4.2)"):
        ended = questions()[row].ask(Flow.of(replace(USA, velocity=USA.velocity / (1 - t))))
        assert ended.verdict is Verdict.PROVED and ended.sentence.endswith("up to t = 1")
        assert ended.sentence.startswith("with τ = ∫(1/(1 - t))dt in place of t: ")
        assert ended.scope["time"] == "τ = ∫(1/(1 - t))dt"
    brief = Flow.of(replace(USA, velocity=USA.velocity / sqrt(1 - t)))
    assert questions()["Lemma 6.4"].ask(brief).verdict is not Verdict.PROVED
    assert questions()["(6.2)"].ask(brief).verdict is Verdict.PROVED


@pytest.mark.every(3)
@pytest.mark.parametrize("pace", [1 / (1 - t), 1 / (2 + sin(t)), exp(-t) * cosh(t)])
def test_a_sheet_in_a_time_of_its_own_is_written_in_it(pace: Any) -> None:
    """The sentence said τ, and the claim that the sheet ends in t."""
    flow = Flow.of(replace(SA, velocity=Tangent(X, pace * SA.velocity.field)))
    found = questions()["Lemma 6.4"].ask(flow)
    assert found.verdict is Verdict.PROVED and found.sheet is not None
    claim, given = found.sheet.steps[-1].text, found.scope["given"]
    bound = "D <= D(0) e^(-τ h e^(-2 β))"
    assert bound in found.sentence and found.detail.startswith(bound)
    assert "as τ -> ∞" in claim and "X solves the flow at pace 1 for all τ >= 0" in given
    written = " ".join([claim, given, *(step.text for step in found.sheet.steps)])
    assert " t " not in written and "^t " not in written


@pytest.mark.slow
def test_a_sheet_in_the_time_of_the_model_is_written_in_t() -> None:
    for pace in (1, exp(t), 1 + t):
        flow = Flow.of(replace(SA, velocity=Tangent(X, pace * SA.velocity.field)))
        found = questions()["Lemma 6.4"].ask(flow)
        assert "τ" not in found.detail + found.sentence + found.scope["given"]
        assert "time" not in found.scope


def test_a_sheet_without_a_theorem_says_why() -> None:
    found = questions()["(6.2)"].ask(Flow.of(catalogue("discrete layer")))
    assert found.verdict is None
    turned = replace(SA, velocity=-SA.velocity)
    assert questions()["Lemma 6.4"].ask(Flow.of(turned)).verdict is Verdict.REFUTED
