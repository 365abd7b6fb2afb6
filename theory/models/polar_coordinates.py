"""Polar coordinates: a model of vectors y_i in R^d as one of directions x_i and lengths r_i.

With ``y_i = r_i x_i`` and ``y' = F(y)``: ``x_i' = P_i F_i / r_i`` and ``r_i' = <x_i, F_i>``.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from sympy import DiagMatrix, MatrixSymbol, OneMatrix
from sympy.matrices.expressions.diagonal import DiagonalMatrix

from theory.atoms import Elementwise, RowNormalize, Tangent
from theory.blocks import Block
from theory.models.model import Model
from theory.symbols import X, d, n, r, z

_DIRECTIONS = MatrixSymbol("directions", n, d)


def polar(model: Model, name: str | None = None) -> Model:
    """Write a flow of vectors in R^d for their directions, block X, and their lengths, block r.

    Where the velocity reads ``RowNormalize(X)`` it reads the directions alone; elsewhere X becomes
    ``diag(r) X``. No length may become 0. The energy is left out.

    Parameters
    ----------
    model : Model
        A flow whose tokens live in R^d.
    name : str, optional
        Of the result; by default "polar" before the model's.

    Returns
    -------
    Model
        A model of the blocks ``X`` and ``r``.

    Raises
    ------
    ValueError
        For a map, tokens on the sphere, or a model that has a symbol r.

    Examples
    --------
    Attention that reads normalised tokens and adds to the sum of all layers is pre-LN:

    >>> from theory.atoms import RowSoftmax
    >>> from theory.models import PRE_LN
    >>> from theory.symbols import beta, m
    >>> unit = RowNormalize(X)
    >>> sums = Model("sums", RowSoftmax(beta * unit * unit.T, m) * unit, space="euclidean")
    >>> polar(sums).velocity == PRE_LN.velocity
    True
    """
    if model.kind != "flow" or model.space != "euclidean":
        raise ValueError(
            f"Expected a flow in R^d but got model={model.name} (space={model.space!r}, "
            f"kind={model.kind!r}); on the sphere there are no lengths."
        )
    taken = {s for expr in model.velocities.values() for s in expr.free_symbols}
    if any(str(s) == "r" for s in {*taken, *model.parameters}):
        raise ValueError(f"Expected no symbol r but got one in model={model.name}; rename it.")

    def read(expr: Any) -> Any:
        plain = expr.xreplace({RowNormalize(X): _DIRECTIONS})
        return plain.xreplace({X: DiagMatrix(r) * _DIRECTIONS}).xreplace({_DIRECTIONS: X})

    velocities = {symbol: read(expr) for symbol, expr in model.velocities.items()}
    field = velocities[X]
    velocities[X] = Tangent(X, DiagMatrix(Elementwise(1 / z, r)) * field)
    velocities[r] = DiagonalMatrix(field * X.T) * OneMatrix(n, 1)
    return replace(
        model,
        name=name or f"polar {model.name}",
        velocity=velocities,
        energy=None,
        metric=None,
        space="",
        blocks=(Block(X), Block(r, "positive"), *model.blocks[1:]),
    )
