"""Coarsening: event times against quadrature and plain-time integration, invariances.

Log times are compared at merges, never at the end of a run: the last collapse depends on rtol.
"""

import itertools
import math

import mpmath
import numpy as np
import pytest
from scipy.integrate import solve_ivp
from scipy.optimize import brentq

from numerics import sphere
from numerics.coarsening.result import MERGE_DISTANCE, CoarsenStatus
from numerics.coarsening.run import coarsen
from theory import CAUSAL, REPULSIVE, SA, USA

pytestmark = pytest.mark.extras

MODELS = pytest.mark.parametrize("model", [SA, USA], ids=["SA", "USA"])


def circle(*angles):
    theta = np.asarray(angles, dtype=float).ravel()
    return np.stack([np.cos(theta), np.sin(theta)], axis=1)


def log_times(result):
    return np.array([merge.log_time for merge in result.merges])


def rotation(d, seed=0):
    return np.linalg.qr(np.random.default_rng(seed).standard_normal((d, d)))[0]


def velocity(x, beta, masses, model):
    """The flow written down directly, without scaling."""
    gram = x @ x.T
    weights = masses * np.exp(beta * (gram - 1.0)) if model is SA else masses * np.exp(beta * gram)
    if model is SA:
        weights /= weights.sum(axis=1, keepdims=True)
    pull = weights @ x
    return pull - np.sum(pull * x, axis=1, keepdims=True) * x


def two_cluster_log_time(beta, m1, m2, theta0, model):
    """Quadrature of the exact law of two clusters at angle theta0."""
    with mpmath.workdps(40):
        beta, m1, m2, theta0 = map(mpmath.mpf, (beta, m1, m2, theta0))

        def slowness(theta):
            q = mpmath.exp(-beta * (1 - mpmath.cos(theta)))
            if model is SA:
                pull = m2 * q / (m1 + m2 * q) + m1 * q / (m2 + m1 * q)
            else:
                pull = (m1 + m2) * mpmath.exp(beta) * q
            return 1 / (mpmath.sin(theta) * pull)

        low = 2 * mpmath.asin(mpmath.mpf(MERGE_DISTANCE) / 2)
        # nodes that crowd where the integrand decays: away from theta0 and towards 0
        width = 1 / (1 + beta * mpmath.sin(theta0))
        nodes = [
            low,
            *(low * 4**k for k in range(1, 5)),
            *(theta0 - width * 3**k for k in range(8)),
        ]
        nodes = sorted({node for node in nodes if low <= node < theta0} | {theta0})
        return float(mpmath.log(mpmath.quad(slowness, nodes)))


TABLE = [
    (1, 0.5, 0.5, 1, 1.966322215256, 0.9868307286221),
    (9, 0.9, 0.1, 2, 8.454700967964, 1.662631976230),
    (81, 0.5, 0.5, 1, 32.51300684675, -47.79384597269),
    (400, 0.3, 0.7, 3.1, 798.0719556305, 399.0878762033),
    (1000, 0.9, 0.1, 2, 1407.218749975, 409.4282446448),
]


# --- two and three clusters ----------------------------------------------------------------------


@MODELS
@pytest.mark.parametrize("row", TABLE, ids=lambda row: f"beta{row[0]}")
def test_two_clusters_of_the_table(row, model):
    beta, m1, m2, angle, sa, usa = row
    result = coarsen(circle(0, angle), beta=beta, model=model, masses=[m1, m2])
    assert result.status is CoarsenStatus.CONSENSUS
    assert abs(result.merges[0].log_time - (sa if model is SA else usa)) < 1e-8
    assert not result.ill_conditioned


@pytest.mark.slow
@pytest.mark.every(3)
@MODELS
@pytest.mark.parametrize(
    ("beta", "m1", "m2", "angle"),
    [
        (0.1, 0.999, 0.001, 3.0),
        (25, 0.2, 0.8, 0.3),
        (300, 0.65, 0.35, 2.5),
        (1000, 1e-3, 0.999, 1.2),
    ],
)
def test_two_clusters_against_quadrature(beta, m1, m2, angle, model):
    expected = two_cluster_log_time(beta, m1, m2, angle, model)
    points = circle(0.4, 0.4 + angle)
    assert (
        abs(coarsen(points, beta=beta, model=model, masses=[m1, m2]).merges[0].log_time - expected)
        < 1e-8
    )
    finer = coarsen(points, beta=beta, model=model, masses=[m1, m2], rtol=1e-10)
    assert abs(finer.merges[0].log_time - expected) < 1e-9


