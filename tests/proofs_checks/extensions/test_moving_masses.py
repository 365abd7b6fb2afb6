"""Moving masses: the claim, models beyond it, and what is refused."""

from dataclasses import replace

import pytest
from sympy import MatrixSymbol, Rational, log

from proofs_checks import check_model
from proofs_checks.claim import Verdict, verify_claim
from proofs_checks.extensions.moving_masses import GROWTH, MASSES, Growth, derive_growth
from proofs_checks.proof import Flow
from theory import Mask, anchor_energy, interaction_energy, moving_masses
from theory.models import MOVING_MASSES, PRE_LN, USA
from theory.symbols import alpha, beta, d, k, m, t, z

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
        moving_masses(KERNEL, "free", conserved=False),
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
        assert check_model(model, only=[ROW])[ROW].verdict is Verdict.VACUOUS
    half = replace(MOVING_MASSES, energy=MOVING_MASSES.energy / 2)
    assert check_model(half, only=[ROW])[ROW].verdict is not Verdict.PROVED
    timed = MOVING_MASSES.energy.xreplace({beta: beta * t})
    row = check_model(replace(MOVING_MASSES, energy=timed), only=[ROW])[ROW]
    assert row.verdict is not Verdict.PROVED


def test_the_derived_prediction_is_the_claims():
    own = derive_growth(Flow.of(MOVING_MASSES))
    assert isinstance(own, Growth) and own == MASSES.prediction
    assert own.weights == m and alpha in own.masses.free_symbols
