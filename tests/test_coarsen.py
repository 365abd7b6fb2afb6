"""Coarsening: event times against quadrature and plain-time integration, invariances, endings.

Log times are compared at merges, never at the end of a run: the last collapse depends on rtol.
"""

import dataclasses
import itertools
import math
import pickle

import mpmath
import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from scipy.integrate import solve_ivp
from scipy.optimize import brentq

from numerics import sphere
from numerics.coarsening import (
    MERGE_DISTANCE,
    Coarsening,
    CoarsenStatus,
    NumbaPairs,
    NumpyPairs,
    choose_backend,
    coarsen,
    exp_in_place,
    numba,
)
from numerics.coarsening import marked_by_repeat as compare_runs
from theory import REPULSIVE, SA, USA

MODELS = pytest.mark.parametrize("model", [SA, USA], ids=["SA", "USA"])
needs_numba = pytest.mark.skipif(numba is None, reason="numba is not installed")


def circle(*angles):
    theta = np.asarray(angles, dtype=float).ravel()
    return np.stack([np.cos(theta), np.sin(theta)], axis=1)


def polygon(k):
    return circle(2 * np.pi * np.arange(k) / k)


def log_times(result):
    return np.array([merge.log_time for merge in result.merges])


def members(result):
    """Particles of every cluster, by id."""
    inside = {k: frozenset([k]) for k in range(result.n)}
    for merge in result.merges:
        inside[merge.cluster] = frozenset().union(*(inside[c] for c in merge.children))
    return inside


def shape(result, relabel=None):
    """The tree without times and ids: sets of sets of particles."""
    inside = members(result)
    relabel = np.arange(result.n) if relabel is None else relabel
    return {
        frozenset(frozenset(int(relabel[p]) for p in inside[c]) for c in merge.children)
        for merge in result.merges
    }


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
    result = coarsen(circle(0, angle), beta, model, masses=[m1, m2])
    assert result.status is CoarsenStatus.CONSENSUS
    assert abs(result.merges[0].log_time - (sa if model is SA else usa)) < 1e-8
    assert not result.ill_conditioned


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
    assert abs(coarsen(points, beta, model, [m1, m2]).merges[0].log_time - expected) < 1e-8
    finer = coarsen(points, beta, model, [m1, m2], rtol=1e-10)
    assert abs(finer.merges[0].log_time - expected) < 1e-9


@pytest.mark.parametrize(("model", "expected"), [(SA, 20.288088), (USA, 11.981235)])
def test_almost_antipodal_pair(model, expected):
    result = coarsen(circle(0, np.pi - 1e-9), 9, model)
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
    result = coarsen(circle(*angles), beta, SA, masses=masses)
    assert log_times(result) == pytest.approx(expected, abs=1e-8)


# --- plain time ----------------------------------------------------------------------------------


def compare_with_plain_time(n, d, beta, model, seed):
    rng = np.random.default_rng(seed)
    x0 = sphere.random_points(n, d, rng)
    masses = rng.uniform(0.2, 1.0, n)
    masses /= masses.sum()
    end = 3.0 if model is SA else 3.0 - beta
    result = coarsen(x0, beta, model, masses, rtol=1e-9, log_t_end=end)
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


@MODELS
def test_plain_time(model):
    compared = sum(
        compare_with_plain_time(16, d, beta, model, seed)
        for seed, (d, beta) in enumerate([(2, 1.0), (2, 9.0), (3, 4.0), (3, 9.0)])
    )
    assert compared > 15


@pytest.mark.slow
@MODELS
@pytest.mark.parametrize("n", [16, 32, 64])
@pytest.mark.parametrize("d", [2, 3])
@pytest.mark.parametrize("beta", [1.0, 4.0, 9.0])
def test_plain_time_grid(n, d, beta, model):
    compare_with_plain_time(n, d, beta, model, seed=n + d)


# --- invariances ---------------------------------------------------------------------------------


