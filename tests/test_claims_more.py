"""More claims of Sections 2, 3, 6 and 7: verdicts, controls, and broken twins of our own."""

import pickle
from dataclasses import replace

import numpy as np
import pytest
from sympy import Integer, Rational, S, Symbol, besseli, cos, exp, pi, tanh

from proofs_checks.claim import Budget, Verdict, verify_claim
from proofs_checks.extensions.pathwise_law import PATHWISE
from proofs_checks.paper.section_2.eq_2_1_2_2_residual_layer import (
    GAIN,
    RESIDUAL_LAYER,
    SLOPE,
    STATE,
    STEP,
)
from proofs_checks.paper.section_2.eq_2_5_stochastic import STOCHASTIC
from proofs_checks.paper.section_2.eq_2_7_2_8_heads_and_layers import MULTI_HEAD
from proofs_checks.paper.section_2.remark_2_1_krause import DISTANCE, KRAUSE
from proofs_checks.paper.section_3.eq_3_15_3_16_weighted_metric import ERRATUM_3_15
from proofs_checks.paper.section_3.remark_3_2_positions import HALF, POSITIONS
from proofs_checks.paper.section_3.remark_3_3_dobrushin import DOBRUSHIN
from proofs_checks.paper.section_3.remark_3_5_doubly_stochastic import DOUBLY_STOCHASTIC
from proofs_checks.paper.section_3.remark_3_8_conformal import CONFORMAL, LEVEL
from proofs_checks.paper.section_4.figure_2_map import CITED, FIGURE_2, RULES, Rule
from proofs_checks.proof import HEIGHT
from proofs_checks.paper.section_6.eq_6_2_6_5_heights import INEQUALITY_6_2, INEQUALITY_6_5
from proofs_checks.paper.section_6.eq_6_4_limit_cone import CONE_6_4
from proofs_checks.paper.section_6.eq_6_6_6_7_late_growth import INEQUALITY_6_7
from proofs_checks.paper.section_6.eq_6_12_level_set import LEVEL_SET
from proofs_checks.paper.section_6.lemma_6_6_barbalat import LEMMA_6_6
from proofs_checks.paper.section_6.remark_6_2_6_5_consensus import REMARK_6_2, REMARK_6_5
from proofs_checks.paper.section_6.theorem_6_8_equiangular import ERRATUM_THEOREM_6_8
from proofs_checks.paper.section_6.theorem_6_9_probability import THEOREM_6_9
from proofs_checks.paper.section_7.eq_7_1_circle import CONTINUITY
from proofs_checks.paper.section_7.eq_7_3_7_4_energies import CIRCLE_ENERGY, KURAMOTO_ENERGY
from proofs_checks.paper.section_7.eq_7_5_fourier import FOURIER, ORDER, TERM
from proofs_checks.paper.section_7.problem_3_landscape import PROBLEM_3, Landscape, check_landscape
from proofs_checks.section2_variants import CLAIMS_SECTION_2_VARIANTS
from proofs_checks.section3_measures import CLAIMS_SECTION_3_MEASURES, ERRATA_SECTION_3_MEASURES
from proofs_checks.section6_details import CLAIMS_SECTION_6_DETAILS, ERRATA_SECTION_6_DETAILS
from proofs_checks.section7_kuramoto import CLAIMS_SECTION_7_MORE
from theory.atoms import CausalSoftmax
from theory.derivations import phi as PHI
from theory.layers import multi_head
from theory.models import SA, USA
from theory.predictions import theorem_6_9_dimension
from theory.symbols import X, beta, d, gamma, m, n, z

CLAIMS = (
    *CLAIMS_SECTION_2_VARIANTS,
    *CLAIMS_SECTION_3_MEASURES,
    *ERRATA_SECTION_3_MEASURES,
    *CLAIMS_SECTION_6_DETAILS,
    *ERRATA_SECTION_6_DETAILS,
    *CLAIMS_SECTION_7_MORE,
)
HOTTER = (SA.subs({beta: 3 * beta}), USA.subs({beta: 3 * beta}))


def by_label(claim):
    return claim.label


