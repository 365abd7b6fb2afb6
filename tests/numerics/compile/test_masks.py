"""Attention with masks, compiled: against sums over the tokens seen, and errors at the door."""

import numpy as np
import pytest
from sympy import MatrixSymbol

from numerics import compile_model, integrate
from numerics.sphere import random_points
from theory.atoms import RowSoftmax, Tangent
from theory.masks import Mask
from theory.models import Model
from theory.symbols import X, beta, m, n

W = MatrixSymbol("W", n, n)
RING = np.roll(np.eye(6), 1, axis=1) + np.eye(6)


def masked(mask, parameters=(beta,)):
    """Attention restricted to a mask."""
    return Model(
        str(mask), Tangent(X, RowSoftmax(beta * X * X.T, m, mask=mask) * X), parameters=parameters
    )


def by_hand(points, beta_, masses, sees):
    """Velocity as plain sums over the tokens seen."""
    rows = np.zeros_like(points)
    for i, x in enumerate(points):
        seen = [j for j in range(len(points)) if sees(i, j)]
        if seen:
            weights = np.array([masses[j] * np.exp(beta_ * (x @ points[j])) for j in seen])
            mean = weights @ points[seen] / weights.sum()
            rows[i] = mean - (x @ mean) * x
    return rows


@pytest.mark.parametrize(
    ("mask", "sees", "more"),
    [
        (Mask.causal(), lambda i, j: j <= i, {}),
        (Mask.strictly_causal(), lambda i, j: j < i, {}),
        (Mask.band(2), lambda i, j: abs(i - j) <= 2, {}),
        (Mask.bipartite(2), lambda i, j: (i < 2) != (j < 2), {}),
        (Mask.cross(2), lambda i, j: j < 2, {}),
        (Mask.graph(W), lambda i, j: RING[i, j] == 1, {"W": RING}),
    ],
    ids=["causal", "strict", "band", "bipartite", "cross", "graph"],
)
def test_velocity_is_the_mean_of_the_tokens_seen(mask, sees, more):
    parameters = (beta, W) if more else (beta,)
    points, masses = random_points(6, 3, rng=3), np.arange(1.0, 7.0)
    for value in (-30.0, 0.0, 2.0, 800.0):
        field = compile_model(masked(mask, parameters), beta=value, masses=masses, **more)
        if abs(value) < 100:
            assert np.allclose(field(points), by_hand(points, value, masses, sees), atol=1e-14)
        else:
            assert np.all(np.isfinite(field(points)))
    batch = np.stack([points, random_points(6, 3, rng=4)])
    assert np.array_equal(field(batch)[0], field(points))


def test_a_strictly_causal_leader_stays_and_the_others_come_to_it():
    start = random_points(5, 3, rng=1)
    run = integrate(compile_model(masked(Mask.strictly_causal()), beta=1.0), start, 60.0)
    assert np.allclose(run.points[-1][0], start[0], atol=1e-12)
    assert np.allclose(run.points[-1], start[0], atol=1e-6)


def test_graphs_that_make_no_sense_are_refused():
    model = masked(Mask.graph(W), (beta, W))
    with pytest.raises(ValueError, match="entries 0 and 1, who sees whom"):
        compile_model(model, beta=1.0, W=RING / 2)
    blind = RING.copy()
    blind[4] = 0
    with pytest.raises(ValueError, match=r"row 4 zero; let it see itself, W\[4, 4\] = 1"):
        compile_model(model, beta=1.0, W=blind)
    with pytest.raises(ValueError, match="Expected points with n=6 rows, as many as W"):
        compile_model(model, beta=1.0, W=RING)(random_points(5, 3, rng=0))
