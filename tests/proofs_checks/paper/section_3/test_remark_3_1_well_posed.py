"""Remark 3.1: twins of our own and independent mathematics."""

from dataclasses import replace

import numpy as np
import pytest
from sympy import Piecewise, S, exp

from proofs_checks.claim import Budget, Verdict
from proofs_checks.paper.section_3.eq_3_3_weight import EQUATION_3_3
from proofs_checks.paper.section_3.remark_3_1_well_posed import REMARK_3_1
from proofs_checks.proof import Flow, unprojected
from theory.energy import interaction_energy
from theory.models import SA, USA, gradient_flow
from theory.symbols import beta, z


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


@pytest.mark.every(5)
@pytest.mark.parametrize("twin", TWINS.values(), ids=TWINS)
def test_a_twin_is_refuted(twin, refuted):
    refuted(twin)


def constant(kernel):
    found = REMARK_3_1.check.ask(Flow.of(gradient_flow(interaction_energy(kernel), "")))
    return found.prediction.constants[0] if found.verdict is Verdict.PROVED else found.verdict.name


def test_constants_are_those_of_the_kernel():
    assert constant(exp(3 * z)) == 9 * exp(3) + 6 * exp(3)
    assert constant(-exp(-2 * z) / 2) == 2 * exp(2) + 2 * exp(2)
    assert constant(z) == 2
    assert constant(S.Zero) == 0
    hot = REMARK_3_1.check.ask(Flow.of(SA, beta=-5.0))
    assert (hot.verdict, hot.prediction.constants) == (Verdict.PROVED, (S(7),))


def test_a_field_that_jumps_is_not_called_lipschitz():
    assert constant(Piecewise((z, z < 0), (z**2, True))) == "UNDECIDED"
    slowing = gradient_flow(interaction_energy(exp(z) / beta), "")
    assert REMARK_3_1.check.ask(Flow.of(slowing, beta=lambda s: 1 + s)).verdict is Verdict.UNDECIDED
