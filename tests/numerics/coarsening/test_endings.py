"""How a run ends: consensus, equilibrium, horizon, and merges marked as ill-conditioned."""

import math
import subprocess
import sys

import numpy as np
import pytest

from numerics import sphere
from numerics.coarsening.result import CoarsenStatus
from numerics.coarsening.run import coarsen
from numerics.coarsening.twin import marked_by_repeat as compare_runs
from numerics.extras import numba_works
from theory import SA, USA

pytestmark = pytest.mark.extras

NUMBA = pytest.mark.skipif(not numba_works(), reason="the extra `fast`")
MODELS = pytest.mark.parametrize("model", [SA, USA], ids=["SA", "USA"])


def circle(*angles):
    theta = np.asarray(angles, dtype=float).ravel()
    return np.stack([np.cos(theta), np.sin(theta)], axis=1)


def polygon(k):
    return circle(2 * np.pi * np.arange(k) / k)


def log_times(result):
    return np.array([merge.log_time for merge in result.merges])


def rotation(d, seed=0):
    return np.linalg.qr(np.random.default_rng(seed).standard_normal((d, d)))[0]


# --- endings -------------------------------------------------------------------------------------


@MODELS
@pytest.mark.parametrize("beta", [0, 9, 81, 400, 1e4])
def test_regular_polygons_never_merge(beta, model):
    for k in (2, 3, 4, 5, 6, 7, 8, 12, 64, 101):
        for points in (polygon(k), polygon(k) @ rotation(2, seed=k)):
            result = coarsen(points, beta=beta, model=model)
            assert result.status is CoarsenStatus.STATIONARY, k
            assert result.steps == 0 and result.merges == ()
            assert len(result.final_masses) == k
            assert np.array_equal(result.at(1e3), result.points)


@MODELS
def test_platonic_and_degenerate_equilibria(model, shape):
    tetrahedron = sphere.project([[1, 1, 1], [1, -1, -1], [-1, 1, -1], [-1, -1, 1]])
    octahedron = np.vstack([np.eye(3), -np.eye(3)])
    for points in (tetrahedron, octahedron):
        assert coarsen(points, beta=30, model=model).status is CoarsenStatus.STATIONARY
    line = coarsen([[1], [-1], [1], [-1], [1]], beta=9, model=model)
    assert line.status is CoarsenStatus.STATIONARY
    assert shape(line) == {
        frozenset(map(frozenset, ({0}, {2}, {4}))),
        frozenset(map(frozenset, ({1}, {3}))),
    }
    assert sorted(line.final_masses) == pytest.approx([0.4, 0.6])
    assert line.final_labels.tolist() == [0, 1, 0, 1, 0]


def test_stationary_to_double_precision():
    ring = np.column_stack([polygon(6), np.zeros(6)])
    result = coarsen(np.vstack([ring, [0, 0, 1]]), beta=81)
    assert result.status is CoarsenStatus.STATIONARY
    assert result.residual < 1e-13
    assert "equilibrium" in result.status.message


def test_rectangle_ends_in_an_antipodal_pair():
    result = coarsen(circle(0.5, -0.5, np.pi - 0.5, np.pi + 0.5), beta=9)
    assert result.status is CoarsenStatus.STATIONARY
    assert log_times(result) == pytest.approx([2.55549327] * 2, abs=1e-7)
    assert len(result.final_masses) == 2
    assert np.abs(result.final_points.sum(axis=0)).max() < 1e-12
    assert result.final_points[result.final_labels].shape == (4, 2)
    assert result.at(500.0) == pytest.approx(result.final_points[result.final_labels])


def test_single_particle_and_identical_particles():
    one = coarsen([[0.0, 1.0]], beta=81)
    assert one.status is CoarsenStatus.CONSENSUS
    assert one.merges == () and one.log_times.tolist() == [-math.inf]
    assert one.at(3.0).tolist() == [[0.0, 1.0]]
    same = coarsen([[0.6, 0.8]] * 5, beta=81, masses=[1, 2, 3, 4, 5])
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
        result = coarsen(points, beta=beta)
        assert result.status is CoarsenStatus.CONSENSUS
        assert result.merges[0].children == (0, 1)
        assert result.merges[0].log_time == -math.inf
        assert math.isfinite(result.merges[1].log_time)


@MODELS
@pytest.mark.slow
def test_antipodal_points(model):
    exact = coarsen([[0, 0, 1], [0, 0, -1]], beta=9, model=model)
    assert exact.status is CoarsenStatus.STATIONARY
    near = coarsen(sphere.project([[0, 1e-12, 1], [0, 0, -1]]), beta=9, model=model)
    assert near.status is CoarsenStatus.CONSENSUS
    assert near.merges[0].ill_conditioned
    assert near.conditioning < 1e-11


