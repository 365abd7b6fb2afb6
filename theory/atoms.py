"""Matrix atoms that SymPy lacks: softmax rows, tangent projection, row normalisation, Sinkhorn.

Each atom states its shape, how it reads in plain SymPy (``elementary``), and the facts that proofs
use. The stable way to evaluate it is not here: it is the atom's print method in the compiler.
"""

from __future__ import annotations

from functools import cached_property, lru_cache
from typing import Any

from sympy import (
    DiagMatrix,
    Expr,
    FiniteSet,
    FunctionClass,
    Inverse,
    Lambda,
    MatAdd,
    MatMul,
    MatPow,
    MatrixBase,
    OneMatrix,
    S,
    Set,
    ZeroMatrix,
    sympify,
)
from sympy.matrices.expressions import MatrixExpr
from sympy.matrices.expressions.applyfunc import ElementwiseApplyFunction
from sympy.matrices.expressions.diagonal import DiagonalMatrix

from theory.masks import Mask
from theory.symbols import z


def _check_column(masses: MatrixExpr, rows: Any, owner: str) -> None:
    if masses.shape != (rows, 1):
        raise ValueError(
            f"Expected masses of shape ({rows}, 1) in {owner} but got masses={masses} of shape "
            f"{masses.shape}; pass a column with one mass a row."
        )


class Elementwise(ElementwiseApplyFunction):
    """A scalar function applied to each entry, ``[f(M_ij)]``.

    SymPy's own class forgets an inner factor when the derivative of the function is again one
    function call (the derivative of ``exp(beta*z)/beta`` comes out as ``exp(z)``), and two equal
    functions compare different because each invents a dummy variable. Here the variable is always
    ``theory.symbols.z``, a scalar factor of the matrix moves inside the function, a function of a
    function is one function, and the derivative is taken as an expression.

    Parameters
    ----------
    function : Lambda, FunctionClass or Expr
        The function; an expression is read as a function of ``theory.symbols.z``.
    matrix : MatrixExpr
        The matrix it is applied to.

    Examples
    --------
    >>> from sympy import exp
    >>> from theory.symbols import X, beta
    >>> Elementwise(exp, beta * X * X.T)
    [exp(beta*z) at z=X*X.T]
    """

    def __new__(cls, function: Any, matrix: Any) -> Elementwise:
        """Bring (function, matrix) to the canonical form described above."""
        matrix = sympify(matrix)
        if isinstance(function, FunctionClass | Lambda):
            body = function(z)
        else:
            body = sympify(function)
        factor, inner = matrix.as_coeff_mmul() if isinstance(matrix, MatMul) else (S.One, matrix)
        if factor != 1:
            body = body.subs(z, factor * z)
            matrix = inner.doit() if isinstance(inner, MatMul) else inner
        if isinstance(matrix, Elementwise):
            body, matrix = body.subs(z, matrix.body), matrix.expr
        obj: Elementwise = MatrixExpr.__new__(cls, Lambda(z, body), matrix)
        return obj

    @cached_property
    def body(self) -> Expr:
        """The function as an expression in ``theory.symbols.z``."""
        return self.function(z)

    def derivative(self) -> Elementwise:
        """``[f'(M_ij)]``.

        Returns
        -------
        Elementwise
            The derivative, entry by entry.
        """
        return Elementwise(self.body.diff(z), self.expr)

    def doit(self, **hints: Any) -> MatrixExpr:
        """Evaluate: entries of an explicit matrix, functions of functions as one function.

        Parameters
        ----------
        **hints : object
            As SymPy passes them; not used.

        Returns
        -------
        MatrixExpr
            The expression.
        """
        matrix = self.expr.doit(**hints) if hints.get("deep", True) else self.expr
        if isinstance(matrix, MatrixBase):
            return matrix.applyfunc(self.function)
        if isinstance(matrix, ElementwiseApplyFunction):
            return Elementwise(self.function(matrix.function(z)), matrix.expr)
        return Elementwise(self.function, matrix)

    def _get_function_fdiff(self) -> Lambda:
        return Lambda(z, self.body.diff(z))

    def _sympystr(self, printer: Any) -> str:
        return f"[{printer._print(self.body)} at z={printer._print(self.expr)}]"

    def _latex(self, printer: Any) -> str:
        return rf"\left[{printer._print(self.body)}\right]_{{z={printer._print(self.expr)}}}"

    def _eval_transpose(self) -> Elementwise:
        return Elementwise(self.function, self.expr.T)


