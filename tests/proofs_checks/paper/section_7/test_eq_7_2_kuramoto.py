"""(7.2): twins of our own."""

from dataclasses import replace

import pytest
from sympy import S

from proofs_checks.paper.section_7.eq_7_2_kuramoto import EQUATION_7_2


def changed(claim, **fields):
    return replace(claim, prediction=replace(claim.prediction, **fields))


TWINS = {
    "(7.2) at β = 1": changed(EQUATION_7_2, temperature=S.One),
}


@pytest.mark.every(5)
@pytest.mark.parametrize("twin", TWINS.values(), ids=TWINS)
def test_a_twin_is_refuted(twin, refuted):
    refuted(twin)
