"""Theorem 4.1, Theorem 4.1 rates: twins of our own and independent mathematics."""

from dataclasses import replace

import pytest
from sympy import Integer, exp

from numerics.equiangular import equiangular_gamma
from proofs_checks.claim import Verdict
from proofs_checks.paper.section_4.theorem_4_1_zero_beta import RATES_4_1, THEOREM_4_1, Curvatures
from proofs_checks.proof import P, Q, W
from theory.energy import interaction_energy
from theory.models import REPULSIVE, SA, gradient_flow
from theory.symbols import beta, n, t, z


def changed(claim, **fields):
    return replace(claim, prediction=replace(claim.prediction, **fields))


REVERSED = gradient_flow(-2 * interaction_energy(exp(beta * z) / beta), "reversed twice as fast")


def test_hypotheses():
    assert THEOREM_4_1.unmet(n=5, d=3, beta=0.0) == ()
    assert THEOREM_4_1.unmet(n=5, d=3, beta=0.1) == ("β = 0",)


def test_a_model_outside_the_argument_is_not_proved(found):
    broken = replace(REPULSIVE, energy=SA.energy)  # descends the energy it declares
    assert found(replace(THEOREM_4_1, model=broken)).verdict is Verdict.REFUTED


def test_the_gap_of_two_tokens_is_exact():
    # 1 - γ = 2/(e^{2t} + 1)
    gap = RATES_4_1.prediction.gap.subs({n: 2, t: 1}).evalf()
    assert float(gap) == pytest.approx(1 - float(equiangular_gamma(1.0, 0.0, 2)), abs=1e-14)


TWINS = {
    "reversed flow at β = 0": replace(THEOREM_4_1, model=(REVERSED,)),
    "half the antipodal curvature": replace(THEOREM_4_1, prediction=Curvatures(P * Q / 2, W**2)),
    "relative rate squared": changed(RATES_4_1, relative=Integer(2)),
    "gap of n + 1 tokens": changed(RATES_4_1, gap=RATES_4_1.prediction.gap.subs(n, n + 1)),
}


@pytest.mark.every(5)
@pytest.mark.parametrize("twin", TWINS.values(), ids=TWINS)
def test_a_twin_is_refuted(twin, refuted):
    refuted(twin)
