"""The claims of Sections 4 to 9 and the spectra: verdicts, controls, broken twins of our own."""

import pickle
from dataclasses import replace

import numpy as np
import pytest
from scipy.optimize import linprog
from sympy import Integer, Rational, binomial, exp, expand, sqrt

from numerics.sphere import random_points
from proofs_checks.claim import Verdict, verify_claim
from proofs_checks.section4_small_beta import CLAIMS_SECTION_4, THEOREM_4_1, Curvatures, P, Q, W
from proofs_checks.section6_clustering import (
    CLAIMS_SECTION_6,
    COUNT,
    DISCRETE_LAYER,
    ERRATA_SECTION_6,
    ERRATUM_6_8,
    LEMMA_6_4,
    R0,
    THEOREM_6_1,
    THEOREM_6_3,
    THEOREM_6_7,
    THEOREM_6_8,
    enclose,
    hemispherical,
    smallest_weight,
)
from proofs_checks.section7_circle import CLAIMS_SECTION_7, EQUATION_7_1
from proofs_checks.section9_codes import (
    ERRATA_SECTION_9,
    ERRATUM_9_2,
    Minimisers,
    code,
    inner_products,
    interpolant,
    strength,
)
from proofs_checks.spectra import ANTIPODAL, CLAIMS_SPECTRA, CONSENSUS
from theory.energy import interaction_energy
from theory.models import DISCRETE_SA, REPULSIVE, SA, USA, gradient_flow
from theory.symbols import G, beta, eta, n, z

CLAIMS = (
    *CLAIMS_SPECTRA,
    *CLAIMS_SECTION_4,
    *CLAIMS_SECTION_6,
    *CLAIMS_SECTION_7,
    *ERRATA_SECTION_6,
    *ERRATA_SECTION_9,
)
HOTTER = (SA.subs({beta: 3 * beta}), USA.subs({beta: 3 * beta}))
REVERSED = gradient_flow(-2 * interaction_energy(exp(beta * z) / beta), "reversed twice as fast")


def by_label(claim):
    return claim.label


@pytest.mark.parametrize("claim", CLAIMS, ids=by_label)
def test_claim_is_as_expected_for_several_seeds(claim):
    reports = [verify_claim(claim, None, seed) for seed in range(5)]
    assert [report.complaints for report in reports] == [()] * 5
    assert {report.verdict for report in reports} == {claim.expected}


@pytest.mark.parametrize("claim", CLAIMS, ids=by_label)
def test_claim_pickles_and_is_short(claim):
    assert pickle.loads(pickle.dumps(claim)) == claim
    assert len(claim.statement) <= 100


@pytest.mark.parametrize("claim", CLAIMS, ids=by_label)
def test_every_refutation_says_what_was_found(claim):
    report = verify_claim(claim, None, 7)
    for _, evidence in report.controls:
        assert evidence.verdict is Verdict.REFUTED
        assert any(character.isdigit() for character in evidence.detail)


MUTATIONS = {
    "consensus rate of a hotter USA": replace(CONSENSUS, model=(HOTTER[1],)),
    "antipodal pair of hotter models": replace(ANTIPODAL, model=HOTTER),
    "reversed flow at β = 0": replace(THEOREM_4_1, model=(REVERSED,)),
    "half the antipodal curvature": replace(THEOREM_4_1, prediction=Curvatures(P * Q / 2, W**2)),
    "trace of a hotter kernel": replace(THEOREM_6_1, model=HOTTER),
    "trace of an even kernel": replace(
        THEOREM_6_1, model=(gradient_flow(interaction_energy(exp(beta * z**2)), "even"),)
    ),
    "trace, d >= 1": replace(
        THEOREM_6_1, prediction=replace(THEOREM_6_1.prediction, dimension=Integer(1))
    ),
    "cone rate e^{3β}": replace(
        LEMMA_6_4, prediction=replace(LEMMA_6_4.prediction, plain=R0 * exp(3 * beta))
    ),
    "cone of the reversed flow": replace(LEMMA_6_4, model=(REVERSED,)),
    "pole 2 G^{-1}": replace(
        THEOREM_6_3, prediction=replace(THEOREM_6_3.prediction, inverse=2 * G**-1)
    ),
    "C(n-2, k)": replace(
        THEOREM_6_7, prediction=replace(THEOREM_6_7.prediction, summand=binomial(n - 2, COUNT))
    ),
    "equiangular rate of hotter models": replace(THEOREM_6_8, model=HOTTER),
    "late rate of a hotter SA": replace(ERRATUM_6_8, model=HOTTER[0]),
    "layer with step -2η": replace(DISCRETE_LAYER, model=DISCRETE_SA.subs({eta: -2 * eta})),
    "angles of hotter models": replace(EQUATION_7_1, model=HOTTER),
    "codes for a decreasing kernel": replace(
        ERRATUM_9_2, model=gradient_flow(interaction_energy(z), "attractive")
    ),
}


