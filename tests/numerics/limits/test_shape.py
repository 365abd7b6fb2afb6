"""Limit shapes: known cases, hypotheses of Table 1, equivariance."""

import numpy as np
import pytest

from numerics import limit_shape
from numerics.limits import Shape
from numerics.limits.hypotheses import table_1
from numerics.limits.shape import decay_slope
from numerics.limits.triples import SCORES, VALUES

EYE = np.eye(2)
EYE3 = np.eye(3)
POINTS = np.random.default_rng(0).standard_normal((7, 2))


def holds(V, form, beta=1.0):
    rows = table_1(np.eye(len(V)), form, V, beta)
    return tuple(row.row for row in rows if row.holds)


def test_hypotheses_of_the_rows():
    assert holds(EYE, EYE) == (1, 3)
    assert holds(EYE, -EYE) == ()
    assert holds(-EYE, EYE) == (4,)
    assert holds(-EYE, 2 * EYE) == ()
    assert holds(np.diag([2.0, 0.0]), EYE) == (2, 3)  # singular, and legal
    assert holds(np.diag([2.0, 0.0]), np.diag([-1.0, 1.0])) == ()
    assert holds(np.diag([0.0, -1.0]), EYE) == ()  # λ_1 = 0: rows that need λ_1 > 0 are silent
    assert holds(np.diag([1.0, -1.0]), EYE) == (2,)  # no smaller radius on G
    assert holds(np.array([[1.0, 1.0], [0.0, 1.0]]), EYE) == ()  # a Jordan block
    assert holds(EYE, np.array([[1.0, 5.0], [-5.0, 1.0]])) == (1, 3)  # skew parts don't matter
    assert holds(EYE, EYE, beta=0.0) == ()


def test_tokens_that_lead_themselves_stay():
    square = np.array([[1.0, 1.0], [-1.0, 1.0], [-1.0, -1.0], [1.0, -1.0]])
    found = limit_shape(np.vstack([square, [[0.5, 0.3]]]), EYE, EYE, EYE, beta=50.0)
    assert found.shape is Shape.POLYTOPE and found.levels == 4 and found.rank == 2
    assert set(map(tuple, np.round(found.vertices, 6))) == set(map(tuple, square))
    assert found.hull_growth < 1e-9 and found.to_vertices < 1e-6


def test_not_asserted_where_the_scores_are_negative():
    found = limit_shape(POINTS, EYE, -EYE, EYE)
    assert found.rows == () and found.shape is Shape.POINT


def test_the_slow_decay_of_the_last_row():
    found = limit_shape(POINTS, EYE, EYE, -EYE)
    assert found.shape is Shape.ORIGIN and found.rows == (4,)
    assert abs(found.slope + 0.5) < 0.01
    with np.errstate(all="ignore"):
        grown = limit_shape(POINTS, EYE, EYE, EYE)
    assert np.isnan(grown.slope)


def test_opposite_scores_escape():
    assert limit_shape(POINTS, EYE, -EYE, -EYE).shape is Shape.ESCAPE


def test_levels_are_those_of_the_dual_coordinate():
    rng = np.random.default_rng(4)
    V = VALUES["simple"](rng, 3)
    values, left = np.linalg.eig(V.T)
    dual = np.real(left[:, np.argmax(values.real)])
    found = limit_shape(rng.standard_normal((8, 3)), np.eye(3), SCORES["definite"](rng, 3), V)
    assert found.shape is Shape.HYPERPLANES and found.leading_dimension == 1
    late = int(np.searchsorted(found.run.times, 8.0))  # before digits along G are lost
    heights = found.run.z_at(late) @ dual
    groups = np.unique(np.round(heights / np.abs(heights).max(), 2))
    assert len(groups) == found.levels <= 3
    assert found.gap_ratio >= 1e3


@pytest.mark.parametrize("seed", [0, 1])
def test_rotations_turn_the_vertices(seed):
    rng = np.random.default_rng(seed)
    turn = np.linalg.qr(rng.standard_normal((2, 2)))[0]
    form = SCORES["definite"](rng, 2)
    one = limit_shape(POINTS, EYE, form, EYE)
    two = limit_shape(POINTS @ turn.T, EYE, turn @ form @ turn.T, EYE)
    assert one.levels == two.levels
    apart = np.linalg.norm((one.vertices @ turn.T)[:, None] - two.vertices[None], axis=-1)
    assert apart.min(axis=0).max() < 1e-6 and apart.min(axis=1).max() < 1e-6


def test_early_ends_are_unknown():
    found = limit_shape(POINTS, EYE, EYE, EYE, t_end=1.0)
    assert found.shape is Shape.UNKNOWN and "raise t_end" in found.message


def test_beta_zero_and_a_zero_matrix():
    assert limit_shape(POINTS, EYE, EYE, EYE, beta=0.0).shape is Shape.POINT
    assert limit_shape(POINTS, EYE, EYE, 0 * EYE).run.status.settled


def test_slope_of_a_power():
    t = np.geomspace(1.0, 1e5, 500)
    assert decay_slope(t, t**-0.3, 1e3, 1e5) == pytest.approx(-0.3)


def test_every_shape_has_words():
    assert all(shape.message for shape in Shape)


@pytest.mark.every(3)
@pytest.mark.parametrize("scores", ["identity", "definite"])
@pytest.mark.parametrize("seed", range(3))
def test_a_singular_v_keeps_its_kernel(scores, seed):
    """Parts along the kernel are where they began, by ψ V = 0; the others tend to 0."""
    rng = np.random.default_rng(seed)
    value, form = VALUES["singular"](rng, 3), SCORES[scores](rng, 3)
    points = rng.standard_normal((6, 3))
    found = limit_shape(points, EYE3, form, value)
    assert found.shape is Shape.KERNEL and "kernel" in found.message and found.rows == ()
    assert found.slope <= -0.4
    rates, dual = np.linalg.eig(value.T)
    null = np.real(dual[:, np.argmin(np.abs(rates))])
    np.testing.assert_allclose(found.run.x[-1] @ null, points @ null, atol=1e-9)


def test_a_kernel_without_growth_is_not_seen_where_something_grows():
    found = limit_shape(np.random.default_rng(0).standard_normal((6, 2)), EYE, EYE, np.diag([1, 0]))
    assert found.shape is Shape.HYPERPLANES


def test_nothing_moves_where_v_is_zero():
    found = limit_shape(POINTS, EYE, EYE, np.zeros((2, 2)))
    assert found.run.motion == 0 and np.isnan(found.slope)
