"""Matrices ``aI + bJ`` of any shape: several species, the tokens of each of them alike.

A matrix between two species, or a column, is ``bJ``; a square one has a further number a on its
diagonal. Sums, products and functions of entries are again of this form, for symbolic sizes.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import reduce
from typing import Any

from sympy import (
    DiagMatrix,
    Expr,
    Identity,
    Inverse,
    MatAdd,
    MatMul,
    MatPow,
    OneMatrix,
    S,
    Transpose,
    ZeroMatrix,
    sympify,
)
from sympy.matrices.expressions import MatrixExpr
from sympy.matrices.expressions.applyfunc import ElementwiseApplyFunction
from sympy.matrices.expressions.diagonal import DiagonalMatrix
from sympy.matrices.expressions.hadamard import HadamardPower, HadamardProduct


@dataclass(frozen=True)
class EvenMatrix:
    """``own I + entry J``, with ``own = 0`` unless it is square.

    Attributes
    ----------
    rows, columns : Expr
        Its shape.
    own : Expr
        By how much a diagonal entry exceeds the others.
    entry : Expr
        An entry off the diagonal.

    Examples
    --------
    >>> from sympy import symbols
    >>> n, l, a, b, c = symbols("n l a b c")
    >>> product = EvenMatrix(n, n, a, b) @ EvenMatrix(n, l, S.Zero, c)
    >>> product.entry
    a*c + b*c*n
    """

    rows: Expr
    columns: Expr
    own: Expr
    entry: Expr

    @property
    def square(self) -> bool:
        """Whether it has a diagonal of its own."""
        return bool(self.rows == self.columns and self.rows != 1)

    @property
    def diagonal(self) -> Expr:
        """An entry of the diagonal."""
        return self.own + self.entry

    @property
    def T(self) -> EvenMatrix:
        """The transpose."""
        return EvenMatrix(self.columns, self.rows, self.own, self.entry)

    def __add__(self, other: EvenMatrix) -> EvenMatrix:
        """Sum."""
        own, entry = self.own + other.own, self.entry + other.entry
        return EvenMatrix(self.rows, self.columns, own, entry)

    def __matmul__(self, other: EvenMatrix) -> EvenMatrix:
        """Product, by ``J J = size J``."""
        spread = self.own * other.entry + self.entry * other.own
        entry = spread + self.columns * self.entry * other.entry
        return EvenMatrix(self.rows, other.columns, self.own * other.own, entry)

    def scale(self, factor: Expr) -> EvenMatrix:
        """Multiple by a number."""
        return EvenMatrix(self.rows, self.columns, factor * self.own, factor * self.entry)

    def map(self, function: Callable[[Expr], Expr]) -> EvenMatrix:
        """Apply a function to each entry."""
        entry = function(self.entry)
        own = function(self.diagonal) - entry if self.square else S.Zero
        return EvenMatrix(self.rows, self.columns, own, entry)

    def hadamard(self, other: EvenMatrix) -> EvenMatrix:
        """Entrywise product."""
        entry = self.entry * other.entry
        own = self.diagonal * other.diagonal - entry if self.square else S.Zero
        return EvenMatrix(self.rows, self.columns, own, entry)

    def inverse(self) -> EvenMatrix:
        """``I/a - bJ/(a(a + size b))``, or one over a number."""
        if not self.square:
            return self.map(lambda value: 1 / value)
        entry = -self.entry / (self.own * (self.own + self.rows * self.entry))
        return EvenMatrix(self.rows, self.columns, 1 / self.own, entry)


def evaluate_even(expr: MatrixExpr, values: Mapping[Any, EvenMatrix]) -> EvenMatrix:
    """Evaluate a matrix expression at matrices ``aI + bJ``.

    Parameters
    ----------
    expr : MatrixExpr
    values : mapping from MatrixSymbol to EvenMatrix
        The configuration.

    Raises
    ------
    ValueError
        For an atom that treats rows differently, or has no plain form.

    Examples
    --------
    >>> from theory.symbols import G, gamma, n
    >>> evaluate_even(G * G, {G: EvenMatrix(n, n, 1 - gamma, gamma)}).entry.factor()
    gamma*(gamma*n - 2*gamma + 2)
    """

    def walk(node: Any) -> EvenMatrix:
        if node in values:
            return values[node]
        rows, columns = map(sympify, getattr(node, "shape", (S.One, S.One)))
        match node:
            case MatAdd():
                return reduce(lambda a, b: a + b, map(walk, node.args))
            case MatMul():
                factor, product = node.as_coeff_mmul()
                parts = product.args if isinstance(product, MatMul) else (product,)
                return reduce(lambda a, b: a @ b, map(walk, parts)).scale(factor)
            case Transpose():
                return walk(node.arg).T
            case Inverse():
                return walk(node.arg).inverse()
            case MatPow() if node.exp.is_Integer and node.exp != 0:
                base = walk(node.base) if node.exp > 0 else walk(node.base).inverse()
                return reduce(lambda a, b: a @ b, [base] * abs(int(node.exp)))
            case Identity():
                return EvenMatrix(rows, columns, S.One, S.Zero)
            case OneMatrix():
                return EvenMatrix(rows, columns, S.Zero, S.One)
            case ZeroMatrix():
                return EvenMatrix(rows, columns, S.Zero, S.Zero)
            case ElementwiseApplyFunction():
                return walk(node.expr).map(node.function)
            case HadamardProduct():
                return reduce(EvenMatrix.hadamard, map(walk, node.args))
            case HadamardPower():
                return walk(node.base).map(lambda value: value**node.exp)
            case DiagMatrix():
                return EvenMatrix(rows, columns, walk(node.args[0]).entry, S.Zero)
            case DiagonalMatrix():
                return EvenMatrix(rows, columns, walk(node.args[0]).diagonal, S.Zero)
        if hasattr(node, "elementary"):
            return walk(node.elementary())
        raise ValueError(
            f"Expected an expression that treats all rows alike but got node={node} of type "
            f"{type(node).__name__}; give it a value."
        )

    return walk(sympify(expr))


__all__ = ["EvenMatrix", "evaluate_even"]
