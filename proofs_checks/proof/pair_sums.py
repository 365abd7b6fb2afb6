"""Sums over i and j of ``Π_ij T_ij`` for every n, where Π is symmetric with row sums m.

Two facts reduce such a sum: i and j may be exchanged, and ``Σ_j Π_ij f_i = m_i f_i``. What is left
is a sum over i and a sum of summands that depend on both; a total is 0 if both are.
"""

from __future__ import annotations

from dataclasses import dataclass

from sympy import Expr, IndexedBase, S, Symbol, expand

ROW, COLUMN = Symbol("i", integer=True), Symbol("j", integer=True)
"""The two indices."""
MASS = IndexedBase("m", positive=True)
"""Row sums of the plan."""


def exchanged(summand: Expr) -> Expr:
    """Summand with i and j exchanged."""
    return summand.xreplace({ROW: COLUMN, COLUMN: ROW})


@dataclass(frozen=True)
class PairSum:
    """``Σ_i single_i + Σ_ij Π_ij double_ij`` in normal form.

    Attributes
    ----------
    single : Expr
        In the index i.
    double : Expr
        Summands that depend on i and j, the same when these are exchanged.
    """

    single: Expr
    double: Expr

    def __sub__(self, other: PairSum) -> PairSum:
        """Difference."""
        return PairSum(expand(self.single - other.single), expand(self.double - other.double))

    @property
    def residual(self) -> Expr:
        """What is left: 0 only if both sums vanish term by term."""
        return self.single if self.single != 0 else self.double


def over_tokens(summand: Expr) -> PairSum:
    """``Σ_i`` of a summand."""
    return PairSum(expand(summand), S.Zero)


def over_pairs(summand: Expr, marginals: bool = True) -> PairSum:
    """``Σ_ij Π_ij T_ij`` of a polynomial T in indexed symbols.

    Parameters
    ----------
    summand : Expr
        T.
    marginals : bool
        Whether the row sums of Π are known to be m; otherwise only its symmetry is used.

    Examples
    --------
    >>> p = IndexedBase("p")
    >>> over_pairs(p[ROW] + p[COLUMN])
    PairSum(single=2*m[i]*p[i], double=0)
    """
    single, double = S.Zero, S.Zero
    for term in expand(summand).as_ordered_terms():
        if marginals and not term.has(COLUMN):
            single += MASS[ROW] * term
        elif marginals and not term.has(ROW):
            single += MASS[ROW] * exchanged(term)
        else:
            double += (term + exchanged(term)) / 2
    return PairSum(expand(single), expand(double))
