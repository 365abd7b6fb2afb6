"""Oscillators: runs with the mean frozen against the compiled model, order, masses, Lorentzians."""

import numpy as np
import pytest
from scipy.linalg import expm
from scipy.stats import cauchy

from numerics import compile_model, integrate, order_parameter, oscillate, quantile_frequencies
from numerics.oscillators import OscillationStatus, frozen_flow
from theory import KURAMOTO
from theory.models import QUARTER_TURN

TURN = np.array(QUARTER_TURN, dtype=float)


@pytest.mark.slow
@pytest.mark.parametrize("masses", [None, np.linspace(0.05, 0.3, 9)])
def test_it_is_the_compiled_model(masses):
    rng = np.random.default_rng(2)
    omega, angles = quantile_frequencies(cauchy.ppf, 9), rng.uniform(-3, 3, 9)
    field = compile_model(KURAMOTO, masses=masses, omega=omega[:, None], J=TURN, coupling=3.0)
    start = np.stack([np.cos(angles), np.sin(angles)], axis=-1)
    times = [0.0, 1.0, 4.0]
    run = integrate(field, start, 4.0, t_eval=times, rtol=1e-10)
    expected = order_parameter(run.points, masses)
    errors = []
    for rtol in (1e-4, 1e-6):
        found = oscillate(omega, 3.0, times, angles=angles, masses=masses, rtol=rtol)
        assert found.status is OscillationStatus.FINISHED
        errors.append(np.abs(found.order - expected).max())
    assert errors[0] < 1e-3 and errors[1] < 1e-4


@pytest.mark.parametrize("speed", [0.0, 0.3, 0.5, 2.0, 400.0])
def test_the_frozen_flow_is_a_matrix_exponential(speed):
    pull, step, start = np.array([0.3, 0.4]), 0.7, np.array([0.6, -0.8])
    matrix = np.zeros((3, 3))
    matrix[:2, :2], matrix[:2, 2], matrix[2, :2] = speed * TURN, pull, pull
    moved = expm(step * matrix) @ np.append(start, 1.0)
    found = frozen_flow(start[:, None], np.array([speed]), pull, step)
    assert np.allclose(found[:, 0], moved[:2] / moved[2], rtol=0, atol=1e-11)


def test_steps_are_of_second_order_whatever_the_frequencies():
    # A single fast oscillator without coupling turns exactly: no step limits it.
    run = oscillate([1e6, 0.0], 0.0, [0.0, 1.0], angles=[0.0, 0.0])
    assert run.steps < 30
    assert abs(run.order[-1] - abs(np.exp(1e6j) + 1) / 2) < 1e-9


@pytest.mark.slow
def test_lorentzian_frequencies_have_the_order_of_n_infinite():
    omega = quantile_frequencies(cauchy.ppf, 400)
    run = oscillate(omega, 4.0, np.linspace(20, 40, 101), angles=np.zeros(400), rtol=1e-3)
    assert abs(run.order.mean() - np.sqrt(0.5)) < 0.01
    cold = oscillate(omega, 1.0, np.linspace(20, 40, 101), angles=np.zeros(400), rtol=1e-3)
    assert cold.order.mean() < 0.1


@pytest.mark.full
@pytest.mark.parametrize("ratio", [1.2, 1.5, 2.0, 4.0])
def test_lorentzian_frequencies_at_full_size(ratio):
    omega = quantile_frequencies(cauchy.ppf, 5000)
    times = np.linspace(50, 100, 201)
    for angles in (np.zeros(5000), None):
        run = oscillate(omega, 2 * ratio, times, angles=angles, rtol=1e-4)
        assert abs(run.order.mean() - np.sqrt(1 - 1 / ratio)) < 1e-3


def test_order_parameters():
    assert order_parameter(np.array([[1.0, 0.0], [-1.0, 0.0]])) == 0.0
    assert order_parameter([[1.0, 0.0], [-1.0, 0.0]], [3.0, 1.0]) == 0.5
    with pytest.raises(ValueError, match="shape"):
        order_parameter([1.0, 0.0])


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"frequencies": []}, "frequencies"),
        ({"frequencies": [np.inf, 1.0]}, "frequencies"),
        ({"coupling": np.nan}, "coupling"),
        ({"t_eval": [1.0, 0.5]}, "ascending"),
        ({"t_eval": [-1.0]}, ">= 0"),
        ({"rtol": 1.0}, "rtol"),
        ({"angles": [0.0]}, "angles"),
        ({"masses": [1.0, -1.0]}, "masses"),
    ],
)
def test_wrong_arguments(change, words):
    given = {"frequencies": [0.0, 1.0], "coupling": 1.0, "t_eval": [0.5], **change}
    with pytest.raises((ValueError, TypeError), match=words):
        oscillate(**given)
    with pytest.raises(ValueError, match="n="):
        quantile_frequencies(cauchy.ppf, 0)
