"""Consensus is linearly stable where some token is seen by all, of whatever masses and scores.

There P_i x_j = 0 and d(P_i x_j) = u_j - u_i: u_i' = Σ_j p_ij (u_j - u_i), p_ij as they are at the
consensus, which is a solution at rest; so what is known of the weights along solutions is so there.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from sympy import Add

from proofs_checks.proof import ONE_ROOT
from proofs_checks.propositions import Definition, Is, Rel, Subject
from proofs_checks.theorems.cluster_modes import AT_ONE, listed_modes, modes_of
from proofs_checks.theorems.conclusions import Conclusion, claimed
from proofs_checks.theorems.consensus_modes import stable_consensus
from proofs_checks.theorems.engines import EQUAL, SIGNS, spared
from proofs_checks.theorems.hemisphere import first_sizes, pull_of, warm
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
from proofs_checks.theorems.lengths import bounded
from proofs_checks.theorems.logic import rename, together
from proofs_checks.theorems.order import START, above, of_all, of_parameters, relation, wants
from proofs_checks.theorems.perron import SMOOTH_IN_STATE, SMOOTHNESS_IN_STATE
from proofs_checks.theorems.places import least_size
from proofs_checks.theorems.pulls import Pull
from proofs_checks.theorems.readers import MASSES, OTHER, TOKEN, pulled, solved_in, solving
from proofs_checks.theorems.regular import NO_KERNEL
from proofs_checks.theorems.sight import edge_weight, hiding
from theory.masks import Mask
from theory.symbols import X, d, n, t
from theory.terms import Entry

STABLE_OF_ANY = Definition(
    "stable, of any masses",
    "consensus of {0}, of any masses, is linearly stable at each time, rotations apart",
    (Subject,),
)


def _lonely(motion: Fact, weight: Any) -> Subject:
    subject = solved_in(motion)
    wants(motion, pulled(weight))
    of_all(motion, TOKEN, t)
    if set(subject.velocities) != {X}:
        raise NotConcluded("more than the tokens moves")
    return subject


def _at_consensus(subject: Subject, *facts: Fact) -> None:
    """Refuse facts that aren't of all tokens and times, or need more than a solution."""
    for fact in facts:
        of_all(fact, TOKEN, OTHER, t)
        of_parameters(fact.given - {solving(subject)})


def _all_seen(motion: Fact, smooth: Fact, sign: Fact, weight: Any) -> Concluded:
    subject = _lonely(motion, weight)
    wants(smooth, Is(SMOOTH_IN_STATE, subject))
    above(sign, weight, strict=True)
    _at_consensus(subject, sign)
    return Concluded(Is(STABLE_OF_ANY, subject), spares=frozenset({solving(subject)}))


def _rooted(
    motion: Fact, smooth: Fact, edges: Fact, positive: Fact, size: Fact, weight: Any
) -> Concluded:
    subject, mask = _lonely(motion, weight), hiding(weight)
    wants(smooth, Is(SMOOTH_IN_STATE, subject))
    if mask is None or mask.leader is not True:
        raise NotConcluded("no token is known to be seen by all, directly or through others")
    low = relation(positive, "<").right
    above(positive, low, strict=True)
    wants(edges, Rel("<=", low * Entry(mask, TOKEN, OTHER), weight))
    wants(size, least_size(mask))
    _at_consensus(subject, edges, positive)
    return Concluded(Is(STABLE_OF_ANY, subject), spares=frozenset({solving(subject)}))


def _stable(modes: Fact, whole: Fact, sign: Fact) -> Concluded:
    (_, subject), listed = listed_modes(modes, AT_ONE)
    wants(whole, Rel("=", Add(*(count for _, count in listed)), n * (d - 1)))
    turns = Add(*(count for value, count in listed if value == 0))
    others = [value for value, _ in listed if value != 0]
    if len(others) != 1 or (turns - (d - 1)).expand() != 0:
        raise NotConcluded("0 isn't counted d - 1 times, beside another eigenvalue")
    wants(sign, Rel("<", others[0], 0))
    _at_consensus(subject, sign)
    return Concluded(Is(STABLE_OF_ANY, subject), spares=frozenset({solving(subject)}))


