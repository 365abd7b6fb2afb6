"""(3.5): twins of our own."""

from dataclasses import replace

import pytest
from sympy import exp

from proofs_checks.paper.section_3.eq_3_5_energy import EQUATION_3_5
from theory.energy import interaction_energy
from theory.models import gradient_flow
from theory.symbols import beta, z


def changed(claim, **fields):
    return replace(claim, prediction=replace(claim.prediction, **fields))


CUBIC = gradient_flow(interaction_energy(z**3 / 3 + beta * z), "cubic")
TWINS = {
    "(3.5) of the cubic": replace(EQUATION_3_5, model=(CUBIC,)),
    "(3.5) from e^{-β²}": changed(EQUATION_3_5, low=exp(-(beta**2)) / (2 * beta**2)),
}


@pytest.mark.parametrize("twin", TWINS.values(), ids=TWINS)
def test_a_twin_is_refuted(twin, refuted):
    refuted(twin)
