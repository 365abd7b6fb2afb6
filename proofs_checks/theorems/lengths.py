"""Lengths that move, in an open hemisphere: ``h (r_0 + L) <= r_i <= R + F``, both explicit.

R is at least every length at the start, r_0 > 0 at most. pre-LN has ``r_i' = <x_i, A_i> <=
Σ_j A_ij``, peri-LN ``<x_i, A_i>/|A_i| <= 1``; and of residual vectors r_i x_i the height moves by
``(r_i <x_i,w>)' = Σ_j r_i p_ij <x_j,w>``, where ``h <= <x_j,w>``.
"""

from __future__ import annotations

from typing import Any

from sympy import Add, Symbol

from proofs_checks.propositions import Rel, every
from proofs_checks.theorems.clocks import at_start, clock_of, masses
from proofs_checks.theorems.engines import ADDED, EQUAL, SIGNS, needed, spared
from proofs_checks.theorems.kernel import (
    Found,
    NotConcluded,
    Refusal,
    Theorem,
    apply,
    assume,
    read,
    settle,
)
from proofs_checks.theorems.logic import instantiate, rename
from proofs_checks.theorems.order import CHAIN, FALL, RISE, SCALE, TURNED, VALUE
from proofs_checks.theorems.pulls import HIGH, H, Pull, height
from proofs_checks.theorems.ranges import Bounds
from proofs_checks.theorems.readers import LENGTHS, OTHER, POSITIVE_LENGTHS, TOKEN
from theory.symbols import r
from theory.terms import Elapsed, Index, Item, at, ddt, total

R, R0 = Symbol("R", positive=True), Symbol("r_0", positive=True)
"""No length at the start is larger, and none is smaller."""
LENGTH = Item(r, TOKEN)
SHORT = every(TOKEN, Rel("<=", at(LENGTH), R))
LONG = every(TOKEN, Rel("<=", R0, at(LENGTH)))


def at_most(pull: Pull) -> Found:
    """``r_i <= R + F(t)``."""
    motion = read(LENGTHS, pull.subject)
    if isinstance(motion, Refusal):
        return motion
    slope = apply(CHAIN, motion, Bounds(pull).above(motion.says.right))
    if isinstance(slope, Refusal):
        return slope
    try:
        clock, equations = _clock(pull, slope.says.right)
    except NotConcluded as short:
        return Refusal(str(short))
    start = apply(instantiate, assume(SHORT), values=(TOKEN,))
    rise = apply(RISE, slope, pull.bounded(slope.says.right))
    return settle(ADDED, Rel("<=", LENGTH, R + clock), rise, start, *equations)


def _clock(pull: Pull, slope: Any) -> tuple[Any, tuple[Found, ...]]:
    """Return ``∫_0^t`` of a bound, with masses as they are at the start, and what says so."""
    _, still, signs = masses(pull.subject)
    speed = at_start(slope, pull.subject)
    clock, equations = clock_of(speed, *signs)
    return clock, (*equations, *(still if speed != slope else ()))


def at_least(pull: Pull) -> tuple[Found, Found, Found]:
    """``h (r_0 + L(t)) <= r_i``, T8a: the height of ``r_i x_i`` grows at least by h a row's sum.

    Returns
    -------
    tuple of Theorem or Refusal
        With ``0 <= L`` and ``0 < r_0 + L``.
    """
    motion, own = read(LENGTHS, pull.subject), pull.weight * LENGTH
    if isinstance(motion, Refusal) or own.has(LENGTH):
        return (Refusal("the residual vectors r_i x_i aren't moved by a sum of tokens"),) * 3
    field, bounds = total(own * height(OTHER), OTHER), Bounds(pull)
    says = Rel("=", ddt(LENGTH * height(TOKEN)), field)
    grows = spared(EQUAL, says, pull.motion, motion, *pull.defined)
    slope = apply(CHAIN, bounds.below(field), apply(TURNED, grows))
    if isinstance(slope, Refusal):
        return (slope,) * 3
    try:
        clock, equations = _clock(pull, slope.says.left)
    except NotConcluded as short:
        return (Refusal(str(short)),) * 3
    facts = *equations, *masses(pull.subject)[2]
    rise = apply(FALL, slope, pull.bounded(slope.says.left))
    grown = Add(*(one / H for one in Add.make_args(clock)))
    says = Rel("<=", H * (R0 + grown), LENGTH)
    longer = settle(ADDED, says, rise, *_begun(pull), *equations, *needed(says, facts))
    speed = bounds.signed(Rel("<=", 0, slope.says.left))
    return longer, *_onward(slope.says.left, grown, speed, equations, facts)


