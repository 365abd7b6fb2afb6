"""Dense output against runs that stop there."""

from __future__ import annotations

import math

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.integrate import solve_ivp

from numerics import sphere
from numerics.compile import compile_model
from numerics.integration.solve import integrate
from theory.models import SA, USA, catalogue

Array = NDArray[np.float64]


def error(a: Array, b: Array) -> Array:
    return np.asarray(sphere.geodesic_distance(a, b).max(axis=-1))


def test_dense_output_agrees_with_a_stop_there() -> None:
    compiled = compile_model(SA, beta=4.0)
    x0 = sphere.random_points(8, 3, rng=1)
    trajectory = integrate(compiled, x0, 5.0, rtol=1e-9)
    for t in (1e-9, 0.3, 2.7182818, 5.0):
        stopped = integrate(compiled, x0, t, rtol=1e-13)
        assert error(trajectory.at(t), stopped.points[-1]) < 1e-7
    np.testing.assert_array_equal(trajectory.at(trajectory.times[:-1]), trajectory.points[:-1])
    assert trajectory.at([[0.0, 1.0, 2.0]]).shape == (1, 3, 8, 3)
    assert trajectory.at(log_time=[-3.0, 0.0]).shape == (2, 8, 3)
    with pytest.raises(ValueError, match=r"Expected times between .* t=5\.5; integrate further"):
        trajectory.at(5.5)
    with pytest.raises(ValueError, match="Expected one of t and log_time"):
        trajectory.at()


def test_dense_output_where_stability_limits_the_step() -> None:
    # Two close particles: the angle obeys angle' = -e^{beta cos(angle)} sin(angle), and the steps
    # are as long as stability allows, where the extension of a whole step is off by 60 tolerances.
    beta, rtol, start = 3.0, 1e-6, 0.1
    times = np.linspace(0.0, 3.0, 301)
    x0 = [[1.0, 0.0], [math.cos(start), math.sin(start)]]
    trajectory = integrate(compile_model(USA, beta=beta), x0, 3.0, rtol=rtol)
    assert np.diff(trajectory.times).max() * math.exp(beta) > 6.0
    run = solve_ivp(
        lambda t, a: -np.exp(beta * np.cos(a)) * np.sin(a),
        (0.0, 3.0),
        [start],
        method="DOP853",
        t_eval=times,
        rtol=1e-13,
        atol=1e-13,
        max_step=0.02,
    )
    gaps = sphere.geodesic_distance(*np.moveaxis(trajectory.at(times), 1, 0))
    assert np.abs(gaps - run.y[0]).max() <= 4 * rtol


@pytest.mark.parametrize(
    "times", [10**400, [10**400], -(10**400), "now", [1, [2]], 1j, None, {}, math.nan, math.inf]
)
def test_what_is_no_time_is_refused_in_words(times):
    run = integrate(SA, sphere.random_points(3, 2, rng=0), 1.0, beta=1.0)
    state = {"X": sphere.random_points(3, 2, rng=0), "r": np.ones((3, 1))}
    blocks = integrate(catalogue("pre-LN"), state, 1.0, beta=1.0)
    for given in (run, blocks):
        with pytest.raises((TypeError, ValueError), match="Expected"):
            given.at(times)
    with pytest.raises((TypeError, ValueError), match="Expected"):
        run.at(log_time=times)


def test_whole_numbers_beyond_64_bits_are_numbers():
    """As times they are too late, as masses they weigh; what no double holds is said to be so."""
    points = sphere.random_points(3, 2, rng=0)
    run = integrate(SA, points, 1.0, beta=1.0)
    with pytest.raises(ValueError, match="between the first and the last"):
        run.at(2**64)
    with pytest.raises(ValueError, match=r"Expected numbers that doubles hold but got t=1000"):
        run.at(10**400)
    heavy = compile_model(SA, beta=1.0, masses=[2**64, 2**65, 2**66])(points)
    assert np.allclose(heavy, compile_model(SA, beta=1.0, masses=[1.0, 2.0, 4.0])(points))


def test_no_times_give_no_points():
    run = integrate(SA, sphere.random_points(3, 2, rng=0), 1.0, beta=1.0)
    layers = integrate(
        catalogue("discrete layer"), sphere.random_points(3, 2, rng=0), 3, beta=1.0, eta=0.5
    )
    for given in (run, layers):
        assert given.at([]).shape == (0, 3, 2)
        assert given.at([[], []]).shape == (2, 0, 3, 2)
        assert given.at(log_time=[]).shape == (0, 3, 2)
    state = {"X": sphere.random_points(3, 2, rng=0), "r": np.ones((3, 1))}
    assert integrate(catalogue("pre-LN"), state, 1.0, beta=1.0).at([])["r"].shape == (0, 3, 1)
