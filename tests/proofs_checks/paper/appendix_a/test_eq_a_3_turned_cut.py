"""(A.3): twins of our own."""

from dataclasses import replace

import pytest

from proofs_checks.paper.appendix_a.eq_a_3_turned_cut import EQUATION_A_3
from theory.symbols import n


def changed(claim, **fields):
    return replace(claim, prediction=replace(claim.prediction, **fields))


TWINS = {
    "(A.3) with -2/n": changed(EQUATION_A_3, factor=-2 / n),
}


@pytest.mark.every(5)
@pytest.mark.parametrize("twin", TWINS.values(), ids=TWINS)
def test_a_twin_is_refuted(twin, refuted):
    refuted(twin)
