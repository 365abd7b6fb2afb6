"""Moving masses: gradient flows of an energy in the tokens and in their masses.

The metric is that of Wasserstein and Fisher–Rao: tokens climb the energy, and the mass of a token
grows where it is worth more than the mean. With ``Φ = dE/dm``,
``m_i' = α m_i (Φ_i - Σ_k m_k Φ_k / Σ_k m_k)``, so that the sum of the masses stays.
"""

from __future__ import annotations

from typing import Any

from sympy import DiagMatrix, OneMatrix
from sympy.matrices.expressions import MatrixExpr

from theory.atoms import Elementwise
from theory.blocks import Block
from theory.energy import ENERGY, mass_gradient
from theory.models.model import Model, gradient_flow
from theory.symbols import X, alpha, m, n, t, z


def mean_over_masses(column: MatrixExpr) -> MatrixExpr:
    """``Σ_k m_k c_k / Σ_k m_k`` of a column c, shape (1, 1)."""
    return Elementwise(1 / z, OneMatrix(1, n) * m) * (m.T * column)


def moving_masses(
    energy: MatrixExpr,
    name: str | None = None,
    *,
    rate: Any = alpha,
    conserved: bool = True,
    flow: str = "wasserstein",
    reference: str = "",
) -> Model:
    """Gradient flow of an energy in tokens and masses, a model of the blocks ``X`` and ``m``.

    Parameters
    ----------
    energy : MatrixExpr, shape (1, 1)
        A sum of pair terms and anchor terms, as for ``gradient_flow``.
    name : str, optional
        Name of the model.
    rate : Expr
        How fast masses move beside the tokens, α >= 0; at 0 they stay.
    conserved : bool
        Whether the sum of the masses is kept, by the mean that is taken off; otherwise
        ``m_i' = α m_i Φ_i``.
    flow : {"wasserstein", "softmax"}
        How the tokens move, as for ``gradient_flow``.
    reference : str
        Where it is from.

    Returns
    -------
    Model
        The new model.

    Examples
    --------
    >>> MOVING_MASSES.blocks[1]
    Block(symbol=m, space='simplex')
    >>> MOVING_MASSES.subs({alpha: 0}).velocities[m]
    0
    """
    tokens = gradient_flow(energy, flow=flow)
    worth = mass_gradient(energy)
    if conserved:
        worth = worth - OneMatrix(n, 1) * mean_over_masses(worth)
    free = sorted(getattr(rate, "free_symbols", set()) - {t}, key=str)
    return Model(
        name or "moving masses",
        {X: tokens.velocity, m: rate * (DiagMatrix(m) * worth)},
        energy,
        tokens.metric,
        parameters=(*tokens.parameters, *(s for s in free if s not in tokens.parameters)),
        reference=reference,
        blocks=(Block(X), Block(m, "simplex" if conserved else "positive")),
    )


MOVING_MASSES = moving_masses(ENERGY, reference="Wasserstein–Fisher–Rao")
"""USA with masses that move: the gradient flow of (3.5) in tokens and masses."""
