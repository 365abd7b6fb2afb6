"""Steps at β = 0: a constant weight is asked for, and a mean that is positive."""

from sympy import Symbol

from proofs_checks.proof import Flow, How, Outcome, Step, cold_pull, cold_slope, some_turn
from theory.energy import interaction_energy
from theory.models import CAUSAL, REPULSIVE, SA, USA, gradient_flow
from theory.symbols import z

SQUARE = gradient_flow(interaction_energy(z**2), "square")
DONE = Step("done", How.DERIVED)


def test_only_constant_weights_pull_to_the_barycentre():
    assert all(cold_pull(Flow.of(model)).holds for model in (SA, USA, REPULSIVE))
    assert all(cold_pull(Flow.of(model)).outcome is Outcome.GAP for model in (SQUARE, CAUSAL))


def test_the_slope_at_zero_is_a_constant_or_nothing():
    assert cold_slope(Flow.of(SA)) == 1 and cold_slope(Flow.of(REPULSIVE)) == -1
    assert cold_slope(Flow.of(SQUARE)) is None


def test_a_mean_of_unknown_sign_gives_no_turn():
    assert some_turn("so", Symbol("c", positive=True), DONE).holds
    assert some_turn("so", Symbol("c", real=True), DONE).outcome is Outcome.GAP
