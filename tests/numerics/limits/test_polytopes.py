"""Places, vertices and support functions, against Qhull and by hand."""

import numpy as np
import pytest
from scipy.spatial import ConvexHull

from numerics.limits.polytopes import (
    affine_rank,
    directions,
    hull_growth,
    outside_hull,
    places,
    vertices,
)


@pytest.mark.parametrize("d", [2, 3, 4])
def test_vertices_are_those_of_qhull(d):
    points = np.random.default_rng(d).standard_normal((15, d))
    assert set(vertices(points, 1e-9)) == set(ConvexHull(points).vertices)


def test_vertices_of_points_on_a_line_and_of_one_point():
    line = np.outer([0.0, 0.25, 1.0], [1.0, 2.0, -1.0])
    assert vertices(line, 1e-9).tolist() == [0, 2]
    assert vertices(np.zeros((1, 3)), 1e-9).tolist() == [0]


def test_distance_from_a_hull_is_exact():
    square = np.array([[0.0, 0.0], [1.0, 0.0], [0.0, 1.0], [1.0, 1.0]])
    assert outside_hull(np.array([1.5, 0.5]), square) == pytest.approx(0.5)
    assert outside_hull(np.array([2.0, 2.0]), square) == pytest.approx(np.sqrt(2))
    assert outside_hull(np.array([0.3, 0.4]), square) < 1e-9


def test_places_have_gaps_and_spreads():
    points = np.array([[0.0], [1e-8], [1.0], [1.0 + 3e-8]])
    found = places(points, 1e-6)
    assert found.count == 2
    assert found.spread == pytest.approx(3e-8)
    assert found.gap == pytest.approx(1.0, abs=1e-7)
    assert places(points, 2.0).gap == np.inf


def test_a_hull_that_grows_is_seen_and_one_that_returns_too():
    square = np.array([[-1.0, -1.0], [1.0, -1.0], [1.0, 1.0], [-1.0, 1.0]])
    shrinking = np.array([square * s for s in (1.0, 0.8, 0.5)])
    assert hull_growth(shrinking) == 0.0
    back = np.array([square * s for s in (1.0, 0.5, 0.8)])
    assert hull_growth(back) == pytest.approx(0.3 * np.sqrt(2), rel=1e-2)


@pytest.mark.parametrize("d", [1, 2, 3, 6])
def test_directions_are_unit_vectors(d):
    found = directions(d)
    assert found.shape == (64, d)
    np.testing.assert_allclose(np.linalg.norm(found, axis=1), 1.0)


def test_rank():
    plane = np.random.default_rng(0).standard_normal((9, 2)) @ np.array([[1, 2, 0], [0, 1, 1.0]])
    assert affine_rank(plane + 5.0, 1e-9) == 2
