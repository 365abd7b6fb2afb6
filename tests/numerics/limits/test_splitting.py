"""R^d = F ⊕ G: invariance, dual coordinates, against eigenvectors computed another way."""

import numpy as np
import pytest
from scipy.linalg import expm

from numerics.limits.splitting import splitting
from numerics.limits.triples import VALUES


@pytest.mark.every(5)
@pytest.mark.parametrize("name", VALUES)
@pytest.mark.parametrize("d", [2, 3, 5])
def test_both_parts_are_invariant(name, d):
    V = VALUES[name](np.random.default_rng(d), d)
    parts = splitting(V)
    np.testing.assert_allclose(parts.basis @ parts.inverse, np.eye(d), atol=1e-10)
    back = parts.basis @ parts.block @ parts.inverse
    np.testing.assert_allclose(back, V, atol=1e-7 * max(np.abs(V).max(), 1.0))
    f = parts.size
    assert np.allclose(parts.basis[:, :f].T @ parts.basis[:, :f], np.eye(f))
    rates = np.linalg.eigvals(V).real
    assert parts.rate == pytest.approx(rates.max(), abs=1e-6)
    assert f == np.sum(rates >= rates.max() - 1e-5)


def test_a_simple_eigenvalue_gives_the_dual_vector():
    rng = np.random.default_rng(1)
    V = VALUES["simple"](rng, 4)
    parts = splitting(V)
    values, left = np.linalg.eig(V.T)
    dual = np.real(left[:, np.argmax(values.real)])
    own = parts.inverse[0]
    assert abs(own @ dual) == pytest.approx(np.linalg.norm(own) * np.linalg.norm(dual))


@pytest.mark.parametrize("name", ["jordan", "complex"])
def test_turning_back_is_the_exponential(name):
    V = VALUES[name](np.random.default_rng(3), 3)
    parts = splitting(V)
    times, growth = np.array([0.0, 0.7, 2.5]), parts.rate
    leading = np.random.default_rng(0).standard_normal((3, 4, parts.size))
    found = parts.turned_back(leading, times, growth)
    for t, rows, turned in zip(times, leading, found, strict=True):
        wanted = rows @ expm(-t * (parts.head - growth * np.eye(parts.size))).T
        np.testing.assert_allclose(turned, wanted, atol=1e-12)


def test_zero_and_scalar_matrices():
    assert splitting(np.zeros((3, 3))).size == 3
    parts = splitting(2.0 * np.eye(3))
    assert parts.scalar and parts.rate == 2.0 and parts.rest_radius == 0.0
