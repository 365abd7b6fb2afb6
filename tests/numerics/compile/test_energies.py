"""Energies in blocks against double sums written out, and the memory that they take."""

import math
import tracemalloc

import numpy as np
import pytest
import sympy as sp

from numerics import compile_model, integrate, sphere
from theory import SA, SINKHORN, SYMMETRIC_QKV, USA, anchor_energy, gradient_flow
from theory import interaction_energy as pairs
from theory.symbols import beta, d, k, t, z

pytestmark = pytest.mark.extras


@pytest.fixture(params=["plain", "numpy", "numba"], scope="module")
def backend(request):
    if request.param == "numba":
        pytest.importorskip("numba")
    return request.param


def double_sum(x, kernel, masses=None):
    """½ ΣΣ m_i m_j h(<x_i,x_j>) of one system, correctly rounded up to h."""
    m = np.full(len(x), 1 / len(x)) if masses is None else masses
    terms = m[:, None] * m * kernel(x @ x.T)
    return math.fsum(terms.ravel()) / 2


@pytest.mark.parametrize("shape", [(1, 2), (23, 3), (530, 3), (40, 20)])
def test_paper_energy(shape, backend):
    x = sphere.random_points(*shape, 0)
    masses = np.random.default_rng(1).uniform(0.5, 2.0, shape[0])
    for b in (3.0, -2.0):
        for weights in (None, masses):
            field = compile_model(USA, beta=b, masses=weights, backend=backend)
            expected = double_sum(x, lambda g, b=b: np.exp(b * g) / b, weights)
            assert field.energy(x) == pytest.approx(expected, rel=1e-14)
            assert field.log_energy(x) == pytest.approx(math.log(2 * b * expected), abs=1e-14)


def test_batches_of_everything(backend):
    """Systems, β and masses each along axes of their own, more than fit in a block."""
    rng = np.random.default_rng(2)
    x = sphere.random_points(30, 2, rng, batch=(70, 1, 3))
    b = rng.uniform(-1, 3, (2, 1))
    masses = rng.uniform(0.5, 1.0, (3, 30))
    energies = compile_model(SA, beta=b, masses=masses, backend=backend).energy(x)
    logs = compile_model(SA, beta=b, masses=masses, backend=backend).log_energy(x)
    assert energies.shape == logs.shape == (70, 2, 3)
    for i, j, s in ((0, 0, 0), (69, 1, 2), (35, 1, 0)):
        rate = float(b[j, 0])
        exact = double_sum(x[i, 0, s], lambda g, a=rate: np.exp(a * g) / a, masses[s])
        assert energies[i, j, s] == pytest.approx(exact, rel=1e-13)
        assert logs[i, j, s] == pytest.approx(math.log(2 * rate * exact), abs=1e-13)


def test_energies_of_other_forms():
    x = sphere.random_points(300, 3, 1)
    matrix = np.random.default_rng(3).normal(size=(3, 3))
    scores = x @ matrix @ x.T
    turned = compile_model(SYMMETRIC_QKV, beta=2.0, V=matrix)
    assert turned.energy(x) == pytest.approx(np.exp(2 * scores).mean() / 4, rel=1e-13)
    assert turned.log_energy(x) == pytest.approx(np.log(np.exp(2 * scores).mean()), rel=1e-13)
    # a pair term that ends at ±1, and an anchor
    anchors, strengths = sp.MatrixSymbol("W", k, d), sp.MatrixSymbol("c", k, 1)
    energy = pairs((1 + z) ** sp.Rational(3, 2)) + anchor_energy(z**2, anchors, strengths)
    both = gradient_flow(energy, parameters=(anchors, strengths))
    values = {"W": np.eye(3)[[2, 1]], "c": np.array([[1.0], [2.0]])}
    x[1] = -x[0]
    expected = double_sum(x, lambda g: np.maximum(1 + g, 0.0) ** 1.5)
    expected += float(np.mean(x[:, 2] ** 2 + 2 * x[:, 1] ** 2))
    assert compile_model(both, **values).energy(x) == pytest.approx(expected, rel=1e-13)
    # what isn't a pair sum goes a system at a time
    many = sphere.random_points(4, 2, 5, batch=(3,))
    one = compile_model(SINKHORN, beta=2.0)
    assert one.energy(many) == pytest.approx([float(one.energy(few)) for few in many], rel=1e-13)


def test_pole_in_a_batch_and_in_time(backend):
    x = sphere.random_points(6, 3, 4)
    at_zero = 0.5 * np.mean(x @ x.T)
    field = compile_model(SA, beta=np.array([0.0, 1.0]), backend=backend)
    expected = [at_zero, double_sum(x, np.exp)]
    assert field.energy(x) == pytest.approx(expected, rel=1e-13)
    timed = compile_model(SA, beta=lambda s: s, backend=backend)
    assert [float(timed.energy(x, s)) for s in (0.0, 1.0)] == pytest.approx(expected, rel=1e-13)


def test_trajectories_have_the_energy_of_each_time():
    """Of a fading kernel, of a parameter that is a function of time, and of the moving points."""
    x = sphere.random_points(8, 2, 3)
    times = np.linspace(0.0, 4.0, 5)
    fading = gradient_flow(pairs(sp.exp(-t) * sp.exp(z)))
    for field, kernel in (
        (compile_model(fading), lambda s: lambda g: np.exp(g - s)),
        (
            compile_model(SA, beta=lambda s: 2 - s),
            lambda s: lambda g: np.exp((2 - s) * g) / (2 - s) if s != 2 else g,
        ),
    ):
        run = integrate(field, x, 4.0, t_eval=times)
        expected = [double_sum(y, kernel(s)) for s, y in zip(times, run.points, strict=True)]
        assert run.energy == pytest.approx(expected, rel=1e-12)
    assert run.log_energy[1] == pytest.approx(math.log(2 * 1 * expected[1]), rel=1e-12)


@pytest.mark.slow
@pytest.mark.parametrize("model", [SA, gradient_flow(pairs(z**4))], ids=["exp", "power"])
def test_memory_is_no_matrix_of_all_pairs(model):
    """Ten times of 3000 tokens: a matrix of all pairs would take 72 MB each."""
    x = sphere.random_points(3000, 3, 0)
    field = compile_model(model, **({"beta": 4.0} if beta in model.parameters else {}))
    points = np.broadcast_to(x, (4, *x.shape))
    tracemalloc.start()
    field.energy(points)
    if model is SA:
        field.log_energy(points)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 20e6
