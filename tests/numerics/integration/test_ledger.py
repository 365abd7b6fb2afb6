"""The ledger of rounding, and the tail of gathered tokens, against quadrature and SciPy."""

import math

import numpy as np
import pytest
from scipy.integrate import quad, solve_ivp
from sympy import sin

from numerics import coarsen, compile_model, consensus_event, ensemble, integrate, sphere
from numerics.ensembles import EnsembleStatus
from numerics.integration.events import IntegrationStatus, cap_radius
from theory import QKV, REPULSIVE, SA, USA
from theory.symbols import t

pytestmark = pytest.mark.extras

EPS = float(np.finfo(float).eps)


@pytest.fixture(params=["plain", "numba"], scope="module")
def backend(request):
    """By the array loop, and by the compiled one."""
    if request.param == "numba":
        pytest.importorskip("numba")
    return request.param


def pair(angle):
    return np.array([[1.0, 0.0], [math.cos(angle), math.sin(angle)]])


def time_between(wide, near, b):
    """Time in which two tokens under SA go from one angle to another: a quadrature."""

    def slowness(angle):
        return (1 + math.exp(b * (1 - math.cos(angle)))) / (2 * math.sin(angle))

    return quad(slowness, near, wide, epsrel=1e-12, epsabs=0, limit=200)[0]


@pytest.mark.parametrize("end", [1e20, 1e24, 2.8e25])
def test_a_pull_under_the_rounding_of_a_row_is_followed(backend, end):
    """The weight of the other is e^-64 of the own one: products are rounding from the start."""
    run = integrate(compile_model(SA, beta=100.0, backend=backend), pair(1.2), end)
    assert run.status is IntegrationStatus.FINISHED and run.n_steps < 50
    gap = float(sphere.geodesic_distance(*run.points[-1]))
    moved = max(1.2 - gap, 1e-300)
    speed = 2 * math.sin(1.2) * math.exp(-100 * (1 - math.cos(1.2)))
    if end == 1e20:
        assert moved == pytest.approx(speed * end, abs=1e-12)
    else:
        assert time_between(1.2, gap, 100.0) == pytest.approx(end, rel=1e-6)


@pytest.mark.slow
def test_a_pair_that_meets_late_has_met_in_the_end(backend):
    meeting = time_between(1.2, 1e-6, 100.0)
    assert meeting == pytest.approx(2.8597e25, rel=1e-4)
    field = compile_model(SA, beta=100.0, backend=backend)
    before = integrate(field, pair(1.2), 0.999 * meeting)
    assert sphere.geodesic_distance(*before.points[-1]) > 1.0
    for end in (1.001 * meeting, 1e30):
        run = integrate(field, pair(1.2), end)
        assert run.status is IntegrationStatus.FINISHED and run.times[-1] == end
        assert sphere.geodesic_distance(*run.points[-1]) < 1e-8


def test_rounding_adds_up_the_contract(backend):
    """By products: 16 (1 + β) eps for each unit of time."""
    x = sphere.random_points(5, 3, 0)
    run = integrate(compile_model(SA, beta=3.0, backend=backend), x, 1.5)
    assert run.rounding == pytest.approx(16 * 4 * EPS * 1.5, rel=1e-12)
    precise = integrate(compile_model(SA, beta=3.0, backend=backend, precise=True), x, 1.5)
    assert 0 < precise.rounding < run.rounding
    assert np.allclose(precise.points[-1], run.points[-1], atol=1e-8)


def test_a_run_that_rounding_may_have_spoiled_reaches_its_end_and_says_so(backend):
    """A square under repulsion rests: its pulls cancel, and round off all the time."""
    x = np.array([[1.0, 0.0], [0.0, 1.0], [-1.0, 0.0], [0.0, -1.0]])
    field = compile_model(REPULSIVE, beta=1.0, backend=backend)
    run = integrate(field, x, 1e3, rtol=1e-13, t_eval=[0.0, 1.0, 1e3])
    assert run.status is IntegrationStatus.ROUNDING and not run.status.success
    assert run.times.tolist() == [0.0, 1.0, 1e3] and run.rounding > 4e-13
    assert np.abs(run.points - x).max() < run.reached == run.rounding
    assert "coarsen" in run.status.message and "t_end" in run.status.message
    shorter = integrate(field, x, 10.0, rtol=1e-13)
    assert shorter.status is IntegrationStatus.FINISHED and shorter.reached == 1e-13


