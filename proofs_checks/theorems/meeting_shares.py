"""Theorem 4.2 with an explicit β: what is clustered at a time at β = 0 meets at each small β.

(4.5) keeps clusters at β, in the open hemisphere of any of their tokens, from which tokens meet.
"""

from __future__ import annotations

from typing import Any

from sympy import Abs, Expr, log

from proofs_checks.propositions import (
    All,
    Definition,
    Implies,
    Is,
    Proposition,
    Rel,
    Subject,
    free_of,
    subjects_of,
)
from proofs_checks.theorems.chords import ANGLE
from proofs_checks.theorems.clustered_starts import (
    CLUSTERED,
    LAW,
    clustered_late,
    meeting_in,
    of_parameters,
)
from proofs_checks.theorems.conclusions import Conclusion, claimed
from proofs_checks.theorems.engines import SIGNS, spared
from proofs_checks.theorems.heat_claims import LATER
from proofs_checks.theorems.heat_gap import HEATS
from proofs_checks.theorems.kernel import (
    Concluded,
    Fact,
    NotConcluded,
    Refusal,
    Rule,
    Theorem,
    apply,
    assume,
)
from proofs_checks.theorems.logic import part, together
from proofs_checks.theorems.order import of_all, wants
from proofs_checks.theorems.pulls import HIGH, UNIT_AXIS, WARM, gram
from proofs_checks.theorems.readers import OTHER, TO_ONE, TOKEN, solving
from proofs_checks.theorems.small_heats import MEETING, SMALL, at_zero
from theory.symbols import beta, t
from theory.terms import OperatorNorm, Row, Sort

SHARE = Definition(
    "share that meets",
    f"{LAW} {MEETING} >= P(all <x_i,x_j> > {{1}} at β = 0) at the time t",
    (Subject, Sort.NUMBER),
)


def _at_two_heats(stays: Fact) -> tuple[Subject, Proposition]:
    """Return the model of which two heats are compared, and that they are."""
    heats = [one for one in stays.given if isinstance(one, Is) and one.definition is HEATS]
    if len(heats) != 1:
        raise NotConcluded("it needs one model at β and at 0")
    return heats[0].arguments[0], heats[0]


def _levels(says: Proposition) -> tuple[Expr, Expr]:
    """Return a and c of ``a <= <y_i,y_j>`` implies ``c <= <x_i,x_j>``."""
    parts: tuple[Any, ...] = says.args[:2] if isinstance(says, Implies) else ()
    if not parts or not all(isinstance(one, Rel) for one in parts):
        raise NotConcluded("it needs that clusters stay clusters")
    near, kept = (one.left for one in parts)
    if says != Implies(Rel("<=", near, ANGLE), Rel("<=", kept, gram(TOKEN, OTHER))):
        raise NotConcluded("it needs that clusters stay clusters")
    if not (near.is_number and kept.is_number and kept.is_positive):
        raise NotConcluded("it needs inner products that are kept > 0")
    return near, kept


def _share(stays: Fact, lemma: Fact) -> Concluded:
    subject, heats = _at_two_heats(stays)
    near, _ = _levels(stays.says)
    of_all(stays, TOKEN, OTHER)
    if any(one.has(Row) or subjects_of(one) for one in stays.given - {heats}):
        raise NotConcluded("more is known of the two solutions")
    if any(t in how.free_symbols for how in subject.velocities.values()):
        raise NotConcluded(f"the velocity of {subject.name} changes in time")
    wants(lemma, TO_ONE)
    starts = solving(subject), UNIT_AXIS, HIGH
    if starts[0] not in lemma.given:
        raise NotConcluded(f"the lemma isn't about {subject.name}")
    of_parameters(lemma.given - {*starts})
    return Concluded(Is(SHARE, subject, near), discharges={0: (heats,), 1: starts})


SHARES = Rule(
    "what is clustered at β = 0 meets",
    "a <= <y_i,y_j>(t) at β = 0 implies c <= <x_i,x_j>(t) at β, 0 < c; from h <= <x_i(0),w> tokens "
    "tend to one point: for any law of starts with a density P(tokens meet at β) >= P(all "
    "<y_i,y_j>(t) > a)",
    "c <= <x_i(t),x_1(t)>: an open hemisphere at the time t, of which the lemma speaks from t on, "
    "as the velocity doesn't change in time",
    _share,
)


