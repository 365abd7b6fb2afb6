"""Long context [2510.05554]: the claim, its twins, and layers beyond its two models."""

from dataclasses import replace

import numpy as np
import pytest
from sympy import Integer, log

from proofs_checks.claim import Budget, Verdict, verify_claim
from proofs_checks.literature.chen_2510_05554.output_cosine import (
    LIMITS,
    LONG_CONTEXT,
    OUTPUT_COSINE,
    decide,
)
from proofs_checks.proof import LARGEST_POWER, Flow, apply, derived
from theory.predictions import ATTENTION_OUTPUT, RESIDUAL_OUTPUT, output_limits
from theory.predictions.long_context import exponent
from theory.symbols import eta, load, n


def judged(model, limits):
    return OUTPUT_COSINE(model, limits, Budget(5, np.random.default_rng(4)))


@pytest.mark.slow
def test_the_limits_are_proved_and_every_control_is_refuted():
    report = verify_claim(LONG_CONTEXT, 10, 2, False)
    assert report.verdict is Verdict.PROVED
    assert report.ok
    assert all(evidence.verdict is Verdict.REFUTED for _, evidence in report.controls)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "change"),
    [
        ("below", Integer(0)),
        ("at", Integer(1)),
        ("above", Integer(0)),
        ("off_below", 2 * load - 1),
        ("off_above", 2 - 2 * load),
    ],
)
@pytest.mark.parametrize("which", [0, 1])
def test_every_part_of_a_prediction_is_attacked(which, name, change):
    model = (ATTENTION_OUTPUT, RESIDUAL_OUTPUT)[which]
    said = replace(LIMITS[which], **{name: change})
    assert judged(model, said).verdict is Verdict.REFUTED
    assert not decide(Flow.of_paper(model), said).holds


@pytest.mark.slow
def test_a_longer_step_has_the_limits_of_its_own():
    twice = RESIDUAL_OUTPUT.subs({eta: 2 * eta})
    assert judged(twice, output_limits(twice)).verdict is Verdict.PROVED
    assert judged(twice, LIMITS[1]).verdict is Verdict.REFUTED


def test_weights_that_are_no_powers_of_n_are_not_judged():
    slow = ATTENTION_OUTPUT.subs({exponent: exponent / log(n)}, "constant temperature")
    assert judged(slow, LIMITS[0]).verdict is not Verdict.PROVED


def test_a_largest_power_must_lead_throughout():
    fact = derived("a fact", 0)
    assert apply(LARGEST_POWER, "one leads", fact, fact, leader=(2, 0), others=((1, 0),)).holds
    for other in ((2, 0), (1, 1)):
        step = apply(LARGEST_POWER, "one leads", fact, fact, leader=(2, 0), others=(other,))
        assert not step.holds
