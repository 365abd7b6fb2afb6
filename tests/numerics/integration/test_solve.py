"""Trajectories against independent integrations, closed forms and the energy identity."""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any

import mpmath as mp
import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.integrate import solve_ivp

from numerics import sphere
from numerics.coarsening import coarsen
from numerics.compile import compile_model
from numerics.integration.events import IntegrationStatus
from numerics.integration.solve import integrate
from theory.models import PURE_ATTENTION, QKV, SA, USA

Array = NDArray[np.float64]
EPS = float(np.finfo(float).eps)
RTOLS = [1e-4, 1e-6, 1e-8, 1e-10, 1e-12]


def weights(g: Array, beta: float, kind: str) -> Array:
    kernel = np.exp(beta * g)
    total = kernel.sum(axis=-1, keepdims=True) if kind == "SA" else g.shape[-1]
    return np.asarray(kernel / total)


def growth(x: Array, beta: float, kind: str) -> Array:
    """Growth bound mu = max_i sum_j a_ij (1 - g_ij)(1 + 2 beta (1 + g_ij)), shape (time,)."""
    g = x @ np.swapaxes(x, -1, -2)
    terms = weights(g, beta, kind) * (1 - g) * (1 + 2 * beta * (1 + g))
    return np.asarray(terms.sum(axis=-1).max(axis=-1))


def reference(x0: Array, times: Array, beta: float, kind: str) -> Array:
    """SciPy at its tightest; on the circle in angles, else in the definition's coordinates."""
    n, d = x0.shape

    def angular(t: float, theta: Array) -> Array:
        gap = theta[:, None] - theta[None, :]
        return np.asarray(-np.sum(weights(np.cos(gap), beta, kind) * np.sin(gap), axis=1))

    def ambient(t: float, flat: Array) -> Array:
        x = flat.reshape(n, d)
        x = x / np.linalg.norm(x, axis=1, keepdims=True)
        v = weights(x @ x.T, beta, kind) @ x
        return np.asarray(v - np.sum(v * x, axis=1, keepdims=True) * x).reshape(-1)

    start = np.arctan2(x0[:, 1], x0[:, 0]) if d == 2 else x0.reshape(-1)
    rhs = angular if d == 2 else ambient
    # Restarted at every output time, so that no dense output enters the reference.
    states = [start]
    for a, b in itertools.pairwise(times):
        run = solve_ivp(rhs, (a, b), states[-1], method="DOP853", rtol=2.3e-14, atol=1e-15)
        states.append(run.y[:, -1])
    y = np.array(states)
    if d == 2:
        return np.stack([np.cos(y), np.sin(y)], axis=-1)
    return sphere.project(y.reshape(-1, n, d))


def error(a: Array, b: Array) -> Array:
    return np.asarray(sphere.geodesic_distance(a, b).max(axis=-1))


# ------------------------------------------------------------- independent statements of the flow


@pytest.mark.every(3)
@pytest.mark.parametrize("d", [2, 3])
@pytest.mark.parametrize(
    ("model", "beta"), [(SA, 0.0), (SA, 1.0), (SA, 4.0), (SA, 9.0), (USA, 1.0), (USA, 2.5)]
)
def test_error_below_the_growth_bound(model: Any, beta: float, d: int) -> None:
    x0 = sphere.random_points(7, d, rng=10 * d + int(beta))
    times = np.linspace(0.0, 3.0, 121)
    exact = reference(x0, times, beta, model.name)
    mu = growth(exact, beta, model.name)
    grown = np.exp(np.concatenate([[0], np.cumsum((mu[1:] + mu[:-1]) / 2 * np.diff(times))]))
    compiled = compile_model(model, beta=beta)
    finals = []
    for rtol in RTOLS:
        trajectory = integrate(compiled, x0, 3.0, t_eval=times, rtol=rtol)
        np.testing.assert_array_equal(trajectory.times, times)
        bound = (10 * rtol + 20 * EPS) * grown
        assert np.all(error(trajectory.points, exact) <= bound), rtol
        finals.append(error(trajectory.points, exact).max())
    assert finals[-1] < 1e-5 * finals[0] + 20 * EPS * grown.max()


