"""Dimensions from which on tokens follow γ: laws, and the tokens that are drawn."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy.stats import kstest

from numerics.high_dimension import (
    draw_frames,
    least_dimension,
    log_dimension_at_rate,
    near_probability,
)


def test_two_tokens_are_apart_by_the_law_of_their_inner_product():
    angle = 0.3
    draws = draw_frames(20_000, 2, 9, np.random.default_rng(0))
    inside = np.abs(np.einsum("bk,bk->b", draws[:, 0], draws[:, 1])) <= np.sin(angle)
    assert inside.mean() == pytest.approx(near_probability(angle, 2, 9), abs=0.015)


@pytest.mark.parametrize(("n", "d"), [(3, 3), (4, 30), (6, 10**6)])
def test_drawn_tokens_have_the_inner_products_of_uniform_ones(n, d):
    points = draw_frames(4000, n, d, np.random.default_rng(1))
    np.testing.assert_allclose(np.linalg.norm(points, axis=-1), 1)
    for i, j in ((0, 1), (1, n - 1)):
        product = np.einsum("bk,bk->b", points[:, i], points[:, j])
        law = "beta", ((d - 1) / 2, (d - 1) / 2)
        assert kstest((1 + product) / 2, *law).pvalue > 1e-3


def test_the_dimension_reaches_the_probability_and_less_is_not_enough():
    for n, hot in ((2, 0.0), (8, 1.0), (64, 9.0)):
        found = least_dimension(n, hot)
        assert near_probability(found.radius, n, found.dimension) >= 0.5
        assert near_probability(found.radius, n, 0.98 * found.dimension) < 0.5
        assert found.dimension < found.moments


def test_the_dimension_grows_with_what_is_asked():
    one = least_dimension(4, 1.0).dimension
    assert least_dimension(4, 1.0, 0.05).dimension > one
    assert least_dimension(4, 1.0, probability=0.9).dimension > one
    assert least_dimension(5, 1.0).dimension > one
    assert least_dimension(4, 1.5).dimension > one


def test_a_constant_rate_asks_for_much_more():
    for n, hot, rate in ((2, 0.0, 2.0), (8, 1.0, 25 / 8), (64, 9.0, 37**2 / 72)):
        at_rate = log_dimension_at_rate(n, hot, rate)
        assert at_rate > math.log10(least_dimension(n, hot).dimension) + 3
        assert log_dimension_at_rate(n, hot, 1.1 * rate) > at_rate


@pytest.mark.parametrize(
    "wrong", [{"n": 1}, {"beta": -1.0}, {"tolerance": 2.0}, {"probability": 1.0}]
)
def test_what_is_out_of_range_is_refused(wrong):
    with pytest.raises(ValueError, match="Expected"):
        least_dimension(**{"n": 2, "beta": 1.0, **wrong})
