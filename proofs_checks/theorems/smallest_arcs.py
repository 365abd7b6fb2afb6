"""Theorem 5.1 from the smallest β on that trees of short arcs give, and from β > 0 for n <= 3.

The profile (d-1) cos a - b sin² a at a = π/(n-1) falls with b: trees of n - 1 arcs are short from
where it is 0. For n <= 3 it is negative there for each b > 0, as cos a <= 0.
"""

from __future__ import annotations

from sympy import Expr, Integer, S, cos, pi, sin

from proofs_checks.propositions import All, Implies, Is, Proposition, Rel, Subject
from proofs_checks.theorems.almost_every import MEETS
from proofs_checks.theorems.arcs import COSINE_FALLS, SQUARE, exponential_dips, turn
from proofs_checks.theorems.attraction import SEVERAL
from proofs_checks.theorems.conclusions import Conclusion, claimed
from proofs_checks.theorems.engines import ADDED, SIGNS
from proofs_checks.theorems.kernel import Found, Refusal, apply, assume, settle
from proofs_checks.theorems.logic import discharge, together
from proofs_checks.theorems.order import CHAIN, RECIPROCAL, SCALE
from proofs_checks.theorems.saddles import ON_CIRCLES
from proofs_checks.theorems.starts import states_of
from theory.symbols import beta, d, n

_TURN = pi / (n - 1)
_COSINE = cos(_TURN)
_ACROSS = 1 - _COSINE**2
_MANY, _FEW = Rel("<=", 4, n), Rel("<=", n, 3)


def _less(low: Expr, high: Expr) -> Found:
    """``low <= high`` of numbers."""
    return settle(ADDED, Rel("<=", low, high), settle(SIGNS, Rel("<=", 0, high - low)))


def _acute() -> Found:
    """``0 < cos a`` for n >= 4."""
    order = settle(ADDED, Rel("<=", 3, n - 1), assume(_MANY))
    order = apply(RECIPROCAL, settle(SIGNS, Rel("<", 0, Integer(3))), order)
    order = apply(SCALE, settle(SIGNS, Rel("<=", 0, pi)), order)
    falls = apply(COSINE_FALLS, turn(pi)[0], order, _less(pi / 3, pi))
    return apply(CHAIN, settle(SIGNS, Rel("<", 0, S.Half)), falls)


def _obtuse() -> Found:
    """``cos a <= 0`` for n <= 3."""
    several = assume(SEVERAL)
    order = settle(ADDED, Rel("<=", n - 1, 2), assume(_FEW))
    order = apply(RECIPROCAL, settle(SIGNS, Rel("<", 0, n - 1), several), order)
    order = apply(SCALE, settle(SIGNS, Rel("<=", 0, pi)), order)
    return apply(COSINE_FALLS, settle(SIGNS, Rel("<", 0, pi / 2)), order, turn(pi)[1])


def _wide(sign: Found) -> tuple[Found, Found]:
    """``0 < sin² a`` and ``a² cos a < sin² a``, where 0 <= cos a is known."""
    square = apply(SQUARE, *turn(pi))
    op = "<=" if isinstance(sign, Refusal) else sign.says.op
    ahead = settle(SIGNS, Rel(op, 0, _TURN**2 * _COSINE), assume(SEVERAL), sign)
    return apply(CHAIN, ahead, square), square


def smallest_starts(subject: Subject, threshold: Expr) -> Conclusion | Refusal:
    """Claim where tokens meet from almost every start, by arcs, and that arcs give no more.

    Parameters
    ----------
    subject : Subject
    threshold : Expr
        Of β, in n and d.

    Examples
    --------
    >>> from theory.models import SA
    >>> for factor in (1, 2, S.Half):
    ...     own = smallest_starts(Subject.of(SA), factor * (d - 1) * _COSINE / _ACROSS)
    ...     print(type(own.found).__name__)
    Theorem
    Refusal
    Refusal
    """
    states = states_of(subject)
    if states is None or states.kernel is None:
        return Refusal("no energy of pairs of one kernel climbs")
    heat, level = states.heat, (d - 1) * _COSINE
    if not heat.has(beta) or heat.subs(beta, 0) != 0:
        return Refusal(f"{heat} is no multiple of β")
    own = threshold.subs(sin(_TURN) ** 2, _ACROSS)
    low, place = heat.subs(beta, own), (d - 1) / _TURN**2
    several, roomy, hot = assume(SEVERAL), assume(ON_CIRCLES), assume(Rel("<", 0, heat))

    def meets(edge: Found) -> Found:
        return states.meets(states.by_arcs(exponential_dips(heat, hot, edge), ON_CIRCLES))

    # n >= 4
    wide, square = _wide(_acute())
    share = settle(SIGNS, Rel("<", 0, place / _ACROSS), wide, several, roomy)
    above, below = Rel("<", low, heat), Rel("<=", heat, low)
    edge, none = apply(SCALE, wide, assume(above)), apply(SCALE, wide, assume(below))
    found: list[Found] = [
        apply(SCALE, share, square),
        apply(discharge, none, hypothesis=below),
        apply(discharge, meets(edge), hypothesis=above),
    ]
    many = apply(discharge, apply(together, *found), hypothesis=_MANY)
    # n <= 3
    obtuse, roomier = _obtuse(), settle(SIGNS, Rel("<=", 0, d - 1), roomy)
    rest = apply(SCALE, hot, _wide(assume(Rel("<=", 0, _COSINE)))[0])
    edge = apply(CHAIN, apply(SCALE, roomier, obtuse), rest)
    few = apply(discharge, meets(edge), hypothesis=_FEW)
    both: Proposition = All(Is(states.converges, subject), Is(MEETS, subject))
    parts = (
        Rel("<", low, place),
        Implies(below, Rel("<=", heat * _ACROSS, level)),
        Implies(above, both),
    )
    then = All(Implies(_MANY, All(*parts)), Implies(_FEW, both))
    return claimed(apply(together, many, few), then, states.given)


__all__ = ["smallest_starts"]
