"""(A.1): twins of our own."""

from dataclasses import replace

import numpy as np
import pytest
from sympy import exp

from proofs_checks.claim import Budget, Verdict
from proofs_checks.paper.appendix_a.eq_a_1_null_basin import EQUATION_A_1
from proofs_checks.proof import U, V
from theory.energy import interaction_energy
from theory.models import gradient_flow
from theory.symbols import beta, z

FALLING = gradient_flow(interaction_energy(-exp(beta * z) / beta), "falling")


def test_nothing_is_said_where_zero_is_no_strict_saddle():
    budget = Budget(2, np.random.default_rng(0))
    bowl = EQUATION_A_1.check(EQUATION_A_1.model, U**2 + V**2, budget)
    assert bowl.verdict is Verdict.SUPPORTED
    slope = EQUATION_A_1.check(EQUATION_A_1.model, U - V**2, budget)
    assert slope.verdict is Verdict.UNDECIDED


TWINS = {
    "(A.1) with a quartic saddle": replace(EQUATION_A_1, prediction=-(U**4) - V**2),
    "(A.1) of the falling flow": replace(EQUATION_A_1, model=FALLING),
}


@pytest.mark.parametrize("twin", TWINS.values(), ids=TWINS)
def test_a_twin_is_refuted(twin, refuted):
    refuted(twin)
