"""Ensembles against scipy, closed forms and the single-trajectory integrator."""

import math
import subprocess
import sys
from importlib.util import find_spec

import numpy as np
import pytest
from scipy.integrate import solve_ivp

from numerics import compile_model, integrate, sphere
from numerics.ensembles.problem import ClosePairs
from numerics.ensembles.run import ensemble
from numerics.ensembles.status import EnsembleStatus
from numerics.equiangular import equiangular_gamma
from numerics.sphere import gram
from theory import QKV, SA, USA
from theory.layers import DISCRETE_SA
from theory.models import CAUSAL, PURE_ATTENTION, REPULSIVE, Model
from theory.symbols import t as time

pytestmark = pytest.mark.extras

BACKENDS = ["numpy"] + (["numba"] if find_spec("numba") else [])
TIMES = np.linspace(0.0, 20.0, 33)


def by_angles(start, beta, masses):
    """SA on the circle, by its angles: θ_i' = Σ_j A_ij sin(θ_j − θ_i)."""

    def velocity(t, angles):
        gap = angles[None, :] - angles[:, None]
        weights = masses * np.exp(beta * (np.cos(gap) - 1))
        return np.sum(weights * np.sin(gap), axis=1) / np.sum(weights, axis=1)

    angles = np.arctan2(start[:, 1], start[:, 0])
    found = solve_ivp(velocity, (0, TIMES[-1]), angles, "DOP853", TIMES, rtol=1e-12, atol=1e-12)
    return np.stack([np.cos(found.y), np.sin(found.y)], axis=-1).swapaxes(0, 1)


@pytest.mark.parametrize("backend", BACKENDS)
@pytest.mark.slow
def test_each_system_is_as_accurate_as_asked_against_angles(backend):
    starts = sphere.random_points(12, 2, 1, batch=(3, 1))
    betas = np.array([0.0, 1.5, 6.0])
    exact = np.array([[by_angles(s[0], b, np.full(12, 1 / 12)) for b in betas] for s in starts])
    exact = np.moveaxis(exact, 2, 0)
    errors = []
    for rtol in (1e-5, 1e-7, 1e-9):
        found = ensemble(SA, starts, t_eval=TIMES, rtol=rtol, backend=backend, beta=betas)
        assert found.points.shape == (33, 3, 3, 12, 2)
        assert found.backend == backend
        gaps = np.abs(found.points - exact).max(axis=(0, 3, 4))
        errors.append(gaps)
        # a step errs by rtol; the flow amplifies, by less than 100 at these starts
        assert gaps.max() < 100 * rtol
    assert np.all(errors[2] < errors[0] / 100)


@pytest.mark.slow
@pytest.mark.parametrize("backend", BACKENDS)
@pytest.mark.parametrize(("n", "d"), [(9, 3), (10, 5), (6, 40), (5, 5)])
def test_dimensions_masses_and_the_span(backend, n, d, max_drift):
    starts = sphere.random_points(n, d, 2, batch=3)
    masses = np.linspace(0.5, 2.0, n)
    betas = np.array([0.5, 3.0, 8.0])
    found = ensemble(
        SA, starts, t_eval=TIMES, rtol=1e-8, masses=masses, backend=backend, beta=betas
    )
    for k, beta in enumerate(betas):
        field = compile_model(SA, beta=beta, masses=masses)
        exact = integrate(field, starts[k], TIMES[-1], t_eval=TIMES, rtol=1e-12).points
        np.testing.assert_allclose(found.points[:, k], exact, atol=2e-6)
    assert max_drift(found.points) < 1e-14


@pytest.mark.parametrize("backend", BACKENDS)
def test_orthonormal_tokens_follow_the_equiangular_curve(backend):
    basis = np.linalg.qr(np.random.default_rng(0).standard_normal((50, 50)))[0][:7]
    betas = np.array([0.0, 2.0, 5.0])
    found = ensemble(SA, basis, t_eval=TIMES, rtol=1e-9, backend=backend, beta=betas)
    off = gram(found.points)[..., ~np.eye(7, dtype=bool)]
    for k, beta in enumerate(betas):
        curve = equiangular_gamma(TIMES, beta, 7)
        np.testing.assert_allclose(off[:, k], curve[:, None] * np.ones(42), atol=1e-7)


