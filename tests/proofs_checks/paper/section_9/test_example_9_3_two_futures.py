"""Example 9.3, E.Example 9.3: twins of our own, and the branches that the solver finds."""

from dataclasses import replace

import numpy as np
import pytest
from sympy import S, lambdify

from numerics import hardmax
from proofs_checks.claim import Verdict
from proofs_checks.paper.section_9.example_9_3_two_futures import (
    ELAPSED,
    ERRATUM,
    EXAMPLE_9_3,
    FIRST,
    FUTURES,
    LEAVE,
    MIDDLE,
    SECOND,
    Futures,
    _late,
)
from proofs_checks.proof import How

START = [[1, 1], [-1, 1], [0, 0]]
ALL = Futures(late=True, only=True)


def test_every_solution_of_the_solver_is_one_of_the_paths():
    """Leave times chosen at random: the families end where the exact paths do."""
    rng = np.random.default_rng(0)
    run = hardmax(START, 1.5, reading="literal", leave=lambda low, high: rng.uniform(low, high))
    middle, *families = run.branches
    times = np.linspace(0.01, 1.5, 7)
    for time in times:
        s = 1 - np.exp(-time)
        np.testing.assert_allclose(middle.at(time)[2], [0, s], atol=1e-13)
    assert len(families) == 2
    for branch in families:
        (leave,) = [event.time for event in branch.events if event.time > 0]
        a, side = 1 - np.exp(-leave), np.sign(branch.at(1.5)[2, 0])
        exact = lambdify((ELAPSED, LEAVE), _late(int(side)))
        for time in times[times > leave]:
            u = (1 - np.exp(-time) - a) / (1 - a)
            np.testing.assert_allclose(branch.at(time)[2], exact(u, a), atol=1e-13)


TWINS = {
    "towards 2 z_1": (EXAMPLE_9_3, Futures(paths=((2 * ELAPSED, 2 * ELAPSED),))),
    "below the axis": (EXAMPLE_9_3, Futures(paths=((S.Zero, -ELAPSED),))),
    "a third of the way": (EXAMPLE_9_3, Futures(paths=((ELAPSED / 3, ELAPSED),))),
    "another start": (EXAMPLE_9_3, Futures(start=(S.Zero, S.One / 10))),
    "only the middle": (ERRATUM, Futures(paths=(MIDDLE,), only=True)),
    "only the straight ones": (ERRATUM, Futures(paths=(FIRST, SECOND), only=True)),
}


@pytest.mark.parametrize(("claim", "said"), TWINS.values(), ids=TWINS)
def test_a_twin_is_refuted(claim, said, refuted):
    refuted(replace(claim, prediction=said))


def test_nothing_is_said_in_words_alone():
    """Every step is derived to 0, follows by a rule, or cites a theorem of analysis."""
    sheet = FUTURES.decide(None, ALL)
    assert all(step.holds for step in sheet.steps)
    plain = [s for s in sheet.steps if s.how in (How.DERIVED, How.DECIDED) and not s.evidence]
    assert plain == []
    assert sum(step.how is How.CITED for step in sheet.steps) == 1


def test_without_the_families_it_is_not_said_that_there_are_no_others(found):
    evidence = found(replace(ERRATUM, prediction=Futures(late=True)))
    assert evidence.verdict is Verdict.PROVED  # a weaker statement
    sheet = FUTURES.decide(None, Futures(only=True))
    assert not all(step.holds for step in sheet.steps)