@pytest.mark.slow
def test_perturbed_octagon_merges_and_is_marked():
    k = np.arange(8)
    points = circle(2 * np.pi * k / 8 + 1e-9 * np.sin(k**2))
    for model, expected in ((SA, 81.27683), (USA, 41.96998)):
        result = coarsen(points, beta=40, model=model)
        assert result.status is CoarsenStatus.CONSENSUS
        assert result.merges[-1].log_time == pytest.approx(expected, abs=1e-3)
        assert all(merge.ill_conditioned for merge in result.merges)
        assert result.conditioning < 1e-7


@pytest.mark.slow
@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize("d", [2, 3])
def test_very_low_temperature(d):
    result = coarsen(sphere.random_points(32, d, rng=1), beta=1e4)
    assert result.status is CoarsenStatus.CONSENSUS
    assert 1.8e4 < result.merges[-1].log_time < 2.1e4
    assert result.steps < 3000
    assert np.isfinite(result.energies).all()


@pytest.mark.slow
def test_masses_over_six_orders():
    result = coarsen(sphere.random_points(32, 3, rng=1), beta=81, masses=np.geomspace(1e-6, 1, 32))
    assert result.status is CoarsenStatus.CONSENSUS
    assert result.final_masses == pytest.approx([np.geomspace(1e-6, 1, 32).sum()])


@pytest.mark.slow
@pytest.mark.parametrize("beta", [0.1, 400])
def test_sixteen_dimensions(beta):
    result = coarsen(sphere.random_points(20, 16, rng=6), beta=beta)
    assert result.status is CoarsenStatus.CONSENSUS
    assert not result.ill_conditioned


@pytest.mark.slow
def test_horizon():
    points = sphere.random_points(32, 3, rng=7)
    whole = coarsen(points, beta=81)
    part = coarsen(points, beta=81, log_t_end=20)
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
    early = coarsen(points, beta=81, log_t_end=-50.0)
    assert early.status is CoarsenStatus.HORIZON and early.merges == ()
    assert np.abs(early.final_points - points).max() < 1e-12


def test_step_limit():
    result = coarsen(sphere.random_points(16, 3, rng=8), beta=81, max_steps=10)
    assert result.status is CoarsenStatus.MAX_STEPS
    assert result.steps + result.rejected == 10
    assert "max_steps" in result.status.message
    assert coarsen(polygon(5), beta=9, max_steps=0).status is CoarsenStatus.STATIONARY


# --- ill-conditioned starts ----------------------------------------------------------------------


@pytest.mark.slow
def test_symmetric_but_moving_ring_is_marked_by_the_repeat():
    height = 0.2 / math.sqrt(1.04)
    ring = np.column_stack([math.sqrt(1 - height**2) * polygon(6), np.full(6, height)])
    silent = coarsen(ring, beta=81)
    assert silent.conditioning > 1e-3  # no quantity of the run itself sees it
    checked = coarsen(ring, beta=81, check=True)
    assert checked.confirmed and checked.ill_conditioned
    assert all(merge.ill_conditioned for merge in checked.merges)


@pytest.mark.slow
def test_hexagon_beside_a_pole_is_marked_when_it_is_a_saddle():
    pole = [math.sin(0.3) * math.cos(0.2), math.sin(0.3) * math.sin(0.2), math.cos(0.3)]
    points = np.vstack([np.column_stack([polygon(6), np.zeros(6)]), pole])
    mild = coarsen(points, beta=20)
    assert mild.conditioning == pytest.approx(8e-3, rel=0.3) and not mild.ill_conditioned
    wild = coarsen(points, beta=81)
    assert wild.conditioning < 1e-7 and wild.ill_conditioned
    assert wild.merges[0].log_time == pytest.approx(38.147, abs=1e-3)


@pytest.mark.slow
@MODELS
def test_random_data_is_confirmed(model, shape):
    result = coarsen(sphere.random_points(32, 3, rng=12), beta=81, model=model, check=True)
    assert result.confirmed is True and not result.ill_conditioned
    unchecked = coarsen(sphere.random_points(32, 3, rng=12), beta=81, model=model)
    assert unchecked.confirmed is None
    assert shape(unchecked) == shape(result)


@pytest.mark.slow
def test_repeat_that_ends_differently_is_not_confirmed():
    result = coarsen(polygon(8), beta=40)
    other = coarsen(
        circle(2 * np.pi * np.arange(8) / 8 + 1e-9 * np.sin(np.arange(8) ** 2)), beta=40
    )
    assert compare_runs(result, other).confirmed is False
    assert compare_runs(result, other).ill_conditioned


# --- what doubles can't tell ---------------------------------------------------------------------


@pytest.mark.parametrize("backend", ["numpy", pytest.param("numba", marks=NUMBA)])
@pytest.mark.parametrize("beta", [2.0**51, 2.0**53, 2.0**63, 1e100, 1.7e308])
def test_exponents_without_a_digit_are_refused(beta, backend):
    points = sphere.random_points(5, 3, rng=0)
    for model in (SA, USA):
        with pytest.raises(ValueError, match="no digit of an exponent is left"):
            coarsen(points, beta=beta, model=model, backend=backend)


