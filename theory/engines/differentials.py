"""First-order differentials of matrix expressions.

``differential(F, X, U)`` is the part of F(X + εU) linear in ε: the Jacobian of a velocity without
components.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from typing import Any

from sympy import (
    Add,
    DiagMatrix,
    HadamardProduct,
    Inverse,
    MatAdd,
    MatMul,
    MatPow,
    MatrixSymbol,
    Mul,
    OneMatrix,
    Pow,
    S,
    Trace,
    Transpose,
    ZeroMatrix,
    sqrt,
)
from sympy.matrices.expressions import MatrixExpr
from sympy.matrices.expressions.applyfunc import ElementwiseApplyFunction
from sympy.matrices.expressions.diagonal import DiagonalMatrix
from sympy.matrices.expressions.hadamard import HadamardPower

from theory.atoms import Elementwise, RowNormalize, RowSoftmax, Sinkhorn, Tangent
from theory.norms import LayerNorm
from theory.positions import Rotary
from theory.symbols import z
from theory.weights import SinkSoftmax, SquaredDistances


@lru_cache(maxsize=2048)
def differential(expr: Any, variable: MatrixSymbol, direction: MatrixExpr) -> Any:
    """Part of ``expr(variable + ε direction)`` linear in ε, for every size of the matrices.

    Parameters
    ----------
    expr : MatrixExpr or Expr
        Matrix expression over SymPy's operations and the atoms of ``theory.atoms``, or a scalar
        made of traces.
    variable : MatrixSymbol
        The matrix that moves.
    direction : MatrixExpr
        How it moves; of the same shape.

    Returns
    -------
    MatrixExpr or Expr
        An expression linear in ``direction``, of the shape of ``expr``.

    Raises
    ------
    ValueError
        When the direction has another shape.
    NotImplementedError
        For an operation without a rule (``Sinkhorn``, whose potential is a fixed point).

    Examples
    --------
    >>> from sympy import MatrixSymbol
    >>> from theory.symbols import X, n, d
    >>> differential(X * X.T, X, MatrixSymbol("U", n, d))
    U*X.T + X*U.T
    """
    if direction.shape != variable.shape:
        raise ValueError(
            f"Expected a direction of the variable's shape {variable.shape} but got "
            f"direction={direction} of shape {direction.shape}; move every row of {variable}."
        )

    def rule(part: Any) -> Any:
        return differential(part, variable, direction)

    matrix = isinstance(expr, MatrixExpr)
    if expr == variable:
        return direction
    if variable not in expr.free_symbols:
        return ZeroMatrix(*expr.shape) if matrix else S.Zero
    if isinstance(expr, MatAdd):
        return MatAdd(*map(rule, expr.args)).doit(deep=False)
    if isinstance(expr, Add):
        return Add(*map(rule, expr.args))
    if isinstance(expr, MatMul | Mul | HadamardProduct):
        terms = []
        for place, factor in enumerate(expr.args):
            moved = rule(factor)
            if moved == 0 or isinstance(moved, ZeroMatrix):
                continue
            terms.append(_product(expr, (*expr.args[:place], moved, *expr.args[place + 1 :])))
        if matrix:
            return MatAdd(*terms).doit(deep=False) if terms else ZeroMatrix(*expr.shape)
        return Add(*terms)
    if isinstance(expr, Trace):
        return Trace(rule(expr.arg))
    if isinstance(expr, Pow) and variable not in expr.exp.free_symbols:
        return expr.exp * expr.base ** (expr.exp - 1) * rule(expr.base)
    if isinstance(expr, Transpose):
        return rule(expr.arg).T
    if isinstance(expr, ElementwiseApplyFunction):
        own = Elementwise(expr.function, expr.expr)
        return _hadamard(own.derivative(), rule(own.expr))
    if isinstance(expr, HadamardPower):
        slope = Elementwise(expr.exp * z ** (expr.exp - 1), expr.base)
        return _hadamard(slope, rule(expr.base))
    if isinstance(expr, Inverse | MatPow):
        return _power(expr, rule)
    if isinstance(expr, DiagMatrix | DiagonalMatrix):
        moved = rule(expr.args[0])
        return ZeroMatrix(*expr.shape) if isinstance(moved, ZeroMatrix) else type(expr)(moved)
    if isinstance(expr, RowSoftmax) and not isinstance(expr, Sinkhorn):
        if variable in expr.masses.free_symbols:
            return rule(expr.elementary())
        moved = _hadamard(expr, rule(expr.scores))
        if isinstance(moved, ZeroMatrix):
            return moved
        return moved - DiagMatrix(moved * OneMatrix(expr.shape[1], 1)) * expr
    if isinstance(expr, SinkSoftmax | SquaredDistances):
        return rule(expr.elementary())
    if isinstance(expr, Rotary):
        return Rotary(rule(expr.field), expr.base)
    if isinstance(expr, Tangent):
        points, values = expr.points, expr.field
        parts: list[MatrixExpr] = []
        moved, turned = rule(values), rule(points)
        if not isinstance(moved, ZeroMatrix):
            parts.append(Tangent(points, moved))
        if not isinstance(turned, ZeroMatrix):
            parts.append(-DiagonalMatrix(values * turned.T) * points)
            parts.append(-DiagonalMatrix(values * points.T) * turned)
        return MatAdd(*parts).doit(deep=False)
    if isinstance(expr, RowNormalize):
        values = expr.args[0]
        squares = HadamardProduct(values, values) * OneMatrix(values.shape[1], 1)
        return DiagMatrix(Elementwise(1 / sqrt(z), squares)) * Tangent(expr, rule(values))
    if isinstance(expr, LayerNorm):
        return _normed(expr, rule(expr.field))
    raise NotImplementedError(
        f"Expected an operation with a differential but got expr={type(expr).__name__}; "
        "rewrite it with the atoms of theory.atoms, or differentiate numerically."
    )


def _product(expr: Any, factors: tuple[Any, ...]) -> Any:
    if isinstance(expr, HadamardProduct):
        return _hadamard(*factors)
    return MatMul(*factors).doit(deep=False) if isinstance(expr, MatMul) else Mul(*factors)


def _normed(expr: LayerNorm, moved: MatrixExpr) -> MatrixExpr:
    """``q (dc - <y, dc>/d y)`` row by row, c the rows less their means and y = q c."""
    field, (rows, size) = expr.field, expr.shape
    ones = OneMatrix(size, 1)
    squares = DiagonalMatrix(field * field.T) * OneMatrix(rows, 1) / size
    if expr.centred:
        squares = squares - Elementwise(z**2, field * ones / size)
        moved = moved - DiagMatrix(moved * ones / size) * OneMatrix(rows, size)
    plain = LayerNorm(field, eps=expr.eps, centred=expr.centred)
    across = moved - DiagonalMatrix(plain * moved.T) * plain / size
    turned = DiagMatrix(Elementwise(1 / sqrt(z + expr.eps), squares)) * across
    return turned if isinstance(expr.gain, OneMatrix) else turned * DiagMatrix(expr.gain)


def _hadamard(*factors: MatrixExpr) -> MatrixExpr:
    for factor in factors:
        if isinstance(factor, ZeroMatrix):
            return factor
    return HadamardProduct(*factors)


def _power(expr: Any, rule: Callable[[Any], Any]) -> MatrixExpr:
    base, exponent = expr.args[0], (expr.args[1] if len(expr.args) > 1 else S.NegativeOne)
    if not exponent.is_Integer:
        raise NotImplementedError(
            f"Expected an integer power of a matrix but got expr={expr}; write it with "
            "products and inverses."
        )
    moved, power = rule(base), int(exponent)
    if isinstance(moved, ZeroMatrix):
        return moved
    if power > 0:
        terms = [base**j * moved * base ** (power - 1 - j) for j in range(power)]
    else:
        terms = [-(base ** (-j - 1)) * moved * base ** (power + j) for j in range(-power)]
    return MatAdd(*terms).doit(deep=False) if len(terms) > 1 else terms[0]


@lru_cache(maxsize=512)
def partial(expr: Any, symbol: Any) -> Any:
    """Differentiate a matrix expression by a scalar symbol that stands in its coefficients.

    Parameters
    ----------
    expr : MatrixExpr or Expr
        Sums, products, functions of entries and transposes of matrices.
    symbol : Symbol
        The scalar, such as the time t.

    Raises
    ------
    NotImplementedError
        Where it stands inside another operation.

    Examples
    --------
    >>> from sympy import exp
    >>> from theory.symbols import X, t
    >>> partial(t * Elementwise(exp(t * z), X), t)
    t*[z*exp(t*z) at z=X] + [exp(t*z) at z=X]
    """
    if not isinstance(expr, MatrixExpr):
        return expr.diff(symbol)
    if symbol not in expr.free_symbols:
        return ZeroMatrix(*expr.shape)
    if isinstance(expr, MatAdd):
        return MatAdd(*(partial(part, symbol) for part in expr.args)).doit(deep=False)
    if isinstance(expr, MatMul | HadamardProduct):
        terms = []
        for place, factor in enumerate(expr.args):
            moved = partial(factor, symbol)
            if moved == 0 or isinstance(moved, ZeroMatrix):
                continue
            terms.append(_product(expr, (*expr.args[:place], moved, *expr.args[place + 1 :])))
        return MatAdd(*terms).doit(deep=False) if terms else ZeroMatrix(*expr.shape)
    if isinstance(expr, Transpose):
        return partial(expr.arg, symbol).T
    if isinstance(expr, ElementwiseApplyFunction):
        own = Elementwise(expr.function, expr.expr)
        inner = partial(own.expr, symbol)
        parts = [Elementwise(own.body.diff(symbol), own.expr)]
        if not isinstance(inner, ZeroMatrix):
            parts.append(_hadamard(own.derivative(), inner))
        return MatAdd(*parts).doit(deep=False) if len(parts) > 1 else parts[0]
    raise NotImplementedError(
        f"Expected {symbol} in coefficients and functions of entries but got "
        f"expr={type(expr).__name__}; write the expression with those."
    )
