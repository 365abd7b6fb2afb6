"""Claims on formulas of Sections 6 and 7 and Appendix D: verdicts, controls, twins of our own."""

import pickle
from dataclasses import replace

import numpy as np
import pytest
from sympy import Integer, Max, Rational, S, exp

from numerics import compile_model, integrate
from numerics.equiangular import equiangular_gamma
from proofs_checks.appendix_d_steps import CLAIMS_APPENDIX_D_STEPS, ERRATA_APPENDIX_D_STEPS
from proofs_checks.claim import Verdict, verify_claim
from proofs_checks.paper.appendix_d.eq_d_1_d_2_d_4_lipschitz import STEP_D_1, STEP_D_2, STEP_D_4
from proofs_checks.paper.appendix_d.eq_d_6_d_7_displacement import STEP_D_6, STEP_D_7
from proofs_checks.paper.appendix_d.eq_d_9_d_11_dimension import (
    STEP_D_9,
    STEP_D_11,
    Dimension,
    _far_pair,
    _log10_dimension,
)
from proofs_checks.paper.appendix_d.eq_d_12_d_13_d_14_lift import STEP_D_12, STEP_D_13, STEP_D_14
from proofs_checks.paper.appendix_d.eq_d_15_tail import STEP_D_15
from proofs_checks.paper.section_4.theorem_4_1_zero_beta import RATES_4_1
from proofs_checks.paper.section_6.eq_6_2_6_5_heights import SECOND_DERIVATIVE
from proofs_checks.paper.section_6.eq_6_3_equality import EQUATION_6_3
from proofs_checks.paper.section_6.eq_6_6_6_7_late_growth import INEQUALITY_6_6
from proofs_checks.paper.section_6.eq_6_8_late_decay import INEQUALITY_6_8
from proofs_checks.paper.section_6.eq_6_9_6_10_rates import EQUATION_6_9, EQUATION_6_10
from proofs_checks.paper.section_6.eq_6_11_envelope import INEQUALITY_6_11
from proofs_checks.paper.section_6.problem_2_random_matrices import PROBLEM_2
from proofs_checks.paper.section_6.theorem_6_3_eq_6_1_many_dimensions import EQUATION_6_1, RATE_6_3
from proofs_checks.paper.section_6.theorem_6_9_probability import ERRATUM_6_9
from proofs_checks.paper.section_7.eq_7_2_kuramoto import EQUATION_7_2
from proofs_checks.proof import LEVEL, R0, ByModel
from proofs_checks.section6_formulas import CLAIMS_SECTION_6_FORMULAS
from proofs_checks.section7_formulas import CLAIMS_SECTION_7_FORMULAS
from theory.models import QKV, REPULSIVE, SA, USA
from theory.predictions import theorem_6_9_dimension
from theory.symbols import beta, gamma, n, t

ALL = (
    *CLAIMS_SECTION_6_FORMULAS,
    *CLAIMS_SECTION_7_FORMULAS,
    *CLAIMS_APPENDIX_D_STEPS,
    *ERRATA_APPENDIX_D_STEPS,
)
CLAIMS = pytest.mark.parametrize("claim", ALL, ids=lambda claim: claim.label)
HOTTER = tuple(flow.subs({beta: 2 * beta}) for flow in (SA, USA))


def changed(claim, **changes):
    return replace(claim, prediction=replace(claim.prediction, **changes))


@CLAIMS
def test_claim_is_as_expected(claim):
    report = verify_claim(claim, None, 0)
    assert report.complaints == ()
    assert len(report.controls) >= 2
    assert report.evidence.margin is None or report.evidence.margin > 0
    for _, evidence in report.controls:
        assert any(character.isdigit() for character in evidence.detail)


@pytest.mark.full
@CLAIMS
def test_claim_is_as_expected_for_more_seeds(claim):
    assert [verify_claim(claim, None, seed).complaints for seed in range(1, 6)] == [()] * 5


@CLAIMS
def test_claim_pickles_and_is_short(claim):
    assert pickle.loads(pickle.dumps(claim)) == claim
    assert len(claim.statement) <= 240


MUTATIONS = {
    "(6.1) of hotter models": replace(EQUATION_6_1, model=(HOTTER[1],)),
    "rate of hotter models": replace(RATE_6_3, model=(HOTTER[1],)),
    "relative rate squared": changed(RATES_4_1, relative=Integer(2)),
    "gap of n + 1 tokens": changed(RATES_4_1, gap=RATES_4_1.prediction.gap.subs(n, n + 1)),
    "second derivative of hotter models": replace(SECOND_DERIVATIVE, model=HOTTER[1:]),
    "equality at opposite tokens": changed(EQUATION_6_3, gap=Integer(2)),
    "(6.6) of the largest product": changed(INEQUALITY_6_6, largest=True, signed=True),
    "(6.8) with prefactor 1/3": changed(INEQUALITY_6_8, prefactor=Rational(1, 3)),
    "(6.9) of a hotter model": replace(EQUATION_6_9, model=HOTTER[0]),
    "(6.10) with another sign": replace(
        EQUATION_6_10, prediction=EQUATION_6_10.prediction.subs(gamma, -gamma)
    ),
    "(6.11) with a fast tail": changed(
        INEQUALITY_6_11, tail=INEQUALITY_6_11.prediction.tail * exp(-3 * t)
    ),
    "(7.2) at β = 1": changed(EQUATION_7_2, temperature=S.One),
    "Problem 2 without decay": changed(PROBLEM_2, exponent=0.0),
    "(D.1) with half the rate of opposite tokens": replace(STEP_D_1, prediction=S.Half),
    "(D.2) with factor 1 - 1/100": replace(STEP_D_2, prediction=Rational(99, 100)),
    "(D.4) with a constant": replace(STEP_D_4, prediction=Max(1, beta) / 10),
    "(D.6) with factor 1.055": changed(STEP_D_6, factor=Rational(1055, 1000)),
    "(D.7) with factor 3/2": changed(STEP_D_7, factor=Rational(3, 2)),
    "(D.9) with 3, no c": changed(STEP_D_9, constant=Integer(3), power=0),
    "(D.9) of a faster flow": replace(STEP_D_9, model=HOTTER[0]),
    "(D.11) with 5/8": changed(STEP_D_11, fraction=Rational(5, 8)),
    "(D.13) without κ": changed(STEP_D_13, right=(1 - LEVEL) / n),
    "(D.12) with 3/2": replace(STEP_D_12, prediction=3 * STEP_D_12.prediction / 2),
    "(D.14) with α²": changed(STEP_D_14, right=8 * STEP_D_14.prediction.right),
    "(D.15) with 39/10": changed(STEP_D_15, factor=Rational(39, 10)),
    "(D.15) with a rate above 2": changed(STEP_D_15, rate=Rational(201, 100)),
    "Theorem 6.9 one dimension earlier": replace(ERRATUM_6_9, prediction=(2 * n**2) ** 64 - 1),
}


