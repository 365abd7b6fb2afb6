"""(6.3): twins of our own."""

from dataclasses import replace

import pytest
from sympy import Integer, cos, exp

from proofs_checks.paper.section_6.eq_6_3_equality import EQUATION_6_3
from proofs_checks.proof import Flow
from theory.atoms import Tangent
from theory.energy import interaction_energy
from theory.models import SA, USA, gradient_flow
from theory.symbols import X, t, z


def changed(claim, **fields):
    return replace(claim, prediction=replace(claim.prediction, **fields))


TWINS = {
    "equality at opposite tokens": changed(EQUATION_6_3, gap=Integer(2)),
}


@pytest.mark.every(5)
@pytest.mark.parametrize("twin", TWINS.values(), ids=TWINS)
def test_a_twin_is_refuted(twin, refuted):
    refuted(twin)


@pytest.mark.every(4)
@pytest.mark.parametrize(
    ("factor", "expected"),
    [(5, "PROVED"), (exp(-t), "REFUTED"), ((1 + t) ** -2, "REFUTED"), (cos(t), "REFUTED")],
)
def test_tokens_whose_motion_ends_do_not_meet(factor, expected):
    for flow in (SA, USA):
        paced = replace(flow, velocity=Tangent(X, factor * flow.velocity.field))
        assert EQUATION_6_3.check.ask(Flow.of(paced)).verdict.name == expected


def test_weights_that_are_positive_over_the_equator_alone():
    """Those of (1+t)²/2 are 0 at opposite tokens alone; those of t² are negative beyond 90°."""
    half, square = (interaction_energy(h) for h in ((1 + z) ** 2 / 2, z**2))
    open_ = EQUATION_6_3.prediction
    found = EQUATION_6_3.check.decide(Flow.of(gradient_flow(half)), open_)
    assert found.holds and found.typed
    for flow, said in ((half, replace(open_, strict=False)), (square, open_)):
        assert not EQUATION_6_3.check.decide(Flow.of(gradient_flow(flow)), said).holds
