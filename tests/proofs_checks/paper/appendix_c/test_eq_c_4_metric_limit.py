"""(C.4): twins of our own."""

from dataclasses import replace

import pytest
from sympy import Rational

from proofs_checks.paper.appendix_c.eq_c_4_metric_limit import EQUATION_C_4, ERRATUM_C_4
from theory.models import SA

TWINS = {
    "(C.4) with 2/3": replace(EQUATION_C_4, prediction=Rational(2, 3)),
    "(C.4) with 3/4": replace(ERRATUM_C_4, prediction=Rational(3, 4), printed=None),
    "(C.4) of twice the energy": replace(EQUATION_C_4, model=(replace(SA, energy=2 * SA.energy),)),
}


@pytest.mark.every(5)
@pytest.mark.parametrize("twin", TWINS.values(), ids=TWINS)
def test_a_twin_is_refuted(twin, refuted):
    refuted(twin)
