"""Oscillators with frequencies: the models against (7.2), (7.5) written in angles."""

import numpy as np
import pytest

from numerics import compile_model
from theory import DISCRETE_SA, KURAMOTO, NETWORK, PURE_ATTENTION, USA, with_frequencies
from theory.models import QUARTER_TURN

TURN = np.array(QUARTER_TURN, dtype=float)
RNG = np.random.default_rng(5)
ANGLES, OMEGA = RNG.uniform(-3, 3, 6), RNG.normal(size=6)
POINTS = np.stack([np.cos(ANGLES), np.sin(ANGLES)], axis=-1)
APART = ANGLES - ANGLES[:, None]  # theta_j - theta_i


def rates(model, **parameters):
    field = compile_model(model, omega=OMEGA[:, None], J=TURN, **parameters)
    velocity = field(POINTS)
    assert np.abs((velocity * POINTS).sum(axis=-1)).max() < 1e-14
    return (velocity * (POINTS @ TURN.T)).sum(axis=-1)


def test_kuramoto_is_7_2():
    expected = OMEGA + 1.7 * np.sin(APART).mean(axis=1)
    assert np.allclose(rates(KURAMOTO, coupling=1.7), expected, rtol=0, atol=1e-14)


def test_frequencies_of_usa_are_7_5():
    expected = OMEGA + 0.6 * (np.sin(APART) * np.exp(2 * np.cos(APART))).mean(axis=1)
    found = rates(with_frequencies(USA), coupling=0.6, beta=2.0)
    assert np.allclose(found, expected, rtol=0, atol=1e-13)


def test_weights_of_a_graph():
    weights = RNG.uniform(size=(6, 6))
    expected = OMEGA + 2.0 * (weights * np.sin(APART)).mean(axis=1)
    assert np.allclose(rates(NETWORK, coupling=2.0, W=weights), expected, rtol=0, atol=1e-14)


@pytest.mark.parametrize("model", [DISCRETE_SA, PURE_ATTENTION])
def test_what_has_no_frequencies(model):
    with pytest.raises(ValueError, match="on the sphere"):
        with_frequencies(model)
