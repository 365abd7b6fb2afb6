"""Bounds of operator norms against singular values, and where they are broken."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest
from sympy import Matrix, Rational, sqrt

from proofs_checks.decide import bounds_norm, exact_rows, norm_bound


@pytest.mark.parametrize("shape", [(1, 1), (2, 2), (3, 5), (12, 12), (40, 40)])
def test_the_bound_is_a_part_in_a_million_above_the_largest_singular_value(shape):
    rng = np.random.default_rng(0)
    for scale in (1e-6, 1.0, 1e4):
        matrix = scale * rng.standard_normal(shape)
        rows, true = exact_rows(matrix), np.linalg.norm(matrix, 2)
        bound = norm_bound(rows)
        assert bounds_norm(bound, rows)
        assert true * (1 - 1e-12) <= float(bound) <= true * (1 + 2e-6)
        assert not bounds_norm(bound * Rational(99999, 100000), rows)


def test_norms_that_are_simple_numbers_are_exact():
    assert norm_bound(exact_rows([[3, 4], [-4, 3]])) == 5
    assert norm_bound(exact_rows(np.eye(4) / 8)) == Rational(1, 8)
    assert norm_bound(exact_rows(np.zeros((2, 2)))) == 0
    assert not bounds_norm(-1, exact_rows([[0]]))


def test_an_irrational_norm_is_decided_on_both_sides():
    rows = exact_rows([[1, 1], [0, 1]])  # the golden ratio
    golden = max(Matrix([[1, 1], [1, 2]]).eigenvals(), key=float)
    assert golden == (sqrt(5) + 3) / 2
    assert bounds_norm(Fraction("1.6180339888"), rows)
    assert not bounds_norm(Fraction("1.6180339887"), rows)


def test_large_matrices_get_the_frobenius_norm():
    matrix = np.diag(np.arange(1.0, 121.0))
    bound = float(norm_bound(exact_rows(matrix)))
    assert bound == pytest.approx(np.linalg.norm(matrix), rel=1e-6)
