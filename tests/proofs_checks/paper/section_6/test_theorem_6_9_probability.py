"""E.Theorem 6.9, Theorem 6.9: twins of our own and independent mathematics."""

from dataclasses import replace

import pytest

from proofs_checks.paper.section_6.theorem_6_9_probability import ERRATUM_6_9, THEOREM_6_9
from theory.predictions import theorem_6_9_dimension
from theory.symbols import n


def test_the_threshold_of_theorem_6_9_is_the_exact_integer():
    for size in (2, 5, 32):
        exact = THEOREM_6_9.prediction.subs(n, size)
        assert exact == theorem_6_9_dimension(size) == (2 * size * size) ** 64
    assert THEOREM_6_9.unmet(n=2, d=1000, beta=1.0) == ("d > (2n²)^64",)


def test_the_least_dimension_is_the_exact_integer(reports):
    assert ERRATUM_6_9.prediction.subs(n, 2) == theorem_6_9_dimension(2) == 2**192
    ((_, sheet),) = reports["E.Theorem 6.9"].evidence.sheets
    assert f"{2**64} n^128 < d implies 0 < 1 - 2 n^2/d^(1/64)" in sheet.heading["claim"]


TWINS = {
    "threshold (2n)^64": replace(THEOREM_6_9, prediction=(2 * n) ** 64),
    "Theorem 6.9 one dimension earlier": replace(ERRATUM_6_9, prediction=(2 * n**2) ** 64 - 1),
}


@pytest.mark.every(5)
@pytest.mark.parametrize("twin", TWINS.values(), ids=TWINS)
def test_a_twin_is_refuted(twin, refuted):
    refuted(twin)
