"""Remark 2.1: twins of our own."""

from dataclasses import replace

import pytest
from sympy import exp

from proofs_checks.paper.section_2.remark_2_1_krause import DISTANCE, KRAUSE
from theory.models import SA, USA
from theory.symbols import beta


def changed(claim, **fields):
    return replace(claim, prediction=replace(claim.prediction, **fields))


HOTTER = (SA.subs({beta: 3 * beta}), USA.subs({beta: 3 * beta}))
TWINS = {
    "Krause's weights of a hotter SA": replace(KRAUSE, model=HOTTER[0]),
    "Krause's influence growing": changed(KRAUSE, influence=exp(beta * DISTANCE / 2)),
}


@pytest.mark.every(5)
@pytest.mark.parametrize("twin", TWINS.values(), ids=TWINS)
def test_a_twin_is_refuted(twin, refuted):
    refuted(twin)
