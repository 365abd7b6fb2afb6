"""Layer normalisation as transformers have it: an atom, its entries, and its facts.

``RowNormalize`` of ``theory.atoms`` is the normalisation of the paper, to length one.
"""

from __future__ import annotations

from typing import Any

from sympy import (
    DiagMatrix,
    Expr,
    MatAdd,
    MatMul,
    OneMatrix,
    S,
    Transpose,
    ZeroMatrix,
    sqrt,
    sympify,
)
from sympy.matrices.expressions import MatrixExpr

from theory.atoms import Elementwise
from theory.symbols import z


class LayerNorm(MatrixExpr):
    """Rows ``gain ∘ (F_i - mean)/√(var + eps) + bias``, mean and variance over the components.

    Facts: with gain 1 and bias 0 every row has sum zero, and a length below ``√d``. Where the mean
    isn't taken off (RMS normalisation) a rotation of F rotates the result.

    Parameters
    ----------
    field : MatrixExpr, shape (n, d)
        The rows F_i.
    gain, bias : MatrixExpr, shape (d, 1), optional
        What each component is multiplied by, and what is added to it.
    eps : Expr
        Added to the variance, > 0.
    centred : bool
        Whether the mean is taken off; otherwise the variance is the mean square.
    """

    def __new__(
        cls, field: Any, gain: Any = None, bias: Any = None, eps: Any = 0, centred: Any = True
    ) -> LayerNorm:
        """Check the shapes and build the atom."""
        field, eps, centred = sympify(field), sympify(eps), sympify(centred)
        size = field.shape[1]
        gain = OneMatrix(size, 1) if gain is None else sympify(gain)
        bias = ZeroMatrix(size, 1) if bias is None else sympify(bias)
        for name, column in (("gain", gain), ("bias", bias)):
            if tuple(getattr(column, "shape", ())) != (size, 1):
                raise ValueError(
                    f"Expected {name} of shape ({size}, 1) but got {name}={column}; use "
                    f'MatrixSymbol("{name[0]}", {size}, 1).'
                )
        if eps.is_nonpositive:
            raise ValueError(
                f"Expected eps > 0 but got eps={eps}; a row of equal components has variance 0."
            )
        obj: LayerNorm = MatrixExpr.__new__(cls, field, gain, bias, eps, centred)
        return obj

    @property
    def field(self) -> MatrixExpr:
        """The rows F_i."""
        return self.args[0]

    @property
    def gain(self) -> MatrixExpr:
        """What each component is multiplied by."""
        return self.args[1]

    @property
    def bias(self) -> MatrixExpr:
        """What is added to each component."""
        return self.args[2]

    @property
    def eps(self) -> Expr:
        """What is added to the variance."""
        return self.args[3]

    @property
    def centred(self) -> bool:
        """Whether the mean is taken off."""
        return bool(self.args[4])

    @property
    def plain(self) -> bool:
        """Whether the gain is 1 and the bias 0."""
        return isinstance(self.gain, OneMatrix) and isinstance(self.bias, ZeroMatrix)

    @property
    def shape(self) -> tuple[Any, Any]:
        """Shape (n, d)."""
        return tuple(self.field.shape)

    def of(self, field: MatrixExpr) -> LayerNorm:
        """Return the same normalisation of other rows."""
        return LayerNorm(field, *self.args[1:])

    def elementary(self) -> MatrixExpr:
        """``diag([(var + eps)^{-1/2}]) (F - mean) diag(gain) + 1 bias^T``."""
        field, size = self.field, self.shape[1]
        ones = OneMatrix(size, 1)
        # products and sums as they stand: the operators would evaluate the rows in each of them
        if self.centred:
            means = DiagMatrix(MatMul(field, ones))
            field = MatAdd(field, MatMul(-1 / size, means, OneMatrix(*self.shape)))
        squares = MatMul(1 / size, Elementwise(z**2, field), ones)
        factors = [DiagMatrix(Elementwise(1 / sqrt(z + self.eps), squares)), field]
        if not isinstance(self.gain, OneMatrix):
            factors.append(DiagMatrix(self.gain))
        found = MatMul(*factors)
        if isinstance(self.bias, ZeroMatrix):
            return found
        return MatAdd(found, MatMul(OneMatrix(self.shape[0], 1), Transpose(self.bias)))

    def _entry(self, i: Any, j: Any, **kwargs: Any) -> Expr:
        from sympy import Dummy, Sum

        field, size = self.field, self.shape[1]
        if size.is_Integer:
            places = range(int(size))
            mean = sum(field[i, c] for c in places) / size if self.centred else S.Zero
            square = sum((field[i, c] - mean) ** 2 for c in places)
        else:
            c, e = Dummy("c", integer=True), Dummy("e", integer=True)
            mean = Sum(field[i, e], (e, 0, size - 1)) / size if self.centred else S.Zero
            square = Sum((field[i, c] - mean) ** 2, (c, 0, size - 1))
        scaled = (field[i, j] - mean) / sqrt(square / size + self.eps)
        return self.gain[j, 0] * scaled + self.bias[j, 0]

    def _sympystr(self, printer: Any) -> str:
        parts = [printer._print(self.field)]
        if not self.plain:
            parts += [printer._print(self.gain), printer._print(self.bias)]
        return f"{'LayerNorm' if self.centred else 'RMSNorm'}({', '.join(parts)})"

    def _latex(self, printer: Any) -> str:
        name = "LN" if self.centred else "RMS"
        return rf"\mathrm{{{name}}}\left({printer._print(self.field)}\right)"
