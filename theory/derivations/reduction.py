"""What every reduction of a model carries: its invariant set, and the residuals that vanish.

Also how the reductions read a velocity: term by term, and through ``X X^T = G``.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from sympy import Expr, MatAdd, MatMul, Mul, S, Transpose, ZeroMatrix
from sympy.matrices.expressions import MatrixExpr

from theory.atoms import Tangent
from theory.engines import Word
from theory.models import Model
from theory.noise import require_noiseless
from theory.summaries import Formulas, Summarised
from theory.symbols import G, X


class NotClosed(ValueError):
    """The Gram flow of a model needs more than the Gram matrix."""


@dataclass(frozen=True)
class Residual(Summarised):
    """One identity, brought to the form ``value = 0``.

    Parameters
    ----------
    statement : str
        The identity in words.
    value : Expr or MatrixExpr
        What is left of it in normal form; zero when proved.
    """

    statement: str
    value: Any

    @property
    def is_zero(self) -> bool:
        """Whether nothing is left."""
        return isinstance(self.value, ZeroMatrix) or self.value == 0


@dataclass(frozen=True)
class Reduction(Formulas):
    """What every reduction carries.

    Parameters
    ----------
    model : Model
        The model it was derived from.
    invariant : str
        The set of configurations on which it holds.
    proof : tuple of Residual
        The identities that were reduced to zero.
    """

    model: Model
    invariant: str
    proof: tuple[Residual, ...]

    @property
    def proved(self) -> bool:
        """Whether every residual is zero."""
        return all(item.is_zero for item in self.proof)


def gram_of_tokens(left: MatrixExpr, right: MatrixExpr) -> Word | None:
    """``X X^T = G``."""
    return (G,) if left == X and right == Transpose(X) else None


def require_flow(model: Model) -> None:
    """Refuse a discrete layer, which has no differential equation, and noise."""
    if model.kind != "flow":
        raise ValueError(
            f"Expected a flow but got kind={model.kind!r} in model={model.name}; "
            "a discrete layer has no differential equation to reduce."
        )
    require_noiseless(model)


def velocity_terms(
    velocity: MatrixExpr, factor_: Expr = S.One
) -> Iterator[tuple[bool, MatrixExpr]]:
    """Split a velocity into (is it projected, field)."""
    if isinstance(velocity, MatAdd):
        for arg in velocity.args:
            yield from velocity_terms(arg, factor_)
    elif isinstance(velocity, Tangent) and velocity.points == X:
        yield True, _multiple(factor_, velocity.field)
    elif isinstance(velocity, MatMul) and isinstance(velocity.args[-1], Tangent):
        *scalars, inside = velocity.args
        if any(isinstance(part, MatrixExpr) for part in scalars):
            yield False, _multiple(factor_, velocity)
        else:
            yield from velocity_terms(inside, factor_ * Mul(*scalars))
    else:
        yield False, _multiple(factor_, velocity)


def _multiple(coefficient: Expr, matrix: MatrixExpr) -> MatrixExpr:
    return matrix if coefficient == 1 else MatMul(coefficient, matrix)
