"""The field X[mu] of a flow, at any points of the sphere: derived, and how it reads mu."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from sympy import (
    DiagMatrix,
    MatMul,
    MatrixSymbol,
    OneMatrix,
    S,
    Transpose,
    preorder_traversal,
)
from sympy.matrices.expressions import MatrixExpr

from proofs_checks.proof.exponential import heat
from proofs_checks.proof.flow import Flow
from proofs_checks.proof.row_algebra import PROBES, RowAlgebra
from theory.atoms import Elementwise, RowSoftmax, Tangent
from theory.models import attention_form
from theory.symbols import X, m, n


def field_of(flow: Flow) -> MatrixExpr | None:
    """Return X[mu] at the rows of ``PROBES``; None for a flow that isn't scalar attention.

    It keeps the parameters as symbols, so that what it says holds at each time of a schedule, and
    for one that is code.
    """
    form = attention_form(flow.model)
    if form is None or flow.model.kind != "flow":
        return None
    if form.normalised:
        hot = heat(replace(flow, given={}))
        if hot is None:
            return None
        # 0 times a matrix has lost its rows, which here are points.
        scores = hot * PROBES * X.T if hot != 0 else Elementwise(S.Zero, PROBES * X.T)
        return Tangent(PROBES, form.scale * RowSoftmax(scores, m) * X)
    return Tangent(PROBES, form.scale * Elementwise(form.kernel, PROBES * X.T) * DiagMatrix(m) * X)


def _is_integral(expr: Any) -> bool:
    """Whether a sum over tokens is ``∫ f(<y, Cx>) x dmu(x)`` or ``∫ f(<y, Cx>) dmu(x)``."""
    letters = expr.args if isinstance(expr, MatMul) else ()
    if letters and isinstance(letters[0], OneMatrix):
        return letters[1:] in ((DiagMatrix(m), X), (m,))
    if not letters or not isinstance(letters[0], Elementwise):
        return False
    scores = letters[0].expr
    inside = scores.args if isinstance(scores, MatMul) else ()
    return (
        letters[1:] in ((DiagMatrix(m), X), (m,))
        and inside[:1] == (PROBES,)
        and inside[-1:] == (Transpose(X),)
        and not any(letter.free_symbols & {X, m, PROBES} for letter in inside[1:-1])
    )


def _counts(field: MatrixExpr) -> bool:
    """Whether the number of tokens enters, beyond the sizes of matrices."""
    walk = preorder_traversal(field)
    for part in walk:
        if part == n:
            return True
        if isinstance(part, (MatrixSymbol, OneMatrix)):
            walk.skip()
    return False


def beyond_integrals(field: MatrixExpr) -> tuple[Any, ...]:
    """Return what enters a field at ``PROBES`` but by integrals against mu: nothing, if it may."""
    algebra = RowAlgebra()
    algebra.vector(field)
    stray = tuple(e for e in algebra.names if e != PROBES and not _is_integral(e))
    return (*stray, n) if _counts(field) else stray


__all__ = ["beyond_integrals", "field_of"]
