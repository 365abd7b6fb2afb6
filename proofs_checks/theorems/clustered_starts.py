"""(4.3) and Theorem 4.2: where almost every start ends in consensus at β = 0, most are near it.

The share of the starts that are clustered at t tends to 1; and as a start that meets at β = 0 is in
an open hemisphere at some time, at small β too, tokens meet at small β from most starts.
"""

from __future__ import annotations

from typing import Any

from sympy import oo, sympify

from proofs_checks.propositions import (
    Definition,
    Is,
    Proposition,
    Rel,
    Subject,
    Tends,
    every,
    free_of,
    some,
    subjects_of,
)
from proofs_checks.theorems.almost_every import FIRST, MEETS
from proofs_checks.theorems.even_weights import parts_of
from proofs_checks.theorems.kernel import (
    Concluded,
    Fact,
    Found,
    NotConcluded,
    Refusal,
    Rule,
    Theorem,
    apply,
    assume,
    read,
)
from proofs_checks.theorems.one_pull import OFF_CENTRE
from proofs_checks.theorems.order import of_all, wants
from proofs_checks.theorems.readers import MASSES, SOLVES, TOKEN
from proofs_checks.theorems.saddles import ON_CIRCLES
from theory.symbols import X, m, t
from theory.terms import Index, Item, Row, Sort, Vec
from theory.terms import Number as Term

DOMINATED = "dominated convergence, of indicators that tend to 0 almost everywhere"
LAW = "under any law of starts of {0} with a density"
_NEAR = (Subject, Sort.NUMBER)
CLUSTERED = Definition("clustered late", f"{LAW} P(all <x_i,x_j>(t) > {{1}}) -> 1 as t -> ∞", _NEAR)
CLUSTERED_IF_LASTING = Definition(
    "clustered late if it lasts",
    f"{LAW} P(X lives for all time, and not all <x_i,x_j>(t) > {{1}}) -> 0 as t -> ∞",
    _NEAR,
)
_Z = Vec("z")
TO_ONE = some(_Z, every(TOKEN, Tends(Row(X, TOKEN), _Z, oo)))
"""All tokens tend to one point."""


def of_parameters(given: Any) -> None:
    """Refuse hypotheses on a solution or its start: what is said of most starts has none."""
    for one in given:
        if subjects_of(one) or one.has(Term, Row, Index) or t in free_of(one):
            raise NotConcluded("it is known of some solutions alone")


def from_almost_all(meets: Fact) -> Subject:
    """Return the model whose tokens tend to one point from almost every start.

    Raises
    ------
    NotConcluded
    """
    known = isinstance(meets.says, Is) and meets.says.definition in (MEETS, FIRST)
    if not known:
        raise NotConcluded("it needs that tokens tend to one point from almost every start")
    of_parameters(meets.given)
    subject: Subject = meets.says.arguments[0]
    return subject


def from_those_that_last(
    meets: Fact, mass: Fact, dimension: Fact
) -> tuple[Subject, frozenset[Proposition]]:
    """Return the model whose solutions with Σ_j m_j x_j ≠ 0 tend to one point, and what is given.

    Starts with Σ_j m_j x_j = 0 are null for d >= 2, as zeros of an analytic function that isn't 0
    on a connected space.

    Raises
    ------
    NotConcluded
    """
    wants(meets, TO_ONE)
    wants(dimension, ON_CIRCLES)
    solved = [one for one in meets.given if isinstance(one, Is) and one.definition is SOLVES]
    if len(solved) != 1:
        raise NotConcluded("it needs the solutions of one model")
    wants(mass, Rel("<", 0, Item(m, TOKEN)))
    of_all(mass, TOKEN)
    spared = frozenset({*solved, OFF_CENTRE})
    of_parameters((meets.given | mass.given) - spared)
    return solved[0].arguments[0], spared


def _below_one(near: Any) -> Any:
    if not (1 - sympify(near)).is_positive or sympify(near).free_symbols:
        raise NotConcluded(f"{near} isn't known to be less than 1")
    return near


def _late(meets: Fact, near: Any) -> Proposition:
    return Is(CLUSTERED, from_almost_all(meets), _below_one(near))


def _late_if_lasting(meets: Fact, mass: Fact, dimension: Fact, near: Any) -> Concluded:
    subject, spared = from_those_that_last(meets, mass, dimension)
    return Concluded(Is(CLUSTERED_IF_LASTING, subject, _below_one(near)), spares=spared)


LATE = Rule(
    "clustered late",
    "from almost every start all tokens tend to one point; c < 1: for any law of starts with a "
    "density P(all <x_i,x_j>(t) > c) -> 1",
    "<x_i,x_j> -> 1, so that all are > c from some time on, for almost every start",
    _late,
    (DOMINATED,),
)
LATE_IF_LASTING = Rule(
    "clustered late if it lasts",
    "all tokens tend to one point, from starts with Σ_j m_j x_j ≠ 0; 0 < m_i; 2 <= d; c < 1: for "
    "any law of starts with a density P(X lives for all time, and not all <x_i,x_j>(t) > c) -> 0",
    "starts with Σ_j m_j x_j = 0 are null, zeros of |Σ_j m_j x_j|², which is analytic, and (Σ_j "
    "m_j)² at consensus, on a connected space; from others <x_i,x_j> -> 1",
    _late_if_lasting,
    (DOMINATED,),
)


def meeting_in(theorem: Theorem) -> Found:
    """Take out of a theorem that tokens tend to one point.

    Examples
    --------
    >>> from proofs_checks.theorems.starts import cold_starts
    >>> from theory.models import SA
    >>> from theory.symbols import beta
    >>> found = cold_starts(Subject.of(SA, {beta: 0}), 2, null=True).found
    >>> meeting_in(found).says.definition.name
    'meets'
    """
    for one in parts_of(theorem):
        said = one.says
        if said == TO_ONE or (isinstance(said, Is) and said.definition in (MEETS, FIRST)):
            return one
    return Refusal("it isn't that tokens tend to one point")


def of_those_that_last(meets: Theorem) -> tuple[Found, Found, Found]:
    """Return that tokens tend to one point, that masses are positive, and 2 <= d."""
    solved = [one for one in meets.given if isinstance(one, Is) and one.definition is SOLVES]
    if len(solved) != 1:
        short = Refusal("it needs the solutions of one model")
        return meets, short, short
    return meets, read(MASSES, solved[0].arguments[0]), assume(ON_CIRCLES)


def clustered_late(theorem: Theorem, near: Any) -> Found:
    """Conclude that starts are clustered late, or those that last, from what is so at β = 0.

    Examples
    --------
    >>> from sympy import Rational
    >>> from proofs_checks.theorems.starts import cold_starts
    >>> from theory.models import SA
    >>> from theory.symbols import beta
    >>> found = cold_starts(Subject.of(SA, {beta: 0}), 2, null=True).found
    >>> clustered_late(found, Rational(3, 4)).by.name
    'clustered late'
    """
    meets = meeting_in(theorem)
    if isinstance(meets, Refusal) or meets.says != TO_ONE:
        return apply(LATE, meets, near=near)
    return apply(LATE_IF_LASTING, *of_those_that_last(meets), near=near)
