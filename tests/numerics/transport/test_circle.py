"""W₁ and W₂ on the circle against linear programmes, closed forms, and their own symmetries."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import linprog

from numerics import sphere, wasserstein


def on_circle(angles):
    return np.stack([np.cos(angles), np.sin(angles)], axis=-1)


def programme(x, y, masses_x, masses_y, p):
    """W_p by the definition: the least cost over all plans, as a linear programme."""
    cost = np.array([[sphere.geodesic_distance(a, b) ** p for b in y] for a in x])
    n, m = cost.shape
    rows = np.kron(np.eye(n), np.ones(m))
    columns = np.kron(np.ones(n), np.eye(m))
    found = linprog(
        cost.ravel(),
        A_eq=np.vstack([rows, columns])[:-1],
        b_eq=np.concatenate([masses_x, masses_y])[:-1],
        method="highs-ds",
    )
    return max(found.fun, 0.0) ** (1 / p)


@settings(deadline=None, max_examples=40)
@given(st.integers(0, 2**32), st.integers(1, 8), st.integers(1, 8), st.sampled_from([1, 2]))
def test_unequal_masses_and_sizes_meet_the_best_plan(seed, n, m, p):
    rng = np.random.default_rng(seed)
    angles = [rng.uniform(-7, 7, size) for size in (n, m)]
    if seed % 3 == 0:  # ties, antipodes, equal masses
        angles = [np.round(a) * np.pi / 3 for a in angles]
    masses = [rng.integers(1, 4, size).astype(float) for size in (n, m)]
    masses[1] *= masses[0].sum() / masses[1].sum()
    x, y = map(on_circle, angles)
    value = wasserstein(x, y, p, *masses)
    assert value == pytest.approx(programme(x, y, *masses, p), abs=1e-7)
    assert value == pytest.approx(wasserstein(y, x, p, masses[1], masses[0]), abs=1e-12)


@pytest.mark.parametrize("p", [1, 2])
def test_the_minimum_is_over_the_cut_and_not_over_rotations(p):
    x = on_circle(np.array([0.1, 1.0, 4.0]))
    turned = on_circle(np.array([0.1, 1.0, 4.0]) + 0.25)
    assert wasserstein(x, turned, p) == pytest.approx(0.25, abs=1e-15)
    # Across angle 0: the short way.
    assert wasserstein(on_circle(np.array([-0.1])), on_circle(np.array([0.1])), p) == (
        pytest.approx(0.2, abs=1e-15)
    )


@pytest.mark.parametrize("p", [1, 2])
@pytest.mark.parametrize("step", [1e-4, 1e-8, 1e-12])
def test_small_distances_keep_their_digits(p, step):
    rng = np.random.default_rng(3)
    angles = 2 * np.pi * (np.arange(200) + 0.4 * rng.random(200)) / 200
    masses = rng.uniform(0.5, 1.5, 200)
    near = on_circle(angles), on_circle(angles + step)
    value = wasserstein(*near, p, masses, masses) / masses.sum() ** (1 / p)
    assert value == pytest.approx(step, rel=2e-3 * 1e-12 / step + 1e-9)
    assert wasserstein(near[0], near[0], p, masses, masses) == 0


def test_quantiles_of_the_uniform_measure():
    """n equally spaced atoms: W₁ = π/(2n), W₂ = π/(n√3) in closed form."""
    n = 50_000
    x = on_circle(2 * np.pi * (np.arange(n) + 0.3) / n)
    assert wasserstein(x, np.ones(7), 1) == pytest.approx(np.pi / (2 * n), rel=1e-9)
    assert wasserstein(np.ones_like, x, 2) == pytest.approx(np.pi / (n * np.sqrt(3)), rel=1e-9)


def test_densities_by_closed_forms():
    """W₁ is ∫|F-G-median|: for 1 ± cos it is ∫|sin|/π = 4/π."""
    angle = 2 * np.pi * np.arange(4096) / 4096
    plus, minus = (lambda a: 1 + np.cos(a)), (lambda a: 1 - np.cos(a))
    assert wasserstein(plus, minus, 1) == pytest.approx(4 / np.pi, abs=1e-7)
    assert wasserstein(plus(angle), minus, 1) == pytest.approx(4 / np.pi, abs=1e-6)
    # A half circle against the other: ∫|F-G-1/2| of a hat of height 1 is π/2.
    half = wasserstein(2.0 * (angle < np.pi), 2.0 * (angle >= np.pi), 1)
    assert half == pytest.approx(np.pi / 2, abs=1e-3)
    # A small wave: W₂² = ∫ (F-G)² to first order, W₂ = ε/√2.
    small = 1e-4
    ripple = wasserstein(lambda a: 1 + small * np.cos(a), np.ones(2), 2)
    assert ripple == pytest.approx(small / np.sqrt(2), rel=1e-3)


def test_a_density_is_the_limit_of_its_quantiles():
    density = lambda a: 1 + np.cos(a) / 2 + np.cos(2 * a) / 4  # noqa: E731
    fine = np.linspace(0, 2 * np.pi, 200_001)
    law = (fine + np.sin(fine) / 2 + np.sin(2 * fine) / 8) / (2 * np.pi)
    found = []
    for n in (100, 1000, 10_000):
        quantiles = np.interp((np.arange(n) + 0.5) / n, law, fine)
        found.append(n * wasserstein(on_circle(quantiles), density))
    # n W₂ -> (∫ (F⁻¹)'² / 12)^{1/2}, (F⁻¹)' = 2π/density at the quantile.
    values = density(fine)
    limit = 2 * np.pi * np.sqrt(np.trapezoid(1 / values, fine) / (2 * np.pi) / 12)
    assert found == pytest.approx([limit] * 3, rel=2e-4)


@settings(deadline=None, max_examples=5)
@given(st.integers(0, 2**32), st.sampled_from([1, 2]))
def test_triangle_inequality_with_mixed_measures(seed, p):
    rng = np.random.default_rng(seed)
    x, y = on_circle(rng.uniform(0, 7, 5)), on_circle(rng.normal(0, 1, 300))
    share, turn = rng.uniform(0, 1), rng.uniform(0, 7)
    density = lambda a: 1 + share * np.cos(a - turn)  # noqa: E731
    sides = wasserstein(x, y, p), wasserstein(y, density, p), wasserstein(density, x, p)
    assert 2 * max(sides) <= sum(sides) + 1e-9
    assert wasserstein(x, density, 1) <= wasserstein(x, density, 2) + 1e-12
