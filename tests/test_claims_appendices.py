"""The claims of Sections 4 and 5 with explicit constants, and of Appendices A to D."""

import pickle
from dataclasses import replace

import numpy as np
import pytest
from sympy import Integer, Rational, S, cos, exp, log, pi, sin

from proofs_checks.appendix_a_b import CLAIMS_APPENDIX_AB, ERRATA_APPENDIX_AB
from proofs_checks.appendix_c_d import CLAIMS_APPENDIX_CD, ERRATA_APPENDIX_CD
from proofs_checks.claim import Budget, Verdict, verify_claim
from proofs_checks.extensions.lipschitz import LIPSCHITZ
from proofs_checks.paper.appendix_a.eq_a_1_null_basin import EQUATION_A_1
from proofs_checks.paper.appendix_a.eq_a_4_pairings import ERRATUM_A_4
from proofs_checks.paper.appendix_a.lemma_a_2_cut import LEMMA_A_2
from proofs_checks.paper.appendix_b.eq_b_1_hessian import EQUATION_B_1
from proofs_checks.paper.appendix_b.eq_b_3_b_4_turned_pair import EQUATION_B_3
from proofs_checks.paper.appendix_b.figure_6_profile import FIGURE_6
from proofs_checks.paper.appendix_b.remark_b_1_inertia import REMARK_B_1
from proofs_checks.paper.appendix_c.eq_c_1_near_zero import EQUATION_C_1
from proofs_checks.paper.appendix_d.eq_d_3_softmax import EQUATION_D_3
from proofs_checks.paper.appendix_d.eq_d_5_projection import EQUATION_D_5
from proofs_checks.paper.appendix_d.eq_d_8_approach import EQUATION_D_8, ERRATUM_D_8
from proofs_checks.paper.appendix_d.eq_d_10_alignment import EQUATION_D_10
from proofs_checks.paper.appendix_d.eq_d_15_tail import ERRATUM_D_15
from proofs_checks.paper.appendix_d.remark_d_1_constants import ERRATUM_REMARK_D_1, REMARK_D_1
from proofs_checks.paper.section_4.eq_4_1_cold_flow import ERRATUM_4_1
from proofs_checks.paper.section_4.eq_4_4_4_5_deviation import EQUATION_4_4
from proofs_checks.paper.section_4.theorem_4_2_eq_4_2_clustered_in_time import (
    EQUATION_4_2,
    THEOREM_4_2,
)
from proofs_checks.paper.section_4.theorem_4_3_small_beta import THEOREM_4_3
from proofs_checks.paper.section_5.theorem_5_1_large_beta import (
    ERRATUM_5_1,
    THEOREM_5_1,
    quadratic_below_sine,
)
from proofs_checks.paper.section_4.theorem_4_3_small_beta import ONE_MASS
from proofs_checks.proof import START, PairAverage, U, V, basis_average
from proofs_checks.section4_thresholds import CLAIMS_SECTION_4_MORE
from proofs_checks.section5_large_beta import CLAIMS_SECTION_5, ERRATA_SECTION_5
from theory.derivations import phi
from theory.energy import interaction_energy
from theory.models import SA, USA, gradient_flow
from theory.predictions import large_beta_threshold, small_beta_threshold
from theory.symbols import beta, n, t, z

CLAIMS = (
    *CLAIMS_SECTION_4_MORE,
    *CLAIMS_SECTION_5,
    *CLAIMS_APPENDIX_AB,
    *CLAIMS_APPENDIX_CD,
    *ERRATA_SECTION_5,
    *ERRATA_APPENDIX_AB,
    *ERRATA_APPENDIX_CD,
)
HOTTER = (SA.subs({beta: 3 * beta}), USA.subs({beta: 3 * beta}))
FALLING = gradient_flow(interaction_energy(-exp(beta * z) / beta), "falling")


def by_label(claim):
    return claim.label


@pytest.mark.parametrize("claim", CLAIMS, ids=by_label)
def test_claim_is_as_expected_for_several_seeds(claim):
    reports = [verify_claim(claim, None, seed) for seed in range(3)]
    assert [report.complaints for report in reports] == [()] * 3
    for report in reports:
        for _, evidence in report.controls:
            assert any(character.isdigit() for character in evidence.detail)


@pytest.mark.parametrize("claim", CLAIMS, ids=by_label)
def test_claim_pickles_and_is_short(claim):
    assert pickle.loads(pickle.dumps(claim)) == claim
    assert len(claim.statement) <= 240
    assert (claim.printed is not None) == (claim.origin == "erratum")
    assert (claim.origin == "erratum") == claim.label.startswith("E.")


def test_labels_are_distinct():
    assert len({claim.label for claim in CLAIMS}) == len(CLAIMS)


def twin(claim, **changes):
    return replace(claim, prediction=replace(claim.prediction, **changes), printed=None)


