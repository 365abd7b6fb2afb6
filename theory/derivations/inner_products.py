"""The flow of the Gram matrix, ``G' = F X^T + X F^T`` (A.2), closed in G.

With keys, a second species or fixed tokens it closes together with the inner products of X and
those; each of them is then given with its own equation.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from sympy import (
    DiagMatrix,
    Identity,
    MatAdd,
    MatMul,
    MatrixSymbol,
    OneMatrix,
    Transpose,
    ZeroMatrix,
    preorder_traversal,
    sqrt,
)
from sympy.matrices.expressions import MatrixExpr
from sympy.matrices.expressions.diagonal import DiagonalMatrix

from theory.atoms import Elementwise, RowNormalize
from theory.derivations.reduction import NotClosed, Reduction, Residual
from theory.derivations.witness import Obstruction, rotated_break
from theory.engines import Rewriter, Word, Words
from theory.latex import latex_equation, latex_of
from theory.models import Model
from theory.noise import require_noiseless
from theory.summaries import Summarised
from theory.symbols import G, X, d, n, z
from theory.weights import on_unit_rows


@dataclass(frozen=True)
class Products(Summarised):
    """Inner products ``left right^T`` that the flow of G needs beside G.

    Parameters
    ----------
    symbol : MatrixSymbol
        Their name, such as ``G_XY`` for ``X Y^T``.
    left, right : MatrixSymbol
        Rows of two blocks or parameters.
    rate : MatrixExpr
        Right side of ``symbol' = rate``; zero where neither moves.
    """

    symbol: Any
    left: Any
    right: Any
    rate: MatrixExpr


@dataclass(frozen=True)
class GramFlow(Reduction):
    """``G' = rate``, closed in the Gram matrix G of the tokens, in every dimension.

    Of a layer ``X <- F`` it is what G becomes, ``G <- rate``.

    Parameters
    ----------
    model : Model
        The model it was derived from.
    invariant : str
        The set of configurations on which it holds.
    proof : tuple of Residual
        The identities that were reduced to 0.
    rate : MatrixExpr, shape (n, n)
        Right side in ``theory.symbols.G``, ``m`` and the parameters.
    others : tuple of (MatrixSymbol, MatrixExpr)
        With several blocks: the velocities of the other columns, closed in G and their symbols.
    products : tuple of Products
        Inner products of X with keys, fixed tokens or a second species that the rate needs as
        well; none for models whose Gram matrix moves by itself.
    """

    _shown = ("model", "others", "products", "invariant", "proved")

    rate: MatrixExpr
    others: tuple[tuple[MatrixSymbol, MatrixExpr], ...] = ()
    products: tuple[Products, ...] = ()

    def formulas(self) -> list[str]:
        """Write the entries of what moves, and what the products are.

        Returns
        -------
        list of str
            LaTeX, an equation each.
        """
        kind, tokens = self.model.kind, self.model.token_counts
        moving = [(G, self.rate), *self.others, *((p.symbol, p.rate) for p in self.products)]
        lines = [latex_equation(symbol, rate, kind, tokens) for symbol, rate in moving]
        for part in self.products:
            meaning = latex_of(part.left * part.right.T, tokens)
            lines.append(f"{latex_of(part.symbol, tokens)} = {meaning}")
        return lines


class _Closure:
    """Rewriting with a symbol for each product ``A B^T`` of two symbols with d columns."""

    def __init__(self, model: Model) -> None:
        self.model = model
        self.rows = [X, *(b.symbol for b in model.blocks[1:]), *model.parameters]
        self.rows = [
            symbol
            for symbol in self.rows
            if isinstance(symbol, MatrixSymbol)
            and symbol.shape[1] == d
            and (symbol == X or symbol.shape[0] not in (d, n) or symbol in self.moving)
        ]
        taken = {str(s) for expr in model.velocities.values() for s in expr.free_symbols}
        self.prefix = "G_" if not any(name.startswith("G_") for name in taken) else "Gram_"
        self.found: dict[Any, tuple[Any, Any]] = {}
        symmetric = [G, *(self.symbol(a, a) for a in self.rows)]
        self.plain = Rewriter(pair=self.pair, symmetric=frozenset(symmetric))
        self.unit = Rewriter(pair=self.pair, atom=_unit_diagonal, symmetric=frozenset(symmetric))

    @property
    def moving(self) -> set[Any]:
        """Symbols of the blocks."""
        return {block.symbol for block in self.model.blocks}

    def symbol(self, left: Any, right: Any) -> Any:
        """Name of ``left right^T``."""
        if left == right == X:
            return G
        return MatrixSymbol(f"{self.prefix}{left}{right}", left.shape[0], right.shape[0])

    def pair(self, left: MatrixExpr, right: MatrixExpr) -> Word | None:
        """Put the symbol of ``A B^T``, in the order of the blocks."""
        if not isinstance(right, Transpose) or right.arg not in self.rows or left not in self.rows:
            return None
        first, second = left, right.arg
        turned = self.rows.index(first) > self.rows.index(second)
        if turned:
            first, second = second, first
        symbol = self.symbol(first, second)
        if symbol != G:
            self.found[symbol] = (first, second)
        return (Transpose(symbol) if turned else symbol,)

    def velocity(self, symbol: Any) -> MatrixExpr:
        """Velocity of a block, or what a layer makes of it."""
        given = self.model.velocities.get(symbol)
        if given is None:
            return symbol if self.model.kind == "map" else ZeroMatrix(*symbol.shape)
        return self.plain_field(given)

    def plain_field(self, given: MatrixExpr) -> MatrixExpr:
        """Write a velocity by products of rows; distances too, where rows have length one."""
        return plain_rows(on_unit_rows(given) if self.model.space == "sphere" else given)

    def rate(self, left: Any, right: Any) -> MatrixExpr:
        """Derive ``(A B^T)'``, or what a layer makes of it, closed."""
        if self.model.kind == "map":
            return self.closed(MatMul(self.velocity(left), Transpose(self.velocity(right))))
        mine, theirs = self.velocity(left), self.velocity(right)
        return self.closed(MatAdd(MatMul(mine, right.T), MatMul(left, Transpose(theirs))))

    def closed(self, expr: MatrixExpr) -> MatrixExpr:
        """Put symbols for the products; an error names the terms with rows left."""
        words = self.plain.words(expr)
        left = {word: c for word, c in words.items() if self._open(word, c)}
        if left:
            # Strings are dear: two are written, the shortest.
            two = sorted(left, key=lambda word: _size(*word, left[word]))[:2]
            terms = [self._shown(word, left[word], expr.shape) for word in two]
            shown = "; ".join(terms) + ("; ..." if len(left) > 2 else "")
            raise NotClosed(
                f"Expected a velocity that needs X only through X X^T but got {len(left)} terms "
                f"with X left in model={self.model.name}: {shown}; a value matrix must "
                "be a multiple of the identity and the scores a function of <x_i,x_j>."
            )
        return self.plain.assemble(words, expr.shape)

    def _open(self, word: Word, coefficient: Any) -> bool:
        moving = [symbol for symbol in self.rows if symbol in self.moving]
        return any(e.free_symbols & set(moving) for e in (coefficient, *word))

    def _shown(self, word: Word, coefficient: Any, shape: Any) -> str:
        words: Words = {word: coefficient}
        return str(self.plain.assemble(words, shape))


