"""(4.5) beside lengths: residual vectors at β and at 0 part by W' <= s (κ + λ W/ρ).

``(r_i x_i)' = A_i`` at β, and B_i at 0, |A_i|, |B_i| <= s. Lengths of ρ + ∫s at least at the start
are at least ρ up to t, where a difference of directions is that of residual vectors over ρ at most.
"""

from __future__ import annotations

from typing import Any

from sympy import S, Symbol, exp, simplify

from proofs_checks.propositions import Is, Proposition, Rel, Subject, every
from proofs_checks.theorems.chord_rates import Motions
from proofs_checks.theorems.chords import APART, IN_BALL, MOMENT, output, plain, steady_of
from proofs_checks.theorems.clocks import clock_of
from proofs_checks.theorems.engines import ADDED, EQUAL, SIGNS, spared
from proofs_checks.theorems.heat_forces import parted
from proofs_checks.theorems.heat_gap import HEATS, cooled
from proofs_checks.theorems.heat_rates import force_of
from proofs_checks.theorems.kernel import (
    Concluded,
    Fact,
    Found,
    NotConcluded,
    Refusal,
    Rule,
    apply,
    read,
    settle,
)
from proofs_checks.theorems.order import SAME, of_all, of_parameters, relation, wants
from proofs_checks.theorems.readers import (
    LENGTHS,
    MOTION,
    POSITIVE_LENGTHS,
    TOKEN,
    UNIT,
    solved_in,
    solving,
    weights_of,
)
from theory.symbols import X, r, t
from theory.terms import Elapsed, Item, Norm, Row, at, ddt, moving

FLOOR = Symbol("rho", positive=True)
"""What lengths are at least, up to the time that is asked."""
_LENGTH = Item(r, TOKEN)


def long_enough(clock: Any) -> Proposition:
    """Say ``ρ + F <= r_i(0)``."""
    return every(TOKEN, Rel("<=", FLOOR + clock, at(_LENGTH)))


def moved_by(weight: Any) -> Rel:
    """Say ``(r_i x_i)' = Σ_j w_ij x_j``."""
    return Rel("=", ddt(Row(X, TOKEN) * _LENGTH), output(weight))


def _residual(
    unit: Fact,
    motion: Fact,
    rest: Fact,
    hot: Fact,
    cold: Fact,
    apart: Fact,
    most: Fact,
    whole: Fact,
    weight: Any,
    other: Any,
) -> Concluded:
    subject = solved_in(motion)
    if rest.given != {solving(cooled(subject))} or unit.given != motion.given:
        raise NotConcluded("it needs the velocity of that model at β = 0")
    wants(unit, Rel("=", Norm(Row(X, TOKEN)), 1))
    wants(motion, moved_by(weight))
    wants(rest, moved_by(other))
    if set(subject.velocities) != {X, r} or subject.spaces.get(r) != "positive":
        raise NotConcluded("it is about tokens and lengths")
    if {MOMENT, FLOOR} & subject.free_symbols:
        raise NotConcluded(f"{MOMENT} or {FLOOR} is a parameter and a name of ours")
    held = {t: MOMENT}
    size, _ = steady_of(hot, weight.xreplace(held))
    wide, pace = steady_of(cold, other.xreplace(held))
    force, bound = relation(apart, "<=").right, relation(most, "<=")
    wants(apart, Rel("<=", parted(weight.xreplace(held), other.xreplace(held)), force))
    share, slope = simplify(bound.right / size), simplify(pace / size)
    plain(force, share, slope)
    timed_ = {MOMENT, t} & (share.free_symbols | slope.free_symbols)
    if bound.left != force or wide != size or timed_:
        raise NotConcluded("the bounds aren't multiples of one speed")
    for fact in (unit, motion, rest, hot, cold, apart, most):
        of_all(fact, TOKEN, MOMENT, t)
    clock = relation(whole, "=").right
    wants(whole, Rel("=", Elapsed(size.xreplace({MOMENT: t})), clock))
    balls = {Is(IN_BALL, one) for one in (subject, cooled(subject))}
    of_parameters(hot.given.union(cold.given, apart.given, most.given, whole.given) - balls)
    if moving(clock.xreplace({t: S.One})) or not slope.is_positive:
        raise NotConcluded("the clock isn't explicit, or nothing moves")
    says = Rel("<=", APART, share / slope * (exp(slope * clock / FLOOR) - 1))
    own = frozenset({*balls, solving(subject), solving(cooled(subject))})
    return Concluded(says, spares=own, more=frozenset({Is(HEATS, subject), long_enough(clock)}))


RESIDUALS = Rule(
    "residual vectors of two heats",
    "|x_i| = 1; (r_i x_i)' = A_i; (r_i y_i)' = B_i at β = 0; |A_i| <= s, |B_i| <= s and |B_i'| <= "
    "λ s max_k |x_k'| of every motion in the ball; |A_i - B_i| <= f at every state in the ball, at "
    "each time held; f <= κ s; ∫_0^t s = F: where ρ + F <= r_i(0), D <= κ/λ (e^(λF/ρ) - 1)",
    "up to t lengths are at least r_i(0) - F >= ρ, at β and at 0; there |x_i - y_i| <= |v_i - "
    "w_i|/ρ, v_i and w_i the residual vectors, so W = max_i |v_i - w_i| has W' <= s (κ + λ W/ρ), "
    "W(0) = 0",
    _residual,
)


def residual_gap(subject: Subject) -> Found:
    """``D <= v`` where ``ρ + F <= r_i(0)``, of tokens with lengths.

    Examples
    --------
    >>> from proofs_checks.propositions import written
    >>> from theory.models import PRE_LN
    >>> written(residual_gap(Subject.of(PRE_LN)).says)
    'max_j |x_j - y_j| <= (e^(t/ρ) - 1) |β|'
    """
    cold = cooled(subject)
    try:
        weight, other = weights_of(subject) * _LENGTH, weights_of(cold) * _LENGTH
    except NotConcluded as short:
        return Refusal(str(short))
    steps = []
    for one, own in ((subject, weight), (cold, other)):
        facts = read(MOTION, one), read(LENGTHS, one), read(POSITIVE_LENGTHS, one)
        steps.append(spared(EQUAL, moved_by(own), *facts))
    held = {t: MOMENT}
    hot, rest = weight.xreplace(held), other.xreplace(held)
    known = Motions(subject).steady(hot), Motions(cold).steady(rest)
    apart = force_of(subject, hot, rest)
    if isinstance(known[0], Refusal) or isinstance(apart, Refusal):
        return Refusal("the outputs aren't bounded")
    speed, force = known[0].says.args[0].right, apart.says.right
    try:
        clock, more = clock_of(speed.xreplace({MOMENT: t}))
    except NotConcluded as short:
        return Refusal(str(short))
    whole = settle(EQUAL, Rel("=", Elapsed(speed.xreplace({MOMENT: t})), clock), *more)
    bounds = *steps, *known, apart, most_of(force, speed), whole
    return apply(RESIDUALS, read(UNIT, subject), *bounds, weight=weight, other=other)


def most_of(force: Any, speed: Any) -> Found:
    """``f <= κ s``, κ = f/s at the start."""
    top = simplify(force / speed).xreplace({MOMENT: S.Zero}) * speed
    if top == force:
        return apply(SAME, settle(SIGNS, Rel("<=", 0, force)), number=force)
    room = simplify(top - force)
    return settle(ADDED, Rel("<=", force, top), settle(SIGNS, Rel("<=", 0, room)))