@pytest.mark.slow
def test_against_mpmath_taylor() -> None:
    beta, t_end = 2, 1.0
    theta0 = [0.0, 1.25, 2.75]
    with mp.workdps(22):

        def rhs(t: Any, theta: Any) -> list[Any]:
            out = []
            for a in theta:
                kernel = [mp.exp(beta * mp.cos(a - b)) for b in theta]
                pulls = zip(kernel, theta, strict=True)
                out.append(mp.fsum(k * mp.sin(b - a) for k, b in pulls) / mp.fsum(kernel))
            return out

        solution = mp.odefun(rhs, 0, [mp.mpf(a) for a in theta0], tol=mp.mpf(10) ** -17)
        final = solution(t_end)
        exact = np.array([[float(mp.cos(a)), float(mp.sin(a))] for a in final])
    x0 = np.stack([np.cos(theta0), np.sin(theta0)], axis=1)
    fine = integrate(compile_model(SA, beta=2.0), x0, t_end, rtol=1e-13)
    mu = growth(fine.at(np.linspace(0, t_end, 200)), 2.0, "SA").mean() * t_end
    for rtol in [*RTOLS, 1e-13]:
        trajectory = integrate(compile_model(SA, beta=2.0), x0, t_end, rtol=rtol)
        assert error(trajectory.points[-1], exact) <= (10 * rtol + 20 * EPS) * math.exp(mu)


@pytest.mark.parametrize("n", [2, 5, 16])
def test_equiangular_closed_form(n: int) -> None:
    trajectory = integrate(compile_model(SA, beta=0.0), np.eye(n), 4.0, rtol=1e-11)
    t = trajectory.times[:, None]
    gamma = np.expm1(2 * t) / (np.exp(2 * t) + n - 1)
    pairs = sphere.gram(trajectory.points)[:, *np.triu_indices(n, 1)]
    assert np.abs(pairs - gamma).max() <= 1e-10


@pytest.mark.parametrize("model", [SA, USA])
@pytest.mark.parametrize("rtol", RTOLS)
def test_energy_identity_along_the_trajectory(model: Any, rtol: float) -> None:
    beta, n, t_end = 2.0, 6, 2.0
    x0 = sphere.random_points(n, 3, rng=5)
    compiled = compile_model(model, beta=beta)
    trajectory = integrate(compiled, x0, t_end, rtol=rtol)
    nodes, quadrature = np.polynomial.legendre.leggauss(60)
    points = trajectory.at((nodes + 1) * t_end / 2)
    velocity = compiled(points)
    kernel = np.exp(beta * sphere.gram(points))
    rate = np.sum(velocity**2, axis=-1)
    rate = (kernel.sum(axis=-1) * rate).sum(axis=-1) / n**2 if model is SA else rate.mean(axis=-1)
    gained = float(quadrature @ rate) * t_end / 2
    energy = trajectory.energy
    assert energy is not None
    assert np.all(np.diff(energy) > 0)
    grown = math.exp(growth(points, beta, model.name).mean() * t_end)
    lipschitz = math.exp(beta)  # |dE| <= e^beta max_i |dx_i| for E = sum e^{beta g} / (2 beta n^2)
    difference = float(energy[-1] - energy[0])
    assert abs(difference - gained) <= (10 * rtol + 40 * EPS) * lipschitz * grown
    # The control: SA's identity with n in place of Z is off by far more.
    if model is SA:
        wrong = float(quadrature @ np.mean(np.sum(velocity**2, axis=-1), axis=-1)) * t_end / 2
        assert abs(difference - wrong) > 1e-2


# ------------------------------------------------------------------------- confinement, roundtrip


def test_points_stay_on_the_sphere_to_a_few_ulp(max_drift) -> None:
    x0 = sphere.random_points(12, 5, rng=0)
    trajectory = integrate(compile_model(SA, beta=3.0), x0, 200.0, rtol=1e-6)
    assert trajectory.status is IntegrationStatus.FINISHED
    assert max_drift(trajectory.points) <= 4 * EPS
    assert max_drift(trajectory.at(np.linspace(0, 200, 333))) <= 4 * EPS


def test_start_within_tolerance_is_projected(max_drift) -> None:
    x0 = sphere.random_points(4, 3, rng=0) * (1 + 5e-7)
    trajectory = integrate(compile_model(SA, beta=1.0), x0, 0.5)
    assert max_drift(trajectory.points) <= 4 * EPS


