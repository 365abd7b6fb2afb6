"""Forecasts of runs: the next pair, plateaus of the energy, runs without merges."""

import math

import numpy as np
import pytest

from numerics import sphere
from numerics.coarsening.forecast import (
    _first,
    compare_with_forecast,
    forecast_merges,
    plateau_energy,
)
from numerics.coarsening.run import coarsen
from theory import SA, USA

MODELS = pytest.mark.parametrize("model", [SA, USA], ids=["SA", "USA"])


def circle(*angles):
    theta = np.asarray(angles, dtype=float).ravel()
    return np.stack([np.cos(theta), np.sin(theta)], axis=1)


def polygon(k):
    return circle(2 * np.pi * np.arange(k) / k)


@MODELS
@pytest.mark.parametrize("beta", [0.0, 1.0, 60.0])
def test_first_pair_is_that_of_the_whole_list(model, beta):
    rng = np.random.default_rng(4)
    for _ in range(5):
        points = sphere.random_points(20, 3, rng)
        masses = np.exp(rng.uniform(-4, 0, 20))
        pairs = forecast_merges(points, masses, beta, model)
        assert len(pairs) == 190
        first, gap = _first(points, masses, beta, model)
        assert first == pairs[0]
        assert gap == pytest.approx(pairs[1].log_time - pairs[0].log_time, abs=1e-12)


def test_antipodal_pair_never_merges():
    (pair,) = forecast_merges([[1, 0], [-1, 0]], None, 9)
    assert pair.log_time == math.inf
    assert forecast_merges([[1, 0]], None, 9) == ()


@pytest.mark.slow
@MODELS
def test_forecast_of_isolated_merges(model):
    result = coarsen(circle(0, 0.6, 2.0, 4.2), beta=60, model=model, masses=[0.1, 0.4, 0.3, 0.2])
    found = compare_with_forecast(result)
    assert len(found) == 3
    for comparison in found:
        assert comparison.right
        assert comparison.gap > 10
        assert abs(comparison.error) < 1e-5
        assert comparison.plateau == pytest.approx(comparison.merge.energy_before, abs=1e-3)
    assert abs(found[-1].error) < 1e-8


@pytest.mark.slow
def test_forecast_of_a_random_run():
    result = coarsen(sphere.random_points(60, 2, 1), beta=81, rtol=1e-7)
    found = compare_with_forecast(result)
    assert [c.merge for c in found] == list(result.merges)
    sharp = [c for c in found if c.gap > 5 and c.angle > 0.1]
    assert len(sharp) >= 4
    assert all(c.right for c in sharp)
    assert max(abs(c.error) for c in sharp) < 1e-4
    assert all(c.plateau == pytest.approx(c.merge.energy_before, abs=1e-10) for c in found[-3:])
    assert found[0].before == tuple(range(60))
    assert set(found[-1].before) == set(found[-1].merge.children)


def test_duplicates_and_runs_without_merges():
    found = compare_with_forecast(coarsen([[1, 0], [1, 0], [0, 1]], beta=9))
    assert (found[0].predicted, found[0].right, found[0].error) == (-math.inf, True, 0.0)
    assert compare_with_forecast(coarsen(polygon(3), beta=9)) == ()


def test_gap_of_pairs_on_top_of_each_other_and_of_antipodes():
    assert _first(circle(0, 1e-4, 2), np.full(3, 1 / 3), 9.0, SA)[1] == 0
    assert _first(circle(0, np.pi), np.full(2, 0.5), 9.0, SA)[0].log_time > 10
    assert _first(np.array([[1.0, 0], [-1, 0]]), np.full(2, 0.5), 9.0, SA)[1] == 0
    assert _first(np.array([[1.0, 0]]), np.ones(1), 9.0, SA) is None


def test_plateau_energy():
    assert plateau_energy([[1, 0], [0, 1]], [0.5, 0.5], 3) == pytest.approx(0.5 + math.exp(-3) / 2)
    x = sphere.random_points(9, 4, 0)
    assert plateau_energy(x, None, 7) == pytest.approx(coarsen(x, beta=7).energies[0], rel=1e-13)
    with pytest.raises(ValueError, match="Expected one system"):
        plateau_energy(np.ones((2, 3, 1)), None, 7)