@pytest.mark.parametrize("claim", CLAIMS, ids=by_label)
def test_claim_is_as_expected_for_several_seeds(claim):
    reports = [verify_claim(claim, None, seed) for seed in range(3)]
    assert [report.complaints for report in reports] == [()] * 3
    assert {report.verdict for report in reports} == {claim.expected}
    refuted = [*(e for _, e in reports[0].controls), reports[0].printed]
    for evidence in filter(None, refuted):
        assert any(character.isdigit() for character in evidence.detail)


@pytest.mark.parametrize("claim", CLAIMS, ids=by_label)
def test_claim_pickles_and_is_short(claim):
    assert pickle.loads(pickle.dumps(claim)) == claim
    assert len(claim.statement) <= 240


def test_labels_are_unique():
    assert len({claim.label for claim in CLAIMS}) == len(CLAIMS)


def changed(claim, **fields):
    return replace(claim, prediction=replace(claim.prediction, **fields))


NEURON = RESIDUAL_LAYER.prediction.field
MUTATIONS = {
    "layer with half the step": replace(RESIDUAL_LAYER, model=STATE + STEP * NEURON / 2),
    "layer with a step h²": replace(RESIDUAL_LAYER, model=STATE + STEP**2 * NEURON),
    "field without the shift": changed(
        RESIDUAL_LAYER,
        field=GAIN * tanh(SLOPE * STATE),
    ),
    "Krause's weights of a hotter SA": replace(KRAUSE, model=HOTTER[0]),
    "Krause's influence growing": changed(KRAUSE, influence=exp(beta * DISTANCE / 2)),
    "row sum 2": changed(STOCHASTIC, row_sum=S(2)),
    "four heads for two": replace(MULTI_HEAD, model=(multi_head(1), multi_head(4), multi_head(3))),
    "frequencies of the sine doubled": changed(POSITIONS, sine=2 * POSITIONS.prediction.sine),
    "square h + 1": changed(POSITIONS, square=HALF + 1),
    "rate -1": changed(DOBRUSHIN, largest=(S(-1), S(-1))),
    "half the gradient": changed(DOUBLY_STOCHASTIC, factor=Rational(1, 2)),
    "row sums 2": changed(DOUBLY_STOCHASTIC, marginal=S(2)),
    "conformal factor of a hotter SA": replace(CONFORMAL, model=HOTTER[0]),
    "conformal factor doubled": changed(CONFORMAL, factor=2 * CONFORMAL.prediction.factor),
    "weighted slope of a hotter SA": replace(ERRATUM_3_15, model=HOTTER[0]),
    "height bound 3r(1-z)": changed(INEQUALITY_6_2, bound=3 * HEIGHT * (1 - z)),
    "height bound without 1-z": changed(INEQUALITY_6_5, bound=HEIGHT),
    "limit with twice the weight": changed(CONE_6_4, least=Integer(3)),
    "late rate of hotter models": replace(INEQUALITY_6_7, model=HOTTER),
    "divergence of a hotter USA": replace(REMARK_6_2, model=(HOTTER[1],)),
    "divergence (n-1)d": changed(REMARK_6_2, softmax=-(n - 1) * d),
    "attraction at rate 3": changed(REMARK_6_5, softmax=Integer(3)),
    "threefold area": changed(LEMMA_6_6, constant=Rational(3, 2)),
    "threshold (2n)^64": replace(THEOREM_6_9, prediction=(2 * n) ** 64),
    "pathwise for a hotter SA": replace(PATHWISE, model=HOTTER[0]),
    "γ of n + 2 tokens": changed(PATHWISE, extra=2),
    "level set with 2T": replace(LEVEL_SET, prediction=2 * LEVEL_SET.prediction),
    "level set with T of γ²": replace(
        LEVEL_SET, prediction=LEVEL_SET.prediction.subs(gamma, gamma**2)
    ),
    "strip from 1/2 on": changed(FIGURE_2, low=Rational(1, 2)),
    "strip for d = 3": changed(FIGURE_2, dimension=3),
    "strip empty for n <= 3": changed(FIGURE_2, empty=3),
    "Figure 2 without Theorem 5.1": replace(FIGURE_2, model=RULES[:-1]),
    "orthonormal in any dimension": changed(ERRATUM_THEOREM_6_8, excess=d),
    "continuity for hotter models": replace(CONTINUITY, model=HOTTER),
    "energy of a hotter USA": replace(CIRCLE_ENERGY, model=HOTTER[1]),
    "Kuramoto's energy squared": changed(
        KURAMOTO_ENERGY, pair=KURAMOTO_ENERGY.prediction.pair * cos(PHI)
    ),
    "Fourier series shifted": changed(
        FOURIER,
        term=FOURIER.prediction.term.subs(ORDER, ORDER + 1),
    ),
    "landscape from β = -1": changed(PROBLEM_3, low=S(-1)),
}


