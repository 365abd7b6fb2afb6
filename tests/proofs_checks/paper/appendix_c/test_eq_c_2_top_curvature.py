"""(C.2): twins of our own and independent mathematics."""

from dataclasses import replace

import numpy as np
import pytest

from proofs_checks.claim import Budget, Verdict
from proofs_checks.paper.appendix_c.eq_c_2_top_curvature import (
    EQUATION_C_2,
    _antipodal_top,
    _balanced_excess,
)
from theory.models import SA
from theory.symbols import d, n


def changed(claim, **fields):
    return replace(claim, prediction=replace(claim.prediction, **fields))


def test_a_weaker_statement_is_still_proved():
    budget = Budget(2, np.random.default_rng(0))
    weaker = replace(EQUATION_C_2.prediction, least=1 / (d * n))
    found = EQUATION_C_2.check(EQUATION_C_2.model, weaker, budget)
    assert found.verdict is Verdict.PROVED, found.detail


def test_bounds_hold_symbols():
    assert _balanced_excess().free_symbols == {d}
    assert _antipodal_top() == 2


TWINS = {
    "(C.2) with 3(d-1)/d": changed(EQUATION_C_2, balanced=3 * (d - 1) / d),
    "(C.2) of twice the energy": replace(EQUATION_C_2, model=(replace(SA, energy=2 * SA.energy),)),
}


@pytest.mark.every(5)
@pytest.mark.parametrize("twin", TWINS.values(), ids=TWINS)
def test_a_twin_is_refuted(twin, refuted):
    refuted(twin)
