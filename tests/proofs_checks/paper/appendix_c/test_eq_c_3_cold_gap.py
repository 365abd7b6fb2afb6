"""(C.3): twins of our own and independent mathematics."""

from dataclasses import replace

import pytest

from proofs_checks.paper.appendix_c.eq_c_3_cold_gap import EQUATION_C_3
from theory.models import USA
from theory.symbols import beta, n


def changed(claim, **fields):
    return replace(claim, prediction=replace(claim.prediction, **fields))


def test_the_bound_holds_n_and_beta():
    assert EQUATION_C_3.prediction.gradient.free_symbols == {n, beta}


TWINS = {
    "(C.3) of hotter models": replace(EQUATION_C_3, model=USA.subs({beta: 30 * beta})),
    "(C.3) gradient β/10": changed(EQUATION_C_3, gradient=beta / 10),
}


@pytest.mark.every(5)
@pytest.mark.parametrize("twin", TWINS.values(), ids=TWINS)
def test_a_twin_is_refuted(twin, refuted):
    refuted(twin)
