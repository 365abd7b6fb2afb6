"""Parameters as declared objects: the range that a symbol is declared in, and where proofs hold.

A symbol's assumptions are its range. A plain one is any positive number; so are β and η, which are
real for the algebra's sake alone.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from sympy import Interval, Reals, S, Set, oo

from proofs_checks.proof.flow import Flow
from proofs_checks.proof.sheet import POSITIVE, Sheet
from theory.models import Model
from theory.symbols import beta, eta

_SAID = {
    "symbolic": Reals,
    "symbolic, of either sign": Reals,
    "symbolic, nonzero": Reals - {S.Zero},
    "symbolic, >= 0": Interval(0, oo),
    "every β >= 0": Interval(0, oo),
    "symbolic, > 0": POSITIVE,
    "symbolic, positive": POSITIVE,
    "> 0": POSITIVE,
}
"""Ranges that sheets say in words; any other words cover nothing that is known."""


def declared(symbol: Any) -> Set:
    """Range that the assumptions of a symbol say, of real numbers; empty if there is none.

    Examples
    --------
    >>> from sympy import Symbol
    >>> declared(Symbol("a")), declared(Symbol("a", nonpositive=True))
    (Interval.open(0, oo), Interval(-oo, 0))
    """
    if symbol in (beta, eta) or symbol.is_positive:
        return POSITIVE
    if symbol.is_real is False:
        return S.EmptySet
    if symbol.is_real is None:
        return POSITIVE
    low = S.Zero if symbol.is_nonnegative else -oo
    high = S.Zero if symbol.is_nonpositive else oo
    found = Interval(low, high)
    return found - {S.Zero} if symbol.is_nonzero else found


def valued(flow: Flow) -> Model:
    """Return the model with the given numbers in it: what is derived of it mixes with no symbol."""
    numbers = {p: value for p, value in flow.values.items() if value.is_number}
    return flow.model.subs(numbers, flow.name) if numbers else flow.model


def left_free(flow: Flow, names: Iterable[str]) -> Flow:
    """Return a user's flow without the values of some parameters."""
    left_out = set(names)
    return Flow.of(flow.model, **{a: b for a, b in flow.given.items() if a not in left_out})


def covers(sheet: Sheet, symbol: Any, values: Set) -> bool:
    """Whether the scope of a proof is known to hold all these values of a parameter."""
    name = str(symbol)
    words = sheet.words.get(name, "symbolic").split(";")
    said = [_SAID.get(part.strip(), S.EmptySet) for part in words]
    steps = [where for step in sheet.steps for s, where in step.scope.items() if str(s) == name]
    return all(values.is_subset(where) for where in (*said, *steps))


__all__ = ["covers", "declared", "left_free", "valued"]
