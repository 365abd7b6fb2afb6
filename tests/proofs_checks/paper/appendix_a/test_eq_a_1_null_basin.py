"""(A.1): twins of our own."""

from dataclasses import replace

import pytest
from sympy import exp

from proofs_checks.paper.appendix_a.eq_a_1_null_basin import EQUATION_A_1
from proofs_checks.proof import U, V
from theory.energy import interaction_energy
from theory.models import gradient_flow
from theory.symbols import beta, z

FALLING = gradient_flow(interaction_energy(-exp(beta * z) / beta), "falling")
TWINS = {
    "(A.1) with a quartic saddle": replace(EQUATION_A_1, prediction=-(U**4) - V**2),
    "(A.1) of the falling flow": replace(EQUATION_A_1, model=FALLING),
}


@pytest.mark.parametrize("twin", TWINS.values(), ids=TWINS)
def test_a_twin_is_refuted(twin, refuted):
    refuted(twin)