@pytest.mark.parametrize("backend", BACKENDS)
@pytest.mark.slow
def test_close_pairs_are_those_of_the_points(backend):
    starts = sphere.random_points(13, 2, 3, batch=(4, 1))
    betas = np.array([1.0, 9.0])
    for delta in (1e-3, 0.3):
        observe = ClosePairs(delta)
        counted = ensemble(
            SA, starts, t_eval=TIMES, rtol=1e-8, observe=observe, backend=backend, beta=betas
        )
        assert counted.points is None and counted.observed.shape == (33, 4, 2)
        points = ensemble(SA, starts, t_eval=TIMES, rtol=1e-10, beta=betas).points
        i, j = np.triu_indices(13, 1)
        inner = np.sum(points[..., i, :] * points[..., j, :], axis=-1)
        expected = np.sum(inner >= 1 - delta, axis=-1)
        doubtful = np.sum(np.abs(1 - delta - inner) < 1e-6, axis=-1)
        assert np.all(np.abs(counted.observed - expected) <= doubtful)
        np.testing.assert_array_equal(observe(points), expected)


@pytest.mark.parametrize("backend", BACKENDS)
def test_a_certain_end_saves_steps_and_changes_nothing(backend):
    start = sphere.random_points(10, 3, 0)
    late = np.linspace(0, 60, 121)
    shared = {"t_eval": late, "beta": 1.0, "backend": backend}
    counted = ensemble(SA, start, observe=ClosePairs(1e-3), **shared)
    assert counted.status == EnsembleStatus.CONSENSUS
    assert "Lemma 6.4" in EnsembleStatus(int(counted.status)).message
    whole = ensemble(SA, start, observe=lambda x: ClosePairs(1e-3)(x), **shared)
    np.testing.assert_array_equal(counted.observed, whole.observed)
    assert counted.evaluations < whole.evaluations
    # repulsion has no such end: three tokens within delta leave each other
    tight = sphere.project([[1, 0, 0], [1, 1e-3, 0], [1, 0, 1e-3]])
    apart = ensemble(REPULSIVE, tight, observe=ClosePairs(1e-3), **shared)
    assert apart.status == EnsembleStatus.FINISHED
    assert apart.observed[0] == 3 and apart.observed[-1] == 0


@pytest.mark.skipif("numba" not in BACKENDS, reason="merging is the compiled loop's")
def test_merged_particles_cost_nothing_and_carry_their_masses():
    start = sphere.random_points(16, 2, 5)
    masses = np.linspace(1, 3, 16)
    late = np.linspace(0, 200, 201)
    shared = {"t_eval": late, "beta": 5.0, "masses": masses, "rtol": 1e-7}
    merged = ensemble(SA, start, backend="numba", **shared)
    plain = ensemble(SA, start, backend="numpy", **shared)
    np.testing.assert_allclose(merged.points, plain.points, atol=1e-4)
    assert merged.evaluations < 0.7 * plain.evaluations
    # a start that is at consensus up to the tolerance is one particle at once
    near = sphere.project(np.array([1.0, 0.0]) + 1e-10 * sphere.random_points(16, 2, 0))
    one = ensemble(SA, near, t_eval=late, beta=5.0, backend="numba")
    assert one.status == EnsembleStatus.CONSENSUS and one.steps < 10
    # attraction at rates of e^9, where clusters would limit the step to e^-9
    stiff = ensemble(USA, start, t_eval=[0.0, 5.0], beta=9.0, observe=ClosePairs(1e-3))
    assert stiff.status <= EnsembleStatus.CONSENSUS and stiff.evaluations < 20_000


