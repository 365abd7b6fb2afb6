"""The slope at β = 0: a constant, or nothing."""

from proofs_checks.proof import Flow, cold_slope
from theory.energy import interaction_energy
from theory.models import REPULSIVE, SA, gradient_flow
from theory.symbols import z

SQUARE = gradient_flow(interaction_energy(z**2), "square")


def test_the_slope_at_zero_is_a_constant_or_nothing():
    assert cold_slope(Flow.of(SA)) == 1 and cold_slope(Flow.of(REPULSIVE)) == -1
    assert cold_slope(Flow.of(SQUARE)) is None
