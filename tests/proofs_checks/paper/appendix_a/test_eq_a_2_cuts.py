"""(A.2): twins of our own."""

from dataclasses import replace

import pytest

from proofs_checks.paper.appendix_a.eq_a_2_cuts import EQUATION_A_2
from proofs_checks.proof import SQUARE
from theory.atoms import Tangent
from theory.models import SA
from theory.symbols import X, beta


def changed(claim, **fields):
    return replace(claim, prediction=replace(claim.prediction, **fields))


AT_REST = replace(SA, name="at rest at β = 0", velocity=Tangent(X, beta * SA.velocity.field))
TWINS = {
    "(A.2) balanced +|y|²": changed(EQUATION_A_2, balanced=SQUARE),
    "(A.2) of three tokens": changed(EQUATION_A_2, tokens=(((1, 0), (0, 1), (-1, 0)),)),
    "(A.2) at rest at β = 0": replace(EQUATION_A_2, model=(AT_REST,)),
}


@pytest.mark.every(5)
@pytest.mark.parametrize("twin", TWINS.values(), ids=TWINS)
def test_a_twin_is_refuted(twin, refuted):
    refuted(twin)
