"""Identities between matrix expressions, row by row: proved for every size, watched at points.

The Gram algebra reduces the difference of two rows to zero for every n and d; rational points,
enclosed by intervals, refute a wrong identity and watch a proved one.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from sympy import MatrixSymbol
from sympy.matrices.expressions import MatrixExpr

from proofs_checks.proof.row_algebra import PROBES, RowAlgebra
from proofs_checks.proof.witness import Witness
from theory.engines import inner, residual, vectors
from theory.symbols import X, d, n

MOVE = MatrixSymbol("U", n, d)
"""How every token moves."""
PROBE_MOVE = MatrixSymbol("U_Y", *PROBES.shape)
"""How every probe moves."""
TOLERANCE = 1e-15
"""Largest gap allowed at a watched point, where 80 bits are kept."""


def at_tokens(expr: MatrixExpr) -> MatrixExpr:
    """Read a field or potential, and its differential, at the tokens."""
    # Their number too: it is the size of what is 0.
    return expr.xreplace({PROBES: X, PROBE_MOVE: MOVE, PROBES.shape[0]: X.shape[0]})


@dataclass(frozen=True)
class Identity:
    """``left = right`` row by row, for vectors (d columns) or scalars (one column).

    Attributes
    ----------
    text : str
        What is compared.
    left, right : MatrixExpr
    weight : MatrixExpr, shape (n, 1), optional
        A factor of every row on the left.
    """

    text: str
    left: MatrixExpr
    right: MatrixExpr
    weight: MatrixExpr | None = None

    def residual(self, symmetric: frozenset[Any]) -> tuple[Any, str]:
        """Return what is left of the difference in the Gram algebra, and what its names mean."""
        algebra = RowAlgebra(symmetric)
        if self.left.shape[1] == d:
            (probe,) = vectors("a")
            left = algebra.vector(self.left)
            if self.weight is not None:
                left = left * algebra.column(self.weight)
            gap = inner(probe, left - algebra.vector(self.right))
        else:
            gap = algebra.column(self.left) - algebra.column(self.right)
        return residual(gap), algebra.legend

    def gaps(self, point: Witness) -> Iterable[tuple[str, Any]]:
        """Yield the places and the enclosures of ``left - right`` at a point, in the tokens."""
        at = point.evaluator()
        weights = None if self.weight is None else at(at_tokens(self.weight))
        rows = zip(at(at_tokens(self.left)), at(at_tokens(self.right)), strict=True)
        for i, (left, right) in enumerate(rows):
            for j, (a, b) in enumerate(zip(left, right, strict=True)):
                scaled = a if weights is None else a * weights[i][0]
                yield f"row {i + 1}, column {j + 1}", scaled - b


__all__ = [
    "MOVE",
    "PROBE_MOVE",
    "TOLERANCE",
    "Identity",
    "at_tokens",
]
