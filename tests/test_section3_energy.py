"""Section 3's claims: proved for all n and d, their controls refuted, and so are our own twins."""

import pickle
from dataclasses import replace

import numpy as np
import pytest
from sympy import DiagMatrix, HadamardProduct, cosh, exp, log

from proofs_checks.claim import Budget, Verdict, verify_claim
from proofs_checks.paper.section_3.eq_3_4_weak_form import WEAK_FORM
from proofs_checks.paper.section_3.eq_3_6_dissipation import DISSIPATION
from proofs_checks.paper.section_3.eq_3_7_logarithmic_derivative import LOGARITHMIC
from proofs_checks.paper.section_3.eq_3_11_3_12_3_13_3_14_gradient_flow import (
    ROUND_GRADIENT,
    WEIGHTED_GRADIENT,
    WeightedMetric,
)
from proofs_checks.paper.section_3.lemma_3_6_3_7_variations import FIRST_VARIATION, SLOPE_GROWTH
from proofs_checks.paper.section_3.proposition_3_4_extremisers import EXTREMISERS
from proofs_checks.proof import PROBES, Witness
from proofs_checks.section3_energy import CLAIMS_SECTION_3, ERRATA_SECTION_3
from theory.atoms import Elementwise, RowSoftmax, Tangent
from theory.energy import energy_gradient, interaction_energy
from theory.models import REPULSIVE, SA, SYMMETRIC_QKV, USA, gradient_flow
from theory.symbols import V, X, beta, m, z

ALL = (*CLAIMS_SECTION_3, *ERRATA_SECTION_3)
FAST = replace(USA, name="twice as fast", velocity=2 * USA.velocity)
TWINS = {
    "(3.4)": replace(
        SA, velocity=Tangent(X, RowSoftmax(beta * X * X.T, HadamardProduct(m, m)) * X)
    ),
    "(3.6)": (SA, FAST),
    "Proposition 3.4": gradient_flow(interaction_energy(z**3)),
    "Lemma 3.6": replace(USA, energy=interaction_energy(exp(beta * z) / beta + z)),
    "Lemma 3.7": replace(USA, velocity=-USA.velocity),
    "(3.11)": FAST,
    "(3.12)-(3.14)": replace(
        SYMMETRIC_QKV, velocity=Tangent(X, RowSoftmax(beta * X * V * X.T, m) * X * V.T * V)
    ),
    "E.(3.7)": replace(SA, velocity=Tangent(X, RowSoftmax(2 * beta * X * X.T, m) * X)),
}


def run(claim, model=None, prediction=None):
    model = claim.model if model is None else model
    prediction = claim.prediction if prediction is None else prediction
    return claim.check(model, prediction, Budget(20, np.random.default_rng(3)))


def test_labels():
    assert {c.label for c in ALL} == set(TWINS)
    assert all(len(c.statement) <= 240 for c in ALL)
    assert LOGARITHMIC.origin == "erratum"


@pytest.mark.parametrize("claim", ALL, ids=lambda c: c.label)
def test_proved_and_controls_refuted_for_every_seed(claim):
    for seed in range(5):
        report = verify_claim(claim, None, seed)
        assert report.ok, report.complaints
        assert report.verdict is Verdict.PROVED
        assert report.evidence.scope["d"].startswith("symbolic")
        assert report.evidence.scope["beta"].startswith("symbolic")
        if claim is not EXTREMISERS:
            assert report.evidence.scope["n"] == report.evidence.scope["masses"] == "symbolic"


@pytest.mark.parametrize("claim", ALL, ids=lambda c: c.label)
def test_own_twin_is_refuted(claim):
    evidence = run(claim, TWINS[claim.label])
    assert evidence.verdict is Verdict.REFUTED
    assert " = " in evidence.detail


def test_printed_37_is_wrong_by_the_factor_beta():
    report = verify_claim(LOGARITHMIC, None, 0)
    assert report.printed.verdict is Verdict.REFUTED
    assert "residual (beta - 1)*" in report.printed.detail
    ratio = report.printed.detail.split("ratio ")[1].split(" ")[0]
    at = report.printed.detail.split("beta = ")[1].split(" ")[0]
    top, _, bottom = at.partition("/")
    assert float(ratio) == pytest.approx(int(top) / int(bottom or 1), rel=1e-5)


def test_constants_inside_the_logarithm_are_free():
    potential = Elementwise(log(z) / beta, Elementwise(7 * exp(beta * z), PROBES * X.T) * m)
    assert run(LOGARITHMIC, prediction=potential).verdict is Verdict.PROVED


