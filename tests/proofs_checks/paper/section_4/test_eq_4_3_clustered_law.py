"""(4.3): twins of our own and independent mathematics."""

from dataclasses import replace

import numpy as np
import pytest
from sympy import Rational, exp

from proofs_checks.paper.section_4.eq_4_3_clustered_law import EQUATION_4_3
from proofs_checks.proof import half_angle_rate
from theory.energy import interaction_energy
from theory.models import REPULSIVE, SA, USA, gradient_flow
from theory.symbols import beta, t, z


def changed(claim, **fields):
    return replace(claim, prediction=replace(claim.prediction, **fields))


FALLING = gradient_flow(interaction_energy(-exp(beta * z) / beta), "falling")


def test_half_angle_rate_is_the_closed_form():
    assert half_angle_rate(SA) == half_angle_rate(USA) == 1
    assert half_angle_rate(REPULSIVE) == -1
    law = EQUATION_4_3.prediction.law
    # φ(0) with tan(φ/2) = e^{-m} tan(arccos(3/4)/2) at its end.
    for time in (0.0, 0.7, 2.0):
        opened = 2 * np.arctan(np.tan(np.arccos(0.75) / 2) * np.exp(time))
        assert float(law.subs(t, time)) == pytest.approx(opened / np.pi, abs=1e-12)


TWINS = {
    "(4.3) with √6": changed(EQUATION_4_3, law=EQUATION_4_3.prediction.law * Rational(4, 5)),
    "(4.3) of the falling flow": replace(EQUATION_4_3, model=(FALLING,)),
}


@pytest.mark.every(5)
@pytest.mark.parametrize("twin", TWINS.values(), ids=TWINS)
def test_a_twin_is_refuted(twin, refuted):
    refuted(twin)
