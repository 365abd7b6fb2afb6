"""(6.3): twins of our own."""

from dataclasses import replace

import pytest
from sympy import Integer, cos, exp

from proofs_checks.paper.section_6.eq_6_3_equality import EQUATION_6_3
from proofs_checks.proof import Flow
from theory.atoms import Tangent
from theory.models import SA, USA
from theory.symbols import X, t


def changed(claim, **fields):
    return replace(claim, prediction=replace(claim.prediction, **fields))


TWINS = {
    "equality at opposite tokens": changed(EQUATION_6_3, gap=Integer(2)),
}


@pytest.mark.every(5)
@pytest.mark.parametrize("twin", TWINS.values(), ids=TWINS)
def test_a_twin_is_refuted(twin, refuted):
    refuted(twin)


@pytest.mark.parametrize(
    ("factor", "expected"),
    [(5, "PROVED"), (exp(-t), "REFUTED"), ((1 + t) ** -2, "REFUTED"), (cos(t), "REFUTED")],
)
def test_tokens_whose_motion_ends_do_not_meet(factor, expected):
    for flow in (SA, USA):
        paced = replace(flow, velocity=Tangent(X, factor * flow.velocity.field))
        assert EQUATION_6_3.check.ask(Flow.of(paced)).verdict.name == expected