def test_without_temperature_both_models_agree():
    points = sphere.random_points(12, 3, rng=1)
    sa, usa = coarsen(points, 0.0, SA), coarsen(points, 0.0, USA)
    assert log_times(sa) == pytest.approx(log_times(usa), abs=1e-12)
    assert shape(sa) == shape(usa)
    # the limit of small β is continuous
    assert log_times(coarsen(points, 1e-9, SA)) == pytest.approx(log_times(sa), abs=1e-7)


@MODELS
def test_common_factor_of_the_masses(model):
    points = sphere.random_points(12, 3, rng=2)
    masses = np.random.default_rng(2).uniform(0.1, 1, 12)
    one = coarsen(points, 20, model, masses)
    many = coarsen(points, 20, model, 1e60 * masses)
    shift = 0.0 if model is SA else math.log(1e60)
    assert log_times(many) == pytest.approx(log_times(one) - shift, abs=1e-8)
    assert many.energies[-1] == pytest.approx(1e120 * masses.sum() ** 2)
    time = one.merges[3].log_time + 0.1
    assert np.abs(many.at(time - shift) - one.at(time)).max() < 1e-7


@MODELS
def test_rotation_permutation_embedding_and_splitting(model):
    n, d, beta = 32, 3, 81
    points = sphere.random_points(n, d, rng=3)
    plain = coarsen(points, beta, model)
    times = log_times(plain)
    assert len(times) == n - 1

    rotated = coarsen(points @ rotation(d), beta, model)
    assert shape(rotated) == shape(plain)
    assert log_times(rotated) == pytest.approx(times, abs=1e-7)

    order = np.random.default_rng(4).permutation(n)
    permuted = coarsen(points[order], beta, model)
    assert shape(permuted, relabel=order) == shape(plain)
    assert log_times(permuted) == pytest.approx(times, abs=1e-7)

    wide = np.zeros((n, 50))  # d > n: the run works in the span
    wide[:, [4, 7, 40]] = points
    embedded = coarsen(wide, beta, model)
    assert shape(embedded) == shape(plain)
    assert log_times(embedded) == pytest.approx(times, abs=1e-7)
    assert np.abs(embedded.at(30.0)[:, [4, 7, 40]] - plain.at(30.0)).max() < 1e-6

    split = coarsen(
        np.vstack([points, points[5]]), beta, model, np.r_[np.full(5, 1 / n), 0.5 / n,
        np.full(n - 6, 1 / n), 0.5 / n],
    )  # fmt: skip
    assert split.merges[0].log_time == -math.inf
    assert split.merges[0].children == (5, n)
    assert log_times(split)[1:] == pytest.approx(times, abs=1e-9)


def test_tolerances_agree():
    points = sphere.random_points(64, 2, rng=5)
    runs = {rtol: coarsen(points, 81, rtol=rtol) for rtol in (1e-6, 1e-8, 1e-10, 1e-11)}
    finest = runs.pop(1e-11)
    for (rtol, run), bound in zip(runs.items(), (1e-4, 1e-6, 1e-9), strict=True):
        assert shape(run) == shape(finest), rtol
        error = np.abs(log_times(run)[1:] - log_times(finest)[1:])
        error = error[np.isfinite(error)]
        assert error.max() < bound, rtol
        assert np.median(error) < bound / 30, rtol


# --- endings -------------------------------------------------------------------------------------


@MODELS
@pytest.mark.parametrize("beta", [0, 9, 81, 400, 1e4])
def test_regular_polygons_never_merge(beta, model):
    for k in (2, 3, 4, 5, 6, 7, 8, 12, 64, 101):
        for points in (polygon(k), polygon(k) @ rotation(2, seed=k)):
            result = coarsen(points, beta, model)
            assert result.status is CoarsenStatus.STATIONARY, k
            assert result.steps == 0 and result.merges == ()
            assert len(result.final_masses) == k
            assert np.array_equal(result.at(1e3), result.points)


