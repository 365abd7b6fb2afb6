"""The scaled clock against the two-particle quadrature, and with plain times."""

from __future__ import annotations

import math

import mpmath as mp
import numpy as np
import pytest
from numpy.typing import NDArray

from numerics import sphere
from numerics.compile import compile_model
from numerics.integration.events import IntegrationStatus, consensus_event
from numerics.integration.solve import integrate
from theory.models import USA

Array = NDArray[np.float64]


def angle(x: Array) -> float:
    return float(sphere.geodesic_distance(x[0], x[1]))


@pytest.mark.parametrize("beta", [10.0, 225.0, 235.0, 1000.0, 1e5])
def test_scaled_clock_against_the_two_particle_quadrature(beta: float) -> None:
    start, stop = 0.5 / math.sqrt(beta), 0.1 / math.sqrt(beta)
    x0 = [[1.0, 0.0], [math.cos(start), math.sin(start)]]
    with mp.workdps(30):
        # angle' = -e^{beta cos(angle)} sin(angle)
        rest = mp.quad(
            lambda a: mp.exp(beta * (1 - mp.cos(a))) / mp.sin(a), [mp.mpf(stop), mp.mpf(start)]
        )
        log_time = float(mp.log(rest) - beta)
    event = consensus_event(stop / 2)
    trajectory = integrate(
        compile_model(USA, beta=beta), x0, log_t_end=log_time + 5, rtol=1e-11, events=event
    )
    assert trajectory.status is IntegrationStatus.CONSENSUS
    assert trajectory.clock == ("scaled" if beta > 230 else "plain")
    assert trajectory.log_times[-1] == pytest.approx(log_time, abs=1e-8)
    halfway = trajectory.at(log_time=log_time - 1)
    assert stop < angle(halfway) < start


def test_scaled_clock_takes_plain_times() -> None:
    x0 = sphere.project([[1.0, 0.0], [1.0, 0.02]])
    t_end = math.exp(-299.0)
    compiled = compile_model(USA, beta=300.0)
    trajectory = integrate(compiled, x0, t_end, t_eval=[0.0, t_end / 2, t_end])
    assert trajectory.clock == "scaled"
    np.testing.assert_allclose(trajectory.times, [0.0, t_end / 2, t_end], rtol=1e-12)
    np.testing.assert_allclose(trajectory.at(t_end / 2), trajectory.points[1], atol=1e-9)
    back = integrate(compiled, trajectory.points[-1], -t_end)
    np.testing.assert_allclose(back.points[-1], x0, atol=1e-6)
    np.testing.assert_array_less(trajectory.log_energy, 300.0 + 1e-9)
