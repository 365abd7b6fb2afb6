"""Sums over h = 1, …, H of matrices, H a number or a symbol: the heads of (2.7), neurons of (2.8).

What depends on h is a `Member` of a family. With a number for H the sum is written out, so that a
statement for every H and its cases are one expression.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sympy import Basic, Integer, MatAdd, MatrixSymbol, ZeroMatrix, sympify
from sympy.core.symbol import Str
from sympy.matrices.expressions import MatrixExpr


class Member(MatrixSymbol):
    """Matrix number h of a family, such as ``Q_h``; at a whole number h a plain matrix symbol.

    Parameters
    ----------
    name : str
        Name of the family.
    rows, columns : Expr
        Shape of every member.
    index : Expr
        Which one.

    Examples
    --------
    >>> from sympy import symbols
    >>> h, k, d = symbols("h k d")
    >>> Member("Q", k, d, h), Member("Q", k, d, h).xreplace({h: Integer(3)})
    (Q_h, Q_3)
    """

    def __new__(cls, name: Any, rows: Any, columns: Any, index: Any) -> Any:
        """Make the member, or the matrix symbol that it is at a number."""
        index = sympify(index)
        if index.is_Integer:
            return MatrixSymbol(f"{name}_{index}", rows, columns)
        return Basic.__new__(cls, Str(str(name)), sympify(rows), sympify(columns), index)

    @property
    def name(self) -> str:
        """Name of the family and index."""
        index = self.args[3]
        return f"{self.args[0]}_{index}" if index.is_Symbol else f"{self.args[0]}_({index})"

    def _sympystr(self, printer: Any) -> str:
        return self.name

    def _latex(self, printer: Any) -> str:
        return f"{self.args[0]}_{{{printer._print(self.args[3])}}}"


class FiniteSum(MatrixExpr):
    """``Σ_{index=1}^{count} term``, a matrix of the shape of the term.

    Facts: it is 0 for ``count = 0``, and one more adds the term at the new index.

    Parameters
    ----------
    term : MatrixExpr
        Depends on the index through its `Member` matrices.
    count : Expr
        A whole number >= 0, or a symbol.
    index : Symbol
    """

    def __new__(cls, term: Any, count: Any, index: Any) -> FiniteSum:
        """Build the sum; `doit` writes it out."""
        obj: FiniteSum = MatrixExpr.__new__(cls, sympify(term), sympify(count), sympify(index))
        return obj

    @property
    def term(self) -> MatrixExpr:
        """What is added up."""
        return self.args[0]

    @property
    def count(self) -> Any:
        """How many terms there are."""
        return self.args[1]

    @property
    def shape(self) -> tuple[Any, Any]:
        """Shape of the term."""
        return tuple(self.term.shape)

    @property
    def free_symbols(self) -> set[Any]:
        """Those of the term, its members with the index among them, and of the count."""
        found: set[Any] = self.term.free_symbols | self.count.free_symbols
        return found - {self.args[2]}

    def at(self, place: Any) -> MatrixExpr:
        """Term at an index."""
        return self.term.xreplace({self.args[2]: sympify(place)})

    def _xreplace(self, rule: Any) -> Any:
        """Replace what isn't bound: the index stays."""
        index = self.args[2]
        return super()._xreplace({a: b for a, b in rule.items() if a != index})

    def doit(self, **hints: Any) -> MatrixExpr:
        """Write it out if the number of terms is known."""
        if not self.count.is_Integer:
            return self.func(self.term.doit(**hints), self.count, self.args[2])
        terms = [self.at(place).doit(**hints) for place in range(1, int(self.count) + 1)]
        if not terms:
            return ZeroMatrix(*self.shape)
        return MatAdd(*terms).doit() if len(terms) > 1 else terms[0]

    def _entry(self, i: Any, j: Any, **kwargs: Any) -> Any:
        from sympy import Sum

        return Sum(self.term[i, j], (self.args[2], Integer(1), self.count))

    def _eval_transpose(self) -> FiniteSum:
        return self.func(self.term.T, self.count, self.args[2])

    def _sympystr(self, printer: Any) -> str:
        term, count, index = (printer._print(arg) for arg in self.args)
        return f"Sum({term}, ({index}, 1, {count}))"

    def _latex(self, printer: Any) -> str:
        term, count, index = (printer._print(arg) for arg in self.args)
        return rf"\sum_{{{index}=1}}^{{{count}}} {term}"


def one_more(expr: MatrixExpr, count: Any) -> MatrixExpr:
    """Expression with one more term of every sum over ``count`` terms, written beside the sum.

    Examples
    --------
    >>> from sympy import symbols
    >>> h, H, k, d = symbols("h H k d")
    >>> sorted(map(str, one_more(FiniteSum(Member("Q", k, d, h), H, h), H).args))
    ['Q_(H + 1)', 'Sum(Q_h, (h, 1, H))']
    """
    raised = expr.xreplace({count: count + 1})
    split = {
        node: MatAdd(FiniteSum(node.term, count, node.args[2]), node.at(count + 1))
        for node in raised.atoms(FiniteSum)
        if node.count == count + 1
    }
    return raised.xreplace(split)


def written_out(expr: MatrixExpr, counts: Mapping[Any, Any]) -> MatrixExpr:
    """Expression with every sum written out, at given numbers of terms; shapes stay as they are."""
    sums = {
        node: FiniteSum(node.term, node.count.xreplace(counts), node.args[2]).doit()
        for node in expr.atoms(FiniteSum)
    }
    expr = expr.xreplace(sums)
    members = {
        node: Member(node.args[0], node.shape[0], node.shape[1], node.args[3].xreplace(counts))
        for node in expr.atoms(Member)
    }
    return expr.xreplace(members).doit()
