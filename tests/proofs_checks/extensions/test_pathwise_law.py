"""Theorem 6.9 pathwise: twins of our own and independent mathematics."""

from dataclasses import replace

import pytest
from sympy import Symbol

from proofs_checks.extensions.pathwise_law import PATHWISE
from theory.models import SA, USA
from theory.symbols import beta


def changed(claim, **fields):
    return replace(claim, prediction=replace(claim.prediction, **fields))


HOTTER = (SA.subs({beta: 3 * beta}), USA.subs({beta: 3 * beta}))


def test_the_shape_sums_over_tokens():
    assert Symbol("i") in PATHWISE.prediction.shape[0].free_symbols


TWINS = {
    "pathwise for a hotter SA": replace(PATHWISE, model=HOTTER[0]),
    "γ of n + 2 tokens": changed(PATHWISE, extra=2),
}


@pytest.mark.every(5)
@pytest.mark.parametrize("twin", TWINS.values(), ids=TWINS)
def test_a_twin_is_refuted(twin, refuted):
    refuted(twin)
