"""Rates at consensus, rotations apart: of scalar attention, and with query and key matrices.

With matrices ``x_i' = Σ_j A_ij P_i x_j`` is linearised by hand: P_i x_j vanishes at consensus, so
that the weights count with their values there alone, where all scores are equal.
"""

from __future__ import annotations

from sympy import Expr, S, Symbol, exp, simplify

from proofs_checks.proof.flow import Flow
from proofs_checks.proof.models import consensus_spectrum, spectrum_trace
from proofs_checks.proof.rule import apply
from proofs_checks.proof.rules import PRODUCT_AT_ZERO
from proofs_checks.proof.sheet import How, Step, derived
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


def mode_steps(flow: Flow, rate: Expr) -> tuple[Step, ...]:
    """Show that all modes at consensus but rotations have the rate ``-rate``."""
    if flow.scores is None:
        return tuple(
            derived(f"{count} modes at consensus have the rate {-rate}", simplify(value + rate))
            for value, count in modes(flow)
        )
    zero = derived("P_i x_j = 0 at consensus, d(P_i x_j) = v_j - v_i", pull_law())
    pace = _pace(flow)
    text = f"A_ij = w m_j at consensus, w = {pace}: all scores are {HELD}"
    equal = Step(text, How.DERIVED, evidence="Σ m = 1")
    law = apply(PRODUCT_AT_ZERO, "v_i' = w (Σ_j m_j v_j - v_i)", zero, equal)
    text = f"0 for v_i = v, and the rate {-rate} where Σ_j m_j v_j = 0: (n-1)(d-1) modes"
    return zero, equal, law, derived(text, simplify(pace - rate))


def modes_trace(flow: Flow) -> Expr:
    """Sum of the rates at consensus with their multiplicities, in n and d."""
    if flow.scores is None:
        return spectrum_trace(consensus_spectrum(flow.model))
    return sum((value * count for value, count in modes(flow)), start=S.Zero)


__all__ = ["HELD", "mode_steps", "modes", "modes_trace", "pull_law"]
