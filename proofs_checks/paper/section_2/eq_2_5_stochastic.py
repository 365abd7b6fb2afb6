"""(2.5): the attention matrix has positive entries and rows of sum 1.

How it is proved
----------------
A theorem on the entries at the states of a model, for every n, d, k, Q, K and all masses: they are
positive by the signs of their parts, masses, exponentials, or features that are positive on the
sphere; and each row adds up to 1, as it is divided by its sum. So are those of two species.
Rational points, enclosed by intervals, are drawn only to refute.

References
----------
arXiv 2312.10794, (2.5).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from sympy import DiagMatrix, Expr, MatMul, OneMatrix, S, Transpose, exp, preorder_traversal
from sympy.matrices.expressions import MatrixExpr

from proofs_checks.claim import Budget, Claim, Control, Equivalent, Verdict
from proofs_checks.decide import NoEnclosureError
from proofs_checks.proof import (
    Counterexample,
    Domain,
    Flow,
    How,
    Outcome,
    Premise,
    RowAlgebra,
    Statement,
    Step,
    decimal,
    excludes_zero,
    positive_entries,
    weights_at_a_point,
    weights_of,
)
from proofs_checks.theorems import Concludes, Conclusion, Refusal, stochastic, subject_in
from theory.atoms import Elementwise, MaskedSoftmax, RowSoftmax, Sinkhorn, is_row_normalised
from theory.engines import is_diagonal, residual
from theory.models import Model
from theory.symbols import K, Q, X, beta, d, k, m, n


@dataclass(frozen=True)
class Stochastic:
    """Row sums of a matrix of weights, and whether every entry is said to be positive."""

    row_sum: Expr
    positive: bool = True


def _as_field(model: Any, prediction: Any) -> tuple[tuple[Model, Any], ...]:
    """Return the map X -> A X of a matrix of weights A, none of whose factors is a speed."""
    named = (part for part in preorder_traversal(model) if part in model.free_symbols)
    own = tuple(part for part in dict.fromkeys(named) if part not in (X, m, n, d, k))
    field = MatMul(model, X, evaluate=False)
    made = Model("the matrix", field, parameters=own, space="euclidean", kind="map")
    return ((made, prediction),)


def _is_softmax(flow: Flow) -> Step:
    """Whether a flow divides its weights by the sums of their rows; a matrix is asked as it is."""
    text = "weights divided by the sum of their row"
    rates, matrix = flow.model.velocities.values(), weights_of(flow)
    known = any(rate.atoms(RowSoftmax) for rate in rates)
    known = known or (matrix is not None and is_row_normalised(matrix))
    if flow.model.space == "sphere" and not known:
        return Step(text, How.DERIVED, Outcome.FAILS, "rows aren't divided by their sums")
    return Step(text, How.DERIVED)


def _attention(flow: Flow) -> tuple[MatrixExpr, ...]:
    """Return the matrices of weights; a softmax of a flow without the speeds of its rows.

    A state of several blocks, or a field that is no A X, has those of all softmaxes that it holds.
    """
    matrix = weights_of(flow) if len(flow.model.blocks) == 1 else None
    if matrix is None:
        found = (rate.atoms(RowSoftmax) for rate in flow.model.velocities.values())
        return tuple(sorted(set().union(*found), key=str))
    if flow.model.kind != "flow" or not isinstance(matrix, MatMul):
        return (matrix,)
    *speeds, last = matrix.args
    paced = isinstance(last, RowSoftmax) and all(map(is_diagonal, speeds))
    return (last if paced else matrix,)


def _is_matrix(flow: Flow) -> Step:
    known = _attention(flow) != ()
    outcome = Outcome.HOLDS if known else Outcome.FAILS
    return Step("a field A X", How.DERIVED, outcome, "" if known else f"{flow.name} has none")


SOFTMAX = Domain("a softmax", _is_softmax, kind=True)


def derive_stochastic(flow: Flow) -> Stochastic:
    """Return that rows sum to 1 and that entries are positive."""
    return Stochastic(S.One)


def _row_total(matrix: MatrixExpr) -> tuple[Expr | None, str]:
    """Return the sum of a row, reduced; None with a reason where the algebra doesn't reach it."""
    if isinstance(matrix, MaskedSoftmax) and matrix.mask.everybody_sees:
        return S.One, ""
    if is_row_normalised(matrix):
        return S.One, ""
    if isinstance(matrix, Sinkhorn) and Transpose(matrix.scores).doit() == matrix.scores:
        return S.One, ""  # what its potential is defined by
    if type(matrix) is RowSoftmax and matrix.shape[0] != matrix.shape[1]:
        return S.One, ""
    try:
        return residual(RowAlgebra().column(matrix * OneMatrix(n, 1))), ""
    except (NotImplementedError, ValueError) as error:
        return None, str(error)


