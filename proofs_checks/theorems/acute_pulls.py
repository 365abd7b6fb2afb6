"""(4.2) of weights that are >= 0 while inner products are, as β <x_i,x_j> m_j.

While all products are >= 0 the model is in pull form with weights >= 0, and the least one doesn't
fall. Where it is > 0 it stays away from 0, so that this is for ever; where it is 0 at the start,
starts nearby have a positive one.
"""

from __future__ import annotations

from dataclasses import replace

from proofs_checks.propositions import Is, Rel, Subject, every
from proofs_checks.theorems.almost_every import everywhere
from proofs_checks.theorems.conclusions import Conclusion, claim_least_pair
from proofs_checks.theorems.engines import ADDED, SIGNS, spared
from proofs_checks.theorems.existence import (
    LASTS,
    LIPSCHITZ,
    lasting_solutions,
    smooth_at_states,
)
from proofs_checks.theorems.hemisphere import pull_of
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
    settle,
)
from proofs_checks.theorems.logic import cut, generalise, instantiate, together
from proofs_checks.theorems.order import above, of_all, of_parameters, relation, wants
from proofs_checks.theorems.pulls import G0, LEAST_PAIR, NEAR, WARM, Pull, gram
from proofs_checks.theorems.readers import MASSES, OTHER, TOKEN, solved_in, solving
from theory.symbols import X, t
from theory.terms import Norm, Row, at, ddt, moving

PAIR = gram(TOKEN, OTHER)
ACUTE = every((TOKEN, OTHER), Rel("<=", 0, PAIR))
"""No two tokens are at an obtuse angle."""


def _least(
    motion: Fact,
    bound: Fact,
    grows: Fact,
    unit: Fact,
    start: Fact,
    sign: Fact,
    smooth: Fact,
    lasts: Fact,
) -> Concluded:
    subject, says = solved_in(motion), relation(motion, "=")
    if says.left != ddt(PAIR):
        raise NotConcluded("it needs how inner products move")
    rate, least = relation(grows, "<", "<=").right, relation(sign, "<", "<=").right
    above(grows, rate)
    wants(bound, Rel("<=", rate * PAIR, says.right))
    wants(unit, Rel("=", Norm(Row(X, TOKEN)), 1))
    above(sign, least)
    if moving(least) or {TOKEN, OTHER} & least.free_symbols:
        raise NotConcluded("the bound at the start is one constant")
    wants(start, every((TOKEN, OTHER), Rel("<=", least, at(PAIR))))
    wants(smooth, Is(LIPSCHITZ, subject))
    wants(lasts, Is(LASTS, subject))
    everywhere(subject, smooth, lasts)
    for fact in (motion, unit):
        of_all(fact, TOKEN, OTHER, t)
    of_all(grows, TOKEN, OTHER, t, without=(ACUTE,))
    of_all(bound, TOKEN, OTHER, t, without=(LEAST_PAIR, ACUTE))
    for fact in (motion, bound, grows, unit, smooth, lasts):
        of_parameters(fact.given - {solving(subject), LEAST_PAIR, ACUTE})
    return Concluded(Rel("<=", least, PAIR), {1: (LEAST_PAIR, ACUTE), 2: (ACUTE,)})


LEAST_PRODUCT = Rule(
    "least inner product",
    "g_ij' = v_ij; [g_ij least; all >= 0] K_ij g_ij <= v_ij; [all >= 0] 0 <= K_ij; |x_i| = 1; r <= "
    "g_ij(0), 0 <= r; the velocity is locally Lipschitz, and solutions live for ever: r <= g_ij",
    "r > 0: while all g_ij >= r/2 the least has a right derivative >= 0, so it stays at r or more; "
    "r = 0: x_i + ε Σ_j x_j over their length have products >= ε > 0, which stay so, and solutions "
    "depend continuously on their start",
    _least,
)


def acute_pull(subject: Subject) -> Pull | Refusal:
    """Return the pulls of a model whose weights are >= 0 at acute angles, and not at all others."""
    own = pull_of(subject)
    if isinstance(own, Refusal) or isinstance(own.positive, Theorem):
        return own if isinstance(own, Refusal) else Refusal("the weights are never negative")
    acute = apply(instantiate, assume(ACUTE), values=(TOKEN, OTHER))
    known = read(MASSES, subject), acute, *own.defined
    positive: Found = own.positive
    for more in ((), (assume(WARM),)):
        if isinstance(positive, Refusal):
            positive = spared(SIGNS, Rel("<=", 0, own.weight), *known, *more)
    return positive if isinstance(positive, Refusal) else replace(own, positive=positive)


def least_product(subject: Subject) -> Conclusion | None:
    """Claim (4.2): ``g_0 <= g_ij`` if so at the start, and ``K_ij g_ij <= g_ij'`` at a least pair.

    Examples
    --------
    >>> from theory.models import SA, catalogue
    >>> names = "linear", "SA", "repulsive"
    >>> [least_product(Subject.of(catalogue(name))) is None for name in names]
    [False, True, True]
    """
    pull = acute_pull(subject)
    if isinstance(pull, Refusal):
        return None
    sign, start = settle(SIGNS, Rel("<=", 0, G0)), assume(NEAR)
    lives = smooth_at_states(subject), lasting_solutions(subject)
    least = apply(LEAST_PRODUCT, *pull.nearest, pull.unit, start, sign, *lives)
    acute = settle(ADDED, Rel("<=", 0, PAIR), least, sign)
    every_one = apply(generalise, acute, variables=(TOKEN, OTHER))
    rate = apply(cut, pull.angle_rate, every_one)
    found = apply(together, least, rate)
    return None if isinstance(found, Refusal) else claim_least_pair(pull, found)


__all__ = ["LEAST_PRODUCT", "least_product"]
