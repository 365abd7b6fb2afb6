"""(2.6): twins of our own and independent mathematics."""

from dataclasses import replace

import numpy as np
import pytest
from sympy import exp

from proofs_checks.claim import Budget, Verdict
from proofs_checks.paper.section_2.eq_2_6_self_attention import EQUATION_2_6
from proofs_checks.proof import unprojected
from theory.models import QKV, SA, USA
from theory.symbols import beta


def changed(claim, **fields):
    return replace(claim, prediction=replace(claim.prediction, **fields))


HOTTER_SA, HOTTER_USA = SA.subs({beta: 3 * beta}), USA.subs({beta: 3 * beta})


def test_a_weaker_statement_is_still_proved():
    budget = Budget(2, np.random.default_rng(0))
    weaker = replace(EQUATION_2_6.prediction, speed=2 * EQUATION_2_6.prediction.speed)
    found = EQUATION_2_6.check(EQUATION_2_6.model, weaker, budget)
    assert found.verdict is Verdict.PROVED, found.detail


TWINS = {
    "(2.6) of a hotter SA": replace(EQUATION_2_6, model=(QKV, HOTTER_SA)),
    "(2.6) at the speed e^{-β}": changed(EQUATION_2_6, speed=exp(-beta) / 10),
    "(2.6) of SA without P": replace(EQUATION_2_6, model=(QKV, unprojected(SA))),
}


@pytest.mark.parametrize("twin", TWINS.values(), ids=TWINS)
def test_a_twin_is_refuted(twin, refuted):
    refuted(twin)
