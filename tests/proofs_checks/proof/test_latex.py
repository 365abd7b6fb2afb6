"""Proof sheets as LaTeX: balanced, plain ASCII, every claim; compiled where there is pdflatex."""

import re
import shutil
import subprocess

import pytest

from proofs_checks import CLAIMS, check_model
from proofs_checks.claim import Evidence, Verdict
from proofs_checks.proof import Sheet, Step, latex_document
from proofs_checks.proof.latex import tex
from proofs_checks.proof.sheet import How, Outcome

HARD = r"50% & {a_b} #1 ~ $5$ \x <|y|> \"Łojasiewicz\" é ẋ ẍ ½ r₀² e^{-λτ} x**2 a->b ≥ ∀ 漢 ℝ ⁻¹"


def balanced(text):
    depth = 0
    for mark in re.findall(r"(?<!\\)[{}]", text):
        depth += 1 if mark == "{" else -1
        assert depth >= 0
    return depth == 0


def test_any_text_becomes_ascii_with_balanced_braces():
    written = tex(HARD)
    assert written.isascii() and balanced(written)
    assert not re.search(r"(?<!\\)[%&#$]", written)
    for claim in CLAIMS:
        written = tex(claim.statement)
        assert written.isascii() and balanced(written), claim.label
        assert "texttt" not in written, f"an unknown symbol in {claim.label}: {written}"


def test_powers_indices_and_signs():
    assert tex("x_i") == r"x\ensuremath{{}_{i}}"
    assert tex("e^{-2t}") == r"e\ensuremath{{}^{\ensuremath{-}2t}}"
    assert tex("z**2 <= λ") == r"z\ensuremath{{}^{2}} \ensuremath{\le} \ensuremath{\lambda}"
    assert tex("centre-stable") == "centre-stable"


def document():
    report = check_model("exp(beta*t)/beta")
    hard = Sheet((Step(HARD, How.CITED, Outcome.GAP, HARD), Step("1 < 2", How.BY_RULE)))
    made = Evidence(Verdict.SUPPORTED, HARD, {"n": "2"}, (HARD,), sheets=((HARD, hard),))
    rows = [(row.name, row.statement, row.evidence) for row in report.rows]
    return latex_document([*rows, ("hard", HARD, made)])


@pytest.mark.slow
def test_a_document_has_a_section_a_row_and_an_item_a_step():
    text = document()
    report = check_model("exp(beta*t)/beta")
    assert text.count(r"\section*{") == len(report.rows) + 1
    steps = sum(len(row.evidence.sheet.steps) for row in report.rows if row.evidence.sheet)
    assert text.count(r"\item ") == steps + 2 > 40
    assert text.count(r"\begin{enumerate}") == text.count(r"\end{enumerate}")
    assert text.isascii() and balanced(text) and text.rstrip().endswith(r"\end{document}")
    assert "(cited: GAP)" in text


@pytest.mark.skipif(shutil.which("pdflatex") is None, reason="pdflatex is not installed")
def test_a_document_compiles(tmp_path):
    (tmp_path / "sheet.tex").write_text(document(), encoding="ascii")
    done = subprocess.run(
        ["pdflatex", "-interaction=nonstopmode", "-halt-on-error", "sheet.tex"],
        cwd=tmp_path, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout[-2000:]
