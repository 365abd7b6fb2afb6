"""(2.5): twins of our own and independent mathematics."""

from dataclasses import replace

import pytest
from sympy import MatrixSymbol, S

from proofs_checks.claim import Verdict, run_check
from proofs_checks.paper.section_2.eq_2_5_stochastic import STOCHASTIC
from theory.atoms import RowSoftmax
from theory.masks import Mask
from theory.symbols import X, beta, m, n


def changed(claim, **fields):
    return replace(claim, prediction=replace(claim.prediction, **fields))


def test_a_causal_matrix_has_zeros():
    masked = replace(STOCHASTIC, model=RowSoftmax(beta * X * X.T, m, Mask.causal()))
    evidence, error = run_check(masked, None, 0)
    assert error is None and evidence.verdict is Verdict.REFUTED
    assert "A_12 = 0" in evidence.detail


def test_weights_of_any_sign_are_not_positive():
    signed = replace(STOCHASTIC, model=RowSoftmax(beta * X * X.T, MatrixSymbol("w", n, 1)))
    assert run_check(signed, None, 0)[0].verdict is Verdict.REFUTED


TWINS = {
    "row sum 2": changed(STOCHASTIC, row_sum=S(2)),
}


@pytest.mark.every(5)
@pytest.mark.parametrize("twin", TWINS.values(), ids=TWINS)
def test_a_twin_is_refuted(twin, refuted):
    refuted(twin)
