"""(7.1), (7.1) continuity: twins of our own."""

from dataclasses import replace

import pytest

from proofs_checks.paper.section_7.eq_7_1_circle import CONTINUITY, EQUATION_7_1
from theory.models import SA, USA
from theory.symbols import beta

HOTTER = (SA.subs({beta: 3 * beta}), USA.subs({beta: 3 * beta}))
TWINS = {
    "continuity for hotter models": replace(CONTINUITY, model=HOTTER),
    "angles of hotter models": replace(EQUATION_7_1, model=HOTTER),
}


@pytest.mark.every(5)
@pytest.mark.parametrize("twin", TWINS.values(), ids=TWINS)
def test_a_twin_is_refuted(twin, refuted):
    refuted(twin)
