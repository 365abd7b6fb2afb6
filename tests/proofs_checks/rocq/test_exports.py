"""What is exported says what the step says; what is wrong never becomes a Qed."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest
from sympy import Rational, besseli, exp

import theory.engines.gram
from proofs_checks import CLAIMS, Claim, Control, verify
from proofs_checks.claim import Budget, Evidence, Verdict
from proofs_checks.command_line import main
from proofs_checks.command_line.second_kernel import COUNTED, coverage, details
from proofs_checks.decide import Question
from proofs_checks.paper.section_3 import eq_3_6_dissipation
from proofs_checks.proof import Flow, How, statement_of
from proofs_checks.rocq import (
    INSTALL,
    ClaimExport,
    Compiled,
    Fate,
    NotExported,
    Theorem,
    allowed_axiom,
    compile_export,
    compile_text,
    export_claim,
    gram_statement,
    recheck,
    record_claim,
    rocq_available,
    sign_statement,
    text_of,
)
from tests.proofs_checks.rocq import sessions
from theory.engines import inner, project, vectors
from theory.recorded import recording
from theory.symbols import beta, n, z

needs_rocq = pytest.mark.skipif(not rocq_available(), reason=f"needs coqc: {INSTALL}")
TAKEN = (Fate.RULE, Fate.HYPOTHESIS)
BY_LABEL: dict[str, Claim[Any, Any]] = {claim.label: claim for claim in CLAIMS}


def theorems(export: ClaimExport) -> dict[str, Theorem]:
    return {
        name: theorem
        for step in export.steps
        for name, theorem in zip(step.names, step.theorems, strict=True)
    }


def statements(export: ClaimExport) -> set[str]:
    return {theorem.text("t") for theorem in theorems(export).values()}


def outcomes(claim: Claim[Any, Any], control: Control[Any, Any]) -> dict[tuple[str, str], bool]:
    """Whether each step of a changed claim holds, as the toolkit's own algebra says."""
    found: dict[tuple[str, str], bool] = {}
    check = statement_of(claim)
    model = claim.model if control.model is None else control.model
    prediction = claim.prediction if control.prediction is None else control.prediction
    for changed, part in check.cases(model, prediction):
        flow = Flow.of_paper(changed)
        try:
            sheet = check.decide(flow, check.derive(flow) if part is None else part)
        except (ArithmeticError, NotImplementedError, TypeError, ValueError):
            continue  # a change that has no sheet at all
        domain = [one.test(flow) for one in check.domain]
        premises = [one.test(flow) for one in check.premises]
        for step in (*domain, *premises, *sheet.steps):
            key = flow.name, step.text
            found[key] = found.get(key, True) and step.holds
    return found


@dataclass(frozen=True)
class Said:
    """What Rocq says of the changes of a claim.

    Attributes
    ----------
    changed : int
        Changes that change a theorem.
    refused : int
        Changes of which a theorem is refused.
    wrong : tuple of str
        Changes with a step that fails and is a Qed, or all of whose steps are covered.
    """

    changed: int
    refused: int
    wrong: tuple[str, ...]


def of_controls(claim: Claim[Any, Any], export: ClaimExport) -> Said:
    """Have Rocq check what the controls of a claim export beside what the claim does."""
    own = set(theorems(export).values())
    twins = [
        (control, export_claim(claim, (), record_claim(claim, control.model, control.prediction)))
        for control in claim.controls
    ]
    new = {theorem for _, twin in twins for theorem in theorems(twin).values()} - own
    accepted = sessions.accepted(new) if new else set()
    changed, refused, wrong = 0, 0, []
    for control, twin in twins:
        asked = [step for step in twin.steps if not own.issuperset(step.theorems)]
        changed += bool(asked)
        taken = [step for step in asked if (own | accepted).issuperset(step.theorems)]
        refused += len(taken) < len(asked)
        holds = outcomes(claim, control)
        if any(not holds.get((step.flow, step.step.text), True) for step in taken) or (
            asked and taken == asked and all(s.theorems or s.fate in TAKEN for s in twin.steps)
        ):
            wrong.append(control.change)
    return Said(changed, refused, tuple(wrong))


# -- what is written ------------------------------------------------------------------------------


def test_statements_hold_what_the_models_are_made_of() -> None:
    text = "\n".join(statements(export_claim(BY_LABEL["(2.3)"])))
    assert text.startswith("Theorem t (E : IPS)")
    for word in ("vsum n", "rsum n", "softmax n m", "exp (beta *", "(proj (x i)", "⟨"):
        assert word in text, word


