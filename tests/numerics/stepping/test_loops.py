"""The compiled loop and the array loop: the same steps, the same points, the same ends."""

from dataclasses import replace
from importlib.util import find_spec

import numpy as np
import pytest
import sympy as sp

from numerics import sphere
from numerics.compile import compile_model
from numerics.ensembles import ensemble
from numerics.integration import Event, IntegrationStatus, integrate
from numerics.stepping.choice import load_loop, velocity_of_run
from numerics.stepping.velocity import Block, layout
from tests.numerics.integration.test_truth import SEED, distance, draw, ran
from tests.numerics.reference_flows import stiff_end
from theory import REPULSIVE, SA, USA, gradient_flow, interaction_energy
from theory.parse import parse_kernel
from theory.symbols import z

b = sp.Symbol("b", positive=True)

pytestmark = [
    pytest.mark.extras,
    pytest.mark.skipif(not find_spec("numba"), reason="one loop alone without numba"),
]


def both(model, points, end, beta, **options):
    """A run by either loop: what is printed runs on arrays."""
    masses = options.pop("masses", None)
    return [
        integrate(
            compile_model(model, beta=beta, masses=masses, backend=backend), points, end, **options
        )
        for backend in ("numpy", "plain")
    ]


def assert_same(one, two, atol):
    assert one.status is two.status
    assert one.n_steps == two.n_steps
    np.testing.assert_array_max_ulp(one._nodes[0], two._nodes[0], maxulp=4)
    np.testing.assert_allclose(one.points, two.points, atol=atol)


@pytest.mark.every(4)
@pytest.mark.parametrize(("n", "d"), [(1, 3), (2, 2), (7, 2), (13, 3), (33, 3), (9, 5), (6, 20)])
@pytest.mark.parametrize(
    ("model", "beta"), [(SA, 0.0), (SA, 4.0), (USA, 2.0), (REPULSIVE, 3.0), (SA, -2.0)]
)
def test_same_steps(model, beta, n, d):
    points = sphere.random_points(n, d, rng=n + d)
    for rtol in (1e-4, 1e-8):
        one, two = both(model, points, 1.5, beta, rtol=rtol)
        assert_same(one, two, atol=1e-11)
        assert one.n_evaluations == two.n_evaluations


def test_same_steps_with_masses_in_batches_and_backward():
    points = sphere.random_points(6, 3, rng=0, batch=(2, 1))
    betas = np.array([0.5, 3.0, 8.0])
    masses = np.linspace(1, 3, 6)
    assert_same(*both(SA, points, 1.0, betas, masses=masses), atol=1e-11)
    assert_same(*both(SA, points[0, 0], -0.5, 2.0), atol=1e-11)
    assert_same(*both(USA, points[0, 0], 0.02, 1.0, masses=10 * masses), atol=1e-11)


def test_same_steps_in_the_scaled_clock():
    points = sphere.project([[1.0, 0.0], [1.0, 0.05], [1.0, -0.02]])
    runs = both(USA, points, None, 800.0, log_t_end=-797.0, rtol=1e-6)
    assert runs[0].clock == "scaled"
    assert_same(*runs, atol=1e-9)
    np.testing.assert_allclose(runs[0].log_times[1:], runs[1].log_times[1:], rtol=1e-14)


@pytest.mark.parametrize(("model", "beta", "log_end"), [(SA, 12.0, 3.0), (USA, 12.0, -5.0)])
def test_same_steps_where_tokens_become_one(model, beta, log_end):
    """Clusters form, one by one, and go on as single tokens."""
    points = sphere.random_points(9, 2, rng=3)
    masses = np.linspace(1.0, 2.0, 9)
    one, two = both(model, points, None, beta, masses=masses, log_t_end=log_end, rtol=1e-4)
    assert one.status is two.status is IntegrationStatus.FINISHED
    assert one.n_steps == two.n_steps and one.n_evaluations == two.n_evaluations
    assert len(np.unique(one.points[-1], axis=0)) == len(np.unique(two.points[-1], axis=0)) < 9
    np.testing.assert_allclose(one.log_times[1:], two.log_times[1:], rtol=1e-12, atol=1e-12)
    np.testing.assert_allclose(one.points, two.points, atol=1e-8)
    middle = one.log_times[len(one.log_times) // 2] + 1e-3
    np.testing.assert_allclose(one.at(log_time=middle), two.at(log_time=middle), atol=1e-8)


@pytest.mark.slow
@pytest.mark.parametrize("backend", ["numpy", "plain"])
def test_two_tokens_at_a_right_angle_meet_at_large_beta(backend):
    """Beside e^800, a token's weight for itself, the pull e^0 of the other is no number."""
    field = compile_model(USA, beta=800.0, backend=backend)
    run = integrate(field, [[1.0, 0.0], [0.0, 1.0]], 1.0)
    assert run.status is IntegrationStatus.FINISHED and run.times[-1] == 1.0
    np.testing.assert_allclose(run.points[-1], np.sqrt(0.5), atol=1e-9)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("text", "d"),
    [("sin(t) + t**3/5", 3), ("abs(t)**3 + tanh(2*t)", 2), ("(1 + t)**1.5 - max(t, 0)**2.5", 4)],
)
def test_same_steps_for_a_kernel_that_is_printed(text, d):
    model = gradient_flow(interaction_energy(parse_kernel(text)))
    points, masses = sphere.random_points(7, d, rng=1, batch=(2,)), np.linspace(1.0, 2.0, 7)
    times = np.linspace(0.0, 2.0, 9)
    one, two = (
        integrate(compile_model(model, masses=masses, backend=backend), points, 2.0, t_eval=times)
        for backend in ("numba", "numpy")
    )
    assert velocity_of_run(one.field, points, one._clock) is not None
    assert_same(one, two, atol=1e-11)


