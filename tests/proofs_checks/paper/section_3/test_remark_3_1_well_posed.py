"""Remark 3.1: twins of our own and independent mathematics."""

from dataclasses import replace

import numpy as np
import pytest
from sympy import S, exp

from proofs_checks.claim import Budget, Verdict
from proofs_checks.paper.section_3.eq_3_3_weight import EQUATION_3_3
from proofs_checks.paper.section_3.remark_3_1_well_posed import REMARK_3_1
from proofs_checks.proof import unprojected
from theory.models import SA, USA
from theory.symbols import beta


def changed(claim, **fields):
    return replace(claim, prediction=replace(claim.prediction, **fields))


# 9 e^β isn't a multiple of (β+2) e^β: it is left open, and not refuted.
def test_a_weaker_statement_is_not_refuted():
    budget = Budget(2, np.random.default_rng(0))
    weaker = replace(REMARK_3_1.prediction, constants=(2 * beta + 4, 9 * exp(beta)))
    found = REMARK_3_1.check(REMARK_3_1.model, weaker, budget)
    assert found.verdict is not Verdict.REFUTED, found.detail


TWINS = {
    "3.1 with constant 1/2": changed(REMARK_3_1, constants=(S.Half, EQUATION_3_3.prediction.high)),
    "3.1 of SA without P": replace(REMARK_3_1, model=(unprojected(SA), USA)),
    "3.1 with β(β+2)": changed(REMARK_3_1, constants=(beta * (beta + 2), (beta + 2) * exp(beta))),
}


@pytest.mark.parametrize("twin", TWINS.values(), ids=TWINS)
def test_a_twin_is_refuted(twin, refuted):
    refuted(twin)