_HOW = (
    "u_i' = Σ_j p_ij (u_j - u_i) there, as P_i x_j = 0 and d(P_i x_j) = u_j - u_i; consensus is a "
    "solution, at rest, so the signs hold there: in each of the d - 1 directions 0 is counted once"
)
ALL_SEEN = Rule(
    "stable where all see all",
    "x_i' = P_i Σ_j p_ij x_j, C^1 in the tokens; 0 < p_ij of every i and j along solutions: "
    "consensus is linearly stable, rotations apart",
    _HOW,
    _all_seen,
    (ONE_ROOT,),
)
ROOTED = Rule(
    "stable where one is seen by all",
    "x_i' = P_i Σ_j p_ij x_j, C^1 in the tokens; low W_ij <= p_ij, 0 where W_ij = 0; 0 < low along "
    "solutions, for a mask W with a token that every token sees, directly or through others; as "
    "many tokens as W needs: consensus is linearly stable, rotations apart",
    _HOW,
    _rooted,
    (ONE_ROOT,),
)
ONE_RATE = Rule(
    "stable at one point",
    "where all x_i = z the eigenvalues 0, d - 1 times, and λ < 0, Σ_k c_k = n (d - 1): consensus "
    "is linearly stable, rotations apart",
    "rotations are those with 0",
    _stable,
)


def _by_modes(subject: Subject) -> Found:
    """Conclude it from eigenvalues at one point, of any masses; with them."""
    modes = modes_of(subject)
    if isinstance(modes, Refusal):
        return modes
    _, listed = listed_modes(modes.fact, AT_ONE)
    whole = settle(EQUAL, Rel("=", Add(*(count for _, count in listed)), n * (d - 1)))
    rate = next((value for value, _ in listed if value != 0), None)
    if rate is None:
        return Refusal("all eigenvalues are 0")
    known = read(MASSES, subject), *map(assume, (*first_sizes(subject), *warm(subject)))
    sign = spared(SIGNS, Rel("<", rate, 0), *known)
    return apply(together, modes, apply(ONE_RATE, modes, whole, sign))


def _by_sight(pull: Pull) -> Found:
    """Conclude it from weights that are positive, or so on the edges of a mask."""
    facts = pull.motion, read(SMOOTHNESS_IN_STATE, pull.subject)
    mass = read(MASSES, pull.subject)
    other = apply(rename, mass, values={TOKEN: OTHER})
    sign = settle(SIGNS, Rel("<", 0, pull.weight), mass, other)
    if not isinstance(sign, Refusal):
        return apply(ALL_SEEN, *facts, sign, weight=pull.weight)
    mask = hiding(pull.weight)
    if not isinstance(mask, Mask):
        return sign
    low = edge_weight(pull, mask, replace(bounded(pull, in_step=True), either=True))
    if isinstance(low, Refusal):
        return low
    least = low.says.args[1] / Entry(mask, TOKEN, OTHER)
    positive = spared(SIGNS, Rel("<", 0, least), mass, apply(START, mass))
    size = assume(least_size(mask))
    return apply(ROOTED, *facts, low, positive, size, weight=pull.weight)


def consensus_stable(subject: Subject) -> Conclusion | None:
    """Claim that consensus is linearly stable: of any masses, or as `stable_consensus` has it.

    Examples
    --------
    >>> from theory.models import CAUSAL, NGPT, SA
    >>> [consensus_stable(Subject.of(one)).found.by.name for one in (SA, CAUSAL, NGPT)]
    ['and', 'stable where one is seen by all', 'and']
    """
    pull = pull_of(subject)
    if isinstance(pull, Refusal):
        return stable_consensus(subject)
    found = _by_modes(pull.subject)
    found = _by_sight(pull) if isinstance(found, Refusal) else found
    if isinstance(found, Refusal):
        return stable_consensus(subject)
    kept = {one for one in found.given if isinstance(one, Rel)}
    kept |= found.given & {Is(NO_KERNEL, subject)}
    given = *warm(subject), *sorted(kept, key=str)
    return claimed(found, found.says, given)
