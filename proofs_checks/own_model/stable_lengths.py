"""The spectrum at consensus beside lengths or a clock: the rates across are all negative.

Lengths go on growing there; what is linearised are the tokens, at the equal lengths of a time, and
at that time where the velocity has t in it.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from sympy import S, Symbol

from proofs_checks.own_model.states import lengths_of, plain_consensus
from proofs_checks.proof import SYMBOLIC, Flow, How, Sheet, Statement, Step, derived, gap
from theory.symbols import X, d, t

HELD = Symbol("t_0", positive=True)
"""A time at which the velocity is linearised."""

Pairs = tuple[tuple[Any, Any], ...]


def _timed(flow: Flow) -> bool:
    return any(t in rate.free_symbols for rate in flow.model.velocities.values())


def derive_rates(flow: Flow) -> Pairs | None:
    """Return the eigenvalues across consensus of tokens with lengths, and how many there are."""
    model = flow.model
    beside = tuple(block.symbol for block in model.blocks[1:])
    if not (beside or _timed(flow)) or beside != lengths_of(flow) or model.kind != "flow":
        return None
    if flow.code or (flow.schedule is not None and flow.schedule.ends):
        return None
    rates = {symbol: rate.xreplace({t: HELD}) for symbol, rate in model.velocities.items()}
    own = tuple(model.parameters) + ((HELD,) if _timed(flow) else ())
    still = replace(model, velocity=rates if beside else rates[X], parameters=own)
    if (found := plain_consensus(still)) is None:
        return None
    return tuple((value.subs(flow.values), count) for value, count in found.eigenvalues)


def _listed(rates: Pairs) -> str:
    return ", ".join(f"{value} ({count} times)" for value, count in rates)


def decide_rates(flow: Flow, rates: Pairs) -> Sheet:
    """Count the rotations among the eigenvalues, and read off the sign of all others."""
    spectrum = Step(f"eigenvalues across consensus{_where(flow)}: {_listed(rates)}", How.DERIVED)
    turns = sum((count for value, count in rates if value == 0), S.Zero)
    still = derived("0 is counted d-1 times, for the rotations", turns - (d - 1))
    signs = [Step(f"{v} < 0", How.DECIDED) for v, _ in rates if v != 0 and v.is_negative]
    unknown = [v for v, _ in rates if v != 0 and not v.is_negative]
    signs += [gap(f"{value} < 0", "its sign isn't known") for value in unknown]
    words = {**SYMBOLIC, "masses": "1/n"} | ({"lengths": "equal"} if lengths_of(flow) else {})
    return Sheet((spectrum, still, *signs), words, (), f"eigenvalues {_listed(rates)}")


def say_rates(flow: Flow, rates: Pairs) -> str:
    """Say at which states tokens were linearised."""
    return f"consensus is linearly stable{_where(flow)}, rotations apart: {_listed(rates)}"


def _where(flow: Flow) -> str:
    """Say at which lengths, and at which time."""
    names = ", ".join(str(symbol) for symbol in lengths_of(flow))
    at = [f"equal {names}"] if names else []
    at += [f"each time {HELD}"] if _timed(flow) else []
    return f" at {' and at '.join(at)}"


STABLE: Statement[Pairs] = Statement(
    "consensus spectrum",
    "consensus is linearly stable, rotations apart",
    decide_rates,
    derive_rates,
    several_blocks=True,
    says=say_rates,
)


__all__ = ["STABLE"]
