"""(2.5): twins of our own and independent mathematics."""

from dataclasses import replace

import pytest
from sympy import DiagMatrix, MatrixSymbol, S

from proofs_checks import check_model
from proofs_checks.claim import Verdict, run_check
from proofs_checks.paper.section_2.eq_2_5_stochastic import STOCHASTIC
from theory import SA, catalogue
from theory.atoms import Elementwise, RowSoftmax, Tangent, row_normalised
from theory.masks import Mask
from theory.models.species import CROSS_ATTENTION, Y, others
from theory.positive_part import PositivePart
from theory.symbols import X, beta, m, n, t, z


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


PACED = replace(SA, velocity=Tangent(X, DiagMatrix(m) ** -1 * SA.velocity.field / (1 + t)))


@pytest.mark.parametrize("model", [catalogue("nGPT"), PACED])
def test_a_speed_of_a_row_is_no_weight(model):
    assert check_model(model, only=["(2.5)"])["(2.5)"].verdict is Verdict.PROVED


def test_a_mask_behind_a_speed_has_its_zeros():
    found = check_model(catalogue("causal + nGPT"), only=["(2.5)"])["(2.5)"]
    assert found.verdict is Verdict.REFUTED and "A_12 = 0" in found.detail


def test_a_factor_of_the_rows_is_one_where_a_matrix_is_asked():
    doubled = replace(STOCHASTIC, model=DiagMatrix(m) * RowSoftmax(beta * X * X.T, m))
    assert run_check(doubled, None, 0)[0].verdict is Verdict.REFUTED


TWINS = {
    "row sum 2": changed(STOCHASTIC, row_sum=S(2)),
}


@pytest.mark.every(5)
@pytest.mark.parametrize("twin", TWINS.values(), ids=TWINS)
def test_a_twin_is_refuted(twin, refuted):
    refuted(twin)


@pytest.mark.parametrize(
    "name", ["pre-LN", "peri-LN", "nGPT", "cross-attention", "encoder-decoder"]
)
def test_softmaxes_of_other_states_are_stochastic(name):
    evidence = check_model(catalogue(name), only="(2.5)")["(2.5)"]
    assert evidence.verdict is Verdict.PROVED
    said = evidence.sheet.concludes.says.args  # a sign and a sum of each softmax
    assert len(said) == (6 if "encoder" in name else 2)


def test_a_mask_beside_lengths_has_a_zero():
    evidence = check_model(catalogue("causal + pre-LN"), only="(2.5)")["(2.5)"]
    assert evidence.verdict is Verdict.REFUTED and "A_12 = 0" in evidence.detail


@pytest.mark.parametrize("power", [1, 2])
def test_a_weight_of_0_is_not_positive(power):
    """Rows of normalised kernels sum to 1, and of t or t² a right angle has no weight."""
    kernel = Elementwise(PositivePart(z, power), X * X.T)
    evidence = run_check(replace(STOCHASTIC, model=row_normalised(kernel, m)), None, 0)[0]
    assert evidence.verdict is Verdict.REFUTED and "= 0 is not > 0" in evidence.detail
    above = Elementwise(1 + PositivePart(z, power), X * X.T)
    evidence = run_check(replace(STOCHASTIC, model=row_normalised(above, m)), None, 0)[0]
    assert evidence.verdict is Verdict.PROVED


def test_keys_with_masses_of_any_sign_arent_said_to_be_positive():
    masses = MatrixSymbol("c", others, 1)
    read = RowSoftmax(beta * X * Y.T, masses) * Y
    model = replace(
        CROSS_ATTENTION, velocity={X: Tangent(X, read)}, energy=None, parameters=(beta, masses)
    )
    assert check_model(model, only="(2.5)")["(2.5)"].verdict is not Verdict.PROVED
