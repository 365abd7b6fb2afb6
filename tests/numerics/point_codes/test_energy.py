"""The energy of a code: against the compiled model, finite differences, and at large β."""

import numpy as np
import pytest

from numerics import compile_model, sphere
from numerics.point_codes.energy import Chart, log_energy, log_pairs
from theory import USA


@pytest.mark.parametrize("beta", [0.1, 3.0, 40.0])
def test_it_is_the_energy_of_the_paper(beta):
    points = sphere.random_points(7, 4, 3)
    value = float(log_energy(log_pairs(points, beta), 7, beta))
    assert value == pytest.approx(float(np.log(compile_model(USA, beta=beta).energy(points))))


def test_no_overflow():
    points = np.array([[1.0, 0.0], [-1.0, 0.0]])
    assert float(log_pairs(points, 1e5)) == pytest.approx(-1e5 + np.log(2))
    assert float(log_energy(log_pairs(points, 1e5), 2, 1e5)) == pytest.approx(1e5 - np.log(4e5))


@pytest.mark.parametrize("beta", [0.5, 6.0, 60.0])
def test_derivatives_by_differences(beta):
    rng = np.random.default_rng(5)
    chart = Chart(sphere.random_points(6, 3, rng), beta)
    place, step = 0.3 * rng.standard_normal(12), rng.standard_normal(12)
    h = 1e-5 / beta
    values = [chart.value_and_gradient(place + s * h * step) for s in (1, -1)]
    slope = (values[0][0] - values[1][0]) / (2 * h)
    gradient = chart.value_and_gradient(place)[1]
    assert slope == pytest.approx(gradient @ step, rel=1e-6, abs=1e-8)
    bend = (values[0][1] - values[1][1]) / (2 * h)
    assert np.allclose(chart.hessian_product(place, step), bend, rtol=1e-5, atol=1e-6 * beta)


def test_value_is_a_difference_of_log_sums():
    chart = Chart(sphere.random_points(9, 3, 1), 4.0)
    place = 0.1 * np.random.default_rng(0).standard_normal(18)
    there = chart.moved(place)
    direct = 9 / 8 * (log_pairs(there, 4.0) - log_pairs(chart.points, 4.0))
    assert chart.value_and_gradient(place)[0] == pytest.approx(float(direct), rel=1e-10)
    assert chart.value_and_gradient(0 * place)[0] == 0


def test_gradient_is_the_repulsive_flow():
    """-∇ is parallel to the compiled USA with V = -I: at the chart's centre, row by row."""
    from numerics.point_codes.minimise import repulsive_usa

    points = sphere.random_points(8, 3, 2)
    chart = Chart(points, 2.5)
    gradient = chart.value_and_gradient(np.zeros(16))[1]
    rows = np.einsum("nk,nkd->nd", gradient.reshape(8, 2), chart.axes)
    flow = compile_model(repulsive_usa(), beta=2.5)(points)
    total = np.exp(log_pairs(points, 2.5))
    assert np.allclose(-rows * total / 8, flow * 8, rtol=1e-10)
