"""(6.11) of any model that treats its tokens alike: inner products stay near the angle γ.

Two solutions X and Y part at a rate K at most, D' <= K D for D = max_i |x_i - y_i|, so early
|<x_i,x_j> - <y_i,y_j>| <= 2 D(0) e^(∫K); and late all inner products are near 1, as tokens of an
open hemisphere meet. Orthonormal tokens Y have one angle γ.
"""

from __future__ import annotations

from typing import Any

from sympy import S, exp

from proofs_checks.audit import SECOND
from proofs_checks.propositions import All, Is, Proposition, Rel
from proofs_checks.theorems.asked import words_of
from proofs_checks.theorems.attraction import GRONWALL
from proofs_checks.theorems.bounds import BOUNDED, UP_TO
from proofs_checks.theorems.chord_rates import chords
from proofs_checks.theorems.chords import ANGLE, APART, PAIR, within
from proofs_checks.theorems.clocks import at_start, clock_of, masses
from proofs_checks.theorems.conclusions import Conclusion, claimed
from proofs_checks.theorems.divided_pairs import BOTH_HIGH, divided_chords
from proofs_checks.theorems.engines import ADDED, EQUAL, SIGNS, spared
from proofs_checks.theorems.equal_angles import aligns
from proofs_checks.theorems.hemisphere import common_sight_given
from proofs_checks.theorems.kernel import (
    Fact,
    Found,
    NotConcluded,
    Reader,
    Refusal,
    Rule,
    apply,
    assume,
    read,
    settle,
)
from proofs_checks.theorems.lengths import R0
from proofs_checks.theorems.logic import part, together
from proofs_checks.theorems.order import CHAIN, REPLACE, SCALE, above, of_all, relation, wants
from proofs_checks.theorems.pulls import (
    POINTS,
    UNIT_AXIS,
    H,
    Pull,
    gram,
    height,
    legend,
)
from proofs_checks.theorems.readers import OTHER, TOKEN, Facts, rooted, solving, weights_of
from proofs_checks.theorems.residual_pairs import ABREAST, side_by_side
from theory.symbols import X, r, t
from theory.terms import Diameter, Elapsed, Name, Norm, Row, at, ddt


def _both_unit(subject: Any) -> Facts:
    weights_of(subject)  # refuses what isn't kept on the sphere
    says = All(*(Rel("=", Norm(Row(one, TOKEN)), 1) for one in (X, SECOND)))
    return frozenset({Is(PAIR, subject)}), says, "<x_i, P_i F_i> = 0"


PAIR_UNIT = Reader("both solutions on the sphere", _both_unit)


def _parted(units: Fact, other: Any = SECOND) -> Proposition:
    wants(units, All(*(Rel("=", Norm(Row(one, TOKEN)), 1) for one in (X, other))))
    of_all(units, TOKEN, t)
    named = {SECOND: other}
    return within(gram(TOKEN, OTHER) - ANGLE.xreplace(named), 2 * APART.xreplace(named))


PARTED = Rule(
    "inner products of two states",
    "|x_i| = 1; |y_i| = 1: -2 D <= <x_i,x_j> - <y_i,y_j> <= 2 D, D = max_i |x_i - y_i|",
    "<x_i,x_j> - <y_i,y_j> = <x_i - y_i, x_j> + <y_i, x_j - y_j>, Cauchy and Schwarz",
    _parted,
)


def _close(unit: Fact, axis: Fact, high: Fact) -> Proposition:
    wants(unit, Rel("=", Norm(Row(X, TOKEN)), 1))
    wants(axis, UNIT_AXIS)
    above(high, height(TOKEN), strict=True)
    for fact in (unit, high):
        of_all(fact, TOKEN)
    return Rel("<=", 1 - gram(TOKEN, OTHER), Diameter(POINTS, TOKEN) ** 2 / 2)


