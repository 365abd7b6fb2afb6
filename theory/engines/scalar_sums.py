"""Sums over tokens as numbers: matrix expressions of shape (1, 1) as polynomials in named sums.

``m^T Φ`` and ``1^T m`` are two numbers, whatever n is. A product of matrices that passes through a
single column falls apart into numbers, which commute; equal sums get equal names, different names
are independent, so what vanishes here vanishes for every n.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from sympy import DiagMatrix, Expr, MatMul, Mul, OneMatrix, S, Symbol, cancel, default_sort_key
from sympy.matrices.expressions import MatrixExpr

from theory.atoms import Elementwise
from theory.engines.rewriting import Rewriter, Word
from theory.symbols import z


@dataclass
class ScalarSums:
    """Reads (1, 1) expressions; one object, one meaning of its names.

    Parameters
    ----------
    symmetric : frozenset of MatrixSymbol
        Matrices that are symmetric by hypothesis.

    Examples
    --------
    >>> from theory.symbols import m, n
    >>> total = OneMatrix(1, n) * m
    >>> sums = ScalarSums()
    >>> sums.value(total * Elementwise(1 / z, total) * m.T * OneMatrix(n, 1))
    s1
    """

    symmetric: frozenset[Any] = frozenset()
    names: dict[Word, Symbol] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Make the rewriter, which writes ``diag(c) 1`` as c."""
        self._rewriter = Rewriter(self._pair, symmetric=self.symmetric)

    def value(self, expr: MatrixExpr) -> Expr:
        """Return the number that an expression of shape (1, 1) is, in the named sums."""
        terms = (
            coefficient * Mul(*map(self._number, _pieces(word)))
            for word, coefficient in self._rewriter.words(expr).items()
        )
        return sum(terms, S.Zero)

    def residual(self, left: MatrixExpr, right: MatrixExpr) -> Expr:
        """``left - right`` in lowest terms: 0 when the two are equal for every n."""
        return cancel(self.value(left) - self.value(right))

    def _pair(self, left: MatrixExpr, right: MatrixExpr) -> Word | None:
        if isinstance(left, DiagMatrix) and isinstance(right, OneMatrix) and right.shape[1] == 1:
            return self._letters(left.args[0])
        if isinstance(right, DiagMatrix) and isinstance(left, OneMatrix) and left.shape[0] == 1:
            return self._letters(right.args[0].T)
        return None

    def _letters(self, column: MatrixExpr) -> Word | None:
        words = self._rewriter.words(column)
        ((word, coefficient), *others) = words.items()
        return None if others or coefficient != 1 else word

    def _number(self, piece: Word) -> Expr:
        if len(piece) == 1 and isinstance(piece[0], Elementwise):
            return piece[0].body.subs(z, self.value(piece[0].expr))
        back = self._rewriter.reduce(self._rewriter.transpose(part) for part in reversed(piece))
        key = min(piece, back, key=lambda word: (len(word), *map(default_sort_key, word)))
        if key not in self.names:
            self.names[key] = Symbol(f"s{len(self.names) + 1}", real=True)
        return self.names[key]

    @property
    def legend(self) -> str:
        """What the names stand for."""
        return ", ".join(f"{name} = {MatMul(*word)}" for word, name in self.names.items())


def _pieces(word: Word) -> Iterator[Word]:
    """Cut a product wherever it is one number wide."""
    begin = 0
    for place, letter in enumerate(word, start=1):
        if letter.shape[1] == 1:
            yield word[begin:place]
            begin = place


__all__ = ["ScalarSums"]
