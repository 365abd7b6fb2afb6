"""Recognition: every named code, turned and shuffled; near misses; codes that aren't exact."""

import numpy as np
import pytest
from scipy.stats import ortho_group
from sympy import Rational, sqrt

from numerics import sphere
from numerics.point_codes import NotRecognised, known_code, recognise
from theory.codes import code_named, named_codes

SYMMETRIES = {
    "icosahedron": 120,
    "half 5-cube": 1920,  # W(D5)
    "Schläfli code": 51840,  # W(E6)
    "equiangular code": 2903040,  # W(E7)
    "E8 roots": 696729600,
    "600-cell": 14400,  # W(H4)
    "cube": 48,
    "dodecahedron": 120,
    "24-cell": 1152,  # W(F4)
    "triangular bipyramid": 12,
}


def turned(points, seed=0):
    rng = np.random.default_rng(seed)
    rotation = ortho_group.rvs(points.shape[1], random_state=rng)
    return sphere.project(rng.permutation(points @ rotation))


@pytest.mark.parametrize("name", SYMMETRIES)
def test_named_codes(name):
    found = recognise(turned(known_code(name)))
    assert (found.name, found.symmetries) == (name, SYMMETRIES[name])
    assert found.code == named_codes()[name] == code_named(name)
    assert found.rank == found.code.d and found.error < 1e-14
    assert found.sharp == named_codes()[name].sharp


@pytest.mark.parametrize("n", [3, 4, 5, 7, 9, 12, 24, 31])
def test_polygons(n):
    found = recognise(turned(known_code("regular polygon", n)))
    assert found.name == ("simplex" if n == 3 else f"regular {n}-gon")
    assert (found.m, found.strength, found.symmetries) == (n // 2, n - 1, 2 * n if n > 3 else 6)


def test_simplex_in_a_larger_space():
    points = np.hstack([known_code("simplex", 4), np.zeros((4, 2))])
    found = recognise(turned(points))
    assert (found.name, found.rank, found.strength, found.symmetries) == ("simplex", 3, 1, 24)
    assert found.sharp  # m = 1 needs a 1-design only


def test_exact_gram_matrix():
    found = recognise(turned(known_code("icosahedron")))
    gram = found.gram
    assert gram.rank() == 3 and gram[0, 0] == 1
    assert set(gram) == {1, -1, sqrt(5) / 5, -sqrt(5) / 5}


def test_a_code_without_a_name():
    """A square and a pole: rank by elimination, as no tight frame."""
    points = sphere.project([[1, 0, 0], [-1, 0, 0], [0, 1, 0], [0, -1, 0], [0, 0, 1]])
    found = recognise(turned(points))
    assert (found.name, found.rank, found.symmetries, found.strength) == ("", 3, 8, 0)
    assert dict(found.code.inner_products) == {-1: 4, 0: 16}


def test_two_points_at_an_angle():
    points = np.array([[1.0, 0.0, 0.0], [0.6, 0.8, 0.0]])
    found = recognise(points)
    assert dict(found.code.inner_products) == {Rational(3, 5): 2}
    assert (found.rank, found.strength, found.symmetries) == (2, 0, 2)


def test_rough_points_are_not_taken_for_exact_ones():
    rng = np.random.default_rng(1)
    rough = known_code("icosahedron") + 1e-7 * rng.standard_normal((12, 3))
    with pytest.raises(NotRecognised):
        recognise(sphere.project(rough))
    with pytest.raises(NotRecognised):
        recognise(sphere.random_points(7, 4, 0))


def test_two_square_roots_are_refused():
    a, b = 1 / np.sqrt(2), 1 / np.sqrt(3)
    points = np.array([[1, 0, 0], [a, a, 0], [b, 0, np.sqrt(2) * b]])
    with pytest.raises(NotRecognised, match="quadratic field"):
        recognise(points)


def test_bad_points():
    for points, text in (
        ([[1.0, 0.0]], "at least 2 points"),
        ([[1.0], [-1.0]], "at least 2 dimensions"),
        ([[1.0, 0.0], [1.0, 0.0]], "different points"),
        (np.ones((2, 2, 2)) / np.sqrt(2), "one code"),
    ):
        with pytest.raises(ValueError, match=text):
            recognise(points)
    for name, n in (("teapot", 0), ("simplex", 1), ("cross-polytope", 5)):
        with pytest.raises(ValueError, match="Expected"):
            known_code(name, n)