@pytest.mark.parametrize(("model", "expected"), [(SA, 20.288088), (USA, 11.981235)])
def test_almost_antipodal_pair(model, expected):
    result = coarsen(circle(0, np.pi - 1e-9), beta=9, model=model)
    assert abs(result.merges[0].log_time - expected) < 1e-5
    assert result.steps < 200
    assert result.merges[0].ill_conditioned  # 1e-16 of the data against 1e-9 from the saddle


@pytest.mark.parametrize(
    ("angles", "masses", "beta", "expected"),
    [
        ((0, 0.9, 2.4), (0.2, 0.5, 0.3), 4, (2.0533305960, 2.7824341927)),
        ((0, 0.5, 1.2), (0.2, 0.5, 0.3), 9, (1.9558557310, 2.0921538882)),
        ((0, 0.35, 0.85), (0.5, 0.1, 0.4), 20, (1.8588447406, 3.3354121352)),
    ],
)
def test_three_clusters_against_taylor_integrator(angles, masses, beta, expected):
    result = coarsen(circle(*angles), beta=beta, model=SA, masses=masses)
    assert log_times(result) == pytest.approx(expected, abs=1e-8)


def compare_with_plain_time(members, n, d, beta, model, seed):
    rng = np.random.default_rng(seed)
    x0 = sphere.random_points(n, d, rng)
    masses = rng.uniform(0.2, 1.0, n)
    masses /= masses.sum()
    end = 3.0 if model is SA else 3.0 - beta
    result = coarsen(x0, beta=beta, model=model, masses=masses, rtol=1e-9, log_t_end=end)
    assert result.status is CoarsenStatus.HORIZON

    def rhs(_, y):  # stages of a step may leave the sphere by far
        return velocity(sphere.project(y.reshape(n, d)), beta, masses, model).ravel()

    plain = solve_ivp(
        rhs, (0, math.exp(end)), x0.ravel(), method="DOP853", rtol=1e-12, atol=1e-14,
        dense_output=True,
    )  # fmt: skip

    def state(log_time):
        return sphere.project(plain.sol(math.exp(log_time)).reshape(n, d))

    for log_time in (end - 4, end - 2, end - 1, end):
        assert np.abs(result.at(log_time) - state(log_time)).max() < 1e-7
    inside = members(result)
    compared = 0
    for merge in result.merges:
        if not end - 6 < merge.log_time < end - 1e-3:
            continue
        groups = [sorted(inside[c]) for c in merge.children]

        def gap(log_time, groups=groups):
            x = state(log_time)
            return (
                min(
                    np.linalg.norm(x[a][:, None] - x[b], axis=-1).min()
                    for a, b in itertools.combinations(groups, 2)
                )
                - MERGE_DISTANCE
            )

        plain_time = brentq(gap, merge.log_time - 1e-3, merge.log_time + 1e-3, xtol=1e-12)
        assert abs(plain_time - merge.log_time) < 1e-7
        compared += 1
    return compared


# --- plain time ----------------------------------------------------------------------------------


@pytest.mark.slow
@MODELS
def test_plain_time(members, model):
    compared = sum(
        compare_with_plain_time(members, 16, d, beta, model, seed)
        for seed, (d, beta) in enumerate([(2, 1.0), (2, 9.0), (3, 4.0), (3, 9.0)])
    )
    assert compared > 15


@pytest.mark.every(5, kept="slow", rest="full")
@MODELS
@pytest.mark.parametrize("n", [16, 32, 64])
@pytest.mark.parametrize("d", [2, 3])
@pytest.mark.parametrize("beta", [1.0, 4.0, 9.0])
def test_plain_time_grid(members, n, d, beta, model):
    compare_with_plain_time(members, n, d, beta, model, seed=n + d)


# --- invariances ---------------------------------------------------------------------------------


@pytest.mark.slow
def test_without_temperature_both_models_agree(shape):
    points = sphere.random_points(12, 3, rng=1)
    sa, usa = coarsen(points, beta=0.0, model=SA), coarsen(points, beta=0.0, model=USA)
    assert log_times(sa) == pytest.approx(log_times(usa), abs=1e-12)
    assert shape(sa) == shape(usa)
    # the limit of small β is continuous
    assert log_times(coarsen(points, beta=1e-9, model=SA)) == pytest.approx(log_times(sa), abs=1e-7)


