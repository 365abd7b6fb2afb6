"""C11: twins of our own."""

from dataclasses import replace

import pytest
from sympy import Rational

from proofs_checks.extensions.circle_growth import C11, CircleGrowth
from theory.symbols import beta

pytestmark = pytest.mark.extras

TWINS = {
    "another C11": replace(C11, prediction=CircleGrowth(Rational(9, 10) + beta, 6)),
}


@pytest.mark.every(5)
@pytest.mark.parametrize("twin", TWINS.values(), ids=TWINS)
def test_a_twin_is_refuted(twin, refuted):
    refuted(twin)
