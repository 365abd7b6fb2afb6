"""(6.11) beside lengths: how far two solutions part whose residual vectors a softmax moves.

``(r_i x_i)' = s A_i`` or ``s A_i/|A_i|``, from lengths r_0 and heights h at least: lengths are
h (r_0 + F) at least, F = ∫s, so that residual vectors part by a power of 1 + F/r_0.
"""

from __future__ import annotations

from typing import Any

from sympy import S

from proofs_checks.propositions import Definition, Is, Rel, Subject
from proofs_checks.theorems.chord_rates import Motions
from proofs_checks.theorems.chords import (
    ANGLE,
    APART,
    FAST,
    IN_BALL,
    MOMENT,
    plain,
    steady_of,
    within,
)
from proofs_checks.theorems.clocks import clock_of
from proofs_checks.theorems.divided_pairs import divisor, mean_of, shares_of
from proofs_checks.theorems.engines import EQUAL, SIGNS, spared
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
from proofs_checks.theorems.lengths import LONG, R0, at_least
from proofs_checks.theorems.logic import rename
from proofs_checks.theorems.order import above, of_all, of_parameters, relation, wants
from proofs_checks.theorems.pulls import HIGH, UNIT_AXIS, H, Pull, gram
from proofs_checks.theorems.readers import (
    LENGTHS,
    MASSES,
    MOTION,
    OTHER,
    POSITIVE_LENGTHS,
    ROOTED,
    TOKEN,
    UNIT,
    rooted,
    solved_in,
    solving,
)
from proofs_checks.theorems.residual_heats import most_of, moved_by
from theory.symbols import X, r, t
from theory.terms import Elapsed, Item, Norm, Row, Sort, at, moving

ABREAST = Definition(
    "pair of one length",
    "X and Y solve {0} for all t >= 0, each from lengths {1} of all tokens and over an equator of "
    "its own at heights >= {2}, all else the same",
    (Subject, Sort.NUMBER, Sort.NUMBER),
)


def _abreast(
    unit: Fact,
    motion: Fact,
    steady: Fact,
    most: Fact,
    long: Fact,
    whole: Fact,
    forward: Fact,
    *rows: Fact,
    share: Any,
    speed: Any,
) -> Concluded:
    divided = bool(rows)
    subject = solved_in(motion)
    if set(subject.velocities) != {X, r} or unit.given != motion.given:
        raise NotConcluded("it is about tokens and lengths of that model")
    wants(unit, Rel("=", Norm(Row(X, TOKEN)), 1))
    over = divisor(rows, share, relation(motion, "=").right) if divided else S.One
    wants(motion, moved_by(speed * share * over))
    if {TOKEN, OTHER} & speed.free_symbols or moving(speed.xreplace({t: MOMENT})):
        raise NotConcluded("tokens enter the speed")
    if MOMENT in subject.free_symbols:
        raise NotConcluded("the model has a time that is held")
    size, pace = steady_of(steady, share.xreplace({t: MOMENT}))
    bound = relation(most, "<=")
    slope = bound.right
    plain(slope)
    if size != 1 or bound.left != pace or {MOMENT, t} & slope.free_symbols:
        raise NotConcluded("outputs aren't means, or move at no one rate")
    for fact in (unit, motion, steady, most):
        of_all(fact, TOKEN, MOMENT, t)
    clock = relation(whole, "=").right
    wants(whole, Rel("=", Elapsed(speed), clock))
    wants(long, Rel("<=", H * (R0 + clock), Item(r, TOKEN)))
    if not long.given <= {solving(subject), HIGH, LONG, UNIT_AXIS}:
        raise NotConcluded("lengths are bounded under something else")
    of_all(long, TOKEN, t, without=(solving(subject), HIGH, LONG, UNIT_AXIS))
    above(forward, speed)
    of_all(forward, t)
    given = steady.given.union(*(one.given for one in (most, whole, forward, *rows)))
    own = frozenset({Is(IN_BALL, subject), solving(subject)})
    of_parameters(given - own)
    power = slope / H**2 if divided else slope / H
    apart = at(APART) * (1 + clock / R0) ** (power - 1) / H
    says = within(gram(TOKEN, OTHER) - ANGLE, 2 * apart)
    starts = HIGH, LONG, UNIT_AXIS  # of both solutions
    return Concluded(says, {4: starts}, own, frozenset({Is(ABREAST, subject, R0, H)}))


SIDE_BY_SIDE = Rule(
    "residual vectors of two solutions",
    "|x_i| = 1; (r_i x_i)' = s A_i, or s A_i/|A_i|, A_i = Σ_j A_ij x_j; |A_i| <= 1 and |A_i'| <= L "
    "max_k |x_k'| of every motion in the ball; L <= K; h (r_0 + F) <= r_i from heights h and "
    "lengths r_0 at least; ∫_0^t s = F; 0 <= s; Σ_j A_ij = 1 and 0 <= A_ij, of divided outputs: "
    "|<x_i,x_j> - <y_i,y_j>| <= 2 D(0) (1 + F/r_0)^(k - 1)/h, k = K/h, or K/h², from lengths r_0 "
    "of all tokens, X and Y each over an equator at heights >= h",
    "|A_i(x) - A_i(y)| <= K D; |a/|a| - b/|b|| <= |a - b|/h for |a|, |b| >= h, as |A_i| >= "
    "<A_i,w>; D <= W/(h (r_0 + F)) for W = max_i |v_i - w_i|, v_i and w_i the residual vectors, so "
    "W' <= s k W/(r_0 + F), W <= r_0 D(0) (1 + F/r_0)^k; inner products differ by 2 D at most",
    _abreast,
)


def side_by_side(pull: Pull) -> Found:
    """``|<x_i,x_j> - <y_i,y_j>|`` of two solutions from lengths r_0.

    Examples
    --------
    >>> from proofs_checks.propositions import written
    >>> from proofs_checks.theorems import pull_of
    >>> from theory.models import PRE_LN
    >>> written(side_by_side(pull_of(Subject.of(PRE_LN))).says.args[1]).partition(" <= ")[2]
    '2 (max_k |x_k - y_k|)(0)/(h (1 + t/r_0)^(1 - (2 |β| + 1)/h))'
    """
    subject = pull.subject
    weight = pull.weight * Item(r, TOKEN)
    if r not in subject.velocities:
        return Refusal("there are no lengths that move")
    try:
        share, speed = mean_of(weight)
    except NotConcluded as short:
        return Refusal(str(short))
    roots = rooted(weight)
    divided = (read(ROOTED, subject),) if roots else ()
    facts = read(MOTION, subject), read(LENGTHS, subject), read(POSITIVE_LENGTHS, subject), *divided
    motion = spared(EQUAL, moved_by(weight), *facts)
    steady = Motions(subject).steady(share.xreplace({t: MOMENT}))
    if isinstance(steady, Refusal) or isinstance(motion, Refusal):
        return steady if isinstance(steady, Refusal) else motion
    pace = steady.says.args[-1].right / FAST
    try:
        clock, more = clock_of(speed)
    except NotConcluded as short:
        return Refusal(str(short))
    whole = settle(EQUAL, Rel("=", Elapsed(speed), clock), *more)
    forward = settle(SIGNS, Rel("<=", 0, speed))
    known = steady, most_of(pace, S.One), at_least(pull)[0], whole, forward
    mass = apply(rename, read(MASSES, subject), values={TOKEN: OTHER})
    rows = shares_of(mass, share) if roots else ()
    units = read(UNIT, subject), motion
    return apply(SIDE_BY_SIDE, *units, *known, *rows, share=share, speed=speed)
