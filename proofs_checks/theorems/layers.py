"""T10c: from almost every start the tokens of a layer meet, where its energy has strict saddles.

A layer ``x_i <- N(x_i + v_i)``, v_i = Σ_j p_ij x_j, that turns no token by π/2 or more: 0 < 1 +
<x_i,v_i>, as Σ_j p_ij < 1 gives, or (N). An energy climbs by a multiple of the step times its
slope, so orbits converge; at a strict saddle the layer has a multiplier above 1, and where it rests
none is 0.
"""

from __future__ import annotations

from typing import Any

from sympy import S

from proofs_checks.propositions import All, Any_, Definition, Is, Proposition, Rel, Subject
from proofs_checks.theorems.almost_every import MEETS, energy_in, everywhere, of_its_states
from proofs_checks.theorems.analytic import analytic, of_product
from proofs_checks.theorems.attraction import UNIT_PRODUCT
from proofs_checks.theorems.energy import PairEnergy, energy_of, gradient_of
from proofs_checks.theorems.engines import ADDED, SIGNS, spared
from proofs_checks.theorems.gradients import SHARES as WEIGHTS
from proofs_checks.theorems.gradients import pair_of
from proofs_checks.theorems.kernel import (
    Concluded,
    Fact,
    Found,
    NotConcluded,
    Reader,
    Refusal,
    Rule,
    Theorem,
    apply,
    assume,
    read,
    settle,
)
from proofs_checks.theorems.logic import cases, part, rename
from proofs_checks.theorems.order import SCALE, TOKEN_SUM, above, of_all, wants
from proofs_checks.theorems.own_weight import narrow
from proofs_checks.theorems.places import SHARES
from proofs_checks.theorems.pulls import Pull, gram
from proofs_checks.theorems.readers import OTHER, TOKEN, Facts, stepped
from proofs_checks.theorems.saddles import STRICT, form_of, one_product
from proofs_checks.theorems.states import States
from theory.symbols import X, t
from theory.terms import Inner, Projected, Row, Sort, ddt, total
from theory.terms import Number as Term

SEQUENCES = (
    "Absil, Mahony and Andrews, SIAM J. Optim. 16 (2005), Theorem 3.2: points at which an analytic "
    "function climbs by c |slope| |step| at least converge"
)
DISC = (
    "Shub, Global Stability of Dynamical Systems, Theorem III.7: orbits of a local diffeomorphism "
    "that stay near a fixed point lie in a disc, of codimension the number of multipliers > 1"
)
STEPS = Definition(
    "steps", "{0} takes x_i to (x_i + v_i)/|x_i + v_i|, v_i = {1}", (Subject, Sort.VECTOR)
)
SETTLES = Definition("settles", "the tokens of each orbit of {0} converge", (Subject,))


def pull_by(weight: Any) -> Any:
    """Return ``v_i = Σ_j p_ij x_j``."""
    return total(Row(X, OTHER) * weight, OTHER)


def ahead(weight: Any) -> Proposition:
    """Say that no token is turned by π/2 or more: ``0 < 1 + Σ_j p_ij <x_i,x_j>``."""
    return Rel("<", 0, 1 + total(weight * Inner(Row(X, TOKEN), Row(X, OTHER)), OTHER))


def _steps(subject: Subject) -> Facts:
    says = Is(STEPS, subject, pull_by(stepped(subject)))
    return frozenset(), says, "row i of what is divided by its length"


STEP = Reader("a layer", _steps)


def stepping(step: Fact, weight: Any) -> tuple[Subject, Any]:
    """Return the model of a layer, and its pull by the weights that are named."""
    if not isinstance(step.says, Is) or step.says.definition is not STEPS:
        raise NotConcluded("it needs what a layer does")
    subject, pull = step.says.arguments
    if pull != pull_by(weight):
        raise NotConcluded("the layer has other weights")
    return subject, pull


def _settles(
    step: Fact,
    strict: Fact,
    gradient: Fact,
    slope: Fact,
    mirror: Fact,
    sign: Fact,
    share: Fact,
    mass: Fact,
    warm: Fact,
    speeds: Fact,
    forward: Fact,
    weight: Any,
    pace: Any,
) -> Concluded:
    subject, pull = stepping(step, weight)
    pairs, scale, heat = form_of(slope, mirror, sign)
    one_product(scale, mass)
    wants(warm, Rel("<=", 0, heat))
    wants(share, Rel("=", pace * weight, pair_of(slope)[1]))
    energy = total(total(pairs, OTHER), TOKEN)
    wants(strict, Is(STRICT, energy))
    across = Inner(ddt(Row(X, TOKEN)), Projected(Row(X, TOKEN), pull))
    wants(gradient, Rel("=", ddt(energy), total(pace * across, TOKEN)))
    above(speeds, pace, strict=True)
    wants(forward, ahead(weight))
    facts = gradient, slope, mirror, sign, share, mass, warm, speeds, forward
    for fact in (step, *facts):
        of_all(fact, TOKEN, OTHER, t)
    everywhere(subject, strict, *facts)
    if not (analytic(energy_in(gradient)) and analytic(weight) and of_product(pace)):
        raise NotConcluded("energy or layer aren't known to be analytic in the tokens")
    says = All(Is(SETTLES, subject), Is(MEETS, subject))
    return Concluded(says, spares=of_its_states(subject))


