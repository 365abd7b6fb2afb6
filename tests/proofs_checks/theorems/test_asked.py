"""Statements that are decided by theorems: a sheet is what is claimed of a flow, or has a gap."""

from __future__ import annotations

import inspect
import re
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from sympy import Rational, cosh, exp, sin, sqrt

from proofs_checks.claim import Budget, Question, Verdict
from proofs_checks.discovery import discover, questions, statement_modules
from proofs_checks.proof import Flow, How, Outcome, Premise, Sheet, Statement, Step, Trial
from proofs_checks.propositions import Rel
from proofs_checks.theorems import Concludes, Refusal, pull_in, subject_in
from theory.atoms import Tangent
from theory.models import REPULSIVE, SA, USA, catalogue
from theory.symbols import X, beta, t

UNTYPED = {
    "section_3": """
        Remark 3.3
    """,
    "section_6": """
        Lemma 6.6; Theorem
        6.7; E.Theorem 6.8;
        (6.11) printed; E.(6.12); Figure 3; E.Figure 3;
        Problem 1; Figure 4; Problem 2; Figure 5; E.Figure 5
    """,
    "section_8": """
        (8.1)
    """,
    "appendix_c": """
        (C.2)
    """,
    "appendix_d": """
        (D.9); (D.15)
    """,
    "extensions": """
        Theorem 6.9 explicit; Discrete layer; Lipschitz; Mean-field
        limit; Near the curve; Near the curve, at a rate; Theorem 4.3,
        largest β_0
    """,
}
"""Claims that are to be typed and aren't yet, by their rooms: a list that only shrinks."""

ROOMS = (
    "section_3",
    "section_4",
    "section_5",
    "section_6",
    "appendix_a",
    "appendix_b",
    "appendix_d",
)
"""Rooms of the paper whose claims are to be typed, with all that cites them, and every row."""


def is_typed(claim: Any) -> bool:
    return isinstance(claim.check, Statement) and claim.check.typed


def wanted() -> dict[str, list[Any]]:
    """Claims that are to be typed: of these rooms, of files that cite them, and all rows."""
    cites = re.compile(rf"proofs_checks\.paper\.({'|'.join(ROOMS)})\b")
    found: dict[str, list[Any]] = {}
    for module in statement_modules():
        folder = module.__name__.split(".")[-2]
        rests = folder in ROOMS or cites.search(inspect.getsource(module))
        for claim in module.CLAIMS:
            if rests or (isinstance(claim.check, Question) and claim.check.name):
                found.setdefault(folder, []).append(claim)
    return found


EXPERIMENTS = (Verdict.SUPPORTED, Verdict.OPEN)
"""Verdicts of what runs speak for."""

THEOREMS = (Verdict.PROVED, Verdict.CERTIFIED, Verdict.VACUOUS)
"""Verdicts of what is concluded: VACUOUS where that is that the paper's statement says nothing."""

TYPED = [claim for claim in discover() if is_typed(claim)]
CONCLUDED = [claim.label for claim in TYPED if claim.expected not in EXPERIMENTS]
OBSERVED = [claim.label for claim in TYPED if claim.expected in EXPERIMENTS]


def claim_of(label: str) -> Any:
    return next(claim for claim in discover() if claim.label == label)


def alone(label: str, tried: bool = False, **changes: Any) -> Any:
    """Evidence of a claim's sheet, whatever counterexamples say, and runs where not ``tried``."""
    claim = replace(claim_of(label), **changes)
    trial = claim.check.trial if tried else None
    check = replace(claim.check, refute=lambda *_: None, trial=trial)
    cases = claim.cases if tried else 3
    return check(claim.model, claim.prediction, Budget(cases, np.random.default_rng(0)))


def test_the_claims_that_are_not_typed_yet() -> None:
    """Take a label out as its claim is moved: nothing is added."""
    for folder, claims in wanted().items():
        untyped = {claim.label for claim in claims if not is_typed(claim)}
        assert untyped == {
            " ".join(a.split()) for a in UNTYPED.get(folder, "").split(";") if a.strip()
        }
        for claim in claims:
            assert not is_typed(claim) or isinstance(claim.check.decide, Concludes)
    assert set(UNTYPED) <= set(wanted())


