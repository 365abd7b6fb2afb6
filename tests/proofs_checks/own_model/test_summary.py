"""The ten lines that open a report, for reports of every kind."""

from __future__ import annotations

import pytest

from proofs_checks import CLAIMS, check_model
from proofs_checks.evidence import Evidence, Verdict, not_applicable
from proofs_checks.labels import NO_CLAIM, typed_claims
from proofs_checks.own_model.row import Row
from proofs_checks.own_model.summary import LINES, counts_of, summary_of
from theory import SA, catalogue

NEEDS = "the proof needs weights A_ij > 0: A_12 = 0: token 1 doesn't see token 2 (POSITIVE_WEIGHTS)"


def row(name, verdict, detail=""):
    evidence = not_applicable(detail) if verdict is None else Evidence(Verdict[verdict], detail)
    return Row(name, evidence, "")


def test_every_part_is_named_once_with_its_reason():
    rows = [
        row("(2.5)", "PROVED"),
        row("(2.6)", "CERTIFIED"),
        row("(4.2)", "REFUTED", "mine: two tokens at 60° part"),
        row("Lemma 6.4", "UNDECIDED", NEEDS),
        row("(6.3)", "UNDECIDED", NEEDS),
        row("Theorem 6.1", "VACUOUS", "outside the domain β >= 0: β = -5"),
        row("(2.7)", None, "no sum of heads"),
    ]
    assert summary_of("mine", rows).splitlines() == [
        "check_model: mine",
        "1 PROVED, 1 CERTIFIED, 1 VACUOUS, 1 REFUTED, 2 UNDECIDED; 1 doesn't apply",
        "survive     (2.5), (2.6)",
        "fail        (4.2): two tokens at 60° part",
        "not decided Lemma 6.4, (6.3): the proof needs weights A_ij > 0",
        "empty       Theorem 6.1: β >= 0: β = -5",
    ]


@pytest.mark.parametrize("verdict", ["PROVED", "REFUTED", "UNDECIDED", "VACUOUS", "OPEN", None])
def test_ten_lines_of_eighty_columns_whatever_is_found(verdict):
    many = [row(f"statement {k} of a long name", verdict, f"reason {k} " * 30) for k in range(90)]
    others = [row(f"({k})", word, f"{k}") for k in range(40) for word in ("REFUTED", "UNDECIDED")]
    for rows in (many, [*many, *others], [*others, row("x", "VACUOUS", "y"), *many]):
        lines = summary_of("m" * 200, rows).splitlines()
        assert len(lines) <= LINES and max(map(len, lines)) <= 80


def test_counts_leave_out_what_does_not_apply():
    rows = [row("a", "PROVED"), row("b", None), row("c", None)]
    assert counts_of(rows) == "1 PROVED; 2 don't apply"


def test_the_text_opens_with_it_and_names_the_rest_in_a_line_a_section():
    report = check_model(SA, only=["Lemma 6.4", "Kuramoto", "(7.4)", "(7.1)", "(2.6)"])
    text = str(report)
    assert text.startswith(report.summary) and report.counts in report.summary
    assert "  don't speak of SA: Kuramoto, (7.4) (--all lists why)" in text.splitlines()
    assert "Kuramoto  " not in text and "h isn't linear" in report.text(every=True)
    data = {entry["name"]: entry for entry in report.as_dict()["rows"]}
    assert (data["Kuramoto"]["applies"], data["Kuramoto"]["verdict"]) == (False, None)
    assert data["Kuramoto"]["reason"].startswith("h isn't linear")
    assert data["(7.1)"]["applies"] and data["(7.1)"]["reason"] is None
    assert sum(report.verdicts.values()) == 3
    assert "h isn&#x27;t linear" in report._repr_html_()


def test_labels_in_it_are_those_that_verify_knows():
    report = check_model(catalogue("causal"), only=["Lemma 6.4", "(2.5)", "energy ascent", "(7.1)"])
    for one in report.rows:
        if one.name not in NO_CLAIM:
            assert typed_claims(CLAIMS, [one.name], "LABEL")
