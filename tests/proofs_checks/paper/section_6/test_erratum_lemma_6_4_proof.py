"""E.Lemma 6.4 proof: twins of our own."""

from dataclasses import replace

import pytest
from sympy import S, exp

from proofs_checks.paper.section_6.erratum_lemma_6_4_proof import ERRATUM_LEMMA_6_4
from proofs_checks.proof import ByModel
from theory.energy import interaction_energy
from theory.models import gradient_flow
from theory.symbols import beta, z

FALLING = gradient_flow(interaction_energy(-exp(beta * z) / beta), "falling")


def test_the_printed_form_carries_its_counterexample(reports):
    found = dict(reports["E.Lemma 6.4 proof"].controls)
    assert "f = cos(t)" in found["a bounded primitive, with f' bounded"].detail


TWINS = {
    "6.4 of the falling flow": replace(ERRATUM_LEMMA_6_4, model=(FALLING,), printed=None),
    "6.4 at the speed βe^β": replace(
        ERRATUM_LEMMA_6_4,
        prediction=replace(ERRATUM_LEMMA_6_4.prediction, speed=ByModel(S.One, beta * exp(beta))),
    ),
}


@pytest.mark.every(5)
@pytest.mark.parametrize("twin", TWINS.values(), ids=TWINS)
def test_a_twin_is_refuted(twin, refuted):
    refuted(twin)
