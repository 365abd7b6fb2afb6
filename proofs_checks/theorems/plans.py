"""Doubly stochastic attention, from almost every start to consensus: its energy is a maximum.

A_ij = e^(p_i + b<x_i,x_j> + p_j) m_j of rows that sum to 1: π_ij = m_i A_ij is the plan, of
marginals m, that makes ½ Σ π_ij <x_i,x_j> - KL(π | m m^T)/(2b) largest, and that maximum is
E = -Σ_i m_i p_i/b. Along a curve from a state E lies above what the plan of that state makes of it,
and meets it there: where the pair energy of weights π_ij that are held bends up, E does.
"""

from __future__ import annotations

from typing import Any

from sympy import S, exp

from proofs_checks.propositions import All, Any_, Is, Proposition, Rel, Subject, Tends, every
from proofs_checks.theorems.almost_every import ALMOST, CONVERGES, MEETS, RUNS_ON, clocked
from proofs_checks.theorems.conclusions import Conclusion, claimed
from proofs_checks.theorems.engines import EQUAL, SIGNS
from proofs_checks.theorems.kernel import (
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
from proofs_checks.theorems.logic import cases, instantiate
from proofs_checks.theorems.order import START, above, of_all, wants
from proofs_checks.theorems.places import softmax_of
from proofs_checks.theorems.pulls import gram
from proofs_checks.theorems.readers import (
    CONSTANT_MASSES,
    CURVE_MASSES,
    CURVE_POSITIVE,
    CURVE_UNIT,
    MASSES,
    MOTION,
    OTHER,
    TOKEN,
    UNIT,
    weights_of,
)
from proofs_checks.theorems.saddles import (
    IN_SPACE,
    IN_SPACE_SADDLES,
    LINKS,
    ON_CIRCLES,
    STRICT,
    links,
    strict,
)
from theory.atoms import Sinkhorn, SinkhornPotential
from theory.symbols import X, m, t
from theory.terms import (
    Elapsed,
    Entry,
    Inner,
    Item,
    Name,
    Norm,
    Projected,
    Row,
    at,
    ddt,
    entry,
    moving,
    total,
)

SCALING = (
    "Sinkhorn, Amer. Math. Monthly 74 (1967): a positive symmetric kernel has one potential that "
    "gives it both marginals m; by the implicit function theorem it is analytic in the tokens"
)
_SWAP = {TOKEN: OTHER, OTHER: TOKEN}


def energy_of(softmax: Sinkhorn, heat: Any) -> Any:
    """Return ``E = -Σ_i m_i p_i/b``."""
    potential = Item(SinkhornPotential(softmax.scores, softmax.masses), TOKEN)
    return total(-Item(m, TOKEN) * potential / heat, TOKEN)


def held(share: Any) -> Any:
    """Return ``(m_i A_ij)(0)``: the plan of a state, held."""
    return at(Item(m, TOKEN) * share)


def _plan(share: Any, mass: Fact, warm: Fact) -> tuple[Sinkhorn, Any]:
    """Return the weights A and b > 0 of their scores b <x_i,x_j>."""
    softmax = softmax_of(share, mass)
    if type(softmax) is not Sinkhorn or softmax.masses != m or share.args[1:] != (TOKEN, OTHER):
        raise NotConcluded(f"{share} is no weight with potentials")
    heat = entry(softmax.scores, TOKEN, OTHER) / gram(TOKEN, OTHER)
    if moving(heat) or {TOKEN, OTHER} & heat.free_symbols:
        raise NotConcluded("its scores aren't b <x_i,x_j>, of a constant b")
    above(warm, heat, strict=True)
    return softmax, heat


def _balanced(mass: Fact, warm: Fact, share: Any) -> Proposition:
    _plan(share, mass, warm)
    plan = Item(m, TOKEN) * share
    return Rel("=", plan, plan.xreplace(_SWAP))


def _slope(
    mass: Fact, still: Fact, unit: Fact, warm: Fact, speed: Fact, share: Any, pace: Any
) -> Proposition:
    softmax, heat = _plan(share, mass, warm)
    x, moved = Row(X, TOKEN), Item(m, TOKEN)
    wants(still, Rel("=", moved, at(moved)))
    wants(unit, Rel("=", Norm(x), 1))
    for fact in (still, unit):
        of_all(fact, TOKEN, t)
    above(speed, pace, strict=True)
    if {TOKEN, OTHER} & pace.free_symbols or pace.has(X):
        raise NotConcluded("the pace isn't one of all tokens")
    pull = Projected(x, total(Row(X, OTHER) * (pace * share), OTHER))
    across = moved / pace * Inner(ddt(x), pull)
    return Rel("=", ddt(energy_of(softmax, heat)), total(across, TOKEN))


def _highest(mass: Fact, warm: Fact, saddles: Fact, share: Any) -> Proposition:
    softmax, heat = _plan(share, mass, warm)
    wants(saddles, strict(held(share) * gram(TOKEN, OTHER) / 2))
    of_all(saddles, t)
    return Is(STRICT, energy_of(softmax, heat))


def small(heat: Any) -> Proposition:
    """Say ``e^(2b) (e^b - 1) (Σ_j m_j - m_i) < m_i``."""
    own = Item(m, TOKEN)
    return Rel("<", exp(2 * heat) * (exp(heat) - 1) * (total(Item(m, OTHER), OTHER) - own), own)


def _small(mass: Fact, warm: Fact, bound: Fact, dimension: Fact, share: Any) -> Proposition:
    softmax, heat = _plan(share, mass, warm)
    wants(bound, small(heat))
    of_all(bound, TOKEN)
    wants(dimension, ON_CIRCLES)
    return Is(STRICT, energy_of(softmax, heat))


BALANCED = Rule(
    "balance of a plan",
    "0 < m_i; 0 < b: m_i A_ij = m_j A_ji, A_ij = e^(p_i + b<x_i,x_j> + p_j) m_j of rows that sum "
    "to 1",
    "as it is defined",
    _balanced,
    (SCALING,),
)
PLAN_SLOPE = Rule(
    "gradient of the energy of plans",
    "0 < m_i; m_i = m_i(0); |x_i| = 1; 0 < b; 0 < c, for every i, A_ij = e^(p_i + b<x_i,x_j> + "
    "p_j) m_j of rows that sum to 1: E' = Σ_i (m_i/c) <x_i', P_i Σ_j c A_ij x_j>, E = -Σ_i m_i "
    "p_i/b",
    "1 = Σ_j e^(p_i + b g_ij + p_j) m_j has the derivative 0 = Σ_j A_ij (p_i' + b g_ij' + p_j'); "
    "times m_i and summed, as m_i A_ij is symmetric of marginals m: 2 Σ_i m_i p_i' = -b Σ m_i A_ij "
    "g_ij', so E' = ½ Σ m_i A_ij g_ij' = Σ_i m_i <x_i', Σ_j A_ij x_j>, and <x_i',x_i> = 0",
    _slope,
    (SCALING,),
)
HIGHEST_PLAN = Rule(
    "a largest plan",
    "0 < m_i; 0 < b; whatever the plan π_ij = (m_i A_ij)(0) of a state, critical points of ½ Σ "
    "π_ij <x_i,x_j> but consensus have a direction of positive second derivative: so have those of "
    "E = -Σ_i m_i p_i/b",
    "½ Σ π_ij g_ij - KL(π | m m^T)/(2b) is strictly concave in plans π of marginals m, and "
    "stationary where log(π_ij/(m_i m_j)) - b g_ij is p_i + p_j: its maximum is E, at π_ij = m_i "
    "A_ij. So E is at least ½ Σ π_ij g_ij - KL/(2b) of the π of one state, and equal at it: both "
    "are critical there together, and E'' is no less",
    _highest,
    (SCALING,),
)
SMALL_PLAN = Rule(
    "strict saddles of plans at small b",
    "0 < m_i; 0 < b; e^(2b) (e^b - 1) (Σ_j m_j - m_i) < m_i for every i; 2 <= d: each critical "
    "point of E = -Σ_i m_i p_i/b but consensus has a direction of positive second derivative",
    "E is at least ½ Σ π_ij g_ij - KL/(2b) of the plan of a state, and equal at it. Where no token "
    "alone has E'' > 0, as g'' = -g along its geodesics, Σ_(j≠i) π_ij g_ij >= 0, π_ij = m_i u_i "
    "m_j u_j e^(b g_ij), u_i = e^(p_i) = 1/Σ_j m_j u_j e^(b g_ij), so u_j <= e^(2b) u_i; (e^(b g) "
    "- 1) g <= e^b - 1, so <x_i, Σ_j m_j u_j x_j> >= u_i (m_i - e^(2b) (e^b - 1) (Σ_j m_j - m_i)) "
    "> 0: all are in an open hemisphere, where the lowest token moves unless all are one",
    _small,
    (SCALING,),
)


_OF_CURVES = CURVE_POSITIVE, CURVE_UNIT, CURVE_MASSES


class Plans:
    """Facts about ``x_i' = c P_i Σ_j A_ij x_j``, A doubly stochastic, at all states.

    Parameters
    ----------
    subject : Subject
    solved : bool
        Whether they are of solutions instead of all curves.
    """

    def __init__(self, subject: Subject, solved: bool = False) -> None:
        self.subject, weight = subject, weights_of(subject)
        shares = [a for a in weight.atoms(Entry) if type(a.args[0]) is Sinkhorn]
        if len(shares) != 1 or shares[0].args[1:] != (TOKEN, OTHER):
            raise NotConcluded("the weights aren't one with potentials")
        self.share = shares[0]
        self.pace = weight / self.share
        self.heat = entry(self.share.args[0].scores, TOKEN, OTHER) / gram(TOKEN, OTHER)
        known = (MASSES, UNIT, CONSTANT_MASSES) if solved else _OF_CURVES
        self.mass, self.unit, self.still = (read(one, subject) for one in known)
        self.warm = settle(SIGNS, Rel("<", 0, self.heat))
        if isinstance(self.warm, Refusal) and not self.heat.is_nonpositive:
            self.warm = assume(Rel("<", 0, self.heat))

    @property
    def slope(self) -> Found:
        """``E' = Σ_i (m_i/c) <x_i', v_i>`` along every curve, v the velocity at a pace c."""
        speed = settle(SIGNS, Rel("<", 0, self.pace))
        names = {"share": self.share, "pace": self.pace}
        return apply(PLAN_SLOPE, self.mass, self.still, self.unit, self.warm, speed, **names)

    def in_space(self) -> Found:
        """T6a of the plan of a state, which E is above."""
        plan, pair = held(self.share), gram(TOKEN, OTHER)
        positive = settle(SIGNS, Rel("<", 0, Item(m, TOKEN) * self.share), self.mass)
        sign = apply(START, positive)
        saddles = apply(
            IN_SPACE_SADDLES,
            settle(EQUAL, Rel("=", ddt(plan * pair / 2), plan * ddt(pair) / 2)),
            apply(START, apply(BALANCED, self.mass, self.warm, share=self.share)),
            sign,
            settle(LINKS, links(plan), sign),
            settle(SIGNS, Rel("<=", 0, S.Zero)),
            assume(IN_SPACE),
        )
        return apply(HIGHEST_PLAN, self.mass, self.warm, saddles, share=self.share)

    def small(self) -> Found:
        """At small b, for every d >= 2."""
        if self.heat.is_number and exp(2 * self.heat) * (exp(self.heat) - 1) >= 1:
            return Refusal("the least of two masses or more is at most the rest")
        bound = apply(instantiate, assume(every(TOKEN, small(self.heat))), values=(TOKEN,))
        facts = self.mass, self.warm, bound, assume(ON_CIRCLES)
        return apply(SMALL_PLAN, *facts, share=self.share)

    def both(self) -> Found:
        """Conclude it in space, or at small b."""
        either = Any_(IN_SPACE, every(TOKEN, small(self.heat)))
        found = apply(cases, assume(either), self.in_space(), self.small())
        return self.in_space() if isinstance(found, Refusal) else found

    def meets(self, saddles: Found) -> Found:
        """From almost every start to consensus."""
        over = settle(SIGNS, Rel("<", 0, Item(m, TOKEN) / self.pace), self.mass)
        facts = [saddles, self.slope, read(MOTION, self.subject), over]
        try:
            slow, _ = clocked(Item(m, TOKEN) / self.pace)
        except NotConcluded as short:
            return Refusal(str(short))
        if slow != 1:
            facts.append(settle(RUNS_ON, Tends(Elapsed(1 / slow), S.Infinity, S.Infinity)))
        return apply(ALMOST, *facts)


def plans_of(row: str, subject: Subject) -> Conclusion | None:
    """Claim consensus from almost every start of doubly stochastic attention.

    Examples
    --------
    >>> from theory.models import SA, SINKHORN
    >>> print(plans_of("Theorem 6.1", Subject.of(SINKHORN)).found.by.name)
    almost every start of a gradient
    >>> plans_of("Theorem 6.1", Subject.of(SA)) is None
    True
    """
    try:
        own = Plans(subject)
    except NotConcluded:
        return None
    found = own.meets(own.both() if row == "Theorem 4.3" else own.in_space())
    if isinstance(found, Refusal):
        return None
    then = All(Is(CONVERGES, subject), Is(MEETS, subject))
    either = Any_(IN_SPACE, every(TOKEN, small(own.heat)))
    given = Rel("<", 0, own.heat), IN_SPACE, ON_CIRCLES, either
    names = (
        Name("E", energy_of(own.share.args[0], own.heat)),
        Name("A", own.share, (TOKEN, OTHER)),
        Name("M", total(Item(m, OTHER), OTHER)),
        Name("p", Item(SinkhornPotential(*own.share.args[0].args[:2]), TOKEN), (TOKEN,)),
    )
    return claimed(found, then, given, names)