@pytest.mark.parametrize("beta", [0.0, 1.0, 4.0])
def test_backward_forward_roundtrip(beta: float) -> None:
    x0 = sphere.random_points(6, 3, rng=4)
    compiled = compile_model(SA, beta=beta)
    there = integrate(compiled, x0, 1.0, rtol=1e-11)
    back = integrate(compiled, there.points[-1], -1.0, rtol=1e-11, t_eval=[0.0, -0.5, -1.0])
    np.testing.assert_array_equal(back.times, [0.0, -0.5, -1.0])
    bound = 20e-11 * math.exp(2 * (1 + beta))
    assert error(back.points[-1], x0) <= bound
    assert error(back.points[1], there.at(0.5)) <= bound
    assert error(back.at(-0.25), there.at(0.75)) <= bound


def test_time_dependent_field_and_start_time() -> None:
    def turn(t: float) -> Array:
        return np.array([[math.cos(t), -math.sin(t)], [math.sin(t), math.cos(t)]])

    eye = np.eye(2)
    compiled = compile_model(QKV, Q=eye, K=eye, V=turn, beta=1.0)
    x0 = sphere.random_points(4, 2, rng=0)
    there = integrate(compiled, x0, 2.0, t_start=0.5, rtol=1e-11)

    def rhs(t: float, flat: Array) -> Array:
        x = sphere.project(flat.reshape(4, 2))
        v = weights(x @ x.T, 1.0, "SA") @ x @ turn(t).T
        return sphere.tangent(x, v).reshape(-1)

    run = solve_ivp(rhs, (0.5, 2.0), x0.reshape(-1), method="DOP853", rtol=1e-13, atol=1e-14)
    assert error(there.points[-1], sphere.project(run.y[:, -1].reshape(4, 2))) < 1e-9
    back = integrate(compiled, there.points[-1], 0.5, t_start=2.0, rtol=1e-11)
    assert error(back.points[-1], x0) < 1e-9


# -------------------------------------------------------------------------------- batches, shapes


def test_batch_agrees_with_single_systems() -> None:
    x0 = sphere.random_points(5, 3, rng=2, batch=(2, 3))
    compiled = compile_model(SA, beta=2.0)
    batch = integrate(compiled, x0, 1.0, t_eval=[0.5, 1.0], rtol=1e-10)
    assert batch.points.shape == (2, 2, 3, 5, 3)
    assert batch.energy is not None
    assert batch.energy.shape == (2, 2, 3)
    for index in np.ndindex(2, 3):
        single = integrate(compiled, x0[index], 1.0, rtol=1e-10)
        assert error(single.points[-1], batch.points[-1][index]) < 1e-8


def test_parameters_and_masses_per_system() -> None:
    x0 = sphere.random_points(5, 3, rng=2)
    betas = np.array([0.5, 2.0, 8.0])
    batch = integrate(compile_model(SA, beta=betas), x0, 1.0, rtol=1e-10)
    assert batch.points.shape[1:] == (3, 5, 3)
    for k, beta in enumerate(betas):
        single = integrate(compile_model(SA, beta=float(beta)), x0, 1.0, rtol=1e-10)
        assert error(single.points[-1], batch.points[-1][k]) < 1e-8
    # A particle of double mass is two particles at one place.
    heavy = compile_model(SA, beta=2.0, masses=[2, 1, 1, 1, 1])
    twins = integrate(compile_model(SA, beta=2.0), np.vstack([x0, x0[:1]]), 1.0, rtol=1e-10)
    one = integrate(heavy, x0, 1.0, rtol=1e-10)
    assert error(one.points[-1], twins.points[-1, :5]) < 1e-8


def test_degenerate_configurations() -> None:
    compiled = compile_model(SA, beta=2.0)
    one = integrate(compiled, [[0.6, 0.8]], 3.0)
    np.testing.assert_allclose(one.points[-1], [[0.6, 0.8]], atol=4 * EPS)
    line = integrate(compiled, [[1.0], [-1.0]], 3.0)
    np.testing.assert_array_equal(line.points[-1], [[1.0], [-1.0]])
    twins = integrate(compiled, [[1, 0], [1, 0], [0, 1]], 3.0)
    np.testing.assert_array_equal(twins.points[:, 0], twins.points[:, 1])
    poles = integrate(compiled, [[1.0, 0.0], [-1.0, 0.0]], 5.0)
    np.testing.assert_array_equal(poles.points[-1], [[1.0, 0.0], [-1.0, 0.0]])
    single = sphere.random_points(3, 4, rng=0).astype(np.float32)
    assert integrate(compiled, single, 0.1).points.dtype == np.float64
    still = integrate(compiled, [[1, 0], [0, 1]], 0.0)
    assert still.points.shape == (1, 2, 2)
    assert still.status is IntegrationStatus.FINISHED
    assert still.at(0.0).shape == (2, 2)


