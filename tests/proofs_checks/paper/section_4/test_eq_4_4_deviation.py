"""(4.4): twins of our own."""

from dataclasses import replace

import pytest

from proofs_checks.paper.section_4.eq_4_4_deviation import EQUATION_4_4
from theory.models import SA
from theory.symbols import beta, t

TWINS = {
    "(4.4) without its growth": replace(
        EQUATION_4_4, prediction=replace(EQUATION_4_4.prediction, softmax=beta * t / 40)
    ),
    "(4.4) of a much hotter SA": replace(EQUATION_4_4, model=SA.subs({beta: 30 * beta})),
}


@pytest.mark.parametrize("twin", TWINS.values(), ids=TWINS)
def test_a_twin_is_refuted(twin, refuted):
    refuted(twin)
