"""Thresholds of oscillators, against quadrature and against eigenvalues."""

import numpy as np
import pytest
from scipy.integrate import quad
from sympy import Rational, exp, pi, sqrt

from theory.predictions import (
    FREQUENCY,
    early_mean_force,
    kuramoto_consistency,
    kuramoto_order,
    kuramoto_threshold,
    twisted_state_rate,
)


@pytest.mark.parametrize("ratio", [1.05, 1.5, 4.0])
def test_the_lorentzian_order_is_self_consistent(ratio):
    r, strength = float(kuramoto_order(2 * ratio)), 2 * ratio

    def locked(theta):
        return np.cos(theta) ** 2 / np.pi / (1 + (strength * r * np.sin(theta)) ** 2)

    assert abs(strength * quad(locked, -np.pi / 2, np.pi / 2)[0] - 1) < 1e-10


def test_thresholds_of_other_laws():
    normal = exp(-(FREQUENCY**2) / 2) / sqrt(2 * pi)
    assert kuramoto_threshold(normal).equals(2 * sqrt(2 * pi) / pi)
    # At the threshold a vanishing order is just held.
    held = kuramoto_consistency(normal, kuramoto_threshold(normal), Rational(1, 1000))
    assert abs(float(held.n(10)) - 1) < 1e-6
    assert kuramoto_order(1, Rational(1, 2)) == 0 and kuramoto_order(Rational(1, 2), 1) == 0


@pytest.mark.parametrize(
    "density", [0, FREQUENCY**2 * exp(-(FREQUENCY**2)), 1 / FREQUENCY, exp(-((FREQUENCY - 1) ** 2))]
)
def test_densities_without_a_threshold(density):
    with pytest.raises(ValueError, match="Expected a"):
        kuramoto_threshold(density)


@pytest.mark.parametrize("n", [3, 4, 5, 9])
@pytest.mark.parametrize("winding", [1, 2])
def test_rates_of_twisted_states_are_eigenvalues(n, winding):
    angles = 2 * np.pi * winding * np.arange(n) / n
    ring = np.roll(np.eye(n), 1, 0) + np.roll(np.eye(n), -1, 0)
    pulls = ring * np.cos(np.subtract.outer(angles, angles)) / n
    found = np.sort(np.linalg.eigvalsh(pulls - np.diag(pulls.sum(1))))
    said = np.sort([float(twisted_state_rate(p, n, winding)) for p in range(n)])
    assert np.allclose(found, said, rtol=0, atol=1e-14)


def test_the_early_force_is_the_mean_over_the_third():
    points = 2 * np.pi * np.arange(128) / 128
    pull = -np.sin(points) * np.exp(2 * np.cos(points))
    at = 0.7 - points
    slope = (2 * np.sin(at) ** 2 - np.cos(at)) * np.exp(2 * np.cos(at))
    said = sum(float(early_mean_force(k, 2, 5)) * np.sin(0.7 * k) for k in range(1, 30))
    assert abs(2 * 2 / 5 * (pull * slope).mean() - said) < 1e-12
