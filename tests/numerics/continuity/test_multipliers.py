"""Multipliers in numbers against the closed forms of `theory.measures`."""

import numpy as np
import pytest
from sympy import log

from numerics.continuity.multipliers import gauss_nodes, harmonic_numbers, multipliers, zonal_table
from theory.energy import interaction_energy
from theory.measures import continuity_equation, harmonics
from theory.models import SA, USA, catalogue, gradient_flow
from theory.symbols import beta, z


@pytest.mark.every(5)
@pytest.mark.parametrize("d", [2, 3, 8])
@pytest.mark.parametrize("heat", [0.5, 1.0, 4.0, 9.0, 25.0, -4.0, 0.0])
@pytest.mark.parametrize("model", [SA, USA], ids=str)
def test_rates_are_the_derived_ones(model, heat, d):
    law = multipliers(model, d, {"beta": heat})
    equation = continuity_equation(model.subs({beta: heat}) if heat else USA.subs({beta: 0}))
    for k in range(1, min(9, law.degree + 1)):
        said = float(equation.growth_rate(k, d).evalf(25))  # at β = 0 both models are one
        assert law.rates[k] == pytest.approx(said, rel=1e-12, abs=1e-15 * np.max(np.abs(law.rates)))


@pytest.mark.slow
@pytest.mark.parametrize("d", [2, 3, 6])
def test_a_kernel_without_closed_form_is_integrated(d):
    model = gradient_flow(interaction_energy(log(3 + 2 * z)), "log")
    law, equation = multipliers(model, d, {}), continuity_equation(model)
    for k in (1, 2, 5):
        assert law.rates[k] == pytest.approx(float(equation.growth_rate(k, d).evalf(20)), rel=1e-9)


@pytest.mark.parametrize("d", [2, 3, 8])
def test_the_energy_of_the_uniform_state(d):
    law = multipliers(USA, d, {"beta": 4.0})
    nodes, weights = gauss_nodes(200, d)
    own = np.exp(law.log_scale) * law.mean
    assert own == pytest.approx(weights @ np.exp(4 * nodes) / 4, rel=1e-13)


def test_numbers_of_harmonics_and_the_table():
    for d in (2, 3, 8):
        assert harmonic_numbers(9, d).tolist() == [int(harmonics(k, d)) for k in range(9)]
        nodes, weights = gauss_nodes(30, d)
        table = zonal_table(nodes, 12, d)
        gram = table.T @ (weights[:, None] * table) * harmonic_numbers(12, d)
        np.testing.assert_allclose(gram, np.eye(12), atol=1e-12)


def test_refusals():
    with pytest.raises(ValueError, match="isn't smooth"):
        multipliers(catalogue("ReLU"), 2, {"beta": 1.0})
    with pytest.raises(ValueError, match="degrees"):
        multipliers(SA, 2, {"beta": 1e6})
    with pytest.raises(OverflowError, match="SA"):
        multipliers(USA, 2, {"beta": 800.0})
    with pytest.raises(ValueError, match="one value at a time"):
        multipliers(SA, 2, {"beta": np.array([1.0, 2.0])})
    with pytest.raises(ValueError, match="doesn't depend on time"):
        multipliers(SA, 2, {"beta": lambda t: 1.0 + t})
