"""(D.6), (D.7): twins of our own and independent mathematics."""

from dataclasses import replace

import numpy as np
import pytest
from sympy import Rational

from proofs_checks.claim import Verdict
from proofs_checks.paper.appendix_d.eq_d_6_d_7_displacement import STEP_D_6, STEP_D_7


def changed(claim, **changes):
    return replace(claim, prediction=replace(claim.prediction, **changes))


def test_the_factor_of_d_6_is_the_one_at_three_dimensions(found):
    dimensions = np.arange(2, 200)
    r = np.sqrt(np.log(dimensions) / dimensions)
    ratios = np.sqrt(2 - 2 * np.sqrt(1 - r**2)) / r
    assert dimensions[np.argmax(ratios)] == 3
    assert max(ratios) == pytest.approx(1.0553, abs=1e-4)
    enough = changed(STEP_D_6, factor=Rational(1056, 1000))
    assert found(enough).verdict is Verdict.PROVED


TWINS = {
    "(D.6) with factor 1.055": changed(STEP_D_6, factor=Rational(1055, 1000)),
    "(D.7) with factor 3/2": changed(STEP_D_7, factor=Rational(3, 2)),
}


@pytest.mark.every(5)
@pytest.mark.parametrize("twin", TWINS.values(), ids=TWINS)
def test_a_twin_is_refuted(twin, refuted):
    refuted(twin)
