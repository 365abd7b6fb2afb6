"""Matrix expressions in 50 digits, and how large they are when every term counts as positive.

Nothing here is shared with the printer: an atom is evaluated as it reads in plain SymPy
(``elementary``), or entry by entry. The sizes go with the values: of a sum the sum of the sizes, of
a product their product, of a function what it is at the size, of e^x the value itself.
"""

from __future__ import annotations

from functools import lru_cache

import mpmath
import sympy as sp
from sympy import DiagMatrix, MatAdd, MatMul, MatPow, MatrixSymbol
from sympy.matrices.expressions import MatrixExpr
from sympy.matrices.expressions.applyfunc import ElementwiseApplyFunction
from sympy.matrices.expressions.diagonal import DiagonalMatrix, DiagonalOf
from sympy.matrices.expressions.hadamard import HadamardProduct

from theory.atoms import Sinkhorn
from theory.finite_sums import FiniteSum
from theory.symbols import z

DIGITS = 50


class Exact:
    """Expressions at given values.

    Parameters
    ----------
    sizes : mapping from Symbol to int
        Numbers of rows and columns, n and d among them.
    scalars : mapping from Symbol to float
        Values of scalar parameters, and of the time.
    matrices : mapping from name to array
        Values of matrix symbols.
    """

    def __init__(self, sizes, scalars, matrices):
        self.sizes = {symbol: sp.Integer(size) for symbol, size in sizes.items()}
        known = {**scalars, **sizes}
        self.scalars = {symbol: _leaf(value) for symbol, value in known.items()}
        self.matrices = {
            name: [[_leaf(entry) for entry in row] for row in value]
            for name, value in matrices.items()
        }
        self.found = {}

    def __call__(self, expr):
        """Give rows of pairs (value, size)."""
        with mpmath.workdps(DIGITS):
            return self.matrix(expr)

    def size(self, symbol):
        return int(sp.sympify(symbol).xreplace(self.sizes))

    # -- matrices

    def matrix(self, expr):
        if expr not in self.found:
            self.found[expr] = self._matrix(expr)
        return self.found[expr]

    def _matrix(self, expr):
        rows, columns = map(self.size, expr.shape)
        if isinstance(expr, MatrixSymbol):
            value = self.matrices[expr.name]
            assert len(value) == rows and len(value[0]) == columns, expr
            return value
        if isinstance(expr, MatAdd):
            parts = [self.matrix(arg) for arg in expr.args]
            return _each(rows, columns, lambda i, j: _sum(part[i][j] for part in parts))
        if isinstance(expr, MatMul):
            scalars = [self.scalar(arg) for arg in expr.args if not arg.is_Matrix]
            value = _times_all([self.matrix(arg) for arg in expr.args if arg.is_Matrix])
            factor = _product(scalars)
            return [[_product((factor, entry)) for entry in row] for row in value]
        if isinstance(expr, sp.Transpose):
            value = self.matrix(expr.arg)
            return [list(row) for row in zip(*value, strict=True)]
        if isinstance(expr, HadamardProduct):
            parts = [self.matrix(arg) for arg in expr.args]
            return _each(rows, columns, lambda i, j: _product(part[i][j] for part in parts))
        if isinstance(expr, MatPow | sp.Inverse):
            assert isinstance(expr.args[0], DiagMatrix) and expr.args[1] == -1, expr
            column = self.matrix(expr.args[0].args[0])
            return _diagonal([_power(entry, -1) for (entry,) in column])
        if isinstance(expr, DiagMatrix):
            return _diagonal([entry for (entry,) in self.matrix(expr.args[0])])
        if isinstance(expr, DiagonalMatrix | DiagonalOf):
            value = self.matrix(expr.args[0])
            inner = [value[i][i] for i in range(len(value))]
            return _diagonal(inner) if rows == columns else [[entry] for entry in inner]
        if isinstance(expr, sp.OneMatrix):
            return _each(rows, columns, lambda i, j: ONE)
        if isinstance(expr, sp.ZeroMatrix):
            return _each(rows, columns, lambda i, j: ZERO)
        if isinstance(expr, sp.Identity):
            return _diagonal([ONE] * rows)
        if isinstance(expr, ElementwiseApplyFunction):
            body, value = expr.function(z), self.matrix(expr.expr)
            return _each(rows, columns, lambda i, j: self.scalar(body, {z: value[i][j]}))
        if isinstance(expr, Sinkhorn):
            return self._sinkhorn(expr)
        if hasattr(expr, "elementary"):
            try:
                return self.matrix(expr.elementary())
            except NotImplementedError:  # no such form for symbolic n
                pass
        if isinstance(expr, FiniteSum):
            return self.matrix(expr.doit())
        return self._by_entries(expr, rows, columns)

    def _by_entries(self, expr, rows, columns):
        """Evaluate what has no form of its own entry by entry."""
        explicit = expr if isinstance(expr, sp.MatrixBase) else expr.xreplace(self.sizes)
        return _each(rows, columns, lambda i, j: self.scalar(sp.sympify(explicit[i, j]).doit()))

    def _sinkhorn(self, expr):
        scores, masses = self.matrix(expr.scores), [e[0] for (e,) in self.matrix(expr.masses)]
        count = len(masses)
        kernel = _each(count, count, lambda i, j: masses[j] * mpmath.exp(scores[i][j][0]))
        u = [mpmath.mpf(1)] * count
        for _ in range(10_000):
            new = [
                mpmath.sqrt(u[i] / mpmath.fsum(kernel[i][j] * u[j] for j in range(count)))
                for i in range(count)
            ]
            change = max(abs(a - b) for a, b in zip(u, new, strict=True))
            u = new
            if change < mpmath.mpf(10) ** (5 - DIGITS):
                break
        return _each(count, count, lambda i, j: _leaf(u[i] * kernel[i][j] * u[j]))

    # -- numbers

    def scalar(self, expr, here=None):
        """Give a pair (value, size) of a number; `here` holds more values of symbols."""
        here = here or {}
        if expr in here:
            return here[expr]
        if expr.is_Symbol:
            return self.scalars[expr]
        if isinstance(expr, sp.matrices.expressions.matexpr.MatrixElement):
            row, column = (self.size(place) for place in expr.args[1:])
            return self.matrix(expr.args[0])[row][column]
        if expr.is_number:
            return _leaf(sp.N(expr, DIGITS)._to_mpmath(int(DIGITS * 3.4)))
        if isinstance(expr, sp.Piecewise):
            for value, condition in expr.args:
                if self._holds(condition, here):
                    return self.scalar(value, here)
        if isinstance(expr, MatrixExpr):
            return self.matrix(expr)[0][0]
        args = [self.scalar(arg, here) for arg in expr.args]
        if isinstance(expr, sp.Add):
            return _sum(args)
        if isinstance(expr, sp.Mul):
            return _product(args)
        if isinstance(expr, sp.exp):
            return _leaf(mpmath.exp(args[0][0]))
        if isinstance(expr, sp.Pow):
            if expr.base is sp.E:
                return _leaf(mpmath.exp(args[1][0]))
            return _power(args[0], args[1][0])
        function = _function(expr.func, len(args))
        value = function(*(arg[0] for arg in args))
        return value, max(abs(value), abs(function(*(arg[1] for arg in args))))

    def _holds(self, condition, here):
        sides = {arg: self.scalar(arg, here)[0] for arg in getattr(condition, "args", ())}
        if condition in (True, False):
            return bool(condition)
        if isinstance(condition, sp.And | sp.Or | sp.Not | sp.Xor):
            values = [self._holds(arg, here) for arg in condition.args]
            return bool(condition.func(*values))
        left, right = (sides[arg] for arg in condition.args)
        return bool(condition.func(sp.Float(left, DIGITS), sp.Float(right, DIGITS)))


