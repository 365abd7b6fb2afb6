"""Spread of the pairs: a twin of our own."""

from dataclasses import replace

import pytest

from proofs_checks.extensions.finite_dimension_width import SPREAD, Width

TWINS = {"spread of one part": replace(SPREAD, prediction=Width(("rows",)))}


@pytest.mark.every(5)
@pytest.mark.parametrize("twin", TWINS.values(), ids=TWINS)
def test_a_twin_is_refuted(twin, refuted):
    refuted(twin)
