"""The inequalities by which an `Equivalent` of a claim calls a changed bound weaker.

Each is checked on a grid; the claim's reason says how it is proved.
"""

import numpy as np
import pytest

from numerics.equiangular import equiangular_gamma
from numerics.sphere import random_points
from theory.predictions import geodesic_lipschitz
from theory.symbols import beta

BETAS = np.concatenate([np.linspace(0.01, 3, 60), [5.0, 10.0]])
BELOW_ONE = BETAS[BETAS < 1]
LEVELS = np.linspace(0, 1, 201)
SIZES = (2, 3, 4, 8, 40)


def rate(level, b, size):
    """Return γ' of SA, (6.9)."""
    grown = np.exp(b * level)
    return 2 * (1 - level) * ((size - 1) * level + 1) * grown / (np.exp(b) + (size - 1) * grown)


@pytest.mark.parametrize("model", ["SA", "USA"])
def test_chord_constants_at_beta_squared_exceed_the_geodesic_one(model):
    constant = geodesic_lipschitz(beta, model)
    for b in BETAS:
        changed = 2 * (1 + b**2) * (1 if model == "SA" else np.exp(b**2))
        assert changed >= float(constant.subs(beta, b)) * (1 - 1e-12)


def test_beta_times_usa_grows_slower_than_the_chord_constant():
    constant = geodesic_lipschitz(beta, "USA")
    for b in BETAS:
        assert b * float(constant.subs(beta, b)) <= 2 * (1 + b) * np.exp(b)


def test_error_of_twice_the_temperature_in_theorem_4_2():
    time = np.linspace(1, 8, 50)
    grown = np.exp(2 * time) - 1
    hot = np.log1p(1 / (4 * grown))
    error = np.expm1(2 * hot) / 2 * grown / 2
    assert np.all(np.cos(np.arccos(0.75) + 4 * np.arcsin(error / 2)) > 0.5)


@pytest.mark.parametrize("size", SIZES)
def test_approach_at_changed_constants(size):
    for b in BELOW_ONE:
        early, late = LEVELS[LEVELS <= 0.5], LEVELS[LEVELS >= 0.5]
        assert np.all(rate(early, b, size) >= np.exp(-(b**2)) / size)
        assert np.all(rate(late, b, size) >= size * (1 - late) / (size + np.exp(b**2 / 2)))
        assert (np.exp(b) + size - 1) * np.log(size + 1) <= size**2 * np.exp(b**2)
    for b in BETAS:
        origin, slope = size * np.exp(b) / 2, size / (size + np.exp(b / 2))
        gap = 1 - float(equiangular_gamma(origin, float(b), size))
        assert gap <= 0.25
        for moved in (b * origin, size * np.exp(b**2) / 2):
            assert np.log(2 * gap + 1e-300) <= slope * (moved - origin) + 1e-12


@pytest.mark.slow
def test_alignment_at_changed_constants():
    for size in SIZES:
        for b in BETAS[::4]:
            unit = float(equiangular_gamma(1 / size, float(b), size))
            time = np.geomspace(1e-2, 1e3 * np.exp(2 * b), 200)
            for hot, heat, power in ((2 * b, b, 1), (b, b, 2), (b, b**2, 1)):
                level = equiangular_gamma(time, float(hot), size)
                bound = np.exp(power * (1 - unit * time) / (2 * size * np.exp(2 * heat)))
                assert np.all(1 - np.sqrt((1 + (size - 1) * level) / size) <= bound + 1e-12)


def test_rate_of_the_lowest_token_in_a_cone():
    rng = np.random.default_rng(0)
    points = np.asarray(random_points(5, 3, rng, 4000))
    points = points + rng.uniform(0, 2, (4000, 1, 1)) * points[:, :1]
    points /= np.linalg.norm(points, axis=-1, keepdims=True)
    end = np.einsum("cj,cjk->ck", rng.dirichlet(np.full(5, 0.3), 4000), points)
    end /= np.linalg.norm(end, axis=-1, keepdims=True)
    height = np.einsum("cjk,ck->cj", points, end)
    rows, lowest = np.arange(4000), height.argmin(axis=1)
    least = height[rows, lowest]
    products = np.einsum("ck,cjk->cj", points[rows, lowest], points)
    total = (height - products * least[:, None]).sum(axis=1)
    said = np.minimum(1, 2 * least) * (1 - least**2)
    inside = least >= 0.25
    assert inside.sum() > 500
    assert np.all(total[inside] >= said[inside] - 1e-12)
    for b in BETAS:
        for level, claimed in (
            (0.5, b * np.exp(-2 * b) / 2),
            (0.5, np.exp(-2 * b**2) / 2),
            (0.25, np.exp(-2 * b) / 2),
        ):
            found = min(1, 2 * level) * (1 + level) * np.exp(-2 * b * (1 - level**2))
            assert found >= claimed


def test_cone_rates_at_beta_squared():
    hot, wide = np.meshgrid(np.linspace(1e-3, 2 / 3, 500), np.linspace(1e-3, 2, 500))
    gain = np.maximum(0, 1 - wide**2 / (2 * np.expm1(2 * hot * wide)))
    assert np.all(1 - np.tanh(hot * wide / 2) * gain >= np.exp(-2 * hot**2))
    hotter = np.linspace(2 / 3, 5, 100)
    assert np.all(np.exp(-hotter - hotter**2 / 2) >= np.exp(-2 * hotter**2) * (1 - 1e-12))
