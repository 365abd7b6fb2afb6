"""Problem 1: twins of our own and independent mathematics."""

from dataclasses import replace

import pytest

from proofs_checks.claim import Verdict, run_check
from proofs_checks.paper.section_6.problem_1_metastability import PROBLEM_1, Plateaus


@pytest.mark.slow
def test_problem_1_stays_open_and_says_what_it_saw(reports):
    report = reports["Problem 1"]
    assert report.verdict is Verdict.OPEN
    assert "plateaus last 10^" in report.evidence.detail
    assert report.evidence.assumptions


def test_a_tenth_off_is_refuted():
    """The check is not merely able to see factors of two."""
    exponent = PROBLEM_1.prediction.exponent * 11 / 10
    twin = replace(PROBLEM_1, prediction=Plateaus(PROBLEM_1.prediction.betas, exponent))
    evidence, error = run_check(twin, 1, 5)
    assert error is None and evidence.verdict is Verdict.REFUTED


def test_the_first_case_that_contradicts_is_the_last():
    wrong = Plateaus(PROBLEM_1.prediction.betas, 2 * PROBLEM_1.prediction.exponent)
    evidence, error = run_check(replace(PROBLEM_1, prediction=wrong), 3, 5)
    assert error is None and evidence.verdict is Verdict.REFUTED and evidence.cases == 1