MUTATIONS = {
    "(4.4) without its growth": twin(EQUATION_4_4, softmax=beta * t / 40),
    "(4.4) of a much hotter SA": replace(EQUATION_4_4, model=SA.subs({beta: 30 * beta})),
    "(4.2) from -1/2 on": replace(EQUATION_4_2, prediction=Rational(-1, 2)),
    "(4.2) of the falling flow": replace(EQUATION_4_2, model=FALLING),
    "4.2 kept at 5/8": twin(THEOREM_4_2, kept=Rational(5, 8)),
    "4.3 up to log(1+1/(1-μ))": twin(THEOREM_4_3, threshold=log(1 + 1 / (1 - ONE_MASS))),
    "4.3 with βc² on the right": twin(THEOREM_4_3, right=beta),
    "Lipschitz 1/2": twin(LIPSCHITZ, chord=replace(LIPSCHITZ.prediction.chord, softmax=S.Half)),
    "5.1 from (n-1)²/(2π²) on": twin(THEOREM_5_1, threshold=(n - 1) ** 2 / (2 * pi**2)),
    "5.1 of hotter models": replace(THEOREM_5_1, model=HOTTER),
    "figure of hotter models": replace(FIGURE_6, model=HOTTER),
    "printed arcs with 2π/3": twin(ERRATUM_5_1, length=2 * pi / 3),
    "(A.1) with a quartic saddle": replace(EQUATION_A_1, prediction=-(U**4) - V**2),
    "(A.1) of the falling flow": replace(EQUATION_A_1, model=FALLING),
    "A.2 with a general matrix B": twin(LEMMA_A_2, average=PairAverage(S.One, S.Zero)),
    "(A.4) with reflections": twin(ERRATUM_A_4, block=((1, 0), (0, -1))),
    "(4.1) of twice the energy": twin(ERRATUM_4_1, kernel=2 * z),
    "(B.1) of hotter models": replace(EQUATION_B_1, model=HOTTER),
    "(B.1) with β² sin²": twin(
        EQUATION_B_1, g=(cos(phi) - beta**2 * sin(phi) ** 2) * exp(beta * cos(phi))
    ),
    "(B.3) without the spread": twin(EQUATION_B_3, bracket=(z - 1) * beta),
    "B.1 of a falling flow": replace(REMARK_B_1, model=(SA, FALLING)),
    "(C.1) of hotter models": replace(EQUATION_C_1, model=HOTTER),
    "(D.3) with β/8": twin(EQUATION_D_3, rows=beta / 8),
    "(D.5) with one degree more": twin(EQUATION_D_5, first=EQUATION_D_5.prediction.first + S.Half),
    "(D.8) early rate 1/n": twin(EQUATION_D_8, early=1 / n),
    "(D.8) prefactor 1/10": twin(ERRATUM_D_8, prefactor=Rational(1, 10)),
    "(D.10) at the rate 8": replace(EQUATION_D_10, prediction=exp(1 - 8 * t + 0 * START)),
    "(D.15) with 7/2": replace(ERRATUM_D_15, prediction=Rational(7, 2), printed=None),
    "D.1 with early rate 2/n": twin(REMARK_D_1, early=2 / n, origin=n / 4),
    "D.1 constant 2β": replace(ERRATUM_REMARK_D_1, prediction=2 * beta, printed=None),
}


@pytest.mark.parametrize("mutation", MUTATIONS.values(), ids=MUTATIONS.keys())
def test_a_mutation_is_refuted(mutation):
    report = verify_claim(replace(mutation, printed=None, controls=mutation.controls[:1]), None, 0)
    assert report.error == ""
    assert report.verdict is Verdict.REFUTED, report.evidence.detail


def test_weaker_statements_are_still_proved():
    budget = Budget(5, np.random.default_rng(0))
    loose = replace(THEOREM_4_3.prediction, simple=ONE_MASS)
    assert THEOREM_4_3.check((SA,), loose, budget).verdict is Verdict.PROVED
    higher = replace(THEOREM_5_1.prediction, threshold=2 * THEOREM_5_1.prediction.threshold)
    assert THEOREM_5_1.check((SA,), higher, budget).verdict is Verdict.PROVED
    assert ERRATUM_D_15.check(SA, Integer(5), budget).verdict is Verdict.PROVED


def test_printed_forms_carry_their_counterexample():
    texts = {
        claim.label: verify_claim(claim, None, 0).printed.detail
        for claim in CLAIMS
        if claim.printed
    }
    assert "n = 2, β = 1/100" in texts["E.Remark D.1"]
    assert "[-2, -3, -2, -3, -2]" in texts["E.(A.4)"]
    assert "18/25" in texts["E.(D.15)"]
    assert "n = 2" in texts["E.(D.8)"]
    assert "n = 8" in verify_claim(ERRATUM_5_1, None, 0).printed.detail


def test_thresholds_agree_with_the_predictions():
    for count in (2, 3, 8):
        ours = THEOREM_4_3.prediction.threshold.subs(ONE_MASS, Rational(1, count))
        assert float(ours - small_beta_threshold(count)) == pytest.approx(0, abs=1e-15)
    simple = THEOREM_5_1.prediction.threshold
    put = {symbol: 6 if symbol == n else 3 for symbol in simple.free_symbols}
    assert float(simple.subs(put)) == pytest.approx(float(large_beta_threshold(6, 3, "simple")))
    assert THEOREM_5_1.unmet(n=8, d=2, beta=4.0) == ("β >= (d-1)(n-1)²/π²",)
    assert THEOREM_4_3.unmet(n=2, d=2, beta=0.7) == ("β < log(n/(n-1))",)


def test_scalar_facts():
    assert quadratic_below_sine() == ""
    assert "< 0" in quadratic_below_sine(Rational(6, 5))
    assert [basis_average(-1, d) for d in (2, 3, 4, 7)] == [""] * 4
    assert "differ" in basis_average(1, 3)
