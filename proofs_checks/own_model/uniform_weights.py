"""Rows at β = 0 of weights that are one number a mass there: the flow is SA's, at some pace.

Sinkhorn's potentials of scores 0 are one constant, and features of 0 are one number: a row divided
by its sum is m_j/Σ_k m_k.
"""

from __future__ import annotations

from dataclasses import replace

from sympy import Expr, S

from proofs_checks.own_model.of_another import OfAnother
from proofs_checks.proof import Flow
from proofs_checks.theorems import even_pace
from theory.atoms import Tangent
from theory.models import SA
from theory.symbols import X, beta, d, n


def cold_pace(flow: Flow) -> Expr | None:
    """Return c where at β = 0 a flow of tokens alone is c times that of SA, by its form.

    Its weights are c m_j/Σ_k m_k there.

    Examples
    --------
    >>> from theory.models import USA, catalogue
    >>> [cold_pace(Flow.of(catalogue(name))) for name in ("Sinkhorn", "positive features")]
    [1, 1]
    >>> cold_pace(Flow.of(USA)) is None
    True
    """
    model = flow.model
    known = len(model.blocks) == 1 and (model.kind, model.space) == ("flow", "sphere")
    if flow.code or not known or model.noise is not None or beta not in model.parameters:
        return None
    return even_pace(model.velocity.xreplace({**flow.values, beta: S.Zero}))


def _sa(flow: Flow) -> tuple[str, Flow] | str:
    pace = cold_pace(flow)
    if pace is None:
        return "weights at β = 0 aren't seen to be m_j/Σ_k m_k"
    said = "at β = 0 the weights are m_j/Σ_k m_k, those of SA"
    if pace == 1:
        return said, Flow.of(SA)
    own = tuple(sorted(pace.free_symbols - {beta, n, d}, key=str))
    moved = Tangent(X, pace * SA.velocity.field)
    other = replace(SA, velocity=moved, parameters=(*SA.parameters, *own))
    return f"{said}, times {pace}", Flow.of(other)


def _ascending(flow: Flow) -> tuple[str, Flow] | str:
    pace = cold_pace(flow)
    return "its pace isn't seen to be > 0" if pace and not pace.is_positive else _sa(flow)


OF_UNIFORM = (
    OfAnother("(4.1)", _ascending),
    OfAnother("Theorem 4.1", _ascending),
    OfAnother("Theorem 4.1 rates", _sa),
)


__all__ = ["OF_UNIFORM", "cold_pace"]
