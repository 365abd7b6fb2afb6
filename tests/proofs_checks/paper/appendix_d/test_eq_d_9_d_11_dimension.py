"""(D.9), (D.11): twins of our own and independent mathematics."""

from dataclasses import replace

import numpy as np
import pytest
from sympy import Integer, Rational, S

from proofs_checks.claim import Verdict
from proofs_checks.paper.appendix_d.eq_d_9_d_11_dimension import (
    STEP_D_9,
    STEP_D_11,
    Dimension,
    _far_pair,
    _log10_dimension,
)
from theory.models import SA, USA
from theory.symbols import beta

pytestmark = pytest.mark.extras


def changed(claim, **fields):
    return replace(claim, prediction=replace(claim.prediction, **fields))


HOTTER = tuple(flow.subs({beta: 2 * beta}) for flow in (SA, USA))


def test_the_dimension_of_d_9_is_that_of_a_fine_search():
    # at β = 0, γ(1/n) = (e^{2/n} - 1)/(e^{2/n} + n - 1) in closed form
    value = (np.exp(1.0) - 1) / (np.exp(1.0) + 1)
    level = 16 * np.exp(20) / value**2
    logs = np.linspace(20, 40, 2_000_001)
    first = logs[np.argmax(np.exp(logs) / logs >= level)]
    assert _log10_dimension(2, 0.0) == pytest.approx(first / np.log(10), abs=1e-5)


def test_the_threshold_of_two_tokens_at_beta_zero_is_exact():
    # g = tanh(t - artanh r): |g - γ| <= γ/2 at 1/2 up to the r with artanh r = 1/2 - artanh(γ/2)
    level = np.tanh(0.5)
    r = np.tanh(0.5 - np.arctanh(level / 2))
    for constant, refuted in ((0.97 * level**2 / r**2, True), (1.03 * level**2 / r**2, False)):
        found = _far_pair(SA, Dimension(S(constant), 0))
        assert ("β = 0" in found) is refuted


def test_true_twins_are_proved(found):
    # 32 e^{4(1+β)/n} <= 16 c
    for change in ({"power": 1}, {"time": Integer(2)}):
        assert found(changed(STEP_D_9, **change)).verdict is Verdict.PROVED


TWINS = {
    "(D.9) with 3, no c": changed(STEP_D_9, constant=Integer(3), power=0),
    "(D.9) of a faster flow": replace(STEP_D_9, model=HOTTER[0]),
    "(D.11) with 5/8": changed(STEP_D_11, fraction=Rational(5, 8)),
}


@pytest.mark.every(5)
@pytest.mark.parametrize("twin", TWINS.values(), ids=TWINS)
def test_a_twin_is_refuted(twin, refuted):
    refuted(twin)
