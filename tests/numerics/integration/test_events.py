"""Events: where they are, in which order, and what ends a run."""

from __future__ import annotations

import math

import numpy as np
import pytest
from numpy.typing import NDArray

from numerics import sphere
from numerics.compile import compile_model
from numerics.integration.events import Event, IntegrationStatus, cap_radius, consensus_event
from numerics.integration.solve import integrate
from theory.models import SA

Array = NDArray[np.float64]


def angle(x: Array) -> float:
    return float(sphere.geodesic_distance(x[0], x[1]))


# ------------------------------------------------------------------------------ events, statuses


def test_event_is_located_to_rounding() -> None:
    start = [[1.0, 0.0], [math.cos(2.0), math.sin(2.0)]]
    compiled = compile_model(SA, beta=0.0)
    event = Event(lambda t, x: angle(x) - 0.5)
    trajectory = integrate(compiled, start, 10.0, rtol=1e-13, events=event)
    # tan(angle/2) decays like e^{-t} for two points at beta = 0.
    exact = math.log(math.tan(1.0) / math.tan(0.25))
    assert trajectory.status is IntegrationStatus.EVENT
    assert trajectory.times[-1] == pytest.approx(exact, abs=2e-13)
    assert angle(trajectory.points[-1]) == pytest.approx(0.5, abs=1e-14)
    np.testing.assert_array_equal(trajectory.at(trajectory.times[-1]), trajectory.points[-1])
    with pytest.raises(ValueError, match="status EVENT"):
        trajectory.at(exact + 0.1)


def test_events_keep_their_order_and_flags() -> None:
    start = [[1.0, 0.0], [math.cos(2.0), math.sin(2.0)]]
    compiled = compile_model(SA, beta=0.0)

    def passing(t: float, x: Array) -> float:
        return angle(x) - 1.0

    rising = Event(lambda t, x: angle(x) - 1.5, direction=1.0)
    trajectory = integrate(
        compiled,
        start,
        5.0,
        t_eval=[0.0, 1.0, 1.5, 5.0],
        events=[Event(lambda t, x: angle(x) - 0.6), passing, rising],
    )
    assert [record.index for record in trajectory.events] == [1, 0]
    assert trajectory.events[0].time < trajectory.events[1].time == trajectory.times[-1]
    assert trajectory.status is IntegrationStatus.EVENT
    assert trajectory.times[:-1].tolist() == [0.0, 1.0, 1.5][: trajectory.times.size - 1]
    backward = integrate(compiled, trajectory.points[-1], -5.0, events=rising)
    assert backward.status is IntegrationStatus.EVENT
    assert angle(backward.points[-1]) == pytest.approx(1.5, abs=1e-9)


def test_consensus_status() -> None:
    x0 = sphere.random_points(8, 3, rng=0, batch=3)
    compiled = compile_model(SA, beta=1.0)
    trajectory = integrate(compiled, x0, 100.0, events=consensus_event(1e-6))
    assert trajectory.status is IntegrationStatus.CONSENSUS
    assert trajectory.status.success
    assert np.max(cap_radius(trajectory.points[-1])) == pytest.approx(1e-6, rel=1e-8)
    again = integrate(compiled, trajectory.points[-1], 1.0, events=consensus_event(1e-5))
    assert again.status is IntegrationStatus.CONSENSUS
    assert again.n_steps == 0
    # From there on the flow is the linear one: radii shrink by e^{-t}.
    more = integrate(compiled, trajectory.points[-1], 2.0, rtol=1e-12)
    ratio = cap_radius(more.points[-1]) / cap_radius(more.points[0])
    np.testing.assert_allclose(ratio, math.exp(-2.0), rtol=1e-5)


NAN, INF = float("nan"), float("inf")


# -------------------------------------------------------------------------------------- bad input


@pytest.mark.parametrize("delta", [0.0, -1.0, 2.0, NAN])
def test_bad_consensus_radius(delta: float) -> None:
    with pytest.raises(ValueError, match=r"Expected a cap radius .*delta="):
        consensus_event(delta)
