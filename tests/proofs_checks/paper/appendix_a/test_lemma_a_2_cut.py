"""Lemma A.2: twins of our own."""

from dataclasses import replace

import pytest
from sympy import S

from proofs_checks.paper.appendix_a.lemma_a_2_cut import LEMMA_A_2
from proofs_checks.proof import PairAverage


def changed(claim, **fields):
    return replace(claim, prediction=replace(claim.prediction, **fields))


TWINS = {
    "A.2 with a general matrix B": changed(LEMMA_A_2, average=PairAverage(S.One, S.Zero)),
}


@pytest.mark.every(5)
@pytest.mark.parametrize("twin", TWINS.values(), ids=TWINS)
def test_a_twin_is_refuted(twin, refuted):
    refuted(twin)