@lru_cache(maxsize=256)
def row_normalised(kernel: MatrixExpr, masses: MatrixExpr) -> MatrixExpr:
    """``diag(K m)^{-1} K diag(m)``; once, as SymPy asks much about diagonal matrices.

    Parameters
    ----------
    kernel : MatrixExpr
        K, n x n.
    masses : MatrixExpr
        Column of n masses.

    Examples
    --------
    >>> from theory.symbols import X, m, z
    >>> row_normalised(Elementwise(z + 2, X * X.T), m).shape
    (n, n)
    """
    kernel, masses = kernel.doit(), masses.doit()
    sums = DiagMatrix(MatMul(kernel, masses).doit(deep=False))
    over = sums**-1 if sums.args[0].as_coeff_mmul()[0] != 1 else Inverse(sums)
    return MatMul(over, kernel, DiagMatrix(masses)).doit(deep=False)


def is_row_normalised(matrix: MatrixExpr) -> bool:
    """Whether a product is ``diag(K m)^{-1} K diag(m)``, as :func:`row_normalised` makes it.

    Parameters
    ----------
    matrix : MatrixExpr
        The weights.

    Returns
    -------
    bool
        Whether each row is divided by its sum over the masses.

    Examples
    --------
    >>> from theory.symbols import X, m, z
    >>> kernel = Elementwise(z + 2, X * X.T)
    >>> is_row_normalised(row_normalised(kernel, m)), is_row_normalised(kernel * DiagMatrix(m))
    (True, False)
    """
    letters: tuple[Any, ...] = matrix.args if isinstance(matrix, MatMul) else ()
    if len(letters) < 3 or not isinstance(letters[0], Inverse | MatPow):
        return False
    if letters[0].args[1] != -1 or not isinstance(letters[-1], DiagMatrix):
        return False
    sums = MatMul(*letters[1:-1], letters[-1].args[0])
    return bool(letters[0].args[0] == DiagMatrix(sums))


@lru_cache(maxsize=256)
def _projected(points: MatrixExpr, field: MatrixExpr) -> MatrixExpr:
    """``F - diag(F X^T) X``; an operator evaluates all that it joins, here each part is once."""
    field, points = field.doit(), points.doit()
    along = DiagonalMatrix(MatMul(field, points.T).doit(deep=False))
    return MatAdd(field, MatMul(-1, along, points).doit(deep=False)).doit(deep=False)


class RowWeights(MatrixExpr):
    """Weights of the rows of scores S over columns of masses m: what softmax and top-k share.

    Facts: every row sums to one, and no entry is negative, for positive masses. A softmax is one
    kind; that its entries are positive and smooth is said there.

    Parameters
    ----------
    *args : MatrixExpr
        Scores and masses.
    **kwargs : object
        As SymPy passes them.
    """

    @property
    def scores(self) -> MatrixExpr:
        """The scores S."""
        return self.args[0]

    @property
    def masses(self) -> MatrixExpr:
        """The masses m."""
        return self.args[1]

    @property
    def shape(self) -> tuple[Any, Any]:
        """Shape of the scores, (n, n)."""
        rows, columns = map(sympify, self.scores.shape)
        return rows, columns

    @property
    def row_sums(self) -> Set:
        """Where the sum of a row lies."""
        return FiniteSet(1)

    @property
    def nonnegative(self) -> bool:
        """Whether no entry is negative, for positive masses."""
        return True


