"""(D.6), (D.7): solutions that start near orthonormal tokens stay near those that start there.

Tokens y_i that are orthonormal at first have one angle γ. On the event (D.5) 0 <= <x_i,y_i> and
1 - <x_i,y_i>² <= log d/d at first, y_i being what is left of x_i, normalised.
"""

from __future__ import annotations

from typing import Any

from sympy import Expr, Rational, Symbol, exp, log, sqrt

from proofs_checks.audit import SECOND
from proofs_checks.proof import How
from proofs_checks.propositions import All, Is, Proposition, Rel, Subject, every
from proofs_checks.theorems.attraction import UNIT_PRODUCT
from proofs_checks.theorems.averages import LONGEST
from proofs_checks.theorems.chord_growth import growing
from proofs_checks.theorems.chords import ANGLE, APART, CHORD, PAIR, within
from proofs_checks.theorems.coefficients import COEFFICIENTS
from proofs_checks.theorems.conclusions import Conclusion, claimed
from proofs_checks.theorems.engines import ADDED, EQUAL, SIGNS
from proofs_checks.theorems.equal_angles import aligns
from proofs_checks.theorems.hemisphere import common_sight_given
from proofs_checks.theorems.kernel import (
    Engine,
    Fact,
    Found,
    NotConcluded,
    Refusal,
    Rule,
    apply,
    assume,
    read,
    settle,
)
from proofs_checks.theorems.logic import instantiate, part, together
from proofs_checks.theorems.near_the_angle import PAIR_UNIT, PARTED
from proofs_checks.theorems.order import CHAIN, ROOT, SCALE, START, TURNED, VALUE, of_all, relation
from proofs_checks.theorems.projections import LENGTH
from proofs_checks.theorems.pulls import POINTS, Pull, gram, legend
from proofs_checks.theorems.readers import OTHER, TOKEN
from theory.symbols import X, d, t
from theory.terms import Greatest, Index, Inner, Name, Norm, Row, Vec, at, is_value

SHARE = log(d) / d
"""At most this are squared projections on the event (D.5)."""
LEAST = sqrt(1 - log(3) / 3)
"""√(1-r²) at the largest r² = log d/d, of d = 3."""
MOVE = 2 / (1 + LEAST)
"""|x-y|²/r² there."""
_MOST = Rational(10553, 10000)
_PRODUCT = Inner(Row(X, TOKEN), Row(SECOND, TOKEN))
_HEIGHT = at(_PRODUCT)
EVENT = every(TOKEN, All(Rel("<=", 0, _HEIGHT), Rel("<=", 1 - _HEIGHT**2, SHARE)))
TURN = Symbol("h", positive=True)
"""tan of half the angle by which two tokens turn towards each other."""


def _largest(says: Proposition, facts: tuple[Fact, ...]) -> str:
    if (
        not isinstance(says, Rel)
        or says.op != "<="
        or says.left != SHARE
        or says.right.free_symbols
    ):
        raise NotConcluded("it is no bound of log d/d by a number")
    if not (says.right - log(3) / 3).is_nonnegative:
        raise NotConcluded("it is less than log 3/3, or not known to be as much")
    return "(log d/d)' = (1 - log d)/d² < 0 for d >= 3; log 1 = 0, and log 2/2 < log 3/3 as 8 < 9"


LARGEST_SHARE = Engine("log d/d of a whole number d", How.DECIDED, _largest)


def _greatest(fact: Fact, index: Index) -> Proposition:
    says = relation(fact, "<=")
    of_all(fact, index)
    left, early = says.left, is_value(says.left)
    if index in says.right.free_symbols:
        raise NotConcluded("it needs one bound of all")
    most = Greatest(left.args[0] if early else left, (index,))
    return Rel("<=", at(most, left.args[1]) if early else most, says.right)


GREATEST_OF = Rule("the greatest one", "a_i <= c for every i: max_i a_i <= c", "order", _greatest)


