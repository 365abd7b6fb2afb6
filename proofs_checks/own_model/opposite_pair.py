"""(4.4) and (4.5) of outputs that are divided by their length: nearly opposite tokens undo them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from sympy import Dummy, Expr, S, Symbol, factor, simplify

from proofs_checks.claim import Budget
from proofs_checks.own_model.short_lengths import short_lengths
from proofs_checks.own_model.states import (
    INFINITE,
    has_rows_alone,
    lengths_of,
    short,
    unproved,
    velocities_at,
)
from proofs_checks.proof import Counterexample, Flow, Statement
from theory.symbols import X, beta, t

_NEAR = Symbol("s", positive=True)
"""Half the angle by which two tokens of a family aren't opposite, as a tangent of half of it."""


def opposite_pair(flow: Flow, prediction: Any, budget: Budget) -> Counterexample | None:
    """Find two nearly opposite tokens that stay at β > 0 and run together at β = 0.

    At angles ε from ±e_2 on the side of e_1, masses 1/2, lengths 1.
    """
    model = flow.model
    free = {p: S.One for p in model.parameters if p not in flow.values and p != beta}
    timed = any(t in velocity.free_symbols for velocity in model.velocities.values())
    alone = has_rows_alone(flow) and beta in model.parameters and beta not in flow.values
    if not alone or timed:
        return None
    try:
        pace = _runs_together(flow, free)
        if pace is None or not _rests_apart(flow, free):
            return None
    except (ValueError, NotImplementedError, ZeroDivisionError):
        return None
    named = "".join(f", {p} = {value}" for p, value in free.items())
    times = "" if pace == 1 else f"{pace} "
    lengths = f"/r_i, |r_i'| <= {pace}, r_i(0) = 1" if lengths_of(flow) else ""
    text = (
        f"n = 2, masses 1/2{named}, x = ±e_2 turned to e_1 by ε: at β = 0 ε' = {times}cos ε"
        f"{lengths}, so ε >= 1/2 at t = {1 / pace} however small it was; at every β > 0 the "
        "opposite pair is at rest and the velocity smooth there, so for small ε tokens are as near "
        "to it then as one likes: the flows part by 2 sin(1/4) > 1/8"
    )
    return Counterexample(text, {"n": "2", "d": "2"})


def _rests_apart(flow: Flow, free: Mapping[Any, Any]) -> bool:
    """Whether opposite tokens rest at every β > 0, where the velocity has a value."""
    at = {**free, beta: Dummy("b", positive=True)}
    found = velocities_at(flow, [[0, 1], [0, -1]], [S.Half] * 2, (), at)[X]
    entries = [short(entry) for row in found for entry in row]
    return not any(entry != 0 or entry.has(*INFINITE) for entry in entries)


def _runs_together(flow: Flow, free: Mapping[Any, Any]) -> Expr | None:
    """Return c > 0 if both tokens turn to the middle at β = 0 at c cos ε, lengths at most at c."""
    side, up = 2 * _NEAR / (1 + _NEAR**2), (1 - _NEAR**2) / (1 + _NEAR**2)
    found = velocities_at(flow, [[side, up], [side, -up]], [S.Half] * 2, (), {**free, beta: S.Zero})
    (a, b), (c, d) = ([short(entry) for entry in row] for row in found[X])
    pace = simplify(a / up**2)
    wanted = (b + pace * up * side, c - a, d + b)
    rates = [short(row[0]) for symbol in lengths_of(flow) for row in found[symbol]]
    slow = all(factor(pace**2 - rate**2).is_nonnegative for rate in rates)
    runs = pace.is_number and pace.is_positive and not any(simplify(one) != 0 for one in wanted)
    return pace if slow and runs else None


def parts_at_every_heat(flow: Flow, prediction: Any, budget: Budget) -> Counterexample | None:
    """Find flows that part by no less as β -> 0: beside short lengths, nearly opposite tokens."""
    if (found := short_lengths(flow, prediction, budget)) is not None:
        return found
    found = opposite_pair(flow, prediction, budget)
    return None if found is None else replace(found, text=f"{found.text}, with no f(β) -> 0")


PARTING: Statement[None] = Statement(
    "(4.4)",
    "flows at β and at 0 part by f(β) (e^{2t}-1)/2 at most, f the bound of the force",
    unproved,
    refute=parts_at_every_heat,
    several_blocks=True,
    varies=(beta,),
)
OPPOSITE: Statement[None] = Statement(
    "(4.5)",
    "up to the time m at β <= β_m: a deviation of at most 1/8",
    unproved,
    refute=opposite_pair,
    several_blocks=True,
    varies=(beta,),
)


__all__ = ["OPPOSITE", "PARTING"]
