"""The equation for the angle of two clusters of any masses, in any dimension."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

from sympy import Expr, ImmutableMatrix, S, Symbol, cos, diff, factor, sin, together

from theory.derivations.inner_products import gram_flow
from theory.derivations.reduction import Reduction, Residual, require_flow
from theory.engines import ClassColumn, ClassMatrix, evaluate
from theory.latex import latex_equation
from theory.models import Model
from theory.symbols import G, m

m1 = Symbol("m_1", positive=True)
"""Mass of the first cluster."""


m2 = Symbol("m_2", positive=True)
"""Mass of the second cluster."""


theta = Symbol("theta", real=True)
"""Angle between the two clusters, in (0, pi)."""


overlap = Symbol("g", real=True)
"""Inner product of the two clusters, cos(theta)."""


@dataclass(frozen=True)
class TwoClusters(Reduction):
    """Two points of masses m_1 and m_2, in any dimension: an equation for their angle.

    Parameters
    ----------
    model : Model
        The model it was derived from.
    invariant : str
        The set of configurations on which it holds.
    proof : tuple of Residual
        The identities that were reduced to 0.
    overlap_rate : Expr
        The rate g' in terms of ``g``.
    angle_rate : Expr
        The rate theta' in terms of ``theta``.
    """

    _shown = ("model", "angle_rate", "invariant", "proved")

    overlap_rate: Expr
    angle_rate: Expr

    def formulas(self) -> list[str]:
        """Write both equations.

        Returns
        -------
        list of str
            LaTeX, an equation each.
        """
        return [latex_equation(overlap, self.overlap_rate), latex_equation(theta, self.angle_rate)]


@lru_cache(maxsize=64)
def two_clusters(model: Model) -> TwoClusters:
    """Derive the merging law of two clusters of any number of tokens, for every d.

    Parameters
    ----------
    model : Model
        A flow whose Gram flow closes.

    Returns
    -------
    TwoClusters
        Derived from the Gram flow with p tokens in one cluster and q in the other, all p + q
        symbolic in number; the residuals say that clusters stay clusters, that lengths stay one,
        and that p and q have dropped out.

    Raises
    ------
    NotClosed
        When the Gram flow doesn't close.

    Examples
    --------
    >>> from theory.models import USA
    >>> two_clusters(USA).angle_rate
    -(m_1 + m_2)*exp(beta*cos(theta))*sin(theta)
    """
    require_flow(model)
    flow = gram_flow(model)
    p, q = (Symbol(name, integer=True, positive=True) for name in ("p", "q"))
    sizes = (p, q)
    gram = ClassMatrix(
        sizes, (S.Zero, S.Zero), ImmutableMatrix([[S.One, overlap], [overlap, S.One]])
    )
    value = evaluate(flow.rate, {G: gram, m: ClassColumn(sizes, (m1 / p, m2 / q))})
    assert isinstance(value, ClassMatrix)
    first, second, inside1, rate, mirrored, inside2 = value.residuals()
    quotient = together(rate / (1 - overlap**2)).factor()
    proof = (
        *flow.proof,
        Residual("lengths in the first cluster stay 1", first),
        Residual("lengths in the second cluster stay 1", second),
        Residual("the first cluster stays together", inside1),
        Residual("the second cluster stays together", inside2),
        Residual("both ways round the rate is the same", factor(rate - mirrored)),
        *(Residual("the numbers of tokens drop out", factor(diff(rate, size))) for size in sizes),
        Residual("g' = -sin(theta) theta'", factor(rate - (1 - overlap**2) * quotient)),
    )
    angle = (-sin(theta) * quotient.subs(overlap, cos(theta))).powsimp()
    invariant = "two groups of coincident tokens, not antipodal: 0 < theta < pi"
    return TwoClusters(model, invariant, proof, rate, angle)
