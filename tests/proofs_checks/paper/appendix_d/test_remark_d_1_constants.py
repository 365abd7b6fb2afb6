"""Remark D.1, E.Remark D.1, C13, Remark D.1 threshold: twins of our own."""

from dataclasses import replace

import pytest

from proofs_checks.claim import Verdict
from proofs_checks.paper.appendix_d.remark_d_1_constants import (
    C13,
    CONSTANT_D_1,
    ERRATUM_REMARK_D_1,
    REMARK_D_1,
)
from theory.symbols import beta, n

pytestmark = pytest.mark.extras


def changed(claim, **fields):
    return replace(claim, prediction=replace(claim.prediction, **fields))


def test_the_printed_form_carries_its_counterexample(reports):
    assert "n = 2, β = 1/100" in reports["E.Remark D.1"].printed.detail


def test_the_right_rounding_is_certified(found):
    # 0.0438 is the right rounding, so its own half digit must not be taken for the claim's.
    rounded = replace(CONSTANT_D_1.prediction, decimals="0.0438")
    assert found(replace(CONSTANT_D_1, prediction=rounded)).verdict is Verdict.CERTIFIED


TWINS = {
    "D.1 with early rate 2/n": changed(REMARK_D_1, early=2 / n, origin=n / 4),
    "D.1 constant 2β": replace(ERRATUM_REMARK_D_1, prediction=2 * beta, printed=None),
    "another C13": replace(C13, prediction=replace(C13.prediction, never=(3, 2))),
}


@pytest.mark.parametrize("twin", TWINS.values(), ids=TWINS)
def test_a_twin_is_refuted(twin, refuted):
    refuted(twin)
