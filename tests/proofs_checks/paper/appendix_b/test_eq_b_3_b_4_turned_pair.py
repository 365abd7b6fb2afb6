"""(B.3), (B.4): twins of our own."""

from dataclasses import replace

import pytest
from sympy import exp

from proofs_checks.paper.appendix_b.eq_b_3_b_4_turned_pair import EQUATION_B_3, EQUATION_B_4
from theory.energy import interaction_energy
from theory.models import gradient_flow
from theory.symbols import beta, z


def changed(claim, **fields):
    return replace(claim, prediction=replace(claim.prediction, **fields))


CUBIC = gradient_flow(interaction_energy(z**3 / 3 + beta * z), "cubic")
TWINS = {
    "(B.3) without the spread": changed(EQUATION_B_3, bracket=(z - 1) * beta),
    "(B.4) without the square": changed(EQUATION_B_4, value=exp(beta * z)),
    "(B.4) of the cubic": replace(EQUATION_B_4, model=(CUBIC,)),
}


@pytest.mark.every(5)
@pytest.mark.parametrize("twin", TWINS.values(), ids=TWINS)
def test_a_twin_is_refuted(twin, refuted):
    refuted(twin)
