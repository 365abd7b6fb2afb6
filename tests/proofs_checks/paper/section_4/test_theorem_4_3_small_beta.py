"""E.Theorem 4.3 proof, Theorem 4.3: twins of our own and independent mathematics."""

from dataclasses import replace

import numpy as np
import pytest
from sympy import Rational, S, exp, log

from proofs_checks.claim import Budget, Verdict
from proofs_checks.paper.section_4.theorem_4_3_small_beta import (
    ERRATUM_THEOREM_4_3,
    ONE_MASS,
    THEOREM_4_3,
)
from theory.models import SA
from theory.predictions import small_beta_threshold
from theory.symbols import beta


def changed(claim, **fields):
    return replace(claim, prediction=replace(claim.prediction, **fields))


def test_a_weaker_statement_is_still_proved():
    budget = Budget(5, np.random.default_rng(0))
    loose = replace(THEOREM_4_3.prediction, simple=ONE_MASS)
    assert THEOREM_4_3.check((SA,), loose, budget).verdict is Verdict.PROVED


def test_the_threshold_agrees_with_the_prediction():
    for count in (2, 3, 8):
        ours = THEOREM_4_3.prediction.threshold.subs(ONE_MASS, Rational(1, count))
        assert float(ours - small_beta_threshold(count)) == pytest.approx(0, abs=1e-15)
    assert THEOREM_4_3.unmet(n=2, d=2, beta=0.7) == ("β < log(n/(n-1))",)


def test_a_weaker_constant_of_the_erratum_is_still_proved():
    budget = Budget(2, np.random.default_rng(0))
    weaker = replace(ERRATUM_THEOREM_4_3.prediction, constant=S.Half)
    found = ERRATUM_THEOREM_4_3.check(ERRATUM_THEOREM_4_3.model, weaker, budget)
    assert found.verdict is Verdict.PROVED, found.detail


def test_the_printed_form_carries_its_counterexample(reports):
    found = dict(reports["E.Theorem 4.3 proof"].controls)
    assert "no C > 0" in found["β_0 = 1/n²"].detail


TWINS = {
    "4.3 up to log(1+1/(1-μ))": changed(THEOREM_4_3, threshold=log(1 + 1 / (1 - ONE_MASS))),
    "4.3 with βc² on the right": changed(THEOREM_4_3, right=beta),
    "4.3 with e^{-n}": changed(ERRATUM_THEOREM_4_3, threshold=exp(-1 / ONE_MASS)),
    "4.3 with C = 3/2": changed(ERRATUM_THEOREM_4_3, constant=Rational(3, 2)),
}


@pytest.mark.every(5)
@pytest.mark.parametrize("twin", TWINS.values(), ids=TWINS)
def test_a_twin_is_refuted(twin, refuted):
    refuted(twin)
