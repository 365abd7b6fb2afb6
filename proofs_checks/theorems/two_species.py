"""T1, T2 and T9a of two species in pull form, concluded: heights, cones, one cluster, late growth.

Every token is pulled by tokens of both, ``b_i' = P_i Σ_C Σ_j p_ij c_j``. Where both move and each
token sees the l tokens of one species by a weight of b at least, D <= D(0) e^(-h l b t).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import Any

from sympy import Add, Mul, S, exp, oo

from proofs_checks.propositions import Is, Proposition, Rel, Subject, Tends, every
from proofs_checks.theorems.attraction import GRONWALL, UNIT_PRODUCT
from proofs_checks.theorems.bounds import BOUNDED, UP_TO
from proofs_checks.theorems.conclusions import Conclusion, claimed
from proofs_checks.theorems.engines import ADDED, EQUAL, SIGNS, VANISHES, needed, spared
from proofs_checks.theorems.kernel import (
    Found,
    Refusal,
    Theorem,
    apply,
    assume,
    read,
    settle,
)
from proofs_checks.theorems.late import LATE
from proofs_checks.theorems.logic import (
    discharge,
    generalise,
    instantiate,
    part,
    rename,
    together,
)
from proofs_checks.theorems.order import CHAIN, REPLACE, SCALE, SIZE, TOKEN_SUM, TURNED
from proofs_checks.theorems.pulls import UNIT_AXIS, H, W
from proofs_checks.theorems.readers import MASSES, solving
from proofs_checks.theorems.species import (
    CONES_OF_ALL,
    EVEN_SHARE,
    LEAST_OF_ALL,
    OWN_CONE,
    SMALLER,
    SPECIES,
    SPECIES_DECAY,
    SPECIES_GROWTH,
    SPECIES_MEET,
    SPHERES,
    TOWARDS,
    Z,
    averaged,
    cosine,
    height_of,
    least_of,
    nearness_of,
    of_limits,
    places,
    pulls_in,
    species_of,
    width_of,
)
from theory.symbols import t
from theory.terms import Elapsed, Entry, Name, Norm, Row, at, ddt, entry, total


@dataclass(frozen=True, eq=False)
class Species:
    """What is concluded of a model of two species in pull form.

    Attributes
    ----------
    subject : Subject
    blocks : tuple of MatrixSymbol
        X first.
    weights : Mapping
        p_ij of each species that moves, by the species of j.
    """

    subject: Subject
    blocks: tuple[Any, ...]
    weights: Mapping[Any, Mapping[Any, Any]]

    @property
    def all_move(self) -> bool:
        """Whether no species stays."""
        return set(self.weights) == set(self.blocks)

    @cached_property
    def common(self) -> Any:
        """The species that every token sees, weighed alike, where all move; None for none."""
        for block in self.blocks:
            if self.all_move and not any(isinstance(one, Refusal) for one in self._lows(block)):
                return block
        return None

    @property
    def closed(self) -> bool:
        """Whether the species that all see sees itself alone."""
        return self.common is not None and set(self.weights[self.common]) == {self.common}

    # -- what is read

    def motion(self, block: Any) -> Found:
        """``b_i' = P_i Σ_C Σ_j p_ij c_j``, or ``b_i = b_i(0)``."""
        return apply(part, read(SPECIES, self.subject), place=self.blocks.index(block))

    def unit(self, block: Any, place: int = 0) -> Found:
        """``|b_i| = 1``: on the sphere, or of keys that stay as it is given at the start."""
        i, _ = places(block)
        spheres = [b for b in self.blocks if self.subject.spaces[b] == "sphere"]
        found = read(SPHERES, self.subject)
        if block not in spheres:
            start = apply(instantiate, assume(unit_keys(block)), values=(i,))
            found = apply(REPLACE, apply(TURNED, self.motion(block)), start)
        elif len(spheres) > 1:
            found = apply(part, found, place=spheres.index(block))
        return apply(rename, found, values={i: places(block)[1]}) if place else found

    def cosines(self, block: Any, other: Any) -> tuple[Found, Found]:
        """``-1 <= <b_i,c_j>`` and ``<b_i,c_j> <= 1``."""
        both = apply(UNIT_PRODUCT, self.unit(block), self.unit(other, 1))
        return apply(part, both, place=0), apply(part, both, place=1)

    def sign(self, block: Any, other: Any) -> Found:
        """``0 <= p_ij``."""
        says = Rel("<=", 0, self.weights[block][other])
        return spared(SIGNS, says, read(MASSES, self.subject))

    def signs(self, block: Any) -> tuple[Found, ...]:
        """``0 <= p_ij``, by the species of j."""
        return tuple(self.sign(block, c) for c in self.weights[block])

    def bounded(self, a: Any, *facts: Found) -> Found:
        """Say that a number is bounded up to t."""
        known = assume(solving(self.subject)), read(MASSES, self.subject), *facts
        return spared(UP_TO, Is(BOUNDED, a), *known)

    # -- T1

    def short(self, block: Any) -> tuple[Any, Found]:
        """``Σ_C Σ_j p_ij (1 - <b_i,c_j>)``, and that it is at least 0."""
        factors, sums = [], []
        for c, weight in self.weights[block].items():
            room = 1 - cosine(block, c)
            above = settle(ADDED, Rel("<=", 0, room), self.cosines(block, c)[1])
            factors.append(total(weight * room, places(c)[1]))
            scaled = apply(SCALE, self.sign(block, c), above)
            sums.append(apply(TOKEN_SUM, scaled, index=places(c)[1]))
        factor = Add(*factors)
        return factor, _added(Rel("<=", 0, factor), *sums)

    def heights(self) -> dict[Any, Any]:
        """``<b_i, w>`` of each species."""
        return {block: height_of(block) for block in self.blocks}

    def climbs(self, block: Any) -> tuple[Found, Found, Found]:
        """``s_i' = v_i``; ``K_i s_i <= v_i`` for a token that is lowest of all; ``0 <= K_i``."""
        own, fields, sums = height_of(block), [], []
        lowest = assume(least_of(self.heights(), block))
        for c, weight in self.weights[block].items():
            j, g = places(c)[1], cosine(block, c)
            rest = height_of(c, 1) - g * own
            fields.append(total(weight * rest, j))
            seen = apply(part, lowest, place=self.blocks.index(c))
            lower = apply(instantiate, seen, values=(j,))
            term = settle(ADDED, Rel("<=", (1 - g) * own, rest), lower)
            sums.append(apply(TOKEN_SUM, apply(SCALE, self.sign(block, c), term), index=j))
        field, (factor, grows) = Add(*fields), self.short(block)
        motion = settle(EQUAL, Rel("=", ddt(own), field), self.motion(block))
        return motion, _added(Rel("<=", factor * own, field), *sums), grows

    def rate(self, block: Any) -> Found:
        """``s_i Σ p_ij (1-g_ij) <= s_i'`` of a token that is lowest of all, and that sum >= 0."""
        motion, bound, grows = self.climbs(block)
        found = apply(together, apply(CHAIN, bound, apply(TURNED, motion)), grows)
        return apply(discharge, found, hypothesis=least_of(self.heights(), block))

    @cached_property
    def rates(self) -> Found:
        """What `rate` says of each species that moves; the others stay."""
        found = [self.rate(b) if b in self.weights else self.motion(b) for b in self.blocks]
        return apply(together, *found)

    @cached_property
    def cones(self) -> Found:
        """(6.4): limit points of tokens are in the cone of all, at every time."""
        facts: list[Found] = []
        for block in self.blocks:
            facts.append(self.motion(block))
            own = self.weights.get(block, {})
            facts += self.signs(block) if own else ()
            facts += [self.bounded(weight) for weight in own.values()]
        return apply(CONES_OF_ALL, *facts, blocks=self.blocks)

    @cached_property
    def held(self) -> Found:
        """``h <= <b_i,w>`` of each species, as at the start."""
        facts: list[Found] = [settle(SIGNS, Rel("<", 0, H))]
        for block in self.blocks:
            motion, bound, grows = self.climbs(block)
            finite = self.bounded(self.short(block)[0])
            facts += [motion, bound, grows, assume(high(block)), finite]
        return apply(LEAST_OF_ALL, *facts, blocks=self.blocks)

    # -- T2

    def height(self, block: Any, place: int = 0) -> Found:
        """``h <= <b_i,w>``."""
        found = apply(part, self.held, place=self.blocks.index(block))
        i, j = places(block)
        return apply(rename, found, values={i: j}) if place else found

    def upright(self, block: Any) -> Found:
        """``0 < <b_i,w>``."""
        says = Rel("<", 0, height_of(block))
        return settle(ADDED, says, self.height(block), settle(SIGNS, Rel("<", 0, H)))

    def carried(self, block: Any, other: Any) -> Any:
        """``c_ij = p_ij s_j/s_i``."""
        return self.weights[block][other] * height_of(other, 1) / height_of(block)

    @property
    def _carried(self) -> tuple[Any, ...]:
        return tuple(
            (b, tuple((c, self.carried(b, c)) for c in self.weights[b])) for b in self.blocks
        )

    def _averages(self) -> list[Found]:
        facts: list[Found] = []
        for block, carried in self._carried:
            says, upright = averaged(block, dict(carried)), self.upright(block)
            others = (self.upright(c) for c, _ in carried if c != block)
            facts.append(settle(EQUAL, says, self.motion(block), upright, *others))
            for c, _ in carried:
                scale = Rel("<=", 0, height_of(c, 1) / height_of(block))
                scaled = spared(SIGNS, scale, self.upright(c), upright)
                facts.append(apply(SCALE, scaled, self.sign(block, c)))
        return facts

    def low(self, block: Any, other: Any) -> Found:
        """``b <= p_ij`` of tokens j that are weighed alike: e^(-2N)/l of a softmax, times a factor.

        Examples
        --------
        >>> from theory.models import ENCODER_DECODER
        >>> own = species_in(Subject.of(ENCODER_DECODER))
        >>> print(own.low(*own.blocks).says.left)
        exp(-2*Abs(beta))/l
        """
        weight = self.weights[block].get(other, S.Zero)
        bounds: list[Found] = []
        for term in Add.make_args(weight):
            shares = [one for one in Mul.make_args(term) if isinstance(one, Entry)]
            if len(shares) != 1:
                return Refusal(f"{term} is no multiple of a share")
            (share,), scale = shares, term / shares[0]
            scores = getattr(share.args[0], "scores", None)
            if scores is None:
                return Refusal(f"{share} is no share of a softmax")
            factor = entry(scores, *share.args[1:]) / cosine(block, other)
            sized = apply(SIZE, *self.cosines(block, other), factor=factor)
            least = apply(EVEN_SHARE, sized, share=share)
            sign = settle(SIGNS, Rel("<=", 0, scale))
            bounds.append(least if scale == 1 else apply(SCALE, sign, least))
        if len(bounds) == 1:
            return bounds[0]
        low = Add(*(one.says.left for one in bounds if isinstance(one, Theorem)))
        return settle(ADDED, Rel("<=", low, weight), *bounds)

    def _lows(self, common: Any) -> tuple[Found, ...]:
        """One bound b of the weights that all give a species."""
        lows = tuple(self.low(block, common) for block in self.blocks)
        lefts = [one.says.left for one in lows if isinstance(one, Theorem)]
        if len(set(lefts)) < 2:  # one bound, or none of some species
            return lows
        first, second = lefts
        for least, more in ((first, second), (second, first)):
            room = settle(SIGNS, Rel("<=", 0, more - least))
            below = settle(ADDED, Rel("<=", least, more), room)
            if isinstance(below, Theorem):
                both = zip(lefts, lows, strict=True)
                return tuple(one if own == least else apply(CHAIN, below, one) for own, one in both)
        smaller = apply(SMALLER, first=first, second=second)
        sides = (apply(part, smaller, place=k) for k in (0, 1))
        return tuple(apply(CHAIN, side, one) for side, one in zip(sides, lows, strict=True))

    @property
    def bound(self) -> Any:
        """Return b, which all give each token of the common species at least."""
        low = self._lows(self.common)[0]
        return low.says.left if isinstance(low, Theorem) else S.Zero

    def least(self, block: Any, other: Any) -> Any:
        """Return what a token of one species gives each of another at least, as `low` has it."""
        low = self.low(block, other)
        return low.says.left if isinstance(low, Theorem) else S.Zero

    @property
    def rate_of_width(self) -> Any:
        """Return h l b."""
        return H * self.bound * self.common.shape[0]

    def _lifted(self, block: Any, low: Found) -> Found:
        """``h b <= c_ij`` of ``b <= p_ij``."""
        common = self.common
        weight, own = self.weights[block][common], height_of(block)
        upright, sign = self.upright(block), self.sign(block, common)
        over = apply(SCALE, settle(SIGNS, Rel("<=", 0, 1 / own), upright), sign)
        less = apply(SCALE, settle(SIGNS, Rel("<=", 0, H / own), upright), sign)
        below = apply(part, apply(UNIT_PRODUCT, self.unit(block), assume(UNIT_AXIS)), place=1)
        first = apply(SCALE, over, self.height(common, 1))
        says = Rel("<=", H * weight, self.carried(block, common))
        found = settle(ADDED, says, first, apply(SCALE, less, below), *needed(says, (upright,)))
        return apply(CHAIN, apply(SCALE, settle(SIGNS, Rel("<=", 0, H)), low), found)

    @cached_property
    def meets(self) -> Found:
        """T2: ``D <= D(0) e^(-h l b t)``, and all tokens tend to one point."""
        if self.common is None:
            return Refusal("no species is seen by all, weighed alike, or one doesn't move")
        lows, averages = self._lows(self.common), self._averages()
        lifted = (self._lifted(b, low) for b, low in zip(self.blocks, lows, strict=True))
        names = {"blocks": self.blocks, "carried": self._carried}
        slope = apply(TOWARDS, *averages, *lifted, **names, common=self.common)
        rate, wide = self.rate_of_width, width_of(self.blocks)
        fast = apply(GRONWALL, slope, self.bounded(rate), rate=rate)
        fast = apply(REPLACE, settle(EQUAL, Rel("=", Elapsed(rate), rate * t)), fast)
        bound = at(wide) * exp(-rate * t)
        limit = settle(VANISHES, Tends(bound, S.Zero, oo))
        facts = (one for b in self.blocks for one in (self.unit(b), self.upright(b)))
        meet = apply(SPECIES_MEET, assume(UNIT_AXIS), fast, limit, *averages, *facts, **names)
        return apply(together, fast, meet)

    # -- T9a

    def _late(self) -> list[Found]:
        """Return that a limit is in the cone of the species that all see, and bounds of pulls."""
        common = self.common
        sees = self.motion(common), *self.signs(common), self.unit(common)
        finite = self.bounded(self.weights[common][common])
        facts: list[Found] = [apply(OWN_CONE, *sees, finite, blocks=self.blocks)]
        for block, low in zip(self.blocks, self._lows(common), strict=True):
            facts += [self.motion(block), *self.signs(block), self.unit(block), low]
        return facts

    @cached_property
    def growth(self) -> Found:
        """(6.7): ``b (1-α)/2 <= α'`` where α >= 1/2."""
        if not self.closed:
            return Refusal("the species that all see sees another")
        return apply(SPECIES_GROWTH, *self._late(), blocks=self.blocks, common=self.common)

    @cached_property
    def decay(self) -> Found:
        """(6.8): ``1 - α <= ½ e^(-b (t-t_0)/2)`` once α >= 1/2 at t_0."""
        if not self.closed:
            return Refusal("the species that all see sees another")
        cone, *facts = self._late()
        sign = settle(SIGNS, Rel("<=", 0, self.bound))
        names = {"blocks": self.blocks, "common": self.common, "start": LATE}
        return apply(SPECIES_DECAY, cone, sign, *facts, **names)

    # -- what is given, and names

    @property
    def given(self) -> tuple[Proposition, ...]:
        """What conclusions may take as given."""
        keys = [b for b in self.blocks if self.subject.spaces[b] != "sphere"]
        starts = map(high, self.blocks)
        return solving(self.subject), UNIT_AXIS, *starts, *map(unit_keys, keys)

    @property
    def names(self) -> tuple[Name, ...]:
        """Names of long terms."""
        found: list[Name] = [
            Name("D", width_of(self.blocks)),
            Name("alpha", nearness_of(self.blocks)),
        ]
        found += [Name("s", height_of(b), places(b)[:1]) for b in self.blocks]
        letters = iter("pquv")
        for b, weights in self.weights.items():
            for c, weight in weights.items():
                found.append(Name(next(letters), weight, (places(b)[0], places(c)[1])))
        return tuple(found)


