"""Positions in scores: distances of places (ALiBi) and rows turned by their place (RoPE).

A score ``β<x_i,x_j> - slope·|i-j|`` is ``beta*X*X.T - slope*Distances(n)``; a score
``β<R_i x_i, R_j x_j>``, R_i a rotation by an angle proportional to i, is
``beta*Rotary(X, base)*Rotary(X, base).T``. Both depend on the places through ``i - j`` alone.
"""

from __future__ import annotations

from typing import Any

from sympy import (
    Abs,
    And,
    Dummy,
    Eq,
    Expr,
    FunctionMatrix,
    HadamardProduct,
    Lambda,
    MatMul,
    Mod,
    Piecewise,
    S,
    ZeroMatrix,
    cos,
    floor,
    sin,
    sympify,
)
from sympy.matrices.expressions import MatrixExpr


class Distances(MatrixExpr):
    """How far apart two places are: entry (i, j) is |i - j|. A constant.

    Facts: symmetric, entries >= 0, and 0 on the diagonal alone.

    Parameters
    ----------
    size : Expr
        Number of places.

    Examples
    --------
    >>> Distances(3).as_explicit()
    Matrix([
    [0, 1, 2],
    [1, 0, 1],
    [2, 1, 0]])
    """

    symmetric = True
    nonnegative = True

    def __new__(cls, size: Any) -> Distances:
        """Build the atom."""
        obj: Distances = MatrixExpr.__new__(cls, sympify(size))
        return obj

    @property
    def shape(self) -> tuple[Any, Any]:
        """Shape (n, n)."""
        return (self.args[0], self.args[0])

    def elementary(self) -> MatrixExpr:
        """Return the matrix of the function |i - j|."""
        i, j = Dummy("i", integer=True), Dummy("j", integer=True)
        return FunctionMatrix(*self.shape, Lambda((i, j), Abs(i - j)))

    def _entry(self, i: Any, j: Any, **kwargs: Any) -> Expr:
        return Abs(sympify(i) - sympify(j))

    def doit(self, **hints: Any) -> Distances:
        """Return the matrix: it is its own value."""
        return self

    def _eval_transpose(self) -> Distances:
        return self

    def _eval_derivative(self, x: Any) -> Any:
        return ZeroMatrix(*self.shape)

    def _sympystr(self, printer: Any) -> str:
        return f"Distances({printer._print(self.args[0])})"

    def _latex(self, printer: Any) -> str:
        return r"\left[|i-j|\right]"


class Rotary(MatrixExpr):
    """Rows turned by their place: row i is ``R_i f_i`` with R_i = R^i a rotation.

    R turns the plane of the components 2c and 2c + 1 (from 0) by the angle ``base^(-2c/width)``;
    where the width is odd the last component stays. Places are counted from 0.

    Facts: linear in the field, lengths of rows are kept, and an inner product
    ``<R_i f, R_j g> = <f, R_{j-i} g>`` depends on the places through j - i alone.

    Parameters
    ----------
    field : MatrixExpr, shape (n, width)
        The rows, such as tokens ``X``, queries ``X*Q.T`` or keys ``X*K.T``.
    base : Expr
        Base of the frequencies, > 0; 10000 in most models.

    Examples
    --------
    >>> from sympy import Matrix
    >>> Rotary(Matrix([[1, 0], [1, 0]]), 10000).as_explicit()
    Matrix([
    [     1,      0],
    [cos(1), sin(1)]])
    """

    relative = True
    keeps_lengths = True

    def __new__(cls, field: Any, base: Any) -> Rotary:
        """Build the atom."""
        obj: Rotary = MatrixExpr.__new__(cls, sympify(field), sympify(base))
        if obj.args[1].is_nonpositive:
            raise ValueError(
                f"Expected base > 0 for the frequencies base^(-2c/d) but got base={base}; "
                "use 10000."
            )
        return obj

    @property
    def field(self) -> MatrixExpr:
        """The rows before they are turned."""
        return self.args[0]

    @property
    def base(self) -> Expr:
        """Base of the frequencies."""
        return self.args[1]

    @property
    def shape(self) -> tuple[Any, Any]:
        """Shape of the field."""
        return tuple(self.field.shape)

    def angle(self, i: Any, j: Any) -> Expr:
        """Angle by which component j of row i is turned."""
        i, j, width = sympify(i), sympify(j), sympify(self.shape[1])
        turned = i * self.base ** (-2 * floor(j / 2) / width)
        last = And(Eq(j, width - 1), Eq(Mod(width, 2), 1))
        return Piecewise((S.Zero, last), (turned, True))

    def elementary(self) -> MatrixExpr:
        """``C∘F + S∘(F J)``: cosines and sines of the angles, J a quarter turn of each plane."""
        i, j = Dummy("i", integer=True), Dummy("j", integer=True)
        rows, width = self.shape
        cosines = FunctionMatrix(rows, width, Lambda((i, j), cos(self.angle(i, j))))
        sines = FunctionMatrix(rows, width, Lambda((i, j), sin(self.angle(i, j))))
        even = Eq(Mod(j, 2), 0)
        entry = Piecewise(
            (-1, And(even, Eq(i, j + 1))), (1, And(Eq(Mod(j, 2), 1), Eq(i, j - 1))), (0, True)
        )
        quarter = FunctionMatrix(width, width, Lambda((i, j), entry))
        turned = MatMul(self.field, quarter)
        return HadamardProduct(cosines, self.field) + HadamardProduct(sines, turned)

    def _entry(self, i: Any, j: Any, **kwargs: Any) -> Expr:
        i, j, width = sympify(i), sympify(j), sympify(self.shape[1])
        if not (j.is_Integer and width.is_Integer):
            return self.elementary()[i, j]
        angle, other = self.angle(i, j), j + (-1) ** j
        if other >= width:
            return self.field[i, j]
        return cos(angle) * self.field[i, j] - (-1) ** j * sin(angle) * self.field[i, other]
