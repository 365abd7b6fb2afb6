"""(6.11): independent tokens beside orthonormal ones of the same flow, early and late.

Y starts orthonormal, so that <y_i,y_j> is one angle γ; both are over an equator at heights >= h, X
by its Gram matrix and Y by 1/√n. Early |<x_i,x_j> - γ| is at most 2 max_k |x_k - y_k|, late both
inner products are near 1.
"""

from __future__ import annotations

from typing import Any

from sympy import Expr, S, exp, sqrt

from proofs_checks.audit import SECOND
from proofs_checks.propositions import All, Definition, Is, Proposition, Rel, Subject, subjects_of
from proofs_checks.theorems.attraction import UNIT_PRODUCT
from proofs_checks.theorems.chord_growth import growing
from proofs_checks.theorems.chords import ANGLE, APART, PAIR, within
from proofs_checks.theorems.conclusions import Conclusion, claimed, meeting
from proofs_checks.theorems.divided_pairs import AXIS, BOTH_HIGH
from proofs_checks.theorems.engines import ADDED, EQUAL, SIGNS
from proofs_checks.theorems.equal_angles import aligns, restated
from proofs_checks.theorems.hemisphere import common_sight_given
from proofs_checks.theorems.independent import POLE, RADIUS, from_radius, pole
from proofs_checks.theorems.kernel import (
    Concluded,
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
from proofs_checks.theorems.logic import cut, part, rename, together
from proofs_checks.theorems.near_the_angle import CLOSE, PAIR_UNIT, PARTED
from proofs_checks.theorems.order import CHAIN, SCALE, START, wants
from proofs_checks.theorems.pulls import POINTS, UNIT_AXIS, WIDTH, H, Pull, W, gram, legend
from proofs_checks.theorems.readers import OTHER, TOKEN, solving
from theory.symbols import G, X, n, t
from theory.terms import Name, Row, at, total

ORTHONORMAL = Definition("orthonormal", "y_1(0), …, y_n(0) are orthonormal", ())
EVEN_POLE = (
    Is(ORTHONORMAL),
    Rel("<=", H, 1 / sqrt(n)),
    Rel("=", AXIS, total(at(Row(SECOND, TOKEN)), TOKEN) / sqrt(n)),
)
"""``h <= 1/√n`` and ``v = Σ_j y_j/√n``, of orthonormal tokens."""


def _even(*facts: Fact) -> Proposition:
    if len(facts) != len(EVEN_POLE):
        raise NotConcluded("it needs orthonormal tokens, their height and their axis")
    for fact, said in zip(facts, EVEN_POLE, strict=True):
        wants(fact, said)
    return All(*BOTH_HIGH[2:])


EVEN = Rule(
    "pole of orthonormal tokens",
    "y_i(0) orthonormal; h <= 1/√n; v = Σ_j y_j(0)/√n: |v| = 1; h <= <y_i(0),v>",
    "<y_i,v> = 1/√n, and |v|² = n/n",
    _even,
)


def _other(fact: Fact, subject: Subject) -> Concluded:
    own = solving(subject)
    if set(subject.velocities) != {X} or own not in fact.given:
        raise NotConcluded("it needs what is said of solutions of tokens alone")
    if any(map(subjects_of, (fact.says, *(fact.given - {own})))):
        raise NotConcluded("it is said of the model, not of its solution")
    if any(one.has(SECOND) for one in (fact.says, *fact.given)):
        raise NotConcluded("it is said of two solutions")
    told = frozenset(one for one in fact.given if one == own or one.has(X))
    more = frozenset(one.xreplace({X: SECOND}) for one in told - {own})
    return Concluded(fact.says.xreplace({X: SECOND}), spares=told, more=more | {Is(PAIR, subject)})


OTHER_ONE = Rule(
    "another solution",
    "R(X) of every solution X under H(X): R(Y) under H(Y), Y solving the same model",
    "an instance: the model is the same, and all else of it",
    _other,
)


def _tail(pull: Pull, sight: Any) -> Found:
    """``1 - <x_i,x_j> <= 2 (h^(-2) - 1) e^(-2ht...)`` from heights h."""
    own = from_radius(meeting(pull, sight), RADIUS)
    wide = apply(part, own.found, place=0)
    close = apply(CLOSE, pull.unit, assume(UNIT_AXIS), pull.upright)
    if isinstance(wide, Refusal) or isinstance(close, Refusal):
        return wide if isinstance(wide, Refusal) else close
    size = settle(SIGNS, Rel("<=", 0, WIDTH))
    larger = apply(SCALE, apply(CHAIN, size, wide), wide)
    square = apply(CHAIN, apply(SCALE, size, wide), larger)
    half = apply(SCALE, settle(SIGNS, Rel("<=", 0, S.Half)), square)
    return apply(CHAIN, close, half)


def _early(subject: Subject, factor: Expr, rate: Expr) -> tuple[Found, Conclusion, Proposition]:
    """``|<x_i,x_j> - <y_i,y_j>| <= f D(0) e^(g t)``, f >= 2."""
    product, grown = apply(PARTED, read(PAIR_UNIT, subject)), growing(subject, rate)
    most, growth = grown.says.then.right, exp(t * rate)
    bounds = [apply(part, product, place=place) for place in (0, 1)]
    wide = apply(SCALE, settle(SIGNS, Rel("<=", 0, S(2))), grown.found)
    if factor != 2:
        whole = settle(ADDED, Rel("<=", 0, 4 * APART), *bounds)
        start = apply(START, apply(SCALE, settle(SIGNS, Rel("<=", 0, S(1) / 4)), whole))
        sign = apply(SCALE, settle(SIGNS, Rel("<=", 0, growth)), start)
        more = apply(SCALE, sign, settle(SIGNS, Rel("<=", 0, factor - 2)))
        wide = settle(ADDED, Rel("<=", 2 * APART, factor * most), wide, more)
    gap = gram(TOKEN, OTHER) - ANGLE
    low = settle(ADDED, Rel("<=", -factor * most, gap), bounds[0], wide)
    found = apply(together, low, apply(CHAIN, bounds[1], wide))
    return found, grown, within(gap, factor * most)


def pathwise(pull: Pull, sight: Any, factor: Expr, rate: Expr, angle: Expr) -> Conclusion | Refusal:
    """Claim the first bound of (6.11), of any start, and whose γ it is.

    Parameters
    ----------
    pull, sight, factor, rate, angle
        As `enveloped` takes them.
    """
    curve = _curve(pull, sight, angle)
    if isinstance(curve, Refusal):
        return curve
    early, grown, first = _early(pull.subject, factor, rate)
    then = All(first, curve.says)
    given = *grown.says.given, *common_sight_given(pull.subject)
    return claimed(apply(together, early, curve), then, given, _names(pull))


def _curve(pull: Pull, sight: Any, angle: Expr) -> Found:
    """Orthonormal tokens align along ``γ' = angle``."""
    aligned = aligns(pull, sight)
    if aligned is None or isinstance(aligned.found, Refusal):
        return Refusal("equal angles aren't known to stay equal, and to tend to 1")
    own = aligned.found.says.arguments[1]
    return aligned.found if own == angle else restated(aligned.found, own, angle)


def _names(pull: Pull) -> tuple[Name, ...]:
    """Name the distance of two solutions; y_i are the tokens of Y."""
    named = (Name("u", POINTS, (TOKEN,)) if one.term == POINTS else one for one in legend(pull))
    return Name("Δ", APART), *named


def enveloped(
    pull: Pull, sight: Any, factor: Expr, rate: Expr, tail: Expr, angle: Expr
) -> Conclusion | Refusal:
    """Claim both bounds of (6.11), and whose γ it is.

    Parameters
    ----------
    pull : Pull
    sight : Theorem
        What `common_sight` concludes.
    factor, rate : Expr
        f and g of ``f D(0) e^(g t)``.
    tail : Expr
        In ``H`` and ``t``.
    angle : Expr
        γ' of the equation of γ.
    """
    subject, curve = pull.subject, _curve(pull, sight, angle)
    if isinstance(curve, Refusal):
        return curve
    early, grown, first = _early(subject, factor, rate)
    near = _tail(pull, sight)
    if isinstance(near, Refusal):
        return near
    if near.says.right != tail:
        near = apply(CHAIN, near, settle(EQUAL, Rel("=", near.says.right, tail)))
    beside = apply(rename, apply(OTHER_ONE, near, subject=subject), values={W: AXIS})
    units = read(PAIR_UNIT, subject)
    tops = []
    for place in (0, 1):
        unit = apply(part, units, place=place)
        both = apply(UNIT_PRODUCT, unit, apply(rename, unit, values={TOKEN: OTHER}))
        tops.append(apply(part, both, place=1))
    gap = gram(TOKEN, OTHER) - ANGLE
    low = settle(ADDED, Rel("<=", -tail, gap), near, tops[1])
    high = settle(ADDED, Rel("<=", gap, tail), beside, tops[0])
    found = apply(together, early, apply(together, low, high), curve)
    starts = (
        apply(POLE, *map(assume, pole(G**-1)), inverse=G**-1),
        apply(EVEN, *map(assume, EVEN_POLE)),
    )
    proofs = [apply(part, one, place=place) for one in starts for place in (0, 1)]
    found = apply(cut, found, *proofs)
    then = All(first, within(gap, tail), curve.says)
    given = (
        *grown.says.given,
        *common_sight_given(subject),
        *pole(G**-1),
        *EVEN_POLE,
    )
    return claimed(found, then, given, _names(pull))


__all__ = ["EVEN", "OTHER_ONE", "enveloped", "pathwise"]
