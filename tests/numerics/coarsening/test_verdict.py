"""Verdicts on equilibria at the rates that theory derives."""

import math

import numpy as np
import pytest
import sympy as sp

from numerics.coarsening.result import CoarsenStatus
from numerics.coarsening.run import coarsen
from numerics.coarsening.verdict import escape_log_rate, stationary_verdict
from theory import SA, USA
from theory.linearize import Stability
from theory.predictions import polygon_mode_rate

MODELS = pytest.mark.parametrize("model", [SA, USA], ids=["SA", "USA"])


def circle(*angles):
    theta = np.asarray(angles, dtype=float).ravel()
    return np.stack([np.cos(theta), np.sin(theta)], axis=1)


def polygon(k):
    return circle(2 * np.pi * np.arange(k) / k)


@MODELS
@pytest.mark.parametrize(("k", "beta"), [(2, 4), (2, 400), (3, 81), (3, 400), (5, 9)])
def test_polygons_are_unstable_at_the_rates_of_theory(k, beta, model):
    spectrum = stationary_verdict(coarsen(polygon(k), beta=beta, model=model))
    assert spectrum.stable.name == "UNSTABLE"
    rates = [polygon_mode_rate(p, k, beta, model.name) for p in range(1, k)]
    expected = max(float(sp.log(sp.N(rate, 250))) for rate in rates)
    assert escape_log_rate(spectrum) == pytest.approx(expected, abs=1e-9)


def test_antipodal_pair_of_unequal_masses_on_the_sphere():
    result = coarsen([[0, 0, 1], [0, 0, -1]], beta=30, model=SA, masses=[0.75, 0.25])
    spectrum = stationary_verdict(result)
    assert spectrum.stable.name == "UNSTABLE"
    # e^{-2β} (m2/m1 + m1/m2) but for corrections of that order
    expected = -60 + math.log(3 + 1 / 3)
    assert escape_log_rate(spectrum) == pytest.approx(expected, abs=1e-12)


def test_other_equilibria_by_floats():
    tetrahedron = np.array([[1, 1, 1], [1, -1, -1], [-1, 1, -1], [-1, -1, 1]]) / np.sqrt(3)
    spectrum = stationary_verdict(coarsen(tetrahedron, beta=2.0))
    assert spectrum.stable.name == "UNSTABLE"
    assert -5 < escape_log_rate(spectrum) < 1


@pytest.mark.slow
@MODELS
def test_large_polygon_by_floats_agrees_with_theory(model):
    spectrum = stationary_verdict(coarsen(polygon(9), beta=20.0, model=model))
    rates = [polygon_mode_rate(p, 9, 20, model.name) for p in range(1, 9)]
    expected = max(float(sp.log(sp.N(rate, 60))) for rate in rates)
    assert spectrum.stable.name == "UNSTABLE"
    assert escape_log_rate(spectrum) == pytest.approx(expected, abs=1e-7)


@pytest.mark.slow
def test_lifetime_is_the_inverse_escape_rate():
    """A perturbed triangle leaves in a time of log(1/ε) over the rate, ε from 1e-4 to 1e-8."""
    times = []
    for size in (1e-4, 1e-8):
        moved = circle(*(2 * np.pi * np.arange(3) / 3 + size * np.array([1.0, -1.0, 0.3])))
        times.append(coarsen(moved, beta=20).merges[0].log_time)
    rate = escape_log_rate(stationary_verdict(coarsen(polygon(3), beta=20)))
    spent = np.exp(times[1]) - np.exp(times[0])
    assert np.log(math.log(1e4) / spent) == pytest.approx(rate, abs=1e-3)


def test_no_verdict_without_an_equilibrium():
    with pytest.raises(ValueError, match="status=CONSENSUS"):
        stationary_verdict(coarsen(circle(0, 1), beta=4))
    with pytest.raises(ValueError, match="d=1"):
        stationary_verdict(coarsen([[1], [-1]], beta=4))
    with pytest.raises(ValueError, match="tangent dimensions"):
        stationary_verdict(coarsen(polygon(60), beta=4))


@pytest.mark.every(3)
@pytest.mark.parametrize("model", [SA, USA], ids=["SA", "USA"])
@pytest.mark.parametrize("k", range(2, 8))
def test_regular_polygons_are_stationary_and_unstable(k, model):
    result = coarsen(polygon(k), beta=9.0, model=model)
    assert result.status is CoarsenStatus.STATIONARY and not result.merges
    assert stationary_verdict(result).stable is Stability.UNSTABLE
