"""(D.10), E.(D.10): twins of our own."""

from dataclasses import replace

import pytest
from sympy import exp

from proofs_checks.paper.appendix_d.eq_d_10_alignment import EQUATION_D_10
from proofs_checks.proof import START
from theory.symbols import t

TWINS = {
    "(D.10) at the rate 8": replace(EQUATION_D_10, prediction=exp(1 - 8 * t + 0 * START)),
}


@pytest.mark.every(5)
@pytest.mark.parametrize("twin", TWINS.values(), ids=TWINS)
def test_a_twin_is_refuted(twin, refuted):
    refuted(twin)
