"""(4.4) beside lengths: those near 0 at which flows at β and at 0 part as fast as one likes."""

from __future__ import annotations

from typing import Any

from sympy import S, Symbol, cancel, limit

from proofs_checks.claim import Budget
from proofs_checks.own_model.states import (
    has_rows_alone,
    lengths_of,
    short,
    velocities_at,
)
from proofs_checks.proof import Counterexample, Flow, left_free
from theory.symbols import X, beta, t

NEAR = Symbol("rho", positive=True)
"""Lengths that tend to 0."""


def short_lengths(flow: Flow, prediction: Any, budget: Budget) -> Counterexample | None:
    """Find lengths near 0 at which flows at 1 and at 0 part faster than any constant at t = 0."""
    if not lengths_of(flow) or not has_rows_alone(flow) or beta not in flow.model.parameters:
        return None
    free = {p: S.One for p in flow.model.parameters if p not in flow.values and p != beta}
    tokens, masses = [[S.One, S.Zero], [S.Zero, S.One]], [S.Half, S.Half]
    own = left_free(flow, [str(beta)])
    moves = []
    for hot in (S.One, S.Zero):
        at = {beta: hot, t: S.Zero, **free}
        try:
            found = velocities_at(own, tokens, masses, [NEAR, NEAR], at)[X][0]
            moves.append([short(entry) for entry in found])
        except (ValueError, NotImplementedError, ZeroDivisionError):
            return None
    parted = [cancel((a - b) * NEAR) for a, b in zip(*moves, strict=True)]
    ends = [limit(entry, NEAR, 0, "+") for entry in parted]
    if not any(end.is_finite and end.is_nonzero for end in ends):
        return None
    named = ", ".join(f"{p} = {value}" for p, value in free.items())
    text = (
        "n = 2, tokens (1, 0), (0, 1), masses 1/2, lengths ρ, β = 1: at t = 0 the velocities of "
        f"x_1 at β and at 0 differ by {ends}/ρ, more than any f as ρ -> 0"
    )
    return Counterexample(f"{text}{'; ' if named else ''}{named}", {"n": "2", "d": "2"})


__all__ = ["short_lengths"]
