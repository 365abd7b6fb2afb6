"""(3.2), (3.3): twins of our own."""

from dataclasses import replace

import pytest
from sympy import Rational, S, exp

from proofs_checks.paper.section_3.eq_3_2_3_3_mean_field import (
    EQUATION_3_2,
    EQUATION_3_3,
    MeanField,
)
from proofs_checks.proof import PROBES
from theory.atoms import Elementwise, RowSoftmax, Tangent
from theory.models import SA, USA
from theory.symbols import X, beta, m, z


def changed(claim, **fields):
    return replace(claim, prediction=replace(claim.prediction, **fields))


HOTTER_SA, HOTTER_USA = SA.subs({beta: 3 * beta}), USA.subs({beta: 3 * beta})
_KERNEL = Elementwise(exp(beta * z), PROBES * X.T)
TWINS = {
    "(3.2) of degree 1": replace(
        EQUATION_3_2,
        model=USA,
        prediction=MeanField(Tangent(PROBES, _KERNEL * RowSoftmax(beta * X * X.T, m) * X)),
    ),
    "(3.2) at most 9/10 long": changed(EQUATION_3_2, speed=Rational(9, 10)),
    "(3.3) of hotter models": replace(EQUATION_3_3, model=(HOTTER_SA, USA)),
    "(3.3) up to e^β - 1": changed(EQUATION_3_3, high=exp(beta) - 1),
    "(3.2) of negative length": changed(EQUATION_3_2, speed=-S.One),
    "(3.3) up to βe^β": changed(EQUATION_3_3, high=beta * exp(beta)),
}


@pytest.mark.parametrize("twin", TWINS.values(), ids=TWINS)
def test_a_twin_is_refuted(twin, refuted):
    refuted(twin)