class RowSoftmax(RowWeights):
    """Attention matrix ``A_ij = m_j e^{S_ij} / sum_k m_k e^{S_ik}``, the paper's (2.5).

    Facts: every entry is positive and every row sums to one.

    Parameters
    ----------
    scores : MatrixExpr, shape (n, n)
        The scores S.
    masses : MatrixExpr, shape (n, 1)
        The masses m, which enter as weights of the columns.
    mask : Mask, optional
        Who sees whom; the softmax is then over the tokens seen, a :class:`MaskedSoftmax`.
    """

    def __new__(cls, scores: Any, masses: Any, mask: Mask | None = None) -> RowSoftmax:
        """Check the shapes and build the atom."""
        if mask is not None:
            return MaskedSoftmax(scores, masses, mask)
        scores, masses = sympify(scores), sympify(masses)
        _check_column(masses, scores.shape[1], cls.__name__)
        obj: RowSoftmax = MatrixExpr.__new__(cls, scores, masses)
        return obj

    @property
    def positive(self) -> bool:
        """Whether every entry is positive, for positive masses."""
        return True

    def kernel(self) -> MatrixExpr:
        """Return the unnormalised weights ``e^{S_ij}``.

        Returns
        -------
        MatrixExpr
            The expression.
        """
        from sympy import exp

        if isinstance(self.scores, ZeroMatrix):
            return OneMatrix(*self.shape)
        return Elementwise(exp, self.scores)

    def elementary(self) -> MatrixExpr:
        """``diag(K m)^{-1} K diag(m)`` with ``K = [e^{S_ij}]``.

        Returns
        -------
        MatrixExpr
            The expression.
        """
        return row_normalised(self.kernel(), self.masses)

    def _entry(self, i: Any, j: Any, **kwargs: Any) -> Expr:
        from sympy import Dummy, Sum, exp

        scores, masses = self.scores, self.masses
        size = self.shape[1]
        if size.is_Integer:
            total = sum(masses[c, 0] * exp(scores[i, c]) for c in range(int(size)))
        else:
            c = Dummy("c", integer=True)
            total = Sum(masses[c, 0] * exp(scores[i, c]), (c, 0, size - 1))
        return masses[j, 0] * exp(scores[i, j]) / total

    def _eval_derivative_matrix_lines(self, x: Any) -> Any:
        return self.elementary()._eval_derivative_matrix_lines(x)


class MaskedSoftmax(RowSoftmax):
    """Softmax over the tokens that a mask lets each token see. An extension of the paper.

    Made by ``RowSoftmax(scores, masses, mask=...)``. Facts: those of its mask; every row that sees
    somebody sums to one, and a row that sees nobody is zero.

    Parameters
    ----------
    scores : MatrixExpr, shape (n, n)
        The scores S.
    masses : MatrixExpr, shape (n, 1)
        The masses m, which enter as weights of the columns.
    mask : Mask
        Who sees whom.
    """

    def __new__(cls, scores: Any, masses: Any, mask: Any) -> MaskedSoftmax:
        """Check the shapes and build the atom."""
        scores, masses = sympify(scores), sympify(masses)
        _check_column(masses, scores.shape[1], "RowSoftmax")
        if not isinstance(mask, Mask):
            raise TypeError(
                f"Expected mask a Mask but got mask={mask!r}; make one with Mask.causal(), "
                "Mask.band(w) or Mask.graph(W)."
            )
        if tuple(mask.shape) != tuple(scores.shape):
            raise ValueError(
                f"Expected a mask of the scores' shape {tuple(scores.shape)} but got mask={mask} "
                f"of shape {mask.shape}; one row and one column a token."
            )
        obj: MaskedSoftmax = MatrixExpr.__new__(cls, scores, masses, mask)
        return obj

    @property
    def mask(self) -> Mask:
        """Who sees whom."""
        return self.args[2]

    @property
    def row_sums(self) -> Set:
        """One, or zero in a row that sees nobody."""
        return FiniteSet(1) if self.mask.everybody_sees else FiniteSet(0, 1)

    @property
    def positive(self) -> bool:
        """No: entries of what isn't seen are zero."""
        return False

    def kernel(self) -> MatrixExpr:
        """Return the unnormalised weights ``M_ij e^{S_ij}``.

        Returns
        -------
        MatrixExpr
            The expression.
        """
        from sympy.matrices.expressions.hadamard import HadamardProduct

        return HadamardProduct(self.mask, super().kernel())

    def elementary(self) -> MatrixExpr:
        """``diag(K m)^{-1} K diag(m)``, ``K = [M_ij e^{S_ij}]``, if every row sees somebody.

        Returns
        -------
        MatrixExpr
            The expression.
        """
        if not self.mask.everybody_sees:
            raise NotImplementedError(
                f"Expected an atom with a plain SymPy form but got mask={self.mask}, whose first "
                "row is zero; give n a number to see its entries."
            )
        return super().elementary()

    def _entry(self, i: Any, j: Any, **kwargs: Any) -> Expr:
        from sympy import Dummy, Piecewise, Sum, exp

        scores, masses, mask = self.scores, self.masses, self.mask
        size = self.shape[1]
        if i.is_Integer and size.is_Integer:
            weights = [mask[i, c] * masses[c, 0] * exp(scores[i, c]) for c in range(int(size))]
            if all(weight == 0 for weight in weights):
                return S.Zero
            if j.is_Integer:
                return weights[int(j)] / sum(weights)
            total = sum(weights)
        else:
            c = Dummy("c", integer=True)
            total = Sum(mask[i, c] * masses[c, 0] * exp(scores[i, c]), (c, 0, size - 1))
        value = masses[j, 0] * exp(scores[i, j]) / total
        return Piecewise((value, mask.sees(i, j)), (S.Zero, True))

    def _eval_derivative_matrix_lines(self, x: Any) -> Any:
        return self.elementary()._eval_derivative_matrix_lines(x)