@pytest.mark.parametrize("backend", BACKENDS)
def test_systems_know_nothing_of_each_other(backend):
    starts = sphere.random_points(8, 2, 7, batch=(50, 1))
    betas = np.linspace(0.1, 9, 3)
    shared = {"t_eval": TIMES, "observe": ClosePairs(1e-3), "backend": backend}
    whole = ensemble(SA, starts, beta=betas, **shared)
    threads = ensemble(SA, starts, beta=betas, jobs=2, **shared)
    np.testing.assert_array_equal(whole.observed, threads.observed)
    np.testing.assert_array_equal(whole.evaluations, threads.evaluations)
    alone = ensemble(SA, starts[41, 0], beta=betas[1], **shared)
    np.testing.assert_array_equal(alone.observed, whole.observed[:, 41, 1])
    assert alone.status.shape == ()


@pytest.mark.slow
def test_any_model_with_matrices_of_each_system():
    rng = np.random.default_rng(3)
    starts = sphere.random_points(6, 3, rng, batch=(4,))
    matrices = {name: rng.standard_normal((4, 3, 3)) for name in "QKV"}
    found = ensemble(QKV, starts, t_eval=TIMES[:9], rtol=1e-8, beta=2.0, **matrices)
    assert found.backend == "numpy"
    for k in range(4):
        field = compile_model(QKV, beta=2.0, **{name: m[k] for name, m in matrices.items()})
        exact = integrate(field, starts[k], TIMES[8], t_eval=TIMES[:9], rtol=1e-12).points
        np.testing.assert_allclose(found.points[:, k], exact, atol=1e-5)
    causal = ensemble(CAUSAL, starts, t_eval=TIMES[:9], rtol=1e-8, beta=2.0)
    field = compile_model(CAUSAL, beta=2.0)
    exact = integrate(field, starts, TIMES[8], t_eval=TIMES[:9], rtol=1e-12).points
    np.testing.assert_allclose(causal.points, exact, atol=1e-5)


def test_models_on_space_and_of_time():
    rng = np.random.default_rng(4)
    start = rng.standard_normal((5, 2, 2))
    one = np.eye(2)
    shared = {"Q": one, "K": one, "V": -one}
    found = ensemble(PURE_ATTENTION, start, t_eval=[0.0, 1.0, 3.0], rtol=1e-9, beta=1.0, **shared)
    field = compile_model(PURE_ATTENTION, beta=1.0, **shared)
    exact = integrate(field, start, 3.0, t_eval=[0.0, 1.0, 3.0], rtol=1e-12).points
    np.testing.assert_allclose(found.points, exact, rtol=1e-6)
    # x' = cos(t) v(x): the same path, at the time sin t
    faded = Model("faded SA", SA.velocity.func(SA.velocity.points, math_cos() * SA.velocity.field))
    start = sphere.random_points(5, 3, 0, batch=2)
    moving = ensemble(faded, start, t_eval=[1.0, 2.5], rtol=1e-9, beta=3.0)
    still = ensemble(SA, start, t_eval=np.sin([2.5, 1.0]), rtol=1e-9, beta=3.0, backend="numpy")
    np.testing.assert_allclose(moving.points[::-1], still.points, atol=1e-7)


def math_cos():
    import sympy

    return sympy.cos(time)


@pytest.mark.parametrize("backend", BACKENDS)
def test_a_system_that_is_stopped_says_so(backend):
    starts = sphere.random_points(8, 2, 0, batch=2)
    shared = {"t_eval": TIMES, "beta": 4.0, "max_steps": 3, "backend": backend}
    stopped = ensemble(SA, starts, **shared)
    assert stopped.count(EnsembleStatus.MAX_STEPS) == 2
    assert np.isnan(stopped.points[-1]).all() and np.isfinite(stopped.points[0]).all()
    assert "max_steps" in EnsembleStatus.MAX_STEPS.message
    counted = ensemble(SA, starts, observe=ClosePairs(1e-3), **shared)
    assert (counted.observed[-1] == -1).all()


