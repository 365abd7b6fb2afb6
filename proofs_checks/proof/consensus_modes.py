"""Rates at consensus, rotations apart: of scalar attention, and with query and key matrices.

With matrices ``x_i' = Σ_j A_ij P_i x_j`` is linearised by hand: P_i x_j vanishes at consensus, so
that the weights count with their values there alone, where all scores are equal.
"""

from __future__ import annotations

from sympy import Expr, S, Symbol, exp

from proofs_checks.proof.flow import Flow
from proofs_checks.proof.models import consensus_spectrum
from theory.engines import inner, project, residual, vectors
from theory.symbols import d, n

HELD = Symbol("<Qx*,Kx*>", real=True)
"""Score at consensus."""


def modes(flow: Flow) -> tuple[tuple[Expr, Expr], ...]:
    """Rates at consensus but for rotations, and their multiplicities."""
    if flow.scores is not None:
        return ((-_pace(flow), (n - 1) * (d - 1)),)
    found = consensus_spectrum(flow.model).eigenvalues
    return tuple((value.subs(flow.values), count) for value, count in found if value != 0)


def _pace(flow: Flow) -> Expr:
    """Return w with ``A_ij = w m_j`` at consensus."""
    scores = flow.scores
    assert scores is not None  # asked before
    raw = exp(scores.heat * HELD)
    return scores.scale * (raw / raw if scores.normalised else raw)


def pull_law() -> Expr:
    """Reduce ``d(P_i x_j) - (v_j - v_i)`` at x_i = x_j = x for tangents v_i, v_j: zero."""
    step = Symbol("epsilon", real=True)
    x, a, b, c = vectors("x a b c", unit="x")
    first, second = project(x, a), project(x, b)
    one, other = x + first * step, x + second * step
    moved = inner(other - one * inner(one, other), c)
    return residual(moved.expand().diff(step).subs(step, S.Zero) - inner(second - first, c))


__all__ = ["HELD", "modes", "pull_law"]
