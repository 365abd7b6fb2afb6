"""What hypotheses read off a model, with its own expressions kept as they are written.

A step that is such a reading holds one of these in ``formal``, so that another program can be asked
to prove it. Nothing here is expanded, and nothing decides anything.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sympy import DiagMatrix, Expr, HadamardProduct, MatMul, S, Symbol, exp
from sympy.matrices.expressions import MatrixExpr

from theory.atoms import Elementwise, MaskedSoftmax, RowSoftmax
from theory.masks import Mask
from theory.models import Model, attention_form, pair_weights
from theory.symbols import X, m, z

Values = tuple[tuple[Symbol, Expr], ...]
"""Parameters with the values that were given, which may hold t."""


@dataclass(frozen=True)
class Asked:
    """Of which models or parameters it is asked: the sentence is restricted, nothing is said."""


@dataclass(frozen=True)
class Reading:
    """What is read off a model.

    Attributes
    ----------
    values : tuple of (Symbol, Expr)
        Values of parameters, as they are given; other parameters are symbols.
    """

    values: Values


@dataclass(frozen=True)
class Autonomous(Reading):
    """Time enters nowhere: a trajectory that starts later is a trajectory."""

    velocity: MatrixExpr


@dataclass(frozen=True)
class Paced(Reading):
    """``velocity = s(t) F(X)``: a trajectory is one of F at a time S(t) with S' = s > 0.

    Attributes
    ----------
    velocity : MatrixExpr
    still : MatrixExpr
        F.
    pace : Expr
        s.
    """

    velocity: MatrixExpr
    still: MatrixExpr
    pace: Expr


@dataclass(frozen=True)
class Confined(Reading):
    """``<x_i, x_i'> = 0`` for tokens of length one."""

    velocity: MatrixExpr


@dataclass(frozen=True)
class PairEnergy(Reading):
    """The energy is ``½ Σ_i Σ_j m_i m_j h(<x_i,x_j>)``.

    Attributes
    ----------
    energy : MatrixExpr
    kernel : Expr
        h, in z.
    """

    energy: MatrixExpr
    kernel: Expr


@dataclass(frozen=True)
class Weights:
    """``A_ij = w_ij m_j k(S_ij)``, over its row sum if normalised.

    Attributes
    ----------
    kernel : Expr
        k, in z.
    scores : MatrixExpr
        S.
    normalised : bool
    mask : Mask, optional
        w; None if everybody sees everybody.
    """

    kernel: Expr
    scores: MatrixExpr
    normalised: bool
    mask: Mask | None = None


@dataclass(frozen=True)
class Attention(Reading):
    """``x_i' = c Σ_j A_ij (x_j - <x_i,x_j> x_i)``: the values are the tokens.

    Attributes
    ----------
    velocity : MatrixExpr
    scale : Expr
        c.
    weights : Weights
        A.
    """

    velocity: MatrixExpr
    scale: Expr
    weights: Weights


@dataclass(frozen=True)
class Positive(Reading):
    """``A_ij > 0``, A as the velocity holds it."""

    matrix: MatrixExpr


@dataclass(frozen=True)
class RowSums(Reading):
    """``Σ_j A_ij = 1``, A as the velocity holds it."""

    matrix: MatrixExpr


@dataclass(frozen=True)
class Analytic(Reading):
    """A function of z is the sum of its power series, at every z.

    Attributes
    ----------
    kernel : Expr
        The function.
    """

    kernel: Expr


@dataclass(frozen=True)
class Linear(Reading):
    """k is constant in z, so that every h with h' = k is linear.

    Attributes
    ----------
    kernel : Expr
        k.
    """

    kernel: Expr


@dataclass(frozen=True)
class Moves(Reading):
    """k isn't 0 everywhere on [-1, 1]."""

    kernel: Expr


@dataclass(frozen=True)
class StillEnergy(Reading):
    """The energy of tokens that stay doesn't change with time."""

    energy: MatrixExpr


@dataclass(frozen=True)
class EqualAngles(Reading):
    """``<x_i', x_j> + <x_i, x_j'>`` is one number for all i ≠ j where all angles are equal.

    Attributes
    ----------
    velocity : MatrixExpr
    rate : Expr
        That number, in gamma and n, for masses 1/n.
    """

    velocity: MatrixExpr
    rate: Expr


