"""The exponential of the compiled loops, to two ulp."""

import numpy as np
import pytest

from numerics.fused import load_numba

pytestmark = pytest.mark.extras


def test_the_polynomial_is_the_exponential_to_two_ulp():
    pytest.importorskip("numba")
    loops = load_numba()
    a = np.concatenate([np.linspace(-745.0, 0.0, 400_001), np.linspace(0.0, 708.0, 100_001)])
    a = np.concatenate([a, -np.logspace(-320, 0, 10_001)])
    expected = np.exp(a)
    computed = a.copy()
    loops.exponentials(computed)
    kept = a >= -708.0
    assert np.all(np.abs(computed - expected)[kept] <= 2 * np.spacing(expected[kept]))
    assert np.all(computed[~kept] == 0)
