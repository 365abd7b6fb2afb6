"""(B.5): twins of our own."""

from dataclasses import replace

import pytest

from proofs_checks.paper.appendix_b.eq_b_5_curves import EQUATION_B_5
from proofs_checks.proof import NORMS
from theory.models import SA, USA
from theory.symbols import beta


def changed(claim, **fields):
    return replace(claim, prediction=replace(claim.prediction, **fields))


HOTTER_SA, HOTTER_USA = SA.subs({beta: 3 * beta}), USA.subs({beta: 3 * beta})
TWINS = {
    "(B.5) without the norms": changed(
        EQUATION_B_5, value=EQUATION_B_5.prediction.value.subs(NORMS, 0)
    ),
    "(B.5) of hotter models": replace(EQUATION_B_5, model=(HOTTER_USA,)),
}


@pytest.mark.every(5)
@pytest.mark.parametrize("twin", TWINS.values(), ids=TWINS)
def test_a_twin_is_refuted(twin, refuted):
    refuted(twin)
