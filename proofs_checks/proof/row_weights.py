"""The matrix A of weights of a field A X, read off it, and its entries at rational points.

A negative entry between tokens of an open hemisphere shows that weights aren't positive there.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from sympy import DiagMatrix, Expr, MatAdd, MatMul, OneMatrix
from sympy.matrices.expressions import MatrixExpr

from proofs_checks.decide import NoEnclosureError, decide_positive
from proofs_checks.proof.flow import Flow
from proofs_checks.proof.schedules import parted
from proofs_checks.proof.witness import Witness, decimal
from theory.atoms import Elementwise, MaskedSoftmax, RowSoftmax, Tangent, is_row_normalised
from theory.symbols import X, m
from theory.weights import SinkSoftmax

_DRAWS = 25
"""Points at which a negative weight is looked for."""


def weights_of(flow: Flow) -> MatrixExpr | None:
    """Return A of a field A X, or A X V^T, a scalar in front of a flow apart; None for others."""
    velocity = flow.model.velocity
    field = velocity.field if isinstance(velocity, Tangent) else velocity
    if not isinstance(field, MatMul):
        return None
    if flow.model.kind == "flow":
        field = field.as_coeff_mmul()[1]
    parts = getattr(field, "args", ())
    places = [place for place, part in enumerate(parts) if part == X]
    if not places:
        return None
    left = parts[: places[-1]]
    return left[0] if len(left) == 1 else MatMul(*left)


def positive_entries(matrix: MatrixExpr) -> bool:
    """Whether every entry is positive by the form of the matrix, masses m being positive."""
    if isinstance(matrix, RowSoftmax):
        known = matrix.masses == m or isinstance(matrix.masses, OneMatrix)
        return not isinstance(matrix, MaskedSoftmax) and known
    if isinstance(matrix, SinkSoftmax):
        return matrix.positive and matrix.masses == m
    if isinstance(matrix, MatAdd):
        return all(map(positive_entries, matrix.args))
    if isinstance(matrix, Elementwise):
        return _positive_function(matrix)
    if isinstance(matrix, MatMul):
        factor, rest = matrix.as_coeff_mmul()
        own = rest.args[1:] if is_row_normalised(rest) else rest.args
        parts = [part for part in own if part != DiagMatrix(m)]
        return bool(parts and factor.is_positive) and all(map(positive_entries, parts))
    return False


def _positive_function(matrix: Elementwise) -> bool:
    """Whether a function is positive, on [-1, 1] where it is of components or inner products."""
    if matrix.body.is_positive:
        return True
    unit = matrix.expr in (X, X.T, X * X.T)
    return unit and decide_positive(matrix.body).for_all


def weights_at_a_point(matrix: MatrixExpr, rng: np.random.Generator) -> tuple[Witness, Any]:
    """Draw five tokens, and enclose the weights there."""
    point = Witness(rng, [matrix], tokens=5)
    plain = matrix.replace(
        lambda part: isinstance(part, RowSoftmax), lambda part: part.elementary()
    )
    return point, point.evaluator()(plain)


def adds_positive_rows(flow: Flow) -> bool:
    """Whether the weights are a sum of softmaxes, times a factor > 0, the schedule apart."""
    matrix = weights_of(flow) if isinstance(flow.model.velocity, Tangent) else None
    return matrix is not None and _constant(flow).is_positive and positive_entries(matrix)


def _constant(flow: Flow) -> Expr:
    factor = flow.model.velocity.field.as_coeff_mmul()[0].subs(flow.values)
    return parted(factor)[0]


def repelling_weight(flow: Flow) -> str:
    """Find a negative weight between tokens of an open hemisphere, the schedule apart, or ""."""
    matrix = weights_of(flow) if isinstance(flow.model.velocity, Tangent) else None
    if matrix is None or not matrix.atoms(RowSoftmax):
        return ""
    constant = _constant(flow)
    if isinstance(matrix, RowSoftmax) and matrix.masses == m and constant.is_negative:
        return f"A_11 < 0, a softmax times {constant}"
    if not constant.is_positive or positive_entries(matrix):
        return ""
    rng = np.random.default_rng(0)
    for _ in range(_DRAWS):
        try:
            point, rows = weights_at_a_point(matrix, rng)
        except NotImplementedError:
            return ""
        except NoEnclosureError:  # a row of masses of either sign that sums to 0
            continue
        tokens = point.matrices[X]
        if min(tokens) == max(tokens) or not _over(tokens):
            continue
        for i, row in enumerate(rows):
            for j, entry in enumerate(row):
                if tokens[i] != tokens[j] and entry.b < 0:
                    return f"A_{i + 1}{j + 1} = {decimal(entry)} < 0 at {point}"
    return ""


def _over(tokens: Any) -> bool:
    """Whether tokens have positive products with their sum: they are in an open hemisphere."""
    total = [sum(column) for column in zip(*tokens, strict=True)]
    return all(sum(a * b for a, b in zip(row, total, strict=True)) > 0 for row in tokens)


__all__ = ["positive_entries", "repelling_weight", "weights_at_a_point", "weights_of"]