class Sinkhorn(RowSoftmax):
    """Doubly stochastic attention of Remark 3.5: ``A_ij = e^{p_i + S_ij + p_j} m_j``.

    The potential p is the unique one that makes every row sum to one. The scores must be
    symmetric; then ``diag(m) A`` is symmetric and ``m^T A = m^T``: both marginals are m.
    The potential has no closed form: it is a fixed point, computed numerically.

    Parameters
    ----------
    scores : MatrixExpr, shape (n, n)
        The scores S.
    masses : MatrixExpr, shape (n, 1)
        The masses m, which enter as weights of the columns.
    mask : Mask, optional
        Not taken: every token sees every other.
    """

    def elementary(self) -> MatrixExpr:
        """No closed form."""
        raise NotImplementedError(
            "Expected an atom with a closed form but got Sinkhorn; "
            "its potential is a fixed point, evaluate it with numerics.compile_model."
        )

    def _entry(self, i: Any, j: Any, **kwargs: Any) -> Expr:
        return self.elementary()

    def _eval_derivative_matrix_lines(self, x: Any) -> Any:
        return self.elementary()


class SinkhornPotential(MatrixExpr):
    """The potential p of :class:`Sinkhorn` as a column, shape (n, 1).

    Parameters
    ----------
    scores : MatrixExpr, shape (n, n)
        The scores S.
    masses : MatrixExpr, shape (n, 1)
        The masses m, which enter as weights of the columns.
    """

    def __new__(cls, scores: Any, masses: Any) -> SinkhornPotential:
        """Check the shapes and build the atom."""
        scores, masses = sympify(scores), sympify(masses)
        _check_column(masses, scores.shape[1], cls.__name__)
        obj: SinkhornPotential = MatrixExpr.__new__(cls, scores, masses)
        return obj

    @property
    def shape(self) -> tuple[Any, Any]:
        """Shape (n, 1)."""
        return (self.args[0].shape[0], S.One)


