"""Lengths of steps: six bits, bounded factors, and times that are lost."""

import math

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from numerics.stepping.controller import LEAST, MOST, factor, lost, rounded

LENGTHS = st.floats(1e-300, 1e290)


@given(LENGTHS)
def test_a_length_has_six_bits_and_is_off_by_one_in_64(h):
    short = float(rounded(h))
    mantissa, _ = math.frexp(short)
    assert (mantissa * 64).is_integer()
    assert abs(short - h) <= h / 64
    assert float(rounded(short)) == short


@given(LENGTHS, st.floats(-1e-13, 1e-13))
def test_last_bits_hardly_ever_decide(h, change):
    """A length that is 1e-13 off is the same but at the border between two lengths."""
    near = float(rounded(h * (1 + change)))
    if near != float(rounded(h)):
        mantissa, _ = math.frexp(h)
        assert abs(mantissa * 64 % 1 - 0.5) < 1e-10


def test_factors():
    errors = np.array([0.0, 1e-30, 0.5, 1.0, 2.0, 1e30, np.inf, np.nan])
    for exponent in (-1 / 8, -1 / 5):
        found = factor(errors, MOST, exponent)
        assert found[0] == found[1] == MOST and np.all(found[5:] == LEAST)
        np.testing.assert_allclose(found[2:5], 0.9 * errors[2:5] ** exponent)
        assert factor(0.0, 1.0, exponent) == 1.0


def test_a_step_is_lost_below_the_spacing_of_times():
    assert lost(1e-16, 1.0) and lost(0.0, 0.0)
    assert not lost(1e-14, -1.0) and not lost(5e-324, 0.0)
