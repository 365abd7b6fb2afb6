"""(7.1) on measures, of Sinkhorn's weights: convolutions with e^p ν, p the potential of ν.

A_ij = e^(p_i + S_ij + p_j) m_j with rows that sum to 1, so A is the softmax of S for the masses
m_j e^(p_j), of which the row is proved for every masses.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sympy import MatMul, S

from proofs_checks.claim import Evidence, Verdict
from proofs_checks.own_model.for_all_time import is_code_or_ends
from proofs_checks.proof import Flow, How, Sheet, Statement, Step
from theory.atoms import RowSoftmax, Sinkhorn, Tangent
from theory.models import Model
from theory.symbols import X, m, t

_ROW = "(7.1) continuity"


def as_softmax(flow: Flow) -> Flow | None:
    """Return the softmax of the scores of Sinkhorn's weights over all tokens, c A X.

    Examples
    --------
    >>> from theory.models import SA, SINKHORN
    >>> as_softmax(Flow.of(SINKHORN)).model.velocity
    Tangent(X, RowSoftmax(beta*X*X.T, m)*X)
    >>> as_softmax(Flow.of(SA)) is None
    True
    """
    model, velocity = flow.model, flow.model.velocities.get(X)
    if is_code_or_ends(flow) or len(model.blocks) > 1 or model.kind != "flow":
        return None
    if not isinstance(velocity, Tangent) or velocity.points != X or model.noise is not None:
        return None
    field = velocity.field
    factor, factors = field.as_coeff_matrices() if isinstance(field, MatMul) else (S.One, [])
    if len(factors) != 2 or not isinstance(factors[0], Sinkhorn) or factors[1] != X:
        return None
    if factors[0].masses != m or t in field.free_symbols:
        return None
    moved = Tangent(X, factor * RowSoftmax(factors[0].scores, m) * X)
    return Flow.of(Model("softmax", moved, parameters=model.parameters), **flow.given)


def derive_convolution(flow: Flow) -> Evidence | None:
    """Return the row of that softmax, where it is proved for every masses."""
    from proofs_checks.discovery import questions

    other = as_softmax(flow)
    found = None if other is None else questions()[_ROW].ask(other)
    return found if found is not None and found.verdict is Verdict.PROVED else None


def decide_convolution(flow: Flow, found: Evidence) -> Sheet:
    """Read Sinkhorn's weights as the softmax of masses m_k e^(p_k)."""
    form = Step("A_ij = e^(p_i + S_ij + p_j) m_j, Σ_j A_ij = 1, p the potential", How.DERIVED)
    text = "e^(-p_i) = Σ_k m_k e^(p_k) e^(S_ik): A is the softmax of S for masses m_k e^(p_k)"
    shares = Step(text, How.DERIVED)
    row = Step(f"{_ROW} of the softmax, for every masses: {found.detail}", How.BY_STATEMENT)
    return Sheet((form, shares, row), dict(found.scope), (), f"{text}; {found.detail}")


OF_BALANCED: Mapping[str, Statement[Any]] = {
    _ROW: Statement[Evidence](
        _ROW,
        "d = 2: the velocity of ν is a convolution of e^p ν with h' over one with h, p the "
        "potential of ν",
        decide_convolution,
        derive_convolution,
    )
}
"""The row, as a statement of its own."""


__all__ = ["OF_BALANCED", "as_softmax"]
