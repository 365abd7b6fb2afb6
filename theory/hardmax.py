"""Hardmax and top-k: rows of attention at temperature zero, set-valued where scores tie.

``Hardmax(S, m)`` is what (9.5)-(9.6) follow: the mean over the tokens of greatest score. It is the
limit of ``RowSoftmax(beta*S, m)`` as β -> ∞, and `softmax_gap` bounds how far off that still is.
"""

from __future__ import annotations

from functools import lru_cache
from itertools import combinations
from typing import Any

from sympy import Expr, Integer, MatrixBase, Mul, Piecewise, S, exp, sympify
from sympy.matrices.expressions import MatrixExpr

from theory.atoms import RowSoftmax, RowWeights


class TopK(RowWeights):
    """Softmax over the k greatest scores of each row; those that tie with the k-th are among them.

    Facts: every row sums to one and no entry is negative; entries beyond the k-th score are zero.
    With k = n it is the softmax. As a function of the scores it jumps where the k-th ties with the
    next: there it is set-valued, see `selections`.

    Parameters
    ----------
    scores : MatrixExpr, shape (n, n)
    masses : MatrixExpr, shape (n, 1)
        Weights of the columns.
    count : int
        k >= 1.

    Examples
    --------
    >>> from sympy import Matrix, ones
    >>> TopK(Matrix([[0, 0, 0, -1]] * 4), ones(4, 1), 2).as_explicit()[0, :]
    Matrix([[1/3, 1/3, 1/3, 0]])
    """

    def __new__(cls, scores: Any, masses: Any, count: Any) -> Any:
        """Check the shapes and build the atom."""
        scores, masses, count = sympify(scores), sympify(masses), sympify(count)
        _check(scores, masses, cls.__name__)
        if not (count.is_Integer and count >= 1):
            raise ValueError(f"Expected a whole number count >= 1 but got count={count}.")
        if count == 1:
            return Hardmax(scores, masses)
        return MatrixExpr.__new__(cls, scores, masses, count)

    @property
    def count(self) -> Integer:
        """How many scores of a row count, ties apart."""
        return self.args[2]

    @property
    def positive(self) -> bool:
        """Whether every entry is positive: no, most are zero."""
        return False

    def selections(self, row: int) -> tuple[tuple[int, ...], ...]:
        """Columns that a row may select, for scores that are given; several where scores tie.

        Near a tie each of them is the only one somewhere: weights there are convex combinations of
        what they give.

        Parameters
        ----------
        row : int

        Returns
        -------
        tuple of tuple of int

        Examples
        --------
        >>> from sympy import Matrix, ones
        >>> TopK(Matrix([[3, 1, 1], [2, 1, 0], [0, 0, 0]]), ones(3, 1), 2).selections(0)
        ((0, 1), (0, 2))
        """
        values = self._row(row)
        least = sorted(values, reverse=True)[: int(self.count)][-1]
        above = [j for j, value in enumerate(values) if value > least]
        tied = [j for j, value in enumerate(values) if value == least]
        room = min(int(self.count), len(values)) - len(above)
        return tuple(tuple(sorted((*above, *some))) for some in combinations(tied, room))

    def seen(self, row: int) -> tuple[int, ...]:
        """Columns of a row that its weights are on: all that some selection has."""
        return tuple(sorted({j for some in self.selections(row) for j in some}))

    def _row(self, row: int) -> list[Expr]:
        scores = self.scores.doit()
        if not (isinstance(scores, MatrixBase) and all(value.is_number for value in scores)):
            raise ValueError(
                f"Expected scores that are numbers but got scores={self.scores}; which of them is "
                "greatest isn't known otherwise."
            )
        return list(scores.row(row))

    def _entry(self, i: Any, j: Any, **kwargs: Any) -> Expr:
        weights = _weights_of(self, i)
        return weights[int(j)]

    def _weight(self, score: Expr) -> Expr:
        return exp(score)


class Hardmax(TopK):
    """The mean over the tokens of greatest score, ``A_ij = m_j / Σ_{C_i} m`` on ``C_i``: (9.6).

    Facts: those of `TopK` with k = 1, and a positive factor of the scores drops out, so that it has
    no temperature. As β -> ∞ it is the limit of ``RowSoftmax(beta*S, m)`` at all scores S, ties
    among them, though uniformly only where the greatest score leads by a fixed gap.

    Examples
    --------
    >>> from sympy import Matrix, ones
    >>> Hardmax(Matrix([[1, 1, 0], [0, 2, 1], [0, 0, 5]]), ones(3, 1)).as_explicit()
    Matrix([
    [1/2, 1/2, 0],
    [  0,   1, 0],
    [  0,   0, 1]])
    """

    def __new__(cls, scores: Any, masses: Any) -> Any:
        """Check the shapes, drop a positive factor of the scores, and build the atom."""
        scores, masses = sympify(scores), sympify(masses)
        _check(scores, masses, cls.__name__)
        factor, matrices = scores.as_coeff_mmul() if scores.is_MatMul else (S.One, scores)
        kept = Mul(*(part for part in Mul.make_args(factor) if not part.is_positive))
        if kept != factor:
            scores = (kept * matrices).doit(deep=False)
        return MatrixExpr.__new__(cls, scores, masses)

    @property
    def count(self) -> Integer:
        """One score of a row counts, ties apart."""
        return S.One

    def softmax(self, heat: Any) -> RowSoftmax:
        """Return the softmax whose limit it is as the inverse temperature goes to infinity."""
        return RowSoftmax(heat * self.scores, self.masses)

    def _weight(self, score: Expr) -> Expr:
        return S.One


@lru_cache(maxsize=256)
def _weights_of(atom: TopK, i: Any) -> tuple[Expr, ...]:
    """Weights of a row, by conditions: a token counts if fewer than k scores are above its own."""
    explicit = atom.scores.doit()
    if not isinstance(explicit, MatrixBase):
        raise NotImplementedError(
            f"Expected scores with entries but got scores={atom.scores}; put numbers or symbols "
            "for its entries, or evaluate it with numerics.compile_model."
        )
    scores, masses = list(explicit.row(i)), atom.masses
    shares = []
    for c, own in enumerate(scores):
        above = sum(Piecewise((S.One, score > own), (S.Zero, True)) for score in scores)
        weight = masses[c, 0] * atom._weight(own)
        shares.append(Piecewise((weight, above < atom.count), (S.Zero, True)))
    total = sum(shares)
    return tuple(share / total for share in shares)


def softmax_gap(gap: Any, heat: Any, count: Any) -> Expr:
    """Bound on the softmax weight outside the greatest scores: ``(n - 1) e^{-βδ}``.

    Equal masses. Every other score is at least δ below the greatest: each has a weight of at most
    e^{-βδ} times that of the greatest, which is at most 1.

    Parameters
    ----------
    gap, heat, count : Expr or number
        δ, β and n.

    Returns
    -------
    Expr

    Examples
    --------
    >>> softmax_gap(1, 10, 3).evalf(3)
    9.08e-5
    """
    gap, heat, count = sympify(gap), sympify(heat), sympify(count)
    return (count - 1) * exp(-heat * gap)


def _check(scores: MatrixExpr, masses: MatrixExpr, owner: str) -> None:
    if tuple(masses.shape) != (scores.shape[1], 1):
        raise ValueError(
            f"Expected masses of shape ({scores.shape[1]}, 1) in {owner} but got masses={masses} "
            f"of shape {masses.shape}; pass a column with one mass a column of the scores."
        )
