"""Antipodal lifetime, Two clusters: time, Two clusters: series: twins of our own."""

from dataclasses import replace

import pytest

from proofs_checks.extensions.lifetimes import LAPLACE, LIFETIME, MEETING, Laplace
from proofs_checks.proof import ByModel
from theory.models import SA
from theory.symbols import beta

TWINS = {
    "escape of SA at USA's rate": replace(
        LIFETIME,
        prediction=ByModel(LIFETIME.prediction.plain, beta + 1),
    ),
    "expansion of order 3": replace(LAPLACE, prediction=Laplace(-3.0)),
    "hotter flow": replace(MEETING, model=SA.subs({beta: 2 * beta})),
}


@pytest.mark.every(5)
@pytest.mark.parametrize("twin", TWINS.values(), ids=TWINS)
def test_a_twin_is_refuted(twin, refuted):
    refuted(twin)
