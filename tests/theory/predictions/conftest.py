"""Independent mathematics: explicit particles, averages over the sphere."""

import mpmath
import numpy as np
import pytest


def _velocity(x: np.ndarray, m: np.ndarray, b: float, model: str) -> np.ndarray:
    kernel = np.exp(b * x @ x.T) * m
    pull = (kernel / kernel.sum(1, keepdims=True) if model == "SA" else kernel) @ x
    return pull - np.sum(pull * x, axis=1, keepdims=True) * x


@pytest.fixture(scope="session")
def velocity():
    return _velocity


def _flow(x: np.ndarray, m: np.ndarray, b: float, model: str, t: float, steps: int) -> np.ndarray:
    h = t / steps
    for _ in range(steps):
        k1 = _velocity(x, m, b, model)
        k2 = _velocity(x + h / 2 * k1, m, b, model)
        k3 = _velocity(x + h / 2 * k2, m, b, model)
        k4 = _velocity(x + h * k3, m, b, model)
        x = x + h / 6 * (k1 + 2 * k2 + 2 * k3 + k4)
        x /= np.linalg.norm(x, axis=1, keepdims=True)
    return x


@pytest.fixture(scope="session")
def flow():
    return _flow


def _sphere_mean(function, dim: int) -> mpmath.mpf:
    """Mean of a function of one coordinate over the uniform measure of S^{d-1}."""
    power = mpmath.mpf(dim - 3) / 2
    if dim == 2:
        return mpmath.quad(lambda a: function(mpmath.cos(a)), [0, mpmath.pi]) / mpmath.pi
    weight = lambda u: (1 - u * u) ** power  # noqa: E731
    total = mpmath.quad(lambda u: function(u) * weight(u), [-1, 0, 1])
    return total / mpmath.quad(weight, [-1, 0, 1])


@pytest.fixture(scope="session")
def sphere_mean():
    return _sphere_mean


def _gegenbauer(k: int, lam: mpmath.mpf, u: mpmath.mpf) -> mpmath.mpf:
    """C_k^λ(u) by its three-term recurrence."""
    before, now = mpmath.mpf(0), mpmath.mpf(1)
    for j in range(k):
        before, now = now, (2 * (j + lam) * u * now - (j + 2 * lam - 1) * before) / (j + 1)
    return now


@pytest.fixture(scope="session")
def gegenbauer():
    return _gegenbauer
