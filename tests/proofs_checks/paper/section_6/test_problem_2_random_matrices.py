"""Problem 2: twins of our own."""

from dataclasses import replace

import pytest

from proofs_checks.paper.section_6.problem_2_random_matrices import PROBLEM_2


def changed(claim, **fields):
    return replace(claim, prediction=replace(claim.prediction, **fields))


TWINS = {
    "Problem 2 without decay": changed(PROBLEM_2, exponent=0.0),
}


@pytest.mark.every(5)
@pytest.mark.parametrize("twin", TWINS.values(), ids=TWINS)
def test_a_twin_is_refuted(twin, refuted):
    refuted(twin)
