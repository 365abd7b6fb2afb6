"""Weights beside softmax: a sink that takes a share of each row, and scores by distances.

``SinkSoftmax`` has a key more than there are tokens (an attention sink, softmax-off-by-one);
``SquaredDistances`` are the scores of L2 attention. Sigmoid, linear and ReLU attention need no
atom: their weights are functions of a score each, ``Elementwise(h', X*X.T)``.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from sympy import (
    DiagMatrix,
    Dummy,
    Expr,
    Integer,
    Interval,
    Inverse,
    MatAdd,
    MatMul,
    OneMatrix,
    S,
    Set,
    Sum,
    exp,
    sympify,
)
from sympy.matrices.expressions import MatrixExpr
from sympy.matrices.expressions.diagonal import DiagonalMatrix
from sympy.matrices.expressions.hadamard import HadamardProduct

from theory.atoms import Elementwise, RowSoftmax
from theory.masks import Mask
from theory.symbols import X, n, z


class SinkSoftmax(MatrixExpr):
    """Softmax with a key more: ``A_ij = m_j e^{S_ij} / (e^{s_i} + Σ_k m_k e^{S_ik})``.

    The share ``1 - Σ_j A_ij`` that the tokens don't get is the sink's. Facts: every entry that is
    seen is positive, and every row sums to less than one.

    Parameters
    ----------
    scores : MatrixExpr, shape (n, n)
        The scores S.
    masses : MatrixExpr, shape (n, 1)
        The masses m, weights of the columns.
    sink : Expr or MatrixExpr, shape (n, 1)
        The sink's score s, one number or one for each row.
    mask : Mask, optional
        Who sees whom; all see the sink.

    Examples
    --------
    >>> from sympy import Matrix
    >>> SinkSoftmax(Matrix([[0, 0], [0, 0]]), Matrix([1, 1]), 0).as_explicit()
    Matrix([
    [1/3, 1/3],
    [1/3, 1/3]])
    """

    def __new__(cls, scores: Any, masses: Any, sink: Any, mask: Mask | None = None) -> SinkSoftmax:
        """Check the shapes and build the atom."""
        scores, masses, sink = sympify(scores), sympify(masses), sympify(sink)
        if tuple(masses.shape) != (scores.shape[1], 1):
            raise ValueError(
                f"Expected masses of shape ({scores.shape[1]}, 1) in SinkSoftmax but got "
                f"masses={masses} of shape {masses.shape}; pass a column with one mass a key."
            )
        shape = getattr(sink, "shape", None)
        if shape is not None and tuple(shape) != (scores.shape[0], 1):
            raise ValueError(
                f"Expected a number or a column of shape ({scores.shape[0]}, 1) for the sink but "
                f"got sink={sink} of shape {shape}; give one score a row."
            )
        if mask is None:
            return MatrixExpr.__new__(cls, scores, masses, sink)
        if not isinstance(mask, Mask):
            raise TypeError(
                f"Expected mask a Mask but got mask={mask!r}; make one with Mask.causal()."
            )
        if tuple(mask.shape) != tuple(scores.shape):
            raise ValueError(
                f"Expected a mask of the scores' shape {tuple(scores.shape)} but got mask={mask} "
                f"of shape {mask.shape}; one row and one column a token."
            )
        return MatrixExpr.__new__(cls, scores, masses, sink, mask)

    @property
    def scores(self) -> MatrixExpr:
        """The scores S."""
        return self.args[0]

    @property
    def masses(self) -> MatrixExpr:
        """The masses m."""
        return self.args[1]

    @property
    def sink(self) -> Any:
        """The sink's score, a number or a column."""
        return self.args[2]

    @property
    def mask(self) -> Mask | None:
        """Who sees whom; None where all see all."""
        return self.args[3] if len(self.args) > 3 else None

    @property
    def shape(self) -> tuple[Any, Any]:
        """Shape of the scores."""
        rows, columns = map(sympify, self.scores.shape)
        return rows, columns

    @property
    def row_sums(self) -> Set:
        """Where the sum of a row lies."""
        nobody = self.mask is not None and not self.mask.everybody_sees
        return Interval(0, 1, left_open=not nobody, right_open=True)

    @property
    def positive(self) -> bool:
        """Whether every entry is positive, for positive masses."""
        return self.mask is None

    def kernel(self) -> MatrixExpr:
        """Return the unnormalised weights ``M_ij e^{S_ij}``; 1 is written as one of <x_i,x_j>."""
        kernel = Elementwise(exp, self.scores)
        if self.scores.is_ZeroMatrix and self.shape == (n, n):
            kernel = Elementwise(S.One, X * X.T)
        return kernel if self.mask is None else HadamardProduct(self.mask, kernel)

    def totals(self) -> MatrixExpr:
        """Return the denominators as a column, ``K m + e^s``."""
        rows = self.shape[0]
        if isinstance(self.sink, MatrixExpr):
            return self.kernel() * self.masses + Elementwise(exp, self.sink)
        return self.kernel() * self.masses + exp(self.sink) * OneMatrix(rows, 1)

    def elementary(self) -> MatrixExpr:
        """``diag(K m + e^s)^{-1} K diag(m)`` with ``K = [M_ij e^{S_ij}]``."""
        return _divided(self)

    def _entry(self, i: Any, j: Any, **kwargs: Any) -> Expr:
        scores, masses, mask = self.scores, self.masses, self.mask
        size = self.shape[1]

        def weight(c: Any) -> Expr:
            seen = 1 if mask is None else mask[i, c]
            return seen * masses[c, 0] * exp(scores[i, c])

        extra = exp(self.sink[i, 0] if isinstance(self.sink, MatrixExpr) else self.sink)
        if size.is_Integer:
            return weight(j) / (extra + sum(weight(c) for c in range(int(size))))
        c = Dummy("c", integer=True)
        return weight(j) / (extra + Sum(weight(c), (c, 0, size - 1)))

    def _eval_derivative_matrix_lines(self, x: Any) -> Any:
        return self.elementary()._eval_derivative_matrix_lines(x)


