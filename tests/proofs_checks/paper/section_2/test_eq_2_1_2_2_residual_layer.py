"""(2.1)-(2.2): twins of our own."""

from dataclasses import replace

import pytest
from sympy import tanh

from proofs_checks.paper.section_2.eq_2_1_2_2_residual_layer import (
    GAIN,
    RESIDUAL_LAYER,
    SLOPE,
    STATE,
    STEP,
)


def changed(claim, **fields):
    return replace(claim, prediction=replace(claim.prediction, **fields))


NEURON = RESIDUAL_LAYER.prediction.field
TWINS = {
    "layer with half the step": replace(RESIDUAL_LAYER, model=STATE + STEP * NEURON / 2),
    "layer with a step h²": replace(RESIDUAL_LAYER, model=STATE + STEP**2 * NEURON),
    "field without the shift": changed(
        RESIDUAL_LAYER,
        field=GAIN * tanh(SLOPE * STATE),
    ),
}


@pytest.mark.parametrize("twin", TWINS.values(), ids=TWINS)
def test_a_twin_is_refuted(twin, refuted):
    refuted(twin)
