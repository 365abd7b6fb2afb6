"""(D.8), E.(D.8): twins of our own and independent mathematics."""

from dataclasses import replace

import pytest
from sympy import Rational

from proofs_checks.paper.appendix_d.eq_d_8_approach import EQUATION_D_8, ERRATUM_D_8
from theory.symbols import n


def changed(claim, **fields):
    return replace(claim, prediction=replace(claim.prediction, **fields))


def test_the_printed_form_carries_its_counterexample(reports):
    assert "n = 2" in reports["E.(D.8)"].printed.detail


TWINS = {
    "(D.8) early rate 1/n": changed(EQUATION_D_8, early=1 / n),
    "(D.8) prefactor 1/10": changed(ERRATUM_D_8, prefactor=Rational(1, 10)),
}


@pytest.mark.every(5)
@pytest.mark.parametrize("twin", TWINS.values(), ids=TWINS)
def test_a_twin_is_refuted(twin, refuted):
    refuted(twin)
