"""Facts about an energy of pairs at all states of its model: T6 and T7 of each are asked here."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cached_property
from typing import Any

from sympy import Dummy, Mul, S, exp, log

from proofs_checks.propositions import Definition, Is, Proposition, Rel, Tends, every
from proofs_checks.theorems.almost_every import (
    ALMOST,
    ALMOST_LENGTHS,
    CONVERGES,
    RUNS_ON,
    clocked,
    lately,
)
from proofs_checks.theorems.arcs import ARC_SADDLES, at_threshold, exponential_dips
from proofs_checks.theorems.attraction import SEVERAL
from proofs_checks.theorems.circle_saddles import (
    BENDING,
    BENDS_LITTLE,
    CIRCLE_SADDLES,
    ENOUGH,
    LEAST_HEAT,
)
from proofs_checks.theorems.energy import (
    PairEnergy,
    gradient_of,
    heated,
    mirror_of,
    slope_of,
)
from proofs_checks.theorems.engines import ADDED, SIGNS, spared
from proofs_checks.theorems.kernel import (
    Found,
    NotConcluded,
    Refusal,
    Theorem,
    apply,
    assume,
    read,
    settle,
)
from proofs_checks.theorems.lengths import LENGTH
from proofs_checks.theorems.logic import instantiate
from proofs_checks.theorems.own_weight import OWN_WEIGHT, PULLED_LENGTH, narrow, score_of
from proofs_checks.theorems.pulls import cosines_of, gram
from proofs_checks.theorems.readers import (
    CURVE_LENGTHS,
    CURVE_MASSES,
    CURVE_POSITIVE,
    CURVE_UNIT,
    LENGTHS,
    MOTION,
    OTHER,
    TOKEN,
    rooted,
)
from proofs_checks.theorems.saddles import (
    CIRCLE,
    COLD_SADDLES,
    IN_SPACE,
    IN_SPACE_SADDLES,
    LINKS,
    ON_CIRCLES,
    ONE_MASS,
    SEEN,
    SMALL_SADDLES,
    TREE_SADDLES,
    TREES,
    TWO_SADDLES,
    forms_tree,
    heat_of,
    large_heat,
    larger,
    links,
    small_heat,
    steepness,
)
from theory.masks import Mask
from theory.symbols import m, r, z
from theory.terms import Elapsed, Entry, Item
from theory.terms import Number as Term


class States:
    """Facts about an energy of pairs, its pull and its model at all states."""

    converges: Definition = CONVERGES
    """What is said of each solution."""

    def __init__(self, own: PairEnergy) -> None:
        self.own, self.subject = own, own.pull.subject
        self.mass = read(CURVE_POSITIVE, self.subject)
        self.still = read(CURVE_MASSES, self.subject)
        self.unit = read(CURVE_UNIT, self.subject)
        self.heat = self._heat()
        masks = {a.args[0] for a in own.weight.atoms(Entry) if isinstance(a.args[0], Mask)}
        self.groups = tuple(assume(one) for mask in masks if (one := larger(mask)) is not None)

    def _heat(self) -> Any:
        """Return b of ``w_ij = S_ij e^(b <x_i,x_j>)``, or of the one such power in it."""
        inner, weight = gram(TOKEN, OTHER), self.own.weight
        heat = heat_of(weight, inner)
        if not heat.atoms(Dummy):
            return heat
        powers = {one.args[0].expand().coeff(inner) for one in weight.atoms(exp)}
        powers = {-one if one.could_extract_minus_sign() else one for one in powers}
        return powers.pop() if len(powers) == 1 else heat

    @property
    def kernel(self) -> Any:
        """K of ``w_ij = m_i m_j k(<x_i,x_j>)``, in z; None of other weights."""
        kernel = (self.own.weight / (Item(m, TOKEN) * Item(m, OTHER))).xreplace(
            {gram(TOKEN, OTHER): z}
        )
        return None if kernel.has(Term) else kernel

    @property
    def steps(self) -> tuple[Proposition, ...]:
        """What may be assumed of the step alone, of a layer."""
        return ()

    @property
    def warm(self) -> Found:
        """``0 <= b``."""
        return self.nonnegative(self.heat)

    def nonnegative(self, a: Any, low: Any = S.Zero) -> Found:
        """``0 <= a`` of a parameter, or ``low <= a``: as it is known, or else assumed."""
        known = settle(SIGNS, Rel("<=", 0, a - low))
        if isinstance(known, Theorem) or (a - low).is_nonpositive:
            return known
        return assume(Rel("<=", low, a))

    @property
    def form(self) -> tuple[Found, Found, Found]:
        """Slopes of the pairs, their symmetry, their sign."""
        rooms = cosines_of(self.unit)[:2]
        sign = spared(SIGNS, Rel("<=", 0, self.own.weight), self.mass, *rooms)
        return slope_of(self.own, self.still, self.unit), mirror_of(self.own, self.unit), sign

    @property
    def defined(self) -> Iterator[Found]:
        """What says that speeds are positive: lengths, pulls under (N), somebody is seen."""
        if self.own.pull.weight.has(LENGTH):
            yield read(CURVE_LENGTHS, self.subject)
        yield from self.roots
        for factor in Mul.make_args(self.own.pace):
            seen = settle(SEEN, Rel("<", 0, factor), self.mass, *self.groups)
            if isinstance(seen, Theorem):
                yield seen

    @cached_property
    def divides_by_pulls(self) -> bool:
        """Whether it divides by roots of more than what is positive on the sphere."""
        known = self.mass, *cosines_of(self.unit)[:2]
        signs = (settle(SIGNS, Rel("<", 0, b), *known) for b in rooted(self.own.pull.weight))
        return any(isinstance(one, Refusal) for one in signs)

    @property
    def roots(self) -> tuple[Found, ...]:
        """That pulls have a length, where it is divided by."""
        return (apply(PULLED_LENGTH, self.narrow, self.unit),) if self.divides_by_pulls else ()

    @property
    def asks_warm(self) -> bool:
        """Whether more than the saddles asks for ``0 <= b``: what is divided by does."""
        return self.divides_by_pulls or r in self.subject.velocities

    @property
    def narrow(self) -> Found:
        """``0 < Σ_j A_ij <x_i,x_j>`` under (N)."""
        shares = {a for a in self.own.pull.weight.atoms(Entry) if a.args[1:] == (TOKEN, OTHER)}
        if len(shares) != 1:
            return Refusal("the weights aren't one softmax")
        share = shares.pop()
        facts = self.mass, self.still, self.unit, self.warm, assume(narrow(self.heat))
        known = score_of(share)
        slope = S.Zero if known is None else known[1]
        far = () if slope == 0 else (self.nonnegative(slope),)
        return apply(OWN_WEIGHT, *facts, *far, share=share)

    def meets(self, strict: Found) -> Found:
        """Conclude from strict saddles that solutions converge, almost all to consensus."""
        lengths = tuple(self.defined)
        slope = gradient_of(self.own, self.unit, self.still, lengths)
        ahead = Rel("<", 0, self.own.pace)
        sign = settle(SIGNS, ahead, self.mass, *lengths)
        if isinstance(sign, Refusal) and self.heat.free_symbols:  # a pace may be b times a flow's
            hot = assume(Rel("<", 0, self.heat))
            sign = settle(SIGNS, ahead, self.mass, *lengths, hot)
        facts = [strict, slope, read(MOTION, self.subject), sign]
        rule = ALMOST
        try:
            pace = lately(self.own.pace)
            if r in self.subject.velocities:
                rule, motion = ALMOST_LENGTHS, read(LENGTHS, self.subject)
                if isinstance(motion, Refusal):
                    return motion
                grows = Rel("<", 0, lately(motion.says.right))
                facts += [motion, settle(SIGNS, grows, self.narrow, *self.roots)]
            slow, _ = clocked(pace)
        except NotConcluded as short:
            return Refusal(str(short))
        if slow != 1:
            runs = settle(RUNS_ON, Tends(Elapsed(1 / slow), S.Infinity, S.Infinity))
            facts.append(runs)
        return apply(rule, *facts)

    # -- saddles

    def in_space(self, dimension: Rel = IN_SPACE) -> Found:
        """T6a, from a dimension on that is at least 3."""
        linked = settle(LINKS, links(self.own.weight), self.mass, *self.groups)
        roomy = assume(dimension)
        if dimension != IN_SPACE:
            more = settle(SIGNS, Rel("<=", 0, dimension.left - 3))
            roomy = settle(ADDED, IN_SPACE, roomy, more)
        return apply(IN_SPACE_SADDLES, *self.form, linked, self.warm, roomy)

    def cold(self) -> Found:
        """At β = 0, T6c."""
        return apply(COLD_SADDLES, *self.form, self.mass, assume(ON_CIRCLES))

    def tree(self) -> Found:
        """T6b."""
        tree = settle(TREES, forms_tree(self.own.weight), self.mass)
        return apply(TREE_SADDLES, *self.form, tree, assume(ON_CIRCLES))

    def two(self) -> Found:
        """T6d."""
        hot = settle(SIGNS, Rel("<", 0, self.heat))
        if isinstance(hot, Refusal) and not self.heat.is_nonpositive:
            hot = assume(Rel("<", 0, self.heat))
        groups = self.groups or (Refusal("no two classes"),)
        return apply(TWO_SADDLES, *self.form, hot, groups[0], assume(CIRCLE))

    def on_circle(self, low: Any = LEAST_HEAT) -> Found:
        """T6 on the circle, for every n and any masses, from a heat on."""
        warm = self.warm if self.asks_warm else self.nonnegative(self.heat, low)
        bends = settle(BENDING, Is(BENDS_LITTLE, ENOUGH, low))
        return apply(CIRCLE_SADDLES, *self.form, self.mass, warm, bends, assume(CIRCLE))

    def small(self) -> Found:
        """T6c with the threshold of Theorem 4.3."""
        if self.heat.is_number and self.heat >= log(2):
            return Refusal("the least of two masses or more is at most 1/2")
        rises, rest = steepness(self.own.weight, gram(TOKEN, OTHER), self.heat)
        known = self.mass, self.warm
        facts = (
            settle(SIGNS, Rel("<", 0, self.own.weight), self.mass),
            self.mass,
            *(spared(SIGNS, Rel("<=", 0, one), *known) for one in (rises, rest)),
            self.warm,
            assume(ONE_MASS),
            apply(instantiate, assume(every(TOKEN, small_heat(self.heat))), values=(TOKEN,)),
            assume(ON_CIRCLES),
        )
        return apply(SMALL_SADDLES, *self.form[:2], *facts)

    def large(self) -> Found:
        """T6c with the threshold of Theorem 5.1."""
        if isinstance(self.warm, Refusal):
            return self.warm
        low = assume(large_heat(self.heat))
        hot, edge = at_threshold(self.heat, low)
        return self.by_arcs(exponential_dips(self.heat, hot, edge), ON_CIRCLES)

    def by_arcs(self, dip: Found, dimension: Proposition) -> Found:
        """T6c, of what `ARC_SADDLES` needs of the kernel."""
        low, high, _ = cosines_of(self.unit)
        sign = spared(SIGNS, Rel("<", 0, self.own.weight), self.mass, low, high)
        return apply(ARC_SADDLES, *self.form[:2], sign, self.mass, dip, assume(dimension))

    @property
    def given(self) -> tuple[Proposition, ...]:
        """Hypotheses that a claim on almost every start may have."""
        heat = self.heat
        return (
            IN_SPACE,
            ON_CIRCLES,
            SEVERAL,
            *(one.says for one in self.groups if isinstance(one, Theorem)),
            CIRCLE,
            Rel("<=", 0, heat),
            Rel("<", 0, heat),
            Rel("<=", LEAST_HEAT, heat),
            *(one.says for one in heated(self.own.pairs) if isinstance(one, Theorem)),
            ONE_MASS,
            every(TOKEN, small_heat(heat)),
            large_heat(heat),
            narrow(heat),
        )
