"""Points of other array libraries: the same print on PyTorch, JAX and the strict standard."""

import importlib
import sys

import numpy as np
import pytest

from numerics import Event, compile_model, ensemble, integrate, sphere
from numerics.compile.array_namespace import is_foreign, namespace
from theory import CAUSAL, DISCRETE_SA, PURE_ATTENTION, QKV, SA, SINKHORN, USA

pytestmark = pytest.mark.extras

MODELS = (SA, USA, QKV, CAUSAL, SINKHORN, DISCRETE_SA, PURE_ATTENTION)


@pytest.fixture(params=["torch", "jax", "array_api_strict"])
def make(request):
    """Make an array of the library."""
    pytest.importorskip("array_api_compat")
    pytest.importorskip(request.param)
    if request.param == "torch":
        return importlib.import_module("torch").asarray
    if request.param == "array_api_strict":
        return importlib.import_module("array_api_strict").asarray
    jax = importlib.import_module("jax")
    jax.config.update("jax_enable_x64", True)
    return jax.numpy.asarray


def bound_field(model, **options):
    rng = np.random.default_rng(0)
    values = {"beta": 2.0, "eta": 0.5}
    matrices = {name: rng.normal(size=(3, 3)) for name in "QKV"}
    parameters = {str(p): {**values, **matrices}[str(p)] for p in model.parameters}
    return compile_model(model, **parameters, **options)


@pytest.mark.every(31)
@pytest.mark.parametrize("model", MODELS, ids=lambda model: model.name)
@pytest.mark.parametrize("weighted", [False, True])
def test_velocity_and_energy_are_those_of_numpy(make, model, weighted):
    x = sphere.random_points(7, 3, rng=1, batch=2)
    masses = np.random.default_rng(2).uniform(0.5, 1.0, 7) if weighted else None
    field = bound_field(model, masses=masses)
    points = make(x)
    velocity = field(points)
    assert type(velocity) is type(points) and velocity.dtype == points.dtype
    assert np.abs(np.asarray(velocity) - field(x)).max() < 1e-14
    if model.energy is not None:
        energy = field.energy(points)
        assert type(energy) is type(points)
        assert np.abs(np.asarray(energy) - field.energy(x)).max() < 1e-13
        if model is not SINKHORN:
            assert np.abs(np.asarray(field.log_energy(points)) - field.log_energy(x)).max() < 1e-13


@pytest.mark.every(4)
@pytest.mark.parametrize("beta", [0.0, 900.0, np.array([0.0, 2.0])], ids=str)
@pytest.mark.parametrize("model", [SA, USA], ids=lambda model: model.name)
def test_limits_and_large_beta(make, model, beta):
    x = sphere.random_points(5, 3, rng=3, batch=2)
    field = compile_model(model, beta=beta)
    for ours, numpys in zip(field.scaled(make(x)), field.scaled(x), strict=True):
        assert np.abs(np.asarray(ours) - numpys).max() < 1e-12
    if np.max(beta) < 700:
        assert np.abs(np.asarray(field.energy(make(x))) - field.energy(x)).max() < 1e-14
    elif model is USA:
        with pytest.raises(OverflowError, match="scaled"):
            field(make(x))


@pytest.mark.slow
def test_precision_is_kept(make):
    x = sphere.random_points(6, 3, rng=4).astype(np.float32)
    velocity = compile_model(SA, beta=3.0)(make(x))
    assert velocity.dtype == make(x).dtype
    exact = compile_model(SA, beta=3.0)(sphere.project(x))
    assert 0 < np.abs(np.asarray(velocity) - exact).max() < 1e-5


@pytest.mark.slow
def test_bad_points(make):
    field = compile_model(SA, beta=1.0)
    x = sphere.random_points(4, 2, rng=5)
    for points, message in (
        (x[0], "shape"),
        (2 * x, "unit sphere"),
        (np.where(x == x[0, 0], np.nan, x), "finite"),
        (np.eye(2, dtype=int), "real floating"),
        (np.zeros((0, 2)), "shape"),
    ):
        with pytest.raises(ValueError, match=message):
            field(make(points))


