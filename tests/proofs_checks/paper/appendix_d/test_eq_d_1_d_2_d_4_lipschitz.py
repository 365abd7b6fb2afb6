"""(D.1), (D.2), (D.4): twins of our own and independent mathematics."""

from dataclasses import replace

import pytest
from sympy import Max, Rational, S

from proofs_checks.claim import Verdict, run_check
from proofs_checks.paper.appendix_d.eq_d_1_d_2_d_4_lipschitz import STEP_D_1, STEP_D_2, STEP_D_4
from theory.models import QKV
from theory.symbols import beta


def test_a_general_value_matrix_is_left_undecided():
    evidence, error = run_check(replace(STEP_D_2, model=QKV), 1, 0)
    assert error is None and evidence.verdict is Verdict.UNDECIDED


TWINS = {
    "(D.1) with half the rate of opposite tokens": replace(STEP_D_1, prediction=S.Half),
    "(D.2) with factor 1 - 1/100": replace(STEP_D_2, prediction=Rational(99, 100)),
    "(D.4) with a constant": replace(STEP_D_4, prediction=Max(1, beta) / 10),
}


@pytest.mark.every(5)
@pytest.mark.parametrize("twin", TWINS.values(), ids=TWINS)
def test_a_twin_is_refuted(twin, refuted):
    refuted(twin)
