"""Ranges of functions by their form hold what is drawn, and say nothing where they can't."""

from __future__ import annotations

import numpy as np
import pytest
from sympy import S, Symbol, cos, exp, lambdify, log, sqrt

from theory.function_ranges import enclosure, log_slope, size_and_slope
from theory.positive_part import PositivePart
from theory.symbols import z

ELU = PositivePart(z, 1) + exp(-PositivePart(-z, 1))
READ = [ELU, exp(z / 2) / 3, 1 + z**2, (2 + z) ** 3, 1 / (2 + z), log(1 + exp(z)), sqrt(3 - z)]


@pytest.mark.parametrize("body", READ, ids=str)
def test_drawn_values_are_inside(body):
    low, high = enclosure(body, -1, 1)
    at = np.linspace(-1, 1, 101)
    values = lambdify(z, body, "numpy")(at)
    assert float(low) <= values.min() + 1e-12 and values.max() <= float(high) + 1e-12
    assert abs(float(low) - values.min()) + abs(float(high) - values.max()) < 1e-9


@pytest.mark.parametrize("body", READ, ids=str)
def test_logarithms_rise_no_faster(body):
    bound = float(log_slope(body, S.One))
    at = np.linspace(-1, 1, 2001)
    steps = np.abs(np.diff(np.log(lambdify(z, body, "numpy")(at)))) / np.diff(at)
    assert steps.max() <= bound + 1e-9


RATIONAL = [1 / (2 + z), (3 - z) ** -2, 1 / (3 - z**2), sqrt(2 + z), log(3 + z), z / (4 + z)]


@pytest.mark.parametrize("body", RATIONAL, ids=str)
def test_size_and_slope_hold_what_is_drawn(body):
    at = np.linspace(-1, 1, 401)
    for of, bound in zip((body, body.diff(z)), size_and_slope(body), strict=True):
        values = np.abs(lambdify(z, of, "numpy")(at))
        assert values.max() <= float(bound) + 1e-12 and float(bound) <= 2 * values.max()


def test_a_pole_at_the_end_has_no_size():
    assert size_and_slope(1 / (1 + z)) is None and size_and_slope(log(1 + z)) is None
    assert size_and_slope(sqrt(1 + z)) is None  # its slope has none


def test_a_parameter_stays_a_symbol():
    hot = Symbol("b", nonnegative=True)
    features = ELU.subs(z, hot * z)
    assert enclosure(features, -1, 1) == (exp(-hot), hot + 1)
    assert log_slope(features, S.One) == hot


@pytest.mark.parametrize("body", [1 / z, cos(z), log(z), PositivePart(z - 1, 0) + 1], ids=str)
def test_what_is_not_read(body):
    assert enclosure(body, -1, 1) is None


@pytest.mark.parametrize(
    "body", [1 + z, PositivePart(z, 1), z, 1 + PositivePart(z - 1, 1)], ids=str
)
def test_logarithms_without_a_bound_or_with_a_kink_elsewhere(body):
    assert log_slope(body, S.One) is None
