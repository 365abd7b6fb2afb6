"""Identities between matrix expressions, row by row: proved for every size, watched at points.

The Gram algebra reduces the difference of two rows to zero for every n and d; rational points,
enclosed by intervals, refute a wrong identity and watch a proved one.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from sympy import MatrixSymbol
from sympy.matrices.expressions import MatrixExpr

from proofs_checks.claim import Budget, Evidence, Verdict
from proofs_checks.proof.row_algebra import PROBES, SYMBOLIC, RowAlgebra
from proofs_checks.proof.witness import Witness, decimal, excludes_zero
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
    return expr.xreplace({PROBES: X, PROBE_MOVE: MOVE})


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


def compare(
    identities: Sequence[Identity],
    budget: Budget,
    *,
    symmetric: frozenset[Any] = frozenset(),
    scope: Mapping[str, str] = SYMBOLIC,
    assumptions: tuple[str, ...] = (),
) -> Evidence:
    """Decide identities: REFUTED at a point, PROVED when every residual is zero.

    Parameters
    ----------
    identities : sequence of Identity
        What is claimed.
    budget : Budget
        Rational points to watch for each; ten times as many where a residual is left.
    symmetric : frozenset of MatrixSymbol
        Matrices that are symmetric by hypothesis.
    scope, assumptions
        Of the proof.

    Returns
    -------
    Evidence
        UNDECIDED when a residual is left that no point tells from zero.
    """
    worst, cases, open_left = 0.0, 0, ""
    for identity in identities:
        sides = (identity.left, identity.right, identity.weight)
        expressions = [at_tokens(side) for side in sides if side is not None]
        left, legend = identity.residual(symmetric)
        # A drawn point may be degenerate: look longer for one that refutes.
        for _ in range(budget.cases if left == 0 else 10 * max(budget.cases, 1)):
            point, cases = Witness(budget.rng, expressions, symmetric=symmetric), cases + 1
            for place, gap in identity.gaps(point):
                if excludes_zero(gap):
                    detail = f"{identity.text}: {place} is off by {decimal(gap)} at {point}"
                    return Evidence(Verdict.REFUTED, detail, cases=cases)
                worst = max(worst, abs(float(gap.mid)))
        if left != 0:
            open_left = open_left or f"{identity.text}: residual {left} with {legend}"
    if open_left:
        return Evidence(Verdict.UNDECIDED, open_left, cases=cases)
    if worst > TOLERANCE:
        detail = f"residual 0, but {worst:.3g} at a point"
        return Evidence(Verdict.UNDECIDED, detail, cases=cases)
    texts = "; ".join(dict.fromkeys(identity.text for identity in identities))
    return Evidence(
        Verdict.PROVED,
        f"{texts}: residual 0; watched at rational points",
        dict(scope),
        assumptions,
        cases,
        1 - worst / TOLERANCE,
        tuple(side for identity in identities for side in (identity.left, identity.right)),
    )


def adding(evidence: Evidence, text: str, cases: int = 0, margin: float | None = None) -> Evidence:
    """Return evidence with one more thing that was found, and the worse of two margins."""
    margins = [value for value in (evidence.margin, margin) if value is not None]
    return replace(
        evidence,
        detail=f"{evidence.detail}; {text}",
        cases=evidence.cases + cases,
        margin=min(margins) if margins else None,
    )


__all__ = [
    "MOVE",
    "PROBE_MOVE",
    "TOLERANCE",
    "Identity",
    "adding",
    "at_tokens",
    "compare",
]
