"""Merge law: twins of our own and independent mathematics."""

from dataclasses import replace

import pytest

from numerics.coarsening import M1, M2, THETA
from proofs_checks.claim import Verdict, run_check, verify_claim
from proofs_checks.extensions.merge_law import MERGE_LAW, MergeLaw
from theory.models import USA


@pytest.mark.slow
def test_merge_law_of_usa_holds_for_usa_only():
    law = next(c for c in MERGE_LAW.controls if c.change == "the law of USA").prediction
    right = replace(MERGE_LAW, model=USA, prediction=law, controls=MERGE_LAW.controls[:1])
    report = verify_claim(right, None, 1)
    assert report.ok
    assert law.rate.free_symbols >= {THETA, M1, M2}


def test_a_tenth_off_is_refuted():
    """The check is not merely able to see factors of two."""
    twin = replace(MERGE_LAW, prediction=MergeLaw(MERGE_LAW.prediction.rate * 11 / 10))
    evidence, error = run_check(twin, 1, 5)
    assert error is None and evidence.verdict is Verdict.REFUTED