@pytest.mark.parametrize("kernel", [z**3 + beta * z, cosh(2 * z), z + z**2 / 2])
def test_identities_hold_for_other_kernels(kernel):
    model = gradient_flow(interaction_energy(kernel), parameters=(beta,))
    assert run(DISSIPATION, model, m).verdict is Verdict.PROVED
    assert run(ROUND_GRADIENT, model).verdict is Verdict.PROVED
    potential = Elementwise(kernel, PROBES * X.T) * m
    assert run(FIRST_VARIATION, model, potential).verdict is Verdict.PROVED
    assert run(SLOPE_GROWTH, model, potential).verdict is Verdict.PROVED
    assert run(FIRST_VARIATION, model).verdict is Verdict.REFUTED


def test_descent_is_refuted_and_ascends_its_own_energy():
    assert run(DISSIPATION, REPULSIVE, DISSIPATION.prediction[0]).verdict is Verdict.PROVED
    swapped = run(DISSIPATION, (USA, SA))
    assert swapped.verdict is Verdict.REFUTED


def test_weights_carry_their_masses():
    wrong = WeightedMetric(Elementwise(exp(beta * z), X * V * X.T) * m, frozenset({V}))
    assert run(WEIGHTED_GRADIENT, prediction=wrong).verdict is Verdict.REFUTED


def test_hypothesis_of_symmetry_is_measured():
    (hypothesis,) = WEIGHTED_GRADIENT.hypotheses
    assert hypothesis.margin(matrix=[[1, 2], [2, 0]]) == 0
    assert hypothesis.margin(matrix=[[1, 2], [1, 0]]) == -1


def test_extremisers_hypotheses():
    assert EXTREMISERS.unmet(beta=2.0, d=3) == ()
    assert EXTREMISERS.unmet(beta=0.0, d=1) == ("beta > 0", "d >= 2")


@pytest.mark.parametrize("kernel", [cosh(2 * z), -z, z**4, -exp(beta * z)])
def test_other_kernels_have_other_extremisers(kernel):
    model = gradient_flow(interaction_energy(kernel), parameters=(beta,))
    assert run(EXTREMISERS, model).verdict is Verdict.REFUTED


def test_an_energy_without_a_pair_kernel_is_undecided():
    assert run(EXTREMISERS, SYMMETRIC_QKV).verdict is Verdict.UNDECIDED


def test_weak_form_of_usa():
    kernel = Elementwise(exp(beta * z), PROBES * X.T)
    field = Tangent(PROBES, kernel * DiagMatrix(m) * X)
    assert run(WEAK_FORM, USA, field).verdict is Verdict.PROVED
    without = Tangent(PROBES, kernel * X)
    assert run(WEAK_FORM, USA, without).verdict is Verdict.REFUTED
    splitting = run(
        WEAK_FORM, replace(USA, velocity=Tangent(X, Elementwise(exp(beta * z), X * X.T) * X))
    )
    assert "splitting token 1" in splitting.detail


PARTITION_METRIC = HadamardProduct(m, Elementwise(exp(beta * z), X * X.T) * m)


@pytest.mark.parametrize("weights", [m, PARTITION_METRIC, 2 * m, HadamardProduct(m, m)], ids=str)
@pytest.mark.parametrize(
    "model", [SA, USA, FAST, TWINS["(3.4)"], REPULSIVE], ids=lambda model: model.name
)
def test_no_proof_of_what_numbers_contradict(model, weights):
    evidence = run(DISSIPATION, model, weights)
    assert evidence.verdict in (Verdict.PROVED, Verdict.REFUTED)
    gradient = energy_gradient(model.energy)
    point = Witness(np.random.default_rng(11), [model.velocity, gradient, weights], 4, 3)
    at = point.evaluator()
    rate, claimed = 0.0, 0.0
    for g, v, w in zip(at(gradient), at(model.velocity), at(weights), strict=True):
        rate += sum(float(a.mid) * float(b.mid) for a, b in zip(g, v, strict=True))
        claimed += float(w[0].mid) * sum(float(b.mid) ** 2 for b in v)
    agree = rate == pytest.approx(claimed, rel=1e-12)
    assert agree == (evidence.verdict is Verdict.PROVED)


@pytest.mark.parametrize("claim", ALL, ids=lambda c: c.label)
def test_claims_travel_to_other_processes(claim):
    again = pickle.loads(pickle.dumps(claim))
    assert again.label == claim.label
    assert again.model == claim.model
    assert again.prediction == claim.prediction
