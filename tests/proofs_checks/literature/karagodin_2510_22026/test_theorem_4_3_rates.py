"""Theorem 4.3 [2510.22026] against runs of tokens, and models beyond the six schemes."""

from dataclasses import replace

import numpy as np
import pytest
from sympy import exp, log, sqrt

from numerics import compile_model, integrate
from proofs_checks import check_model
from proofs_checks.claim import Budget, Verdict, verify_claim
from proofs_checks.literature.karagodin_2510_22026.theorem_4_3_rates import (
    LAWS,
    MODELS,
    THEOREM_4_3,
    derive_law,
    refute_law,
)
from proofs_checks.proof import Flow
from theory import catalogue
from theory.models import CAUSAL, COD, PRE_LN, SA
from theory.symbols import X, t


@pytest.mark.slow
def test_the_laws_are_proved_and_every_control_is_refuted():
    report = verify_claim(THEOREM_4_3, 10, 1, False)
    assert report.verdict is Verdict.PROVED
    assert report.ok
    assert all(evidence.verdict is Verdict.REFUTED for _, evidence in report.controls)


def test_tokens_near_consensus_close_as_the_law_says():
    """Two tokens, of any angle equal: from 1-γ = 1e-3 the gap falls by the law to first order."""
    angle = np.sqrt(2e-3)
    start = np.array([[1.0, 0.0], [np.cos(angle), np.sin(angle)]])
    field = compile_model(PRE_LN, beta=1.3)
    run = integrate(field, {"X": start, "r": [2.0, 2.0]}, 50.0, rtol=1e-11)
    gap = 1 - run.points[-1, 0] @ run.points[-1, 1]
    assert gap / 1e-3 == pytest.approx((2 / 52) ** 2, rel=5e-3)
    plain = integrate(compile_model(COD, beta=1.3), start, 8.0, rtol=1e-11)
    gap = 0.5 * np.sum((plain.points[-1, 0] - plain.points[-1, 1]) ** 2)
    assert gap / 1e-3 == pytest.approx(float(exp(-4 * (sqrt(9) - 1))), rel=5e-3)


def test_scaled_and_faster_schedules_have_laws_of_their_own():
    twice = replace(SA, name="2 SA", velocity=2 * SA.velocity, energy=None, metric=None)
    row = check_model(twice, only=["rates of schemes"])["rates of schemes"]
    assert row.verdict is Verdict.PROVED
    assert "e^(-4 t)" in row.detail
    slowing = replace(SA, name="slowing", velocity=SA.velocity / (1 + t), energy=None, metric=None)
    row = check_model(slowing, only=["rates of schemes"])["rates of schemes"]
    assert row.verdict is Verdict.PROVED
    assert "1/(t + 1)^2" in row.detail


def test_a_law_of_symbols_without_numbers_refutes_nothing():
    """Two laws that differ, of a sink nobody gave: nothing is compared, and nothing raises."""
    flow = Flow.of(catalogue("sink"))
    law = derive_law(flow)
    assert {str(symbol) for symbol in law.free_symbols} == {"beta", "n", "sink", "t"}
    assert refute_law(flow, 1 / law, Budget(5, np.random.default_rng(0))) is None


def test_a_mask_has_no_equal_angles():
    row = check_model(CAUSAL, only=["rates of schemes"])["rates of schemes"]
    assert not row.applies and "labels" in row.detail


@pytest.mark.slow
def test_models_of_several_blocks_are_answered_row_by_row():
    report = check_model(PRE_LN)
    proved = {row.name for row in report.rows if row.evidence.verdict is Verdict.PROVED}
    assert proved >= {"rates of schemes", "Lemma 6.4", "(4.2)", "energy ascent", "Theorem 6.1"}
    refuted = {row.name for row in report.rows if row.evidence.verdict is Verdict.REFUTED}
    assert refuted == {
        *("Remark 3.1", "(3.7)", "(4.1)", "(4.4)", "Remark 6.5", "Lipschitz bound"),
        *("Remark 3.8", "Theorem 4.1 rates"),
    }
    assert report["(4.5)"].scope["beta"] == "8 (e^(t/ρ) - 1) |β| <= 1"
    with pytest.raises(ValueError, match="tokens alone beside an implementation"):
        check_model(PRE_LN, implementation=lambda x: x, beta=1.0)


def test_the_laws_start_at_one_and_fall():
    for model, law in zip(MODELS, LAWS, strict=True):
        assert law.subs(t, 0).subs({"r": 1}).simplify() == 1, model.name
        slope = log(law).diff(t)
        assert X not in slope.free_symbols
