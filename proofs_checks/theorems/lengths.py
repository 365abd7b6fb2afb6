"""Lengths that move: ``r_i' <= u`` for an explicit u, so ``r_i <= R + ∫u``.

R is at least every length at the start. pre-LN has ``r_i' = <x_i, A_i> <= Σ_j A_ij``, peri-LN
``<x_i, A_i>/|A_i| <= 1``.
"""

from __future__ import annotations

from sympy import Symbol

from proofs_checks.propositions import Rel, every
from proofs_checks.theorems.clocks import at_start, clock_of, masses
from proofs_checks.theorems.engines import ADDED
from proofs_checks.theorems.kernel import Found, NotConcluded, Refusal, apply, assume, read, settle
from proofs_checks.theorems.logic import instantiate, rename
from proofs_checks.theorems.order import CHAIN, RISE
from proofs_checks.theorems.pulls import Pull
from proofs_checks.theorems.ranges import Bounds
from proofs_checks.theorems.readers import LENGTHS, POSITIVE_LENGTHS, TOKEN
from theory.symbols import r
from theory.terms import Index, Item, at

R = Symbol("R", positive=True)
"""No length at the start is larger."""
LENGTH = Item(r, TOKEN)
SHORT = every(TOKEN, Rel("<=", at(LENGTH), R))


def at_most(pull: Pull) -> Found:
    """``r_i <= R + F(t)``."""
    motion = read(LENGTHS, pull.subject)
    if isinstance(motion, Refusal):
        return motion
    slope = apply(CHAIN, motion, Bounds(pull).above(motion.says.right))
    if isinstance(slope, Refusal):
        return slope
    try:
        _, still, signs = masses(pull.subject)
        speed = at_start(slope.says.right, pull.subject)
        clock, equations = clock_of(speed, *signs)
    except NotConcluded as short:
        return Refusal(str(short))
    start = apply(instantiate, assume(SHORT), values=(TOKEN,))
    rise = apply(RISE, slope, pull.bounded(slope.says.right))
    facts = rise, start, *equations, *(still if speed != slope.says.right else ())
    return settle(ADDED, Rel("<=", LENGTH, R + clock), *facts)


def bounded(pull: Pull) -> Bounds:
    """Return bounds of a model's terms, with those of its lengths where they move."""
    if r not in pull.subject.velocities:
        return Bounds(pull)
    most = at_most(pull)

    def of(i: Index) -> Found:
        return most if i == TOKEN else apply(rename, most, values={TOKEN: i})

    positive = apply(CHAIN, read(POSITIVE_LENGTHS, pull.subject), most)
    return Bounds(pull, of, () if isinstance(positive, Refusal) else (positive,))
