"""NumPy and numba merge the same particles, and a missing numba is named."""

import sys
from importlib.util import find_spec

import numpy as np
import pytest

from numerics import sphere
from numerics.coarsening.backends import choose_backend
from numerics.coarsening.result import CoarsenStatus
from numerics.coarsening.run import coarsen

pytestmark = pytest.mark.extras

needs_numba = pytest.mark.skipif(find_spec("numba") is None, reason="numba is not installed")


def log_times(result):
    return np.array([merge.log_time for merge in result.merges])


# --- backends ------------------------------------------------------------------------------------


@needs_numba
def test_backends_give_the_same_tree(shape):
    points = sphere.random_points(24, 3, rng=14)
    slow = coarsen(points, beta=81, backend="numpy")
    fast = coarsen(points, beta=81, backend="numba")
    assert shape(slow) == shape(fast)
    assert log_times(slow) == pytest.approx(log_times(fast), abs=1e-8)


@pytest.mark.slow
def test_a_thousand_points():
    points = sphere.random_points(1000, 3, rng=0)
    result = coarsen(points, beta=400, rtol=1e-6)
    assert result.status is CoarsenStatus.CONSENSUS
    assert len(result.at(100.0)) == 1000
    assert log_times(result)[-1] == pytest.approx(775.05963, abs=1e-4)


# --- arguments -----------------------------------------------------------------------------------


def test_numba_asked_for_but_missing(monkeypatch):
    monkeypatch.setitem(sys.modules, "numba", None)
    assert choose_backend(None) == "numpy"
    with pytest.raises(ModuleNotFoundError, match="Expected numba"):
        coarsen([[1.0, 0.0]], beta=1.0, backend="numba")
