"""End times as logarithms: beyond all numbers, at the end asked for, or said to be out of reach."""

import math
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from numerics import sphere
from numerics.compile import compile_model
from numerics.integration import IntegrationStatus, integrate
from numerics.stepping import Clock
from theory import SA, USA


@dataclass(frozen=True)
class Rotation:
    """x' = e^rate J x on the circle, for any rate."""

    rate: float
    model: Any = field(
        default_factory=lambda: SimpleNamespace(
            space="sphere", kind="flow", energy=None, name="rotation"
        )
    )

    def __call__(self, points, t=0.0):
        if self.rate > 700:
            raise OverflowError
        return math.exp(self.rate) * self.scaled(points)[0]

    unchecked = __call__

    def scaled(self, points, t=0.0):
        turned = np.stack([-points[..., 1], points[..., 0]], axis=-1)
        return turned, np.full(points.shape[:-2], self.rate)


@pytest.mark.parametrize("rate", [-2000.0, -700.0, 0.0, 500.0, 3000.0])
def test_a_quarter_turn_at_any_rate(rate):
    log_end = math.log(math.pi / 2) - rate
    run = integrate(Rotation(rate), [[1.0, 0.0]], log_t_end=log_end, rtol=1e-11)
    assert run.status is IntegrationStatus.FINISHED
    assert run.log_times[-1] == pytest.approx(log_end, rel=1e-14)
    np.testing.assert_allclose(run.points[-1], [[0.0, 1.0]], atol=1e-9)
    half = run.at(log_time=log_end - math.log(2))
    np.testing.assert_allclose(half, [[math.sqrt(0.5)] * 2], atol=1e-9)


@pytest.mark.slow
@pytest.mark.parametrize(("log_end", "status"), [(940.0, "FINISHED"), (5000.0, "CLOCK")])
def test_an_end_beyond_the_clock_is_never_called_finished(log_end, status):
    poles = [[1.0, 0.0], [-1.0, 0.0]]
    run = integrate(compile_model(SA, beta=1.0), poles, log_t_end=log_end)
    assert run.status is IntegrationStatus[status]
    assert run.log_times[-1] == pytest.approx(min(log_end, 950.0), rel=1e-14)
    assert run.status.success == (status == "FINISHED")
    assert "coarsen" in IntegrationStatus.CLOCK.message
    np.testing.assert_array_equal(run.points[-1], poles)


@pytest.mark.slow
def test_the_end_is_that_asked_for():
    """USA at β = 800 has rates of e^800; few steps don't get to t = 1 and say so."""
    points = sphere.random_points(5, 3, rng=1)
    run = integrate(compile_model(USA, beta=800.0), points, 1.0, max_steps=300)
    assert run.status is IntegrationStatus.MAX_STEPS
    assert run.log_times[-1] < -100
    short = integrate(compile_model(USA, beta=800.0), points, log_t_end=-797.0, max_steps=3000)
    assert short.status is IntegrationStatus.FINISHED
    assert short.log_times[-1] == pytest.approx(-797.0, rel=1e-14)


def test_clocks_turn_times_there_and_back():
    clock = Clock.scaled(2.0, -1.0, 300.0, 100.0)
    assert clock.whole and clock.end < 0
    t = 2.0 - np.exp([0.0, 100.0, 300.0])
    there = clock.of(t)
    np.testing.assert_allclose([clock.real(tau) for tau in there], t, rtol=1e-12)
    np.testing.assert_allclose([clock.log_time(tau) for tau in there], [0.0, 100.0, 300.0])
    np.testing.assert_allclose(clock.of_log(np.array([100.0]), -1.0), there[1:2])
    still = Clock.scaled(0.0, 1.0, -math.inf, 0.0)
    assert still.end == 0.0 and still.whole


@pytest.mark.slow
@pytest.mark.parametrize("backend", ["numpy", "plain"])
def test_tokens_that_are_one_before_the_horizon_reach_any_end(backend):
    """The clock ends at log t = 51; the tokens have met long before."""
    field = compile_model(USA, beta=900.0, backend=backend)
    start = sphere.project([[1.0, 0.0], [0.6, 0.8]])
    run = integrate(field, start, log_t_end=320.0, rtol=1e-6)
    assert run.status is IntegrationStatus.FINISHED and run.log_times[-1] == 320.0
    assert run._clock.log_span + run.log_rate > 650.0
    np.testing.assert_array_equal(run.points[-1, 0], run.points[-1, 1])
    late = run.at(log_time=[100.0, 319.0, 320.0])
    np.testing.assert_array_equal(late, np.broadcast_to(run.points[-1], late.shape))
    with pytest.raises(ValueError, match="between the first and the last"):
        run.at(log_time=321.0)
    times = [0.0, 1e-3, 1.0, 1e100, 1e130]
    run = integrate(field, start, 1e130, t_eval=times, rtol=1e-6)
    assert run.status is IntegrationStatus.FINISHED
    np.testing.assert_array_equal(run.times, times)
    np.testing.assert_allclose(run.points[-1], run.points[-2], atol=1e-15)