@pytest.mark.slow
def test_a_run_stays_in_its_library(make):
    """The array loop, in batches and with every form of output, against the run on NumPy."""
    x = sphere.random_points(5, 3, rng=8, batch=2)
    for field in (compile_model(SA, beta=2.0), bound_field(QKV), compile_model(USA, beta=1.0)):
        for options in ({}, {"t_eval": [0.0, 0.3, 1.0]}):
            run = integrate(field, make(x), 1.0, **options)
            expected = integrate(field, x, 1.0, **options)
            assert type(run.points) is type(make(x)) and run.status is expected.status
            assert np.abs(np.asarray(run.points[-1, ...]) - expected.points[-1]).max() < 1e-10
    event = Event(lambda t, points: 0.5 - t, terminal=True)
    run = integrate(compile_model(SA, beta=2.0), make(x), 1.0, events=event)
    assert run.times[-1] == pytest.approx(0.5) and type(run.points) is type(make(x))


def test_many_systems_at_a_time_are_refused(make):
    with pytest.raises(TypeError, match=r"points of NumPy.*integrate"):
        ensemble(SA, make(sphere.random_points(5, 3, rng=8, batch=2)), t_eval=[1.0], beta=2.0)


def test_dask_is_refused_in_words():
    dask = pytest.importorskip("dask.array")
    points = dask.from_array(sphere.random_points(5, 3, rng=8))
    with pytest.raises(TypeError, match=r"attribute mT.*dask\.array.*map_blocks"):
        compile_model(SA, beta=2.0)(points)


def test_torch_gradient_of_the_energy_is_the_velocity():
    """Automatic differentiation of (3.5) against the derived velocity: USA = n ∇E."""
    torch = pytest.importorskip("torch")
    pytest.importorskip("array_api_compat")
    x = sphere.random_points(6, 3, rng=6)
    field = compile_model(USA, beta=1.5)
    points = torch.asarray(x).requires_grad_(True)
    field.energy(points).backward()
    gradient = points.grad.numpy()
    tangent = gradient - np.sum(gradient * x, axis=-1, keepdims=True) * x
    assert np.abs(6 * tangent - field(x)).max() < 1e-14


@pytest.mark.slow
def test_jax_compiles_and_differentiates_the_velocity():
    jax = pytest.importorskip("jax")
    pytest.importorskip("array_api_compat")
    jax.config.update("jax_enable_x64", True)
    x = sphere.random_points(5, 3, rng=7)
    field = compile_model(SA, beta=2.0)
    points = jax.numpy.asarray(x)
    assert np.abs(np.asarray(jax.jit(field.unchecked)(points)) - field(x)).max() < 1e-14
    for transformed in (jax.jit(lambda y: field(y)), jax.jit(field.__call__)):
        with pytest.raises(ValueError, match="unchecked"):
            transformed(points)
    direction = field(x)
    _, slope = jax.jvp(field.unchecked, (points,), (jax.numpy.asarray(direction),))
    step = 1e-6
    finite = (field.unchecked(x + step * direction) - field.unchecked(x - step * direction)) / (
        2 * step
    )
    assert np.abs(np.asarray(slope) - finite).max() < 1e-8


def test_numpy_needs_nothing(monkeypatch):
    x = np.eye(2)
    assert not is_foreign(x) and not is_foreign([[1.0, 0.0]]) and namespace(x) is np
    torch = pytest.importorskip("torch")
    monkeypatch.setitem(sys.modules, "array_api_compat", None)
    with pytest.raises(ModuleNotFoundError, match=r"attnflow\[array\]"):
        compile_model(SA, beta=1.0)(torch.asarray(x))
