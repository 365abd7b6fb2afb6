"""T6 on the circle for few tokens of equal masses: trees of boxes, as certificates have them."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from sympy import Integer

from proofs_checks.certificates import Certificate, NotFound, certify_strict_saddles
from proofs_checks.proof import How, count_boxes
from proofs_checks.propositions import All, Definition, Is, Proposition, Rel, Subject, every
from proofs_checks.theorems.almost_every import MEETS
from proofs_checks.theorems.conclusions import Conclusion, claimed
from proofs_checks.theorems.enclosed import accepted
from proofs_checks.theorems.kernel import (
    Engine,
    Fact,
    NotConcluded,
    Refusal,
    Rule,
    apply,
    assume,
    settle,
)
from proofs_checks.theorems.logic import together
from proofs_checks.theorems.order import relation, wants
from proofs_checks.theorems.readers import CURVE, TOKEN
from proofs_checks.theorems.saddles import CIRCLE, form_of, one_product, strict
from proofs_checks.theorems.starts import states_of
from theory.symbols import m, n
from theory.terms import Item, Sort

FEW = Definition(
    "few tokens on the circle",
    "n = {0}, θ_1, …, θ_n on the circle, every b >= {1}: each critical point of Σ_i Σ_j e^(b cos("
    "θ_i-θ_j))/b, of Σ_i Σ_j cos(θ_i-θ_j) at b = 0, has a direction in which it bends up, but for "
    "those of one point",
    (Sort.NUMBER, Sort.NUMBER),
)
ALIKE = every(TOKEN, Rel("=", Item(m, TOKEN), 1 / n))
"""Masses are 1/n."""


@lru_cache(maxsize=16)
def trees_of(says: Proposition) -> Certificate:
    """Certify that few tokens on the circle have strict saddles alone, or refuse.

    Raises
    ------
    NotConcluded
        Where the search ends before every β is done.
    """
    if not isinstance(says, Is) or says.definition is not FEW:
        raise NotConcluded("it isn't of few tokens on the circle")
    count, low = says.arguments
    if not count.is_Integer or not low.is_Rational:
        raise NotConcluded("it isn't of a number of tokens, from a rational β on")
    try:
        found = certify_strict_saddles(int(count), low=str(low))
    except (NotFound, ValueError) as short:
        raise NotConcluded(str(short)) from short
    whole = {"n": int(count), "beta_from": str(low), "beta_to": "infinity"}
    if dict(found.parameters) != whole:
        raise NotConcluded(f"the search ends with {found.parameters}")
    return accepted(found)


def _few(says: Proposition, facts: tuple[Fact, ...]) -> str:
    return f"{count_boxes(trees_of(says))} boxes"


def _saddles(
    slope: Fact,
    mirror: Fact,
    sign: Fact,
    mass: Fact,
    warm: Fact,
    alike: Fact,
    dimension: Fact,
    least: Fact,
    most: Fact,
    *few: Fact,
) -> Proposition:
    pairs, weight, heat = form_of(slope, mirror, sign)
    one_product(weight, mass)
    bound = relation(warm, "<=")
    lowest = heat - (bound.right - bound.left)  # at most b, where the relation holds
    low, high = relation(least, "<=").left, relation(most, "<=").right
    wants(least, Rel("<=", low, n))
    wants(most, Rel("<=", n, high))
    wants(alike, ALIKE)
    wants(dimension, CIRCLE)
    if not (low.is_Integer and high.is_Integer and len(few) == high - low + 1):
        raise NotConcluded("it needs every number of tokens there may be")
    for count, one in enumerate(few, start=int(low)):
        own = one.says.arguments[1] if isinstance(one.says, Is) else lowest
        if not (lowest.is_number and own <= lowest):
            raise NotConcluded("b isn't known to be as large")
        wants(one, Is(FEW, Integer(count), own))
    return strict(pairs)


TREES_OF_BOXES = Engine("trees of boxes", How.ENCLOSED, _few)
FEW_SADDLES = Rule(
    "strict saddles of few tokens",
    "e_ij' = m_i m_j e^(b<x_i,x_j>) <x_i,x_j>'/2; w_ij = w_ji; 0 <= w_ij; 0 < m_i; c <= b; m_i = "
    "1/n; d = 2; k <= n <= l; for n from k to l each critical point of Σ_i Σ_j e^(b "
    "cos(θ_i-θ_j))/b but consensus bends up in a direction: so does that of Σ_i Σ_j e_ij",
    "on the circle <x_i,x_j> = cos(θ_i-θ_j), and both are one up to a factor > 0 and a constant",
    _saddles,
)


def few_on_circle(subject: Subject, counts: tuple[int, ...], low: Any) -> Conclusion | Refusal:
    """Claim strict saddles and consensus for d = 2, equal masses and few tokens.

    Parameters
    ----------
    subject : Subject
    counts : tuple of int
        Numbers of tokens, one after another.
    low : Rational
        The least β.

    Examples
    --------
    >>> from sympy import Rational
    >>> from theory.models import USA
    >>> for low in (Integer(0), -Rational(7, 10)):
    ...     print(type(few_on_circle(Subject.of(USA), (3, 4), low).found).__name__)
    Theorem
    Refusal
    """
    states = states_of(subject)
    if states is None:
        return Refusal(f"{subject.name}: no energy of pairs climbs")
    says = [Is(FEW, Integer(count), low) for count in counts]
    leaves = [settle(TREES_OF_BOXES, one) for one in says]
    warm = states.nonnegative(states.heat, low)
    given = ALIKE, CIRCLE, Rel("<=", counts[0], n), Rel("<=", n, counts[-1])
    saddles = apply(FEW_SADDLES, *states.form, states.mass, warm, *map(assume, given), *leaves)
    found = apply(together, *leaves, saddles, states.meets(saddles))
    meets = All(Is(states.converges, subject), Is(MEETS, subject))
    then = All(*says, strict(states.own.pairs), meets)
    low_heat = Rel("<=", low, states.heat)
    return claimed(found, then, (Is(CURVE, subject), low_heat, *given, *states.given))


__all__ = ["ALIKE", "FEW", "FEW_SADDLES", "TREES_OF_BOXES", "few_on_circle", "trees_of"]