def _added(says: Rel, *facts: Found) -> Found:
    """Add up; of one fact that says so already it is that."""
    if len(facts) == 1 and (isinstance(facts[0], Refusal) or facts[0].says == says):
        return facts[0]
    return settle(ADDED, says, *facts)


def high(block: Any) -> Proposition:
    """Say that tokens of a species start in the open hemisphere about w, at heights >= h."""
    return every(places(block)[0], Rel("<=", H, at(height_of(block))))


def unit_keys(block: Any) -> Proposition:
    """Say that tokens of a species that stays have length 1."""
    i, _ = places(block)
    return every(i, Rel("=", Norm(at(Row(block, i))), 1))


@lru_cache(maxsize=16)
def _named(subject: Subject, name: str) -> Species | Refusal:
    motion = read(SPECIES, subject)
    if isinstance(motion, Refusal):
        return motion
    blocks, found = species_of(subject), {}
    for block, says in zip(blocks, motion.says.args, strict=True):
        if block in subject.velocities:
            found[block] = pulls_in(says.right.args[1], Row(block, places(block)[0]))
    own = Species(subject, blocks, found)
    signs = [own.sign(b, c) for b, weights in found.items() for c in weights]
    return next((one for one in signs if isinstance(one, Refusal)), own)


def species_in(subject: Subject) -> Species | Refusal:
    """Return what is concluded of a model of two species whose weights are nonnegative.

    Examples
    --------
    >>> from theory.models import CROSS_ATTENTION, SA
    >>> print(type(species_in(Subject.of(SA))).__name__)
    Refusal
    >>> species_in(Subject.of(CROSS_ATTENTION)).all_move
    False
    """
    return _named(subject, subject.name)