def _size(*parts: Any) -> int:
    """Count the nodes of expressions."""
    return sum(1 for part in parts for _ in preorder_traversal(part))


def plain_rows(expr: MatrixExpr) -> MatrixExpr:
    """Write normalised rows as rows over their lengths, which are entries of ``F F^T``.

    Parameters
    ----------
    expr : MatrixExpr
        A velocity, or weights.

    Returns
    -------
    MatrixExpr
        The same, by diagonal matrices.

    Examples
    --------
    >>> from sympy import MatrixSymbol
    >>> from theory.atoms import RowNormalize
    >>> Q = MatrixSymbol("Q", d, d)
    >>> plain_rows(RowNormalize(X * Q)).has(RowNormalize), plain_rows(X * Q) == X * Q
    (False, True)
    """
    if not expr.has(RowNormalize):
        return expr
    return expr.replace(
        lambda node: isinstance(node, RowNormalize), lambda node: _over_lengths(node.args[0])
    )


def _over_lengths(field: MatrixExpr) -> MatrixExpr:
    squares = DiagonalMatrix(field * Transpose(field)) * OneMatrix(field.shape[0], 1)
    return DiagMatrix(Elementwise(1 / sqrt(z), squares)) * field


def _unit_diagonal(rewriter: Rewriter, node: MatrixExpr) -> Word | None:
    """``diag(G) = 1``: the tokens have length one."""
    return () if isinstance(node, DiagonalMatrix) and node.args[0] == G else None


