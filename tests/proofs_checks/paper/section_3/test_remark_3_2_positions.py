"""Remark 3.2, E.Remark 3.2: twins of our own."""

from dataclasses import replace

import pytest

from proofs_checks.paper.section_3.remark_3_2_positions import HALF, POSITIONS


def changed(claim, **fields):
    return replace(claim, prediction=replace(claim.prediction, **fields))


TWINS = {
    "frequencies of the sine doubled": changed(POSITIONS, sine=2 * POSITIONS.prediction.sine),
    "square h + 1": changed(POSITIONS, square=HALF + 1),
}


@pytest.mark.parametrize("twin", TWINS.values(), ids=TWINS)
def test_a_twin_is_refuted(twin, refuted):
    refuted(twin)
