"""Equiangular modes: twins of our own."""

from dataclasses import replace

import pytest

from proofs_checks.extensions.equiangular_modes import EQUIANGULAR_MODES

TWINS = {
    "rows as pairs": replace(
        EQUIANGULAR_MODES,
        prediction=replace(
            EQUIANGULAR_MODES.prediction,
            rows=EQUIANGULAR_MODES.prediction.pairs,
        ),
    ),
}


@pytest.mark.slow
@pytest.mark.parametrize("twin", TWINS.values(), ids=TWINS)
def test_a_twin_is_refuted(twin, refuted):
    refuted(twin)