@dataclass(frozen=True)
class Stub:
    """A field given by a function, for what no built-in model does."""

    function: Callable[[Array, float], Array]
    model: Any = field(
        default_factory=lambda: SimpleNamespace(
            space="sphere", kind="flow", energy=None, name="stub"
        )
    )

    def __call__(self, points: Array, t: float = 0.0) -> Array:
        return self.function(points, t)

    unchecked = __call__

    def scaled(self, points: Array, t: float = 0.0) -> tuple[Array, Array]:
        return self.function(points, t), np.zeros(points.shape[:-2])


# ------------------------------------------------------------------------------ events, statuses


def test_max_steps_status() -> None:
    x0 = sphere.random_points(8, 3, rng=0)
    trajectory = integrate(compile_model(SA, beta=1.0), x0, 100.0, max_steps=4)
    assert trajectory.status is IntegrationStatus.MAX_STEPS
    assert not trajectory.status.success
    assert trajectory.n_steps <= 4
    assert 0 < trajectory.times[-1] < 100
    assert "max_steps" in trajectory.status.message


@pytest.mark.slow
def test_step_underflow_status_at_a_singularity() -> None:
    spin = Stub(lambda x, t: np.stack([-x[..., 1], x[..., 0]], axis=-1) / (1.0 - t))
    trajectory = integrate(spin, [[1.0, 0.0]], 2.0)  # type: ignore[arg-type]
    assert trajectory.status is IntegrationStatus.STEP_UNDERFLOW
    assert trajectory.times[-1] == pytest.approx(1.0, abs=1e-10)
    assert trajectory.energy is None


def test_overflow_status_on_euclidean_space() -> None:
    eye = np.eye(2)
    compiled = compile_model(PURE_ATTENTION, beta=1.0, Q=eye, K=eye, V=eye)
    trajectory = integrate(compiled, [[1.0, 0.0], [2.0, 1.0]], 2000.0, rtol=1e-4)
    assert trajectory.status is IntegrationStatus.OVERFLOW
    assert np.all(np.isfinite(trajectory.points))


def test_every_status_has_a_message() -> None:
    for status in IntegrationStatus:
        assert status.message.endswith(".")


# -------------------------------------------------------------------------- Euclidean, maps, scaled


def test_euclidean_model_is_not_projected() -> None:
    eye = np.eye(2)
    compiled = compile_model(PURE_ATTENTION, beta=1.0, Q=eye, K=eye, V=eye)
    trajectory = integrate(compiled, [[3.0, 4.0]], 1.0, rtol=1e-11)
    np.testing.assert_allclose(trajectory.points[-1], [[3 * math.e, 4 * math.e]], rtol=1e-10)


NAN, INF = float("nan"), float("inf")
GOOD = [[1.0, 0.0], [0.0, 1.0]]


# -------------------------------------------------------------------------------------- bad input


