"""The time of a pair: quadrature against mpmath, closed forms and the derived law."""

import math

import mpmath
import numpy as np
import pytest
import sympy as sp
from hypothesis import given, settings
from hypothesis import strategies as st

from numerics.coarsening.forecast import forecast_merges
from numerics.coarsening.pair_times import (
    M1,
    M2,
    MERGE_ANGLE,
    THETA,
    pair_log_time,
    pair_rate,
    two_cluster_log_time,
)
from numerics.coarsening.result import MERGE_DISTANCE
from theory import REPULSIVE, SA, USA, symbols
from theory.derivations import two_clusters
from theory.predictions import two_cluster_time

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


@pytest.mark.slow
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
