"""The spectrum at consensus beside lengths: the rates across, at equal lengths, are all negative.

Lengths go on growing there; what is linearised are the tokens, at the lengths of a time.
"""

from __future__ import annotations

from typing import Any

from sympy import S

from proofs_checks.own_model.states import lengths_of, plain_consensus
from proofs_checks.proof import SYMBOLIC, Flow, How, Sheet, Statement, Step, derived, gap
from theory.symbols import d

Pairs = tuple[tuple[Any, Any], ...]


def derive_rates(flow: Flow) -> Pairs | None:
    """Return the eigenvalues across consensus of tokens with lengths, and how many there are."""
    model = flow.model
    beside = tuple(block.symbol for block in model.blocks[1:])
    if not beside or beside != lengths_of(flow) or model.kind != "flow" or flow.code:
        return None
    if (found := plain_consensus(model)) is None:
        return None
    return tuple((value.subs(flow.values), count) for value, count in found.eigenvalues)


def _listed(rates: Pairs) -> str:
    return ", ".join(f"{value} ({count} times)" for value, count in rates)


def decide_rates(flow: Flow, rates: Pairs) -> Sheet:
    """Count the rotations among the eigenvalues, and read off the sign of all others."""
    spectrum = Step(f"eigenvalues across consensus, lengths equal: {_listed(rates)}", How.DERIVED)
    turns = sum((count for value, count in rates if value == 0), S.Zero)
    still = derived("0 is counted d-1 times, for the rotations", turns - (d - 1))
    signs = [Step(f"{v} < 0", How.DECIDED) for v, _ in rates if v != 0 and v.is_negative]
    unknown = [v for v, _ in rates if v != 0 and not v.is_negative]
    signs += [gap(f"{value} < 0", "its sign isn't known") for value in unknown]
    words = {**SYMBOLIC, "masses": "1/n", "lengths": "equal"}
    return Sheet((spectrum, still, *signs), words, (), f"eigenvalues {_listed(rates)}")


def say_rates(flow: Flow, rates: Pairs) -> str:
    """Say at which states tokens were linearised."""
    names = ", ".join(str(symbol) for symbol in lengths_of(flow))
    return f"consensus is linearly stable at equal {names}, rotations apart: {_listed(rates)}"


STABLE: Statement[Pairs] = Statement(
    "consensus spectrum",
    "consensus is linearly stable, rotations apart",
    decide_rates,
    derive_rates,
    several_blocks=True,
    says=say_rates,
)


__all__ = ["STABLE"]