@pytest.mark.parametrize("rtol", [1e-11, 1e-13])
@pytest.mark.parametrize("b", [30.0, 300.0, 3000.0])
def test_no_step_is_held_to_less_than_its_rounding(b, rtol):
    """Without differences 16 (1 + β) eps a unit of time are lost, and no step waits for them."""
    x, eye = sphere.random_points(6, 3, 0), np.eye(3)
    run = integrate(compile_model(QKV, beta=b, Q=eye, K=eye, V=eye), x, 5.0, rtol=rtol)
    bound = 5 * 16 * (1 + b) * EPS
    assert run.rounding == pytest.approx(bound, rel=1e-9) and run.times[-1] == 5.0
    assert run.reached == max(rtol, run.rounding) and run.n_steps < 80
    status = IntegrationStatus.ROUNDING if bound > 4 * rtol else IntegrationStatus.FINISHED
    assert run.status is status
    exact = reference(x, b, np.full(6, 1 / 6), True, [5.0])
    assert np.abs(run.points[-1] - exact[0]).max() < 10 * run.reached


@pytest.mark.slow
@pytest.mark.parametrize(
    ("b", "rtol", "seed"),
    [(300.0, 1e-12, 0), (300.0, 1e-13, 3), (600.0, 1e-13, 0), (1000.0, 1e-12, 3)],
)
def test_steep_runs_reach_their_end(b, rtol, seed):
    """USA against `coarsen`, which has equations, steps and clock of its own."""
    pytest.importorskip("numba")
    x, end = sphere.random_points(5, 3, seed), math.log(b) - 0.3 * b

    def near(_, points):
        gram = points @ points.T - 2 * np.eye(5)
        return math.sqrt(2 - 2 * min(gram.max(), 1.0)) - 1e-3

    field = compile_model(USA, beta=b)
    run = integrate(field, x, log_t_end=end, rtol=rtol)
    assert run.status is IntegrationStatus.FINISHED
    assert run.reached <= max(rtol, 64 * (1 + b) * EPS)
    tree = coarsen(x, beta=b, model=USA, rtol=1e-12, log_t_end=end)
    allowed = 100 * (1 + b) * max(run.reached, tree.reached)
    assert np.abs(run.points[-1] - tree.at(end)).max() < allowed
    if b < 700.0:  # a time that is a number
        met = integrate(field, x, log_t_end=end, rtol=rtol, events=near)
        assert abs(math.log(met.events[0].time) - tree.merges[0].log_time) < allowed


def test_an_event_within_a_step_below_the_spacing_of_times_is_met_at_its_end():
    """A pair at β = 100 meets within e^-50 of the time that it has taken."""
    field = compile_model(USA, beta=100.0)
    run = integrate(field, pair(1.2), log_t_end=-33.0, events=lambda t, x: 0.9 - x[0] @ x[1])
    assert len(run.events) == 1 and run.events[0].time < run.times[-1]
    assert run.events[0].points[0] @ run.events[0].points[1] > 0.9


@pytest.mark.slow
def test_arrays_in_single_precision_are_held_to_it():
    torch = pytest.importorskip("torch")
    pytest.importorskip("array_api_compat")
    x = sphere.random_points(6, 3, 0)
    exact = integrate(SA, x, 5.0, beta=4.0, rtol=1e-12).points[-1]
    for rtol in (1e-4, 1e-8, 1e-12):
        run = integrate(SA, torch.tensor(x, dtype=torch.float32), 5.0, beta=4.0, rtol=rtol)
        assert run.n_steps < 20 and run.status.whole
        assert run.reached > 1e-6 and np.abs(run.points[-1].numpy() - exact).max() < run.reached


def test_models_without_differences_have_a_ledger_too():
    eye = np.eye(3)
    x = sphere.random_points(6, 3, 0)
    field = compile_model(QKV, beta=2.0, Q=eye, K=eye, V=eye + 0.1 * np.eye(3)[::-1])
    run = integrate(field, x, 2.0)
    assert run.status is IntegrationStatus.FINISHED and 0 < run.rounding < 1e-12


@pytest.mark.parametrize("backend", ["numpy", "numba"])
def test_systems_of_an_ensemble_say_so(backend):
    if backend == "numba":
        pytest.importorskip("numba")
    beta = np.array([1.0, 1e7, 1.0])
    found = ensemble(SA, pair(5e-4), t_eval=[0, 5.0], rtol=1e-12, beta=beta, backend=backend)
    assert (found.status == EnsembleStatus.FINISHED).all()
    assert found.reached[[0, 2]].tolist() == [1e-12, 1e-12] and 4e-12 < found.reached[1] < 1e-10
    gap = float(sphere.geodesic_distance(*found.points[1, 1]))
    assert time_between(5e-4, gap, 1e7) == pytest.approx(5.0, rel=1e-6)


