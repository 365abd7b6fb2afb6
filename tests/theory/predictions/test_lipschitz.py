"""Lipschitz constants and deviations on random pairs and along trajectories."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
import sympy
from hypothesis import given, settings
from hypothesis import strategies as st
from sympy import Rational

from theory.predictions.arguments import MODELS
from theory.predictions.lipschitz import (
    chord_lipschitz,
    geodesic_lipschitz,
    mean_lipschitz,
    temperature_deviation,
    transport_lipschitz,
)
from theory.symbols import beta


@pytest.mark.slow
@pytest.mark.parametrize("model", MODELS)
def test_lipschitz_constants_on_random_pairs(model: str, velocity) -> None:
    rng = np.random.default_rng(11)
    worst_chord = worst_geodesic = 0.0
    for _ in range(400):
        count, dim, b = int(rng.integers(2, 5)), int(rng.integers(2, 4)), float(rng.uniform(0, 4))
        x = rng.normal(size=(count, dim))
        x /= np.linalg.norm(x, axis=1, keepdims=True)
        y = x + rng.choice([1e-4, 0.5]) * rng.normal(size=x.shape)
        y /= np.linalg.norm(y, axis=1, keepdims=True)
        m = rng.dirichlet(np.ones(count))
        gap = np.linalg.norm(x - y, axis=1)
        i = int(np.argmax(gap))
        change = velocity(x, m, b, model)[i] - velocity(y, m, b, model)[i]
        speed = (x[i] - y[i]) @ change / gap[i] ** 2
        worst_chord = max(worst_chord, speed / float(chord_lipschitz(b, model)))
        if gap.max() < 1e-2:  # chord and arc agree: the infinitesimal geodesic constant
            worst_geodesic = max(worst_geodesic, speed / float(geodesic_lipschitz(b, model)))
    assert worst_chord <= 1
    assert worst_geodesic <= 1 + 1e-3
    assert worst_geodesic > 0.2  # not vacuous


@settings(deadline=None, max_examples=40)
@given(st.floats(0, 12), st.sampled_from(MODELS))
def test_geodesic_lipschitz_is_the_maximum_it_claims(b: float, model: str) -> None:
    g = np.linspace(-1, 1, 20001)
    profile = (1 - g) * (1 + 2 * b * (1 + g)) * (np.exp(b * g) if model == "USA" else 1)
    got = float(geodesic_lipschitz(b, model))
    assert got >= profile.max() * (1 - 1e-13)
    assert got <= profile.max() * (1 + 1e-6)


def test_geodesic_lipschitz_symbolically() -> None:
    for model in MODELS:
        by_symbol = geodesic_lipschitz(beta, model)
        for b in (Rational(1, 10), Rational(1, 4), 2):
            assert by_symbol.subs(beta, b) == geodesic_lipschitz(b, model)
    # Sharper than the chord constant, for every temperature tried.
    for b in (0.1, 1, 10):
        assert geodesic_lipschitz(b) < chord_lipschitz(b)


def test_temperature_deviation_along_trajectories(flow) -> None:
    rng = np.random.default_rng(2)
    for model, b in itertools.product(MODELS, (0.05, 0.5)):
        x = rng.normal(size=(5, 2))
        x /= np.linalg.norm(x, axis=1, keepdims=True)
        m = np.full(5, 0.2)
        for t in (0.5, 1.5):
            gap = flow(x, m, b, model, t, 200) - flow(x, m, 0.0, model, t, 200)
            measured = np.linalg.norm(gap, axis=1).max()
            bound = float(temperature_deviation(sympy.nsimplify(t), sympy.nsimplify(b), model))
            assert bound / 1000 < measured <= bound


def test_mean_lipschitz_on_random_pairs(velocity) -> None:
    rng = np.random.default_rng(13)
    for _ in range(100):
        b = float(rng.uniform(0, 2))
        x = rng.normal(size=(4, 2))
        y = x + 1e-3 * rng.normal(size=x.shape)
        x /= np.linalg.norm(x, axis=1, keepdims=True)
        y /= np.linalg.norm(y, axis=1, keepdims=True)
        m = np.full(4, 0.25)
        change = np.linalg.norm(velocity(x, m, b, "SA") - velocity(y, m, b, "SA"), axis=1).mean()
        gap = np.linalg.norm(x - y, axis=1).mean()
        assert change <= float(mean_lipschitz(b)) * gap * 1.001


def test_transport_lipschitz_is_the_maximum_over_pairs() -> None:
    g = np.linspace(-1, 1, 200_001)
    for b in (0.0, 0.1, 0.25, 0.3, 1.0, 2.5, 7.0):
        q = b * (1 - g**2) - g
        most = float((np.exp(b * g) * np.maximum(1 + q, 2 * q)).max())
        assert float(transport_lipschitz(b, "USA")) == pytest.approx(most, rel=1e-8)
        assert float(transport_lipschitz(b, "USA", 3, 2)) == pytest.approx(2 * most, rel=1e-8)
        # Less than the bound for geodesics, whose two parts are maximised apart.
        assert most <= float(geodesic_lipschitz(b, "USA")) * (1 + 1e-12)
        orders = [float(transport_lipschitz(b, "SA", p)) for p in (1, 2, 8, sympy.oo)]
        assert orders == sorted(orders, reverse=True) and orders[0] == float(mean_lipschitz(b))
    with pytest.raises(ValueError, match="order >= 1"):
        transport_lipschitz(1, "SA", 0)