@pytest.mark.parametrize("backend", BACKENDS)
def test_what_is_missing_is_never_observed(backend):
    """−1 among whole numbers and truth values, NaN among others; no function meets a NaN."""
    starts = sphere.random_points(8, 2, 0, batch=2)
    late = TIMES[1:] + 10  # the first time asked for is after the stop
    shared = {"beta": 4.0, "max_steps": 3, "backend": backend}

    def positive(points):
        assert np.isfinite(points).all()
        return points[..., 0, 0] > 0

    for observe, dtype, missing in (
        (positive, "i1", -1),
        (lambda x: positive(x).astype("u1"), "i2", -1),
        (lambda x: positive(x).astype("u8"), "f8", np.nan),
        (lambda x: positive(x).astype("i4"), "i4", -1),
        (lambda x: x.mean(axis=-2), "f8", np.nan),
        (None, "f8", np.nan),
    ):
        for times in (TIMES, late):
            found = ensemble(SA, starts, t_eval=times, observe=observe, **shared)
            values = found.points if observe is None else found.observed
            assert values.dtype == dtype
            np.testing.assert_array_equal(values[-1], np.full(values[-1].shape, missing))
    whole = ensemble(SA, starts, t_eval=TIMES, beta=4.0, observe=positive, backend=backend)
    points = ensemble(SA, starts, t_eval=TIMES, beta=4.0, backend=backend).points
    np.testing.assert_array_equal(whole.observed, points[..., 0, 0] > 0)


@pytest.mark.parametrize("backend", BACKENDS)
def test_a_certain_end_is_seen_between_the_times(backend):
    """Explicit steps at consensus would need a million; the last time may be late."""
    start = sphere.random_points(4, 3, rng=0)
    shared = {"beta": 1.0, "observe": ClosePairs(1e-3), "backend": backend}
    for times in ([0.0, 1e6], [1e6]):
        found = ensemble(SA, start, t_eval=times, **shared)
        assert found.status == EnsembleStatus.CONSENSUS and found.steps < 100
        assert found.observed[-1] == 6


@pytest.mark.parametrize("backend", BACKENDS)
def test_a_step_is_lost_against_the_time_reached(backend):
    """Rates of e^β at the start need steps of e^−β, whatever the last time is."""
    start = sphere.project([[1.0, 0.0], [1.0, 0.5]])
    for end in (1e-14, 1e3, 1e8):
        shared = {"t_eval": [1e-15, end], "beta": 40.0, "backend": backend}
        found = ensemble(USA, start, observe=ClosePairs(1e-3), **shared)
        assert found.status == EnsembleStatus.CONSENSUS
        np.testing.assert_array_equal(found.observed, [1, 1])


def test_errors_name_what_was_expected():
    start = sphere.random_points(4, 2, 0)
    cases = [
        ({"t_eval": [1.0, 0.5]}, "ascending"),
        ({"t_eval": [-1.0]}, "ascending"),
        ({"t_eval": []}, "one-dimensional"),
        ({"rtol": 1.0}, "tolerance"),
        ({"jobs": 0}, "jobs"),
        ({"max_steps": 0}, "max_steps"),
        ({"backend": "torch"}, "backend"),
        ({"beta": lambda t: t}, "theory.symbols.t"),
        ({"points": np.tile(start, (3, 1, 1)), "beta": np.ones(2)}, "broadcast"),
    ]
    for change, words in cases:
        arguments = {"points": start, "t_eval": [0.0, 1.0], "beta": 1.0, **change}
        with pytest.raises(ValueError, match=words):
            ensemble(SA, **arguments)
    with pytest.raises(ValueError, match="flow"):
        ensemble(DISCRETE_SA, start, t_eval=[0.0, 1.0], beta=1.0, eta=0.1)
    for delta in (1.5, "a", np.nan):
        with pytest.raises(ValueError, match="delta"):
            ClosePairs(delta)
    with pytest.raises(ValueError, match="model='SA'"):
        ensemble("SA", start, t_eval=[1.0], beta=1.0)
    for backend in BACKENDS:
        for observe, words in (
            (3, "observe=3"),
            (lambda x: x[0, 0], "3 values"),
            (lambda x: x.mean(axis=0), "3 values"),
            (lambda x: x @ x.T, "fails at shape|3 values"),
            (lambda x: 1.0, "3 values"),
            (lambda x: np.full(len(x), "a"), "numbers"),
        ):
            with pytest.raises((ValueError, TypeError), match=words):
                ensemble(SA, start, t_eval=[1.0], beta=1.0, observe=observe, backend=backend)
    with pytest.raises(ValueError, match="add"):
        ensemble(QKV, start, t_eval=[1.0], beta=1.0)
    if "numba" in BACKENDS:
        with pytest.raises(ValueError, match="fused"):
            ensemble(CAUSAL, start, t_eval=[1.0], beta=1.0, backend="numba")