@MODELS
def test_platonic_and_degenerate_equilibria(model):
    tetrahedron = sphere.project([[1, 1, 1], [1, -1, -1], [-1, 1, -1], [-1, -1, 1]])
    octahedron = np.vstack([np.eye(3), -np.eye(3)])
    for points in (tetrahedron, octahedron):
        assert coarsen(points, 30, model).status is CoarsenStatus.STATIONARY
    line = coarsen([[1], [-1], [1], [-1], [1]], 9, model)
    assert line.status is CoarsenStatus.STATIONARY
    assert shape(line) == {
        frozenset(map(frozenset, ({0}, {2}, {4}))),
        frozenset(map(frozenset, ({1}, {3}))),
    }
    assert sorted(line.final_masses) == pytest.approx([0.4, 0.6])
    assert line.final_labels.tolist() == [0, 1, 0, 1, 0]


def test_stationary_to_double_precision():
    ring = np.column_stack([polygon(6), np.zeros(6)])
    result = coarsen(np.vstack([ring, [0, 0, 1]]), 81)
    assert result.status is CoarsenStatus.STATIONARY
    assert result.residual < 1e-13
    assert "equilibrium" in result.status.message


def test_rectangle_ends_in_an_antipodal_pair():
    result = coarsen(circle(0.5, -0.5, np.pi - 0.5, np.pi + 0.5), 9)
    assert result.status is CoarsenStatus.STATIONARY
    assert log_times(result) == pytest.approx([2.55549327] * 2, abs=1e-7)
    assert len(result.final_masses) == 2
    assert np.abs(result.final_points.sum(axis=0)).max() < 1e-12
    assert result.final_points[result.final_labels].shape == (4, 2)
    assert result.at(500.0) == pytest.approx(result.final_points[result.final_labels])


def test_single_particle_and_identical_particles():
    one = coarsen([[0.0, 1.0]], 81)
    assert one.status is CoarsenStatus.CONSENSUS
    assert one.merges == () and one.log_times.tolist() == [-math.inf]
    assert one.at(3.0).tolist() == [[0.0, 1.0]]
    same = coarsen([[0.6, 0.8]] * 5, 81, masses=[1, 2, 3, 4, 5])
    assert same.status is CoarsenStatus.CONSENSUS
    (merge,) = same.merges
    assert merge.children == (0, 1, 2, 3, 4) and merge.mass == 15
    assert merge.log_time == -math.inf
    assert merge.energy_before == merge.energy_after == pytest.approx(225)
    assert same.final_points == pytest.approx(np.array([[0.6, 0.8]]))


@pytest.mark.parametrize("gap", [1e-12, 1e-14, 3e-16])
def test_points_within_rounding_of_each_other(gap):
    points = sphere.project([[1, 0, 0], [1, gap, 0], [0, 1, 1e-3]])
    for beta in (1, 400):
        result = coarsen(points, beta)
        assert result.status is CoarsenStatus.CONSENSUS
        assert result.merges[0].children == (0, 1)
        assert result.merges[0].log_time == -math.inf
        assert math.isfinite(result.merges[1].log_time)


@MODELS
def test_antipodal_points(model):
    exact = coarsen([[0, 0, 1], [0, 0, -1]], 9, model)
    assert exact.status is CoarsenStatus.STATIONARY
    near = coarsen(sphere.project([[0, 1e-12, 1], [0, 0, -1]]), 9, model)
    assert near.status is CoarsenStatus.CONSENSUS
    assert near.merges[0].ill_conditioned
    assert near.conditioning < 1e-11


def test_perturbed_octagon_merges_and_is_marked():
    k = np.arange(8)
    points = circle(2 * np.pi * k / 8 + 1e-9 * np.sin(k**2))
    for model, expected in ((SA, 81.27683), (USA, 41.96998)):
        result = coarsen(points, 40, model)
        assert result.status is CoarsenStatus.CONSENSUS
        assert result.merges[-1].log_time == pytest.approx(expected, abs=1e-3)
        assert all(merge.ill_conditioned for merge in result.merges)
        assert result.conditioning < 1e-7


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize("d", [2, 3])
def test_very_low_temperature(d):
    result = coarsen(sphere.random_points(32, d, rng=1), 1e4)
    assert result.status is CoarsenStatus.CONSENSUS
    assert 1.8e4 < result.merges[-1].log_time < 2.1e4
    assert result.steps < 3000
    assert np.isfinite(result.energies).all()


