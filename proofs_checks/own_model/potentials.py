"""(3.7) of Sinkhorn's weights, A_ij = e^(p_i + S_ij + p_j) m_j of rows that sum to 1, p held."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sympy import (
    Expr,
    MatMul,
    S,
)

from proofs_checks.claim import Evidence, Verdict
from proofs_checks.own_model.for_all_time import is_code_or_ends
from proofs_checks.proof import (
    SYMBOLIC,
    Flow,
    How,
    Sheet,
    Statement,
    Step,
)
from theory.atoms import RowSoftmax, Sinkhorn, Tangent
from theory.models import Model
from theory.symbols import X, beta, m


@dataclass(frozen=True)
class Potentials:
    """A field c A X with A_ij = e^(p_i + h <x_i,x_j> + p_j) m_j.

    Attributes
    ----------
    factor, heat : Expr
        c and h.
    """

    factor: Expr
    heat: Expr


def potentials_of(flow: Flow) -> Potentials | None:
    """Return c and h of Sinkhorn's weights over all tokens; None for other fields.

    Examples
    --------
    >>> from theory.models import SA, SINKHORN
    >>> potentials_of(Flow.of(SINKHORN)), potentials_of(Flow.of(SA))
    (Potentials(factor=1, heat=beta), None)
    """
    model, velocity = flow.model, flow.model.velocities.get(X)
    if is_code_or_ends(flow) or len(model.blocks) > 1 or model.kind != "flow":
        return None
    if not isinstance(velocity, Tangent) or velocity.points != X:
        return None
    field = velocity.field.xreplace(flow.values)
    factor, rest = field.as_coeff_mmul() if isinstance(field, MatMul) else (S.One, field)
    parts: tuple[Any, ...] = rest.args if isinstance(rest, MatMul) else ()
    if len(parts) != 2 or parts[1] != X or not isinstance(parts[0], Sinkhorn):
        return None
    scores = parts[0].scores
    heat, product = scores.as_coeff_mmul() if isinstance(scores, MatMul) else (S.One, scores)
    known = parts[0].masses == m and product == X * X.T
    return Potentials(factor, heat) if known else None


def derive_slope(flow: Flow) -> Evidence | None:
    """Return (3.7) of the softmax of the same scores, for masses m_k e^(p_k) that are held."""
    from proofs_checks.discovery import questions

    own = potentials_of(flow)
    if own is None or own.factor.free_symbols or flow.values:
        return None
    softmax = Tangent(X, own.factor * RowSoftmax(own.heat * X * X.T, m) * X)
    found = questions()["(3.7)"].ask(Flow.of(Model("softmax", softmax, parameters=(beta,))))
    return found if found.verdict is Verdict.PROVED else None


def decide_slope(flow: Flow, found: Evidence) -> Sheet:
    """Read Sinkhorn's weights as the softmax of masses m_k e^(p_k)."""
    own = potentials_of(flow)
    assert own is not None  # the row is of it
    form = Step(f"A_ij = e^(p_i + S_ij + p_j) m_j, S = {own.heat} X X^T, Σ_j A_ij = 1", How.DERIVED)
    text = "e^(-p_i) = Σ_k m_k e^(p_k) e^(S_ik): A is the softmax of S for masses m_k e^(p_k)"
    shares = Step(text, How.DERIVED)
    row = Step(f"(3.7) for every masses: {found.sentence}", How.BY_STATEMENT)
    words = {**SYMBOLIC, "beta": "symbolic, nonzero"}
    return Sheet((form, shares, row), words, (), "(3.7) for masses m_k e^(p_k), p held")


def say_slope(flow: Flow, found: Evidence) -> str:
    """Say the potential."""
    own = potentials_of(flow)
    assert own is not None  # the row is of it
    return (
        f"velocity = grad of {own.factor / own.heat}*log ∫e^({own.heat}<x,y> + p(y)) dμ(y), p the "
        "potential of μ, held"
    )


OF_POTENTIALS: Mapping[str, Statement[Any]] = {
    one.name: one
    for one in (
        Statement[Evidence](
            "(3.7)",
            "velocity = grad of β^{-1} log ∫e^{β<x,y> + p(y)} dμ(y), p the potential",
            decide_slope,
            derive_slope,
            says=say_slope,
        ),
    )
}


__all__ = ["OF_POTENTIALS", "Potentials", "potentials_of"]