@pytest.mark.parametrize(
    ("points", "arguments", "error_type", "words"),
    [
        ([[1.0, 0.0], [NAN, 0.0]], {}, ValueError, r"points\[1\]"),
        ([[1.0, 0.0], [0.0, 1.5]], {}, ValueError, r"points\[1\] of length=1\.5; .*sphere.project"),
        ([1.0, 0.0], {}, ValueError, r"points.shape=\(2,\)"),
        (np.zeros((0, 2)), {}, ValueError, r"points.shape=\(0, 2\)"),
        (GOOD, {"rtol": 1e-14}, ValueError, r"\[1e-13, 1e-2\] but got rtol=1e-14"),
        (GOOD, {"rtol": 0.1}, ValueError, r"rtol=0\.1"),
        (GOOD, {"rtol": NAN}, ValueError, r"rtol=nan"),
        (GOOD, {"rtol": "1"}, TypeError, r"rtol='1'"),
        (GOOD, {"atol": -1.0}, ValueError, r"atol=-1\.0"),
        (GOOD, {"max_steps": 0}, ValueError, r"max_steps=0"),
        (GOOD, {"max_steps": 2.5}, ValueError, r"max_steps=2\.5"),
        (GOOD, {"t_end": INF}, ValueError, r"t_end=inf"),
        (GOOD, {"t_end": None}, ValueError, r"t_end=None"),
        (GOOD, {"log_t_end": 0.0}, ValueError, r"one of t_end and log_t_end"),
        (GOOD, {"t_start": NAN}, ValueError, r"t_start=nan"),
        (GOOD, {"t_eval": [0.0, 2.0]}, ValueError, r"\[0\.0, 1\.0\] but got t_eval\[1\]=2\.0"),
        (GOOD, {"t_eval": [0.0, NAN]}, ValueError, r"t_eval\[1\]=nan"),
        (GOOD, {"t_eval": [0.5, 0.25]}, ValueError, r"sorted .*t_eval\[1\]=0\.25"),
        (GOOD, {"t_eval": []}, ValueError, r"t_eval.shape=\(0,\)"),
        (GOOD, {"t_eval": [[0.5]]}, ValueError, r"t_eval.shape=\(1, 1\)"),
        (GOOD, {"events": [3]}, TypeError, r"events\[0\]=3"),
        (GOOD, {"events": lambda t, x: x}, ValueError, r"a number from an event"),
        (GOOD, {"events": lambda t, x: NAN}, ValueError, r"a number from an event"),
    ],
)
def test_bad_input(
    points: Any, arguments: dict[str, Any], error_type: type[Exception], words: str
) -> None:
    with pytest.raises(error_type, match=r"Expected .*" + words):
        integrate(compile_model(SA, beta=1.0), points, **{"t_end": 1.0, **arguments})


def test_masses_must_fit_the_points() -> None:
    with pytest.raises(ValueError, match="Expected"):
        integrate(compile_model(SA, beta=1.0, masses=[1.0, 2.0, 3.0]), GOOD, 1.0)


def test_what_is_not_a_field_or_an_event_is_named():
    points = sphere.random_points(3, 2, 0)
    with pytest.raises(TypeError, match="Expected a model, a compiled field or a function"):
        integrate(5, points, 1.0)
    with pytest.raises(TypeError, match="events=5"):
        integrate(compile_model(SA, beta=1.0), points, 1.0, events=5)
    with pytest.raises(ValueError, match="masked"):
        integrate(compile_model(SA, beta=1.0), np.ma.masked_equal(points, points[0, 0]), 1.0)


class _Recording(np.ndarray):
    """What an array that records gradients says of itself."""

    requires_grad = True


def test_gradients_through_a_run_are_refused():
    x = sphere.random_points(4, 3, rng=0)
    recording = x.view(_Recording)
    for start in (recording, {"X": recording}, [row.view(_Recording) for row in x]):
        with pytest.raises(ValueError, match=r"without gradients.*\.detach\(\)"):
            integrate(SA, start, 1.0, beta=1.0)


def test_gradients_of_other_arguments_are_refused():
    x = sphere.random_points(4, 3, rng=0)
    one = np.ones(()).view(_Recording)
    for call in (
        lambda: coarsen(x.view(_Recording), SA, beta=1.0),
        lambda: compile_model(SA, beta=one),
        lambda: integrate(SA, x, 1.0, beta=one),
        lambda: compile_model(SA, beta=1.0, masses=np.ones(4).view(_Recording)),
    ):
        with pytest.raises(ValueError, match=r"without gradients.*\.detach\(\)"):
            call()


@pytest.mark.slow
@pytest.mark.extras
def test_gradients_of_torch_are_refused_and_its_values_run():
    torch = pytest.importorskip("torch")
    pytest.importorskip("array_api_compat")
    x = torch.asarray(sphere.random_points(4, 3, rng=0))
    weight = torch.ones(3, dtype=torch.float64, requires_grad=True)
    with pytest.raises(ValueError, match="points without gradients"):
        integrate(SA, x.clone().requires_grad_(True), 1.0, beta=1.0)
    with pytest.raises(ValueError, match="velocities without gradients"):
        integrate(lambda points, t: weight * points, x, 1.0)
    with pytest.raises(ValueError, match="beta without gradients"):
        integrate(SA, x, 1.0, beta=weight[0])
    with pytest.raises(ValueError, match="points without gradients"):
        coarsen(x.clone().requires_grad_(True), SA, beta=1.0)
    with torch.no_grad():
        run = integrate(lambda points, t: weight * torch.sin(points), x, 1.0)
    assert bool(torch.isfinite(run.points).all())
