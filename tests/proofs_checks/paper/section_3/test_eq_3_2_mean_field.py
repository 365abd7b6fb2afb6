"""(3.2): twins of our own."""

from dataclasses import replace

import pytest
from sympy import Rational, S, exp

from proofs_checks.paper.section_3.eq_3_2_mean_field import EQUATION_3_2, MeanField
from proofs_checks.proof import PROBES, Flow
from theory.atoms import Elementwise, RowSoftmax, Tangent
from theory.models import REPULSIVE, SA, USA
from theory.symbols import X, beta, m, t, z


def changed(claim, **fields):
    return replace(claim, prediction=replace(claim.prediction, **fields))


_KERNEL = Elementwise(exp(beta * z), PROBES * X.T)
TWINS = {
    "(3.2) of degree 1": replace(
        EQUATION_3_2,
        model=USA,
        prediction=MeanField(Tangent(PROBES, _KERNEL * RowSoftmax(beta * X * X.T, m) * X)),
    ),
    "(3.2) at most 9/10 long": changed(EQUATION_3_2, speed=Rational(9, 10)),
    "(3.2) of negative length": changed(EQUATION_3_2, speed=-S.One),
}


@pytest.mark.every(5)
@pytest.mark.parametrize("twin", TWINS.values(), ids=TWINS)
def test_a_twin_is_refuted(twin, refuted):
    refuted(twin)


def test_the_factor_in_front_of_the_mean_bounds_the_field():
    assert EQUATION_3_2.check.ask(Flow.of(REPULSIVE)).prediction.speed == 1
    slowing = replace(SA, velocity=Tangent(X, 3 * exp(-t) * SA.velocity.field))
    found = EQUATION_3_2.check.ask(Flow.of(slowing))
    assert (found.verdict.name, found.prediction.speed) == ("PROVED", 3 * exp(-t))
    assert not EQUATION_3_2.check.ask(Flow.of(USA)).applies
