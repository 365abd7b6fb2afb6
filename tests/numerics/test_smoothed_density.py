"""Maxima of the smoothed density against direct sums, and their mean against Kac and Rice."""

import numpy as np
import pytest
from scipy.special import ive

from numerics import density_maxima, sphere
from theory.predictions import expected_maxima


@pytest.mark.parametrize("beta", [0.01, 1.0, 9.0, 300.0])
def test_direct_sums_on_a_fine_grid(beta):
    x = sphere.random_points(40, 2, 3, 5)
    grid = 2 * np.pi * np.arange(20_000) / 20_000
    angles = np.arctan2(x[..., 1], x[..., 0])
    for k in range(5):
        values = np.exp(beta * (np.cos(grid[:, None] - angles[k]) - 1)).sum(axis=1)
        rises = values > np.roll(values, 1)
        count = np.sum(rises & ~np.roll(rises, -1))
        assert density_maxima(x[k], beta) == count
    assert density_maxima(x, beta).shape == (5,)


@pytest.mark.slow
def test_the_mean_over_independent_tokens():
    for beta in (2.0, 25.0):
        counts = density_maxima(sphere.random_points(600, 2, 1, 400), beta)
        error = counts.std() / 20
        assert abs(counts.mean() - float(expected_maxima(beta))) < 4.5 * error


@pytest.mark.parametrize("beta", [0.1, 1.25, 9.0, 81.0])
def test_the_closed_form_is_the_ratio_of_the_sums(beta):
    k = np.arange(1, 400)
    weights = ive(k, beta) ** 2
    exact = np.sqrt((k**4 @ weights) / (k**2 @ weights))
    assert float(expected_maxima(beta)) == pytest.approx(exact, rel=1e-12)
    assert float(expected_maxima(1e8)) == pytest.approx(np.sqrt(1.5e8), rel=1e-6)


@pytest.mark.parametrize("beta", [0.0, -1.0, np.nan, 1e9])
def test_a_temperature_out_of_range_is_refused(beta):
    with pytest.raises(ValueError, match="Expected 0 < β"):
        density_maxima([[1.0, 0.0]], beta)


def test_points_of_the_sphere_are_refused():
    with pytest.raises(ValueError, match="on the circle"):
        density_maxima([[1.0, 0.0, 0.0]], 1.0)