def _onward(
    slope: Any, grown: Any, speed: Found, equations: tuple[Found, ...], facts: tuple[Found, ...]
) -> tuple[Found, Found]:
    """``0 <= L`` and ``0 < r_0 + L``, of ``L = ∫l/h`` with ``0 <= l``."""
    says, strict = Rel("<=", 0, grown), Rel("<", 0, R0 + grown)
    plain = settle(SIGNS, says), settle(SIGNS, strict)
    if not any(isinstance(one, Refusal) for one in plain):
        return plain
    later = spared(SIGNS, Rel("<=", 0, Elapsed(slope)), speed)
    onward = apply(SCALE, settle(SIGNS, Rel("<=", 0, 1 / H)), later)
    forward = settle(ADDED, says, onward, *equations, *needed(says, facts))
    begun = settle(SIGNS, Rel("<", 0, R0))
    return forward, settle(ADDED, strict, begun, forward, *needed(strict, facts))


_POSITIVE_H = settle(SIGNS, Rel("<=", 0, H))


def _begun(pull: Pull) -> tuple[Found, ...]:
    """``h r_0 <= (r_i <x_i,w>)(0)`` and ``r_i <x_i,w> <= r_i``, in parts."""
    longer = apply(instantiate, assume(LONG), values=(TOKEN,))
    higher = apply(instantiate, assume(HIGH), values=(TOKEN,))
    sign = settle(ADDED, Rel("<=", 0, at(LENGTH)), longer, settle(SIGNS, Rel("<=", 0, R0)))
    value = apply(VALUE, number=LENGTH * height(TOKEN))
    end = apply(SCALE, read(POSITIVE_LENGTHS, pull.subject), pull.low)
    return apply(SCALE, _POSITIVE_H, longer), apply(SCALE, sign, higher), value, end


def at_least_in_step(pull: Pull) -> Found:
    """``h r_0 (R + F)/R <= r_i``, where lengths grow as much at least as at most but for h."""
    (low, forward, _), most = at_least(pull), at_most(pull)
    if isinstance(low, Refusal) or isinstance(forward, Refusal) or isinstance(most, Refusal):
        return Refusal("lengths aren't bounded on both sides")
    grown = forward.says.right
    if grown != most.says.right - R:
        return Refusal("the least and the largest growth of lengths differ")
    start = (assume(LONG), assume(SHORT))
    less, more = (apply(instantiate, one, values=(TOKEN,)) for one in start)
    short = apply(
        SCALE, apply(SCALE, settle(SIGNS, Rel("<=", 0, H / R)), forward), apply(CHAIN, less, more)
    )
    return settle(ADDED, Rel("<=", H * R0 * (R + grown) / R, LENGTH), low, short)


def bounded(pull: Pull, in_step: bool = False) -> Bounds:
    """Return bounds of a model's terms, with those of its lengths where they move.

    In step, the lower one is a constant times the upper one.
    """
    if r not in pull.subject.velocities:
        return Bounds(pull)
    most, (least, _, positive) = at_most(pull), at_least(pull)
    least = at_least_in_step(pull) if in_step else least

    def of(i: Index, up: bool) -> Found:
        known = most if up else least
        return known if i == TOKEN else apply(rename, known, values={TOKEN: i})

    signs = apply(CHAIN, read(POSITIVE_LENGTHS, pull.subject), most), positive
    shown = (one for one in signs if isinstance(one, Theorem) and one.by is not SIGNS)
    return Bounds(pull, of, tuple(shown))
