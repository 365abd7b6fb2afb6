"""Equalities of velocities for every number of heads or neurons, by induction on the number.

A sum over h = 1, …, H is known by two facts alone: its first term, and that one more adds a term.
So what is derived is one term, and one more beside a sum of H terms of which nothing is used.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from sympy.matrices.expressions import MatrixExpr

from proofs_checks.proof.row_algebra import RowAlgebra
from proofs_checks.proof.variations import vector_difference
from theory.finite_sums import one_more


@lru_cache(maxsize=64)
def row_residual(left: MatrixExpr, right: MatrixExpr) -> Any:
    """Residual of ``left = right``, row i as a vector, for every n and d."""
    algebra = RowAlgebra()
    return vector_difference(algebra.vector(left), algebra.vector(right))


@lru_cache(maxsize=64)
def row_growth(left: MatrixExpr, right: MatrixExpr, count: Any) -> Any:
    """Residual of what one more term adds on the left and on the right."""
    algebra = RowAlgebra()
    grown = (algebra.vector(one_more(side, count)) - algebra.vector(side) for side in (left, right))
    return vector_difference(*grown)