@lru_cache(maxsize=256)
def _divided(softmax: SinkSoftmax) -> MatrixExpr:
    parts = Inverse(DiagMatrix(softmax.totals())), softmax.kernel(), DiagMatrix(softmax.masses)
    return MatMul(*parts)  # an operator asks of each diagonal matrix whether it is its vector


class SquaredDistances(MatrixExpr):
    """Squared distances of rows: entry (i, j) is ``|a_i - b_j|²``.

    Facts: entries >= 0; symmetric, with zeros on the diagonal, where a = b; for unit rows a, b it
    is ``2 - 2<a_i, b_j>``.

    Parameters
    ----------
    first : MatrixExpr, shape (n, k)
        Rows a_i, such as tokens or queries.
    second : MatrixExpr, shape (l, k)
        Rows b_j.
    """

    nonnegative = True

    def __new__(cls, first: Any, second: Any) -> SquaredDistances:
        """Check the shapes and build the atom."""
        first, second = sympify(first), sympify(second)
        if first.shape[1] != second.shape[1]:
            raise ValueError(
                f"Expected rows of one width but got first={first} of shape {first.shape} and "
                f"second={second} of shape {second.shape}."
            )
        obj: SquaredDistances = MatrixExpr.__new__(cls, first, second)
        return obj

    @property
    def shape(self) -> tuple[Any, Any]:
        """Shape (n, l)."""
        return (self.args[0].shape[0], self.args[1].shape[0])

    @property
    def symmetric(self) -> bool:
        """Whether both arguments are the same rows."""
        return bool(self.args[0] == self.args[1])

    def elementary(self) -> MatrixExpr:
        """``diag(A Aᵀ) 1 + 1 diag(B Bᵀ) - 2 A Bᵀ``, 1 the matrix of ones."""
        first, second = self.args
        ones = OneMatrix(*self.shape)
        return (
            DiagonalMatrix(first * first.T) * ones
            + ones * DiagonalMatrix(second * second.T)
            - 2 * first * second.T
        )

    def on_unit_rows(self) -> MatrixExpr:
        """``2 - 2 A Bᵀ``: the same where the rows have length one."""
        first, second = self.args
        return 2 * OneMatrix(*self.shape) - 2 * first * second.T

    def _entry(self, i: Any, j: Any, **kwargs: Any) -> Expr:
        first, second = self.args
        width = sympify(first.shape[1])
        if width.is_Integer:
            parts = ((first[i, c] - second[j, c]) ** 2 for c in range(int(width)))
            return sum(parts, sympify(0))
        c = Dummy("c", integer=True)
        return Sum((first[i, c] - second[j, c]) ** 2, (c, 0, width - 1))

    def _eval_transpose(self) -> SquaredDistances:
        return SquaredDistances(self.args[1], self.args[0])


def on_unit_rows(expr: MatrixExpr) -> MatrixExpr:
    """Softmax of distances of the tokens as softmax of inner products, the tokens on the sphere.

    ``-β|x_i - x_j|² = 2β<x_i,x_j> - 2β``, and a constant is nothing to a softmax: L2 attention is
    SA at 2β.

    Examples
    --------
    >>> from theory.symbols import X, beta, m
    >>> on_unit_rows(RowSoftmax(-beta * SquaredDistances(X, X), m)).scores == 2 * beta * X * X.T
    True
    """
    near = SquaredDistances(X, X)
    if not expr.has(near):
        return expr

    def inner(softmax: RowSoftmax) -> RowSoftmax:
        terms = softmax.scores.args if isinstance(softmax.scores, MatAdd) else (softmax.scores,)
        kept: list[MatrixExpr] = []
        for term in terms:
            factor, matrix = term.as_coeff_mmul() if isinstance(term, MatMul) else (1, term)
            kept.append(-2 * factor * X * X.T if matrix in (near, MatMul(near)) else term)
        scores = MatAdd(*kept) if len(kept) > 1 else kept[0]
        return softmax.func(scores, *softmax.args[1:])

    return expr.replace(lambda node: isinstance(node, RowSoftmax) and node.scores.has(near), inner)


def refuse_empty_rows(slope: Expr, own: bool) -> None:
    """Refuse a softmax of a kernel that at rational points shows rows that may sum to 0.

    A jump of h' has no value, nan, at its place.

    Parameters
    ----------
    slope : Expr
        h' in z.
    own : bool
        Whether a row's sum holds the token's own term, h'(1).

    Raises
    ------
    ValueError
        Naming the point.
    """
    wanted = (
        "h' >= 0 on [-1, 1] and h'(1) > 0"
        if own
        else "h' > 0 on [-1, 1], as tokens don't see themselves,"
    )
    for step in range(-20, 21):
        at = Integer(step) / 20
        value = slope.subs(z, at)
        if not value.is_number or value is S.NaN:
            continue
        if not (value.is_nonnegative if own and at != 1 else value.is_positive):
            raise ValueError(
                f"Expected {wanted} for flow='softmax' but got h'(t)={value} at t={at}; "
                "use flow='wasserstein'."
            )


__all__ = ["SinkSoftmax", "SquaredDistances", "on_unit_rows", "refuse_empty_rows"]
