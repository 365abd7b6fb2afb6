"""Velocities of all blocks at an explicit state, exactly: what counterexamples are read off."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any

from sympy import Expr, Symbol, cancel, exp, nan, oo, sympify, zoo

from proofs_checks.proof import Flow, Sheet, gap
from theory.bounded import by_cases
from theory.engines import Evaluator
from theory.linearize import Spectrum, consensus
from theory.models import Model
from theory.symbols import X, d, m, n

INFINITE = (nan, oo, -oo, zoo)
"""What a velocity without a value comes out as."""


LONGEST = 600
"""Operations of an entry that is simplified: more take SymPy seconds."""


def lengths_of(flow: Flow) -> tuple[Any, ...]:
    """Return the blocks of one positive number a token, masses apart."""
    blocks = flow.model.blocks
    return tuple(b.symbol for b in blocks if b.space == "positive" and b.symbol.shape == (n, 1))


def has_rows_alone(flow: Flow) -> bool:
    """Whether a state is tokens, masses and lengths, and parameters are numbers."""
    known = {X, m, *lengths_of(flow)}
    symbols = {block.symbol for block in flow.model.blocks}
    scalar = all(isinstance(parameter, Symbol) for parameter in flow.model.parameters)
    return symbols <= known and scalar and flow.model.kind == "flow" and not flow.code


def plain_consensus(model: Model) -> Spectrum | None:
    """Return the linearisation at a consensus at rest whose eigenvalues are listed; else None."""
    try:
        found = consensus(model)
    except (ValueError, NotImplementedError):
        return None
    if found.moving or found.multipliers or found.matrices or found.factors or found.places:
        return None
    return found


def velocities_at(
    flow: Flow,
    tokens: Sequence[Sequence[Any]],
    masses: Sequence[Any],
    lengths: Sequence[Any] = (),
    where: Mapping[Any, Any] | None = None,
) -> dict[Any, list[list[Expr]]]:
    """Return the velocity of each block at a state, as it comes, with the parameters given.

    Parameters
    ----------
    flow : Flow
        One of `has_rows_alone`.
    tokens, masses, lengths : sequence
        Rows, one mass and one length each; lengths 1 by default.
    where : Mapping, optional
        Values of symbols, parameters that weren't given among them.

    Examples
    --------
    >>> from theory.models import SA
    >>> velocities_at(Flow.of(SA), [[1, 0], [-1, 0]], [1, 1])[X]
    [[0, 0], [0, 0]]
    """
    state = {X: tokens, m: [[mass] for mass in masses]}
    own = lengths or [1] * len(tokens)
    state |= {symbol: [[length] for length in own] for symbol in lengths_of(flow)}
    at = Evaluator(state, {n: len(tokens), d: len(tokens[0])})
    found = {}
    for symbol, velocity in flow.model.velocities.items():
        found[symbol] = at(velocity.xreplace({**flow.values, **(where or {})}))
    return found


def unproved(flow: Flow, prediction: Any) -> Sheet:
    """Prove nothing: of a row that is asked for a state that refutes it, alone."""
    return Sheet((gap("no state refutes it", "none was found"),))


@lru_cache(maxsize=1024)
def short(entry: Any) -> Expr:
    """Simplify an entry, what its exponentials are of first: they cancel where weights agree.

    Several rows look at the same states, so what was found is kept.

    Raises
    ------
    NotImplementedError
        For one that is too long for it.
    """
    found = sympify(entry).replace(exp, lambda power: exp(cancel(power)))
    if found.count_ops() > LONGEST:
        raise NotImplementedError(f"an entry of {found.count_ops()} operations")
    return by_cases(found)


__all__ = [
    "INFINITE",
    "has_rows_alone",
    "lengths_of",
    "plain_consensus",
    "short",
    "unproved",
    "velocities_at",
]
