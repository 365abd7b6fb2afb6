"""Remark 3.2, E.Remark 3.2: twins of our own."""

from dataclasses import fields, replace

import pytest
from sympy import S

from proofs_checks.paper.section_3.remark_3_2_positions import (
    BASE,
    HALF,
    POSITIONS,
    WAVE,
    Encoding,
)


def changed(claim, **parts):
    return replace(claim, prediction=replace(claim.prediction, **parts))


_FREQUENCY = POSITIONS.prediction.sine
TWINS = {
    "frequencies of the sine doubled": changed(POSITIONS, sine=2 * POSITIONS.prediction.sine),
    "square h + 1": changed(POSITIONS, square=HALF + 1),
    "frequencies of the cosine doubled": changed(POSITIONS, cosine=2 * _FREQUENCY),
    "any frequency": changed(POSITIONS, sine=BASE**-WAVE, cosine=BASE**-WAVE),
    "frequency 1": changed(POSITIONS, sine=S.One, cosine=S.One),
    "from k = -1": changed(POSITIONS, first=-S.One, last=HALF - 2),
    "up to k = h": changed(POSITIONS, last=HALF, square=HALF + 1),
}


def test_every_field_of_the_prediction_has_a_twin():
    predictions = [twin.prediction for twin in TWINS.values()]
    for field in fields(Encoding):
        own = getattr(POSITIONS.prediction, field.name)
        assert any(getattr(other, field.name) != own for other in predictions), field.name


@pytest.mark.every(5)
@pytest.mark.parametrize("twin", TWINS.values(), ids=TWINS)
def test_a_twin_is_refuted(twin, refuted):
    refuted(twin)
