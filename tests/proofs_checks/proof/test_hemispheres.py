"""Hemispheres against linear programming."""

import numpy as np
from scipy.optimize import linprog

from numerics.sphere import random_points
from proofs_checks.proof.hemispheres import hemispherical


def test_hemispherical_agrees_with_linear_programming():
    points = random_points(5, 3, 3, 60)
    found = hemispherical(points)
    for system, inside in zip(points, found, strict=True):
        solved = linprog(np.zeros(3), A_ub=-system, b_ub=-np.ones(5), bounds=(None, None))
        assert (solved.status == 0) == inside
    assert hemispherical(random_points(3, 4, 3, 7)).all()
