"""(B.2): twins of our own."""

from dataclasses import replace

import pytest
from sympy import cos, exp, sin

from proofs_checks.paper.appendix_b.eq_b_2_cut import EQUATION_B_2
from theory.derivations import phi
from theory.models import SA, USA
from theory.symbols import beta


def changed(claim, **fields):
    return replace(claim, prediction=replace(claim.prediction, **fields))


HOTTER_SA, HOTTER_USA = SA.subs({beta: 3 * beta}), USA.subs({beta: 3 * beta})
TWINS = {
    "(B.2) with sin": changed(EQUATION_B_2, g=sin(phi) * exp(beta * cos(phi))),
    "(B.2) of hotter models": replace(EQUATION_B_2, model=(HOTTER_SA,)),
}


@pytest.mark.every(5)
@pytest.mark.parametrize("twin", TWINS.values(), ids=TWINS)
def test_a_twin_is_refuted(twin, refuted):
    refuted(twin)