CLOSE = Rule(
    "inner products over an equator",
    "|x_i| = 1; |w| = 1; 0 < <x_i,w>: 1 - <x_i,x_j> <= D²/2, D = diam x_i/<x_i,w>",
    "1 - <x_i,x_j> = |x_i - x_j|²/2, and v/|v| shortens where |v| >= 1, as |x_i|/<x_i,w> is",
    _close,
)


def _early(pull: Pull) -> Found:
    """``|<x_i,x_j> - <y_i,y_j>| <= 2 D(0) e^F``, F = ∫K."""
    subject = pull.subject
    divided = rooted(pull.weight)
    grows = divided_chords(pull) if divided else chords(subject)
    if isinstance(grows, Refusal):
        return grows
    rate = relation(grows.fact, "<=").right / APART
    if grows.says.right != rate * APART:  # a factor in front of a sum
        grows = settle(ADDED, Rel("<=", ddt(APART), rate * APART), grows)
    known = assume(Is(PAIR, subject)), assume(solving(subject))
    finite = spared(UP_TO, Is(BOUNDED, -rate), *known)
    bound = apply(GRONWALL, grows, finite, rate=-rate)
    speed = at_start(rate, subject)
    try:
        clock, equations = clock_of(speed, *masses(subject)[2])
    except NotConcluded as short:
        return Refusal(str(short))
    still = masses(subject)[1] if speed != rate else ()
    same = settle(EQUAL, Rel("=", -Elapsed(-rate), clock), *still, *equations)
    whole = apply(REPLACE, same, bound)
    bound = bound if isinstance(whole, Refusal) else whole
    wide = apply(SCALE, settle(SIGNS, Rel("<=", 0, S(2))), bound)
    product = apply(PARTED, read(PAIR_UNIT, subject))
    if isinstance(wide, Refusal):
        return wide
    apart, far = gram(TOKEN, OTHER) - ANGLE, 2 * at(APART) * exp(clock)
    low = settle(ADDED, Rel("<=", -far, apart), apply(part, product, place=0), wide)
    high = apply(CHAIN, apply(part, product, place=1), wide)
    return apply(together, low, high)


def near_angles(pull: Pull, sight: Found) -> Conclusion | None:
    """Conclude (6.11) of a flow, from what T2 says of it.

    Examples
    --------
    >>> from proofs_checks.theorems import common_sight, pull_of
    >>> from proofs_checks.propositions import Subject
    >>> from theory.models import PRE_LN, SA, catalogue
    >>> names = "nGPT", "mix-LN"
    >>> subjects = [Subject.of(one) for one in (SA, PRE_LN, *map(catalogue, names))]
    >>> [near_angles(pull_of(one), common_sight(one)) is None for one in subjects]
    [False, False, False, True]
    """
    early = side_by_side(pull) if r in pull.subject.velocities else _early(pull)
    aligned = aligns(pull, sight)
    if isinstance(early, Refusal) or aligned is None:
        return None
    late = apply(CLOSE, pull.unit, assume(UNIT_AXIS), pull.upright)
    found = apply(together, early, late, apply(part, sight, place=0), aligned.found)
    if isinstance(found, Refusal):
        return None
    own = (Name("u", POINTS, (TOKEN,)) if one.term == POINTS else one for one in legend(pull))
    names = Name("Δ", APART), *own  # y_i are the tokens of Y
    pair = Is(PAIR, pull.subject), Is(ABREAST, pull.subject, R0, H)
    given = *pair, *BOTH_HIGH, *common_sight_given(pull.subject)
    return claimed(found, found.says, given, names)


def near_said(own: Conclusion) -> str:
    """Say what is concluded of two solutions, one of which starts orthonormal."""
    said = "; ".join(words_of(own, place) for place in range(4))
    over = ABREAST in {one.definition for one in own.says.given if isinstance(one, Is)}
    each = over or {*BOTH_HIGH} <= {*own.says.given}
    return f"of two solutions X, Y{', each over an equator at heights >= h' * each}: {said}"
