"""The flow of the Gram matrix, ``G' = F X^T + X F^T`` (A.2), closed in G."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

from sympy import MatrixSymbol, Transpose
from sympy.matrices.expressions import MatrixExpr
from sympy.matrices.expressions.diagonal import DiagonalMatrix

from theory.derivations.reduction import (
    NotClosed,
    Reduction,
    Residual,
    gram_of_tokens,
    require_flow,
)
from theory.engines import Rewriter, Word
from theory.models import Model
from theory.symbols import G, X, n
from theory.weights import on_unit_rows


def _unit_diagonal(rewriter: Rewriter, node: MatrixExpr) -> Word | None:
    """``diag(G) = 1``: the tokens have length one."""
    return () if isinstance(node, DiagonalMatrix) and node.args[0] == G else None


_GRAM = Rewriter(pair=gram_of_tokens, symmetric=frozenset([G]))


_UNIT = Rewriter(pair=gram_of_tokens, atom=_unit_diagonal, symmetric=frozenset([G]))


@dataclass(frozen=True)
class GramFlow(Reduction):
    """``G' = rate``, closed in the Gram matrix G of the tokens, in every dimension.

    Attributes
    ----------
    rate : MatrixExpr, shape (n, n)
        Right side in ``theory.symbols.G``, ``m`` and the parameters.
    others : tuple of (MatrixSymbol, MatrixExpr)
        With several blocks: the velocities of the others, closed in G and their symbols.
    """

    rate: MatrixExpr
    others: tuple[tuple[MatrixSymbol, MatrixExpr], ...] = ()


@lru_cache(maxsize=64)
def gram_flow(model: Model) -> GramFlow:
    """Derive the flow of the Gram matrix, ``G' = F X^T + X F^T`` (A.2).

    Parameters
    ----------
    model : Model
        A flow.

    Returns
    -------
    GramFlow
        The closed equation. The proof holds the symmetry of the rate and, for unit tokens, that
        their lengths stay one.

    Raises
    ------
    NotClosed
        When X is left after every ``X X^T`` has become G; the error names the terms.

    Examples
    --------
    >>> from theory.models import SA
    >>> gram_flow(SA).proved
    True
    """
    require_flow(model)
    velocity = model.velocities[X]
    velocity = on_unit_rows(velocity) if model.space == "sphere" else velocity
    closed = _closed(model, velocity * X.T + X * Transpose(velocity))
    others = tuple((s, _closed(model, v)) for s, v in model.velocities.items() if s != X)
    asymmetry = _GRAM.difference(closed, Transpose(closed))
    proof = [Residual("the rate is symmetric", _GRAM.assemble(asymmetry, (n, n)))]
    invariant = "symmetric positive semidefinite matrices of constant rank"
    if model.space == "sphere":
        proof.append(Residual("the diagonal stays 1", _UNIT.form(DiagonalMatrix(closed))))
        invariant += " with unit diagonal"
    return GramFlow(model, invariant, tuple(proof), closed, others)


def _closed(model: Model, expr: MatrixExpr) -> MatrixExpr:
    """Put G for X X^T; an error names the terms with an X left."""
    words = _GRAM.words(expr)
    left = {word: c for word, c in words.items() if any(X in e.free_symbols for e in (c, *word))}
    if left:
        shown = sorted({str(_GRAM.assemble({word: c}, expr.shape)) for word, c in left.items()})
        raise NotClosed(
            f"Expected a velocity that needs X only through X X^T but got {len(shown)} terms with "
            f"X left in model={model.name}: {'; '.join(shown)}; a value matrix must be a multiple "
            "of the identity and the scores a function of <x_i,x_j>."
        )
    return _GRAM.assemble(words, expr.shape)
