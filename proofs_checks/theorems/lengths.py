"""Lengths of pre-LN: r_i' = <x_i, A_i> <= 1, so r_i <= R + t, and pulls over r_i last.

A_i = Σ_j A_ij x_j for rows of a softmax, R at least every length at the start.
"""

from __future__ import annotations

from sympy import Symbol

from proofs_checks.propositions import Rel, every
from proofs_checks.theorems.engines import ADDED, EQUAL, SIGNS, WEIGHED
from proofs_checks.theorems.kernel import Found, apply, assume, read, settle
from proofs_checks.theorems.logic import instantiate
from proofs_checks.theorems.order import CHAIN, RECIPROCAL, RISE, SCALE, TOKEN_SUM
from proofs_checks.theorems.pulls import Pull
from proofs_checks.theorems.readers import LENGTHS, MASSES, OTHER, POSITIVE_LENGTHS, TOKEN
from theory.symbols import r, t
from theory.terms import Entry, Item, at, ddt, total, weight

R = Symbol("R", positive=True)
"""No length at the start is larger."""
LENGTH = Item(r, TOKEN)
SHORT = every(TOKEN, Rel("<=", at(LENGTH), R))


def at_most(pull: Pull, share: Entry) -> Found:
    """``r_i <= R + t``, for weights A_ij of a softmax without a mask."""
    positive = settle(SIGNS, Rel("<=", 0, share), read(MASSES, pull.subject))
    summed = apply(TOKEN_SUM, apply(SCALE, positive, pull.below_one), index=OTHER)
    meant = settle(WEIGHED, Rel("=", share, weight(share)))
    rows = settle(EQUAL, Rel("=", total(share, OTHER), 1), meant)
    motion = read(LENGTHS, pull.subject)
    slope = settle(ADDED, Rel("<=", ddt(LENGTH), 1), summed, motion, rows)
    start = apply(instantiate, assume(SHORT), values=(TOKEN,))
    rise = apply(RISE, slope, pull.bounded(1))
    return settle(ADDED, Rel("<=", LENGTH, R + t), rise, start)


def last(pull: Pull, share: Entry, least: Found) -> Found:
    """``b_j/(R + t) <= A_ij/r_i``, of ``b_j <= A_ij``."""
    if not isinstance(share, Entry):
        return least
    length, masses = read(POSITIVE_LENGTHS, pull.subject), read(MASSES, pull.subject)
    slow = apply(RECIPROCAL, length, at_most(pull, share))
    positive = settle(SIGNS, Rel("<=", 0, share), masses)
    first = apply(SCALE, settle(SIGNS, Rel("<=", 0, 1 / (R + t))), least)
    second = apply(SCALE, positive, slow)
    return apply(CHAIN, first, second)
