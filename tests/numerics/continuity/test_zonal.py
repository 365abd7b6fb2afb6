"""Zonal measures: the linearised right-hand side, tokens on S², and Möbius flows at β = 0."""

import numpy as np
import pytest

from numerics import compile_model, integrate, mean_field
from numerics.continuity.multipliers import gauss_nodes, multipliers, zonal_table
from numerics.continuity.zonal import Zonal
from theory.models import SA, USA
from theory.predictions import mode_growth_rate


@pytest.mark.every(7)
@pytest.mark.parametrize("d", [3, 8])
@pytest.mark.parametrize("heat", [0.5, 1.0, 4.0, 9.0, 25.0])
@pytest.mark.parametrize("model", [SA, USA], ids=str)
def test_the_linearised_right_hand_side_is_the_rate_to_1e_12(model, heat, d):
    heights, weights = gauss_nodes(160, d)
    labels = np.arccos(heights[::-1])
    geometry = Zonal(multipliers(model, d, {"beta": heat}), labels, weights[::-1].copy())
    table = zonal_table(np.cos(labels), 11, d)
    _, (total, _) = geometry.fields(labels, geometry.masses)
    for k in range(1, 9):
        (slope, _), _ = geometry.fields(labels, geometry.masses * table[:, k])
        # (1 - u²) P_k' from the neighbours, not from the solver's series
        rise = k * (k + d - 2) / (2 * k + d - 2) * (table[:, k - 1] - table[:, k + 1])
        change = geometry.law.clock * np.sum(geometry.masses * rise * slope / total)
        said = float(mode_growth_rate(k, heat, d, model.name).evalf(25))
        assert change / (geometry.masses @ table[:, k] ** 2) == pytest.approx(said, rel=1e-12)


@pytest.mark.parametrize("model", [SA, USA], ids=str)
def test_tokens_of_a_product_quadrature_go_the_same_way(model):
    heights, weights = gauss_nodes(24, 3)
    turns = 2 * np.pi * np.arange(20) / 20
    ring = np.sqrt(1 - heights**2)
    tokens = np.stack(
        [np.outer(ring, np.cos(turns)), np.outer(ring, np.sin(turns)), np.outer(heights, turns**0)],
        axis=-1,
    ).reshape(-1, 3)
    masses = np.repeat(weights * (1 + heights / 2) / 20, 20)
    field = compile_model(model, beta=1.0, masses=masses)
    end = integrate(field, tokens, 0.6, rtol=1e-9)
    run = mean_field(model, lambda u: 1 + u / 2, 0.6, d=3, modes=128, beta=1.0)
    seen = masses @ zonal_table(np.ascontiguousarray(end.points[-1][:, 2]), 5, 3)
    np.testing.assert_allclose(run.moments(0.6, range(5)), seen, atol=1e-8)
    assert end.energy is not None
    assert run.energy[-1] == pytest.approx(end.energy[-1], rel=1e-8)


@pytest.mark.parametrize("d", [3, 4, 7])
def test_at_beta_zero_poisson_kernels_stay_poisson_kernels(d):
    def poisson(u, r):
        return ((1 - r**2) / (1 - 2 * r * u + r**2)) ** (d - 1)

    run = mean_field(SA, lambda u: poisson(u, 0.2), 1.5, d=d, modes=256, beta=0.0)
    u = np.linspace(-1, 1, 41)
    density = run.density(1.5, u)
    assert density is not None
    ends = (density[-1] / density[0]) ** (1 / (2 * (d - 1)))
    r = (ends - 1) / (ends + 1)
    assert r > 0.25
    np.testing.assert_allclose(density, poisson(u, r), rtol=1e-7)
