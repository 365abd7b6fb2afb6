"""Verdicts decided for any flow come from one file; a claim and its row are one decision."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

from proofs_checks.claim import Question, Verdict
from proofs_checks.discovery import discover, questions, where
from proofs_checks.own_model import check_model
from proofs_checks.proof import Flow, Statement
from proofs_checks.proof.trained import MostTexts
from theory.models import CAUSAL, COD, MOVING_MASSES, PURE_ATTENTION, SA, USA

ROOT = Path(__file__).resolve().parents[3]
WORDS = set(Verdict.__members__)
ROWS = {
    "(3.6)": "dissipation identity",
    "Theorem 4.3 [2510.22026]": "rates of schemes",
    "Theorem 4.1 [2411.04990]": "leader induction",
    "Theorem 4.1 [2411.04990] rate": "rate of followers",
    "Masked hemisphere": "hemisphere under a mask",
    "Masked spectrum": "consensus spectrum under a mask",
    "(6.9)": "equiangular ODE",
    "(6.10)": "equiangular ODE",
    "Confinement": "confinement",
    "Remark 2.2": "permutation equivariance",
    "Rotation equivariance": "rotation equivariance",
    "E.(3.7)": "(3.7)",
    "Discrete layer": "discrete layer",
    "Moving masses": "moving masses",
    "Time change": "time change",
    "Lipschitz": "Lipschitz bound",
    "Repulsion": "dissipation identity",
}
"""Rows of ``check_model`` that have another name than their claim."""


def decided() -> dict[str, str]:
    """Row of each claim that is decided for any flow and asked of models."""
    asked = {c.label: c.check.name for c in discover() if isinstance(c.check, Question)}
    return {label: row for label, row in asked.items() if row}


def of(path: Path) -> str:
    return path.relative_to(ROOT / "proofs_checks").as_posix()


def test_every_claim_is_a_statement():
    """But what is said of a trained network, which no flow decides."""
    kinds = (Statement, MostTexts)
    others = [claim.label for claim in discover() if not isinstance(claim.check, kinds)]
    assert others == []


def mentioned(node: ast.AST) -> set[str]:
    """Verdicts that a piece of code mentions."""
    found = {part.attr for part in ast.walk(node) if isinstance(part, ast.Attribute)}
    return {*found, *(part.id for part in ast.walk(node) if isinstance(part, ast.Name))} & WORDS


def made(path: Path) -> set[str]:
    """Verdicts of which a file makes evidence."""
    calls = (n for n in ast.walk(ast.parse(path.read_text(encoding="utf-8"))) if is_evidence(n))
    return {word for call in calls for word in mentioned(call)}


def is_evidence(node: ast.AST) -> bool:
    """Whether a call makes evidence, or changes its verdict."""
    if not isinstance(node, ast.Call):
        return False
    name = getattr(node.func, "id", getattr(node.func, "attr", ""))
    return name == "Evidence" or any(word.arg == "verdict" for word in node.keywords)


@pytest.mark.slow
def test_one_file_makes_what_is_proved():
    files = {of(path): made(path) for path in (ROOT / "proofs_checks").rglob("*.py")}
    makers = {name for name, words in files.items() if words & {"PROVED", "CERTIFIED"}}
    assert makers == {"proof/verdict.py"}


def test_a_statement_makes_no_evidence():
    folders = (ROOT / "proofs_checks" / name for name in ("paper", "extensions", "decide"))
    for path in (path for folder in folders for path in folder.rglob("*.py")):
        assert "Evidence" not in path.read_text(encoding="utf-8"), path


@pytest.mark.slow
def test_a_statement_names_a_verdict_only_as_expected():
    for path in {where(claim)[0] for claim in discover()}:
        tree = ast.parse(path.read_text(encoding="utf-8"))
        expected = {
            id(part)
            for node in ast.walk(tree)
            if isinstance(node, ast.Call) and getattr(node.func, "id", "") in ("Claim", "replace")
            for part in ast.walk(node)
        }
        for node in ast.walk(tree):
            if isinstance(node, ast.Attribute) and getattr(node.value, "id", "") == "Verdict":
                assert id(node) in expected, (path, node.lineno)


def test_every_decided_claim_has_its_row():
    rows = decided()
    assert rows == {label: ROWS.get(label, label) for label in rows}
    assert set(rows.values()) <= set(questions())
    assert len(rows) >= 29


@pytest.mark.parametrize("model", [SA, USA], ids=lambda model: model.name)
@pytest.mark.slow
def test_check_model_agrees_with_the_claims(model, reports):
    report = check_model(model)
    for label, row in decided().items():
        (claim,) = (c for c in discover() if c.label == label)
        if model not in (claim.model if isinstance(claim.model, tuple) else (claim.model,)):
            continue
        # The growth of geodesics is beyond the row: the claim is SUPPORTED, chords are PROVED.
        own = Verdict.PROVED if label == "Lipschitz" else reports[label].verdict
        assert report[row].verdict is own, label


@pytest.mark.every(4)
@pytest.mark.parametrize("name", sorted(set(decided().values())))
def test_every_proof_prints_its_steps(name):
    # Lemmas 3.6, 3.7 and (3.10) are about flows that don't divide by row sums, some about a mask,
    # moving masses or a factor of time, one about tokens on R^d.
    models = (SA, USA, CAUSAL, MOVING_MASSES, COD, PURE_ATTENTION)
    asked = (questions()[name].sheet(Flow.of(model)) for model in models)
    sheet = next((found for found in asked if found is not None and found.holds), None)
    assert sheet is not None
    text = str(sheet)
    assert text.startswith(("1. ", "claim: ")) and len(sheet.steps) >= 1
    assert all(len(line) <= 80 for line in text.splitlines())
