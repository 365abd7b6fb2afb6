"""Theorem 6.8, E.Theorem 6.8: twins of our own and independent mathematics."""

from dataclasses import replace

import pytest
from sympy import Abs, DiagMatrix, Rational, sqrt

from proofs_checks.claim import Verdict
from proofs_checks.own_model import check_model
from proofs_checks.paper.section_6.theorem_6_8_equiangular import ERRATUM_THEOREM_6_8, THEOREM_6_8
from theory.atoms import Elementwise, Tangent
from theory.models import CAUSAL, SA, USA, Model
from theory.positive_part import PositivePart
from theory.symbols import X, beta, d, m, n, z


def changed(claim, **fields):
    return replace(claim, prediction=replace(claim.prediction, **fields))


def weighted(kernel):
    """``x_i' = P_i Σ_j m_j k(g_ij) x_j``."""
    return Model(f"k = {kernel}", Tangent(X, Elementwise(kernel, X * X.T) * DiagMatrix(m) * X))


HOTTER = (SA.subs({beta: 3 * beta}), USA.subs({beta: 3 * beta}))


def test_orthonormal_tokens_are_not_proved_by_the_enumerated_sizes(found):
    prediction = ERRATUM_THEOREM_6_8.prediction
    hidden = (n - 2) * (n - 3) * (n - 4) * (n - 5)
    for fields in (
        {"excess": prediction.excess + hidden},
        {"last": d + (d - 2) * (d - 3) * (d - 4)},
    ):
        assert found(changed(ERRATUM_THEOREM_6_8, **fields)).verdict is Verdict.UNDECIDED


def test_a_causal_mask_separates_orthonormal_tokens(found):
    evidence = found(replace(THEOREM_6_8, model=CAUSAL))
    assert evidence.verdict is Verdict.REFUTED
    assert "orthonormal tokens" in evidence.detail


def test_the_sentence_says_that_the_angles_stay_equal():
    """Under a causal mask the tokens meet all the same; what fails is one γ for all of them."""
    row = check_model(CAUSAL, only=["Theorem 6.8"]).rows[0]
    assert row.evidence.verdict is Verdict.REFUTED
    assert "all angles equal one gamma(t)" in row.statement


@pytest.mark.slow
@pytest.mark.parametrize(
    "slope",
    [((z - Rational(1, 3)) ** 2) ** Rational(1, 4), sqrt(Abs(z - Rational(1, 7)))],
    ids=str,
)
def test_a_slope_without_a_bound_between_the_eighths_is_a_gap(slope):
    model = weighted(1 + slope)
    assert check_model(model, only=["Theorem 6.8"])["Theorem 6.8"].verdict is Verdict.UNDECIDED


@pytest.mark.every(2)
@pytest.mark.parametrize(
    ("kernel", "verdict"),
    [
        (1 + z**2, "PROVED"),
        ((z - 1 / sqrt(3)) ** 2, "REFUTED"),
        (PositivePart(z - Rational(1, 3), 1), "REFUTED"),
        (sqrt(Abs(z - Rational(1, 3))), "UNDECIDED"),
        (Rational(1, 3) - z, "REFUTED"),
    ],
    ids=str,
)
def test_what_gamma_passes(kernel, verdict):
    """At a zero of k it rests, if it is the only solution there; below zero it turns back."""
    found = check_model(weighted(kernel), only=["Theorem 6.8"])["Theorem 6.8"]
    assert found.verdict.name in (verdict, "CERTIFIED" if verdict == "PROVED" else verdict)


TWINS = {
    "orthonormal in any dimension": changed(ERRATUM_THEOREM_6_8, excess=d),
    "equiangular rate of hotter models": replace(THEOREM_6_8, model=HOTTER),
}


@pytest.mark.every(5)
@pytest.mark.parametrize("twin", TWINS.values(), ids=TWINS)
def test_a_twin_is_refuted(twin, refuted):
    refuted(twin)
