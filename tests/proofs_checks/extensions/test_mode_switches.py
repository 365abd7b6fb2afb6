"""Mode switches: twins of our own."""

from dataclasses import replace

import pytest
from sympy import Rational

from proofs_checks.extensions.mode_switches import MODE, MODE_SWITCHES

pytestmark = pytest.mark.extras

TWINS = {
    "another Mode switches": replace(
        MODE_SWITCHES,
        prediction=replace(
            MODE_SWITCHES.prediction,
            low=MODE * (MODE + 1) / 2 + Rational(1, 10),
        ),
    ),
}


@pytest.mark.every(5)
@pytest.mark.parametrize("twin", TWINS.values(), ids=TWINS)
def test_a_twin_is_refuted(twin, refuted):
    refuted(twin)
