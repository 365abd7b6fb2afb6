"""Forecasts: quadrature against mpmath and the derived law, next pairs, plateaus, equilibria."""

import math

import mpmath
import numpy as np
import pytest
import sympy as sp
from hypothesis import given, settings
from hypothesis import strategies as st

from numerics import sphere
from numerics.coarsening import (
    M1,
    M2,
    MERGE_ANGLE,
    MERGE_DISTANCE,
    THETA,
    CoarsenStatus,
    _first,
    coarsen,
    compare_with_forecast,
    escape_log_rate,
    forecast_merges,
    pair_log_time,
    pair_rate,
    plateau_energy,
    stationary_verdict,
    two_cluster_log_time,
)
from theory import REPULSIVE, SA, USA, symbols
from theory.derivations import two_clusters
from theory.linearize import Stability
from theory.predictions import polygon_mode_rate, two_cluster_time

MODELS = pytest.mark.parametrize("model", [SA, USA], ids=["SA", "USA"])

TABLE = [
    (1, 0.5, 0.5, 1, 1.966322215256, 0.9868307286221),
    (9, 0.9, 0.1, 2, 8.454700967964, 1.662631976230),
    (81, 0.5, 0.5, 1, 32.51300684675, -47.79384597269),
    (400, 0.3, 0.7, 3.1, 798.0719556305, 399.0878762033),
    (1000, 0.9, 0.1, 2, 1407.218749975, 409.4282446448),
]


def circle(*angles):
    theta = np.asarray(angles, dtype=float).ravel()
    return np.stack([np.cos(theta), np.sin(theta)], axis=1)


def polygon(k):
    return circle(2 * np.pi * np.arange(k) / k)


