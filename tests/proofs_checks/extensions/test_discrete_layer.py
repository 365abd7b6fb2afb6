"""Discrete layer: twins of our own and independent mathematics."""

from dataclasses import replace

import pytest

from proofs_checks.claim import Verdict
from proofs_checks.extensions.discrete_layer import DISCRETE_LAYER
from theory.energy import interaction_energy
from theory.layers import DISCRETE_SA, discrete_layer
from theory.models import REPULSIVE, SA, gradient_flow
from theory.symbols import eta, z


def test_a_layer_of_a_linear_kernel_climbs(found):
    layer = discrete_layer(gradient_flow(interaction_energy(z), "linear"))
    assert found(replace(DISCRETE_LAYER, model=layer)).verdict is Verdict.PROVED
    falls = found(replace(DISCRETE_LAYER, model=layer, prediction=-1))
    assert falls.verdict is Verdict.REFUTED
    assert "β = " not in falls.detail


def test_a_layer_that_descends_the_energy_it_declares_is_refuted(found):
    broken = replace(REPULSIVE, energy=SA.energy)
    assert found(replace(DISCRETE_LAYER, model=broken)).verdict is Verdict.REFUTED


TWINS = {
    "layer with step -2η": replace(DISCRETE_LAYER, model=DISCRETE_SA.subs({eta: -2 * eta})),
}


@pytest.mark.every(5)
@pytest.mark.parametrize("twin", TWINS.values(), ids=TWINS)
def test_a_twin_is_refuted(twin, refuted):
    refuted(twin)
