"""The spectrum at consensus beside lengths or a clock: across, all rates are below 0.

Lengths go on growing there; what is linearised are the tokens, at equal lengths, and at a time
t_0 that is held where the velocity has t in it.
"""

from __future__ import annotations

from typing import Any

from sympy import Add, S, Sum, Symbol, simplify
from sympy.core.function import AppliedUndef

from proofs_checks.proof import CONTINUOUS_AT_EQUAL_ANGLES, Flow
from proofs_checks.propositions import All, Bound, Definition, Is, Proposition, Rel, Subject, every
from proofs_checks.theorems.conclusions import Conclusion, claimed
from proofs_checks.theorems.engines import ADDED, EQUAL, SIGNS, spared
from proofs_checks.theorems.equal_angles import model_of
from proofs_checks.theorems.hemisphere import warm
from proofs_checks.theorems.kernel import (
    Fact,
    NotConcluded,
    Reader,
    Refusal,
    Rule,
    apply,
    assume,
    read,
    settle,
)
from proofs_checks.theorems.logic import part, together
from proofs_checks.theorems.order import SAME, above, wants
from proofs_checks.theorems.places import least_size
from proofs_checks.theorems.readers import Facts, flows
from theory.linearize import PLACE, Spectrum, consensus
from theory.masks import BIPARTITE, CROSS, Mask
from theory.symbols import X, d, n, t
from theory.terms import Sort

HELD = Symbol("t_0", positive=True)
"""A time at which the velocity is linearised."""
MODE = Definition(
    "mode",
    "across consensus of {0}, of tokens of masses 1/n that are alike in all else, at a time t_0, "
    "the eigenvalue {1} is counted {2} times",
    (Subject, Sort.NUMBER, Sort.NUMBER),
)
COUNTED = Symbol("j", integer=True, positive=True)
PLACED = Definition(
    "mode of a place",
    "across consensus of {0}, of tokens of masses 1/n, at a time t_0, token {1} adds the "
    "eigenvalue {2}, {3} times",
    (Subject, Sort.NUMBER, Sort.NUMBER, Sort.NUMBER),
)
"""Under masks that order tokens."""
STABLE = Definition(
    "stable", "there consensus of {0} is linearly stable at each time, rotations apart", (Subject,)
)


MANIFOLD = "a normally hyperbolic manifold of equilibria is exponentially stable"
ATTRACTS = Definition(
    "attracts",
    "masses 1/n: consensus of {0} is a set of states at rest, of dimension d - 1, which attracts "
    "exponentially, at every rate below {1}",
    (Subject, Sort.NUMBER),
)


def _listed_at_rest(subject: Subject) -> Spectrum:
    """Return the modes of tokens of one species, or of several, with lengths or without."""
    flows(subject)
    if subject.spaces.get(X) != "sphere":
        raise NotConcluded(f"{subject.name} isn't of tokens on the sphere")
    for symbol, space in subject.spaces.items():
        if space != "sphere" and (space != "positive" or symbol.shape != (n, 1)):
            raise NotConcluded(f"{subject.name} has more than tokens and lengths")
    if str(HELD) in map(str, subject.free_symbols):
        raise NotConcluded(f"{HELD} is a parameter of {subject.name} and a name of ours")
    still = model_of(subject, {t: HELD})
    smooth = CONTINUOUS_AT_EQUAL_ANGLES.test(Flow.of(still))
    if not smooth.holds:  # at some consensus, as where Qx = 0, there is no linearisation
        raise NotConcluded(f"{smooth.text}: {smooth.evidence}")
    try:
        found = consensus(still)
    except (ValueError, NotImplementedError) as short:
        raise NotConcluded(str(short)) from short
    unlisted = found.moving or found.multipliers or found.matrices or found.factors
    if unlisted or found.operators or any(value != 0 for value, _ in found.others):
        raise NotConcluded("consensus isn't at rest, or its modes aren't listed")
    return found


_HOW = "the velocity at x_i = e + u_i, to first order in u"


def _modes(subject: Subject) -> Facts:
    found = _listed_at_rest(subject)
    if found.places or list(subject.spaces.values()).count("sphere") > 1:
        raise NotConcluded("tokens aren't alike")
    says = (Is(MODE, subject, value, count) for value, count in found.eigenvalues)
    return frozenset(), All(*says), _HOW


def _all_modes(subject: Subject) -> Facts:
    """Say the modes of several species and of tokens in an order too, of as many as masks need."""
    found = _listed_at_rest(subject)
    own = [Is(MODE, subject, value, count) for value, count in found.eigenvalues]
    later = [(simplify(value.subs(PLACE, 1 + COUNTED)), k) for value, k in found.places]
    if any(value.has(Sum, AppliedUndef) for value, _ in later):
        raise NotConcluded("the eigenvalue that a token adds has no closed form")
    own += [every(COUNTED, Is(PLACED, subject, 1 + COUNTED, *one)) for one in later]
    masks = {one for how in subject.velocities.values() for one in how.atoms(Mask)}
    given = frozenset(least_size(one) for one in masks if one.kind in (BIPARTITE, CROSS))
    return given, All(*own), _HOW


MODES = Reader("modes at consensus", _modes)
ALL_MODES = Reader("modes at consensus, of each kind of token", _all_modes)


