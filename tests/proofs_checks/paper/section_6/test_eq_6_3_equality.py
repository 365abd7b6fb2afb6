"""(6.3): twins of our own."""

from dataclasses import replace

import pytest
from sympy import Integer

from proofs_checks.paper.section_6.eq_6_3_equality import EQUATION_6_3


def changed(claim, **fields):
    return replace(claim, prediction=replace(claim.prediction, **fields))


TWINS = {
    "equality at opposite tokens": changed(EQUATION_6_3, gap=Integer(2)),
}


@pytest.mark.parametrize("twin", TWINS.values(), ids=TWINS)
def test_a_twin_is_refuted(twin, refuted):
    refuted(twin)
