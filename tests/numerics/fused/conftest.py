"""What the fused loops are compared with: the print of the same expression."""

import numpy as np
import pytest

from numerics import compile_model
from numerics.fused.form import recognise

EPS = np.finfo(float).eps


@pytest.fixture(params=["numpy", "numba"], scope="module")
def backend(request):
    if request.param == "numba":
        pytest.importorskip("numba")
    return request.param


def _both(model, x, backend, b, weights=None):
    """Fused and printed velocity, and the bound of the accuracy contract on their distance."""
    computed = compile_model(model, beta=b, masses=weights, backend=backend).unchecked(x)
    printed = compile_model(model, beta=b, masses=weights, backend="plain").unchecked(x)
    bs = np.asarray(b, dtype=float)
    bound = 32 * (1 + np.abs(bs)) * EPS
    if not recognise(model).normalised:
        bs = bs[..., None, None] if bs.ndim else bs
        mass = np.full(x.shape[-2], 1 / x.shape[-2]) if weights is None else weights
        largest = np.max(np.exp(bs * (x @ x.mT)) @ mass[..., None], axis=(-2, -1))
        bound = bound * largest
    return computed, printed, np.asarray(bound)


@pytest.fixture(scope="session")
def both():
    return _both


def _agree(computed, printed, bound):
    assert computed.shape == printed.shape and computed.dtype == np.float64
    error = np.abs(computed - printed).max(axis=(-2, -1))
    assert np.all(error <= bound), (error, bound)


@pytest.fixture(scope="session")
def agree():
    return _agree
