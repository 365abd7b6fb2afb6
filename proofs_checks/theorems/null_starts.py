"""Few starts end at equilibria with rates > 0: discs, a cover, what is caught near, null sets.

Of p tokens against q opposite ones under a model, and of critical points with k positive
eigenvalues of the Hessian under gradient ascent of any smooth f on a compact manifold.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sympy import Add, Dummy, Symbol, sympify

from proofs_checks.proof import CENTRE_STABLE_DISC, COMPLETE, SYLVESTER
from proofs_checks.propositions import Definition, Is, Proposition, Rel, Subject
from proofs_checks.theorems.cluster_modes import AT_TWO, listed_modes, modes_of
from proofs_checks.theorems.conclusions import Conclusion, claimed
from proofs_checks.theorems.engines import SIGNS
from proofs_checks.theorems.kernel import (
    Concluded,
    Fact,
    Found,
    NotConcluded,
    Rule,
    Theorem,
    apply,
    assume,
    settle,
)
from proofs_checks.theorems.order import wants
from proofs_checks.theorems.saddles import ON_CIRCLES
from theory.symbols import d
from theory.terms import Sort

RATES = Symbol("k", integer=True, positive=True)
"""How many eigenvalues of the Hessian are positive."""
_TWO = "states of {0} with {1} tokens at one point and {2} opposite, masses 1/n,"
_CRITICAL = "critical points with k >= {0} positive eigenvalues of Hess f, f smooth and M compact,"


def _four(states: str, count: int, sorts: tuple[Any, ...]) -> tuple[Definition, ...]:
    """Define what is said of some equilibria one after the other."""
    said = {
        "orbits near": f"orbits that stay near {states} lie in discs",
        "cover": f"countably many neighbourhoods cover {states} each with a disc",
        "caught": f"starts that tend to {states} are in countably many preimages of discs",
        "null": f"starts that tend to {states} are a null set,",
    }
    return tuple(
        Definition(name, f"{words} of codimension {{{count}}}", (*sorts, Sort.NUMBER))
        for name, words in said.items()
    )


ORBITS_AT_TWO, COVER_AT_TWO, CAUGHT_AT_TWO, NULL_AT_TWO = _four(
    _TWO, 3, (Subject, Sort.NUMBER, Sort.NUMBER)
)
ORBITS_AT_CRITICAL, COVER_AT_CRITICAL, CAUGHT_AT_CRITICAL, NULL_AT_CRITICAL = _four(
    _CRITICAL, 1, (Sort.NUMBER,)
)
INERTIA = Definition(
    "inertia",
    "x' = G^(-1) grad f, G > 0, f smooth: where grad f = 0 the linearisation G^(-1) Hess f has "
    "{0} rates > 0 if Hess f has so many positive eigenvalues",
    (Sort.NUMBER,),
)
LASTS = Definition("ascent lasts", "gradient ascent of a smooth f on a compact M is a flow", ())
_COVERS: Mapping[Definition, Definition] = {
    ORBITS_AT_TWO: COVER_AT_TWO,
    ORBITS_AT_CRITICAL: COVER_AT_CRITICAL,
}
_CATCHES = {COVER_AT_TWO: CAUGHT_AT_TWO, COVER_AT_CRITICAL: CAUGHT_AT_CRITICAL}
_NULLS = {CAUGHT_AT_TWO: NULL_AT_TWO, CAUGHT_AT_CRITICAL: NULL_AT_CRITICAL}


def _next(fact: Fact, places: Mapping[Definition, Definition]) -> Is:
    if not isinstance(fact.says, Is) or fact.says.definition not in places:
        raise NotConcluded(f"it needs one of: {', '.join(one.name for one in places)}")
    return Is(places[fact.says.definition], *fact.says.arguments)


def _wide(a: Any) -> Any:
    """Put 2, 3, ... for d."""
    return a.subs(d, 2 + Dummy("k", integer=True, nonnegative=True)).expand()


def _at_two(modes: Fact, dimension: Fact, *signs: Fact, codimension: Any) -> Proposition:
    (p, _, q, subject), listed = listed_modes(modes, AT_TWO)
    wants(dimension, ON_CIRCLES)
    rising = Add(*(k for value, k in listed if any(f.says == Rel("<", 0, value) for f in signs)))
    if not _wide(rising - sympify(codimension)).is_nonnegative:
        raise NotConcluded(f"of the rates {rising} are known to be > 0")
    return Is(ORBITS_AT_TWO, subject, p, q, codimension)


def _inertia() -> Proposition:
    return Is(INERTIA, RATES)


def _lasts() -> Proposition:
    return Is(LASTS)


def _at_critical(inertia: Fact, lasts: Fact, many: Fact, codimension: Any) -> Concluded:
    wants(inertia, Is(INERTIA, RATES))
    wants(lasts, Is(LASTS))
    if not isinstance(many.says, Rel) or many.says != Rel("<=", many.says.left, RATES):
        raise NotConcluded("it needs how many eigenvalues are positive, at least")
    least = many.says.left
    if not (least - 1).is_nonnegative:
        raise NotConcluded("no strict saddle: no rate need be > 0")
    if not (RATES - sympify(codimension)).is_nonnegative:
        raise NotConcluded(f"{codimension} is more than the rates > 0 that are known")
    return Concluded(Is(ORBITS_AT_CRITICAL, least, codimension), {2: (many.says,)})


def _covered(orbits: Fact) -> Proposition:
    return _next(orbits, _COVERS)


def _caught(orbits: Fact, cover: Fact) -> Proposition:
    wants(cover, _next(orbits, _COVERS))
    return _next(cover, _CATCHES)


def _null(caught: Fact, dimension: Fact | None = None) -> Proposition:
    found = _next(caught, _NULLS)
    room = found.arguments[-1] - 1
    if dimension is not None:
        wants(dimension, ON_CIRCLES)
        room = _wide(room)
    if not room.is_nonnegative:
        raise NotConcluded("such a disc isn't known to be of codimension 1 or more")
    return found


TWO_ORBITS = Rule(
    "orbits near two points",
    "eigenvalues λ_k at p tokens against q opposite ones, c_k times; 2 <= d; 0 < λ_k for some, c "
    "<= their Σ c_k: orbits that stay near such a state lie in discs of codimension c",
    "the velocity is analytic, and 0 there",
    _at_two,
    (CENTRE_STABLE_DISC,),
)
ASCENT_INERTIA = Rule(
    "inertia",
    "where grad f = 0, d(G^(-1) grad f) = G^(-1) Hess f has the signs of Hess f",
    "the product rule at a zero, and Sylvester's law",
    _inertia,
    (SYLVESTER,),
)
ASCENT_LASTS = Rule("complete", "M is compact: the flow is one", "cited", _lasts, (COMPLETE,))
CRITICAL_ORBITS = Rule(
    "orbits near critical points",
    "Hess f has k positive eigenvalues, so k rates are > 0; the ascent is a flow; 1 <= k_0 "
    "<= k; c <= k: orbits that stay near lie in discs of codimension c",
    "a disc of codimension k lies in one of codimension c",
    _at_critical,
    (CENTRE_STABLE_DISC,),
)
COVERED = Rule(
    "countable cover",
    "orbits near each of some states lie in discs: countably many neighbourhoods cover the states",
    "Lindelöf: a manifold has a countable base",
    _covered,
)
CAUGHT = Rule(
    "caught near its limit",
    "orbits near such states lie in discs; countably many neighbourhoods cover: starts that tend "
    "to one are in Φ_q^(-1)(W), q = 0, 1, ..., W a disc",
    "from some whole time q on the orbit stays in the neighbourhood of its limit",
    _caught,
)
NULL_SETS = Rule(
    "null sets",
    "starts are in countably many preimages of discs of codimension c >= 1, for every d >= 2 if "
    "that is given: they are null",
    "such a disc is null, its preimage under a diffeomorphism is, and so is a countable union",
    _null,
)


def _ended(orbits: Found, *wide: Found) -> Found:
    cover = apply(COVERED, orbits)
    return apply(NULL_SETS, apply(CAUGHT, orbits, cover), *wide)


def caught_at_two(subject: Subject, p: Any, q: Any, codimension: Any) -> Conclusion:
    """Claim the codimension of the starts that tend to p tokens against q.

    Examples
    --------
    >>> from sympy import symbols
    >>> from theory.models import SA
    >>> sizes = symbols("p q", integer=True, positive=True)
    >>> caught_at_two(Subject.of(SA), *sizes, d - 1).found.by.name
    'null sets'
    """
    modes, signs = modes_of(subject, p, q), list[Found]()
    if isinstance(modes, Theorem):
        values = [one.arguments[-2] for one in modes.says.args]
        found = (settle(SIGNS, Rel("<", 0, value)) for value in values)
        signs = [one for one in found if isinstance(one, Theorem)]
    orbits = apply(TWO_ORBITS, modes, assume(ON_CIRCLES), *signs, codimension=codimension)
    says = Is(NULL_AT_TWO, subject, p, q, codimension)
    return claimed(_ended(orbits, assume(ON_CIRCLES)), says, (ON_CIRCLES,))


def ascents_caught(least: Any, codimension: Any) -> Conclusion:
    """Claim Lemma A.1: of critical points with k >= least positive eigenvalues, codimension in k.

    Examples
    --------
    >>> ascents_caught(1, RATES).found.by.name
    'null sets'
    >>> print(ascents_caught(1, RATES + 1).found.reason.rpartition(": ")[2])
    k + 1 is more than the rates > 0 that are known
    """
    facts = apply(ASCENT_INERTIA), apply(ASCENT_LASTS), assume(Rel("<=", least, RATES))
    orbits = apply(CRITICAL_ORBITS, *facts, codimension=codimension)
    return claimed(_ended(orbits), Is(NULL_AT_CRITICAL, least, codimension), ())


__all__ = [
    "RATES",
    "ascents_caught",
    "caught_at_two",
]
