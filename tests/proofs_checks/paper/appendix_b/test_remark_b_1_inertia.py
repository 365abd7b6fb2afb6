"""Remark B.1, E.Remark B.1: twins of our own and independent mathematics."""

from dataclasses import replace

import pytest
from sympy import exp, log

from proofs_checks.claim import Verdict
from proofs_checks.discovery import discover
from proofs_checks.paper.appendix_b.remark_b_1_inertia import (
    ERRATUM_REMARK_B_1,
    INERTIA,
    LENGTH,
    REMARK_B_1,
)
from proofs_checks.proof import SYLVESTER, Flow, How
from theory.energy import interaction_energy
from theory.models import REPULSIVE, SA, gradient_flow
from theory.symbols import beta, z

FALLING = gradient_flow(interaction_energy(-exp(beta * z) / beta), "falling")


def test_the_printed_form_carries_its_counterexample(reports):
    found = dict(reports["E.Remark B.1"].controls)
    assert "|v| = " in found["a factor |v|^{-2}"].detail


def test_what_is_said_in_words_cites_its_decision():
    (claim,) = (claim for claim in discover() if claim.label == "Theorem 6.1")
    sheet = claim.check.sheet(Flow.of(gradient_flow(interaction_energy(log(2 + z)), "logarithm")))
    (step,) = (step for step in sheet.steps if step.text.startswith("Remark B.1"))
    assert step.holds and step.how is How.BY_STATEMENT and SYLVESTER in step.cites


def test_a_flow_that_descends_has_no_such_metric():
    assert INERTIA.ask(Flow.of(FALLING)).verdict is Verdict.PROVED
    turned = replace(REPULSIVE, energy=SA.energy)
    assert INERTIA.ask(Flow.of(turned)).verdict is Verdict.UNDECIDED


TWINS = {
    "B.1 of a falling flow": replace(REMARK_B_1, model=(SA, FALLING)),
    "B.1 with |v|": replace(ERRATUM_REMARK_B_1, prediction=LENGTH, printed=None),
}


@pytest.mark.every(5)
@pytest.mark.parametrize("twin", TWINS.values(), ids=TWINS)
def test_a_twin_is_refuted(twin, refuted):
    refuted(twin)