# -- inner products ------------------------------------------------------------------------------


def _turned_pair() -> tuple[Any, Any, Any]:
    """Return the product of u, w turned towards each other, and the squares of both moves."""
    u, w = Vec("u"), Vec("w")
    c, s = (1 - TURN**2) / (1 + TURN**2), 2 * TURN / (1 + TURN**2)
    one, two = u * c + w * s, u * s + w * c
    return Inner(one, two), Inner(one - u, one - u), Inner(two - w, two - w)


_PAIR = (
    *(Rel("=", Norm(Vec(name)), 1) for name in "uw"),
    Rel("=", Inner(Vec("u"), Vec("w")), 0),
)


def best_factor(factor: Expr) -> tuple[Found, Proposition]:
    """``(f² - 20 h²) |x - u|² <= <x,z>²`` of orthonormal u, w turned to x, z; |z - w| = |x - u|.

    So no factor below f is enough, h being as small as it may.
    """
    product, move, other = _turned_pair()
    units = [*map(assume, _PAIR)]
    k = TURN**2
    square, length = (4 * TURN * (1 - k) / (1 + k) ** 2) ** 2, 4 * k / (1 + k)
    slack = factor**2 - 20 * k
    says = Rel("<=", slack * move, product**2)
    moved = settle(EQUAL, Rel("=", says.left, slack * length), *units)
    turned = settle(EQUAL, Rel("=", square, says.right), *units)
    less = settle(COEFFICIENTS, Rel("<=", slack * length, square))
    found = apply(CHAIN, apply(CHAIN, moved, less), turned)
    same = settle(EQUAL, Rel("=", other, move), *units)
    return apply(together, same, found), All(Rel("=", other, move), says)


def near_the_curve(pull: Pull, sight: Found, factor: Expr, growth: Expr) -> Conclusion | Refusal:
    """``|<x_i,x_j> - <y_i,y_j>| <= f D <= f D(0) e^(g t)``, f the best, and y_i have one angle.

    Parameters
    ----------
    pull : Pull
    sight : Theorem
        What `common_sight` concludes.
    factor, growth : Expr
        f and g.
    """
    subject, aligned = pull.subject, aligns(pull, sight)
    if aligned is None:
        return Refusal("equal angles aren't known to stay equal, and to tend to 1")
    product, grown = apply(PARTED, read(PAIR_UNIT, subject)), growing(subject, growth)
    size = at(APART) * exp(t * growth)
    wide = apply(SCALE, settle(SIGNS, Rel("<=", 0, factor)), grown.found)
    apart = gram(TOKEN, OTHER) - ANGLE
    low, high = (apply(part, product, place=place) for place in (0, 1))
    low = settle(ADDED, Rel("<=", -factor * size, apart), low, wide)
    best, said = best_factor(factor)
    late = apply(together, low, apply(CHAIN, high, wide))
    found = apply(together, product, late, aligned.found, best)
    then = All(within(apart, factor * APART), within(apart, factor * size), aligned.says.then, said)
    given = *grown.says.given, *common_sight_given(subject), *_PAIR
    own = (Name("u", POINTS, (TOKEN,)) if one.term == POINTS else one for one in legend(pull))
    return claimed(found, then, given, (Name("Δ", APART), *own))


# -- tokens --------------------------------------------------------------------------------------