@pytest.mark.slow
def test_a_kernel_with_parameters_is_printed_once_for_all_values():
    kernel = b * sp.cosh(b * z) / 2
    model = replace(gradient_flow(interaction_energy(kernel)), parameters=(b,))
    points = sphere.random_points(6, 3, rng=2)
    for value in (0.5, 3.0):
        one, two = (
            integrate(compile_model(model, b=value, backend=backend), points, 1.0)
            for backend in ("numba", "numpy")
        )
        assert velocity_of_run(one.field, points, one._clock) is not None
        assert_same(one, two, atol=1e-11)


def test_same_points_inside_steps_and_same_events():
    points = sphere.random_points(8, 3, rng=1)
    times = np.linspace(0, 1, 57)
    one, two = both(USA, points, 1.0, 3.0, t_eval=times, rtol=1e-6)
    assert_same(one, two, atol=1e-9)
    event = Event(lambda t, x: x[0, 0] - x[1, 0], terminal=False)
    stop = Event(lambda t, x: np.linalg.norm(x[0] - x[1]) - 0.3)
    one, two = both(SA, points, 40.0, 2.0, t_eval=40 * times, events=[event, stop])
    assert one.status is two.status is IntegrationStatus.EVENT
    assert len(one.events) == len(two.events) and one.n_steps == two.n_steps
    for a, b in zip(one.events, two.events, strict=True):
        assert a.index == b.index and a.time == pytest.approx(b.time, abs=1e-10)
    np.testing.assert_allclose(one.points, two.points, atol=1e-9)


@pytest.mark.parametrize("d", [2, 3])
def test_same_steps_of_an_ensemble(d):
    """Repulsion: nothing merges, which is the compiled loop's alone."""
    starts = sphere.random_points(10, d, 3, batch=(20, 1))
    shared = {"t_eval": np.linspace(0, 5, 11), "beta": np.array([0.5, 4.0]), "rtol": 1e-6}
    one = ensemble(REPULSIVE, starts, backend="numba", **shared)
    two = ensemble(REPULSIVE, starts, backend="numpy", **shared)
    np.testing.assert_array_equal(one.steps, two.steps)
    np.testing.assert_array_equal(one.evaluations, two.evaluations)
    np.testing.assert_allclose(one.points, two.points, atol=1e-10)


def test_nodes_beyond_the_room_of_the_compiled_loop():
    """Its store is emptied every 512 steps."""
    points = sphere.random_points(3, 2, 1)
    run = integrate(compile_model(REPULSIVE, beta=1.0), points, 1e4)
    assert run.n_steps > 512 and run.times[-1] == 1e4
    assert len(run.times) == run.n_steps + 1 and np.all(np.diff(run.times) > 0)
    gaps = sphere.geodesic_distance(run.points[:, [0, 1, 2]], run.points[:, [1, 2, 0]])
    np.testing.assert_allclose(gaps[-1], 2 * np.pi / 3, atol=1e-6)


@pytest.mark.slow
@pytest.mark.parametrize(("seed", "index"), [(SEED, 99), (SEED, 163), (888, 68)])
def test_a_step_that_throws_clusters_off_the_sphere_is_refused(seed, index):
    """Steps of e^200 between mergers do that at large β, and collapses at a loose tolerance."""
    case = draw(seed)[index]
    run, _ = ran(case)
    assert run.status is IntegrationStatus.FINISHED
    np.testing.assert_allclose(np.linalg.norm(run.points, axis=-1), 1.0, rtol=1e-14)
    exact = stiff_end(case.points, case.flow, case.log_t)
    assert distance(run.points[-1], exact) < 100 * case.rtol


def test_the_worst_error_is_nan_wherever_it_is():
    loop = load_loop()
    for bad in range(8):
        x = np.tile([[1.0], [0.0]], 8)
        five = np.zeros((2, 8))
        five[1, bad] = np.nan
        scratch = np.empty((3, 8))
        table = layout([Block((8, 2), on_sphere=True)])
        wrong = loop.worst(
            x.ravel(), x.ravel(), five.ravel(), five.ravel(), True, table, 1e-6, 0.0, *scratch
        )
        assert np.isnan(wrong)
