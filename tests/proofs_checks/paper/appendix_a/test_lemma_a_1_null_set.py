"""Lemma A.1: twins of our own and independent mathematics."""

from dataclasses import replace

import numpy as np
import pytest
from sympy import S, exp

from proofs_checks.claim import Budget, Verdict
from proofs_checks.paper.appendix_a.lemma_a_1_null_set import (
    CODIMENSION,
    LEMMA_A_1,
    NullStarts,
    UnstableDirections,
)
from proofs_checks.proof import CENTRE_STABLE_DISC, How
from proofs_checks.theorems import RATES
from theory.atoms import Tangent
from theory.energy import interaction_energy
from theory.models import SA, gradient_flow
from theory.symbols import X, beta, d, z

FALLING = gradient_flow(interaction_energy(-exp(beta * z) / beta), "falling")
AT_REST = replace(SA, name="at rest at β = 0", velocity=Tangent(X, beta * SA.velocity.field))


def test_a_weaker_statement_is_still_proved():
    budget = Budget(2, np.random.default_rng(0))
    weaker = UnstableDirections("antipodal", S.One)
    found = CODIMENSION.check(CODIMENSION.model, weaker, budget)
    assert found.verdict is Verdict.PROVED, found.detail


@pytest.mark.parametrize("label", ["Lemma A.1", "Lemma A.1 codimension"])
def test_the_lemma_is_not_assumed(reports, label):
    evidence = reports[label].evidence
    assert CENTRE_STABLE_DISC in evidence.assumptions
    assert not any("null" in text for text in evidence.assumptions)
    rules = [step.evidence for step in evidence.sheet.steps if step.how is How.BY_RULE]
    assert rules[-3:] == ["countable cover", "caught near its limit", "null sets"]


def test_the_lemma_speaks_of_every_function(reports):
    assert reports["Lemma A.1"].evidence.scope["f"].startswith("symbolic")


TWINS = {
    "A.1 with 3d": replace(CODIMENSION, prediction=UnstableDirections("antipodal", 3 * d)),
    "A.1 of the falling flow": replace(CODIMENSION, model=(FALLING,)),
    "A.1 at rest at β = 0": replace(CODIMENSION, model=(AT_REST,)),
    "A.1 with discs of codimension 2k": replace(LEMMA_A_1, prediction=NullStarts(1, 2 * RATES)),
    "A.1 at maxima": replace(LEMMA_A_1, prediction=NullStarts(-1, RATES)),
}


@pytest.mark.every(5)
@pytest.mark.parametrize("twin", TWINS.values(), ids=TWINS)
def test_a_twin_is_refuted(twin, refuted):
    refuted(twin)
