"""Weights e^{a<x_i, M x_j>} with query and key matrices, M = Q^T K, and values the tokens.

Their model form, the norm of M, and how small such weights can be.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any

import numpy as np
from sympy import Abs, DiagMatrix, Expr, MatAdd, MatMul, MatrixSymbol, S, Symbol, Transpose, exp
from sympy.matrices.expressions import MatrixExpr

from proofs_checks.decide import exact_rows
from theory.atoms import Elementwise, RowSoftmax, Tangent
from theory.bounded import exponential_parts
from theory.engines import Evaluator
from theory.models import SA, USA, Model
from theory.symbols import X, beta, d, m, n, t

NORM = Symbol("|Q^T K|", positive=True)
"""Operator norm of Q^T K, or any number above it, so that it may be taken to be positive."""


@dataclass(frozen=True)
class Scores:
    """``x_i' = P_i scale Σ_j m_j e^{heat <x_i, M x_j>} x_j``, over its row sum if normalised.

    Attributes
    ----------
    heat : Expr
        a, of either sign.
    matrix : MatrixExpr
        M, such as ``Q^T K``; not the identity.
    normalised : bool
    scale : Expr
    """

    heat: Expr
    matrix: MatrixExpr
    normalised: bool
    scale: Expr

    def reach(self, norm: Expr) -> Expr:
        """Bound of the exponents, ``|a| |M|``."""
        return Abs(self.heat) * norm

    def least(self, norm: Expr) -> Expr:
        """κ with ``A_ij >= κ m_j``, for Σ m = 1."""
        return self.scale * exp(-(2 if self.normalised else 1) * self.reach(norm))

    @property
    def cold(self) -> Model | None:
        """SA or USA at the scale, the flow that it is at β = 0; None if that isn't known."""
        if self.scale.has(t) or self.heat.subs(beta, 0) != 0:
            return None
        model = SA if self.normalised else USA
        if self.scale == 1:
            return model
        own = sorted(self.scale.free_symbols - {beta, n, d}, key=str)
        return replace(
            model,
            name=f"{self.scale}·{model.name}",
            velocity=Tangent(X, self.scale * model.velocity.field),
            parameters=(*model.parameters, *own),
        )

    @property
    def named(self) -> str:
        """M in words."""
        return str(self.matrix).replace(".T", "^T").replace("*", " ")


def _bilinear(scores: MatrixExpr) -> tuple[Expr, MatrixExpr] | None:
    """Read ``a X M X^T``."""
    factor, product = scores.as_coeff_mmul() if isinstance(scores, MatMul) else (S.One, scores)
    letters: tuple[Any, ...] = product.args if isinstance(product, MatMul) else ()
    if len(letters) < 3 or letters[0] != X or letters[-1] != Transpose(X):
        return None
    matrix = letters[1] if len(letters) == 3 else MatMul(*letters[1:-1])
    return None if matrix.free_symbols & {X, m, n, t} else (factor, matrix)


@lru_cache(maxsize=64)
def scores_of(model: Model) -> Scores | None:
    """Read a velocity as attention with query and key matrices and V a multiple of the identity.

    Examples
    --------
    >>> from theory.models import QK_SA, QKV, SA
    >>> scores_of(QK_SA).named, scores_of(SA), scores_of(QKV)
    ('Q^T K', None, None)
    """
    velocity = model.velocity
    if (model.kind, model.space) != ("flow", "sphere") or not isinstance(velocity, Tangent):
        return None
    field = velocity.field
    if velocity.points != X or isinstance(field, MatAdd) or not isinstance(field, MatMul):
        return None
    scale, product = field.as_coeff_mmul()
    if not isinstance(product, MatMul) or product.args[-1] != X:
        return None
    head = product.args[:-1]
    if len(head) == 1 and type(head[0]) is RowSoftmax and head[0].masses == m:
        read = _bilinear(head[0].scores)
        return None if read is None else Scores(*read, True, scale)
    if len(head) == 2 and isinstance(head[0], Elementwise) and head[1] == DiagMatrix(m):
        read, parts = _bilinear(head[0].expr), exponential_parts(head[0].body)
        if read is not None and parts is not None:
            return Scores(parts[1] * read[0], read[1], False, scale * parts[0])
    return None


def numbers_of(scores: Scores, given: Mapping[str, Any]) -> Any:
    """Exact entries of M where all its matrices were given as numbers, or None."""
    values = {}
    for symbol in scores.matrix.atoms(MatrixSymbol):
        value = given.get(str(symbol))
        if value is None or callable(value) or np.ndim(value) != 2:
            return None
        values[symbol] = exact_rows(value)
    return exact_rows(Evaluator(values)(scores.matrix)) if values else None


__all__ = ["NORM", "Scores", "numbers_of", "scores_of"]
