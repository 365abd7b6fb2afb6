"""Wendel's probability by counting, and where Theorem 6.9 says nothing."""

from __future__ import annotations

import math

import mpmath
import numpy as np
from sympy import Rational

from theory.predictions.wendel import theorem_6_9_dimension, wendel_probability


def test_wendel_on_the_circle_and_for_large_dimension() -> None:
    for count in range(1, 9):
        assert wendel_probability(count, 2) == min(1, Rational(count, 2 ** (count - 1)))
        for dim in range(1, 9):
            value = wendel_probability(count, dim)
            assert (value == 1) == (dim >= count)
            if count == 2 * dim:
                assert value == Rational(1, 2)


def test_wendel_by_counting_sign_patterns() -> None:
    """Of the 2^n reflections of n points in general position, count those in a half space."""
    rng = np.random.default_rng(5)
    for count, dim in ((4, 2), (5, 3), (6, 2)):
        points = rng.normal(size=(count, dim))
        # w and the signs: cells of the arrangement of the hyperplanes <x_i, w> = 0.
        directions = rng.normal(size=(200_000, dim))
        cells = {tuple(row) for row in (directions @ points.T > 0)}
        assert Rational(len(cells), 2**count) == wendel_probability(count, dim)


def test_vacuity_of_theorem_6_9() -> None:
    for count in (2, 32):
        bound = int(theorem_6_9_dimension(count))
        with mpmath.workdps(400):
            printed = [1 - 2 * count**2 * mpmath.mpf(d) ** (-1 / mpmath.mpf(64))
                       for d in (bound - 1, bound + 1)]  # fmt: skip
            assert printed[0] < 0 < printed[1]
    assert abs(math.log10(theorem_6_9_dimension(32)) - 211.925) < 1e-3
