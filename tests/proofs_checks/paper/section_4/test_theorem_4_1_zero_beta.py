"""Theorem 4.1: twins of our own and independent mathematics."""

from dataclasses import replace

import pytest
from sympy import exp

from proofs_checks.claim import Verdict
from proofs_checks.paper.section_4.theorem_4_1_zero_beta import THEOREM_4_1, Curvatures
from proofs_checks.proof import P, Q, W
from theory.energy import interaction_energy
from theory.models import REPULSIVE, SA, gradient_flow
from theory.symbols import beta, z

REVERSED = gradient_flow(-2 * interaction_energy(exp(beta * z) / beta), "reversed twice as fast")


def test_hypotheses():
    assert THEOREM_4_1.unmet(n=5, d=3, beta=0.0) == ()
    assert THEOREM_4_1.unmet(n=5, d=3, beta=0.1) == ("β = 0",)


def test_a_model_outside_the_argument_is_not_proved(found):
    broken = replace(REPULSIVE, energy=SA.energy)  # descends the energy it declares
    assert found(replace(THEOREM_4_1, model=broken)).verdict is Verdict.REFUTED


TWINS = {
    "reversed flow at β = 0": replace(THEOREM_4_1, model=(REVERSED,)),
    "half the antipodal curvature": replace(THEOREM_4_1, prediction=Curvatures(P * Q / 2, W**2)),
}


@pytest.mark.every(5)
@pytest.mark.parametrize("twin", TWINS.values(), ids=TWINS)
def test_a_twin_is_refuted(twin, refuted):
    refuted(twin)
