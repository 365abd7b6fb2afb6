"""Numbers of tokens: the first at which an expression has a value, and signs from it on."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import Any

from sympy import Expr, Symbol, nan, oo, zoo

from proofs_checks.decide.decision import Decision
from proofs_checks.decide.sign import decide_positive
from theory.symbols import n

_LOOKED_AT = range(2, 8)
"""Counts that may be without a value: models that start at a larger one aren't met."""


def first_count(parts: Iterable[Expr], count: Symbol) -> int:
    """Return the first count from 2 on at which all expressions have a value; 2 where none is seen.

    Examples
    --------
    >>> first_count([1 / (n - 2)], n), first_count([1 / (n - 3)], n)
    (3, 2)
    """
    moved = [part for part in parts if count in part.free_symbols]
    for size in _LOOKED_AT:
        if not any(part.subs(count, size).has(oo, -oo, zoo, nan) for part in moved):
            return size
    return 2


def decide_weight(weight: Expr, **how: Any) -> Decision:
    """Decide whether a weight is positive, at every n at which it has a value.

    Those at which it has none must be the first ones: at n = 2 there is no 1/(n-2).

    Parameters
    ----------
    weight : Expr
    **how
        As in `decide_positive`.

    Examples
    --------
    >>> [decide_weight(1 / (n - k)).holds for k in (2, 3)]
    [True, False]
    """
    found = decide_positive(weight, **how)
    least = first_count([weight], n)
    if found.holds or least == 2:
        return found
    later = decide_positive(weight.subs(n, n + least - 2), **how)
    if not later.holds:
        return found
    return replace(later, scope={**later.scope, "n": f">= {least}, integer"})


__all__ = ["decide_weight", "first_count"]
