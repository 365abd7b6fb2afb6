"""Lemma A.1: twins of our own and independent mathematics."""

from dataclasses import replace

import numpy as np
import pytest
from sympy import S, exp

from proofs_checks.claim import Budget, Verdict
from proofs_checks.paper.appendix_a.lemma_a_1_null_set import LEMMA_A_1, UnstableDirections
from proofs_checks.proof import CENTRE_STABLE_DISC, How
from theory.atoms import Tangent
from theory.energy import interaction_energy
from theory.models import SA, gradient_flow
from theory.symbols import X, beta, d, z

FALLING = gradient_flow(interaction_energy(-exp(beta * z) / beta), "falling")
AT_REST = replace(SA, name="at rest at β = 0", velocity=Tangent(X, beta * SA.velocity.field))


def test_a_weaker_statement_is_still_proved():
    budget = Budget(2, np.random.default_rng(0))
    weaker = UnstableDirections("antipodal", S.One)
    found = LEMMA_A_1.check(LEMMA_A_1.model, weaker, budget)
    assert found.verdict is Verdict.PROVED, found.detail


def test_the_lemma_is_not_assumed(reports):
    evidence = reports["Lemma A.1"].evidence
    assert evidence.assumptions == (CENTRE_STABLE_DISC,)
    assert evidence.sheet.steps[-1].how is How.BY_RULE


TWINS = {
    "A.1 with 3d": replace(LEMMA_A_1, prediction=UnstableDirections("antipodal", 3 * d)),
    "A.1 of the falling flow": replace(LEMMA_A_1, model=(FALLING,)),
    "A.1 at rest at β = 0": replace(LEMMA_A_1, model=(AT_REST,)),
}


@pytest.mark.parametrize("twin", TWINS.values(), ids=TWINS)
def test_a_twin_is_refuted(twin, refuted):
    refuted(twin)