CITED = re.compile(
    r"(Theorem|Lemma|Remark|Proposition|Problem|Figure|Section|Example|Table|of|E\.)s?\s[A-D]?\d+\.?\d*"
    r"|\([A-D]?\.?\d+(\.\d+)?\)|\[?\d{4}\.\d{5}\]?|_\{?\d+\}?"
)
"""What has figures and is no number: labels, papers, names."""


def numbers(text: str, fractions: bool = False) -> set[Rational]:
    """Find the numbers in a text but 1, which words say too; of fractions both, and their value."""
    plain = CITED.sub(" ", text)
    plain = re.sub(r"(\d+)·10\^(\d+)", lambda one: str(int(one[1]) * 10 ** int(one[2])), plain)
    found = re.findall(r"\d+\.\d+|\d+", plain)
    found += re.findall(r"\d+/\d+", plain) if fractions else []
    return {Rational(one) for one in found} - {Rational(1)}


def headings(evidence: Any) -> list[str]:
    """What is proved, and under what."""
    return [text for _, sheet in evidence.sheets for text in sheet.heading.values()]


def shown(claim: Any, evidence: Any) -> set[Rational]:
    """Find the numbers of what is proved, under what; and of what is said to be printed."""
    printed = () if claim.printed is None else (claim.printed.change,)
    return numbers(" ; ".join([*headings(evidence), *printed]), fractions=True)


MEANS = {
    **{"≤": "<=", "≥": "<=", ">=": "<=", ">": "<", "→": "->", "≠": "!="},
    **{"tend": "->", "tends": "->", "negative": "<", "positive": "<", "but": "!="},
}
"""Signs and words by the relation that they say: a > b is b < a."""

AVERAGE = re.compile(r"<(?! )[^<>=]*,[^<>=]*(?<! )>|<\w+>")
"""Inner products and averages: no relation."""

SPOKEN = {
    "Theorem 6.1": "β > 0 is what (A.2) needs, β = 0 is another theorem's",
    "E.Lemma 6.4 proof": "∫ < ∞ is what the paper wants; a bound of it is proved",
    "Problem 3, n = 3": "n = 3 is the model's",
    "E.(D.10)": "t < 1/n, t >= 1/n are cases of a proof; both are proved of t = 1/n too",
    "(D.14)": "where α(t_0) > 0 it says something; what is proved doesn't need it",
    "Theorem 4.1 [2411.04990]": "V = I is the model's",
    "Theorem 5.1, smallest β_1": "a = π/(n-1) names a number",
}
"""Claims whose headline has a relation that is no part of what is proved, and what it is."""


def relations(text: str) -> set[str]:
    """Find which relations a text says, in signs or words."""
    found = re.findall(r"<=|>=|->|!=|[<>=≤≥→≠]|\b[a-z]+\b", AVERAGE.sub(" ", text))
    return {MEANS.get(one, one) for one in found} & {"<=", "<", "->", "!=", "="}


def related(evidence: Any) -> set[str]:
    """Find the relations of what is proved, and under what."""
    return relations(
        " ; ".join([*headings(evidence), *(str(sheet.scope) for _, sheet in evidence.sheets)])
    )


def test_relations_are_told_from_products() -> None:
    assert relations("<x_i,x_j> of Σ (Φ - <Φ>)") == set()
    assert relations("γ → 1 and 2 > a ≥ b") == {"->", "<", "<="}


def test_numbers_are_told_from_labels() -> None:
    text = "(D.10) and Theorem 6.3 of E.(3.7), [2411.04990]: x_1 < 1.0553 <= 3/2 + 10n"
    assert numbers(text) == {Rational("1.0553"), 3, 2, 10}
    assert Rational("1.5") in numbers(text, fractions=True)
    assert numbers("6·10^3 < d and 10^3") == {6000, 10, 3}


