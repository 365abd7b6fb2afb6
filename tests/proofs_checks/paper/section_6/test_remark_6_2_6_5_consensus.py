"""Remark 6.2, Remark 6.5: twins of our own."""

from dataclasses import replace

import pytest
from sympy import Integer

from proofs_checks.paper.section_6.remark_6_2_6_5_consensus import REMARK_6_2, REMARK_6_5
from proofs_checks.proof import Flow
from theory.energy import interaction_energy
from theory.models import REPULSIVE, SA, USA, gradient_flow
from theory.symbols import beta, d, n, z


def changed(claim, **fields):
    return replace(claim, prediction=replace(claim.prediction, **fields))


HOTTER = (SA.subs({beta: 3 * beta}), USA.subs({beta: 3 * beta}))
TWINS = {
    "divergence of a hotter USA": replace(REMARK_6_2, model=(HOTTER[1],)),
    "divergence (n-1)d": changed(REMARK_6_2, softmax=-(n - 1) * d),
    "attraction at rate 3": changed(REMARK_6_5, softmax=Integer(3)),
}


@pytest.mark.every(5)
@pytest.mark.parametrize("twin", TWINS.values(), ids=TWINS)
def test_a_twin_is_refuted(twin, refuted):
    refuted(twin)


def test_consensus_of_other_flows():
    cubic = gradient_flow(interaction_energy(z**3), "k = 3z²")
    for model, measure, attracts in (
        (SA, "PROVED", "PROVED"),
        (REPULSIVE, "UNDECIDED", "REFUTED"),
        # consensus attracts near by, and div F < 0 there, but orthogonal tokens stand
        (cubic, "PROVED", "PROVED"),
    ):
        flow = Flow.of(model)
        assert REMARK_6_2.check.ask(flow).verdict.name == measure
        assert REMARK_6_5.check.ask(flow).verdict.name == attracts
