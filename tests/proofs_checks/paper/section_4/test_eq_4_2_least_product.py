"""(4.2): twins of our own."""

from dataclasses import replace

import pytest
from sympy import Rational, exp

from proofs_checks.paper.section_4.eq_4_2_least_product import EQUATION_4_2
from theory.energy import interaction_energy
from theory.models import gradient_flow
from theory.symbols import beta, z

FALLING = gradient_flow(interaction_energy(-exp(beta * z) / beta), "falling")
TWINS = {
    "(4.2) from -1/2 on": replace(EQUATION_4_2, prediction=Rational(-1, 2)),
    "(4.2) of the falling flow": replace(EQUATION_4_2, model=FALLING),
}


@pytest.mark.every(5)
@pytest.mark.parametrize("twin", TWINS.values(), ids=TWINS)
def test_a_twin_is_refuted(twin, refuted):
    refuted(twin)
