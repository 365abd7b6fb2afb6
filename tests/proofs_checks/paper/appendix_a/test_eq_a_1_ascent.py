"""(A.1): twins of our own."""

from dataclasses import replace

import pytest
from sympy import exp

from proofs_checks.paper.appendix_a.eq_a_1_ascent import EQUATION_A_1
from proofs_checks.theorems.existence import PICARD_LINDELOF
from theory.energy import ENERGY, interaction_energy
from theory.models import SA, USA, gradient_flow
from theory.symbols import X, beta, m, n, z

FALLING = gradient_flow(interaction_energy(-exp(beta * z) / beta), "falling")


def test_what_is_taken_for_granted(reports):
    evidence = reports["(A.1)"].evidence
    assert evidence.assumptions == (PICARD_LINDELOF,)
    assert {"masses", "beta"} & set(evidence.scope) or evidence.scope


TWINS = {
    "(A.1) of the falling flow": replace(
        EQUATION_A_1, model=replace(FALLING, energy=ENERGY), prediction=m
    ),
    "(A.1) with n in place of Z_i": replace(EQUATION_A_1, prediction=(n * m, m)),
    "(A.1) of SA without projection": replace(
        EQUATION_A_1, model=(replace(SA, velocity=SA.velocity.field - X), USA)
    ),
}


@pytest.mark.every(5)
@pytest.mark.parametrize("twin", TWINS.values(), ids=TWINS)
def test_a_twin_is_refuted(twin, refuted):
    refuted(twin)
