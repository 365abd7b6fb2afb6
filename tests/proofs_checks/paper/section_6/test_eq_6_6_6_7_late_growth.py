"""(6.7), (6.6): twins of our own."""

from dataclasses import replace

import pytest
from sympy import exp

from proofs_checks.paper.section_6.eq_6_6_6_7_late_growth import INEQUALITY_6_6, INEQUALITY_6_7
from proofs_checks.proof import Flow
from theory.atoms import Tangent
from theory.models import SA, USA
from theory.symbols import X, beta, n, t


def changed(claim, **fields):
    return replace(claim, prediction=replace(claim.prediction, **fields))


HOTTER = (SA.subs({beta: 3 * beta}), USA.subs({beta: 3 * beta}))
TWINS = {
    "late rate of hotter models": replace(INEQUALITY_6_7, model=HOTTER),
    "(6.6) of the largest product": changed(INEQUALITY_6_6, largest=True, signed=True),
}


@pytest.mark.every(5)
@pytest.mark.parametrize("twin", TWINS.values(), ids=TWINS)
def test_a_twin_is_refuted(twin, refuted):
    refuted(twin)


def test_the_rate_has_the_scale_of_a_flow():
    fast = replace(SA, velocity=Tangent(X, 5 * SA.velocity.field))
    evidence = INEQUALITY_6_7.check.ask(Flow.of(fast))
    assert evidence.verdict.name == "PROVED"
    assert evidence.prediction.rate == 5 * exp(-2 * beta) / (2 * n)


def test_a_flow_with_a_clock_that_stops_lacks_a_hypothesis():
    slowing = replace(SA, velocity=Tangent(X, exp(-t) * SA.velocity.field))
    evidence = INEQUALITY_6_7.check.ask(Flow.of(slowing))
    assert evidence.verdict.name == "UNDECIDED" and "SCHEDULED" in evidence.detail


def test_a_flow_with_a_clock_grows_in_its_time():
    slower = replace(SA, velocity=Tangent(X, SA.velocity.field / (1 + t)))
    evidence = INEQUALITY_6_7.check.ask(Flow.of(slower))
    assert evidence.verdict.name == "PROVED"
    assert evidence.scope["time"] == "τ = ∫(1/(t + 1))dt"
