"""Problem 4: twins of our own."""

from dataclasses import replace

import pytest
from sympy import Rational

from proofs_checks.paper.section_8.problem_4_closure import (
    PROBLEM_4,
    PROBLEM_4_FIRST_ORDER,
    EarlyForce,
)
from theory.models import USA
from theory.symbols import beta

FIRST = PROBLEM_4_FIRST_ORDER.prediction.coefficient
TWINS = {
    "half of it": replace(PROBLEM_4_FIRST_ORDER, prediction=EarlyForce(FIRST / 2)),
    "times β": replace(PROBLEM_4_FIRST_ORDER, prediction=EarlyForce(beta * FIRST)),
    "a law of two tokens": replace(PROBLEM_4, prediction=replace(PROBLEM_4.prediction, tokens=2)),
    "another temperature": replace(PROBLEM_4, model=USA.subs({beta: Rational(3, 2) * beta})),
}


@pytest.mark.every(5)
@pytest.mark.parametrize("twin", TWINS.values(), ids=TWINS)
def test_a_twin_is_refuted(twin, refuted):
    refuted(twin)