@pytest.mark.parametrize("backend", ["numpy", "numba"])
def test_systems_that_rounding_may_have_spoiled_reach_their_end(backend):
    if backend == "numba":
        pytest.importorskip("numba")
    x = np.array([[1.0, 0.0], [0.0, 1.0], [-1.0, 0.0], [0.0, -1.0]])
    times, beta = [0.0, 4e3], np.array([0.0, 1.0])
    found = ensemble(REPULSIVE, x, t_eval=times, rtol=1e-12, beta=beta, backend=backend)
    assert (found.status == EnsembleStatus.ROUNDING).all() and (found.reached > 4e-12).all()
    assert np.abs(found.points - x).max() < 1e-11
    assert "coarsen" in EnsembleStatus.ROUNDING.message
    own = ensemble(lambda points, t: 0 * points, x, t_eval=[0.0, 1.0])
    assert np.isnan(own.reached)


def reference(x, b, masses, normalised, times):
    """Points by SciPy's DOP853 at its tightest, in ambient coordinates."""
    n, d = x.shape

    def slope(_, flat):
        y = flat.reshape(n, d)
        y = y / np.linalg.norm(y, axis=1, keepdims=True)
        w = masses * np.exp(b * (y @ y.T - 1))
        w = w / w.sum(axis=1, keepdims=True) if normalised else w * math.exp(b)
        pull = w @ y
        return (pull - np.sum(pull * y, axis=1, keepdims=True) * y).ravel()

    span = (0.0, float(times[-1]))
    found = solve_ivp(slope, span, x.ravel(), "DOP853", times, rtol=1e-13, atol=1e-15)
    return sphere.project(found.y.T.reshape(-1, n, d))


@pytest.mark.parametrize("model", [SA, USA], ids=["SA", "USA"])
def test_gathered_tokens_reach_any_end_time(backend, model):
    x = sphere.random_points(7, 3, 2)
    masses = np.random.default_rng(0).uniform(0.5, 2.0, 7)
    b = 0.5
    field = compile_model(model, beta=b, masses=masses, backend=backend)
    pace = 1.0 if model is SA else math.exp(b) * masses.sum()
    times = np.array([1.0, 6.0, 18.0, 23.0, 30.0]) / pace
    expected = reference(x, b, masses, model is SA, times)
    for end in ({"t_end": 1e6}, {"log_t_end": 600.0}):
        run = integrate(field, x, **end)
        assert run.status is IntegrationStatus.FINISHED and run.n_steps < 150
        assert cap_radius(run.points[-1]) < 4 * EPS
        assert np.abs(run.points[-1] - expected[-1]).max() < 1e-7
    stored = integrate(field, x, 1e6, t_eval=[*times, 1e5, 1e6])
    assert np.abs(stored.points[:5] - expected).max() < 1e-7
    # distances to a relative accuracy, far below the tolerance
    for k in (2, 3):
        radius, exact = cap_radius(stored.points[k]), cap_radius(expected[k])
        assert exact < 1e-3 and radius == pytest.approx(float(exact), rel=1e-3)
    again = integrate(field, x, 1e6)
    assert np.abs(again.at([*times, 1e5, 1e6]) - stored.points).max() < 1e-8


def test_events_in_the_tail_are_met(backend):
    x = sphere.random_points(6, 3, 2)
    field = compile_model(SA, beta=1.0, backend=backend)
    run = integrate(field, x, 1e9, events=consensus_event(1e-9))
    assert run.status is IntegrationStatus.CONSENSUS
    assert float(cap_radius(run.points[-1])) == pytest.approx(1e-9, rel=1e-3)
    wider = integrate(field, x, 1e9, events=consensus_event(1e-7))
    # the distances fade at the rate 1
    assert run.times[-1] - wider.times[-1] == pytest.approx(math.log(100), rel=1e-4)
    crossing = integrate(field, x, 1e9, events=lambda t, points: t - 5e8)
    assert crossing.events[0].time == pytest.approx(5e8)
    assert crossing.status is IntegrationStatus.FINISHED


def test_batches_end_when_all_are_gathered(backend):
    x = sphere.random_points(5, 3, 3, batch=(2,))
    field = compile_model(USA, beta=np.array([0.5, 2.0]), backend=backend)
    run = integrate(field, x, 1e8)
    assert run.status is IntegrationStatus.FINISHED and run.n_steps < 150
    assert np.max(cap_radius(run.points[-1])) < 4 * EPS


