"""No measure with a density stays, where an energy climbs: it would live where nothing moves.

Let μ be finite and invariant. E(φ_t x) >= E(x) with one integral over μ, so E stands still along
the solution of μ-almost every start, and Σ_i τ_i |x_i'|² = 0 with it: that start is critical for E.
An analytic energy that isn't constant is critical on a null set alone.
"""

from __future__ import annotations

from typing import Any

from sympy import Mul, S

from proofs_checks.propositions import Definition, Is, Rel, Subject
from proofs_checks.theorems.analytic import analytic
from proofs_checks.theorems.attraction import SEVERAL
from proofs_checks.theorems.conclusions import Conclusion, claimed
from proofs_checks.theorems.energy import attached, gradient, heated
from proofs_checks.theorems.engines import SIGNS
from proofs_checks.theorems.gradients import pair_of
from proofs_checks.theorems.kernel import (
    Concluded,
    Fact,
    NotConcluded,
    Refusal,
    Rule,
    Theorem,
    apply,
    assume,
    read,
    settle,
)
from proofs_checks.theorems.order import above, of_all, relation, wants
from proofs_checks.theorems.readers import CURVE, MASSES, MOTION, OTHER, SOLVES, TOKEN, solving
from proofs_checks.theorems.saddles import LINKS, ON_CIRCLES, SEEN, links
from proofs_checks.theorems.states import States
from theory.symbols import X, r, t
from theory.terms import Inner, Projected, Row, TokenSum, ddt, is_derivative, total

NULL_ZEROS = (
    "Mityagin, Math. Notes 107 (2020): the zeros of a real analytic function that isn't 0 are null"
)
NO_DENSITY = Definition(
    "no invariant density",
    "no finite measure with a density on the states of {0} is invariant",
    (Subject,),
)


def _no_density(
    slope: Fact,
    linked: Fact,
    gradient: Fact,
    motion: Fact,
    sign: Fact,
    several: Fact,
    dimension: Fact,
) -> Concluded:
    moves, says = relation(motion, "="), relation(gradient, "=")
    solved = [one for one in motion.given if isinstance(one, Is) and one.definition is SOLVES]
    if len(solved) != 1 or moves.left != ddt(Row(X, TOKEN)):
        raise NotConcluded("it needs the velocity of the tokens of a model")
    subject = solved[0].arguments[0]
    if not set(subject.velocities) <= {X, r}:
        raise NotConcluded("more than tokens and lengths moves")
    if not isinstance(moves.right, Projected) or Is(CURVE, subject) not in gradient.given:
        raise NotConcluded("it needs the gradient at all states")
    if not is_derivative(says.left):
        raise NotConcluded("it needs the derivative of an energy")
    pace = relation(sign, "<").right
    above(sign, pace, strict=True)
    rate = pace * Inner(moves.left, moves.right)
    if not isinstance(says.right, TokenSum) or says.right.opened(TOKEN) != rate:
        raise NotConcluded("the velocity isn't that gradient over these factors")
    for fact in (motion, sign):
        of_all(fact, TOKEN, t)
    pairs, weight, _ = pair_of(slope)
    wants(linked, links(weight))
    energy = says.left.args[0]
    if not isinstance(energy, TokenSum) or not analytic(energy):
        raise NotConcluded("the energy isn't known to be analytic in the tokens")
    if energy != total(total(pairs, OTHER), TOKEN):
        raise NotConcluded("the pairs aren't those of the energy")
    wants(several, SEVERAL)
    wants(dimension, ON_CIRCLES)
    own = solving(subject), Is(CURVE, subject)  # of almost every start, and of a differential
    return Concluded(Is(NO_DENSITY, subject), spares=frozenset(own))


NOWHERE = Rule(
    "no invariant density",
    "e_ij' = w_ij <x_i,x_j>'/2; w_ij > 0 of pairs that connect all tokens; E' = Σ_i τ_i <x_i',v_i> "
    "of every curve; x_i' = v_i; 0 < τ_i; 2 <= n; 2 <= d: no finite measure with a density is "
    "invariant",
    "E is bounded, and ∫E is constant under an invariant measure while E never falls: E stands "
    "still from almost every start, so v_i = 0 there and the start is critical; E isn't constant, "
    "as it rises with <x_i,x_j> of a linked pair, and analytic: its critical points are null",
    _no_density,
    (NULL_ZEROS,),
)


def no_density(subject: Subject) -> Conclusion | None:
    """Conclude that no finite measure with a density is invariant.

    Examples
    --------
    >>> from theory.models import CAUSAL, NGPT
    >>> own = no_density(Subject.of(NGPT))
    >>> own.found.by.name
    'no invariant density'
    >>> no_density(Subject.of(CAUSAL)) is None
    True
    """
    own = attached(subject)
    if isinstance(own, Refusal):
        return None
    states = States(own)
    linked = settle(LINKS, links(own.weight), states.mass, *states.groups)
    mass = read(MASSES, subject)
    seen = (settle(SEEN, Rel("<", 0, a), mass, *states.groups) for a in Mul.make_args(own.pace))
    facts = mass, *own.pull.defined, *(one for one in seen if isinstance(one, Theorem))
    sign = settle(SIGNS, Rel("<", S.Zero, own.pace), *facts)
    slope = states.form[0]
    more: tuple[Any, ...] = (assume(SEVERAL), assume(ON_CIRCLES))
    found = apply(NOWHERE, slope, linked, gradient(subject), read(MOTION, subject), sign, *more)
    if not isinstance(found, Theorem):
        return None
    assumed = *states.groups, *heated(own.pairs)
    given = (one.says for one in assumed if isinstance(one, Theorem))
    return claimed(found, Is(NO_DENSITY, subject), (SEVERAL, ON_CIRCLES, *given))


__all__ = ["NOWHERE", "NO_DENSITY", "no_density"]
