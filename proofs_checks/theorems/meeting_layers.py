"""T10a: the tokens of a layer that start in an open hemisphere meet, whatever its step.

A layer ``x_i <- N(x_i + v_i)``, v_i = Σ_j p_ij x_j, p_ij >= 0, N a vector over its length. With y_i
= x_i/<x_i,w> it takes means of the y_j, of which rows share ``λ = h Σ_j b_j/(1 + c)`` at least
where ``b_j <= p_ij`` and ``Σ_j p_ij <= c``: the diameter D of the y_i falls by the factor 1 - λ.
"""

from __future__ import annotations

from typing import Any

from sympy import Symbol

from proofs_checks.propositions import All, Definition, Is, Rel, Subject
from proofs_checks.theorems.almost_every import everywhere, of_its_states
from proofs_checks.theorems.conclusions import Conclusion, claimed
from proofs_checks.theorems.engines import EQUAL, spared
from proofs_checks.theorems.hemisphere import warm
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
from proofs_checks.theorems.layers import STEP, stepping
from proofs_checks.theorems.order import above, of_all, relation, wants
from proofs_checks.theorems.pulls import HIGH, UNIT_AXIS, WIDTH, H, Pull, legend
from proofs_checks.theorems.ranges import Bounds, in_front, plain
from proofs_checks.theorems.readers import OTHER, TOKEN, stepped
from theory.symbols import t
from theory.terms import Number as Term
from theory.terms import Sort, at, total

LAYERS = Symbol("k", integer=True, nonnegative=True)
"""Number of layers."""
AFTER = Definition(
    "after layers", "after k layers of {0} {1} <= {2}", (Subject, Sort.NUMBER, Sort.NUMBER)
)
TOGETHER = Definition(
    "together",
    "the tokens of {0} tend to one z, with |x_i - z| <= {1} after each layer",
    (Subject, Sort.NUMBER),
)
CONES = Definition(
    "cones",
    "each layer of {0} takes the tokens into their cone, where their limit is too",
    (Subject,),
)


def _in_step(number: Any) -> None:
    """Refuse what differs from token to token, or from layer to layer."""
    if not plain(number) or number.free_symbols & {TOKEN, OTHER, t}:
        raise NotConcluded(f"{number} isn't one number for all tokens and layers")


def _meets(
    step: Fact,
    sign: Fact,
    low: Fact,
    share: Fact,
    positive: Fact,
    rows: Fact,
    axis: Fact,
    start: Fact,
    weight: Any,
) -> Concluded:
    subject, _ = stepping(step, weight)
    above(sign, weight)
    least, most = relation(low, "<="), relation(rows, "<=")
    if least.right != weight or TOKEN in least.left.free_symbols:
        raise NotConcluded("it needs a bound of each column of weights")
    if most.left != total(weight, OTHER):
        raise NotConcluded("it needs a bound of the sum of a row")
    whole = relation(share, "=")
    wants(share, Rel("=", total(least.left, OTHER), whole.right))
    above(positive, whole.right, strict=True)
    for number in (whole.right, most.right):
        _in_step(number)
    wants(axis, UNIT_AXIS)
    wants(start, HIGH)
    facts = sign, low, share, positive, rows
    for fact in (step, *facts):
        of_all(fact, TOKEN, OTHER, t)
    everywhere(subject, *facts)
    falls = 1 - H * whole.right / (1 + most.right)
    says = All(
        Is(AFTER, subject, WIDTH, at(WIDTH) * falls**LAYERS),
        Is(TOGETHER, subject, WIDTH),
        Is(CONES, subject),
    )
    return Concluded(says, spares=of_its_states(subject))


LAYERS_MEET = Rule(
    "layers in a hemisphere",
    "x_i <- N(x_i + v_i), v_i = Σ_j p_ij x_j; 0 <= p_ij, b_j <= p_ij, Σ_j b_j = κ, 0 < κ, Σ_j p_ij "
    "<= c at all states; |w| = 1; h <= <x_i(0),w>: D <= D(0) (1 - h κ/(1 + c))^k after k layers, "
    "D = diam x_i/<x_i,w>; x_i -> z, |x_i - z| <= D; x_i is in the cone of the tokens before",
    "s_i = <x_i,w> becomes (s_i + Σ_j p_ij s_j)/|x_i + v_i| >= h, as |x_i + v_i| <= 1 + Σ_j p_ij; "
    "y_i = x_i/s_i becomes Σ_j C_ij y_j, C_ij = (δ_ij + p_ij) s_j/(s_i + Σ_k p_ik s_k), of rows "
    "that add up to 1, and C_ij >= h b_j/(1 + c), as h <= s_j <= 1: two rows share λ = h κ/(1 + c) "
    "< 1, so D becomes (1 - λ) D at most. The hulls of the y_i are nested: one limit y, |y_i - y| "
    "<= D, and v/|v| shortens where |v| >= 1. Cones of finitely many tokens are closed",
    _meets,
)
"""T10a."""


def _positive_step(weight: Any) -> tuple[Found, ...]:
    """Take what stands in front of the weights, such as a step η, to be positive."""
    step = weight.as_independent(Term, as_Add=False)[0]
    free = sorted((s for s in step.free_symbols if s.is_positive is None), key=str)
    return tuple(assume(Rel("<", 0, s)) for s in free)


def layers_meet(subject: Subject) -> Conclusion | None:
    """Conclude that the tokens of a layer meet from an open hemisphere.

    Examples
    --------
    >>> from theory.models import catalogue
    >>> from theory.symbols import beta
    >>> own = layers_meet(Subject.of(catalogue("discrete layer")))
    >>> bound = own.found.says.args[0].arguments[2].subs(LAYERS, 1)
    >>> [factor for factor in bound.args if factor.has(beta)]
    [-eta*h*exp(-2*beta)/(eta + 1) + 1]
    """
    try:
        weight = stepped(subject)
    except NotConcluded:
        return None
    if {str(s) for s in subject.free_symbols} & {str(H), str(LAYERS)}:
        return None  # a parameter of a name of ours
    pull = Pull(subject, weight, Refusal("it is no flow"))
    steps = _positive_step(weight)
    bounds = Bounds(pull, more=steps)
    low, rows = bounds.below(weight), bounds.above(total(weight, OTHER))
    if isinstance(low, Refusal) or isinstance(rows, Refusal):
        return None
    columns = total(low.says.left, OTHER)
    whole = in_front(columns)
    facts = (
        read(STEP, subject),
        bounds.signed(Rel("<=", 0, weight)),
        low,
        spared(EQUAL, Rel("=", columns, whole), *bounds.facts),
        bounds.signed(Rel("<", 0, whole)),
        rows,
        assume(UNIT_AXIS),
        assume(HIGH),
    )
    found = apply(LAYERS_MEET, *facts, weight=weight)
    if isinstance(found, Refusal):
        return None
    signs = (one.says for one in steps if isinstance(one, Theorem))
    given = UNIT_AXIS, HIGH, *warm(subject), *signs
    return claimed(found, found.says, given, legend(pull))