def _conclusion(own: Species, found: Found) -> Conclusion | None:
    return None if isinstance(found, Refusal) else claimed(found, found.says, own.given, own.names)


def lowest_of_species(own: Species) -> Conclusion | None:
    """(6.2): heights of tokens that are lowest of all."""
    return _conclusion(own, own.rates)


def lowest_at_limit(own: Species) -> Conclusion | None:
    """(6.5): the same over a point z to which all tokens tend."""
    found = apply(rename, own.rates, values={W: Z})
    if isinstance(found, Refusal):
        return None
    then = of_limits(own.blocks, found.says)
    hypothesis = then.opened(Z).args[0]
    found = apply(generalise, apply(discharge, found, hypothesis=hypothesis), variables=(Z,))
    return _conclusion(own, found)


def cones_of_species(own: Species) -> Conclusion | None:
    """(6.4): limit points are in the cone of all tokens."""
    return _conclusion(own, own.cones)


def species_meet(own: Species) -> Conclusion | None:
    """Lemma 6.4: tokens of an open hemisphere meet, at a rate."""
    return _conclusion(own, own.meets)


def species_growth(own: Species) -> Conclusion | None:
    """(6.7): near a limit of all tokens they come nearer."""
    return _conclusion(own, own.growth)


def species_decay(own: Species) -> Conclusion | None:
    """(6.8): near a limit of all tokens what is missing decays."""
    return _conclusion(own, own.decay)
