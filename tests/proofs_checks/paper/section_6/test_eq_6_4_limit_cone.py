"""(6.4): twins of our own."""

from dataclasses import replace

import pytest
from sympy import Integer

from proofs_checks.paper.section_6.eq_6_4_limit_cone import CONE_6_4


def changed(claim, **fields):
    return replace(claim, prediction=replace(claim.prediction, **fields))


TWINS = {
    "limit with twice the weight": changed(CONE_6_4, least=Integer(3)),
}


@pytest.mark.every(5)
@pytest.mark.parametrize("twin", TWINS.values(), ids=TWINS)
def test_a_twin_is_refuted(twin, refuted):
    refuted(twin)