def _at_a_point(matrix: MatrixExpr, prediction: Stochastic, rng: np.random.Generator) -> str:
    """Draw a point and say what it shows against row sum and sign, or ""."""
    point, rows = weights_at_a_point(matrix, rng)
    for i, row in enumerate(rows, start=1):
        left = sum(row) - point.evaluator().scalar(prediction.row_sum)
        if excludes_zero(left):
            return f"row {i} sums to {decimal(sum(row))} at {point}"
        for j, entry in enumerate(row, start=1):
            if prediction.positive and entry.b <= 0:
                sign = "<" if entry.b < 0 else "is not >"
                return f"A_{i}{j} = {decimal(entry)} {sign} 0 at {point}"
            if not prediction.positive and entry.a > 0:
                return f"A_{i}{j} = {decimal(entry)} > 0 at {point}"
    return ""


def refute_stochastic(
    flow: Flow, prediction: Stochastic | None, budget: Budget
) -> Counterexample | None:
    """Find an entry of the wrong sign, a zero of a mask, or a row with another sum."""
    if prediction is None:
        return None
    found = (_wrong(matrix, prediction, budget) for matrix in _attention(flow))
    return next(filter(None, found), None)


def _wrong(matrix: MatrixExpr, prediction: Stochastic, budget: Budget) -> Counterexample | None:
    if prediction.positive and isinstance(matrix, MaskedSoftmax):
        if matrix.mask.unseen is not None:
            i, j, least = matrix.mask.unseen
            return Counterexample(
                f"A_{i}{j} = 0, not positive: token {i} doesn't see token {j}", {"n": f">= {least}"}
            )
    total, _ = _row_total(matrix)
    if positive_entries(matrix) and prediction.positive and total == prediction.row_sum:
        return None
    for _ in range(max(budget.cases, 1)):
        try:
            found = _at_a_point(matrix, prediction, budget.rng)
        except NotImplementedError:
            return None
        except NoEnclosureError:  # a row whose sum may be 0
            continue
        if found:
            return Counterexample(found)
    return None


def conclude(flow: Flow, prediction: Stochastic) -> Conclusion | Refusal:
    """Say it of the weights of a flow at its states."""
    if not prediction.positive:
        return Refusal("it is said that no entry is positive")
    subject = subject_in(flow)
    if isinstance(subject, Refusal):
        return subject
    put = (matrix.xreplace(flow.values) for matrix in _attention(flow))
    return stochastic(subject, put, prediction.row_sum)


ROWS: Statement[Stochastic] = Statement(
    "(2.5)",
    "weights of a row are positive and sum to 1",
    Concludes(conclude),
    derive_stochastic,
    refute_stochastic,
    domain=(SOFTMAX,),
    premises=(Premise("MATRIX", _is_matrix),),
    cases=_as_field,
    several_blocks=True,
    typed=True,
)


_SCORES = beta * X * Q.T * K * X.T


STOCHASTIC = Claim(
    "(2.5)",
    "The attention matrix is row-stochastic with positive entries.",
    RowSoftmax(_SCORES, m),
    Stochastic(S.One),
    ROWS,
    (
        Control("no division by Z_i", model=Elementwise(exp, _SCORES) * DiagMatrix(m)),
        Control("the exponential dropped", model=_SCORES * DiagMatrix(m)),
        Control("row sum 1 -> n", prediction=Stochastic(n)),
        Control(
            "3 A(β) - 2 A(2β), of row sum 1",
            model=3 * RowSoftmax(_SCORES, m) - 2 * RowSoftmax(2 * _SCORES, m),
        ),
        Control(
            "division by the column sums Σ_i m_i e^{S_ij}",
            model=MatMul(
                Elementwise(exp, _SCORES),
                DiagMatrix(Elementwise(exp, Transpose(_SCORES)) * m) ** -1,
                DiagMatrix(m),
            ),
        ),
    ),
    Verdict.PROVED,
    equivalents=(
        Equivalent("a softmax of any scores is stochastic", ("model: e^u*", "model: β -> β²")),
    ),
)


CLAIMS = (STOCHASTIC,)
