"""What is in print and not proved here stands beside rows, in one place of record."""

from __future__ import annotations

import pytest

from proofs_checks import Verdict, check_model
from proofs_checks.in_print import IN_PRINT, printed_for
from theory import SA, USA, catalogue

WIDEST = "in print: arXiv 2507.22857, β >= -0.16"


@pytest.mark.parametrize(
    ("model", "given", "said"),
    [
        (SA, {}, True),
        (USA, {}, True),
        (catalogue("L2"), {}, True),
        (USA, {"beta": 2.0}, True),
        (SA, {"beta": -0.1}, True),
        (SA, {"beta": -0.5}, False),  # below the range, where it may fail
        ("exp(beta*t)/beta + t**3", {}, False),  # other weights
        (catalogue("RoPE"), {}, False),
    ],
)
def test_the_row_on_the_circle_says_it(model, given, said):
    found = check_model(model, only=["circle"], **given)["circle"]
    assert found.verdict is Verdict.UNDECIDED
    assert (WIDEST in found.detail) is said


def test_nothing_is_concluded_and_other_rows_are_silent():
    report = check_model(SA, only=["circle", "Theorem 6.1"])
    assert report["circle"].verdict is Verdict.UNDECIDED
    assert "in print" not in report["Theorem 6.1"].detail
    assert f"circle: not proved here; {WIDEST}" in report.summary
    assert printed_for("Theorem 6.1", 1) == ""


def test_the_widest_range_stands_first():
    assert IN_PRINT[0].low == min(result.low for result in IN_PRINT)
    assert IN_PRINT[0].high == max(result.high for result in IN_PRINT)