@pytest.mark.every(4)
@pytest.mark.parametrize("label", CONCLUDED)
def test_sheets_are_theorems_and_no_control_has_one(label: str) -> None:
    own = alone(label)
    assert own.verdict is claim_of(label).expected in THEOREMS
    for _, sheet in own.sheets:
        assert sheet.typed and "claim" in sheet.heading
    claim = claim_of(label)
    assert numbers(claim.statement) <= shown(claim, own)
    assert (relations(claim.statement) <= related(own)) != (label in SPOKEN)
    for control in claim.controls:
        twin = claim.twin(control)
        found = alone(label, model=twin.model, prediction=twin.prediction)
        assert found.verdict not in THEOREMS, control.change


@pytest.mark.every(4)
@pytest.mark.parametrize("label", OBSERVED)
def test_what_runs_speak_for_is_no_theorem_and_no_control_is_supported(label: str) -> None:
    """The proposition that is printed is the one that was tried; without runs it is undecided."""
    claim, without = claim_of(label), alone(label)
    assert without.verdict is Verdict.UNDECIDED
    for _, sheet in without.sheets:
        assert sheet.typed and sheet.tried is not None and not sheet.holds
        assert sheet.missing[-1].text == sheet.heading["claim"]
    assert alone(label, tried=True).verdict is claim.expected
    for control in claim.controls:
        twin = claim.twin(control)
        found = alone(label, tried=True, model=twin.model, prediction=twin.prediction)
        assert found.verdict in (Verdict.REFUTED, Verdict.UNDECIDED), control.change


def test_runs_of_something_else_support_nothing() -> None:
    claim = claim_of("Theorem 6.3 rate")
    check = replace(claim.check, trial=lambda *_: Trial(cases=9, seen="all agree"))
    found = check(claim.model, claim.prediction, Budget(3, np.random.default_rng(0)))
    assert found.verdict is Verdict.UNDECIDED


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
    both = replace(USA, velocity=USA.velocity * (2 * t - 1) / (t - 1))
    assert isinstance(subject_in(Flow.of(both)), Refusal)
    assert isinstance(pull_in(Flow.of(both)), Refusal)
    falling = Flow.of(replace(USA, velocity=USA.velocity / (t - 1)))
    assert subject_in(falling).velocities[X] == Tangent(X, -USA.velocity.field)
    assert questions()["Lemma 6.4"].ask(falling).verdict is not Verdict.PROVED


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


def refused(flow: Flow, prediction: int) -> Refusal:
    return Refusal("no theorem says it")


def refused_of_beta(flow: Flow, prediction: int) -> Refusal:
    return Refusal("no theorem says it", Rel("<", 0, beta))


def test_a_refusal_says_what_was_to_be_concluded() -> None:
    """Of no claim it says another's: pulls were missed where none were asked for."""
    asked = Statement("", "tokens meet", Concludes(refused), typed=True)
    own = replace(asked, says=lambda flow, prediction: f"tokens meet at {prediction}")
    known = replace(asked, decide=Concludes(refused_of_beta))
    said = {"tokens meet": asked, "tokens meet at 1": own, "0 < β": known}
    for text, statement in said.items():
        detail = statement(SA, 1, Budget(1, np.random.default_rng(0))).detail
        assert detail == f"{text} [derived: GAP; no theorem says it]"
    sheet = replace(asked, derive=lambda flow: 1).sheet(Flow.of(SA))
    assert sheet is not None and [one.text for one in sheet.steps] == ["tokens meet"]


def in_words(flow: Flow, prediction: int) -> Sheet:
    return Sheet((Step("anything", How.DERIVED),))


def test_premises_are_asked_of_a_sheet_that_is_no_theorem() -> None:
    """What is said in words where no theorem is concluded rests on them: they were passed over."""
    needs = Premise("NEVER", lambda flow: Step("never", How.DERIVED, Outcome.FAILS, "it isn't"))
    asked = Statement("", "", Concludes(refused, in_words), premises=(needs,), typed=True)
    found = asked(SA, 1, Budget(1, np.random.default_rng(0)))
    assert found.verdict is Verdict.UNDECIDED and "NEVER" in found.detail
    assert not replace(asked, derive=lambda flow: 1).sheet(Flow.of(SA)).holds
    without = replace(asked, premises=())(SA, 1, Budget(1, np.random.default_rng(0)))
    assert without.verdict is Verdict.PROVED