def test_masses_over_six_orders():
    result = coarsen(sphere.random_points(32, 3, rng=1), 81, masses=np.geomspace(1e-6, 1, 32))
    assert result.status is CoarsenStatus.CONSENSUS
    assert result.final_masses == pytest.approx([np.geomspace(1e-6, 1, 32).sum()])


@pytest.mark.parametrize("beta", [0.1, 400])
def test_sixteen_dimensions(beta):
    result = coarsen(sphere.random_points(20, 16, rng=6), beta)
    assert result.status is CoarsenStatus.CONSENSUS
    assert not result.ill_conditioned


def test_horizon():
    points = sphere.random_points(32, 3, rng=7)
    whole = coarsen(points, 81)
    part = coarsen(points, 81, log_t_end=20)
    assert part.status is CoarsenStatus.HORIZON
    assert part.log_times[-1] == 20
    before = [merge for merge in whole.merges if merge.log_time <= 20]
    assert [(m.log_time, m.children) for m in part.merges] == [
        (m.log_time, m.children) for m in before
    ]
    assert np.abs(part.at(20.0) - whole.at(20.0)).max() < 1e-12
    assert part.at(20.0) == pytest.approx(part.final_points[part.final_labels], abs=1e-7)
    with pytest.raises(ValueError, match=r"Expected times up to .* 20, but got log_time=20.5"):
        part.at(20.5)
    early = coarsen(points, 81, log_t_end=-50.0)
    assert early.status is CoarsenStatus.HORIZON and early.merges == ()
    assert np.abs(early.final_points - points).max() < 1e-12


def test_step_limit():
    result = coarsen(sphere.random_points(16, 3, rng=8), 81, max_steps=10)
    assert result.status is CoarsenStatus.MAX_STEPS
    assert result.steps + result.rejected == 10
    assert "max_steps" in result.status.message
    assert coarsen(polygon(5), 9, max_steps=0).status is CoarsenStatus.STATIONARY


# --- energy, dense output ------------------------------------------------------------------------


def energy(points, masses, beta):
    gap = points[:, None] - points
    return float(masses @ np.exp(-beta * np.sum(gap * gap, axis=-1) / 2) @ masses)


@MODELS
@pytest.mark.parametrize(("d", "beta"), [(2, 81), (3, 400), (16, 81)])
def test_energy_staircase(d, beta, model):
    masses = np.random.default_rng(9).uniform(0.2, 1, 32)
    masses /= masses.sum()
    result = coarsen(sphere.random_points(32, d, rng=9), beta, model, masses)
    assert np.diff(result.energies).min() > -1e-14
    assert np.diff(result.log_times[1:]).min() >= 0
    assert result.energies[0] == pytest.approx(energy(result.points, masses, beta), abs=1e-14)
    assert result.energies[-1] == pytest.approx(1.0, abs=1e-15)
    finite = [merge for merge in result.merges if merge.log_time > -math.inf]
    for first, second in itertools.pairwise(finite):
        assert first.energy_before <= first.energy_after == second.energy_before
        if second.log_time - first.log_time > 3:
            x = result.at(0.5 * (first.log_time + second.log_time))
            labels = np.zeros(32, dtype=int)
            alive = {k: frozenset([k]) for k in range(32)}
            for merge in result.merges:
                if merge.log_time <= first.log_time:
                    alive[merge.cluster] = frozenset().union(*map(alive.pop, merge.children))
            for label, particles in enumerate(alive.values()):
                labels[list(particles)] = label
            cluster_masses = np.bincount(labels, masses)
            centres = np.array([masses[labels == c] @ x[labels == c] for c in range(len(alive))])
            plateau = energy(sphere.project(centres), cluster_masses, beta)
            assert energy(x, masses, beta) == pytest.approx(plateau, abs=1e-12)
            assert first.energy_after == pytest.approx(plateau, abs=1e-6)
    assert finite[-1].energy_after == pytest.approx(1.0)


