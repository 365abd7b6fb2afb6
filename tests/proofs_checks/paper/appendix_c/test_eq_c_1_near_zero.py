"""(C.1), E.(C.1): twins of our own."""

from dataclasses import replace

import pytest

from proofs_checks.paper.appendix_c.eq_c_1_near_zero import EQUATION_C_1
from theory.models import SA, USA
from theory.symbols import beta

HOTTER = (SA.subs({beta: 3 * beta}), USA.subs({beta: 3 * beta}))
TWINS = {
    "(C.1) of hotter models": replace(EQUATION_C_1, model=HOTTER),
}


@pytest.mark.every(5)
@pytest.mark.parametrize("twin", TWINS.values(), ids=TWINS)
def test_a_twin_is_refuted(twin, refuted):
    refuted(twin)
