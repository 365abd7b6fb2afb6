"""Theorem 4.2: twins of our own."""

from dataclasses import replace

import pytest
from sympy import Rational

from proofs_checks.paper.section_4.theorem_4_2_clustered_in_time import THEOREM_4_2

TWINS = {
    "4.2 kept at 5/8": replace(
        THEOREM_4_2, prediction=replace(THEOREM_4_2.prediction, kept=Rational(5, 8))
    ),
}


@pytest.mark.parametrize("twin", TWINS.values(), ids=TWINS)
def test_a_twin_is_refuted(twin, refuted):
    refuted(twin)
