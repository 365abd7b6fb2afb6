"""More claims of Sections 2, 3, 6 and 7: verdicts, controls, and broken twins of our own."""

import pickle
from dataclasses import replace

import numpy as np
import pytest
from sympy import Integer, Rational, S, Symbol, besseli, cos, exp, pi, tanh

from proofs_checks import section2_variants as variants
from proofs_checks import section3_measures as measures
from proofs_checks import section6_details as details
from proofs_checks import section7_kuramoto as kuramoto
from proofs_checks.claim import Budget, Verdict, verify_claim
from theory.atoms import CausalSoftmax
from theory.models import SA, USA, multi_head
from theory.predictions import theorem_6_9_dimension
from theory.symbols import X, beta, d, gamma, m, n, z

CLAIMS = (
    *variants.CLAIMS_SECTION_2_VARIANTS,
    *measures.CLAIMS_SECTION_3_MEASURES,
    *measures.ERRATA_SECTION_3_MEASURES,
    *details.CLAIMS_SECTION_6_DETAILS,
    *details.ERRATA_SECTION_6_DETAILS,
    *kuramoto.CLAIMS_SECTION_7_MORE,
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


NEURON = variants.RESIDUAL_LAYER.prediction.field
MUTATIONS = {
    "layer with half the step": replace(
        variants.RESIDUAL_LAYER, model=variants.STATE + variants.STEP * NEURON / 2
    ),
    "layer with a step h²": replace(
        variants.RESIDUAL_LAYER, model=variants.STATE + variants.STEP**2 * NEURON
    ),
    "field without the shift": changed(
        variants.RESIDUAL_LAYER,
        field=variants.GAIN * tanh(variants.SLOPE * variants.STATE),
    ),
    "Krause's weights of a hotter SA": replace(variants.KRAUSE, model=HOTTER[0]),
    "Krause's influence growing": changed(
        variants.KRAUSE, influence=exp(beta * variants.DISTANCE / 2)
    ),
    "row sum 2": changed(variants.STOCHASTIC, row_sum=S(2)),
    "four heads for two": replace(
        variants.MULTI_HEAD, model=(multi_head(1), multi_head(4), multi_head(3))
    ),
    "frequencies of the sine doubled": changed(
        measures.POSITIONS, sine=2 * measures.POSITIONS.prediction.sine
    ),
    "square h + 1": changed(measures.POSITIONS, square=measures.HALF + 1),
    "rate -1": changed(measures.DOBRUSHIN, largest=(S(-1), S(-1))),
    "half the gradient": changed(measures.DOUBLY_STOCHASTIC, factor=Rational(1, 2)),
    "row sums 2": changed(measures.DOUBLY_STOCHASTIC, marginal=S(2)),
    "conformal factor of a hotter SA": replace(measures.CONFORMAL, model=HOTTER[0]),
    "conformal factor doubled": changed(
        measures.CONFORMAL, factor=2 * measures.CONFORMAL.prediction.factor
    ),
    "weighted slope of a hotter SA": replace(measures.ERRATUM_3_15, model=HOTTER[0]),
    "height bound 3r(1-z)": changed(details.INEQUALITY_6_2, bound=3 * details.HEIGHT * (1 - z)),
    "height bound without 1-z": changed(details.INEQUALITY_6_5, bound=details.HEIGHT),
    "limit with twice the weight": changed(details.CONE_6_4, least=Integer(3)),
    "late rate of hotter models": replace(details.INEQUALITY_6_7, model=HOTTER),
    "divergence of a hotter USA": replace(details.REMARK_6_2, model=(HOTTER[1],)),
    "divergence (n-1)d": changed(details.REMARK_6_2, softmax=-(n - 1) * d),
    "attraction at rate 3": changed(details.REMARK_6_5, softmax=Integer(3)),
    "threefold area": changed(details.LEMMA_6_6, constant=Rational(3, 2)),
    "threshold (2n)^64": replace(details.THEOREM_6_9, prediction=(2 * n) ** 64),
    "pathwise for a hotter SA": replace(details.PATHWISE, model=HOTTER[0]),
    "γ of n + 2 tokens": changed(details.PATHWISE, extra=2),
    "level set with 2T": replace(details.LEVEL_SET, prediction=2 * details.LEVEL_SET.prediction),
    "level set with T of γ²": replace(
        details.LEVEL_SET, prediction=details.LEVEL_SET.prediction.subs(gamma, gamma**2)
    ),
    "strip from 1/2 on": changed(details.FIGURE_2, low=Rational(1, 2)),
    "strip for d = 3": changed(details.FIGURE_2, dimension=3),
    "strip empty for n <= 3": changed(details.FIGURE_2, empty=3),
    "Figure 2 without Theorem 5.1": replace(details.FIGURE_2, model=details.RULES[:-1]),
    "orthonormal in any dimension": changed(details.ERRATUM_THEOREM_6_8, excess=d),
    "continuity for hotter models": replace(kuramoto.CONTINUITY, model=HOTTER),
    "energy of a hotter USA": replace(kuramoto.CIRCLE_ENERGY, model=HOTTER[1]),
    "Kuramoto's energy squared": changed(
        kuramoto.KURAMOTO_ENERGY, pair=kuramoto.KURAMOTO_ENERGY.prediction.pair * cos(kuramoto.PHI)
    ),
    "Fourier series shifted": changed(
        kuramoto.FOURIER,
        term=kuramoto.FOURIER.prediction.term.subs(kuramoto.ORDER, kuramoto.ORDER + 1),
    ),
    "landscape from β = -1": changed(kuramoto.PROBLEM_3, low=S(-1)),
}


@pytest.mark.parametrize("mutation", MUTATIONS.values(), ids=MUTATIONS.keys())
def test_a_mutation_is_refuted(mutation):
    report = verify_claim(replace(mutation, printed=None), None, 0)
    assert report.error == ""
    assert report.verdict is Verdict.REFUTED, report.evidence.detail
    assert not report.ok


def test_a_causal_matrix_is_not_proved_to_be_positive():
    masked = replace(variants.STOCHASTIC, model=CausalSoftmax(beta * X * X.T, m))
    assert verify_claim(masked, None, 0).verdict is not Verdict.PROVED


def test_the_threshold_of_theorem_6_9_is_the_exact_integer():
    for size in (2, 5, 32):
        exact = details.THEOREM_6_9.prediction.subs(n, size)
        assert exact == theorem_6_9_dimension(size) == (2 * size * size) ** 64
    assert details.THEOREM_6_9.unmet(n=2, d=1000, beta=1.0) == ("d > (2n²)^64",)


def test_four_tokens_are_left_open_below_the_threshold():
    budget = Budget(1, np.random.default_rng(0))
    low = kuramoto.check_landscape(USA, kuramoto.Landscape(4, Rational(1, 2)), budget)
    high = kuramoto.check_landscape(USA, kuramoto.Landscape(4, Integer(1)), budget)
    assert (low.verdict, high.verdict) == (Verdict.OPEN, Verdict.PROVED)
    # certificates: cos(π/3)/sin(π/3)² = 2/3
    assert "2/3" in low.detail


def test_series_is_that_of_the_bessel_function():
    term = kuramoto.FOURIER.prediction.term
    at = {beta: Rational(7, 4), kuramoto.ORDER: 2}
    total = sum(term.subs(at).subs(kuramoto.TERM, j) for j in range(20))
    assert abs(float(total) - float(besseli(2, Rational(7, 4)))) < 1e-14


def test_figure_2_is_not_proved_by_the_sampled_n():
    """A rule or an end that differs at an n that isn't sampled leaves it undecided."""
    seven = details.Rule("for n = 7", 2 + (n - 7) ** 2, Integer(2), S.Zero, S(3))
    between = details.Rule("between", Integer(2), Integer(2), Rational(1, 4), Rational(1, 2))
    hidden = details.FIGURE_2.prediction.low
    for size in (2, 3, 4, 5, 8, 32):
        hidden *= n - size
    for mutation in (
        replace(details.FIGURE_2, model=(*details.RULES, seven)),
        replace(details.FIGURE_2, model=(*details.RULES, between)),
        changed(details.FIGURE_2, low=1 + hidden),
    ):
        assert verify_claim(mutation, None, 0).verdict is Verdict.UNDECIDED
    evidence = verify_claim(details.FIGURE_2, None, 0).evidence
    assert details.CITED in evidence.assumptions and "2405.18273" in details.CITED


def test_orthonormal_tokens_are_not_proved_by_the_enumerated_sizes():
    prediction = details.ERRATUM_THEOREM_6_8.prediction
    hidden = (n - 2) * (n - 3) * (n - 4) * (n - 5)
    for fields in (
        {"excess": prediction.excess + hidden},
        {"last": d + (d - 2) * (d - 3) * (d - 4)},
    ):
        mutation = replace(changed(details.ERRATUM_THEOREM_6_8, **fields), printed=None)
        assert verify_claim(mutation, None, 0).verdict is Verdict.UNDECIDED


def test_the_open_strip_of_figure_2_is_empty_for_four_tokens():
    low, high = details.FIGURE_2.prediction.interval(4)
    assert high < low
    assert details.RULES[-1].interval(5, 2)[0] == (16 / pi**2).evalf(40)
    assert Symbol("i") in details.PATHWISE.prediction.shape[0].free_symbols
    assert measures.LEVEL in measures.CONFORMAL.prediction.factor.free_symbols