@pytest.mark.slow
def test_every_proof_refuses_what_reflexivity_closes() -> None:
    for label in ("(3.6)", "Confinement", "Theorem 6.1"):
        for text in statements(export_claim(BY_LABEL[label])):
            assert text.count("Fail reflexivity.") == 1 and "Admitted" not in text


def test_sides_that_are_written_the_same_are_no_theorem() -> None:
    with recording():
        x, y = vectors("x y")
        said = inner(x, y - y)
    with pytest.raises(NotExported, match="nothing to prove"):
        gram_statement(said)


def test_what_has_no_term_is_said() -> None:
    with recording():
        x, y = vectors("x y")
        said = inner(x, y) ** n
    with pytest.raises(NotExported, match="no term for the power"):
        gram_statement(said)
    with pytest.raises(NotExported, match="no term for"):
        sign_statement(Question(besseli(2, beta) + z**2, -1, 1))
    with pytest.raises(NotExported, match="nothing to prove"):
        sign_statement(Question(Rational(3, 2), -1, 1))


def test_a_sign_is_said_on_its_interval_for_all_parameters() -> None:
    said = sign_statement(Question((1 - z) * exp(beta * z), -1, 1, True, (True, False)))
    assert said.hypotheses == ("0 < beta", "(- 1) <= z < 1")
    assert said.claim == "0 < ((1 - z) * (exp (beta * z)))"


def test_a_claim_of_experiments_has_no_export() -> None:
    def watched(model: Any, prediction: Any, budget: Budget) -> Evidence:
        return Evidence(Verdict.SUPPORTED, "runs")

    export = export_claim(replace(BY_LABEL["(3.6)"], check=watched))
    assert "experiments" in export.reason and not export.steps


# -- what Rocq says -------------------------------------------------------------------------------


@needs_rocq
@pytest.mark.slow
def test_the_dissipation_of_energy_and_its_controls() -> None:
    claim = BY_LABEL["(3.6)"]
    done = compile_export(export_claim(claim))
    fates = {step.step.text: step.fate for step in done.steps}
    assert fates["|x_i| = 1"] is Fate.COVERED
    slopes = [fate for text, fate in fates.items() if text.startswith("(m_i m_j e^")]
    assert slopes and set(slopes) == {Fate.COVERED}
    assert Fate.REFUSED not in fates.values()
    assert done.axioms and all(map(allowed_axiom, done.axioms))
    assert "vsum n" in done.statement
    said = of_controls(claim, done)
    assert said.refused == said.changed == len(claim.controls) and not said.wrong


