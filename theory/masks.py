"""Masks: who sees whom, as a 0/1 matrix that softmax rows are restricted to.

A mask is a matrix expression of shape (n, n) with entry 1 where token i attends to token j, and the
facts that proofs use: whether it orders the tokens, whether everybody reaches everybody, whom all
see. ``RowSoftmax(scores, masses, mask=Mask.causal())`` is softmax over the tokens seen.
"""

from __future__ import annotations

from typing import Any

from sympy import Abs, Expr, Integer, MatrixBase, Ne, Piecewise, S, Xor, sympify
from sympy.core.symbol import Str
from sympy.matrices.expressions import MatrixExpr

from theory.symbols import n

CAUSAL, STRICT, BAND, BIPARTITE, GRAPH = "causal", "strictly causal", "band", "bipartite", "graph"
CROSS = "cross"


class Mask(MatrixExpr):
    """Who sees whom: entry (i, j) is 1 where token i attends to token j, else 0.

    Made by :meth:`causal`, :meth:`strictly_causal`, :meth:`band`, :meth:`bipartite`,
    :meth:`cross` and :meth:`graph`. A token that sees nobody gets no pull.

    Parameters
    ----------
    kind : str
        One of "causal", "strictly causal", "band", "bipartite", "cross" and "graph".
    parameter : Expr
        Width, size of the first group, or matrix, by kind; 0 without one.
    size : Expr
        Number of tokens, a symbol or a number.

    Examples
    --------
    >>> Mask.causal().on(3)
    Matrix([
    [1, 0, 0],
    [1, 1, 0],
    [1, 1, 1]])
    >>> Mask.band(1).strongly_connected, Mask.causal().strongly_connected
    (True, False)
    """

    def __new__(cls, kind: Any, parameter: Any, size: Any) -> Mask:
        """Build the atom; the class methods check what they are given."""
        obj: Mask = MatrixExpr.__new__(cls, Str(str(kind)), sympify(parameter), sympify(size))
        return obj

    @classmethod
    def causal(cls, size: Any = n) -> Mask:
        """Each token sees those up to and including itself.

        Parameters
        ----------
        size : object, optional
            Number of tokens, a symbol or a number.
        """
        return cls(CAUSAL, 0, size)

    @classmethod
    def strictly_causal(cls, size: Any = n) -> Mask:
        """Each token sees those before it; the first sees nobody and stays.

        Parameters
        ----------
        size : object, optional
            Number of tokens, a symbol or a number.
        """
        return cls(STRICT, 0, size)

    @classmethod
    def band(cls, width: int, size: Any = n) -> Mask:
        """Each token sees those at most ``width`` places away, itself among them.

        Parameters
        ----------
        width : int
            How many places away a token sees.
        size : object, optional
            Number of tokens, a symbol or a number.

        Raises
        ------
        ValueError
            For a width that isn't an integer >= 0.
        """
        return cls(BAND, _count("width", width, 0), size)

    @classmethod
    def bipartite(cls, first: int, size: Any = n) -> Mask:
        """Sight of the other group alone: the first ``first`` tokens, and the rest.

        Parameters
        ----------
        first : int
            Number of tokens in the first group.
        size : object, optional
            Number of tokens, a symbol or a number.

        Raises
        ------
        ValueError
            For a group that isn't an integer >= 1.
        """
        return cls(BIPARTITE, _count("first", first, 1), size)

    @classmethod
    def cross(cls, first: int, size: Any = n) -> Mask:
        """Everybody sees the first ``first`` tokens alone: an encoder, and a decoder reading it.

        Parameters
        ----------
        first : int
            Number of tokens in the first group.
        size : object, optional
            Number of tokens, a symbol or a number.

        Raises
        ------
        ValueError
            For a group that isn't an integer >= 1.
        """
        return cls(CROSS, _count("first", first, 1), size)

    @classmethod
    def graph(cls, matrix: Any) -> Mask:
        """Sight along the edges of a graph: a 0/1 matrix, or a matrix symbol for it.

        Parameters
        ----------
        matrix : object
            A square matrix.

        Raises
        ------
        ValueError
            For a matrix that isn't square, has other entries, or a row without an edge.
        """
        matrix = sympify(matrix)
        shape: tuple[Any, ...] = getattr(matrix, "shape", ())
        if len(shape) != 2 or shape[0] != shape[1]:
            raise ValueError(
                f"Expected a square matrix of who sees whom but got matrix={matrix} of shape "
                f"{shape}; give one row and one column a token."
            )
        if isinstance(matrix, MatrixBase):
            matrix = matrix.as_immutable()
            _check_rows(matrix)
        return cls(GRAPH, matrix, shape[0])

    @property
    def kind(self) -> str:
        """Which of the masks: ``"causal"``, ``"band"``, ..."""
        return str(self.args[0])

    @property
    def parameter(self) -> Any:
        """Width, size of the first group, matrix of the graph, or 0."""
        return self.args[1]

    @property
    def shape(self) -> tuple[Any, Any]:
        """Shape (n, n)."""
        return (self.args[2], self.args[2])

    @property
    def triangular(self) -> bool | None:
        """Whether no token sees a later one; None where the graph isn't given yet."""
        if self.kind == GRAPH:
            return self._read(lambda w: w.is_lower)
        alone = {BAND: 0, CROSS: 1}.get(self.kind)
        return self.kind in (CAUSAL, STRICT) or bool(alone is not None and self.parameter == alone)

    @property
    def symmetric(self) -> bool | None:
        """Whether sight is mutual; None where the graph isn't given yet."""
        if self.kind == GRAPH:
            return self._read(lambda w: w == w.T)
        return self.kind in (BAND, BIPARTITE)

    @property
    def strongly_connected(self) -> bool | None:
        """Whether every token reaches every other (for n >= 2); None where that is not known.

        Facts about two groups are of more tokens than the first group holds.
        """
        if self.kind == GRAPH:
            return self._read(lambda w: len(_reached_by_all(w)) == w.rows)
        return self.kind == BIPARTITE or (self.kind == BAND and self.parameter > 0)

    @property
    def leader(self) -> bool | None:
        """Whether some token is reached from every token: there is one to agree with.

        ``None`` where the graph isn't given yet.
        """
        if self.kind == GRAPH:
            return self._read(lambda w: bool(_reached_by_all(w)))
        return self.kind != BAND or bool(self.parameter > 0)

    @property
    def everybody_sees(self) -> bool:
        """Whether every row has an entry: all masks but the strictly causal one."""
        return self.kind != STRICT

    @property
    def everybody_sees_itself(self) -> bool:
        """Whether every token is known to see itself."""
        if self.kind == GRAPH:
            return bool(self._read(lambda w: all(w[i, i] != 0 for i in range(w.rows))))
        return self.kind in (CAUSAL, BAND)

    def _read(self, fact: Any) -> bool | None:
        matrix = self.parameter
        return bool(fact(matrix)) if isinstance(matrix, MatrixBase) else None

    @property
    def unseen(self) -> tuple[int, int, int] | None:
        """Tokens i and j (from 1) of which i doesn't see j, and the least n; None if unknown."""
        if self.kind == GRAPH and not isinstance(self.parameter, MatrixBase):
            return None
        least = self.parameter.rows if self.kind == GRAPH else int(self.parameter) + 2
        table = self.on(least)
        zeros = [(i, j) for i in range(least) for j in range(least) if table[i, j] == 0]
        return (zeros[0][0] + 1, zeros[0][1] + 1, least) if zeros else None

    def sees(self, i: Any, j: Any) -> Any:
        """Whether token i attends to token j (counted from 0), as a condition in i and j.

        Parameters
        ----------
        i : object
            Token that attends, from 0.
        j : object
            Token that is attended to, from 0.

        Returns
        -------
        object
            A condition of SymPy, or its truth value.
        """
        i, j, value = sympify(i), sympify(j), self.parameter
        if self.kind == GRAPH:
            return Ne(value[i, j], 0)
        return {
            CAUSAL: j <= i,
            STRICT: j < i,
            BAND: Abs(i - j) <= value,
            BIPARTITE: Xor(i < value, j < value),
            CROSS: j < value,
        }[self.kind]

    def on(self, count: int) -> Any:
        """Matrix of the mask for a number of tokens.

        Parameters
        ----------
        count : int
            Number of tokens.

        Returns
        -------
        ImmutableMatrix, shape (count, count)
            A 0/1 matrix, shape (size, size).
        """
        return Mask(self.kind, self.parameter, count).as_explicit()

    def _entry(self, i: Any, j: Any, **kwargs: Any) -> Expr:
        if self.kind == GRAPH:
            entry: Expr = self.parameter[i, j]
            return entry
        return Piecewise((S.One, self.sees(i, j)), (S.Zero, True))

    def doit(self, **hints: Any) -> Mask:
        """Return the mask: it is its own value.

        Parameters
        ----------
        **hints : object
            As SymPy passes them; not used.

        Returns
        -------
        Mask
            The mask.
        """
        return self

    def _eval_transpose(self) -> Any:
        return self if self.symmetric else None

    def _eval_derivative(self, x: Any) -> Any:
        from sympy import ZeroMatrix

        return ZeroMatrix(*self.shape)

    def _sympystr(self, printer: Any) -> str:
        if self.kind in (CAUSAL, STRICT):
            return f"Mask({self.kind})"
        table = self.parameter
        rows = table.tolist() if isinstance(table, MatrixBase) else printer._print(table)
        return f"Mask({self.kind} {rows})"  # on one line, as it stands in sentences

    def _latex(self, printer: Any) -> str:
        if self.kind in (CAUSAL, STRICT):
            return rf"M_{{\mathrm{{{self.kind.replace(' ', chr(92) + ' ')}}}}}"
        return rf"M_{{\mathrm{{{self.kind}}}\,{printer._print(self.parameter)}}}"


def _count(name: str, value: Any, least: int) -> Integer:
    number = sympify(value)
    if not number.is_Integer or number < least:
        raise ValueError(f"Expected {name} an integer >= {least} but got {name}={value}.")
    return number


def _check_rows(matrix: Any) -> None:
    """Refuse entries other than 0 and 1, and a row that sees nobody."""
    for i in range(matrix.rows):
        row = matrix.row(i)
        other = [value for value in row if value not in (0, 1)]
        if other:
            raise ValueError(
                f"Expected entries 0 and 1 but got {other[0]} in row {i} of matrix; a weight "
                "belongs into the scores, as its logarithm."
            )
        if not any(row):
            raise ValueError(
                f"Expected a mask in which every token sees some token but got zeros in row {i} "
                "of matrix; let it see itself, matrix[i, i] = 1."
            )


def _reached_by_all(matrix: Any) -> set[int]:
    """Tokens that can be reached from every token along the edges i -> j where i sees j."""
    count = matrix.rows
    reach = [{i} for i in range(count)]
    for _ in range(count):
        reach = [r.union(*({j for j in range(count) if matrix[i, j]} for i in r)) for r in reach]
    return set.intersection(*reach)
