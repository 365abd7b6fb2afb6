"""Verdicts decided for any flow come from one file; a claim and its row are one decision."""

from __future__ import annotations

import ast
from pathlib import Path

import numpy as np
import pytest

from proofs_checks.claim import Budget, Question, Verdict
from proofs_checks.discovery import discover, questions, where
from proofs_checks.own_model import check_model
from proofs_checks.proof import Flow
from theory.models import SA, USA

ROOT = Path(__file__).resolve().parents[3]
LIST = Path(__file__).parent / "keeps_check.txt"
"""Files of statements with a claim that keeps a check of its own: the list may only shrink."""
DECIDING = ("flow", "hypotheses", "sheet", "rules", "schedules", "traps", "cone", "lemmas")
ROWS = {
    "(3.6)": "dissipation identity",
    "(6.9)": "equiangular ODE",
    "(6.10)": "equiangular ODE",
    "Confinement": "confinement",
    "Remark 2.2": "permutation equivariance",
    "Rotation equivariance": "rotation equivariance",
    "E.(3.7)": "(3.7)",
    "Discrete layer": "discrete layer",
    "Lipschitz": "Lipschitz bound",
}
"""Rows of ``check_model`` that have another name than their claim."""


def decided() -> dict[str, str]:
    """Row of each claim that is decided for any flow and asked of models."""
    asked = {c.label: c.check.name for c in discover() if isinstance(c.check, Question)}
    return {label: row for label, row in asked.items() if row}


def of(path: Path) -> str:
    return path.relative_to(ROOT / "proofs_checks").as_posix()


def test_the_list_of_files_that_keep_a_check_is_exact():
    kept = {of(where(c)[0]) for c in discover() if not isinstance(c.check, Question)}
    assert sorted(kept) == LIST.read_text(encoding="utf-8").split()
    assert len(kept) <= 82


def made(path: Path) -> set[str]:
    """Verdicts that a file mentions, those of ``expected`` in a Claim apart."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    skipped = {
        id(part)
        for call in ast.walk(tree)
        if isinstance(call, ast.Call) and getattr(call.func, "id", "") == "Claim"
        for part in ast.walk(call)
    }
    return {
        node.attr
        for node in ast.walk(tree)
        if isinstance(node, ast.Attribute)
        and getattr(node.value, "id", "") == "Verdict"
        and id(node) not in skipped
    }


def test_no_other_file_gives_a_verdict():
    kept = set(LIST.read_text(encoding="utf-8").split())
    decided = {where(c)[0] for c in discover() if of(where(c)[0]) not in kept}
    files = [*decided, *(ROOT / "proofs_checks" / "proof" / f"{name}.py" for name in DECIDING)]
    assert len(decided) >= 4
    for path in files:
        assert not made(path) & {"PROVED", "CERTIFIED"}, path
    assert made(ROOT / "proofs_checks" / "proof" / "verdict.py") >= {"PROVED", "CERTIFIED"}


def test_every_decided_claim_has_its_row():
    rows = decided()
    assert rows == {label: ROWS.get(label, label) for label in rows}
    assert set(rows.values()) <= set(questions())
    assert len(rows) >= 29


@pytest.mark.parametrize("model", [SA, USA], ids=lambda model: model.name)
def test_check_model_agrees_with_the_claims(model):
    report = check_model(model)
    for label, row in decided().items():
        (claim,) = (c for c in discover() if c.label == label)
        if model not in (claim.model if isinstance(claim.model, tuple) else (claim.model,)):
            continue
        evidence = claim.check(claim.model, claim.prediction, Budget(2, np.random.default_rng(0)))
        # The growth of geodesics is beyond the row: the claim is SUPPORTED, chords are PROVED.
        assert report[row].verdict is (
            Verdict.PROVED if label == "Lipschitz" else evidence.verdict
        ), label


@pytest.mark.parametrize("name", sorted(set(decided().values())))
def test_every_proof_prints_its_steps(name):
    # Lemmas 3.6, 3.7 and (3.10) are about flows that don't divide by row sums.
    asked = (questions()[name].sheet(Flow.of(model)) for model in (SA, USA))
    sheet = next((found for found in asked if found is not None), None)
    assert sheet is not None and sheet.holds
    text = str(sheet)
    assert text.startswith("1. ") and len(sheet.steps) >= 1
    assert all(len(line) <= 80 for line in text.splitlines())