def _leaf(value):
    number = value if isinstance(value, mpmath.mpf) else mpmath.mpf(float(value))
    return number, abs(number)


ZERO, ONE = (mpmath.mpf(0), mpmath.mpf(0)), (mpmath.mpf(1), mpmath.mpf(1))


@lru_cache(maxsize=64)
def _function(function, count):
    names = sp.symbols(f"a:{count}", real=True)
    if function.__name__ == "PositivePart":
        return lambda base, power: base**power if base > 0 else mpmath.mpf(0)
    return sp.lambdify(names, function(*names), "mpmath")


def _power(entry, power):
    value, size = entry
    raised = mpmath.power(value, power)
    if power >= 0:
        return raised, size**power
    return raised, abs(raised) * (size / abs(value)) ** -power


def _sum(entries):
    parts = list(entries)
    return mpmath.fsum(p[0] for p in parts), mpmath.fsum(p[1] for p in parts)


def _product(entries):
    value, size = mpmath.mpf(1), mpmath.mpf(1)
    for entry in entries:
        value, size = value * entry[0], size * entry[1]
    return value, size


def _each(rows, columns, entry):
    return [[entry(i, j) for j in range(columns)] for i in range(rows)]


def _diagonal(entries):
    count = len(entries)
    return _each(count, count, lambda i, j: entries[i] if i == j else ZERO)


def _times_all(matrices):
    value = matrices[0]
    for other in matrices[1:]:
        columns = list(zip(*other, strict=True))
        value = [
            [_sum(_product(pair) for pair in zip(row, column, strict=True)) for column in columns]
            for row in value
        ]
    return value
