"""E.(6.8), (6.8): twins of our own and independent mathematics."""

from dataclasses import replace

import pytest
from sympy import Rational

from proofs_checks.claim import Verdict
from proofs_checks.paper.section_6.eq_6_8_late_decay import ERRATUM_6_8, INEQUALITY_6_8
from theory.models import SA, USA
from theory.symbols import beta


def changed(claim, **fields):
    return replace(claim, prediction=replace(claim.prediction, **fields))


HOTTER = (SA.subs({beta: 3 * beta}), USA.subs({beta: 3 * beta}))


def test_the_rate_of_sa_holds_for_usa(found):
    # USA contracts at e^{-β}, so the rate that holds for SA holds for it too.
    assert found(replace(ERRATUM_6_8, model=USA)).verdict is Verdict.PROVED


def test_the_printed_form_carries_its_counterexample(reports):
    assert "β = 6: at t = 500" in reports["E.(6.8)"].printed.detail


TWINS = {
    "late rate of a hotter SA": replace(ERRATUM_6_8, model=HOTTER[0]),
    "(6.8) with prefactor 1/3": changed(INEQUALITY_6_8, prefactor=Rational(1, 3)),
}


@pytest.mark.every(5)
@pytest.mark.parametrize("twin", TWINS.values(), ids=TWINS)
def test_a_twin_is_refuted(twin, refuted):
    refuted(twin)