def test_no_tail_where_there_is_no_attraction(backend):
    """Backward in time and under repulsion close tokens part."""
    near = sphere.project(np.array([1.0, 0.0, 0.0]) + 1e-5 * sphere.random_points(3, 3, 0))
    back = integrate(compile_model(SA, beta=1.0, backend=backend), near, -3.0)
    apart = integrate(compile_model(REPULSIVE, beta=1.0, backend=backend), near, 3.0)
    for run in (back, apart):
        growth = cap_radius(run.points[-1]) / cap_radius(near)
        assert float(growth) == pytest.approx(math.exp(3.0), rel=1e-3)
    alone = integrate(compile_model(SA, beta=1.0, backend=backend), [[0.6, 0.8]], 1e12)
    assert alone.status is IntegrationStatus.FINISHED
    assert np.allclose(alone.points[-1], [[0.6, 0.8]])


@pytest.mark.slow
@pytest.mark.parametrize(("model", "b", "n", "d"), [(SA, 40.0, 11, 3), (USA, 15.0, 9, 4)])
def test_metastable_runs_are_those_of_coarsen(model, b, n, d):
    """Merged clusters no longer limit the steps; coarsen follows them in the logarithm of time."""
    pytest.importorskip("numba")
    x = sphere.random_points(n, d, 4)
    logs = np.array([-2.0, 3.0, 10.0, 30.0])
    run = integrate(compile_model(model, beta=b, backend="numba"), x, log_t_end=60.0)
    assert run.status is IntegrationStatus.FINISHED
    tree = coarsen(x, beta=b, model=model, log_t_end=60.0)
    for log_time in logs:
        expected = tree.at(log_time)
        assert np.abs(run.at(log_time=log_time) - expected).max() < 1e-6
    stored = integrate(run.field, x, math.exp(30.0), t_eval=np.exp(logs))
    assert np.abs(stored.points - run.at(np.exp(logs))).max() < 1e-7


def radau(x0, schedule, end, softmax):
    """Tokens by SciPy's implicit steps, written out anew."""

    def rate(s, flat):
        x = flat.reshape(x0.shape)
        weights = np.exp(schedule(s) * (x @ x.T)) / len(x)
        weights = weights / weights.sum(axis=1, keepdims=True) if softmax else weights
        pull = weights @ x
        return (pull - np.sum(pull * x, axis=1, keepdims=True) * x).ravel()

    solved = solve_ivp(rate, (0.0, end), x0.ravel(), "Radau", rtol=1e-10, atol=1e-11)
    return solved.y[:, -1].reshape(x0.shape)


@pytest.mark.every(4)
@pytest.mark.parametrize("symbolic", [True, False])
@pytest.mark.parametrize("model", [SA, USA], ids=lambda model: model.name)
def test_tokens_become_one_under_a_schedule_too(model, symbolic):
    """A cluster's pull at β(t) = 4 + t would hold the steps to e^-β."""
    x = sphere.random_points(5, 3, 0)
    given = model.subs({"beta": 4 + t}) if symbolic else compile_model(model, beta=lambda s: 4 + s)
    run = integrate(given, x, 4.0, max_steps=200)
    assert run.status is IntegrationStatus.FINISHED and run.n_steps < 100
    assert np.abs(run.points[-1] - radau(x, lambda s: 4 + s, 4.0, model is SA)).max() < 1e-7
    inside = run.at(2.3)
    assert np.abs(inside - radau(x, lambda s: 4 + s, 2.3, model is SA)).max() < 1e-7


@pytest.mark.slow
@pytest.mark.parametrize("schedule", [100 + 300 * t, 300 + sin(t)], ids=str)
def test_steep_schedules_reach_their_end(schedule):
    """All that happens, happens before β has changed: as at a constant β."""
    x = sphere.random_points(3, 3, 0)
    run = integrate(USA.subs({"beta": schedule}), x, 1e-3, rtol=1e-6, max_steps=2000)
    same = integrate(USA, x, 1e-3, beta=float(schedule.subs(t, 0)), rtol=1e-6)
    assert run.status is IntegrationStatus.FINISHED
    assert np.abs(run.points[-1] - same.points[-1]).max() < 1e-4


def test_backward_in_time_nothing_becomes_one():
    x = np.array([[1.0, 0.0], [math.cos(1e-10), math.sin(1e-10)], [0.0, 1.0]])
    run = integrate(SA, x, -2.0, beta=lambda s: 4 + s)
    assert np.abs(run.points[-1][0] - run.points[-1][1]).max() > 0.0
    assert run.status is IntegrationStatus.FINISHED
