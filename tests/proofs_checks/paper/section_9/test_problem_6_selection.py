"""Problem 6: twins of our own, and the leave time in a run that doubles can follow."""

from dataclasses import replace
from math import exp

import numpy as np
import pytest

from numerics import compile_model, integrate
from proofs_checks.claim import Verdict
from proofs_checks.paper.section_9.problem_6_selection import PROBLEM_6, Leaves, _middle
from proofs_checks.proof import Flow
from theory.models import STEADY_ATTENTION
from theory.symbols import V


@pytest.mark.parametrize("share", [0.5, 1.5, 3.0])
def test_another_leave_time_is_refuted(share, refuted):
    refuted(replace(PROBLEM_6, prediction=Leaves(share)))


@pytest.mark.parametrize("heat", [20.0, 60.0])
@pytest.mark.parametrize("rate", [0.1, 0.3])
def test_the_growth_beside_the_middle_is_that_of_the_flow(heat, rate):
    """From ε = e^{-cβ}/2 that doubles hold, the flow itself ends at the same place."""
    middle = _middle(Flow.of_paper(STEADY_ATTENTION), heat)
    off = 0.5 * exp(-rate * heat)
    field = compile_model(STEADY_ATTENTION, beta=heat, Q=np.eye(2), K=np.eye(2), V=np.eye(2))
    start = np.array([[1.0, 1.0], [-1.0, 1.0], [off, 0.0]])
    run = integrate(field, start, 1.0, t_eval=[1.0], rtol=1e-10, atol=1e-200)
    assert middle.end(np.log(off)) == pytest.approx(run.points[-1][2, 0], abs=1e-5)
    assert middle.on_the_axis() == 0


def test_a_slower_flow_leaves_later(found):
    slow = STEADY_ATTENTION.subs({V: V / 2})
    assert found(replace(PROBLEM_6, model=slow)).verdict is Verdict.REFUTED


def test_evidence_spans_three_decades(found):
    evidence = found(PROBLEM_6)
    assert evidence.verdict is Verdict.OPEN and "10, 100, 1000, 10000" in evidence.detail
