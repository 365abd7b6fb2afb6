"""Threads, memory and the way out where numba is missing."""

import importlib
import pickle
import tracemalloc
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
import sympy as sp

from numerics import compile_model, sphere
from numerics.fused.loops import HEAVY, load_numba
from theory import REPULSIVE, SA, USA, gradient_flow
from theory import interaction_energy as pairs
from theory.symbols import beta, z

pytestmark = pytest.mark.extras

REPULSIVE_USA = gradient_flow(pairs(-sp.exp(beta * z) / beta))
MODELS = {"SA": SA, "USA": USA, "-SA": REPULSIVE, "-USA": REPULSIVE_USA}
EPS = np.finfo(float).eps


def test_threads_give_the_same_bits(backend):
    fields = [compile_model(SA, beta=b, backend=backend) for b in (1.0, 4.0)]
    systems = [sphere.random_points(n, 3, n) for n in (20, 64, 300, 700)]
    jobs = [(field, x) for field in fields for x in systems] * 5
    alone = [field.unchecked(x) for field, x in jobs]
    with ThreadPoolExecutor(4) as pool:
        together = list(pool.map(lambda job: job[0].unchecked(job[1]), jobs))
    for a, b in zip(alone, together, strict=True):
        np.testing.assert_array_equal(a, b)


def test_without_numba_the_way_out_is_named(monkeypatch):
    def refuse(name, *args, **kwargs):
        if name == "numba":
            raise ImportError(name)
        return real(name, *args, **kwargs)

    real = importlib.import_module
    load_numba.cache_clear()
    monkeypatch.setattr(importlib, "import_module", refuse)
    with pytest.raises(ModuleNotFoundError, match=r"pip install 'attnflow\[fast\]'"):
        compile_model(SA, beta=1.0, backend="numba")


def test_numpy_backend_does_not_import_numba(monkeypatch):
    def refuse():
        raise AssertionError("numba was asked for")

    for module in ("numerics.fused.loops", "numerics.compile.bind"):  # wherever it is read
        monkeypatch.setattr(f"{module}.load_numba", refuse)
    compile_model(SA, beta=1.0)(sphere.random_points(4, 2, 0))
    with pytest.raises(AssertionError, match="asked for"):
        compile_model(SA, beta=1.0, backend="numba")


@pytest.mark.every(8)
@pytest.mark.parametrize("name", ["SA", "USA"])
@pytest.mark.parametrize("shape", [(70, 150, 2), (40, 200, 20), (1, 1500, 3), (1, 1300, 70)])
def test_threads_do_what_one_does(name, backend, shape, both, agree):
    """A batch has the same bits on any number of threads; one large system agrees to rounding."""
    batch, n, dim = shape
    x = sphere.random_points(n, dim, n, batch=batch)
    weights = np.random.default_rng(n).uniform(0.5, 1.5, n)
    b = np.linspace(9.0, 0.0, batch)
    fields = [
        compile_model(MODELS[name], beta=b, masses=weights, backend=backend, threads=k)
        for k in (1, 2, 3)
    ]
    assert n * n * batch >= HEAVY
    bound = both(MODELS[name], x, backend, b, weights)[2]
    one, *others = ((field.unchecked(x), field.energy(x)) for field in fields)
    for velocity, energy in others:
        if batch > 3:
            assert np.array_equal(velocity, one[0]) and np.array_equal(energy, one[1])
        else:
            agree(velocity, one[0], bound)
            assert np.allclose(energy, one[1], rtol=1e-14)
    again = pickle.loads(pickle.dumps(fields[2]))
    assert again.threads == 3 and np.array_equal(again.unchecked(x), others[1][0])


@pytest.mark.parametrize("threads", [0, -1, 1.5, True, "2"])
def test_bad_threads(threads):
    with pytest.raises(ValueError, match="threads"):
        compile_model(SA, beta=1.0, threads=threads)


@pytest.mark.slow
def test_memory_of_a_large_system(backend):
    """20 000 tokens: the 3.2 GB of pair weights are never there at once."""
    x = sphere.random_points(20_000, 3, rng=0)
    field = compile_model(SA, beta=9.0, backend=backend)
    field(x[:300])  # what is compiled and cached isn't counted
    tracemalloc.start()
    try:
        velocity = field.unchecked(x)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert velocity.shape == x.shape and np.isfinite(velocity).all()
    assert peak < 2e7, f"{peak / 1e6:.0f} MB"
