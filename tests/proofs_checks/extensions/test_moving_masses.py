"""Moving masses: the claim, models beyond it, and what is refused."""

from dataclasses import replace

import pytest
from sympy import MatrixSymbol, Rational, Symbol, cos, exp, log, sin

from proofs_checks import check_model
from proofs_checks.claim import Verdict, verify_claim
from proofs_checks.extensions.moving_masses import GROWTH, MASSES, Growth, derive_growth
from proofs_checks.proof import Flow
from theory import Mask, anchor_energy, interaction_energy, moving_masses
from theory.atoms import Tangent
from theory.energy import ENERGY
from theory.models import MOVING_MASSES, PRE_LN, USA
from theory.symbols import X, alpha, beta, d, k, m, t, z

ROW = "moving masses"
ANCHORS = anchor_energy(z**2, MatrixSymbol("W", k, d), MatrixSymbol("c", k, 1))
KERNEL = interaction_energy(log(3 + z))


@pytest.mark.slow
def test_the_claim_is_proved_and_its_controls_refuted():
    report = verify_claim(MASSES, 10, 1, False)
    assert report.verdict is Verdict.PROVED and report.ok
    assert all(evidence.verdict is Verdict.REFUTED for _, evidence in report.controls)


@pytest.mark.every(5)
@pytest.mark.parametrize(
    "model",
    [
        moving_masses(KERNEL, "logarithm"),
        moving_masses(KERNEL, "softmax", flow="softmax"),
        moving_masses(KERNEL + ANCHORS, "anchors"),
        moving_masses(interaction_energy(z**3, mask=Mask.band(2)), "window"),
        moving_masses(KERNEL, "slow", rate=Rational(1, 3)),
    ],
    ids=lambda model: model.name,
)
def test_every_such_flow_grows_as_derived(model):
    row = check_model(model, only=[ROW])[ROW]
    assert row.verdict in (Verdict.PROVED, Verdict.UNDECIDED)
    prediction = derive_growth(Flow.of(model))
    sheet = GROWTH.decide(Flow.of(model), prediction)
    wrong = [step for step in sheet.missing if "|x_i'|" not in step.text]
    assert not wrong and {step.outcome.name for step in sheet.missing} <= {"GAP"}


def test_other_models_are_not_asked_and_twins_are_refuted():
    for model in (USA, PRE_LN):
        assert not check_model(model, only=[ROW])[ROW].applies
    timed = MOVING_MASSES.energy.xreplace({beta: beta * t})
    row = check_model(replace(MOVING_MASSES, energy=timed), only=[ROW])[ROW]
    assert row.verdict is not Verdict.PROVED


def test_the_derived_prediction_is_the_claims():
    own = derive_growth(Flow.of(MOVING_MASSES))
    assert isinstance(own, Growth) and own == MASSES.prediction
    assert own.weights == m and own.rate == alpha


@pytest.mark.every(13)
@pytest.mark.parametrize("rate", [-alpha, -1, -Rational(1, 7), sin(t), cos(t) - 2, 1 - t])
@pytest.mark.parametrize("energy", [ENERGY, KERNEL], ids=["USA", "logarithm"])
def test_a_rate_below_zero_is_refuted_where_the_energy_grows_by_less(energy, rate):
    row = check_model(moving_masses(energy, rate=rate), only=[ROW])[ROW]
    assert row.verdict is Verdict.REFUTED
    seen, _, said = row.detail.removeprefix("dE/dt = ").partition(" < Σ g_i |x_i'|² = ")
    assert float(seen) < float(said.partition(",")[0])


@pytest.mark.slow
@pytest.mark.parametrize("given", [-1, Rational(-1, 3), sin])
def test_a_given_rate_is_decided_as_a_written_one(given):
    model = moving_masses(ENERGY, rate=Symbol("a", real=True))
    row = check_model(model, only=[ROW], a=given)[ROW]
    assert row.verdict is Verdict.REFUTED


@pytest.mark.every(5)
@pytest.mark.parametrize("rate", [0, Rational(1, 3), exp(-t), 1 + sin(t), 2 * alpha])
def test_a_rate_of_zero_or_more_is_proved(rate):
    row = check_model(moving_masses(KERNEL, rate=rate), only=[ROW])[ROW]
    assert row.verdict is Verdict.PROVED and f"r = {rate}" in row.detail


@pytest.mark.slow
def test_a_rate_of_either_sign_is_refuted_where_it_is_negative():
    row = check_model(moving_masses(KERNEL, rate=Symbol("a", real=True)), only=[ROW])[ROW]
    assert row.verdict is Verdict.REFUTED and row.detail.startswith("a < 0")
    positive = moving_masses(KERNEL, rate=Symbol("a", positive=True))
    assert check_model(positive, only=[ROW])[ROW].verdict is Verdict.PROVED


@pytest.mark.every(2)
@pytest.mark.parametrize("flow", ["wasserstein", "softmax"])
@pytest.mark.parametrize("energy", [ENERGY, KERNEL], ids=["USA", "logarithm"])
def test_masses_of_no_fixed_sum_are_refuted(energy, flow):
    row = check_model(moving_masses(energy, conserved=False, flow=flow), only=[ROW])[ROW]
    assert row.verdict is Verdict.REFUTED and row.detail.startswith("Σ m_i' = ")


@pytest.mark.slow
@pytest.mark.parametrize(
    ("factor", "verdict"),
    [(3, Verdict.PROVED), (Rational(1, 2), Verdict.PROVED), (-1, Verdict.REFUTED)],
)
def test_a_multiple_of_the_energy_has_multiples_of_weights_and_rate(factor, verdict):
    row = check_model(replace(MOVING_MASSES, energy=factor * ENERGY), only=[ROW])[ROW]
    assert row.verdict is verdict
    assert verdict is Verdict.REFUTED or f"r = {alpha / factor}" in row.detail


@pytest.mark.slow
@pytest.mark.parametrize(("factor", "verdict"), [(3, Verdict.PROVED), (-3, Verdict.REFUTED)])
def test_faster_tokens_have_lighter_weights(factor, verdict):
    field = MOVING_MASSES.velocities[X].field
    velocity = {**MOVING_MASSES.velocities, X: Tangent(X, factor * field)}
    row = check_model(replace(MOVING_MASSES, velocity=velocity), only=[ROW])[ROW]
    assert row.verdict is verdict
