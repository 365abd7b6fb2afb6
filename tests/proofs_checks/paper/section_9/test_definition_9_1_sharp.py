"""Definition 9.1, E.Definition 9.1: twins of our own."""

from dataclasses import replace

import pytest
from sympy import S

from proofs_checks.paper.section_9.definition_9_1_sharp import (
    DEFINITION_9_1,
    ERRATUM_9_1,
    Judged,
    M,
    Strength,
)

TWINS = {
    "the 600-cell is sharp": replace(
        DEFINITION_9_1, prediction=Judged((("600-cell", 8, 11, True),))
    ),
    "the cube is a 4-design": replace(DEFINITION_9_1, prediction=Judged((("cube", 3, 4, False),))),
    "E8 has three products": replace(
        DEFINITION_9_1, prediction=Judged((("E8 roots", 3, 7, True),))
    ),
    "the tetrahedron is sharp as printed": replace(
        DEFINITION_9_1, prediction=Judged((("tetrahedron", 1, 2, True),))
    ),
    "3m - 3": replace(ERRATUM_9_1, prediction=Strength(S(3), S(2))),
    "at most 2m": replace(ERRATUM_9_1, prediction=Strength(S.One, most=2 * M - 1)),
}


@pytest.mark.every(5)
@pytest.mark.parametrize("twin", TWINS.values(), ids=TWINS)
def test_a_twin_is_refuted(twin, refuted):
    assert any(c.isdigit() for c in refuted(twin).detail)


def test_a_bound_that_no_code_attains_is_not_proved(found):
    evidence = found(replace(ERRATUM_9_1, prediction=Strength(S.One, S.One)))
    assert evidence.verdict.name == "UNDECIDED"


def test_the_printed_m(reports):
    printed = reports["E.Definition 9.1"].printed.detail
    assert "tetrahedron: m = 1 inner products, and a 2-design" in printed