def modes_in(fact: Fact) -> tuple[Subject, list[tuple[Any, Any]], list[tuple[Any, Any]]]:
    """Return the model of modes, its eigenvalues, and those that each later token adds."""
    parts = fact.says.args if isinstance(fact.says, All) else ()
    own = [one for one in parts if isinstance(one, Is) and one.definition is MODE]
    later = [one.opened(COUNTED) for one in parts if isinstance(one, Bound)]
    placed = (one for one in later if isinstance(one, Is) and one.definition is PLACED)
    if not parts or len(own) + len(list(placed)) != len(parts):
        raise NotConcluded("it needs modes at consensus")
    if len(subjects := {one.arguments[0] for one in (*own, *later)}) != 1:
        raise NotConcluded("they are of several models")
    values = [one.arguments[1:] for one in own]
    return subjects.pop(), values, [one.arguments[2:] for one in later]


def _listed(fact: Fact) -> tuple[Subject, list[tuple[Any, Any]]]:
    """Return the model of modes, with eigenvalues and how often they occur."""
    parts = fact.says.args if isinstance(fact.says, All) else ()
    if not parts or any(not isinstance(one, Is) or one.definition is not MODE for one in parts):
        raise NotConcluded("it needs modes at consensus")
    subjects = {one.arguments[0] for one in parts}
    if len(subjects) != 1:
        raise NotConcluded("they are of several models")
    return subjects.pop(), [one.arguments[1:] for one in parts]


def _across(modes: Fact, whole: Fact, bounds: tuple[Fact, ...], op: str, top: Any) -> Subject:
    """Refuse modes that aren't all, or of which some but those of rotations have no bound."""
    subject, listed = _listed(modes)
    wants(whole, Rel("=", Add(*(count for _, count in listed)), n * (d - 1)))
    turns = Add(*(count for value, count in listed if value == 0))
    if (turns - (d - 1)).expand() != 0:
        raise NotConcluded("0 isn't counted d - 1 times, for the rotations")
    others = [value for value, _ in listed if value != 0]
    if len(bounds) != len(others):
        raise NotConcluded("it needs the sign of every other eigenvalue")
    for value, bound in zip(others, bounds, strict=True):
        wants(bound, Rel(op, value, top))
    return subject


def _stable(modes: Fact, whole: Fact, *signs: Fact) -> Proposition:
    return Is(STABLE, _across(modes, whole, signs, "<", 0))


def _attracts(modes: Fact, whole: Fact, sign: Fact, *below: Fact, rate: Any) -> Proposition:
    subject = _across(modes, whole, below, "<=", -rate)
    above(sign, rate, strict=True)
    if set(subject.velocities) != {X} or t in subject.velocities[X].free_symbols:
        raise NotConcluded("more than tokens moves, or the velocity has t in it")
    return Is(ATTRACTS, subject, rate)


ACROSS = Rule(
    "stable across",
    "eigenvalues λ_k of the tokens at consensus, c_k times; Σ_k c_k = n (d - 1); λ_k < 0 but for "
    "0, d - 1 times: consensus is linearly stable, rotations apart",
    "the tokens' directions are n (d - 1), so all modes are listed; rotations move the consensus "
    "among states at rest of the tokens, in d - 1 directions, with the eigenvalue 0",
    _stable,
)


ATTRACTION = Rule(
    "attracting set",
    "tokens alone, no t in the velocity; eigenvalues λ_k at consensus, c_k times; Σ_k c_k = n (d - "
    "1); 0 < λ; λ_k <= -λ but for 0, d - 1 times: consensus attracts, at every rate below λ",
    "0 is counted as often as the dimension of this manifold of states at rest says",
    _attracts,
    (MANIFOLD,),
)


def attracting_consensus(subject: Subject, rate: Any) -> Conclusion:
    """Claim that consensus attracts exponentially, as a set.

    Examples
    --------
    >>> from theory.models import SA
    >>> attracting_consensus(Subject.of(SA), S.One).found.by.name
    'attracting set'
    >>> isinstance(attracting_consensus(Subject.of(SA), S(2)).found, Refusal)
    True
    """
    found, given = read(MODES, subject), warm(subject)
    if not isinstance(found, Refusal):
        _, listed = _listed(found.fact)
        known = [*map(assume, given)]
        facts = [settle(EQUAL, Rel("=", Add(*(count for _, count in listed)), n * (d - 1)))]
        facts.append(sign := spared(SIGNS, Rel("<", 0, rate), *known))
        for value in (value for value, _ in listed if value != 0):
            room = spared(SIGNS, Rel("<=", 0, -value - rate), *known)
            less = settle(ADDED, Rel("<=", value, -rate), room)
            facts.append(apply(SAME, sign, number=value) if value == -rate else less)
        found = apply(ATTRACTION, found, *facts, rate=rate)
    return claimed(found, Is(ATTRACTS, subject, rate), given)


def stable_consensus(subject: Subject) -> Conclusion | None:
    """Conclude that consensus is linearly stable, with its eigenvalues.

    Examples
    --------
    >>> from theory.models import PRE_LN, catalogue
    >>> stable_consensus(Subject.of(PRE_LN)).found.says.args[1].arguments[1:]
    (-1/r, (d - 1)*(n - 1))
    >>> stable_consensus(Subject.of(catalogue("moving masses"))) is None
    True
    """
    modes = read(MODES, subject)
    if isinstance(modes, Refusal):
        return None
    _, listed = _listed(modes.fact)
    counts = Add(*(count for _, count in listed))
    whole = settle(EQUAL, Rel("=", counts, n * (d - 1)))
    given = warm(subject)
    known = [spared(SIGNS, Rel("<", v, S.Zero), *map(assume, given)) for v, _ in listed if v != 0]
    parts = (apply(part, modes, place=place) for place in range(len(listed)))
    found = apply(together, *parts, apply(ACROSS, modes, whole, *known))
    if isinstance(found, Refusal):
        return None
    return claimed(found, found.says, given)
