"""Values of matrix expressions at given points, by plain matrix arithmetic.

``Evaluator`` puts in numbers, or elements of any ring, for the matrix symbols.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from sympy import (
    DiagMatrix,
    Expr,
    Float,
    FunctionMatrix,
    HadamardProduct,
    Identity,
    Integer,
    Inverse,
    MatAdd,
    MatMul,
    MatPow,
    MatrixSymbol,
    OneMatrix,
    Rational,
    S,
    Transpose,
    ZeroMatrix,
    exp,
    sqrt,
)
from sympy.matrices import MatrixBase
from sympy.matrices.expressions import MatrixExpr
from sympy.matrices.expressions.applyfunc import ElementwiseApplyFunction
from sympy.matrices.expressions.diagonal import DiagonalMatrix
from sympy.matrices.expressions.hadamard import HadamardPower

from theory.atoms import (
    Elementwise,
    MaskedSoftmax,
    MatrixExponential,
    RowNormalize,
    RowSoftmax,
    Sinkhorn,
    Tangent,
)
from theory.finite_sums import FiniteSum
from theory.masks import GRAPH, Mask
from theory.norms import LayerNorm
from theory.positions import Distances, Rotary
from theory.symbols import z
from theory.weights import SinkSoftmax, SquaredDistances

Rows = list[list[Any]]


def _expression(value: Any) -> Any:
    return value


def _substitute(body: Expr, value: Any) -> Any:
    return body.subs(z, value)


@dataclass(frozen=True)
class Evaluator:
    """Values of matrix expressions, in any arithmetic that has ``+``, ``*`` and (if needed) ``/``.

    Parameters
    ----------
    values : mapping from MatrixSymbol to Rows or MatrixBase
        Entries of the matrices; elements of the arithmetic.
    sizes : mapping
        Numbers for the symbolic sizes, such as ``{n: 3, d: 2}``.
    scalar : callable
        Brings a scalar expression into the arithmetic; the identity by default.
    apply : callable
        ``apply(body, value)``: the function ``body`` of ``theory.symbols.z`` at ``value``.
    width, form : Expr and Rows, optional
        When the rows of width ``width`` are coordinates in a basis that isn't orthonormal, its
        Gram matrix: the transpose is then the adjoint, and ``X*X.T`` holds inner products.
    memo : dict
        Values found so far.

    Examples
    --------
    >>> from sympy import Matrix
    >>> from theory.symbols import X, n, d
    >>> Evaluator({X: Matrix([[1, 0], [3, 4]])}, {n: 2, d: 2})(X * X.T)
    [[1, 3], [3, 25]]
    """

    values: Mapping[Any, Any]
    sizes: Mapping[Any, int] = field(default_factory=dict)
    scalar: Callable[[Any], Any] = _expression
    apply: Callable[[Expr, Any], Any] = _substitute
    width: Any = None
    form: Rows | None = None
    memo: dict[Any, Rows] = field(default_factory=dict)

    def with_value(self, symbol: MatrixSymbol, entries: Rows) -> Evaluator:
        """Give one symbol other entries; what doesn't hold the symbol is not computed again."""
        kept = {e: v for e, v in self.memo.items() if symbol not in e.free_symbols}
        return Evaluator(
            {**self.values, symbol: entries},
            self.sizes,
            self.scalar,
            self.apply,
            self.width,
            self.form,
            kept,
        )

    def __call__(self, expr: MatrixExpr) -> Rows:
        """Rows of the value of ``expr``."""
        if expr not in self.memo:
            self.memo[expr] = self._compute(expr)
        return self.memo[expr]

    def shape(self, expr: MatrixExpr) -> tuple[int, int]:
        """Shape as numbers; a ValueError where a size has none."""
        rows, columns = (S(s).subs(dict(self.sizes)) for s in expr.shape)
        if not (rows.is_Integer and columns.is_Integer):
            raise ValueError(f"Expected sizes with numbers but got shape={expr.shape} of {expr}.")
        return int(rows), int(columns)

    def _function(self, body: Expr, rows: Rows) -> Rows:
        body = self._sized(body)
        return [[self.apply(body, value) for value in row] for row in rows]

    def _sized(self, scalar: Expr) -> Expr:
        """Scalar with numbers for the sizes in it, such as the mean's 1/d.

        Not with a form: coordinates stand for components of any number, and tokens for others.
        """
        if self.form is not None:
            return scalar
        return scalar.xreplace({size: S(number) for size, number in self.sizes.items()})

    def _compute(self, expr: Any) -> Rows:
        if expr in self.values:
            entries = self.values[expr]
            rows: Rows = entries.tolist() if isinstance(entries, MatrixBase) else entries
            return rows
        if isinstance(expr, MatrixBase):
            return [[self.scalar(value) for value in row] for row in expr.tolist()]
        zero, one = self.scalar(S.Zero), self.scalar(S.One)
        if isinstance(expr, ZeroMatrix | OneMatrix | Identity):
            height, breadth = self.shape(expr)
            same, other = {ZeroMatrix: (zero, zero), OneMatrix: (one, one)}.get(
                type(expr), (one, zero)
            )
            return [[same if i == j else other for j in range(breadth)] for i in range(height)]
        if isinstance(expr, MatAdd):
            return _combine(lambda a, b: a + b, *map(self, expr.args))
        if isinstance(expr, HadamardProduct):
            return _combine(lambda a, b: a * b, *map(self, expr.args))
        if isinstance(expr, MatMul):
            return self._matmul(expr)
        if isinstance(expr, Transpose):
            moved = [list(column) for column in zip(*self(expr.arg), strict=True)]
            if self.form is not None and expr.arg.shape[1] == self.width:
                return _times(self.form, moved, zero)
            return moved
        if isinstance(expr, ElementwiseApplyFunction):
            own = Elementwise(expr.function, expr.expr)
            return self._function(own.body, self(own.expr))
        if isinstance(expr, HadamardPower):
            return self._function(z**expr.exp, self(expr.base))
        if isinstance(expr, DiagMatrix):
            return _diagonal([row[0] for row in self._column(expr.args[0])], zero)
        if isinstance(expr, DiagonalMatrix):
            return _diagonal([row[i] for i, row in enumerate(self(expr.args[0]))], zero)
        if isinstance(expr, Inverse | MatPow):
            return self._matpow(expr)
        if isinstance(expr, RowSoftmax) and not isinstance(expr, Sinkhorn):
            return self._softmax(expr)
        if isinstance(expr, SinkSoftmax | SquaredDistances | Distances | Rotary):
            return self(expr.elementary())
        if isinstance(expr, FunctionMatrix):
            height, breadth = self.shape(expr)
            sized = expr.lamda.xreplace({s: Integer(v) for s, v in self.sizes.items()})
            return [[self.scalar(sized(i, j)) for j in range(breadth)] for i in range(height)]
        if isinstance(expr, Mask):
            return self._mask(expr)
        if isinstance(expr, Tangent):
            return self._tangent(expr)
        if isinstance(expr, FiniteSum) and (count := expr.count.subs(dict(self.sizes))).is_Integer:
            return self(FiniteSum(expr.term, count, expr.args[2]).doit())
        if isinstance(expr, RowNormalize):
            rows = self(expr.args[0])
            lengths = [sum((a * a for a in row), zero) for row in rows]
            return [
                [self.apply(1 / sqrt(z), length) * a for a in row]
                for length, row in zip(lengths, rows, strict=True)
            ]
        if isinstance(expr, LayerNorm):
            return self._layer_norm(expr)
        if isinstance(expr, MatrixExponential) and not expr.free_symbols & set(self.values):
            return self(expr.args[0].as_explicit().exp())
        if isinstance(expr, MatrixExponential):
            return self._exponential(self(expr.args[0]))
        return self._written_out(expr)

    def _exponential(self, rows: Rows) -> Rows:
        """Sum the series of ``e^A`` to the digits that the entries have."""
        entries = [value for row in rows for value in row]
        if not all(isinstance(value, Float) or value == 0 for value in entries):
            raise NotImplementedError(
                "Expected decimal entries for e^A but got others; give it no symbols."
            )
        zero, one = self.scalar(S.Zero), self.scalar(S.One)
        total = term = _diagonal([one] * len(rows), zero)
        order = 0
        while order < 10 or any(abs(a) > Float(10) ** -40 for row in term for a in row):
            order += 1
            term = [[a / order for a in row] for row in _times(term, rows, zero)]
            total = _combine(lambda a, b: a + b, total, term)
        return total

    def _written_out(self, expr: Any) -> Rows:
        """Evaluate an atom by its plain form, or else by its entries."""
        try:
            if hasattr(expr, "elementary"):
                return self(expr.elementary())
            return self._entries(expr)
        except (AttributeError, NotImplementedError, TypeError) as error:
            raise NotImplementedError(
                f"Expected an operation with entries but got expr={type(expr).__name__} ({expr}); "
                "give a value to every matrix symbol, and evaluate Sinkhorn with numerics."
            ) from error

    def _entries(self, expr: Any) -> Rows:
        if isinstance(expr, MatrixSymbol) or self.form is not None:
            raise NotImplementedError(f"Expected a value for {expr} but got none.")
        height, breadth = self.shape(expr)
        sized = expr.xreplace(dict(self.sizes))
        values = {
            MatrixSymbol(symbol.name, *self.shape(symbol))[i, j]: entry
            for symbol in expr.atoms(MatrixSymbol)
            for i, row in enumerate(self(symbol))
            for j, entry in enumerate(row)
        }
        return [
            [self.scalar(sized[i, j].xreplace(values)) for j in range(breadth)]
            for i in range(height)
        ]

    def _mask(self, expr: Mask) -> Rows:
        if expr.kind == GRAPH:
            return self(expr.parameter)
        count, _ = self.shape(expr)
        return [[self.scalar(value) for value in row] for row in expr.on(count).tolist()]

    def _tangent(self, expr: Tangent) -> Rows:
        points, values = self(expr.points), self(expr.field)
        zero = self.scalar(S.Zero)
        dual = points if self.form is None else _times(points, self.form, zero)
        projected = []
        for point, covector, value in zip(points, dual, values, strict=True):
            radial = sum((a * b for a, b in zip(value, covector, strict=True)), zero)
            projected.append([v - radial * p for v, p in zip(value, point, strict=True)])
        return projected

    def _layer_norm(self, expr: LayerNorm) -> Rows:
        gain, bias = ([row[0] for row in self(part)] for part in (expr.gain, expr.bias))
        share, zero = self.scalar(Rational(1, len(gain))), self.scalar(S.Zero)
        body = self._sized(1 / sqrt(z + expr.eps))
        out = []
        for row in self(expr.field):
            mean = sum(row, zero) * share if expr.centred else zero
            moved = [value - mean for value in row]
            root = self.apply(body, sum((a * a for a in moved), zero) * share)
            out.append([g * (root * a) + b for g, a, b in zip(gain, moved, bias, strict=True)])
        return out

    def _column(self, vector: MatrixExpr) -> Rows:
        rows = self(vector)
        return [[a] for a in rows[0]] if len(rows) == 1 and len(rows[0]) > 1 else rows

    def _matmul(self, expr: MatMul) -> Rows:
        zero = self.scalar(S.Zero)
        coefficient, product = expr.as_coeff_mmul()
        factors = list(product.args) if isinstance(product, MatMul) else [product]
        value = self(factors[-1])
        for factor in reversed(factors[:-1]):
            if isinstance(factor, DiagMatrix | DiagonalMatrix):
                weights = [row[i] for i, row in enumerate(self(factor))]
                value = [[w * a for a in row] for w, row in zip(weights, value, strict=True)]
            else:
                value = _times(self(factor), value, zero)
        if coefficient == 1:
            return value
        scale = self.scalar(self._sized(coefficient))
        return [[scale * a for a in row] for row in value]

    def _matpow(self, expr: Any) -> Rows:
        zero, one = self.scalar(S.Zero), self.scalar(S.One)
        base, power = expr.args[0], (int(expr.args[1]) if len(expr.args) > 1 else -1)
        rows = self(base)
        if isinstance(base, DiagMatrix | DiagonalMatrix):
            factors = [
                one / row[i] if power < 0 else row[i]  # a field is needed only here
                for i, row in enumerate(rows)
            ]
            total = [one] * len(rows)
            for _ in range(abs(power)):
                total = [a * b for a, b in zip(total, factors, strict=True)]
            return _diagonal(total, zero)
        if power < 0:
            raise NotImplementedError(
                f"Expected the inverse of a diagonal matrix but got expr={expr}; "
                "solve the system outside the expression."
            )
        value = _diagonal([one] * len(rows), zero)
        for _ in range(power):
            value = _times(value, rows, zero)
        return value

    def _softmax(self, expr: RowSoftmax) -> Rows:
        zero = self.scalar(S.Zero)
        masses = [row[0] for row in self(expr.masses)]
        weights = [
            [a * w for a, w in zip(row, masses, strict=True)]
            for row in self._function(exp(z), self(expr.scores))
        ]
        if isinstance(expr, MaskedSoftmax):
            return self._masked(expr.mask, weights)
        return [[w / total for w in row] for row in weights for total in [sum(row, zero)]]

    def _masked(self, mask: Mask, weights: Rows) -> Rows:
        """Shares of the tokens seen; a row that sees nobody is zero."""
        zero = self.scalar(S.Zero)
        if mask.kind == GRAPH:  # its entries are elements of the arithmetic
            weights = _combine(lambda a, w: a * w, self(mask.parameter), weights)
            return [[w / total for w in row] for row in weights for total in [sum(row, zero)]]
        shares = []
        for i, row in enumerate(weights):
            seen = [j for j, entry in enumerate(mask.on(len(row)).row(i)) if entry]
            total = sum((row[j] for j in seen), zero)
            shares.append([w / total if j in seen else zero for j, w in enumerate(row)])
        return shares


def _combine(operation: Callable[[Any, Any], Any], first: Rows, *others: Rows) -> Rows:
    value = first
    for other in others:
        value = [
            [operation(a, b) for a, b in zip(r, s, strict=True)]
            for r, s in zip(value, other, strict=True)
        ]
    return value


def _times(left: Rows, right: Rows, zero: Any) -> Rows:
    columns = list(zip(*right, strict=True))
    return [
        [
            sum((a * b for a, b in zip(row, column, strict=True) if a and b), zero)
            for column in columns
        ]
        for row in left
    ]


def _diagonal(values: list[Any], zero: Any) -> Rows:
    return [[a if i == j else zero for j in range(len(values))] for i, a in enumerate(values)]
