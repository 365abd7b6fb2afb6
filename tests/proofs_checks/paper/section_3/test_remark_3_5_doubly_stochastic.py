"""Remark 3.5: twins of our own."""

from dataclasses import replace

import pytest
from sympy import Rational, S

from proofs_checks.paper.section_3.remark_3_5_doubly_stochastic import DOUBLY_STOCHASTIC


def changed(claim, **fields):
    return replace(claim, prediction=replace(claim.prediction, **fields))


TWINS = {
    "half the gradient": changed(DOUBLY_STOCHASTIC, factor=Rational(1, 2)),
    "row sums 2": changed(DOUBLY_STOCHASTIC, marginal=S(2)),
}


@pytest.mark.parametrize("twin", TWINS.values(), ids=TWINS)
def test_a_twin_is_refuted(twin, refuted):
    refuted(twin)