def test_dense_output():
    points = sphere.random_points(24, 3, rng=10)
    result = coarsen(points, 40)
    assert np.array_equal(result.at(-math.inf), result.points)
    assert np.abs(result.points - points).max() < 1e-15
    times = [result.merges[10].log_time, -math.inf, 2.0, 1e6, result.log_times[7]]
    together = result.at(times)
    assert together.shape == (5, 24, 3)
    for k, time in enumerate(times):
        assert np.abs(together[k] - result.at(time)).max() < 1e-14
    assert np.abs(np.linalg.norm(together, axis=-1) - 1).max() < 1e-15
    inside = members(result)
    for merge in [m for m in result.merges[3::5] if m.log_time < 12]:
        x = result.at(merge.log_time)
        first, second = (sorted(inside[c]) for c in merge.children)
        gap = np.linalg.norm(x[first][:, None] - x[second], axis=-1).min()
        assert gap == pytest.approx(MERGE_DISTANCE, rel=1e-5)
        centre = result.masses[first + second] @ x[first + second]
        assert merge.position == pytest.approx(sphere.project(centre), abs=1e-9)
    # Continuous over the steps, but for the collapses. At log t = 20 even the neighbouring
    # floating-point number is a visible stretch of the way.
    for time in [t for t in result.log_times[2:-1:9] if t < 12]:
        before = result.at(np.nextafter(time, -np.inf))
        assert np.abs(before - result.at(time)).max() < 1e-7
    with pytest.raises(ValueError, match="got log_time=nan"):
        result.at(math.nan)
    with pytest.raises(ValueError, match=r"log_time\.shape="):
        result.at([[1.0]])


def test_dense_output_survives_keyframes_and_pickling():
    result = coarsen(sphere.random_points(24, 3, rng=11), 400, rtol=1e-9)
    again = pickle.loads(pickle.dumps(result))
    assert result.steps > 300
    for time in (5.0, 100.0, 300.0, 500.0):
        assert np.array_equal(result.at(time), again.at(time))


# --- ill-conditioned starts ----------------------------------------------------------------------


def test_symmetric_but_moving_ring_is_marked_by_the_repeat():
    height = 0.2 / math.sqrt(1.04)
    ring = np.column_stack([math.sqrt(1 - height**2) * polygon(6), np.full(6, height)])
    silent = coarsen(ring, 81)
    assert silent.conditioning > 1e-3  # no quantity of the run itself sees it
    checked = coarsen(ring, 81, check=True)
    assert checked.confirmed and checked.ill_conditioned
    assert all(merge.ill_conditioned for merge in checked.merges)


def test_hexagon_beside_a_pole_is_marked_when_it_is_a_saddle():
    pole = [math.sin(0.3) * math.cos(0.2), math.sin(0.3) * math.sin(0.2), math.cos(0.3)]
    points = np.vstack([np.column_stack([polygon(6), np.zeros(6)]), pole])
    mild = coarsen(points, 20)
    assert mild.conditioning == pytest.approx(8e-3, rel=0.3) and not mild.ill_conditioned
    wild = coarsen(points, 81)
    assert wild.conditioning < 1e-7 and wild.ill_conditioned
    assert wild.merges[0].log_time == pytest.approx(38.147, abs=1e-3)


@MODELS
def test_random_data_is_confirmed(model):
    result = coarsen(sphere.random_points(32, 3, rng=12), 81, model, check=True)
    assert result.confirmed is True and not result.ill_conditioned
    unchecked = coarsen(sphere.random_points(32, 3, rng=12), 81, model)
    assert unchecked.confirmed is None
    assert shape(unchecked) == shape(result)


def test_repeat_that_ends_differently_is_not_confirmed():
    result = coarsen(polygon(8), 40)
    other = coarsen(circle(2 * np.pi * np.arange(8) / 8 + 1e-9 * np.sin(np.arange(8) ** 2)), 40)
    assert compare_runs(result, other).confirmed is False
    assert compare_runs(result, other).ill_conditioned


# --- properties ----------------------------------------------------------------------------------


@st.composite
def lattice_points(draw, max_n=6):
    d = draw(st.integers(2, 3))
    coordinate = st.integers(-4, 4)
    rows = st.lists(coordinate, min_size=d, max_size=d).filter(any)
    return sphere.project(draw(st.lists(rows, min_size=1, max_size=max_n)))


