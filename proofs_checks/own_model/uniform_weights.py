"""(4.1) and Theorem 4.1 of weights that are one number a mass at β = 0: the flow is SA's there.

Sinkhorn's potentials of scores 0 are one constant, and features of 0 are one number: a row divided
by its sum is m_j/Σ_k m_k.
"""

from __future__ import annotations

from typing import Any

from sympy import DiagMatrix, MatMul, MatPow, S, Transpose

from proofs_checks.own_model.of_another import OfAnother
from proofs_checks.proof import Flow
from theory.atoms import Elementwise, RowSoftmax, Sinkhorn, Tangent
from theory.models import SA
from theory.symbols import X, beta, m


def cold_as_sa(flow: Flow) -> bool:
    """Whether at β = 0 a flow of tokens alone is that of SA, weights m_j/Σ_k m_k, by its form.

    Examples
    --------
    >>> from theory.models import USA, catalogue
    >>> [cold_as_sa(Flow.of(catalogue(name))) for name in ("Sinkhorn", "positive features")]
    [True, True]
    >>> cold_as_sa(Flow.of(USA))
    False
    """
    model = flow.model
    known = len(model.blocks) == 1 and (model.kind, model.space) == ("flow", "sphere")
    if flow.code or not known or model.noise is not None or beta not in model.parameters:
        return False
    cold = model.velocity.xreplace({**flow.values, beta: S.Zero})
    field = cold.field if isinstance(cold, Tangent) and cold.points == X else None
    if not isinstance(field, MatMul) or field.args[-1] != X:
        return False
    *weights, _ = field.args
    if len(weights) == 1:
        rows = weights[0]
        plain = type(rows) in (RowSoftmax, Sinkhorn) and rows.masses == m
        return plain and rows.scores.as_coeff_mmul()[0] == 0
    return _divided(weights)


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
    if not cold_as_sa(flow):
        return "weights at β = 0 aren't seen to be m_j/Σ_k m_k"
    return "at β = 0 the weights are m_j/Σ_k m_k, those of SA", Flow.of(SA)


OF_UNIFORM = tuple(OfAnother(name, _sa) for name in ("(4.1)", "Theorem 4.1"))


__all__ = ["OF_UNIFORM", "cold_as_sa"]
