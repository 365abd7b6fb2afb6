"""The exponential of the compiled pair sums, to two ulp."""

from importlib.util import find_spec

import numpy as np
import pytest

pytestmark = pytest.mark.extras

needs_numba = pytest.mark.skipif(find_spec("numba") is None, reason="numba is not installed")


@needs_numba
def test_exponential_to_two_ulp():
    from numerics.coarsening.compiled import exp_in_place

    arguments = np.r_[np.linspace(-80, 40, 200_001), -80.0, 0.0, 40.0]
    values = arguments.copy()
    exp_in_place(values, np.empty(len(values), dtype=np.int64), len(values))
    expected = np.exp(arguments)
    assert np.all(np.abs(values - expected) <= 2 * np.spacing(expected))
    below = np.array([-700.1, -1e3, -np.inf])
    exp_in_place(below, np.empty(3, dtype=np.int64), 3)
    assert below.tolist() == [0, 0, 0]
