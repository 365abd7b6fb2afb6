"""Hemispheres against linear programming."""

from itertools import product

import numpy as np
import pytest
from scipy.optimize import linprog
from sympy import Matrix

from numerics.sphere import random_points
from proofs_checks.proof.hemispheres import (
    count_cones,
    hemispherical,
    listed_cones,
    moment_points,
    traces_along,
)


def test_hemispherical_agrees_with_linear_programming():
    points = random_points(5, 3, 3, 60)
    found = hemispherical(points)
    for system, inside in zip(points, found, strict=True):
        solved = linprog(np.zeros(3), A_ub=-system, b_ub=-np.ones(5), bounds=(None, None))
        assert (solved.status == 0) == inside
    assert hemispherical(random_points(3, 4, 3, 7)).all()


@pytest.mark.parametrize(("size", "dimension"), [*product(range(1, 6), range(1, 5))])
def test_cones_listed_one_by_one(size, dimension):
    points = moment_points(size, dimension)
    assert listed_cones(points) == count_cones(size, dimension)
    rows = np.array(points.tolist(), dtype=float)
    solved = [
        linprog(np.zeros(dimension), A_ub=-rows * np.array(s)[:, None], b_ub=-np.ones(size),
                bounds=(None, None)).status == 0
        for s in product((1, -1), repeat=size)
    ]  # fmt: skip
    assert sum(solved) == listed_cones(points)


def test_traces_are_the_products_with_vectors_orthogonal_to_the_last():
    points = moment_points(5, 3)
    traces = traces_along(points)
    # w = (a, b, c) with <x_5, w> = 0 has <x_i, w> = <trace_i, (a, b)>.
    a, b = 2, -7
    last = points[4, :]
    w = Matrix([a, b, -(a * last[0] + b * last[1]) / last[2]])
    assert (last * w)[0] == 0
    assert points[:4, :] * w == traces * Matrix([a, b])


def test_points_in_no_general_position_have_fewer_cones():
    flat = Matrix([[1, 0, 0], [0, 1, 0], [1, 1, 0], [0, 0, 1]])
    rows = np.array(flat.tolist(), dtype=float)
    solved = sum(
        linprog(np.zeros(3), A_ub=-rows * np.array(s)[:, None], b_ub=-np.ones(4),
                bounds=(None, None)).status == 0
        for s in product((1, -1), repeat=4)
    )  # fmt: skip
    assert solved == 12 < count_cones(4, 3) == 14
