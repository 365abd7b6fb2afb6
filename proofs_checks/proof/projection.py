"""One form of a projected velocity: ``P F``, without what the projection takes out.

P_i is linear, commutes with factors of rows, and takes out multiples of x_i: ``c P F = P (cF)``,
``D P F = P (D F)``, ``P F + P G = P (F + G)`` and ``P (F + D X) = P F`` for D diagonal.
"""

from __future__ import annotations

from typing import Any

from sympy import DiagMatrix, Identity, Inverse, MatAdd, MatMul, MatPow, MatrixExpr, ZeroMatrix

from theory.atoms import Tangent
from theory.symbols import X


def projected(velocity: MatrixExpr, points: MatrixExpr = X) -> MatrixExpr:
    """Write a velocity as one projection of what isn't along the points, if it is projected at all.

    Examples
    --------
    >>> from theory.models import SA
    >>> from theory.symbols import t
    >>> projected(t * SA.velocity)
    Tangent(X, t*RowSoftmax(beta*X*X.T, m)*X)
    >>> projected(Tangent(X, SA.velocity.field - 3 * X)) == SA.velocity
    True
    """
    fields = [_field(part, points) for part in summands(velocity)]
    if any(field is None for field in fields):
        return velocity
    terms = [term for field in fields for term in summands(field)]
    kept = [term for term in terms if not _is_along(term, points)]
    if isinstance(velocity, Tangent) and len(kept) == len(terms):
        return velocity
    return Tangent(points, MatAdd(*kept).doit() if kept else ZeroMatrix(*points.shape))


def summands(expr: Any) -> tuple[Any, ...]:
    """Terms of a sum, of c (A + B) and of (A + B) X."""
    if isinstance(expr, MatAdd):
        return tuple(part for arg in expr.args for part in summands(arg))
    if not isinstance(expr, MatMul):
        return (expr,)
    factors = expr.args
    place = next((i for i, part in enumerate(factors) if isinstance(part, MatAdd)), None)
    if place is None or any(part != X for part in factors[place + 1 :]):
        return (expr,)
    before, after = factors[:place], factors[place + 1 :]
    split = (MatMul(*before, part, *after).doit() for part in factors[place].args)
    return tuple(part for term in split for part in summands(term))


def _field(part: Any, points: Any) -> Any:
    """F of ``D P F``, D diagonal, or None."""
    if isinstance(part, Tangent):
        return part.field if part.points == points else None
    if not isinstance(part, MatMul) or not isinstance(part.args[-1], Tangent):
        return None
    factors, last = part.args[:-1], part.args[-1]
    if last.points != points or not all(map(_is_diagonal, factors)):
        return None
    return MatMul(*factors, last.field)


def _is_along(term: Any, points: Any) -> bool:
    """Whether row i of a term is a multiple of row i of the points."""
    factors = term.args if isinstance(term, MatMul) else (term,)
    return factors[-1] == points and all(map(_is_diagonal, factors[:-1]))


def _is_diagonal(factor: Any) -> bool:
    if isinstance(factor, Inverse | MatPow):
        return _is_diagonal(factor.args[0])
    return not isinstance(factor, MatrixExpr) or isinstance(factor, DiagMatrix | Identity)


__all__ = ["projected", "summands"]
