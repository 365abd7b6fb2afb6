"""The weights by which tokens pull each other, read off a velocity of any form."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from sympy import DiagMatrix, MatAdd, MatMul
from sympy.matrices.expressions import MatrixExpr
from sympy.matrices.expressions.diagonal import DiagonalMatrix

from theory.atoms import RowNormalize, Tangent
from theory.models import Model

Weights = dict[Any, dict[Any, MatrixExpr]]


def token_weights(model: Model) -> Weights | None:
    """Read the weights W of a flow ``x_i' = P_i Σ_j W_ij y_j``, species by species, or return None.

    Parameters
    ----------
    model : Model
        A flow on the sphere. Every moving species of tokens must be moved by moving species alone.

    Returns
    -------
    dict
        ``weights[X][Y]`` is the matrix by which tokens X are pulled to tokens Y.

    Examples
    --------
    >>> from theory.models import PRE_LN, QKV
    >>> from theory.symbols import X
    >>> list(token_weights(PRE_LN)[X]), token_weights(QKV)
    ([X], None)
    """
    if model.kind != "flow":
        return None
    species = [b.symbol for b in model.blocks if b.space == "sphere"]
    found: Weights = {}
    for symbol in species:
        pulls: dict[Any, list[MatrixExpr]] = {}
        for field in _fields(model.velocities[symbol], symbol):
            if field is None:
                return None
            factors = list(field.args) if isinstance(field, MatMul) else [field]
            if factors[-1] not in species:
                return None
            head = factors[:-1]
            if [f for f in head if isinstance(f, MatrixExpr)]:  # c x_i alone is projected away
                pulls.setdefault(factors[-1], []).append(
                    MatMul(*head) if len(head) > 1 else head[0]
                )
            elif factors[-1] != symbol:
                return None
        found[symbol] = {
            other: MatAdd(*terms) if len(terms) > 1 else terms[0] for other, terms in pulls.items()
        }
    return found if species and any(found.values()) else None


def _fields(velocity: MatrixExpr, points: Any) -> Iterator[MatrixExpr | None]:
    """Yield the terms of F in a velocity P F, each a product; None for what isn't projected."""
    if isinstance(velocity, MatAdd):
        for part in velocity.args:
            yield from _fields(part, points)
        return
    *factors, last = velocity.args if isinstance(velocity, MatMul) else (velocity,)
    rows = (DiagMatrix, DiagonalMatrix)  # dividing rows and projecting them commute
    plain = all(isinstance(f, rows) or not isinstance(f, MatrixExpr) for f in factors)
    if isinstance(last, Tangent) and last.points == points and plain:
        for product in _products(last.field):
            yield MatMul(*factors, product).doit(deep=False) if factors else product
    else:
        yield None


def _products(field: MatrixExpr) -> Iterator[MatrixExpr]:
    """Multiply out the last factor of a field."""
    if isinstance(field, MatAdd):
        for part in field.args:
            yield from _products(part)
        return
    *factors, last = field.args if isinstance(field, MatMul) else (field,)
    if isinstance(last, RowNormalize):
        last = last.elementary()
    if isinstance(last, MatAdd | MatMul):
        for product in _products(last):
            yield MatMul(*factors, product).doit(deep=False) if factors else product
    else:
        yield field
