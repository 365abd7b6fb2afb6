"""Whether a velocity is continuous: no norm that it divides by, and no divisor, vanishes.

Compactness and existence for all times ask for it. ``RowNormalize(X*Q.T)`` has no limit where
Qx = 0, and rows of weights ``max(-g, 0)`` are 0 where tokens agree.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from sympy import (
    DiagMatrix,
    Expr,
    HadamardProduct,
    Inverse,
    MatMul,
    MatPow,
    Matrix,
    MatrixSymbol,
    OneMatrix,
    Transpose,
    nan,
    oo,
    preorder_traversal,
    sqrt,
    zoo,
)
from sympy.matrices.expressions.diagonal import DiagonalMatrix

from proofs_checks.decide import decide_positive, exact_rows
from proofs_checks.proof.fixed import Fixed
from proofs_checks.proof.flow import Flow
from proofs_checks.proof.hypotheses import Premise
from proofs_checks.proof.sheet import How, Outcome, Step
from theory.atoms import Elementwise, MaskedSoftmax, RowNormalize, RowSoftmax
from theory.engines import Evaluator
from theory.positions import Rotary
from theory.symbols import X, m, z
from theory.weights import SinkSoftmax

Found = tuple[Outcome, str]
"""Whether something stays away from 0, and where it is 0, or why that isn't known."""

_APART: Found = (Outcome.HOLDS, "")


def _continuous(equal: bool, flow: Flow) -> Step:
    place = "at equal angles and at consensus" if equal else "over open hemispheres"
    text = f"the velocity is continuous {place}: no norm or divisor is 0"
    worst = _APART
    for velocity in flow.model.velocities.values():
        for found in _divisors(flow, velocity, equal):
            if found[0] is Outcome.FAILS:
                return Step(text, How.DERIVED, *found)
            worst = found if found[0] is not Outcome.HOLDS else worst
    return Step(text, How.DERIVED, *worst)


CONTINUOUS = Premise("CONTINUOUS", Fixed(_continuous, False))
"""For tokens of an open hemisphere, where the proofs by convexity live."""

CONTINUOUS_AT_EQUAL_ANGLES = Premise("CONTINUOUS", Fixed(_continuous, True))


def _divisors(flow: Flow, velocity: Any, equal: bool) -> Iterator[Found]:
    """Ask everything that a velocity divides by."""
    for node in preorder_traversal(velocity):
        if isinstance(node, RowNormalize):
            yield _norm(flow, node.args[0], equal)
        elif isinstance(node, Elementwise) and node.shape[1] == 1 and _has_pole(node.body):
            yield _column(flow, node.expr, equal)
        elif isinstance(node, Inverse | MatPow) and isinstance(node.args[0], DiagMatrix):
            if isinstance(node, Inverse) or node.exp.is_negative is not False:
                yield _column(flow, node.args[0].args[0], equal)


def _has_pole(body: Expr) -> bool:
    return bool(body.subs(z, 0).has(oo, -oo, zoo, nan))


def _column(flow: Flow, column: Any, equal: bool) -> Found:
    """Ask a column of positive numbers: masses, lengths, sums of rows."""
    if column == m or isinstance(column, MatrixSymbol):
        return _APART  # masses, and blocks that live in the positive numbers
    if isinstance(column, Elementwise) and column.body in (z, sqrt(z)):
        return _column(flow, column.expr, equal)
    if isinstance(column, Elementwise) and column.body.is_positive:
        return _APART
    parts: tuple[Any, ...] = column.args if isinstance(column, MatMul) else ()
    if parts and all(_positive(flow, part) for part in parts):
        return _APART
    if len(parts) == 2 and isinstance(parts[1], OneMatrix):
        rows = _squared(parts[0])
        if rows is not None:
            return _norm(flow, rows, equal)
    if len(parts) == 2 and parts[1] == m and isinstance(parts[0], Elementwise):
        return _own_weight(flow, parts[0], equal, "a row's sum")
    return Outcome.GAP, f"it isn't shown that {column} stays away from 0"


