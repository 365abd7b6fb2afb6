"""Rows at β = 0 of weights that are one number a mass there: the flow is SA's, at some pace.

Sinkhorn's potentials of scores 0 are one constant, and features of 0 are one number: a row divided
by its sum is m_j/Σ_k m_k.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from sympy import DiagMatrix, Expr, MatMul, MatPow, S, Transpose

from proofs_checks.own_model.of_another import OfAnother
from proofs_checks.proof import Flow
from theory.atoms import Elementwise, RowSoftmax, Sinkhorn, Tangent
from theory.models import SA
from theory.symbols import X, beta, d, m, n, t


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
    cold = model.velocity.xreplace({**flow.values, beta: S.Zero})
    field = cold.field if isinstance(cold, Tangent) and cold.points == X else None
    if not isinstance(field, MatMul) or field.args[-1] != X:
        return None
    pace, (*weights, _) = field.as_coeff_matrices()
    if t in pace.free_symbols:
        return None
    if len(weights) == 1:
        rows = weights[0]
        plain = type(rows) in (RowSoftmax, Sinkhorn) and rows.masses == m
        return pace if plain and rows.scores.as_coeff_mmul()[0] == 0 else None
    return pace if _divided(weights) else None


def _divided(weights: list[Any]) -> bool:
    """Whether factors are ``diag(K m)^{-1} K diag(m)`` with a K that is one number > 0."""
    first, *middle, last = weights
    if last != DiagMatrix(m) or not isinstance(first, MatPow) or first.exp != -1:
        return False
    kernel = MatMul(*middle)
    return first.base == DiagMatrix(MatMul(*middle, m)) and _of_one_number(kernel)


def _of_one_number(kernel: Any) -> bool:
    """Whether all entries of a product are one number > 0, as those of its factors are."""
    parts = kernel.args if isinstance(kernel, MatMul) else (kernel,)
    bodies = [p.arg if isinstance(p, Transpose) else p for p in parts]
    return all(isinstance(p, Elementwise) and p.body.is_number and p.body > 0 for p in bodies)


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
