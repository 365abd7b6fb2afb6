"""Oscillators with frequencies of their own: the Kuramoto model (7.2), (7.5), and it on graphs.

On the circle a frequency is the tangent field ``ω_i J x_i``, J a quarter turn: in angles
``theta_i' = ω_i + …``. On S^{d-1}, J a skew matrix, it is a rotation by each token's own rate.
"""

from __future__ import annotations

from dataclasses import replace

from sympy import DiagMatrix, ImmutableMatrix, MatrixSymbol, OneMatrix, Symbol

from theory.atoms import Tangent
from theory.models.model import Model
from theory.symbols import X, d, m, n

omega = MatrixSymbol("omega", n, 1)
"""Frequencies, one a token."""
turn = MatrixSymbol("J", d, d)
"""Generator of the rotations: skew. On the circle `QUARTER_TURN`."""
coupling = Symbol("coupling", real=True)
"""Strength K of the coupling."""
weights = MatrixSymbol("W", n, n)
"""Weights of a graph: token i is pulled by token j with W_ij."""

QUARTER_TURN = ImmutableMatrix([[0, -1], [1, 0]])
"""J on the circle, ``(cos, sin) -> (-sin, cos)``."""


def with_frequencies(model: Model, name: str | None = None) -> Model:
    """Multiply a flow on the sphere by K and give each token a frequency, as (7.5) has it.

    Parameters
    ----------
    model : Model
        The coupling, at K = 1 and ω = 0.
    name : str, optional
        Of the result.

    Returns
    -------
    Model
        ``x_i' = K·velocity_i + P_i ω_i J x_i``; the parameters ``coupling``, ``omega``, ``J``
        follow those of the model. Its energy is dropped: with frequencies none climbs.

    Raises
    ------
    ValueError
        For a layer, a model off the sphere, or one with several blocks.

    Examples
    --------
    >>> from theory.models import USA
    >>> [str(parameter) for parameter in with_frequencies(USA).parameters]
    ['beta', 'coupling', 'omega', 'J']
    """
    if model.kind != "flow" or model.space != "sphere" or len(model.blocks) > 1:
        raise ValueError(
            f"Expected a flow of tokens on the sphere but got model={model.name}; frequencies "
            "turn unit vectors."
        )
    return replace(
        model,
        name=name or f"{model.name} with frequencies",
        velocity=coupling * model.velocity + Tangent(X, DiagMatrix(omega) * X * turn.T),
        energy=None,
        metric=None,
        parameters=(*model.parameters, coupling, omega, turn),
        reference="(7.5)",
    )


_ALL_TO_ALL = Model("mean field", Tangent(X, OneMatrix(n, 1) * m.T * X), parameters=())

KURAMOTO = replace(with_frequencies(_ALL_TO_ALL, "Kuramoto"), reference="(7.2)")
"""``theta_i' = ω_i + K Σ_j m_j sin(theta_j - theta_i)``, the paper's m_j being 1/n."""

_ON_GRAPH = Model("graph", Tangent(X, weights * DiagMatrix(m) * X), parameters=(weights,))

NETWORK = replace(
    with_frequencies(_ON_GRAPH, "Kuramoto on a graph"), reference="(7.2) with weights W_ij in (7.3)"
)
"""``theta_i' = ω_i + K Σ_j W_ij m_j sin(theta_j - theta_i)``."""