runs = {
    "points": lattice_points(),
    "beta": st.sampled_from([0, 1, 4, 20, 81]),
    "model": st.sampled_from([SA, USA]),
}


@settings(deadline=None, max_examples=30)
@given(**runs, masses=st.lists(st.integers(1, 9), min_size=6, max_size=6))
def test_tree_invariants(points, beta, model, masses):
    masses = np.array(masses[: len(points)], dtype=float)
    result = coarsen(points, beta, model, masses, rtol=1e-6, max_steps=2000)
    n = len(points)
    alive = {k: masses[k] for k in range(n)}
    last = -math.inf
    for k, merge in enumerate(result.merges):
        assert merge.cluster == n + k and len(merge.children) >= 2
        assert merge.children == tuple(sorted(merge.children))
        assert merge.mass == pytest.approx(sum(alive.pop(c) for c in merge.children))
        alive[merge.cluster] = merge.mass
        assert merge.log_time >= last
        last = merge.log_time
        assert merge.energy_after >= merge.energy_before - 1e-12 * masses.sum() ** 2
        assert np.linalg.norm(merge.position) == pytest.approx(1)
    if result.status is CoarsenStatus.CONSENSUS:
        assert len(alive) == 1
    assert np.diff(result.energies).min(initial=0) > -1e-13 * masses.sum() ** 2
    assert result.final_masses.sum() == pytest.approx(masses.sum())
    assert np.bincount(result.final_labels, masses) == pytest.approx(result.final_masses)
    start = [merge for merge in result.merges if merge.log_time == -math.inf]
    together = {frozenset(members(result)[m.cluster]) for m in start}
    same = {
        frozenset(np.flatnonzero(np.abs(points - p).max(axis=1) < 1e-4).tolist()) for p in points
    }
    assert together == {group for group in same if len(group) > 1}  # duplicates merge at the start


@settings(deadline=None, max_examples=20)
@given(**runs, seed=st.integers(0, 3))
def test_unmarked_merges_are_equivariant(points, beta, model, seed):
    n, d = points.shape
    result = coarsen(points, beta, model, rtol=1e-7, max_steps=1000, check=True)
    assume(result.status is not CoarsenStatus.MAX_STEPS)
    order = np.random.default_rng(seed).permutation(n)
    moved = coarsen(points[order] @ rotation(d, seed), beta, model, rtol=1e-7, max_steps=4000)
    inside, other = members(result), members(moved)
    times = {frozenset(int(order[p]) for p in other[m.cluster]): m.log_time for m in moved.merges}
    for merge in result.merges:
        if not merge.ill_conditioned:
            time = times[inside[merge.cluster]]
            assert time == merge.log_time or abs(time - merge.log_time) < 2e-5


# --- backends ------------------------------------------------------------------------------------


@needs_numba
@MODELS
@pytest.mark.parametrize(("n", "d", "beta"), [(2, 2, 9), (60, 3, 400), (60, 2, 0), (40, 16, 1000)])
def test_backends_compute_the_same(n, d, beta, model):
    rng = np.random.default_rng(13)
    points = sphere.random_points(n, d, rng)
    masses = rng.uniform(1e-3, 1, n)
    masses /= masses.sum()
    arguments = (masses, float(beta), model is SA, 1e-8)
    slow = NumpyPairs(*arguments)
    fast = NumbaPairs(*arguments)
    x = np.ascontiguousarray(points.T)
    component = rng.integers(0, 4, n)
    for step in range(12):  # small and large moves: the lists must notice both
        a, b = slow.speeds(x), fast.speeds(x)
        assert a.amax == pytest.approx(b.amax, abs=1e-12 * (1 + beta))
        for left, right in zip(a[:4], b[:4], strict=True):
            assert right == pytest.approx(left, rel=1e-11, abs=1e-13 * np.abs(left).max())
        assert fast.clock(x, a.u) == pytest.approx(slow.clock(x, a.u), rel=1e-12)
        y = x + (0.3 if step % 5 == 4 else 1e-3) * rng.standard_normal(x.shape)
        y /= np.linalg.norm(y, axis=0)
        e = rng.standard_normal(x.shape) * np.exp(-rng.uniform(0, 60, n))
        f = rng.standard_normal(x.shape) * np.exp(-rng.uniform(0, 60, n))
        expected = slow.error_norms(x, y, e, f)
        assert fast.error_norms(x, y, e, f) == pytest.approx(expected, rel=1e-12)
        if n > 2:
            y[:, 1] = y[:, 0] + 1e-5
            y[:, 3] = y[:, 2] + 1e-3
        moved = np.flatnonzero(rng.random(n) < 0.5)
        pairs = [
            sorted(zip(*p.close(y, moved, component, 0.03, 1e-4), strict=True))
            for p in (slow, fast)
        ]
        assert pairs[0] == pairs[1]
        x = y / np.linalg.norm(y, axis=0)