SETTLING = Rule(
    "almost every start of a layer",
    "x_i <- N(x_i + v_i), v_i = Σ_j p_ij x_j; strict saddles of E but for consensus; E' = Σ_i τ_i "
    "<x_i',P_i v_i> of any curve; e_ij' = w_ij <x_i,x_j>'/2, w_ij = m_i m_j e^(b<x_i,x_j>); w_ij = "
    "w_ji; 0 <= w_ij; τ_i p_ij = w_ij; 0 < m_i; 0 <= b; 0 < τ_i; 0 < 1 + <x_i,v_i> at all states: "
    "orbits converge, and from almost every start all tokens meet",
    "e_ij is convex in <x_i,x_j>, and (w_ij) positive semidefinite, as powers of a Gram matrix, "
    "entry by entry, are: with y_i = x_i+ - x_i E(X+) - E(X) >= Σ τ_i <v_i,y_i> + ½ Σ w_ij "
    "<y_i,y_j>, the latter >= 0. 0 <= φ <= θ the angles from x_i to x_i+ and v_i: <v_i,y_i> = 2 "
    "|v_i| sin(θ - φ/2) sin(φ/2) >= ½ |P_i v_i| |y_i|, as sin(θ - φ/2) >= ½ sin θ; φ < π/2, sin φ "
    "= |P_i v_i|/|x_i + v_i|, so |y_i| is comparable with |P_i v_i|, and E climbs by c |∇E| |y|. "
    "Where it rests v_i = λ_i x_i, 1 + λ_i > 0 and DF = I + diag(1/((1 + λ_i) τ_i)) Hess E: a "
    "multiplier > 1 at a strict saddle; and <u,Hess E u> + Σ (1 + λ_i) τ_i |u_i|² = ½ b Σ w_ij "
    "(<u_i,x_j> + <x_i,u_j>)² + Σ w_ij <u_i,u_j> + Σ τ_i |u_i|² > 0: none is 0. So F is analytic "
    "and det DF no zero function of the states, which are connected as d >= 2 where there are two "
    "tokens and a strict saddle: preimages of null sets are null; a countable cover by discs",
    _settles,
    (SEQUENCES, DISC),
)
"""T10c."""


class Layers(States):
    """Facts about a layer x_i <- N(x_i + Σ_j p_ij x_j), and about its energy at all states."""

    converges = SETTLES
    asks_warm = True

    def __init__(self, own: PairEnergy) -> None:
        super().__init__(own)
        self.step = own.pull.weight.as_independent(Term, as_Add=False)[0]
        free = sorted(self.step.free_symbols, key=str)
        self.positive = tuple(assume(Rel("<", 0, s)) for s in free if s.is_positive is None)

    @property
    def steps(self) -> tuple[Proposition, ...]:
        """What may be assumed of the step alone."""
        return (Rel("<", self.step, 1),)

    def _signed(self, says: Proposition) -> Found:
        return spared(SIGNS, says, self.mass, *self.positive)

    def _short(self, below: Found) -> Found:
        """``0 < 1 + Σ_j p_ij <x_i,x_j>`` of shares of a row times a step η < 1."""
        weight, step = self.own.pull.weight, self.step
        cosine = apply(UNIT_PRODUCT, self.unit, apply(rename, self.unit, values={TOKEN: OTHER}))
        room = settle(ADDED, Rel("<=", 0, 1 + gram(TOKEN, OTHER)), apply(part, cosine, place=0))
        terms = apply(SCALE, self._signed(Rel("<=", 0, weight)), room)
        rows = apply(SHARES, self.mass, share=weight / step, index=OTHER)
        whole = apply(SCALE, self._signed(Rel("<=", 0, step)), rows)
        return settle(ADDED, ahead(weight), apply(TOKEN_SUM, terms, index=OTHER), whole, below)

    def _narrow(self) -> Found:
        """``0 < 1 + Σ_j p_ij <x_i,x_j>`` under (N)."""
        along = apply(SCALE, self._signed(Rel("<", 0, self.step)), self.narrow)
        return settle(ADDED, ahead(self.own.pull.weight), along, settle(SIGNS, Rel("<=", 0, S.One)))

    @property
    def forward(self) -> Found:
        """``0 < 1 + Σ_j p_ij <x_i,x_j>``: of a step below 1, or under (N)."""
        (below,) = self.steps
        known = settle(SIGNS, Rel("<", 0, 1 - self.step))
        if isinstance(known, Theorem):
            return self._short(known)
        narrowly = self._narrow()
        if (1 - self.step).is_nonpositive:
            return narrowly
        shortly = self._short(assume(below))
        if isinstance(narrowly, Refusal):
            return shortly
        either = assume(Any_(below, narrow(self.heat)))
        return apply(cases, either, shortly, narrowly)

    def meets(self, strict: Found) -> Found:
        """Conclude from strict saddles that orbits converge, almost all to consensus."""
        weight, pace = self.own.pull.weight, self.own.pace
        facts = (
            read(STEP, self.subject),
            strict,
            gradient_of(self.own, self.unit, self.still, ()),
            *self.form,
            settle(WEIGHTS, Rel("=", pace * weight, self.own.weight)),
            self.mass,
            self.warm,
            self._signed(Rel("<", 0, pace)),
            self.forward,
        )
        return apply(SETTLING, *facts, weight=weight, pace=pace)

    @property
    def given(self) -> tuple[Proposition, ...]:
        """Hypotheses that a claim on almost every start may have, and those on the step."""
        own = narrow(self.heat)
        signs = (one.says for one in self.positive if isinstance(one, Theorem))
        either = (Any_(below, own) for below in self.steps)
        return *super().given, *signs, *self.steps, *either


def layered(subject: Subject) -> Layers | None:
    """Return what is known of the states of a layer that has an energy of pairs.

    Examples
    --------
    >>> from theory.models import catalogue
    >>> layered(Subject.of(catalogue("discrete layer"))).step
    eta
    """
    try:
        weight = stepped(subject)
        return Layers(energy_of(Pull(subject, weight, Refusal("it is no flow"))))
    except NotConcluded:
        return None
