"""(2.5): twins of our own and independent mathematics."""

from dataclasses import replace

import pytest
from sympy import S

from proofs_checks.claim import Verdict, run_check
from proofs_checks.paper.section_2.eq_2_5_stochastic import STOCHASTIC
from theory.atoms import CausalSoftmax
from theory.symbols import X, beta, m


def changed(claim, **fields):
    return replace(claim, prediction=replace(claim.prediction, **fields))


def test_a_causal_matrix_is_not_proved_to_be_positive():
    masked = replace(STOCHASTIC, model=CausalSoftmax(beta * X * X.T, m))
    evidence, error = run_check(masked, "", None, 0)
    assert isinstance(error, NotImplementedError)  # its zeros are not seen: no verdict
    assert evidence.verdict is Verdict.UNDECIDED


TWINS = {
    "row sum 2": changed(STOCHASTIC, row_sum=S(2)),
}


@pytest.mark.parametrize("twin", TWINS.values(), ids=TWINS)
def test_a_twin_is_refuted(twin, refuted):
    refuted(twin)
