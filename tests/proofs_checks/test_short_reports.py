"""Reports, evidence and sheets: short in a terminal, tables in a notebook."""

from proofs_checks import CLAIMS, check_model, verify
from tests.numerics.records.tables import table
from theory import SA


def test_reports():
    (report,) = verify([claim for claim in CLAIMS if claim.label == "(3.6)"], cases=2)
    assert repr(report).startswith("Report(label=(3.6), verdict=PROVED, expected=PROVED")
    assert len(repr(report).splitlines()) <= 5
    assert "PROVED" in table(report._repr_html_(), "Report")
    assert len(repr(report.evidence).splitlines()) <= 5
    (_, sheet), *_ = report.evidence.sheets
    assert len(repr(sheet).splitlines()) <= 5
    cells = table(sheet._repr_html_(), "Sheet")
    assert len(cells) == 4 * (1 + len(sheet.steps)) + bool(sheet.summary)
    assert sheet._repr_latex_().count(r"\item") == len(sheet.steps)


def test_a_claim():
    (claim,) = (claim for claim in CLAIMS if claim.label == "Theorem 6.3")
    assert repr(claim).startswith("Claim(label=Theorem 6.3, expected=PROVED")
    assert len(repr(claim).splitlines()) <= 5


def test_a_report_about_a_model():
    found = check_model(SA, rng=0, only=["Lemma 6.4", "energy ascent"], cases=3)
    assert repr(found).startswith("ModelReport(model=SA")
    cells = table(found._repr_html_(), "check_model: SA")
    assert cells[cells.index("Lemma 6.4") + 1] == "PROVED"