def test_empty_batches_and_single_tokens():
    none = ensemble(SA, sphere.random_points(4, 2, 0, batch=1), t_eval=[1.0], beta=np.ones((0, 1)))
    assert none.status.shape == (0, 1)
    for backend in BACKENDS:
        lone = ensemble(SA, [[1.0, 0.0]], t_eval=[0.0, 5.0], beta=1.0, backend=backend)
        np.testing.assert_array_equal(lone.points, [[[1.0, 0.0]]] * 2)
        assert lone.status == EnsembleStatus.CONSENSUS  # on both
        same = ensemble(SA, [[1.0, 0.0]] * 3, t_eval=[0.0], beta=1.0, backend=backend)
        np.testing.assert_array_equal(same.points, [[[1.0, 0.0]] * 3])


MANY = """
import resource

import numpy as np

from numerics import sphere
from numerics.ensembles.problem import ClosePairs
from numerics.ensembles.run import ensemble
from theory import SA

found = ensemble(
    SA,
    sphere.random_points(32, 2, 0, batch=(1112, 1)),
    t_eval=np.linspace(0, 30, 201),
    observe=ClosePairs(1e-3),
    beta=np.linspace(0.1, 9, 90),
    jobs=2,
)
print(found.status.size, found.observed[-1, :, 0].mean())
print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)
"""


@pytest.mark.full
@pytest.mark.skipif("numba" not in BACKENDS, reason="takes an hour without")
def test_a_hundred_thousand_systems_fit_in_two_gigabytes():
    """In a process of its own: the most that a process held is of all tests that it ran."""
    command = [sys.executable, "-c", MANY]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    size, pairs, peak = map(float, done.stdout.split())
    assert size > 1e5
    assert math.isclose(pairs, 496, rel_tol=0.01)
    assert peak < 2 * 2**20  # kilobytes on Linux


@pytest.mark.parametrize("backend", BACKENDS)
def test_one_dimension_and_one_token_in_many(backend):
    """On two points nothing moves; a token in R^5 is turned into one dimension and back."""
    still = ensemble(SA, [[1.0], [-1.0], [1.0]], t_eval=[0.0, 9.0], beta=2.0, backend=backend)
    np.testing.assert_array_equal(still.points, [[[1.0], [-1.0], [1.0]]] * 2)
    lone = sphere.random_points(1, 5, 0)
    kept = ensemble(SA, lone, t_eval=[0.0, 9.0], beta=2.0, backend=backend).points
    np.testing.assert_allclose(kept, [lone] * 2, atol=1e-15)


@pytest.mark.extras
def test_pauses_of_the_compiled_loops_change_no_bit(monkeypatch):
    """They return ever so often, so that a Ctrl-C is heard, and go on from where they were."""
    pytest.importorskip("numba")
    import numerics.ensembles.run as ensembles
    import numerics.stepping.runs as single

    x = sphere.random_points(8, 2, rng=0, batch=(6,))
    options = {"t_eval": [0.0, 1.0, 30.0], "beta": 2.0, "backend": "numba"}
    whole, run = ensemble(SA, x, **options), integrate(compile_model(SA, beta=2.0), x[0], 5.0)
    monkeypatch.setattr(ensembles, "_PAIRS", 3 * 64)
    monkeypatch.setattr(single, "PAIRS", 1)
    paused, again = ensemble(SA, x, **options), integrate(compile_model(SA, beta=2.0), x[0], 5.0)
    assert np.array_equal(paused.points, whole.points)
    assert np.array_equal(paused.steps, whole.steps)
    assert np.array_equal(paused.status, whole.status)
    assert np.array_equal(again.points, run.points) and np.array_equal(again.times, run.times)
