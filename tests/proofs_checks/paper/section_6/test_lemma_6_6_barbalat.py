"""Lemma 6.6: twins of our own."""

from dataclasses import replace

import pytest
from sympy import Rational

from proofs_checks.paper.section_6.lemma_6_6_barbalat import LEMMA_6_6


def changed(claim, **fields):
    return replace(claim, prediction=replace(claim.prediction, **fields))


TWINS = {
    "threefold area": changed(LEMMA_6_6, constant=Rational(3, 2)),
}


@pytest.mark.every(5)
@pytest.mark.parametrize("twin", TWINS.values(), ids=TWINS)
def test_a_twin_is_refuted(twin, refuted):
    refuted(twin)
