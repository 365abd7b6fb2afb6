"""Mean-field limit: twins of our own."""

from dataclasses import replace

import pytest
from sympy import Rational

from proofs_checks.extensions.mean_field_limit import MEAN_FIELD_LIMIT as CLAIM
from theory.symbols import beta

TWINS = {
    "-9/10 for quantiles": replace(
        CLAIM, prediction=replace(CLAIM.prediction, quantile=-Rational(9, 10))
    ),
    "the equation at 21/20 of β": replace(
        CLAIM, prediction=replace(CLAIM.prediction, heat=Rational(21, 20) * beta)
    ),
}


@pytest.mark.every(5)
@pytest.mark.parametrize("twin", TWINS.values(), ids=TWINS)
def test_a_twin_is_refuted(twin, refuted):
    refuted(twin)
