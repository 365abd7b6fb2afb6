"""E.(D.15), (D.15): twins of our own and independent mathematics."""

from dataclasses import replace

import numpy as np
import pytest
from sympy import Integer, Rational, S

from proofs_checks.claim import Budget, Verdict
from proofs_checks.paper.appendix_d.eq_d_15_tail import ERRATUM_D_15, STEP_D_15
from theory.models import SA


def changed(claim, **fields):
    return replace(claim, prediction=replace(claim.prediction, **fields))


def test_a_weaker_statement_is_still_proved():
    budget = Budget(5, np.random.default_rng(0))
    assert ERRATUM_D_15.check(SA, Integer(5), budget).verdict is Verdict.PROVED


def test_the_printed_form_carries_its_counterexample(reports):
    assert "18/25" in reports["E.(D.15)"].printed.detail


def test_a_true_twin_is_not_refuted(found):
    # (6.1) allows every rate below 2
    assert found(changed(STEP_D_15, rate=S.One)).verdict is Verdict.UNDECIDED


TWINS = {
    "(D.15) with 7/2": replace(ERRATUM_D_15, prediction=Rational(7, 2), printed=None),
    "(D.15) with 39/10": changed(STEP_D_15, factor=Rational(39, 10)),
    "(D.15) with a rate above 2": changed(STEP_D_15, rate=Rational(201, 100)),
}


@pytest.mark.every(5)
@pytest.mark.parametrize("twin", TWINS.values(), ids=TWINS)
def test_a_twin_is_refuted(twin, refuted):
    refuted(twin)
