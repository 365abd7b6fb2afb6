"""Operator norms of matrices of numbers: a rational bound, shown exactly.

``|M| <= u`` exactly where all roots of the characteristic polynomial p of ``M^T M`` are at most u².
They are real, so that this is so exactly where ``p(u² + s)`` has no negative coefficient.
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from math import ceil, isqrt
from typing import Any

import numpy as np
from flint import fmpq, fmpq_mat, fmpq_poly
from sympy import Rational

Rows = Sequence[Sequence[Fraction]]

LARGEST = 96
"""Up to this size a characteristic polynomial costs less than a second."""


def exact_rows(matrix: Any) -> list[list[Fraction]]:
    """Entries of a matrix of numbers, every float as the rational number that it prints as."""
    return [[Fraction(str(value)) for value in row] for row in np.asarray(matrix).tolist()]


def bounds_norm(bound: Any, rows: Rows) -> bool:
    """Whether a rational number is at least the operator norm of a matrix, exactly.

    Examples
    --------
    >>> rows = exact_rows([[3, 0], [4, 0]])
    >>> bounds_norm(5, rows), bounds_norm(Rational(499, 100), rows)
    (True, False)
    """
    value = Fraction(str(bound))
    if value < 0:
        return False
    if max(len(rows), len(rows[0])) > LARGEST:
        return value * value >= _square_sum(rows)
    entries = [fmpq(*x.as_integer_ratio()) for row in rows for x in row]
    matrix = fmpq_mat(len(rows), len(rows[0]), entries)
    roots = (matrix.transpose() * matrix).charpoly()
    square = value * value
    moved = roots(fmpq_poly([fmpq(*square.as_integer_ratio()), 1]))
    return all(c >= 0 for c in moved.coeffs())


def norm_bound(rows: Rows) -> Rational:
    """Rational bound of an operator norm: the norm where that is a simple number.

    It is at most a part in a million too large, or for more than 96 rows the Frobenius norm.

    Examples
    --------
    >>> norm_bound(exact_rows([[0, -2], [2, 0]]))
    2
    """
    guess = float(np.linalg.norm(np.array([[float(x) for x in row] for row in rows]), 2))
    simple = Fraction(guess).limit_denominator(1000)
    for bound in (simple, Fraction(f"{guess * (1 + 5e-7):.7g}"), Fraction(f"{guess * 1.001:.4g}")):
        if abs(float(bound) - guess) <= 2e-3 * guess and bounds_norm(bound, rows):
            return Rational(bound.numerator, bound.denominator)
    square = _square_sum(rows) * 10**12
    return Rational(isqrt(ceil(square)) + 1, 10**6)


def _square_sum(rows: Rows) -> Fraction:
    return sum((x * x for row in rows for x in row), start=Fraction(0))


__all__ = ["bounds_norm", "exact_rows", "norm_bound"]
