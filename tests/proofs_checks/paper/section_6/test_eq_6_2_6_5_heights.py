"""E.(6.2), (6.2), (6.5), (6.2) acceleration: twins of our own."""

from dataclasses import replace

import pytest
from sympy import OneMatrix, exp

from proofs_checks.paper.section_6.eq_6_2_6_5_heights import (
    ERRATUM_6_2,
    HEIGHT,
    INEQUALITY_6_2,
    INEQUALITY_6_5,
    SECOND_DERIVATIVE,
)
from proofs_checks.proof import Flow
from theory.energy import interaction_energy
from theory.models import REPULSIVE, SA, SINKHORN, USA, gradient_flow
from theory.symbols import beta, n, z


def changed(claim, **fields):
    return replace(claim, prediction=replace(claim.prediction, **fields))


FAST = replace(USA, name="twice as fast", velocity=2 * USA.velocity)
HOTTER = tuple(flow.subs({beta: 2 * beta}) for flow in (SA, USA))
TWINS = {
    "height bound 3r(1-z)": changed(INEQUALITY_6_2, bound=3 * HEIGHT * (1 - z)),
    "height bound without 1-z": changed(INEQUALITY_6_5, bound=HEIGHT),
    "(6.2) of a fast flow": replace(ERRATUM_6_2, model=FAST, printed=None),
    "(6.2) with ones": replace(ERRATUM_6_2, prediction=OneMatrix(n, n), printed=None),
    "second derivative of hotter models": replace(SECOND_DERIVATIVE, model=HOTTER[1:]),
}


@pytest.mark.every(5)
@pytest.mark.parametrize("twin", TWINS.values(), ids=TWINS)
def test_a_twin_is_refuted(twin, refuted):
    refuted(twin)


@pytest.mark.every(5)
@pytest.mark.parametrize(
    ("model", "expected"),
    [
        (SINKHORN, "PROVED"),
        (REPULSIVE, "REFUTED"),
        (gradient_flow(interaction_energy(z**2 / 2), "k = z"), "REFUTED"),
        # the weight 3z² vanishes at z = 0: weights >= 0 are all that a lowest token needs
        (gradient_flow(interaction_energy(z**3), "k = 3z²"), "PROVED"),
        (gradient_flow(interaction_energy(-exp(-2 * z) / 2), "k = e^{-2z}"), "PROVED"),
    ],
    ids=lambda value: getattr(value, "name", value),
)
def test_heights_of_other_flows(model, expected):
    for claim in (INEQUALITY_6_2, INEQUALITY_6_5):
        assert claim.check.ask(Flow.of(model)).verdict.name == expected
