"""Functions that are analytic or continuous on [-1, 1]: poles, jumps and roots at the ends."""

import numpy as np
import pytest
from sympy import Abs, Piecewise, Rational, S, exp, floor, lambdify, log, sqrt, tanh

from proofs_checks.proof.smooth import analytic, continuous, lipschitz
from theory.positive_part import PositivePart
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


THIRD = Rational(1, 3)
STEEP = {
    "a root of a square": (1 + ((z - THIRD) ** 2) ** Rational(1, 4), False),
    "a root of a distance": (1 + sqrt(Abs(z - Rational(1, 7))), False),
    "a root that starts at 0": (sqrt(z), False),
    "a jump": (PositivePart(z - THIRD, 0) + 1, False),
    "pieces": (Piecewise((z, z < THIRD), (2 * z, True)), False),
    "a pole": (1 / (z - THIRD) ** 2, False),
    "a root that ends at 1": (sqrt(1 - z), True),
    "a corner": (Abs(z - THIRD) + 1, True),
    "a ramp": (PositivePart(z - S.Half, 1) * exp(beta * z), True),
    "a high root": (((z - THIRD) ** 2) ** Rational(3, 4), True),
    "an exponential": (exp(beta * z) / (1 + z), True),
    "a pole outside": (1 / (z + Rational(1, 4)), True),
}


@pytest.mark.parametrize(("kernel", "bounded"), STEEP.values(), ids=STEEP)
def test_a_bounded_slope_below_one_is_decided(kernel, bounded):
    """Against quotients over ever shorter distances, which grow where the slope has no bound."""
    assert lipschitz(kernel).holds is bounded
    value = lambdify(z, kernel.subs(beta, 1), [{"max": np.maximum}, "numpy"])
    places = np.array([0.0, 1 / 7, 1 / 3, 0.5, 0.9])
    steepest = []
    for step in (1e-4, 1e-8, 1e-12):
        with np.errstate(all="ignore"):
            jump = np.abs(value(places + step) - value(places))
        steepest.append(np.max(np.where(np.isnan(jump), np.inf, jump) / step))
    if bounded:
        assert max(steepest) < 1e3