def reference(theta0, beta, m1, m2, model):
    """The same integral by mpmath, cut at scales of the exponent."""
    with mpmath.workdps(30):
        end = 2 * mpmath.asin(mpmath.mpf(MERGE_DISTANCE) / 2)
        start, b = mpmath.mpf(theta0), mpmath.mpf(beta)

        def slowness(theta):
            q = mpmath.exp(-b * (1 - mpmath.cos(theta)))
            if model is SA:
                speed = m2 * q / (m1 + m2 * q) + m1 * q / (m2 + m1 * q)
            else:
                speed = (m1 + m2) * mpmath.exp(b * mpmath.cos(theta))
            return 1 / (mpmath.sin(theta) * speed)

        scale = min(0.5, 1 / (float(beta) * math.sin(theta0) + 1))
        cuts = [start]
        while cuts[-1] > end:
            cuts.append(max(end, cuts[-1] - min(scale * 2 ** (len(cuts) // 4), cuts[-1] / 2)))
        return float(mpmath.log(mpmath.quad(slowness, cuts[::-1])))


@MODELS
def test_rate_is_the_one_that_the_reductions_derive(model):
    derived = two_clusters(model)
    theta = next(s for s in derived.angle_rate.free_symbols if s.name == "theta")
    masses = {
        s: {"m_1": M1, "m_2": M2}[s.name]
        for s in derived.angle_rate.free_symbols
        if s.name in ("m_1", "m_2")
    }
    gap = derived.angle_rate.subs({theta: THETA, **masses}) - pair_rate(model)
    rewritten = sp.expand_power_exp(sp.expand(gap.replace(sp.exp, lambda a: sp.exp(sp.expand(a)))))
    assert sp.simplify(rewritten) == 0
    values = {THETA: 1.3, symbols.beta: 3.7, M1: 0.3, M2: 0.9}
    assert abs(sp.N(gap.subs(values))) < 1e-14


@pytest.mark.parametrize(("beta", "m1", "m2", "theta", "sa", "usa"), TABLE)
def test_table_of_two_cluster_times(beta, m1, m2, theta, sa, usa):
    assert two_cluster_log_time(theta, beta, m1, m2) == pytest.approx(sa, abs=1e-9)
    assert two_cluster_log_time(theta, beta, m1, m2, USA) == pytest.approx(usa, abs=1e-9)
    assert two_cluster_log_time(theta, beta, m2, m1) == pytest.approx(sa, abs=1e-9)


@MODELS
@pytest.mark.parametrize(
    ("beta", "m1", "m2", "theta"),
    [(0.1, 0.2, 0.8, 0.3), (4, 1e-6, 1.0, 2.9), (30, 2.0, 5.0, 0.05), (1000, 0.999, 0.001, 3.0)],
)
def test_quadrature_against_mpmath(beta, m1, m2, theta, model):
    expected = reference(theta, beta, m1, m2, model)
    assert two_cluster_log_time(theta, beta, m1, m2, model) == pytest.approx(expected, abs=1e-10)


@MODELS
def test_quadrature_against_the_closed_form(model):
    # SA with equal masses, and USA
    name = model.name
    exact = two_cluster_time(sp.Rational(5, 2), sp.Rational(1, 2), 7, model=name)
    found = two_cluster_log_time(2.5, 7, 0.5, 0.5, model, theta1=0.5)
    assert found == pytest.approx(float(sp.log(sp.N(exact, 30))), abs=1e-13)


@MODELS
def test_no_overflow_and_the_leading_order_at_large_beta(model):
    with np.errstate(all="raise", under="ignore"):
        found = two_cluster_log_time(2.0, 1e4, 0.3, 0.7, model)
    pair = forecast_merges(circle(0, 2.0), [0.3, 0.7], 1e4, model)[0]
    assert found == pytest.approx(pair.log_time, abs=1e-8)
    assert found - pair.leading == pytest.approx(
        2 * math.cos(2) / (1e4 * math.sin(2) ** 2), rel=0.02
    )


def test_near_antipodes_and_ends():
    assert two_cluster_log_time(math.pi - 1e-9, 9, 0.5, 0.5) == pytest.approx(20.288088, abs=1e-5)
    usa = two_cluster_log_time(math.pi - 1e-9, 9, 0.5, 0.5, USA)
    assert usa == pytest.approx(11.981235, abs=1e-5)
    assert two_cluster_log_time(math.pi, 9, 0.5, 0.5) == math.inf
    assert two_cluster_log_time(MERGE_ANGLE, 9, 0.5, 0.5) == -math.inf
    assert two_cluster_log_time(0.0, 9, 0.5, 0.5) == -math.inf
    expected = math.log(math.log(math.tan(0.5) / math.tan(MERGE_ANGLE / 2)))
    assert two_cluster_log_time(1.0, 0, 0.2, 0.8) == pytest.approx(expected, abs=1e-13)


@settings(max_examples=30, deadline=None)
@given(
    st.floats(0.01, 3.1),
    st.floats(0, 500),
    st.floats(1e-3, 1),
    st.floats(1e-3, 1),
    st.floats(0.1, 10),
)
def test_laws_of_the_merging_time(theta, beta, m1, m2, factor):
    sa = two_cluster_log_time(theta, beta, m1, m2)
    assert two_cluster_log_time(theta, beta, factor * m1, factor * m2) == pytest.approx(
        sa, abs=1e-9
    )
    assert two_cluster_log_time(theta * 1.01, beta, m1, m2) > sa
    usa = two_cluster_log_time(theta, beta, m1, m2, USA)
    scaled = two_cluster_log_time(theta, beta, factor * m1, factor * m2, USA)
    assert scaled == pytest.approx(usa - math.log(factor), abs=1e-9)


def test_many_pairs_at_once():
    theta = np.array([0.0, 0.5, 1.0, 3.0, np.pi])
    found = pair_log_time(pair_rate(SA), theta, 20.0, 0.25, 0.75)
    expected = [two_cluster_log_time(t, 20, 0.25, 0.75) for t in theta]
    np.testing.assert_allclose(found, expected, rtol=1e-13)


@pytest.mark.parametrize(
    "arguments",
    [
        (-0.1, 1, 1, 1),
        (4.0, 1, 1, 1),
        (1, -1, 1, 1),
        (1, 1, 0, 1),
        (1, 1, 1, -1),
        (1, math.inf, 1, 1),
        (1, 1, 1, 1, SA, 0.0),
        (1, 1, 1, 1, REPULSIVE),
    ],
)
def test_bad_arguments(arguments):
    with pytest.raises(ValueError, match="Expected"):
        two_cluster_log_time(*arguments)


# --- pairs ----------------------------------------------------------------------------------


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


@MODELS
def test_forecast_of_isolated_merges(model):
    result = coarsen(circle(0, 0.6, 2.0, 4.2), 60, model, [0.1, 0.4, 0.3, 0.2])
    found = compare_with_forecast(result)
    assert len(found) == 3
    for comparison in found:
        assert comparison.right
        assert comparison.gap > 10
        assert abs(comparison.error) < 1e-5
        assert comparison.plateau == pytest.approx(comparison.merge.energy_before, abs=1e-3)
    assert abs(found[-1].error) < 1e-8


def test_forecast_of_a_random_run():
    result = coarsen(sphere.random_points(60, 2, 1), 81, rtol=1e-7)
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
    found = compare_with_forecast(coarsen([[1, 0], [1, 0], [0, 1]], 9))
    assert (found[0].predicted, found[0].right, found[0].error) == (-math.inf, True, 0.0)
    assert compare_with_forecast(coarsen(polygon(3), 9)) == ()


def test_gap_of_pairs_on_top_of_each_other_and_of_antipodes():
    assert _first(circle(0, 1e-4, 2), np.full(3, 1 / 3), 9.0, SA)[1] == 0
    assert _first(circle(0, np.pi), np.full(2, 0.5), 9.0, SA)[0].log_time > 10
    assert _first(np.array([[1.0, 0], [-1, 0]]), np.full(2, 0.5), 9.0, SA)[1] == 0
    assert _first(np.array([[1.0, 0]]), np.ones(1), 9.0, SA) is None


def test_plateau_energy():
    assert plateau_energy([[1, 0], [0, 1]], [0.5, 0.5], 3) == pytest.approx(0.5 + math.exp(-3) / 2)
    x = sphere.random_points(9, 4, 0)
    assert plateau_energy(x, None, 7) == pytest.approx(coarsen(x, 7).energies[0], rel=1e-13)
    with pytest.raises(ValueError, match="Expected one system"):
        plateau_energy(np.ones((2, 3, 1)), None, 7)


# --- equilibria -----------------------------------------------------------------------------


@MODELS
@pytest.mark.parametrize(("k", "beta"), [(2, 4), (2, 400), (3, 81), (3, 400), (5, 9)])
def test_polygons_are_unstable_at_the_rates_of_theory(k, beta, model):
    spectrum = stationary_verdict(coarsen(polygon(k), beta, model))
    assert spectrum.stable.name == "UNSTABLE"
    rates = [polygon_mode_rate(p, k, beta, model.name) for p in range(1, k)]
    expected = max(float(sp.log(sp.N(rate, 250))) for rate in rates)
    assert escape_log_rate(spectrum) == pytest.approx(expected, abs=1e-9)


def test_antipodal_pair_of_unequal_masses_on_the_sphere():
    result = coarsen([[0, 0, 1], [0, 0, -1]], 30, SA, [0.75, 0.25])
    spectrum = stationary_verdict(result)
    assert spectrum.stable.name == "UNSTABLE"
    # e^{-2β} (m2/m1 + m1/m2) but for corrections of that order
    expected = -60 + math.log(3 + 1 / 3)
    assert escape_log_rate(spectrum) == pytest.approx(expected, abs=1e-12)


def test_other_equilibria_by_floats():
    tetrahedron = np.array([[1, 1, 1], [1, -1, -1], [-1, 1, -1], [-1, -1, 1]]) / np.sqrt(3)
    spectrum = stationary_verdict(coarsen(tetrahedron, 2.0))
    assert spectrum.stable.name == "UNSTABLE"
    assert -5 < escape_log_rate(spectrum) < 1


@MODELS
def test_large_polygon_by_floats_agrees_with_theory(model):
    spectrum = stationary_verdict(coarsen(polygon(9), 20.0, model))
    rates = [polygon_mode_rate(p, 9, 20, model.name) for p in range(1, 9)]
    expected = max(float(sp.log(sp.N(rate, 60))) for rate in rates)
    assert spectrum.stable.name == "UNSTABLE"
    assert escape_log_rate(spectrum) == pytest.approx(expected, abs=1e-7)


def test_lifetime_is_the_inverse_escape_rate():
    """A perturbed triangle leaves in a time of log(1/ε) over the rate, ε from 1e-4 to 1e-8."""
    times = []
    for size in (1e-4, 1e-8):
        moved = circle(*(2 * np.pi * np.arange(3) / 3 + size * np.array([1.0, -1.0, 0.3])))
        times.append(coarsen(moved, 20).merges[0].log_time)
    rate = escape_log_rate(stationary_verdict(coarsen(polygon(3), 20)))
    spent = np.exp(times[1]) - np.exp(times[0])
    assert np.log(math.log(1e4) / spent) == pytest.approx(rate, abs=1e-3)


def test_no_verdict_without_an_equilibrium():
    with pytest.raises(ValueError, match="status=CONSENSUS"):
        stationary_verdict(coarsen(circle(0, 1), 4))
    with pytest.raises(ValueError, match="d=1"):
        stationary_verdict(coarsen([[1], [-1]], 4))
    with pytest.raises(ValueError, match="tangent dimensions"):
        stationary_verdict(coarsen(polygon(60), 4))


@pytest.mark.parametrize("model", [SA, USA], ids=["SA", "USA"])
@pytest.mark.parametrize("k", range(2, 8))
def test_regular_polygons_are_stationary_and_unstable(k, model):
    result = coarsen(polygon(k), 9.0, model=model)
    assert result.status is CoarsenStatus.STATIONARY and not result.merges
    assert stationary_verdict(result).stable is Stability.UNSTABLE
