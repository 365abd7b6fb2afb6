"""Lengths of pre-LN: r_i' = s <x_i, A_i> <= s, so r_i <= R + ∫s, and pulls over r_i last.

A_i = Σ_j A_ij x_j for rows of a softmax, s(t) >= 0 a pace, 1 for pre-LN, and R at least every
length at the start.
"""

from __future__ import annotations

from typing import Any

from sympy import Symbol, integrate

from proofs_checks.propositions import Rel, every
from proofs_checks.theorems.engines import ADDED, EQUAL, SIGNS, WEIGHED
from proofs_checks.theorems.kernel import Found, apply, assume, read, settle
from proofs_checks.theorems.logic import instantiate
from proofs_checks.theorems.order import CHAIN, PRIMITIVE, RECIPROCAL, RISE, SCALE, TOKEN_SUM
from proofs_checks.theorems.pulls import Pull
from proofs_checks.theorems.readers import LENGTHS, MASSES, OTHER, POSITIVE_LENGTHS, TOKEN
from theory.symbols import r, t
from theory.terms import Entry, Item, at, ddt, total, weight

R = Symbol("R", positive=True)
"""No length at the start is larger."""
LENGTH = Item(r, TOKEN)
SHORT = every(TOKEN, Rel("<=", at(LENGTH), R))


def reached(pace: Any) -> Any:
    """Return ``∫_0^t s``."""
    primitive = integrate(pace, t)
    return primitive - primitive.subs(t, 0)


def at_most(pull: Pull, share: Entry, pace: Any) -> Found:
    """``r_i <= R + ∫s``, for weights A_ij of a softmax without a mask."""
    positive = settle(SIGNS, Rel("<=", 0, pace * share), read(MASSES, pull.subject))
    summed = apply(TOKEN_SUM, apply(SCALE, positive, pull.below_one), index=OTHER)
    meant = settle(WEIGHED, Rel("=", share, weight(share)))
    rows = settle(EQUAL, Rel("=", total(share, OTHER), 1), meant)
    motion = read(LENGTHS, pull.subject)
    slope = settle(ADDED, Rel("<=", ddt(LENGTH), pace), summed, motion, rows)
    start = apply(instantiate, assume(SHORT), values=(TOKEN,))
    rise = apply(RISE, slope, pull.bounded(pace))
    way = reached(pace)
    primitive = apply(PRIMITIVE, settle(EQUAL, Rel("=", ddt(way), pace)))
    return settle(ADDED, Rel("<=", LENGTH, R + way), rise, start, primitive)


def positive_length(pull: Pull, share: Entry, pace: Any) -> Found:
    """``0 < R + ∫s``."""
    length, longest = read(POSITIVE_LENGTHS, pull.subject), at_most(pull, share, pace)
    return settle(ADDED, Rel("<", 0, R + reached(pace)), length, longest)


def last(pull: Pull, share: Entry, least: Found, pace: Any) -> Found:
    """``s b_j/(R + ∫s) <= s A_ij/r_i``, of ``b_j <= A_ij``."""
    if not isinstance(share, Entry):
        return least
    length, masses = read(POSITIVE_LENGTHS, pull.subject), read(MASSES, pull.subject)
    slow = apply(RECIPROCAL, length, at_most(pull, share, pace))
    positive = settle(SIGNS, Rel("<=", 0, pace * share), masses)
    room = positive_length(pull, share, pace)
    sign = settle(SIGNS, Rel("<=", 0, pace / (R + reached(pace))), room)
    first = apply(SCALE, sign, least)
    second = apply(SCALE, positive, slow)
    return apply(CHAIN, first, second)
