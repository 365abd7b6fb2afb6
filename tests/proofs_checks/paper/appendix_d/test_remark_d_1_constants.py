"""Remark D.1, E.Remark D.1: twins of our own."""

from dataclasses import replace

import pytest

from proofs_checks.claim import Verdict
from proofs_checks.paper.appendix_d.remark_d_1_constants import ERRATUM_REMARK_D_1, REMARK_D_1
from theory.atoms import Tangent
from theory.models import SA
from theory.symbols import X, beta, n


def changed(claim, **fields):
    return replace(claim, prediction=replace(claim.prediction, **fields))


def test_the_printed_form_carries_its_counterexample(reports):
    assert "n = 2, β = 1/100" in reports["E.Remark D.1"].printed.detail


def test_a_factor_of_the_softmax_counts(found):
    # twice SA grows twice as fast: 4(1+β), and 2(1+β) isn't shown for it
    twice = replace(SA, velocity=Tangent(X, 2 * SA.velocity.field))
    claim = replace(ERRATUM_REMARK_D_1, model=twice)
    assert found(replace(claim, prediction=4 * (1 + beta))).verdict is Verdict.PROVED
    assert found(replace(claim, prediction=2 * (1 + beta))).verdict is not Verdict.PROVED


TWINS = {
    "D.1 with early rate 2/n": changed(REMARK_D_1, early=2 / n, origin=n / 4),
    "D.1 constant 2β": replace(ERRATUM_REMARK_D_1, prediction=2 * beta, printed=None),
}


@pytest.mark.every(5)
@pytest.mark.parametrize("twin", TWINS.values(), ids=TWINS)
def test_a_twin_is_refuted(twin, refuted):
    refuted(twin)
