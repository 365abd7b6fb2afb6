"""(D.5), E.(D.5): twins of our own and independent mathematics."""

from dataclasses import replace

import pytest
from sympy import S, sqrt

from proofs_checks.paper.appendix_d.eq_d_5_projection import EQUATION_D_5, ERRATUM_D_5


def changed(claim, **fields):
    return replace(claim, prediction=replace(claim.prediction, **fields))


def test_the_printed_form_carries_its_counterexample(reports):
    assert "2/5, predicted 9/25" in reports["E.(D.5)"].printed.detail


TWINS = {
    "(D.5) with one degree more": changed(
        EQUATION_D_5, first=EQUATION_D_5.prediction.first + S.Half
    ),
    "(D.5) with r²": replace(ERRATUM_D_5, prediction=sqrt(2), printed=None),
    "(D.5) of negative length": replace(
        ERRATUM_D_5, prediction=-ERRATUM_D_5.prediction, printed=None
    ),
}


@pytest.mark.every(5)
@pytest.mark.parametrize("twin", TWINS.values(), ids=TWINS)
def test_a_twin_is_refuted(twin, refuted):
    refuted(twin)