@pytest.mark.parametrize("backend", ["numpy", pytest.param("numba", marks=NUMBA)])
@pytest.mark.parametrize("beta", [1e9, 1e12, 2.0**50])
def test_steep_kernels_end(beta, backend):
    """Whatever the rounding of exponents leaves, a run comes back within its steps."""
    points = sphere.random_points(5, 3, rng=0)
    result = coarsen(points, beta=beta, max_steps=60, backend=backend, error_bars=False)
    assert result.steps + result.rejected <= 60


INTERRUPTED = """
import os, signal, threading
signal.signal(signal.SIGINT, signal.default_int_handler)
from numerics import coarsen, sphere
coarsen(sphere.random_points(20, 3, rng=0), beta=1e3, max_steps=5, backend="numba")
threading.Timer(0.5, os.kill, (os.getpid(), signal.SIGINT)).start()
try:
    coarsen(sphere.random_points(600, 3, rng=0), beta=1e6, backend="numba")
except KeyboardInterrupt:
    print("heard")
"""


@NUMBA
@pytest.mark.slow
def test_an_interrupt_of_a_compiled_leg_is_heard():
    """Python ended (signal 11) where the handler raised while results became tuples."""
    done = subprocess.run(
        [sys.executable, "-c", INTERRUPTED], capture_output=True, text=True, timeout=500
    )
    assert (done.returncode, done.stdout) == (0, "heard\n"), done.stderr


@NUMBA
@pytest.mark.parametrize("beta", [4.0, 2.0**52, 2.0**53, 2.0**63, 1e300, 1.7e308])
@pytest.mark.parametrize("normalised", [True, False])
def test_the_compiled_velocity_comes_back(beta, normalised):
    """Lists of pairs never last where the spacing of exponents is above their margin."""
    from numerics.coarsening.kernels import exponential_kernel
    from numerics.coarsening.neighbour_lists import NumbaPairs

    x = np.ascontiguousarray(sphere.random_points(5, 3, rng=0).T)
    pairs = NumbaPairs(np.full(5, 0.2), exponential_kernel(beta), normalised, 1e-7)
    assert np.isfinite(pairs.speeds(x).u).all()


@pytest.mark.parametrize("backend", ["numpy", pytest.param("numba", marks=NUMBA)])
@pytest.mark.slow
@pytest.mark.parametrize(
    ("beta", "model", "seed"), [(0.5, SA, 0), (9.0, SA, 1), (9.0, USA, 0), (100.0, SA, 2)]
)
def test_the_finest_tolerance_ends(beta, model, seed, backend):
    """Below 1e-10 the clock of a pair that meets is rounding, and no step waits for it."""
    points = sphere.random_points(5, 3, rng=seed)
    runs = [
        coarsen(points, beta=beta, model=model, rtol=rtol, backend=backend, error_bars=False)
        for rtol in (1e-10, 1e-12)
    ]
    assert all(run.status is CoarsenStatus.CONSENSUS for run in runs)
    assert runs[1].steps < 3 * runs[0].steps  # (1/100)^(-1/8) is 1.8
    np.testing.assert_allclose(log_times(runs[1]), log_times(runs[0]), atol=2e-9)
    assert runs[0].reached <= 2e-10 and 1e-12 <= runs[1].reached <= 1e-11


@pytest.mark.parametrize("backend", ["numpy", pytest.param("numba", marks=NUMBA)])
def test_two_points_meet_when_they_should(backend):
    """At β = 0 tan(θ/2) falls like e^{-t}: log t of the merge to twelve digits."""
    angle, distance = 1.0, 1e-3
    halves = np.tan(angle / 2), np.tan(math.asin(distance / 2))
    merged = math.log(math.log(halves[0] / halves[1]))
    for rtol in (1e-8, 1e-12):
        result = coarsen(circle(0.0, angle), beta=0.0, rtol=rtol, backend=backend, error_bars=False)
        assert result.status is CoarsenStatus.CONSENSUS
        assert abs(result.merges[0].log_time - merged) < 10 * result.reached


@pytest.mark.slow
@pytest.mark.parametrize("kernel", ["t + t**3/3", "(1 + t/2)**3"])
def test_other_kernels_at_the_finest_tolerance(kernel):
    points = sphere.random_points(4, 3, rng=0)
    runs = [
        coarsen(points, model=kernel, rtol=rtol, backend="numpy", error_bars=False)
        for rtol in (1e-10, 1e-12)
    ]
    assert runs[1].status is runs[0].status is CoarsenStatus.CONSENSUS
    np.testing.assert_allclose(log_times(runs[1]), log_times(runs[0]), atol=2e-9)
