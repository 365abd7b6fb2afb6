"""Sums over pairs: numba against NumPy, in blocks and at once."""

from importlib.util import find_spec

import numpy as np
import pytest
import sympy as sp

from numerics import sphere
from numerics.coarsening.kernels import exponential_kernel, read_kernel
from numerics.coarsening.pairs import NumpyPairs
from theory import SA, USA
from theory.symbols import z

pytestmark = pytest.mark.extras

MODELS = pytest.mark.parametrize("model", [SA, USA], ids=["SA", "USA"])
needs_numba = pytest.mark.skipif(find_spec("numba") is None, reason="numba is not installed")


def bent(beta):
    """Pull less near an inner product of 0, and more when opposite than that."""
    return read_kernel(1 + z**2 + sp.exp(beta * (z - 1)), "bent")


@pytest.mark.every(8)
@needs_numba
@MODELS
@pytest.mark.parametrize(("n", "d", "beta"), [(2, 2, 9), (60, 3, 400), (60, 2, 0), (40, 16, 1000)])
@pytest.mark.parametrize("kernel_of", [exponential_kernel, bent], ids=["exponential", "other"])
def test_backends_compute_the_same(n, d, beta, model, kernel_of):
    from numerics.coarsening.neighbour_lists import NumbaPairs

    rng = np.random.default_rng(13)
    points = sphere.random_points(n, d, rng)
    masses = rng.uniform(1e-3, 1, n)
    masses /= masses.sum()
    arguments = (masses, kernel_of(beta), model is SA, 1e-8)
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


def test_numpy_blocks_agree_with_one_block(monkeypatch):
    points = np.ascontiguousarray(sphere.random_points(37, 3, rng=15).T)
    masses = np.full(37, 1 / 37)
    pairs = NumpyPairs(masses, exponential_kernel(20.0), True, 1e-8)
    whole = pairs.speeds(points)
    clock = pairs.clock(points, whole.u)
    monkeypatch.setattr(NumpyPairs, "_BLOCK", 100)
    for left, right in zip(pairs.speeds(points), whole, strict=True):
        assert left == pytest.approx(right, rel=1e-14)
    assert pairs.clock(points, whole.u) == pytest.approx(clock, rel=1e-14)
