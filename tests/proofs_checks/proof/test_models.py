"""Models without a temperature go through every claim of Section 6 without an error."""

from dataclasses import replace

import pytest
from sympy import log

from proofs_checks.claim import verify_claim
from proofs_checks.extensions.discrete_layer import DISCRETE_LAYER
from proofs_checks.paper.section_6.eq_6_8_late_decay import ERRATUM_6_8
from proofs_checks.paper.section_6.lemma_6_4_cone import LEMMA_6_4
from proofs_checks.paper.section_6.theorem_6_1_saddles import THEOREM_6_1
from proofs_checks.paper.section_6.theorem_6_3_eq_6_1_many_dimensions import THEOREM_6_3
from proofs_checks.paper.section_6.theorem_6_7_wendel import THEOREM_6_7
from proofs_checks.paper.section_6.theorem_6_8_equiangular import THEOREM_6_8
from theory.energy import interaction_energy
from theory.layers import discrete_layer
from theory.models import gradient_flow
from theory.symbols import z

CUBE = gradient_flow(interaction_energy(z**3), "cube")
LOGARITHM = gradient_flow(interaction_energy(log(2 + z)), "logarithm")
RISING = gradient_flow(interaction_energy(2 * z + z**2 / 2), "rising")
SECTION_6 = (
    *(THEOREM_6_1, THEOREM_6_3, LEMMA_6_4, THEOREM_6_7, THEOREM_6_8),
    *(DISCRETE_LAYER, ERRATUM_6_8),
)


@pytest.mark.every(5)
@pytest.mark.parametrize("model", [LOGARITHM, CUBE, RISING], ids=lambda model: model.name)
@pytest.mark.parametrize("claim", SECTION_6, ids=lambda claim: claim.label)
def test_a_model_without_temperature_does_not_crash(claim, model):
    layer = discrete_layer(model)
    twin = replace(claim, model=layer if claim is DISCRETE_LAYER else model, printed=None)
    assert verify_claim(twin, None, 0).error == ""