def _positive(flow: Flow, matrix: Any) -> bool:
    """Whether every entry is positive: of masses, ones, features of coordinates in [-1, 1]."""
    if isinstance(matrix, Elementwise) and matrix.expr in (X, X.T):
        return decide_positive(matrix.body.subs(flow.values)).for_all
    return matrix == m or isinstance(matrix, OneMatrix)


def _squared(matrix: Any) -> Any:
    """Return F of the squares of its rows, ``diag(F F^T)`` or ``F∘F``; None for others."""
    if isinstance(matrix, HadamardProduct) and len(set(matrix.args)) == 1:
        return matrix.args[0]
    if isinstance(matrix, DiagonalMatrix) and isinstance(matrix.args[0], MatMul):
        letters = matrix.args[0].args
        half, odd = divmod(len(letters), 2)
        left, right = MatMul(*letters[:half]), MatMul(*letters[half:])
        if not odd and Transpose(left).doit() == right.doit():
            return left
    return None


def _norm(flow: Flow, field: Any, equal: bool) -> Found:
    """Ask whether a row of a field can be 0."""
    rest = field.as_coeff_mmul()[1] if isinstance(field, MatMul) else field
    letters: Sequence[Any] = rest.args if isinstance(rest, MatMul) else (rest,)
    if isinstance(letters[0], Rotary) and len(letters) == 1:
        return _norm(flow, letters[0].args[0], equal)  # a rotation keeps lengths
    if letters[0] == X and not any(part.has(X, m) for part in letters[1:]):
        return _kernel(flow, letters[1:])
    if letters[-1] == X and len(letters) == 2:
        head = letters[0]
        seen = not isinstance(head, MaskedSoftmax) or head.mask.everybody_sees
        if isinstance(head, RowSoftmax | SinkSoftmax) and head.masses == m and seen:
            return _APART
    if letters[-1] == X and len(letters) == 3 and letters[1] == DiagMatrix(m):
        if isinstance(letters[0], Elementwise):
            return _own_weight(flow, letters[0], equal, "|Σ_j A_ij x_j|")
    return Outcome.GAP, f"it isn't shown that no row of {field} is 0"


def _own_weight(flow: Flow, weights: Elementwise, equal: bool, words: str) -> Found:
    """Ask whether ``Σ_j m_j k(g_ij) x_j`` can be 0: its own term isn't where k(1) > 0, k >= 0."""
    kernel = weights.body.subs(flow.values)
    if weights.expr != X * X.T:
        return Outcome.GAP, f"the sign of {kernel}"
    own = decide_positive(kernel.subs(z, 1))
    if own.refuted and kernel.subs(z, 1).subs(own.witness) == 0:
        return Outcome.FAILS, f"{words} is 0 where tokens agree: k(1) = 0, k = {kernel}"
    if equal and (own.for_all or decide_positive(-kernel.subs(z, 1)).for_all):
        return _APART
    if own.for_all and decide_positive(kernel, strict=False).for_all:
        return _APART
    return Outcome.GAP, f"{words} may be 0: the sign of k = {kernel}"


def _kernel(flow: Flow, letters: Sequence[Any]) -> Found:
    """Ask whether ``x^T M`` can be 0 on the sphere."""
    if not letters:
        return _APART
    matrix = letters[0] if len(letters) == 1 else MatMul(*letters)
    values = {}
    for symbol in matrix.atoms(MatrixSymbol):
        value = flow.given.get(str(symbol))
        if value is None or callable(value):
            return Outcome.GAP, f"x^T {matrix} may be 0: give {symbol}, without a kernel"
        values[symbol] = exact_rows(value)
    rows = Matrix(exact_rows(Evaluator(values)(matrix)))
    null = rows.T.nullspace()
    if not null:
        return _APART
    return Outcome.FAILS, f"x^T {matrix} = 0 at x ∝ {tuple(null[0])}"


__all__ = ["CONTINUOUS", "CONTINUOUS_AT_EQUAL_ANGLES"]