@pytest.mark.slow
@MODELS
def test_common_factor_of_the_masses(model):
    points = sphere.random_points(12, 3, rng=2)
    masses = np.random.default_rng(2).uniform(0.1, 1, 12)
    one = coarsen(points, beta=20, model=model, masses=masses)
    many = coarsen(points, beta=20, model=model, masses=1e60 * masses)
    shift = 0.0 if model is SA else math.log(1e60)
    assert log_times(many) == pytest.approx(log_times(one) - shift, abs=1e-8)
    assert many.energies[-1] == pytest.approx(1e120 * masses.sum() ** 2)
    time = one.merges[3].log_time + 0.1
    assert np.abs(many.at(time - shift) - one.at(time)).max() < 1e-7


@pytest.mark.slow
@MODELS
def test_rotation_permutation_embedding_and_splitting(model, shape):
    n, d, beta = 32, 3, 81
    points = sphere.random_points(n, d, rng=3)
    plain = coarsen(points, beta=beta, model=model)
    times = log_times(plain)
    assert len(times) == n - 1

    rotated = coarsen(points @ rotation(d), beta=beta, model=model)
    assert shape(rotated) == shape(plain)
    assert log_times(rotated) == pytest.approx(times, abs=1e-7)

    order = np.random.default_rng(4).permutation(n)
    permuted = coarsen(points[order], beta=beta, model=model)
    assert shape(permuted, relabel=order) == shape(plain)
    assert log_times(permuted) == pytest.approx(times, abs=1e-7)

    wide = np.zeros((n, 50))  # d > n: the run works in the span
    wide[:, [4, 7, 40]] = points
    embedded = coarsen(wide, beta=beta, model=model)
    assert shape(embedded) == shape(plain)
    assert log_times(embedded) == pytest.approx(times, abs=1e-7)
    assert np.abs(embedded.at(30.0)[:, [4, 7, 40]] - plain.at(30.0)).max() < 1e-6

    split = coarsen(
        np.vstack([points, points[5]]),
        beta=beta,
        model=model,
        masses=np.r_[np.full(5, 1 / n), 0.5 / n, np.full(n - 6, 1 / n), 0.5 / n],
    )
    assert split.merges[0].log_time == -math.inf
    assert split.merges[0].children == (5, n)
    assert log_times(split)[1:] == pytest.approx(times, abs=1e-9)


@pytest.mark.slow
def test_tolerances_agree(shape):
    points = sphere.random_points(64, 2, rng=5)
    runs = {rtol: coarsen(points, beta=81, rtol=rtol) for rtol in (1e-6, 1e-8, 1e-10, 1e-11)}
    finest = runs.pop(1e-11)
    for (rtol, run), bound in zip(runs.items(), (1e-4, 1e-6, 1e-9), strict=True):
        assert shape(run) == shape(finest), rtol
        error = np.abs(log_times(run)[1:] - log_times(finest)[1:])
        error = error[np.isfinite(error)]
        assert error.max() < bound, rtol
        assert np.median(error) < bound / 30, rtol


# --- arguments -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"points": [[1.0, 1.0]]}, "points"),
        ({"points": [[[1.0, 0.0]]]}, r"points.shape=\(1, 1, 2\)"),
        ({"points": [[math.nan, 1.0]]}, "points"),
        ({"masses": [1.0, -1.0]}, "masses"),
        ({"masses": [1.0]}, "masses"),
        ({"beta": -1.0}, "beta=-1.0"),
        ({"beta": math.inf}, "beta=inf"),
        ({"rtol": 1e-14}, "rtol=1e-14"),
        ({"rtol": 0.1}, "rtol=0.1"),
        ({"log_t_end": math.nan}, "log_t_end=nan"),
        ({"max_steps": -1}, "max_steps=-1"),
        ({"backend": "fortran"}, "backend='fortran'"),
        ({"beta": None}, "beta=None"),
        ({"model": REPULSIVE}, "kernel that increases but got model=.*integrate"),
        ({"model": "t**3 - beta*t"}, r"increasing kernel.*h'\(.*integrate"),
        ({"model": CAUSAL}, "but got model=causal SA.*integrate"),
        ({"flow": "softmax"}, "flow='softmax'"),
        ({"gamma": 1.0}, "gamma=1.0"),
    ],
)
def test_wrong_arguments(change, message):
    arguments = {"points": [[1.0, 0.0], [0.0, 1.0]], "beta": 4.0} | change
    with pytest.raises(ValueError, match="^Expected .*" + message):
        coarsen(**arguments)


def test_what_is_not_a_model_or_a_number_is_named():
    points = sphere.random_points(3, 2, 0)
    with pytest.raises(ValueError, match="Expected a formula in t but got model='SA'"):
        coarsen(points, beta=9.0, model="SA")
    with pytest.raises(ValueError, match="one number"):
        coarsen(points, beta=[1.0, 2.0])