@needs_numba
def test_backends_give_the_same_tree():
    points = sphere.random_points(24, 3, rng=14)
    slow = coarsen(points, 81, backend="numpy")
    fast = coarsen(points, 81, backend="numba")
    assert shape(slow) == shape(fast)
    assert log_times(slow) == pytest.approx(log_times(fast), abs=1e-8)


def test_numpy_blocks_agree_with_one_block(monkeypatch):
    points = np.ascontiguousarray(sphere.random_points(37, 3, rng=15).T)
    masses = np.full(37, 1 / 37)
    pairs = NumpyPairs(masses, 20.0, True, 1e-8)
    whole = pairs.speeds(points)
    clock = pairs.clock(points, whole.u)
    monkeypatch.setattr(NumpyPairs, "_BLOCK", 100)
    for left, right in zip(pairs.speeds(points), whole, strict=True):
        assert left == pytest.approx(right, rel=1e-14)
    assert pairs.clock(points, whole.u) == pytest.approx(clock, rel=1e-14)


@needs_numba
def test_exponential_to_two_ulp():
    arguments = np.r_[np.linspace(-80, 40, 200_001), -80.0, 0.0, 40.0]
    values = arguments.copy()
    exp_in_place(values, np.empty(len(values), dtype=np.int64), len(values))
    expected = np.exp(arguments)
    assert np.all(np.abs(values - expected) <= 2 * np.spacing(expected))
    below = np.array([-700.1, -1e3, -np.inf])
    exp_in_place(below, np.empty(3, dtype=np.int64), 3)
    assert below.tolist() == [0, 0, 0]


@pytest.mark.slow
def test_a_thousand_points():
    points = sphere.random_points(1000, 3, rng=0)
    result = coarsen(points, 400, rtol=1e-6)
    assert result.status is CoarsenStatus.CONSENSUS
    assert len(result.at(100.0)) == 1000
    assert log_times(result)[-1] == pytest.approx(775.05963, abs=1e-4)


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
        ({"model": REPULSIVE}, r"kernel is exp\(beta\*z\) but got model=.*integrate"),
    ],
)
def test_wrong_arguments(change, message):
    arguments = {"points": [[1.0, 0.0], [0.0, 1.0]], "beta": 4.0} | change
    with pytest.raises(ValueError, match="^Expected .*" + message):
        coarsen(**arguments)


def test_numba_asked_for_but_missing(monkeypatch):
    monkeypatch.setattr(coarsen_numba, "numba", None)
    assert choose_backend(None) == "numpy"
    with pytest.raises(ModuleNotFoundError, match="Expected numba"):
        coarsen([[1.0, 0.0]], 1.0, backend="numba")


def test_results_are_frozen():
    result = coarsen(circle(0, 1), 1.0)
    assert isinstance(result, Coarsening) and (result.n, result.d) == (2, 2)
    with pytest.raises(dataclasses.FrozenInstanceError):
        result.beta = 2.0
    with pytest.raises(dataclasses.FrozenInstanceError):
        result.merges[0].mass = 2.0
    for status in CoarsenStatus:
        assert status.message.endswith(".")


def test_what_is_not_a_model_or_a_number_is_named():
    points = sphere.random_points(3, 2, 0)
    with pytest.raises(ValueError, match=r"Expected a theory.Model"):
        coarsen(points, 9.0, model="SA")
    with pytest.raises(ValueError, match="one number"):
        coarsen(points, [1.0, 2.0])
