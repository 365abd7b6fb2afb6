"""Problem 3, n = 3; Problem 3, n=3..6: twins of our own and independent mathematics."""

from dataclasses import replace

import numpy as np
import pytest
from sympy import Integer, Rational, S

from proofs_checks.claim import Budget, Verdict
from proofs_checks.paper.section_7.problem_3_landscape import (
    PROBLEM_3,
    PROBLEM_3_SMALL,
    Landscape,
)
from theory import USA
from theory.symbols import beta as BETA

pytestmark = pytest.mark.extras


def changed(claim, **fields):
    return replace(claim, prediction=replace(claim.prediction, **fields))


@pytest.mark.slow
def test_four_tokens_are_undecided_below_the_threshold():
    budget = Budget(1, np.random.default_rng(0))
    low = PROBLEM_3.check(USA, Landscape(4, Rational(1, 2)), budget)
    high = PROBLEM_3.check(USA, Landscape(4, Integer(1)), budget)
    assert (low.verdict, high.verdict) == (Verdict.UNDECIDED, Verdict.PROVED)
    # certificates: cos(π/3)/sin(π/3)² = 2/3
    assert "2/3" in low.detail


def test_another_model_is_not_certified():
    budget = Budget(0, np.random.default_rng(0))
    hotter = USA.subs({BETA: 2 * BETA})
    evidence = PROBLEM_3_SMALL.check(hotter, PROBLEM_3_SMALL.prediction, budget)
    assert evidence.verdict is Verdict.REFUTED


@pytest.mark.slow
def test_every_n_is_another_claim(reports):
    for label in ("Problem 3, n = 3", "Problem 3, n=3..6"):
        report = reports[label]
        assert "Saddles on the circle" in report.statement
        assert not any("Saddles" in text for text in report.evidence.assumptions)


TWINS = {
    "landscape from β = -1": changed(PROBLEM_3, low=S(-1)),
}


@pytest.mark.every(5)
@pytest.mark.parametrize("twin", TWINS.values(), ids=TWINS)
def test_a_twin_is_refuted(twin, refuted):
    refuted(twin)