@lru_cache(maxsize=64)
def gram_flow(model: Model) -> GramFlow:
    """Derive the flow of the Gram matrix, ``G' = F X^T + X F^T`` (A.2).

    Parameters
    ----------
    model : Model
        A flow; or a layer ``X <- F``, of which it is ``G <- F F^T``.

    Returns
    -------
    GramFlow
        The closed equation. The proof holds the symmetry of the rate and, for unit tokens, that
        their lengths stay one.

    Raises
    ------
    Obstruction
        When X is left after every product of rows has got its symbol, and two states with one
        Gram matrix are found whose Gram matrices move apart: the witness.
    NotClosed
        When X is left and no such states are found; both errors name the terms.

    Examples
    --------
    >>> from theory.models import QK_SA, QKV, SA
    >>> gram_flow(SA).proved
    True
    >>> [products.symbol for products in gram_flow(QK_SA).products]
    [G_XQ, G_XK]
    >>> try:
    ...     gram_flow(QKV)
    ... except Obstruction as found:
    ...     print(found.witness.statement)
    X and X R have one Gram matrix, yet <x_4,x_2>' = 1.30491 at X and -0.467111 at X R
    """
    found = closed_flow(model)
    if isinstance(found, GramFlow):
        return found
    seen = rotated_break(model)
    if seen is None:
        raise NotClosed(str(found))
    raise Obstruction(str(found), seen)


@lru_cache(maxsize=64)
def closed_flow(model: Model) -> GramFlow | NotClosed:
    """Derive the flow, or say what is left of X in it, without looking for a witness."""
    require_noiseless(model)
    try:
        return _derived(model)
    except NotClosed as refusal:
        return NotClosed(str(refusal))


def _derived(model: Model) -> GramFlow:
    closure = _Closure(model)
    closed = closure.rate(X, X)
    others = tuple(
        (s, closure.closed(closure.plain_field(v)))
        for s, v in model.velocities.items()
        if s != X and s not in closure.rows
    )
    products: dict[Any, Products] = {}
    while missing := [symbol for symbol in closure.found if symbol not in products]:
        for symbol in missing:
            left, right = closure.found[symbol]
            products[symbol] = Products(symbol, left, right, closure.rate(left, right))
    used = {s for expr in (closed, *(v for _, v in others)) for s in expr.free_symbols}
    while (
        more := {s for p in products.values() if p.symbol in used for s in p.rate.free_symbols}
        - used
    ):
        used |= more
    asymmetry = closure.plain.difference(closed, Transpose(closed))
    proof = [Residual("the rate is symmetric", closure.plain.assemble(asymmetry, (n, n)))]
    invariant = "symmetric positive semidefinite matrices of constant rank"
    if model.space == "sphere":
        if model.kind == "flow":
            left = closure.unit.form(DiagonalMatrix(closed))
            proof.append(Residual("the diagonal stays 1", left))
        elif not isinstance(model.velocities[X], RowNormalize):
            words = closure.unit.difference(DiagonalMatrix(closed), Identity(n))
            proof.append(Residual("the diagonal stays 1", closure.unit.assemble(words, (n, n))))
        invariant += " with unit diagonal"
    kept = tuple(found for symbol, found in products.items() if symbol in used)
    return GramFlow(model, invariant, tuple(proof), closed, others, kept)


__all__ = ["GramFlow", "Products", "closed_flow", "gram_flow", "plain_rows"]