@pytest.mark.parametrize("mutation", MUTATIONS.values(), ids=MUTATIONS.keys())
def test_a_mutation_is_refuted(mutation):
    report = verify_claim(replace(mutation, printed=None), None, 0)
    assert report.error == ""
    assert report.verdict is Verdict.REFUTED, report.evidence.detail
    assert not report.ok


@pytest.mark.parametrize("claim", [THEOREM_6_1, THEOREM_4_1, DISCRETE_LAYER], ids=by_label)
def test_a_model_outside_the_argument_is_not_proved(claim):
    broken = replace(REPULSIVE, energy=SA.energy)  # descends the energy it declares
    report = verify_claim(replace(claim, model=broken), None, 0)
    assert report.verdict is Verdict.UNDECIDED


def test_hypotheses():
    assert THEOREM_6_1.unmet(n=5, d=2, beta=1.0) == ("d >= 3",)
    assert THEOREM_6_3.unmet(n=5, d=3, beta=-1.0) == ("d >= n", "β >= 0")
    assert THEOREM_4_1.unmet(n=5, d=3, beta=0.0) == ()
    assert THEOREM_4_1.unmet(n=5, d=3, beta=0.1) == ("β = 0",)


def test_a_slower_rate_is_also_a_bound():
    slower = replace(LEMMA_6_4.prediction, plain=R0 * exp(-2 * beta))
    report = verify_claim(replace(LEMMA_6_4, prediction=slower), None, 0)
    assert report.verdict is Verdict.PROVED
    # USA contracts at e^{-β}, so the rate that holds for SA holds for it too.
    assert verify_claim(replace(ERRATUM_6_8, model=USA), None, 0).verdict is Verdict.PROVED


def test_smallest_weights():
    assert smallest_weight(SA) == (exp(-2 * beta), "")
    assert smallest_weight(USA) == (exp(-beta), "")
    assert "positive" in smallest_weight(REPULSIVE)[1]


def test_printed_forms_carry_their_counterexample():
    late = verify_claim(ERRATUM_6_8, None, 0)
    assert late.printed is not None
    assert "β = 6: at t = 500" in late.printed.detail
    codes = verify_claim(ERRATUM_9_2, None, 0).printed
    assert codes is not None
    assert "n = 2" in codes.detail
    assert "n = 5, d = 3" in codes.detail


def test_hemispherical_agrees_with_linear_programming():
    points = random_points(5, 3, 3, 60)
    found = hemispherical(points)
    for system, inside in zip(points, found, strict=True):
        solved = linprog(np.zeros(3), A_ub=-system, b_ub=-np.ones(5), bounds=(None, None))
        assert (solved.status == 0) == inside
    assert hemispherical(random_points(3, 4, 3, 7)).all()


def test_wendel_on_the_circle():
    for size in range(1, 12):
        assert THEOREM_6_7.prediction.at(size, 2) == Rational(size, 2 ** (size - 1))


@pytest.mark.parametrize(
    ("name", "distances", "order"),
    [
        ("antipodal pair", 1, 1),
        ("tetrahedron", 1, 2),
        ("octahedron", 2, 3),
        ("icosahedron", 3, 5),
        ("cube", 3, 3),
        ("triangular bipyramid", 3, 1),
    ],
)
def test_codes(name, distances, order):
    points = code(name)
    products = inner_products(points)
    assert sum(products.values()) == len(points) * (len(points) - 1)
    assert len(products) == distances
    assert strength(products, len(points), 3) == order


def test_interpolant_touches_the_kernel():
    nodes = [Integer(-1), -1 / sqrt(5), 1 / sqrt(5)]
    kernel = exp(beta * z) / beta
    monomials = interpolant(kernel, nodes, Rational(5, 2))
    for node in nodes:
        at, hot = float(node), 2.5
        value = sum(float(c.mid) * at**k for k, c in enumerate(monomials))
        slope = sum(k * float(c.mid) * at ** (k - 1) for k, c in enumerate(monomials) if k)
        assert value == pytest.approx(np.exp(hot * at) / hot, rel=1e-12)
        assert slope == pytest.approx(np.exp(hot * at), rel=1e-12)


def test_an_unknown_code_is_named():
    with pytest.raises(ValueError, match="name='dodecahedron'"):
        code("dodecahedron")


def test_enclose_holds_the_value():
    value = enclose(exp(Rational(-1, 3)) * sqrt(Integer(2)) / 7, {})
    assert float(value.a) <= np.exp(-1 / 3) * np.sqrt(2) / 7 <= float(value.b)
    with pytest.raises(ValueError, match="elementary"):
        enclose(expand(binomial(n, COUNT)), {})


def test_minimisers_must_exist_for_the_converse():
    # Also with m = 1 allowed the printed direction fails, by five points on the sphere.
    report = verify_claim(replace(ERRATUM_9_2, prediction=Minimisers((), True, 1)), None, 0)
    assert report.verdict is Verdict.REFUTED
    assert "Delsarte" in report.evidence.assumptions[0]
