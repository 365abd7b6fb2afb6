"""(3.16), E.(3.15): twins of our own."""

from dataclasses import replace

import pytest

from proofs_checks.paper.section_3.eq_3_15_3_16_weighted_metric import EQUATION_3_16, ERRATUM_3_15
from proofs_checks.proof import unprojected
from theory.atoms import Elementwise
from theory.energy import interaction_energy
from theory.models import SA, USA, gradient_flow
from theory.symbols import beta, z

HOTTER = (SA.subs({beta: 3 * beta}), USA.subs({beta: 3 * beta}))
CUBIC = gradient_flow(interaction_energy(z**3 / 3 + beta * z), "cubic")
TWINS = {
    "weighted slope of a hotter SA": replace(ERRATUM_3_15, model=HOTTER[0]),
    "(3.16) with Z²": replace(
        EQUATION_3_16, prediction=Elementwise(z**2, EQUATION_3_16.prediction)
    ),
    "(3.16) of the cubic": replace(EQUATION_3_16, model=CUBIC),
    "(3.16) of SA without P": replace(EQUATION_3_16, model=unprojected(SA)),
}


@pytest.mark.every(5)
@pytest.mark.parametrize("twin", TWINS.values(), ids=TWINS)
def test_a_twin_is_refuted(twin, refuted):
    refuted(twin)
