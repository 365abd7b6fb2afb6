"""What T6 and T7 conclude of a model for almost every start, by the rows that it answers."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from sympy import Mul, Piecewise, S, log, pi

from proofs_checks.propositions import (
    All,
    Bound,
    Is,
    Proposition,
    Rel,
    Subject,
    Tends,
    every,
    written,
)
from proofs_checks.theorems.almost_every import (
    ALMOST,
    ALMOST_LENGTHS,
    CONVERGES,
    FIRST,
    FOLLOWING,
    MEETS,
    MEETS_FIRST,
    RUNS_ON,
    clocked,
    lately,
)
from proofs_checks.theorems.circle_saddles import (
    BENDING,
    BENDS_LITTLE,
    CIRCLE_SADDLES,
    LEAST_HEAT,
)
from proofs_checks.theorems.conclusions import Conclusion, claimed
from proofs_checks.theorems.energy import (
    AT_HEAT,
    PairEnergy,
    attached,
    gradient_of,
    mirror_of,
    slope_of,
)
from proofs_checks.theorems.engines import SIGNS
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
from proofs_checks.theorems.one_pull import OFF_CENTRE, one_pull
from proofs_checks.theorems.own_weight import OWN_WEIGHT, PULLED_LENGTH, narrow, score_of
from proofs_checks.theorems.pulls import gram
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
    solving,
)
from proofs_checks.theorems.saddles import (
    CIRCLE,
    COLD_SADDLES,
    IN_SPACE,
    IN_SPACE_SADDLES,
    LARGE_SADDLES,
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
)
from theory.masks import Mask
from theory.symbols import r
from theory.terms import Elapsed, Entry

NARROW_WORDS = (
    "(M - m_i) χ(β) < m_i e^β for every i (N), M = Σ_j m_j, χ(β) = max(c e^(-βc), 0 <= c <= 1), at "
    "masses 1/n: n - 1 < e^(2β) for β <= 1, n - 1 < β e^(β+1) for β >= 1"
)


class States:
    """Facts about an energy of pairs, its pull and its model at all states."""

    def __init__(self, own: PairEnergy) -> None:
        self.own, self.subject = own, own.pull.subject
        self.mass = read(CURVE_POSITIVE, self.subject)
        self.still = read(CURVE_MASSES, self.subject)
        self.unit = read(CURVE_UNIT, self.subject)
        self.heat = heat_of(own.weight, gram(TOKEN, OTHER))
        masks = {a.args[0] for a in own.weight.atoms(Entry) if isinstance(a.args[0], Mask)}
        self.groups = tuple(assume(one) for mask in masks if (one := larger(mask)) is not None)

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
        sign = settle(SIGNS, Rel("<=", 0, self.own.weight), self.mass)
        return slope_of(self.own, self.still), mirror_of(self.own), sign

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

    @property
    def roots(self) -> tuple[Found, ...]:
        """That pulls have a length, where it is divided by."""
        roots = rooted(self.own.pull.weight)
        return (apply(PULLED_LENGTH, self.narrow, self.unit),) if roots else ()

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
        sign = settle(SIGNS, Rel("<", 0, self.own.pace), self.mass, *lengths)
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

    def in_space(self) -> Found:
        """T6a."""
        linked = settle(LINKS, links(self.own.weight), self.mass, *self.groups)
        return apply(IN_SPACE_SADDLES, *self.form, linked, self.warm, assume(IN_SPACE))

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

    def on_circle(self) -> Found:
        """T6 on the circle, for every n and any masses; what is divided by asks for b >= 0."""
        divided = rooted(self.own.pull.weight) or r in self.subject.velocities
        warm = self.warm if divided else self.nonnegative(self.heat, LEAST_HEAT)
        bends = settle(BENDING, Is(BENDS_LITTLE, LEAST_HEAT))
        return apply(CIRCLE_SADDLES, *self.form, self.mass, warm, bends, assume(CIRCLE))

    def small(self) -> Found:
        """T6c with the threshold of Theorem 4.3."""
        if self.heat.is_number and self.heat >= log(2):
            return Refusal("the least of two masses or more is at most 1/2")
        bound = apply(instantiate, assume(every(TOKEN, small_heat(self.heat))), values=(TOKEN,))
        facts = self.mass, self.warm, assume(ONE_MASS), bound, assume(ON_CIRCLES)
        return apply(SMALL_SADDLES, *self.form, *facts)

    def large(self) -> Found:
        """T6c with the threshold of Theorem 5.1."""
        facts = self.mass, self.warm, assume(large_heat(self.heat)), assume(ON_CIRCLES)
        return apply(LARGE_SADDLES, *self.form, *facts)


def _given(states: States) -> tuple[Proposition, ...]:
    """Return the hypotheses that a claim on almost every start may have."""
    heat = states.heat
    return (
        IN_SPACE,
        ON_CIRCLES,
        *(one.says for one in states.groups if isinstance(one, Theorem)),
        CIRCLE,
        Rel("<=", 0, heat),
        Rel("<", 0, heat),
        Rel("<=", LEAST_HEAT, heat),
        AT_HEAT,
        ONE_MASS,
        every(TOKEN, small_heat(heat)),
        large_heat(heat),
        narrow(heat),
    )


def _from_saddles(subject: Subject, *kinds: Callable[[States], Found]) -> Conclusion | None:
    own = attached(subject)
    if isinstance(own, Refusal):
        return None
    states = States(own)
    for kind in kinds:
        found = states.meets(kind(states))
        if isinstance(found, Theorem):
            then = All(Is(CONVERGES, subject), Is(MEETS, subject))
            return claimed(found, then, _given(states))
    return None


def _follows(subject: Subject) -> Conclusion | None:
    found = apply(MEETS_FIRST, read(FOLLOWING, subject), assume(ON_CIRCLES))
    if isinstance(found, Refusal):
        return None
    return claimed(found, Is(FIRST, subject), (ON_CIRCLES,))


def _of_one_pull(subject: Subject) -> tuple[str, Conclusion] | None:
    """Conclude T7f: at β = 0 tokens meet, whatever their lengths, or under a speed of all."""
    own = attached(subject)
    if isinstance(own, Refusal):
        return None
    found = one_pull(own, States(own).cold())
    if isinstance(found, Refusal):
        return None
    given = (ON_CIRCLES, OFF_CENTRE, solving(subject))
    said = "β = 0, d >= 2: from almost every start all tokens tend to one point"
    if OFF_CENTRE in found.given:
        starts = "from every start with Σ_j m_j x_j ≠ 0, almost every one for d >= 2,"
        said = f"β = 0: {starts} all tokens tend to one point"
    return said, claimed(found, found.says, given)


def _is_small(given: Proposition) -> bool:
    return isinstance(given, Bound) and not given.atoms(Piecewise)


def _is_narrow(given: Proposition) -> bool:
    return isinstance(given, Bound) and bool(given.atoms(Piecewise))


def _is_strict(given: Proposition) -> bool:
    """Whether a hypothesis is that b is above 0."""
    return isinstance(given, Rel) and given.op == "<" and given.left == 0


def _is_from(given: Proposition) -> bool:
    """Whether a hypothesis is that b is at least `LEAST_HEAT`."""
    return isinstance(given, Rel) and given.op == "<=" and given.left == LEAST_HEAT


KINDS: Mapping[str, tuple[Callable[[States], Found], ...]] = {
    "Theorem 4.1": (States.cold, States.tree, States.in_space),
    "circle": (States.tree, States.two, States.cold, States.on_circle),
    "Theorem 4.3": (States.small, States.in_space, States.tree),
    "Theorem 5.1": (States.large, States.in_space, States.tree),
    "Theorem 6.1": (States.in_space, States.tree),
}
"""What is known of saddles in the range that a row is about."""


def almost_every_start(row: str, subject: Subject) -> tuple[str, Conclusion] | None:
    """Conclude consensus from almost every start in the range of a row, and say it.

    Examples
    --------
    >>> from theory.models import CAUSAL
    >>> said, own = almost_every_start("Theorem 6.1", Subject.of(CAUSAL))
    >>> said
    'd >= 2: from almost every start all tokens tend to x_1(0)'
    """
    own = _follows(subject)
    if own is not None:
        return "d >= 2: from almost every start all tokens tend to x_1(0)", own
    own = _from_saddles(subject, *KINDS[row])
    if own is None:
        return _of_one_pull(subject) if row == "Theorem 4.1" else None
    ranges = [
        words
        for words, known in (
            ("β = 0", row == "Theorem 4.1"),
            ("d = 2", CIRCLE in own.says.given),
            ("β > 0", CIRCLE in own.says.given and any(map(_is_strict, own.says.given))),
            *((f"{written(one)}, β != 0", True) for one in own.says.given if _is_from(one)),
            ("d >= 3", IN_SPACE in own.says.given),
            ("d >= 2", ON_CIRCLES in own.says.given),
            ("β < -log(1 - min m)", any(map(_is_small, own.says.given))),
            ("β >= (d-1)(n-1)²/π²", any(one.has(pi) for one in own.says.given)),
            (NARROW_WORDS, any(map(_is_narrow, own.says.given))),
        )
        if known
    ]
    said = "every solution converges, from almost every start to consensus"
    return f"{', '.join(ranges)}: {said}", own
