"""Remark 3.5: twins of our own."""

from dataclasses import replace

import pytest
from sympy import Rational, S

from proofs_checks.discovery import questions
from proofs_checks.paper.section_3.remark_3_5_doubly_stochastic import DOUBLY_STOCHASTIC
from proofs_checks.proof import Flow
from theory.models import SA, SINKHORN


def changed(claim, **fields):
    return replace(claim, prediction=replace(claim.prediction, **fields))


TWINS = {
    "half the gradient": changed(DOUBLY_STOCHASTIC, factor=Rational(1, 2)),
    "row sums 2": changed(DOUBLY_STOCHASTIC, marginal=S(2)),
}


@pytest.mark.parametrize("twin", TWINS.values(), ids=TWINS)
def test_a_twin_is_refuted(twin, refuted):
    refuted(twin)


def test_a_model_is_asked_whether_it_is_sinkhorns():
    row = questions()["Remark 3.5"]
    found = row.ask(Flow.of(SINKHORN))
    assert (found.verdict.name, found.prediction) == ("PROVED", DOUBLY_STOCHASTIC.prediction)
    assert row.ask(Flow.of(SA)).verdict.name == "VACUOUS"
    twice = replace(SINKHORN, energy=2 * SINKHORN.energy)
    assert row.ask(Flow.of(twice)).prediction.factor == Rational(1, 2)