@pytest.mark.parametrize("mutation", MUTATIONS.values(), ids=MUTATIONS.keys())
def test_a_mutation_is_refuted(mutation):
    report = verify_claim(replace(mutation, printed=None), None, 0)
    assert report.error == ""
    assert report.verdict is Verdict.REFUTED, report.evidence.detail


def test_the_least_dimension_is_the_exact_integer():
    assert ERRATUM_6_9.prediction.subs(n, 2) == theorem_6_9_dimension(2) == 2**192
    detail = verify_claim(ERRATUM_6_9, None, 0).evidence.detail
    assert "n = 2: d >= 10^58" in detail
    assert 10**57 < 2**192 < 10**58


def test_the_dimension_of_d_9_is_that_of_a_fine_search():
    # at β = 0, γ(1/n) = (e^{2/n} - 1)/(e^{2/n} + n - 1) in closed form
    value = (np.exp(1.0) - 1) / (np.exp(1.0) + 1)
    level = 16 * np.exp(20) / value**2
    logs = np.linspace(20, 40, 2_000_001)
    first = logs[np.argmax(np.exp(logs) / logs >= level)]
    assert _log10_dimension(2, 0.0) == pytest.approx(first / np.log(10), abs=1e-5)


def test_the_factor_of_d_6_is_the_one_at_three_dimensions():
    dimensions = np.arange(2, 200)
    r = np.sqrt(np.log(dimensions) / dimensions)
    ratios = np.sqrt(2 - 2 * np.sqrt(1 - r**2)) / r
    assert dimensions[np.argmax(ratios)] == 3
    assert max(ratios) == pytest.approx(1.0553, abs=1e-4)
    enough = changed(STEP_D_6, factor=Rational(1056, 1000))
    assert verify_claim(enough, None, 0).verdict is Verdict.PROVED


def test_true_twins_of_appendix_d_are_not_refuted():
    # 32 e^{4(1+β)/n} <= 16 c, and (6.1) allows every rate below 2 in (D.15)
    weaker = changed(STEP_D_9, power=1)
    assert verify_claim(weaker, None, 0).verdict is Verdict.PROVED
    later = changed(STEP_D_9, time=Integer(2))
    assert verify_claim(later, None, 0).verdict is Verdict.PROVED
    for claim in (changed(STEP_D_15, rate=S.One), replace(STEP_D_13, model=REPULSIVE)):
        assert verify_claim(claim, None, 0).verdict is Verdict.UNDECIDED


def test_the_threshold_of_two_tokens_at_beta_zero_is_exact():
    # g = tanh(t - artanh r): |g - γ| <= γ/2 at 1/2 up to the r with artanh r = 1/2 - artanh(γ/2)
    level = np.tanh(0.5)
    r = np.tanh(0.5 - np.arctanh(level / 2))
    for constant, refuted in ((0.97 * level**2 / r**2, True), (1.03 * level**2 / r**2, False)):
        found = _far_pair(SA, Dimension(S(constant), 0))
        assert ("β = 0" in found) is refuted


def test_the_bound_of_6_11_is_that_of_theorem_6_3_squared():
    tail = INEQUALITY_6_11.prediction.tail
    constant = 2 * (R0**-2 - 1) ** S.Half
    assert (tail.subs(t, 0) - constant**2 / 2).expand() == 0


def test_a_general_value_matrix_is_left_undecided():
    for claim in (EQUATION_6_9, STEP_D_2, INEQUALITY_6_11):
        report = verify_claim(replace(claim, model=QKV), 1, 0)
        assert report.verdict is Verdict.UNDECIDED


def test_the_rate_of_theorem_6_3_shows_in_an_exact_solution():
    # two tokens at β = 0: tan(θ/2) falls like e^{-t}, and 1 - γ = 2/(e^{2t} + 1)
    run = integrate(compile_model(SA, beta=0.0), np.eye(2), 12.0, [11.0, 12.0], rtol=1e-11)
    apart = np.linalg.norm(run.points[:, 0] - run.points[:, 1], axis=-1)
    assert np.log(apart[0] / apart[1]) == pytest.approx(1.0, abs=1e-8)
    gap = RATES_4_1.prediction.gap.subs({n: 2, t: 1}).evalf()
    assert float(gap) == pytest.approx(1 - float(equiangular_gamma(1.0, 0.0, 2)), abs=1e-14)


def test_predictions_by_model_are_told_apart():
    wrong = replace(EQUATION_6_1, prediction=ByModel(exp(beta), S.One))
    assert verify_claim(wrong, None, 0).verdict is Verdict.REFUTED