@needs_rocq
@pytest.mark.slow
def test_a_wrong_claim_is_refused_where_the_algebra_is_broken(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    claim = BY_LABEL["(3.6)"]
    wrong = replace(claim, prediction=claim.controls[0].prediction)
    for module in (theory.engines.gram, eq_3_6_dissipation):
        monkeypatch.setattr(module, "residual", lambda _: 0)
    assert main(["verify", wrong.label, "--rocq"], claims=[wrong]) == 1
    said = capsys.readouterr().out
    assert "REFUSED by Rocq: (3.6)" in said


@needs_rocq
@pytest.mark.slow
def test_the_command_prints_theorem_steps_and_axioms(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    claim = BY_LABEL["Confinement"]
    words = ["verify", claim.label, "--rocq", "--out", str(tmp_path)]
    assert main(words, claims=[claim]) == 0
    said = capsys.readouterr().out
    assert re.search(r"rocq: Qed, \d+\.\d s: \d+ of \d+ steps covered", said)
    assert "softmax n m" in said and "axioms: " in said
    assert "9 of 27 derived and decided steps covered" in said
    (kept,) = (tmp_path / "rocq").glob("*.v")
    assert "Theorem Confinement_1" in kept.read_text(encoding="utf-8")
    assert main(["verify", "(2.3)", "--rocq"], claims=[BY_LABEL["(2.3)"]]) == 0
    assert "not covered: " in capsys.readouterr().out


def test_without_rocq_the_command_names_what_to_install(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("PATH", "")
    for words in (["verify", "(3.6)", "--rocq"], ["claims", "--rocq"]):
        assert main(words, claims=[BY_LABEL["(3.6)"]]) == 2
        assert "apt-get install coq libcoq-interval" in capsys.readouterr().err


@pytest.mark.slow
@needs_rocq
def test_a_theorem_that_reflexivity_closes_is_refused() -> None:
    trivial = Theorem("(x : R)", (), "x = x", ("Gram",), "reflexivity.")
    done = compile_text(text_of([("t", trivial)], "nothing"), "t")
    assert not done.accepted and "has not failed" in done.message


@needs_rocq
@pytest.mark.slow
def test_signs_with_unbounded_parameters() -> None:
    true = sign_statement(Question((1 - z) * exp(beta * z), -1, 1, True, (True, False)))
    false = sign_statement(Question((1 - z) * exp(beta * z), -1, 1, True, (True, True)))
    assert compile_text(text_of([("t", true)], ""), "t").accepted
    assert not compile_text(text_of([("t", false)], ""), "t").accepted


@needs_rocq
@pytest.mark.slow
def test_projections_keep_to_the_tangent_space() -> None:
    with recording():
        x, y = vectors("x y", unit="x")
        said = inner(x, project(x, y))
        tilted = inner(x, project(x, y)) - inner(x, y)
    assert compile_text(text_of([("t", gram_statement(said))], ""), "t").accepted
    assert not compile_text(text_of([("t", gram_statement(tilted))], ""), "t").accepted


@needs_rocq
@pytest.mark.full
@pytest.mark.parametrize("claim", CLAIMS, ids=lambda claim: claim.label)
def test_no_control_becomes_a_theorem(claim: Claim[Any, Any]) -> None:
    export = export_claim(claim)
    if not theorems(export):
        pytest.skip("nothing of it is exported")
    done = compile_export(export)
    assert done.count(Fate.REFUSED) == 0
    assert all(map(allowed_axiom, done.axioms))
    assert of_controls(claim, done).wrong == ()


@needs_rocq
@pytest.mark.full
def test_the_kernel_alone_checks_again(tmp_path: Path) -> None:
    done = compile_export(export_claim(BY_LABEL["(3.6)"]), folder=tmp_path)
    assert done.count(Fate.COVERED) > 0
    accepted, said = recheck(tmp_path, "eq_3_6_file")
    assert accepted, said


@pytest.mark.slow
@pytest.mark.parametrize("label", ["(3.6)", "Lemma 6.4"])
@pytest.mark.parametrize(
    ("message", "late"), [("not done after 120 s", True), ("The term x has type nat", False)]
)
def test_to_be_late_is_no_refusal(
    label: str, message: str, late: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of steps, of the whole theorem and of the rules; every prover is one that says `message`."""
    done = Compiled(False, 120.0, message=message)
    assert done.late is late
    monkeypatch.setattr("proofs_checks.rocq.exports.compile_text", lambda *a, **k: done)
    claim = BY_LABEL[label]
    sheets = verify(claim, cases=1)[0].evidence.sheets
    with recording():
        recorded = record_claim(claim)
    export = compile_export(export_claim(claim, sheets, recorded))
    assert export.count(Fate.COVERED) == 0
    assert export.refuses is (not late)
    assert bool(export.count(Fate.REFUSED)) is (not late)
    words = details(export)
    assert ("REFUSED" in words) is (not late) and "Qed" not in words
    assert (message in " ".join(words.split())) is True
    for step in export.steps:
        if late and step.theorems:
            assert step.fate is Fate.UNCOVERED and step.reason.endswith(message)


def test_a_rule_that_is_a_theorem_is_said_to_be_no_more() -> None:
    assert Fate.RULE.value == "the rule is a theorem; its use here isn't checked"


@pytest.mark.slow
def test_coverage_counts_a_theorem_once_and_its_premises_apart(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """By a prover that takes all: the same claim twice counts as once."""
    taken = Compiled(True, 1.0)
    monkeypatch.setattr("proofs_checks.rocq.exports.compile_text", lambda *a, **k: taken)
    with recording():
        recorded = record_claim(BY_LABEL["Theorem 6.7"])
    export = compile_export(export_claim(BY_LABEL["Theorem 6.7"], (), recorded))
    own = coverage([export])
    assert coverage([export, export]) == own
    distinct = {s.theorems for s in export.steps if s.theorems and s.step.how in COUNTED}
    assert own.covered == len(distinct) < own.steps + 1
    assert own.covered_premises <= own.premises and 0 < own.premises < own.steps
    assert not any(s.premise for s in export.steps if s.step.how is How.CITED)
    said = own.words()
    assert f"{own.covered} of {own.steps} derived" in said
    assert f"{own.premises} of them are premises" in said
    assert f"{own.covered - own.covered_premises} of {own.steps - own.premises}" in said
