"""Maps are iterated, one layer a step."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from numerics import sphere
from numerics.compile import compile_model
from numerics.integration.events import IntegrationStatus, consensus_event
from numerics.integration.solve import integrate
from theory.layers import DISCRETE_SA

Array = NDArray[np.float64]


def weights(g: Array, beta: float, kind: str) -> Array:
    kernel = np.exp(beta * g)
    total = kernel.sum(axis=-1, keepdims=True) if kind == "SA" else g.shape[-1]
    return np.asarray(kernel / total)


def test_map_is_iterated() -> None:
    x0 = sphere.random_points(6, 3, rng=0)
    compiled = compile_model(DISCRETE_SA, beta=2.0, eta=0.5)
    trajectory = integrate(compiled, x0, 10)
    assert trajectory.times.tolist() == list(range(11))
    x = x0
    for layer in range(11):
        np.testing.assert_allclose(trajectory.points[layer], x, atol=1e-14)
        v = x + 0.5 * weights(x @ x.T, 2.0, "SA") @ x
        x = v / np.linalg.norm(v, axis=1, keepdims=True)
    np.testing.assert_array_equal(trajectory.at([3, 7]), trajectory.points[[3, 7]])
    assert integrate(compiled, x0, 10, t_eval=[2, 4]).points.shape == (2, 6, 3)
    assert integrate(compiled, x0, 10, max_steps=3).status is IntegrationStatus.MAX_STEPS
    stopped = integrate(compiled, x0, 1000, events=consensus_event(1e-3))
    assert stopped.status is IntegrationStatus.CONSENSUS
    with pytest.raises(ValueError, match=r"whole numbers of layers .* t=2\.5"):
        trajectory.at(2.5)
    with pytest.raises(ValueError, match=r"whole number of layers .* t_end=2\.5"):
        integrate(compiled, x0, 2.5)
    with pytest.raises(ValueError, match="not run backward"):
        integrate(compiled, x0, -2)
    with pytest.raises(ValueError, match="whole numbers of layers"):
        integrate(compiled, x0, 4, t_eval=[0.5])
