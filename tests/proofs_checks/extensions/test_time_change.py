"""Time changes: the claim, schedules beyond it, and models that have none."""

from dataclasses import replace

import numpy as np
import pytest
from sympy import Symbol, cos

from numerics import compile_model, integrate
from numerics.sphere import random_points
from proofs_checks import check_model
from proofs_checks.claim import Verdict, verify_claim
from proofs_checks.extensions.time_change import TIME_SCALED, Clock, derive_clock, timed
from proofs_checks.proof import Flow
from theory.atoms import Tangent
from theory.models import CAUSAL, COD, PRE_LN_LAYER, REPULSIVE, SA, Model
from theory.symbols import X, beta, t

ROW = "time change"


@pytest.mark.slow
def test_the_claim_is_proved_and_its_controls_refuted():
    report = verify_claim(TIME_SCALED, 10, 1, False)
    assert report.verdict is Verdict.PROVED and report.ok
    assert all(evidence.verdict is Verdict.REFUTED for _, evidence in report.controls)


@pytest.mark.parametrize(
    ("model", "time"),
    [
        (timed("causal, slowing", 1 / (1 + t), CAUSAL), "log(t + 1)"),
        (timed("to and fro", 2 * cos(t), REPULSIVE), "sin(t)"),
    ],
    ids=lambda value: getattr(value, "name", ""),
)
def test_schedules_of_other_models(model, time):
    row = check_model(model, only=[ROW])[ROW]
    assert row.verdict is Verdict.PROVED and time in row.detail
    clock = derive_clock(Flow.of(model))
    still = replace(model, velocity=clock.field)
    x, end = random_points(5, 3, rng=2), 1.3
    elapsed = float(clock.time.subs(t, end))
    first = integrate(compile_model(model, beta=1.5), x, end, rtol=1e-9)
    second = integrate(compile_model(still, beta=1.5), x, elapsed, rtol=1e-9)
    assert np.allclose(first.points[-1], second.points[-1], atol=1e-8)


def test_a_factor_that_is_given_as_a_function_of_time():
    pace = Symbol("s", real=True)
    model = Model("paced", Tangent(X, pace * SA.velocity.field), parameters=(beta, pace))
    row = check_model(model, only=[ROW], s=lambda time: 1 + time)[ROW]
    assert row.verdict is Verdict.PROVED and "= t (t + 2)/2" in row.detail


def test_models_without_a_schedule():
    for model in (SA, PRE_LN_LAYER):
        assert not check_model(model, only=[ROW])[ROW].applies
    hotter = SA.subs({beta: t * beta})
    assert not check_model(hotter, only=[ROW])[ROW].applies
    assert derive_clock(Flow.of(COD)) == Clock(TIME_SCALED.prediction[0].time, SA.velocity)
