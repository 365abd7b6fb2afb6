"""Claims on metastability: verdicts for several seeds, every control refuted, twins of our own."""

import pickle
from dataclasses import replace

import pytest

from numerics.coarsening import M1, M2, THETA
from proofs_checks.claim import Verdict, verify_claim
from proofs_checks.extensions.energy_at_merges import ENERGY_RISES, Rise
from proofs_checks.extensions.merge_law import MERGE_LAW, MergeLaw
from proofs_checks.extensions.pairwise_merging import PAIRWISE_MERGING
from proofs_checks.extensions.two_time_scales import TWO_TIME_SCALES, Scales
from proofs_checks.paper.section_6.problem_1_metastability import PROBLEM_1, Plateaus
from proofs_checks.section6_metastability import CLAIMS_METASTABILITY
from theory.models import REPULSIVE, USA

CLAIMS = pytest.mark.parametrize("claim", CLAIMS_METASTABILITY, ids=lambda claim: claim.label)


@CLAIMS
def test_claim_is_as_expected_for_two_seeds(claim):
    for seed in range(2):
        report = verify_claim(claim, None, seed)
        assert report.complaints == ()
        assert report.evidence.margin > 0
        for _, evidence in report.controls:
            assert any(character.isdigit() for character in evidence.detail)


@pytest.mark.slow
@CLAIMS
def test_claim_is_as_expected_for_many_seeds(claim):
    complaints = [verify_claim(claim, None, seed).complaints for seed in range(2, 22)]
    assert complaints == [()] * 20


@pytest.mark.slow
@CLAIMS
def test_claim_in_full(claim):
    assert verify_claim(claim, None, 0, full=True).complaints == ()


@CLAIMS
def test_claim_pickles_and_is_short(claim):
    assert pickle.loads(pickle.dumps(claim)) == claim
    assert len(claim.statement) <= 240


def test_problem_1_stays_open_and_says_what_it_saw():
    report = verify_claim(PROBLEM_1, 1, 3)
    assert report.verdict is Verdict.OPEN
    assert "plateaus last 10^" in report.evidence.detail
    assert report.evidence.assumptions


def test_slightly_wrong_predictions_are_refuted():
    """A tenth off is enough: the checks are not merely able to see factors of two."""
    exponent = PROBLEM_1.prediction.exponent * 11 / 10
    rate = MERGE_LAW.prediction.rate * 11 / 10
    height = ENERGY_RISES.prediction.height * 11 / 10
    for claim, prediction in [
        (PROBLEM_1, Plateaus(PROBLEM_1.prediction.betas, exponent)),
        (MERGE_LAW, MergeLaw(rate)),
        (ENERGY_RISES, Rise(height)),
    ]:
        twin = replace(claim, prediction=prediction)
        assert verify_claim(twin, 1, 5).verdict is Verdict.REFUTED


def test_merge_law_of_usa_holds_for_usa_only():
    law = next(c for c in MERGE_LAW.controls if c.change == "the law of USA").prediction
    right = replace(MERGE_LAW, model=USA, prediction=law, controls=MERGE_LAW.controls[:1])
    report = verify_claim(right, None, 1)
    assert report.ok
    assert law.rate.free_symbols >= {THETA, M1, M2}


def test_no_growth_where_there_are_no_scales():
    cold = replace(TWO_TIME_SCALES, prediction=Scales((0.01, 0.5)))
    assert verify_claim(cold, None, 1).verdict is Verdict.REFUTED


def test_a_repulsive_model_is_an_error_and_not_a_refutation():
    report = verify_claim(replace(PAIRWISE_MERGING, model=REPULSIVE), 1, 0)
    assert "Expected a model" in report.error
    assert not report.ok
