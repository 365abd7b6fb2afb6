"""Pairwise merging: twins of our own and independent mathematics."""

from dataclasses import replace

from proofs_checks.claim import verify_claim
from proofs_checks.extensions.pairwise_merging import PAIRWISE_MERGING
from theory.models import REPULSIVE


def test_a_repulsive_model_is_an_error_and_not_a_refutation():
    report = verify_claim(replace(PAIRWISE_MERGING, model=REPULSIVE), 1, 0)
    assert "Expected a kernel that increases" in report.error
    assert not report.ok
