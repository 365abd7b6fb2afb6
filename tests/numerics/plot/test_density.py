"""Densities over time: what is drawn, on the circle and above, and once concentrated."""

import numpy as np
import pytest

from numerics import mean_field
from numerics.plot import plot_density, plot_density_profiles
from theory import SA


@pytest.mark.parametrize("d", [2, 3])
def test_a_resolved_run_is_a_map_and_profiles(d):
    density = (lambda a: 1 + np.cos(a) / 2) if d == 2 else (lambda u: 1 + u / 2)
    run = mean_field(SA, density, 1.0, np.linspace(0, 1, 5), d, 64, beta=1.0)
    ax = plot_density(run)
    assert len(ax.collections) == 1 and not ax.lines
    table = np.asarray(ax.collections[0].get_array()).reshape(-1, 5)
    places = np.linspace(-np.pi, np.pi, 401) if d == 2 else np.linspace(-1, 1, 401)
    np.testing.assert_allclose(table[:, -1], run.density(1.0, places))
    assert len(plot_density_profiles(run, count=3).lines) == 3


def test_particles_are_drawn_as_quantiles():
    start = 1 + np.cos(2 * np.pi * np.arange(64) / 64) / 2
    run = mean_field(SA, start, 8.0, np.linspace(0, 8, 9), modes=64, beta=1.0)
    assert run.resolved_until < 8
    ax = plot_density(run)
    dots = ax.lines[0].get_xdata()
    assert np.min(dots) > run.resolved_until and "quantiles" in ax.get_title()
