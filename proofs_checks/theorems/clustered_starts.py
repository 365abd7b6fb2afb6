"""(4.3) and Theorem 4.2: where almost every start ends in consensus at β = 0, most are near it.

The share of the starts that are clustered at t tends to 1, and that of two tokens on the circle is
known where their inner product has γ' = r (1 - γ²): tan(φ/2) falls like e^{-rt}. And as a start
that meets at β = 0 is in an open hemisphere at some time, at small β too, tokens meet at small β
from most starts.
"""

from __future__ import annotations

from typing import Any

from sympy import Expr, Integer, atan, exp, expand, pi, sqrt, sympify

from proofs_checks.propositions import (
    All,
    Definition,
    Is,
    Proposition,
    Rel,
    Subject,
    free_of,
    subjects_of,
)
from proofs_checks.theorems.almost_every import FIRST, MEETS
from proofs_checks.theorems.conclusions import Conclusion, claimed
from proofs_checks.theorems.equal_angles import EQUAL_IN_FLOWS, FLOW_ANGLES
from proofs_checks.theorems.even_weights import parts_of
from proofs_checks.theorems.existence import LASTS, lasting_solutions
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
from proofs_checks.theorems.logic import together
from proofs_checks.theorems.one_pull import OFF_CENTRE
from proofs_checks.theorems.order import of_all, wants
from proofs_checks.theorems.readers import MASSES, SOLVES, TO_ONE, TOKEN
from proofs_checks.theorems.saddles import ON_CIRCLES
from theory.symbols import X, d, gamma, m, n, t
from theory.terms import Index, Item, Row, Sort
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
LAW_OF_TWO = Definition(
    "law of two",
    "for two tokens of {0} of masses 1/2 that start independent and uniform on the circle "
    "P(<x_1,x_2> > {1}) = {2} at each t >= 0",
    (Subject, Sort.NUMBER, Sort.NUMBER),
)
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


def law_at(rate: Any, near: Any) -> Expr:
    """Return ``P(cos φ(t) > near)`` where tan(φ/2) falls like e^{-rate t}, φ(0) uniform.

    Examples
    --------
    >>> law_at(1, 0).subs(t, 0)
    1/2
    """
    return 2 / pi * atan(sqrt((sympify(1) - near) / (1 + near)) * exp(rate * t))


def rate_of_two(angles: Fact) -> tuple[Subject, Expr]:
    """Return the model of which γ' = r (1 - γ²) is known for two tokens on the circle, and r.

    Raises
    ------
    NotConcluded
    """
    if not isinstance(angles.says, Is) or angles.says.definition is not FLOW_ANGLES:
        raise NotConcluded("it needs how equal angles move")
    subject, moved = angles.says.arguments
    of_two = moved.subs({n: Integer(2), d: Integer(2)})
    rate = of_two.subs(gamma, 0)
    if angles.given or expand(of_two - rate * (1 - gamma**2)) != 0:
        raise NotConcluded("it isn't r (1 - γ²) for two tokens")
    if not rate.is_number or not rate.is_positive or {*subject.spaces} != {X}:
        raise NotConcluded(f"{rate} isn't a number > 0, or more than tokens moves")
    return subject, rate


def _law_of_two(angles: Fact, lasts: Fact, near: Any) -> Proposition:
    subject, rate = rate_of_two(angles)
    wants(lasts, Is(LASTS, subject))
    if lasts.given or not (_below_one(near) + 1).is_positive:
        raise NotConcluded(f"{near} isn't in (-1, 1), or solutions needn't last")
    return Is(LAW_OF_TWO, subject, near, law_at(rate, near))


TWO_ON_CIRCLE = Rule(
    "law of two tokens",
    "<x_1,x_2> = γ has γ' = r (1 - γ²) for two tokens of masses 1/2, 0 < r; one solution from every"
    " start; |c| < 1: P(<x_1,x_2> > c) = (2/π) arctan(e^{rt} √((1-c)/(1+c)))",
    "γ = cos φ: φ' = -r sin φ, so (tan φ/2)' = -r tan φ/2; φ(0) is uniform on [0, π], as both "
    "tokens are on the circle; cos φ > c iff tan²(φ/2) < (1-c)/(1+c)",
    _law_of_two,
)


def law_of_two(subject: Subject, near: Any) -> Found:
    """Conclude the law of two tokens on the circle.

    Examples
    --------
    >>> from theory.models import SA
    >>> from theory.symbols import beta
    >>> law_of_two(Subject.of(SA, {beta: 0}), 0).says.arguments[2]
    2*atan(exp(t))/pi
    """
    facts = read(EQUAL_IN_FLOWS, subject), lasting_solutions(subject)
    return apply(TWO_ON_CIRCLE, *facts, near=sympify(near))


def clustered_law(subject: Subject, near: Any, law: Any, cold: Theorem) -> Conclusion:
    """Claim what share of starts is clustered: it tends to 1, and is a law of two on the circle.

    Parameters
    ----------
    subject : Subject
        At β = 0.
    near, law : Expr
        Which inner products are clustered, and the share of two tokens.
    cold : Theorem
        That tokens tend to one point from almost every start.
    """
    found = apply(together, clustered_late(cold, near), law_of_two(subject, near))
    then = All(Is(CLUSTERED, subject, near), Is(LAW_OF_TWO, subject, near, law))
    return claimed(found, then, (ON_CIRCLES,))


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
