"""Sums on the circle against direct ones, and the linearised right-hand side against the rates."""

import numpy as np
import pytest

from numerics import compile_model
from numerics.continuity.circle import Circle
from numerics.continuity.multipliers import multipliers
from theory.models import REPULSIVE, SA, USA
from theory.predictions import mode_growth_rate


@pytest.mark.parametrize("model", [SA, USA, REPULSIVE], ids=str)
@pytest.mark.parametrize("heat", [0.0, 1.0, 9.0, -3.0, 60.0])
def test_the_flow_is_that_of_as_many_tokens(model, heat):
    rng = np.random.default_rng(3)
    angles, masses = rng.uniform(0, 2 * np.pi, 40), rng.uniform(0.5, 1.5, 40) / 40
    geometry = Circle(multipliers(model, 2, {"beta": heat}), angles, masses)
    velocity, spread, _ = geometry.flow(angles)
    tokens = np.stack([np.cos(angles), np.sin(angles)], axis=1)
    field = compile_model(model, beta=heat, masses=masses)(tokens)
    direct = field[:, 1] * tokens[:, 0] - field[:, 0] * tokens[:, 1]
    np.testing.assert_allclose(velocity, direct, atol=1e-12 * np.max(np.abs(direct)) + 1e-13)
    step = 1e-5  # of a probe without mass
    probes = np.concatenate([angles, [1.0 - step, 1.0 + step, 1.0]])
    watched = Circle(geometry.law, probes, np.append(masses, [0.0, 0.0, 0.0]))
    moved, spreads, _ = watched.flow(probes)
    scale = np.max(np.abs(spread))
    assert (moved[-2] - moved[-3]) / (2 * step) == pytest.approx(spreads[-1], abs=1e-5 * scale)


@pytest.mark.parametrize("heat", [0.5, 1.0, 4.0, 9.0, 25.0])
@pytest.mark.parametrize("model", [SA, USA], ids=str)
def test_the_linearised_right_hand_side_is_the_rate_to_1e_12(model, heat):
    n = 256
    labels = 2 * np.pi * np.arange(n) / n
    geometry = Circle(multipliers(model, 2, {"beta": heat}), labels, np.full(n, 1 / n))
    (_, _), (total, _) = geometry.fields(labels, geometry.masses)
    for k in range(1, 9):
        mode = np.cos(k * labels)
        (slope, _), _ = geometry.fields(labels, geometry.masses * mode)
        change = np.sum(-k * np.sin(k * labels) * slope / total) / n * geometry.law.clock
        said = float(mode_growth_rate(k, heat, 2, model.name).evalf(25))
        assert change / np.mean(mode**2) == pytest.approx(said, rel=1e-12)
