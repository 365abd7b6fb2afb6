"""Laws by cells: distances against SciPy's, against turned laws, and the mass near 0."""

import numpy as np
import pytest
from scipy.stats import wasserstein_distance

from numerics import pair_law
from numerics.transport import cell_distance, wasserstein
from theory import USA


def test_the_distance_is_the_best_of_all_cuts():
    rng = np.random.default_rng(3)
    cells = 24
    a, b = rng.dirichlet(np.ones(cells)), rng.dirichlet(np.ones(cells))
    places = 2 * np.pi * np.arange(cells) / cells
    cuts = [
        wasserstein_distance(places, places, np.roll(a, k), np.roll(b, k)) for k in range(cells)
    ]
    # The circle can do better than any cut between cells only by a mass that crosses none.
    assert abs(cell_distance(a - b) - min(cuts)) < 1e-12


def test_it_is_the_distance_of_the_circle():
    """The same as `wasserstein` has it by quantile functions."""
    rng = np.random.default_rng(5)
    a, b = rng.dirichlet(np.ones(32)), rng.dirichlet(np.ones(32))
    centres = 2 * np.pi * (np.arange(32) + 0.5) / 32
    points = np.stack([np.cos(centres), np.sin(centres)], axis=1)
    expected = wasserstein(points, points, p=1, masses_a=a, masses_b=b)
    assert abs(cell_distance(a - b) - expected) < 1e-12


def test_turning_a_law_costs_the_angle():
    point = np.zeros(36)
    point[3] = 1.0
    for turned in (1, 5, 18):
        cost = cell_distance(point - np.roll(point, turned))
        assert abs(cost - 2 * np.pi * turned / 36) < 1e-12
    assert abs(cell_distance(point - np.roll(point, 30)) - 2 * np.pi * 6 / 36) < 1e-12


def test_mass_near_zero():
    law = pair_law(USA, 2, 0.4, closure="exact", cells=64, beta=1.0)
    assert np.allclose(law.near_zero(np.pi), 1.0)
    assert abs(law.near_zero(0.3)[0] - 0.3 / np.pi) < 1e-12
    assert law.near_zero(0.3)[1] > law.near_zero(0.3)[0]
    for wrong in (0.0, 4.0, np.nan):
        with pytest.raises(ValueError, match="radius"):
            law.near_zero(wrong)


def test_joining_cells_keeps_their_mass():
    law = pair_law(USA, 4, 0.2, cells=64, beta=1.0)
    assert np.allclose(law.coarse(16).masses.sum(axis=1), 1.0)
    assert law.coarse(16).distance(law)[1] < 1e-15
    with pytest.raises(ValueError, match="divisor"):
        law.coarse(24)
    with pytest.raises(ValueError, match="same times"):
        law.distance(pair_law(USA, 4, 0.2, cells=64, t_eval=[0.2], beta=1.0))
