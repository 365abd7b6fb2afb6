"""Finite dimension: a twin of our own."""

from dataclasses import replace

import pytest

from proofs_checks.extensions.finite_dimension import WORST_PAIR, Decay

TWINS = {"pairs faster": replace(WORST_PAIR, prediction=Decay("mean", -0.5))}


@pytest.mark.every(5)
@pytest.mark.parametrize("twin", TWINS.values(), ids=TWINS)
def test_a_twin_is_refuted(twin, refuted):
    refuted(twin)
