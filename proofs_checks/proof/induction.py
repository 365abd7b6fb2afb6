"""Equalities of velocities for every number of heads or neurons, by induction on the number.

A sum over h = 1, …, H is known by two facts alone: its first term, and that one more adds a term.
So what is derived is one term, and one more beside a sum of H terms of which nothing is used.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from sympy import Integer
from sympy.matrices.expressions import MatrixExpr

from proofs_checks.proof.row_algebra import RowAlgebra
from proofs_checks.proof.rule import apply
from proofs_checks.proof.rules import INDUCTION
from proofs_checks.proof.sheet import Step, derived
from proofs_checks.proof.variations import vector_difference
from theory.finite_sums import one_more


@lru_cache(maxsize=64)
def row_residual(left: MatrixExpr, right: MatrixExpr) -> Any:
    """Residual of ``left = right``, row i as a vector, for every n and d."""
    algebra = RowAlgebra()
    return vector_difference(algebra.vector(left), algebra.vector(right))


@lru_cache(maxsize=64)
def _growth(left: MatrixExpr, right: MatrixExpr, count: Any) -> Any:
    """Residual of what one more term adds on the left and on the right."""
    algebra = RowAlgebra()
    grown = (algebra.vector(one_more(side, count)) - algebra.vector(side) for side in (left, right))
    return vector_difference(*grown)


def for_every_count(
    text: str,
    left: MatrixExpr,
    right: MatrixExpr,
    count: Any,
    base: Step | None = None,
    *,
    first: int = 1,
    start: int = 1,
) -> tuple[Step, ...]:
    """Show ``left = right`` for every whole number ``count >= start``.

    Parameters
    ----------
    text : str
        The equality.
    left, right : MatrixExpr
        Rows of d columns, with sums over ``count`` terms.
    count : Symbol
    base : Step, optional
        The equality for ``first`` terms, if it is a step already.
    first, start : int
        Where the induction starts, and from where on the equality is said.
    """
    steps: list[Step] = []
    if base is None:
        at = {count: Integer(first)}
        base = derived(
            f"{text} for {count} = {first}",
            row_residual(left.xreplace(at).doit(), right.xreplace(at).doit()),
        )
        steps.append(base)
    algebra = RowAlgebra()
    grown = [algebra.vector(one_more(side, count)) - algebra.vector(side) for side in (left, right)]
    more = derived(
        f"{text}: from {count} to {count} + 1 both sides grow alike", vector_difference(*grown)
    )
    known = apply(
        INDUCTION,
        f"{text} for every {count} >= {start}",
        base,
        more,
        base=first,
        start=start,
    )
    return (*steps, more, known)