@pytest.mark.parametrize("mutation", MUTATIONS.values(), ids=MUTATIONS.keys())
def test_a_mutation_is_refuted(mutation):
    report = verify_claim(replace(mutation, printed=None), None, 0)
    assert report.error == ""
    assert report.verdict is Verdict.REFUTED, report.evidence.detail
    assert not report.ok


def test_a_causal_matrix_is_not_proved_to_be_positive():
    masked = replace(STOCHASTIC, model=CausalSoftmax(beta * X * X.T, m))
    assert verify_claim(masked, None, 0).verdict is not Verdict.PROVED


def test_the_threshold_of_theorem_6_9_is_the_exact_integer():
    for size in (2, 5, 32):
        exact = THEOREM_6_9.prediction.subs(n, size)
        assert exact == theorem_6_9_dimension(size) == (2 * size * size) ** 64
    assert THEOREM_6_9.unmet(n=2, d=1000, beta=1.0) == ("d > (2n²)^64",)


def test_four_tokens_are_left_open_below_the_threshold():
    budget = Budget(1, np.random.default_rng(0))
    low = check_landscape(USA, Landscape(4, Rational(1, 2)), budget)
    high = check_landscape(USA, Landscape(4, Integer(1)), budget)
    assert (low.verdict, high.verdict) == (Verdict.OPEN, Verdict.PROVED)
    # certificates: cos(π/3)/sin(π/3)² = 2/3
    assert "2/3" in low.detail


def test_series_is_that_of_the_bessel_function():
    term = FOURIER.prediction.term
    at = {beta: Rational(7, 4), ORDER: 2}
    total = sum(term.subs(at).subs(TERM, j) for j in range(20))
    assert abs(float(total) - float(besseli(2, Rational(7, 4)))) < 1e-14


def test_figure_2_is_not_proved_by_the_sampled_n():
    """A rule or an end that differs at an n that isn't sampled leaves it undecided."""
    seven = Rule("for n = 7", 2 + (n - 7) ** 2, Integer(2), S.Zero, S(3))
    between = Rule("between", Integer(2), Integer(2), Rational(1, 4), Rational(1, 2))
    hidden = FIGURE_2.prediction.low
    for size in (2, 3, 4, 5, 8, 32):
        hidden *= n - size
    for mutation in (
        replace(FIGURE_2, model=(*RULES, seven)),
        replace(FIGURE_2, model=(*RULES, between)),
        changed(FIGURE_2, low=1 + hidden),
    ):
        assert verify_claim(mutation, None, 0).verdict is Verdict.UNDECIDED
    evidence = verify_claim(FIGURE_2, None, 0).evidence
    assert CITED in evidence.assumptions and "2405.18273" in CITED


def test_orthonormal_tokens_are_not_proved_by_the_enumerated_sizes():
    prediction = ERRATUM_THEOREM_6_8.prediction
    hidden = (n - 2) * (n - 3) * (n - 4) * (n - 5)
    for fields in (
        {"excess": prediction.excess + hidden},
        {"last": d + (d - 2) * (d - 3) * (d - 4)},
    ):
        mutation = replace(changed(ERRATUM_THEOREM_6_8, **fields), printed=None)
        assert verify_claim(mutation, None, 0).verdict is Verdict.UNDECIDED


def test_the_open_strip_of_figure_2_is_empty_for_four_tokens():
    low, high = FIGURE_2.prediction.interval(4)
    assert high < low
    assert RULES[-1].interval(5, 2)[0] == (16 / pi**2).evalf(40)
    assert Symbol("i") in PATHWISE.prediction.shape[0].free_symbols
    assert LEVEL in CONFORMAL.prediction.factor.free_symbols
