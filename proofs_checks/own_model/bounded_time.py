"""Rows on ends of flows x' = s(t) F(x) whose time τ = ∫s is bounded: distinct tokens never meet."""

from __future__ import annotations

from sympy import Abs, S, oo, tanh

from proofs_checks.claim import Budget
from proofs_checks.own_model.states import unproved
from proofs_checks.proof import (
    PAIR,
    Counterexample,
    Flow,
    Statement,
    never_meet_in_time,
    pair_weight,
)
from proofs_checks.proof.kinds import HEATED, VARIED
from theory.symbols import beta


def never_meets(flow: Flow, prediction: None, budget: Budget) -> Counterexample | None:
    """Say that distinct tokens never meet, as all of the time ∫s is bounded.

    Examples
    --------
    >>> import numpy as np
    >>> from dataclasses import replace
    >>> from sympy import exp
    >>> from theory.models import SA
    >>> from theory.symbols import t
    >>> slow = replace(SA, velocity=exp(-t) * SA.velocity)
    >>> found = never_meets(Flow.of(slow), None, Budget(1, np.random.default_rng(0)))
    >>> found.text.partition("exp(-t), ")[2]
    '|∫s dt| <= 1: distinct tokens never meet (rule: bounded time)'
    """
    text = "" if flow.code else never_meet_in_time(flow)
    return Counterexample(text, PAIR) if text else None


def stays_wide(flow: Flow, prediction: None, budget: Budget) -> Counterexample | None:
    """Find pairs that stay at a right angle or beyond at β = 0: they never are clustered."""
    cold = flow.cold
    if flow.code or cold.still_form is None or not never_meet_in_time(cold):
        return None
    assert cold.schedule is not None  # which is bounded
    rate, total = Abs(pair_weight(cold).subs(beta, S.Zero)), cold.schedule.total
    if not rate.is_number or total in (None, oo):
        return None
    wide = f"<x_1,x_2>(0) <= {-tanh(rate * total)}"
    said = f"β = 0, n = 2, masses 1/2: artanh <x_1,x_2> rises by {rate}·|∫s dt| <= {rate * total}"
    text = f"{said} at most, s = {cold.schedule.factor}, so from {wide} it stays <= 0 for ever"
    return Counterexample(f"{text}: P(S_0^m) is at most that of the others, < 1", PAIR)


BOUNDED_TIME: tuple[Statement[None], ...] = tuple(
    Statement(name, said, unproved, refute=refute, domain=domain)
    for name, said, domain, refute in (
        ("Theorem 4.2", "P(S_β) -> 1 as β -> 0", (VARIED,), never_meets),
        ("(4.3)", "β = 0: P(S_0^m) -> 1 as m -> ∞", (HEATED,), stays_wide),
        ("hemisphere under a mask", "consensus from an open hemisphere", (), never_meets),
    )
)


__all__ = ["BOUNDED_TIME", "never_meets"]
