"""(B.1): twins of our own."""

from dataclasses import replace

import pytest
from sympy import cos, exp, sin

from proofs_checks.paper.appendix_b.eq_b_1_hessian import EQUATION_B_1
from theory.derivations import phi
from theory.models import SA, USA
from theory.symbols import beta


def changed(claim, **fields):
    return replace(claim, prediction=replace(claim.prediction, **fields))


HOTTER = (SA.subs({beta: 3 * beta}), USA.subs({beta: 3 * beta}))
TWINS = {
    "(B.1) of hotter models": replace(EQUATION_B_1, model=HOTTER),
    "(B.1) with β² sin²": changed(
        EQUATION_B_1, g=(cos(phi) - beta**2 * sin(phi) ** 2) * exp(beta * cos(phi))
    ),
}


@pytest.mark.every(5)
@pytest.mark.parametrize("twin", TWINS.values(), ids=TWINS)
def test_a_twin_is_refuted(twin, refuted):
    refuted(twin)