def positive_if(bound: Expr) -> tuple[Rel, ...]:
    """Say what makes a bound positive: of a logarithm that it is of more than 1.

    Examples
    --------
    >>> [str(one.right) for one in positive_if(3 * log(2 + t))]
    ['t + 1', '3']
    """
    for one in bound.atoms(log):
        rest = bound / one
        if not rest.has(log):
            return Rel("<", 0, one.args[0] - 1), Rel("<", 0, rest)
    return (Rel("<", 0, bound),)


def _is_size(one: Proposition) -> bool:
    """Whether it says how large β may be."""
    return isinstance(one, Rel) and one.op == "<=" and one.left in (beta, Abs(beta))


def _small(share: Fact, late: Fact, *positive: Fact) -> Concluded:
    if not isinstance(share.says, Is) or share.says.definition is not SHARE:
        raise NotConcluded("it needs the share of starts that meet")
    subject, near = share.says.arguments
    wants(late, Is(CLUSTERED, at_zero(subject), near))
    most = [one for one in share.given if _is_size(one)]
    if len(most) != 1:
        raise NotConcluded("it needs how large β may be, at each time")
    signs = positive_if(most[0].right)
    if len(positive) != len(signs):
        raise NotConcluded("it needs that β may be more than 0")
    for fact, says in zip(positive, signs, strict=True):
        wants(fact, says)
    rest = (share.given - {most[0], LATER, WARM}).union(
        late.given, *(fact.given - {LATER} for fact in positive)
    )
    if beta in most[0].right.free_symbols or any({beta, t} & free_of(one) for one in rest):
        raise NotConcluded("it isn't so at each small β, or not at each time")
    gone = {0: (most[0], LATER), **{k: (LATER,) for k in range(2, 2 + len(signs))}}
    return Concluded(Is(SMALL, subject), discharges=gone)


SMALL_BY_SHARES = Rule(
    "small heats by shares",
    "for |β| <= b(t) P(tokens meet at β) >= P(all <y_i,y_j>(t) > a at β = 0); that tends to 1; "
    "0 < b(t) for 0 < t: P(tokens meet at β) -> 1 as β -> 0",
    "at β with |β| <= b(t) it is at least what tends to 1 as t -> ∞, and b(t) > 0 at each t; of "
    "β >= 0 where the shares are",
    _small,
)


def clustered_in_time(
    subject: Subject, kept: Conclusion, lemma: Conclusion, cold: Conclusion, near: Expr
) -> Conclusion | Refusal:
    """Claim Theorem 4.2 at the times at which (4.5) is known.

    Parameters
    ----------
    subject : Subject
    kept : Conclusion
        (4.5), where β is at most b(t).
    lemma : Conclusion
        That tokens of an open hemisphere meet.
    cold : Conclusion
        That tokens meet at β = 0, from almost every start.
    near : Expr
        From which inner products on tokens are clustered.
    """
    facts = kept.found, lemma.found, cold.found
    if not all(isinstance(one, Theorem) for one in facts):
        return Refusal("it isn't known of the model")
    stays, meets, at_first = (one for one in facts if isinstance(one, Theorem))
    most = [one.right for one in stays.given if _is_size(one)]
    if len(most) != 1:
        return Refusal("it isn't for β up to a bound")
    norms = sorted(most[0].atoms(OperatorNorm), key=str)
    known = [assume(one) for one in (LATER, *(Rel("<", 0, norm) for norm in norms))]
    positive = (spared(SIGNS, one, *known) for one in positive_if(most[0]))
    share = apply(SHARES, apply(part, stays, place=1), meeting_in(meets))
    small = apply(SMALL_BY_SHARES, share, clustered_late(at_first, near), *positive)
    found = apply(together, share, small)
    given = sorted(found.given, key=str) if isinstance(found, Theorem) else ()
    then = All(Is(SHARE, subject, near), Is(SMALL, subject))
    return claimed(found, then, tuple(one for one in given if isinstance(one, Rel)))


__all__ = ["SHARE", "SHARES", "SMALL_BY_SHARES", "clustered_in_time"]
