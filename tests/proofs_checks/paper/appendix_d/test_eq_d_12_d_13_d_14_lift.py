"""(D.12), (D.13), (D.14): twins of our own and independent mathematics."""

from dataclasses import replace

import pytest

from proofs_checks.claim import Verdict
from proofs_checks.paper.appendix_d.eq_d_12_d_13_d_14_lift import STEP_D_12, STEP_D_13, STEP_D_14
from proofs_checks.proof import LEVEL
from theory.models import REPULSIVE
from theory.symbols import n


def changed(claim, **fields):
    return replace(claim, prediction=replace(claim.prediction, **fields))


def test_a_true_twin_is_not_refuted(found):
    assert found(replace(STEP_D_13, model=REPULSIVE)).verdict is Verdict.UNDECIDED


TWINS = {
    "(D.13) without κ": changed(STEP_D_13, right=(1 - LEVEL) / n),
    "(D.12) with 3/2": replace(STEP_D_12, prediction=3 * STEP_D_12.prediction / 2),
    "(D.14) with α²": changed(STEP_D_14, right=8 * STEP_D_14.prediction.right),
}


@pytest.mark.every(5)
@pytest.mark.parametrize("twin", TWINS.values(), ids=TWINS)
def test_a_twin_is_refuted(twin, refuted):
    refuted(twin)
