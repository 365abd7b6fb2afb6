"""Theorem 4.1: twins of our own and independent mathematics."""

from dataclasses import replace

import numpy as np
import pytest
from sympy import exp

from numerics import compile_model
from numerics.sphere import random_points
from proofs_checks.claim import Verdict
from proofs_checks.paper.section_4.theorem_4_1_zero_beta import THEOREM_4_1, Starts
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


@pytest.mark.parametrize("count", [2, 3, 7])
def test_tokens_meet_but_for_opposite_ones(count):
    """By steps of the compiled flow: drawn tokens meet, and two opposite ones stay."""
    field = compile_model(SA, beta=0.0)
    x = random_points(count, 2, rng=count)
    for _ in range(400):
        x = x + 0.1 * field(x)
        x /= np.linalg.norm(x, axis=1)[:, None]
    assert np.abs(x - x[0]).max() < 1e-9
    opposite = np.array([[0.6, 0.8], [-0.6, -0.8]])
    assert np.abs(field(opposite)).max() < 1e-15


TWINS = {
    "reversed flow at β = 0": replace(THEOREM_4_1, model=(REVERSED,)),
    "d >= 1, from every start": replace(THEOREM_4_1, prediction=Starts(least=1, null=False)),
}


@pytest.mark.every(5)
@pytest.mark.parametrize("twin", TWINS.values(), ids=TWINS)
def test_a_twin_is_refuted(twin, refuted):
    refuted(twin)
