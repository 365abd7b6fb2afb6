"""Functions that are analytic or continuous on [-1, 1]: poles, jumps and roots at the ends."""

import pytest
from sympy import Abs, Piecewise, Rational, exp, floor, log, tanh

from proofs_checks.proof.smooth import analytic, continuous
from theory.symbols import beta, z


@pytest.mark.parametrize(
    ("kernel", "smooth", "whole"),
    [
        (exp(beta * z) / beta, True, True),
        (tanh(50 * z - 10), True, True),
        (1 / (2 - z), True, True),
        ((1 + z) ** Rational(5, 2), False, True),
        (log(1 + z), False, False),
        (1 / (1 + z), False, False),
        (1 / (z - Rational(1, 2)), False, False),
        (log(z), False, False),
        (Abs(z), False, False),
        (floor(z) + z, False, False),
        (Piecewise((z, z < 0), (z - 5, True)), False, False),
    ],
    ids=str,
)
def test_what_is_smooth_by_its_form(kernel, smooth, whole):
    assert (analytic(kernel).holds, continuous(kernel).holds) == (smooth, whole)