class Tangent(MatrixExpr):
    """Rows of F projected to the tangent spaces at the rows of X: ``F_i - <x_i, F_i> x_i``.

    Facts: where |x_i| = 1, row i of the result is orthogonal to x_i, and projecting twice is
    projecting once. Linear in F.

    Parameters
    ----------
    points : MatrixExpr, shape (n, d)
        Unit rows x_i.
    field : MatrixExpr, shape (n, d)
        The field F.
    """

    def __new__(cls, points: Any, field: Any) -> Tangent:
        """Check the shapes and build the atom."""
        points, field = sympify(points), sympify(field)
        if points.shape != field.shape:
            raise ValueError(
                f"Expected a field of the points' shape {points.shape} but got field={field} "
                f"of shape {field.shape}; one row a token."
            )
        obj: Tangent = MatrixExpr.__new__(cls, points, field)
        return obj

    @property
    def points(self) -> MatrixExpr:
        """The points X."""
        return self.args[0]

    @property
    def field(self) -> MatrixExpr:
        """The field F before projection."""
        return self.args[1]

    @property
    def shape(self) -> tuple[Any, Any]:
        """Shape (n, d)."""
        return tuple(self.points.shape)

    def elementary(self) -> MatrixExpr:
        """``F - diag(F X^T) X``, the diagonal matrix of the inner products <x_i, F_i>.

        Returns
        -------
        MatrixExpr
            The expression.
        """
        return _projected(*self.args)

    def _entry(self, i: Any, j: Any, **kwargs: Any) -> Expr:
        from sympy import Dummy, Sum

        points, field = self.points, self.field
        width = points.shape[1]
        if width.is_Integer:
            radial = sum(field[i, c] * points[i, c] for c in range(int(width)))
        else:
            c = Dummy("c", integer=True)
            radial = Sum(field[i, c] * points[i, c], (c, 0, width - 1))
        return field[i, j] - radial * points[i, j]


class RowNormalize(MatrixExpr):
    """Rows divided by their Euclidean length: the layer normalisation N of the paper.

    Parameters
    ----------
    field : MatrixExpr, shape (n, d)
        Its rows, none of them zero.
    """

    def __new__(cls, field: Any) -> RowNormalize:
        """Build the atom."""
        obj: RowNormalize = MatrixExpr.__new__(cls, sympify(field))
        return obj

    @property
    def shape(self) -> tuple[Any, Any]:
        """Shape (n, d)."""
        return tuple(self.args[0].shape)

    def elementary(self) -> MatrixExpr:
        """``diag([|F_i|^{-1}]) F`` through the row sums of the squared entries.

        Returns
        -------
        MatrixExpr
            The expression.
        """
        from sympy import sqrt
        from sympy.matrices.expressions.hadamard import HadamardProduct

        field = self.args[0]
        squares = HadamardProduct(field, field) * OneMatrix(field.shape[1], 1)
        return DiagMatrix(Elementwise(1 / sqrt(z), squares)) * field

    def _entry(self, i: Any, j: Any, **kwargs: Any) -> Expr:
        from sympy import Dummy, Sum, sqrt

        field = self.args[0]
        width = field.shape[1]
        if width.is_Integer:
            square = sum(field[i, c] ** 2 for c in range(int(width)))
        else:
            c = Dummy("c", integer=True)
            square = Sum(field[i, c] ** 2, (c, 0, width - 1))
        return field[i, j] / sqrt(square)


class MatrixExponential(MatrixExpr):
    """The exponential ``e^A`` of a square matrix, as in the rescaling (9.2).

    Parameters
    ----------
    matrix : MatrixExpr, shape (d, d)
        The exponent A.
    """

    def __new__(cls, matrix: Any) -> MatrixExponential:
        """Check that A is square and build the atom."""
        matrix = sympify(matrix)
        if matrix.shape[0] != matrix.shape[1]:
            raise ValueError(
                f"Expected a square matrix but got matrix={matrix} of shape {matrix.shape}."
            )
        obj: MatrixExponential = MatrixExpr.__new__(cls, matrix)
        return obj

    @property
    def shape(self) -> tuple[Any, Any]:
        """Shape of A."""
        return tuple(self.args[0].shape)

    def _entry(self, i: Any, j: Any, **kwargs: Any) -> Expr:
        return self.args[0].as_explicit().exp()[i, j]

    def _eval_transpose(self) -> MatrixExponential:
        return MatrixExponential(self.args[0].T)