def _at_first(subject: Subject) -> Found:
    """``|x_i - y_i|²(0) <= κ² log d/d``, κ² the least that serves every d."""
    units = read(PAIR_UNIT, subject)
    one, two = (apply(part, units, place=place) for place in (0, 1))
    below = apply(part, apply(UNIT_PRODUCT, one, two), place=1)
    top, gap = apply(START, below), Row(X, TOKEN) - Row(SECOND, TOKEN)
    length = sqrt(2 - 2 * _PRODUCT)
    own = settle(EQUAL, Rel("=", Inner(gap, gap), 2 - 2 * _PRODUCT), one, two)
    inside = settle(ADDED, Rel("<=", 0, 2 - 2 * _PRODUCT), below, below)
    chord = apply(LENGTH, own, settle(SIGNS, Rel("<=", 0, length), inside), length=length)
    always = settle(EQUAL, Rel("=", CHORD**2, 2 - 2 * _PRODUCT), chord, inside)
    squared, doubled = (apply(VALUE, number=one) for one in (CHORD**2, 2 - 2 * _PRODUCT))
    moved = apply(CHAIN, apply(CHAIN, apply(TURNED, squared), apply(START, always)), doubled)
    event = apply(instantiate, assume(EVENT), values=(TOKEN,))
    high, share = (apply(part, event, place=place) for place in (0, 1))
    few = apply(CHAIN, share, settle(LARGEST_SHARE, Rel("<=", SHARE, log(3) / 3)))
    square = settle(ADDED, Rel("<=", 1 - log(3) / 3, _HEIGHT**2), few)
    inside = settle(SIGNS, Rel("<=", 0, 1 - log(3) / 3))
    over = apply(ROOT, inside, square, high, root=_HEIGHT)
    room = settle(ADDED, Rel("<=", 0, 1 - _HEIGHT), top)
    positive = settle(SIGNS, Rel("<=", 0, MOVE))
    whole = settle(EQUAL, Rel("=", MOVE + MOVE * LEAST, 2))
    more = apply(SCALE, positive, over)
    slack = settle(ADDED, Rel("<=", 0, MOVE * (1 + _HEIGHT) - 2), more, whole)
    spare = apply(SCALE, room, slack)
    less = apply(SCALE, positive, share)
    return apply(CHAIN, moved, settle(ADDED, Rel("<=", 2 - 2 * _HEIGHT, MOVE * SHARE), spare, less))


def near_tokens(subject: Subject, factor: Expr, growth: Expr) -> Conclusion:
    """``|x_i - y_i| <= f e^(g t) √(log d/d)`` on the event, and the least f at first.

    Parameters
    ----------
    subject : Subject
    factor, growth : Expr
        f and g.
    """
    first, grown = _at_first(subject), growing(subject, growth)
    wide = settle(SIGNS, Rel("<=", 0, SHARE))
    more = apply(SCALE, wide, settle(SIGNS, Rel("<=", 0, factor**2 - MOVE)))
    square = settle(ADDED, Rel("<=", at(CHORD) ** 2, factor**2 * SHARE), first, more)
    sign = settle(SIGNS, Rel("<=", 0, at(CHORD) ** 2)), settle(SIGNS, Rel("<=", 0, at(CHORD)))
    each = apply(ROOT, sign[0], square, sign[1], root=at(CHORD))
    start = apply(GREATEST_OF, each, index=TOKEN)
    carried = apply(SCALE, settle(SIGNS, Rel("<=", 0, exp(t * growth))), start)
    longest = apply(LONGEST, length=CHORD, index=TOKEN)
    later = apply(CHAIN, longest, apply(CHAIN, grown.found, carried))
    few = settle(ADDED, Rel("<", sqrt(MOVE), _MOST), settle(SIGNS, Rel("<", sqrt(MOVE) - _MOST, 0)))
    reached = settle(EQUAL, Rel("=", 2 - 2 * LEAST, MOVE * log(3) / 3))
    found = apply(together, later, first, few, reached)
    then = All(
        Rel("<=", CHORD, factor * sqrt(SHARE) * exp(t * growth)),
        Rel("<=", at(CHORD) ** 2, MOVE * SHARE),
        *(Rel("<", sqrt(MOVE), _MOST), Rel("=", 2 - 2 * LEAST, MOVE * log(3) / 3)),
    )
    return claimed(found, then, (*grown.says.given, Is(PAIR, subject), EVENT), grown.names)


__all__ = ["GREATEST_OF", "LARGEST_SHARE", "near_the_curve", "near_tokens"]
