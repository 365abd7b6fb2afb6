"""E.Lemma 6.4 proof, Lemma 6.4: twins of our own and independent mathematics."""

from dataclasses import replace

import pytest
from sympy import Integer, S, exp

from proofs_checks.claim import Verdict
from proofs_checks.paper.section_6.lemma_6_4_cone import ERRATUM_LEMMA_6_4, LEMMA_6_4
from proofs_checks.proof import R0, ByModel, smallest_weight
from theory.energy import interaction_energy
from theory.models import gradient_flow
from theory.symbols import beta, z


def changed(claim, **fields):
    return replace(claim, prediction=replace(claim.prediction, **fields))


REVERSED = gradient_flow(-2 * interaction_energy(exp(beta * z) / beta), "reversed twice as fast")
RISING = gradient_flow(interaction_energy(2 * z + z**2 / 2), "rising")
FALLING = gradient_flow(interaction_energy(-exp(beta * z) / beta), "falling")


def test_an_increasing_kernel_without_temperature_clusters(found):
    assert found(replace(LEMMA_6_4, model=RISING)).verdict is Verdict.PROVED
    assert smallest_weight(RISING) == (Integer(1), "")


def test_a_slower_rate_is_also_a_bound(found):
    slower = replace(LEMMA_6_4.prediction, plain=R0 * exp(-2 * beta))
    assert found(replace(LEMMA_6_4, prediction=slower)).verdict is Verdict.PROVED


def test_the_detail_states_the_rates_that_were_proved(found):
    slower = replace(LEMMA_6_4.prediction, plain=R0 * exp(-5 * beta))
    detail = found(replace(LEMMA_6_4, prediction=slower)).detail
    assert f"λ = {slower.plain}, κ = {exp(-beta)}" in detail.split("USA: ")[1]


def test_the_printed_form_carries_its_counterexample(reports):
    found = dict(reports["E.Lemma 6.4 proof"].controls)
    assert "f = cos(t)" in found["a bounded primitive, with f' bounded"].detail


TWINS = {
    "cone rate e^{3β}": replace(
        LEMMA_6_4, prediction=replace(LEMMA_6_4.prediction, plain=R0 * exp(3 * beta))
    ),
    "cone of the reversed flow": replace(LEMMA_6_4, model=(REVERSED,)),
    "6.4 of the falling flow": replace(ERRATUM_LEMMA_6_4, model=(FALLING,), printed=None),
    "6.4 at the speed βe^β": changed(ERRATUM_LEMMA_6_4, speed=ByModel(S.One, beta * exp(beta))),
}


@pytest.mark.parametrize("twin", TWINS.values(), ids=TWINS)
def test_a_twin_is_refuted(twin, refuted):
    refuted(twin)
