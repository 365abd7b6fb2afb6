"""(6.9), (6.10): twins of our own, and a general value matrix is left undecided."""

from dataclasses import replace

import pytest

from proofs_checks.claim import Verdict, run_check
from proofs_checks.paper.section_6.eq_6_9_6_10_rates import EQUATION_6_9, EQUATION_6_10
from theory.models import QKV, SA, USA
from theory.symbols import beta, gamma

HOTTER = tuple(flow.subs({beta: 2 * beta}) for flow in (SA, USA))


def test_a_general_value_matrix_lets_equal_angles_part():
    evidence, error = run_check(replace(EQUATION_6_9, model=QKV), 1, 0)
    assert error is None and evidence.verdict is Verdict.REFUTED
    assert "all <x_i,x_j> = " in evidence.detail


TWINS = {
    "(6.9) of a hotter model": replace(EQUATION_6_9, model=HOTTER[0]),
    "(6.10) with another sign": replace(
        EQUATION_6_10, prediction=EQUATION_6_10.prediction.subs(gamma, -gamma)
    ),
}


@pytest.mark.every(5)
@pytest.mark.parametrize("twin", TWINS.values(), ids=TWINS)
def test_a_twin_is_refuted(twin, refuted):
    refuted(twin)
