"""Starts from which a solution ends: lengths that vanish, and states without a velocity.

Two opposite tokens, one heavy, pull the length of the light one down wherever lengths grow by
<x_i, A_i>.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from sympy import Expr, Piecewise, S, Symbol, exp, simplify

from proofs_checks.claim import Budget
from proofs_checks.own_model.states import (
    INFINITE,
    has_rows_alone,
    lengths_of,
    short,
    velocities_at,
)
from proofs_checks.proof import Counterexample, Flow
from theory.symbols import X, beta, t


def _starts(hot: Expr) -> Iterator[tuple[str, list[Any], list[Any]]]:
    """Opposite tokens, one heavier than what the other weighs for itself; and two equal ones."""
    opposite, same = [[1, 0], [-1, 0]], [[1, 0], [1, 0]]
    yield "x_2 = -x_1, m = (1, 2e^(2β))", opposite, [S.One, 2 * exp(2 * hot)]
    yield "x_2 = -x_1, m = (2e^(2β), 1)", opposite, [2 * exp(2 * hot), S.One]
    yield "x_2 = -x_1, m = (1, e^(2β))", opposite, [S.One, exp(2 * hot)]
    yield "x_2 = x_1, m = (1, 1)", same, [S.One, S.One]


def vanishes(flow: Flow, prediction: None, budget: Budget) -> Counterexample | None:
    """Find two tokens that rest while a length falls to 0, or that have no velocity."""
    if not has_rows_alone(flow):
        return None
    hot = flow.values.get(beta, Symbol("beta", positive=True))
    where = {beta: hot}
    sizes = [Symbol(f"r{i}", positive=True) for i in (1, 2)]
    for named, tokens, masses in _starts(hot):
        try:
            raw = velocities_at(flow, tokens, masses, sizes, where)
            found = {s: [list(map(short, row)) for row in rows] for s, rows in raw.items()}
        except (ValueError, NotImplementedError, ZeroDivisionError):
            continue
        at = f"n = 2, {named}"
        if any(entry.has(*INFINITE) for rows in found.values() for row in rows for entry in row):
            return Counterexample(f"{at}: the velocity has no value there", {"n": "2"})
        if any(entry != 0 for row in found[X] for entry in row):
            continue
        for symbol in lengths_of(flow):
            for i, (rate,) in enumerate(found[symbol], start=1):
                if said := _falls(rate, f"{symbol}_{i}", set(sizes)):
                    return Counterexample(f"{at}: X' = 0, {said}", {"n": "2"})
    return None


def _falls(rate: Expr, name: str, sizes: set[Any]) -> str:
    """Say that a length reaches 0 from a small start, or "": its rate has no length in it."""
    if rate.free_symbols & sizes:
        return ""
    times = {S.Zero: S.Zero}
    for part in rate.atoms(Piecewise):
        (before, condition), (after, _), *more = part.args
        if more or before != 0 or condition != (t < condition.gts):
            return ""
        times = {condition.gts: after}
    ((moment, after),) = times.items()
    now = rate.subs(t, S.Zero) if moment == 0 else simplify(after.subs(t, moment))
    if not now.is_negative:
        return ""
    since = "" if moment == 0 else f" from t = {moment} on, 0 before"
    return f"{name}' = {now if rate.has(t) else rate}{since}: a small {name} falls to 0"


__all__ = ["vanishes"]
