"""(D.3): twins of our own."""

from dataclasses import replace

import pytest

from proofs_checks.paper.appendix_d.eq_d_3_softmax import EQUATION_D_3
from theory.symbols import beta


def changed(claim, **fields):
    return replace(claim, prediction=replace(claim.prediction, **fields))


TWINS = {
    "(D.3) with β/8": changed(EQUATION_D_3, rows=beta / 8),
}


@pytest.mark.every(5)
@pytest.mark.parametrize("twin", TWINS.values(), ids=TWINS)
def test_a_twin_is_refuted(twin, refuted):
    refuted(twin)
