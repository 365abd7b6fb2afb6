"""Rows that fail for some matrices of a model: what is said of every Q, K, V fails where V = -I.

With uniform weights, or weights of <x_i, x_j>, and values -x_j tokens repel each other: the row is
asked of that model, which the same velocity is at these matrices.
"""

from __future__ import annotations

from typing import Any

from sympy import Identity, MatMul, MatrixSymbol, Transpose, ZeroMatrix

from proofs_checks.proof import Flow, pieces_of
from theory.atoms import RowSoftmax
from theory.symbols import X, d


def values_of(flow: Flow) -> set[Any]:
    """Return the matrices V of terms A X V^T, A weights of rows."""
    found = set()
    for term in set[Any]().union(*(v.atoms(MatMul) for v in flow.model.velocities.values())):
        weights, tokens, value = [None, None, *list(term.args)][-3:]
        if isinstance(weights, RowSoftmax) and tokens == X and isinstance(value, Transpose):
            found.add(value.arg)
    return found


def chosen(flow: Flow) -> tuple[str, Flow] | None:
    """Put matrices into a flow for those that are free: -I for values, or I, 0 in scores.

    Of the two that at which tokens repel each other.

    Parameters
    ----------
    flow : Flow

    Returns
    -------
    tuple of str and Flow, or None
        What was put, in words; None where no value is free, or another matrix is.

    Examples
    --------
    >>> from theory.models import QKV, SA
    >>> chosen(Flow.of(QKV))[0], chosen(Flow.of(SA))
    ('V = -I, K = Q = 0', None)
    """
    known = {*flow.values, *flow.model.numbers}
    free = {p for p in flow.model.parameters if isinstance(p, MatrixSymbol)} - known
    free -= {p for p in free if str(p) in flow.given}
    velocities = flow.model.velocities.values()
    values = free & {v for v in values_of(flow) if v.shape == (d, d)}
    heads = {head for velocity in velocities for head in velocity.atoms(RowSoftmax)}
    scores = free & {a for head in heads for a in head.scores.atoms(MatrixSymbol)}
    if flow.code or not free or free != values | scores:
        return None
    still = scores - values
    if not values:  # they are given: of other scores
        away = _put(flow, _zeros(still))
        return None if _attracts(away) else (" = ".join([*sorted(map(str, still)), "0"]), away)
    away = _put(flow, {**dict.fromkeys(values, -Identity(d)), **_zeros(still)})
    own = "-I"
    if _attracts(away):  # as of a model with all velocities turned round
        away, own = _put(flow, {**dict.fromkeys(values, Identity(d)), **_zeros(still)}), "I"
    groups = ((values, own), (still, "0"))
    said = [" = ".join([*sorted(map(str, group)), to]) for group, to in groups if group]
    return ", ".join(said), away


def _attracts(flow: Flow) -> bool:
    """Whether tokens attract each other, for all parameters in their ranges."""
    parts = [piece.flow for piece in pieces_of(flow)] or [flow]
    return all(one.attracts.holds for one in parts)


def _zeros(matrices: set[Any]) -> dict[Any, Any]:
    return {a: ZeroMatrix(*a.shape) for a in matrices}


def _put(flow: Flow, put: dict[Any, Any]) -> Flow:
    model = flow.model.subs(put, flow.model.name)
    given = {a: b for a, b in flow.given.items() if a not in set(map(str, put))}
    return Flow.of(model, **given)


__all__ = ["chosen", "values_of"]
