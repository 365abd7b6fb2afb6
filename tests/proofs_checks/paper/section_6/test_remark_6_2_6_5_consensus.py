"""Remark 6.2, Remark 6.5: twins of our own."""

from dataclasses import replace

import pytest
from sympy import Integer

from proofs_checks.paper.section_6.remark_6_2_6_5_consensus import REMARK_6_2, REMARK_6_5
from theory.models import SA, USA
from theory.symbols import beta, d, n


def changed(claim, **fields):
    return replace(claim, prediction=replace(claim.prediction, **fields))


HOTTER = (SA.subs({beta: 3 * beta}), USA.subs({beta: 3 * beta}))
TWINS = {
    "divergence of a hotter USA": replace(REMARK_6_2, model=(HOTTER[1],)),
    "divergence (n-1)d": changed(REMARK_6_2, softmax=-(n - 1) * d),
    "attraction at rate 3": changed(REMARK_6_5, softmax=Integer(3)),
}


@pytest.mark.parametrize("twin", TWINS.values(), ids=TWINS)
def test_a_twin_is_refuted(twin, refuted):
    refuted(twin)