@dataclass(frozen=True)
class Relabelled(Reading):
    """``F(SX; Sm) = S F(X; m)``: relabelling tokens and masses relabels the velocities."""

    velocity: MatrixExpr


@dataclass(frozen=True)
class Rotated(Reading):
    """``F(XR) = F(X)R`` for maps R that keep inner products."""

    velocity: MatrixExpr


def is_plain(model: Model) -> bool:
    """Whether a model is a flow of tokens alone."""
    return model.kind == "flow" and len(model.blocks) == 1


def given_values(values: Mapping[Any, Expr]) -> Values:
    """Sort what was given."""
    return tuple(sorted(values.items(), key=lambda item: str(item[0])))


def autonomous(model: Model, values: Mapping[Any, Expr]) -> Autonomous | None:
    """Read that a velocity doesn't depend on time."""
    return Autonomous(given_values(values), model.velocity) if is_plain(model) else None


def paced(model: Model, values: Mapping[Any, Expr], pace: Expr) -> Paced | None:
    """Read a velocity at a constant pace, which is a part of it as it is written."""
    if not is_plain(model) or pace != 1:
        return None
    return Paced(given_values(values), model.velocity, model.velocity, pace)


def confined(model: Model) -> Confined | None:
    """Read that a velocity is tangent to the sphere."""
    return Confined((), model.velocity) if is_plain(model) else None


def scalar_attention(model: Model, values: Mapping[Any, Expr]) -> Attention | None:
    """Read weights that are functions of inner products, of value matrix c I."""
    form = attention_form(model) if is_plain(model) else None
    if form is None:
        return None
    weights = Weights(form.kernel, X * X.T, form.normalised)
    return Attention(given_values(values), model.velocity, form.scale, weights)


def row_sums(model: Model) -> RowSums | None:
    """Read that the weights of each row add up to 1."""
    matrix = pair_weights(model.velocity) if is_plain(model) else None
    return None if matrix is None else RowSums((), matrix)


def own_values(model: Model, values: Mapping[Any, Expr]) -> Attention | None:
    """Read a field A X, whatever the weights A are made of."""
    matrix = pair_weights(model.velocity) if is_plain(model) else None
    if matrix is None:
        return None
    scale, head = matrix.as_coeff_mmul() if isinstance(matrix, MatMul) else (S.One, matrix)
    weights = weights_of(head)
    if weights is None:
        return None
    return Attention(given_values(values), model.velocity, scale, weights)


def weights_of(head: MatrixExpr) -> Weights | None:
    """Read weights off their matrix: a softmax, or a function of the scores times the masses."""
    if type(head) in (RowSoftmax, MaskedSoftmax) and head.masses == m:
        return Weights(exp(z), head.scores, True, getattr(head, "mask", None))
    if not isinstance(head, MatMul) or len(head.args) != 2 or head.args[1] != DiagMatrix(m):
        return None
    parts = head.args[0].args if isinstance(head.args[0], HadamardProduct) else head.args[:1]
    masks = [part for part in parts if isinstance(part, Mask)]
    kernels = [part for part in parts if isinstance(part, Elementwise)]
    if len(kernels) != 1 or len(masks) > 1 or len(masks) + 1 != len(parts):
        return None
    return Weights(kernels[0].body, kernels[0].expr, False, masks[0] if masks else None)


def positive(model: Model, values: Mapping[Any, Expr]) -> Positive | None:
    """Read that weights are positive, off the velocity."""
    matrix = pair_weights(model.velocity) if is_plain(model) else None
    return None if matrix is None else Positive(given_values(values), matrix)


__all__ = [
    "Analytic",
    "Asked",
    "Attention",
    "Autonomous",
    "Confined",
    "EqualAngles",
    "Linear",
    "Moves",
    "Paced",
    "PairEnergy",
    "Positive",
    "Reading",
    "Relabelled",
    "Rotated",
    "RowSums",
    "StillEnergy",
    "Weights",
    "autonomous",
    "confined",
    "given_values",
    "is_plain",
    "own_values",
    "paced",
    "positive",
    "row_sums",
    "scalar_attention",
    "weights_of",
]
