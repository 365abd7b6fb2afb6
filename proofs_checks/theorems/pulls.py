"""T1 and T2 of models in pull form, concluded: heights and angles never fall, diameters shrink.

x_i' = P_i Σ_j p_ij x_j with p_ij >= 0. From <x_i(0),w> >= h for a unit w: <x_i,w> never falls below
h (T1c), inner products never below a least one >= 0 (T1d), and with y_i = x_i/<x_i,w>, D = diam y
D(0) e^(-(2/h)∫C) <= D <= D(0) e^(-h∫η), for η and C of `pair_sight` and `pair_pull` (T2).
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

from sympy import Symbol, exp

from proofs_checks.propositions import Is, Proposition, Rel, Subject, every
from proofs_checks.theorems.attraction import (
    CONTRACTION,
    GRONWALL,
    LEAST,
    MEETS,
    PAIR_OVER,
    PULL,
    SEVERAL,
    SIGHT,
    SPREADING,
    UNIT_PRODUCT,
    averaging,
    is_least,
    pair_pull,
    pair_sight,
)
from proofs_checks.theorems.bounds import BOUNDED, UP_TO
from proofs_checks.theorems.engines import ADDED, EQUAL, SIGNS, needed, spared
from proofs_checks.theorems.features import reach
from proofs_checks.theorems.kernel import Found, Refusal, apply, assume, read, settle
from proofs_checks.theorems.logic import discharge, instantiate, part, rename, together
from proofs_checks.theorems.order import (
    CANCEL,
    CHAIN,
    ELAPSED,
    EXPONENTIAL,
    SCALE,
    TOKEN_SUM,
    TURNED,
    ZERO_SUM,
)
from proofs_checks.theorems.readers import (
    CURVE_POSITIVE,
    CURVE_UNIT,
    MASSES,
    MOTION,
    OTHER,
    TOKEN,
    UNIT,
    solving,
)
from theory.symbols import X, beta
from theory.terms import (
    Diameter,
    Elapsed,
    Entry,
    Index,
    Inner,
    Name,
    Norm,
    Row,
    Vec,
    at,
    ddt,
    total,
)

W, H = Vec("w"), Symbol("h", positive=True)
"""Axis of the hemisphere, and the least height over its equator at the start."""
THIRD = Index("k")
G0 = Symbol("g_0", nonnegative=True)
"""Least inner product at the start."""
WARM = Rel("<=", 0, beta)

UNIT_AXIS = Rel("=", Norm(W), 1)
HIGH = every(TOKEN, Rel("<=", H, at(Inner(Row(X, TOKEN), W))))
"""The start is in the open hemisphere about w, at heights >= h."""
NEAR = every((TOKEN, OTHER), Rel("<=", G0, at(Inner(Row(X, TOKEN), Row(X, OTHER)))))
"""Inner products at the start are at least g_0 >= 0."""


def gram(i: Index, j: Index) -> Any:
    """Return ``<x_i, x_j>``."""
    return Inner(Row(X, i), Row(X, j))


def height(i: Index) -> Any:
    """Return ``s_i = <x_i, w>``."""
    return Inner(Row(X, i), W)


POINTS = Row(X, TOKEN) / height(TOKEN)
WIDTH = Diameter(POINTS, TOKEN)
"""D, the diameter of the tokens projected on the plane <y, w> = 1."""
LOWEST = is_least(height(TOKEN), (TOKEN,))
LEAST_PAIR = is_least(gram(TOKEN, OTHER), (TOKEN, OTHER))


def unit_of(subject: Subject) -> Found:
    """``|x_i| = 1`` along the solutions of a flow, or at the states of a layer."""
    return read(UNIT if subject.kind == "flow" else CURVE_UNIT, subject)


def masses_of(subject: Subject) -> Found:
    """``0 < m_i`` along the solutions of a flow, or at the states of a layer."""
    return read(MASSES if subject.kind == "flow" else CURVE_POSITIVE, subject)


def cosines(subject: Subject) -> tuple[Found, Found, Found]:
    """Return ``-1 <= <x_i, x_j>``, ``<x_i, x_j> <= 1``, ``|x_i| = 1``, of tokens on the sphere."""
    return cosines_of(unit_of(subject))


def cosines_of(unit: Found) -> tuple[Found, Found, Found]:
    """Return ``-1 <= <x_i, x_j>``, ``<x_i, x_j> <= 1``, and the ``|x_i| = 1`` that says so."""
    return *between(unit, apply(rename, unit, values={TOKEN: OTHER})), unit


def between(one: Found, other: Found) -> tuple[Found, Found]:
    """Return ``-1 <= <u,v>`` and ``<u,v> <= 1`` of two unit vectors."""
    both = apply(UNIT_PRODUCT, one, other)
    return apply(part, both, place=0), apply(part, both, place=1)


@dataclass(frozen=True)
class Pull:
    """What is concluded for a model in pull form whose weights are shown to be nonnegative.

    Attributes
    ----------
    subject : Subject
    weight : Expr
        p_ij.
    positive : Theorem or Refusal
        ``0 <= p_ij``.
    defined : tuple of Theorem or Refusal
        What says that the denominators of p_ij are positive.
    """

    subject: Subject
    weight: Any
    positive: Found
    defined: tuple[Found, ...] = ()

    def p(self, i: Index, j: Index) -> Any:
        """Return p_ij of two tokens."""
        return self.weight.xreplace({TOKEN: i, OTHER: j})

    @cached_property
    def motion(self) -> Found:
        """``x_i' = P_i Σ_j p_ij x_j``."""
        return read(MOTION, self.subject)

    @cached_property
    def unit(self) -> Found:
        """``|x_i| = 1``."""
        return unit_of(self.subject)

    @cached_property
    def below_one(self) -> Found:
        """``<x_i, x_j> <= 1``."""
        return cosines(self.subject)[1]

    @cached_property
    def apart(self) -> tuple[Found, Found]:
        """``2h² - 1 <= <x_i, x_j>`` over the equator of w, and that it is at least -1."""
        units = (self.unit, self._of(self.unit, OTHER), assume(UNIT_AXIS))
        heights = self.heights, self._of(self.heights, OTHER)
        near = apply(PAIR_OVER, *units, *heights, settle(SIGNS, Rel("<=", 0, H)))
        square = settle(SIGNS, Rel("<=", 0, 2 * H**2))
        return near, settle(ADDED, Rel("<=", -1, 2 * H**2 - 1), square)

    def _equal(self, says: Proposition, *facts: Found) -> Found:
        return settle(EQUAL, says, *facts, *self.defined)

    def _added(self, says: Proposition, *facts: Found) -> Found:
        return settle(ADDED, says, *facts, *needed(says, self.defined))

    def bounded(self, a: Any, *facts: Found) -> Found:
        """Say that a number is bounded up to t."""
        known = assume(solving(self.subject)), read(MASSES, self.subject), *self.defined, *facts
        return spared(UP_TO, Is(BOUNDED, a), *known)

    def _times(self, factor: Any, *facts: Found) -> Found:
        """``0 <= factor p_ij``."""
        return apply(SCALE, settle(SIGNS, Rel("<=", 0, factor), *facts), self.positive)

    def _short(self, i: Index, j: Index) -> tuple[Any, Found]:
        """``Σ_j p_ij (1 - <x_i, x_j>)``, and that it is at least 0."""
        factor = total(self.p(i, j) * (1 - gram(i, j)), j)
        names = {TOKEN: i, OTHER: j}
        seen = apply(rename, self.positive, values=names)
        below = apply(rename, self.below_one, values=names)
        room = settle(ADDED, Rel("<=", 0, 1 - gram(i, j)), below)
        grows, said = apply(TOKEN_SUM, apply(SCALE, seen, room), index=j), Rel("<=", 0, factor)
        if isinstance(grows, Refusal) or grows.says == said:
            return factor, grows
        return factor, self._added(said, grows)  # of weights that are 0 the rule has 0 <= 0

    # -- T1

    @cached_property
    def _lowest(self) -> tuple[Found, Found, Found]:
        """``s_i' = v_i``; ``K_i s_i <= v_i`` for a lowest token; ``0 <= K_i``."""
        i, j = TOKEN, OTHER
        field = total(self.p(i, j) * (height(j) - gram(i, j) * height(i)), j)
        climbs = self._equal(Rel("=", ddt(height(TOKEN)), field), self.motion)
        factor, grows = self._short(i, j)
        lower = apply(instantiate, assume(LOWEST), values=(j,))
        short, rest = (1 - gram(i, j)) * height(i), height(j) - gram(i, j) * height(i)
        term = settle(ADDED, Rel("<=", short, rest), lower)
        summed = apply(TOKEN_SUM, apply(SCALE, self.positive, term), index=OTHER)
        bound = self._added(Rel("<=", factor * height(TOKEN), field), summed)
        return climbs, bound, grows

    @cached_property
    def nearest(self) -> tuple[Found, Found, Found]:
        """``g_ij' = v_ij``; ``K_ij g_ij <= v_ij`` for a least pair; ``0 <= K_ij``."""

        def half(i: Index, j: Index) -> Any:
            return total(self.p(i, THIRD) * (gram(THIRD, j) - gram(i, THIRD) * gram(i, j)), THIRD)

        field = half(TOKEN, OTHER) + half(OTHER, TOKEN)
        motion = self._equal(Rel("=", ddt(gram(TOKEN, OTHER)), field), self.motion)
        factors: list[Any] = []
        terms: list[Found] = []
        signs: list[Found] = []
        for i, j in ((TOKEN, OTHER), (OTHER, TOKEN)):
            seen = apply(rename, self.positive, values={TOKEN: i, OTHER: THIRD})
            lower = apply(instantiate, assume(LEAST_PAIR), values=(THIRD, j))
            short = (1 - gram(i, THIRD)) * gram(i, j)
            rest = gram(THIRD, j) - gram(i, THIRD) * gram(i, j)
            term = settle(ADDED, Rel("<=", short, rest), lower)
            terms.append(apply(TOKEN_SUM, apply(SCALE, seen, term), index=THIRD))
            factor, sign = self._short(i, THIRD)
            factors, signs = [*factors, factor], [*signs, sign]
        factor = factors[0] + factors[1]
        grows = self._added(Rel("<=", 0, factor), *signs)
        bound = self._added(Rel("<=", factor * gram(TOKEN, OTHER), field), *terms)
        return motion, bound, grows

    @cached_property
    def heights(self) -> Found:
        """T1c: ``h <= <x_i, w>``."""
        sign = settle(SIGNS, Rel("<", 0, H))
        return self._least(*self._lowest, assume(HIGH), sign, TOKEN)

    @cached_property
    def angles(self) -> Found:
        """T1d: ``g_0 <= <x_i, x_j>``."""
        least = settle(SIGNS, Rel("<=", 0, G0))
        return self._least(*self.nearest, assume(NEAR), least, TOKEN, OTHER)

    def _least(
        self, motion: Found, bound: Found, grows: Found, start: Found, sign: Found, *indices: Index
    ) -> Found:
        finite = grows if isinstance(grows, Refusal) else self.bounded(grows.says.args[2])
        return apply(LEAST, motion, bound, grows, start, sign, finite, indices=indices)

    @cached_property
    def height_rate(self) -> Found:
        """``s_i Σ_j p_ij (1 - g_ij) <= s_i'`` for a lowest token, and ``0 <= Σ_j p_ij (1 - g_ij)``.

        Examples
        --------
        >>> from proofs_checks.theorems import pull_of
        >>> from theory.models import REPULSIVE, SA
        >>> [type(pull_of(Subject.of(model)).height_rate).__name__ for model in (SA, REPULSIVE)]
        ['Theorem', 'Refusal']
        """
        return self._rate(*self._lowest)

    @cached_property
    def angle_rate(self) -> Found:
        """``g_ij K_ij <= g_ij'`` for a least pair, ``0 <= K_ij``; K_ij is over i and over j."""
        return self._rate(*self.nearest)

    def _rate(self, motion: Found, bound: Found, grows: Found) -> Found:
        return apply(together, apply(CHAIN, bound, apply(TURNED, motion)), grows)

    def rests(self, strict: Found) -> Found:
        """``Σ_j p_ij (1 - g_ij) = 0 implies 1 - g_ij = 0``, of ``0 < p_ij``."""
        i, j = TOKEN, OTHER
        pull, room = self.p(i, j), 1 - gram(i, j)
        nothing = Rel("=", total(pull * room, j), 0)
        terms = apply(SCALE, self.positive, settle(ADDED, Rel("<=", 0, room), self.below_one))
        none = apply(CANCEL, apply(ZERO_SUM, assume(nothing), terms, index=j), strict, factor=pull)
        return apply(discharge, none, hypothesis=nothing)

    @cached_property
    def strict(self) -> Found:
        """``0 < p_ij``, of β >= 0 or, where β stands in front, β > 0."""
        positive = read(MASSES, self.subject), *self.defined, *cosines(self.subject)
        said = Rel("<", 0, self.weight)
        found = spared(SIGNS, said, *positive, assume(WARM))
        if isinstance(found, Refusal):
            return spared(SIGNS, said, *positive, assume(Rel("<", 0, beta)))
        return found

    # -- T2

    @cached_property
    def upright(self) -> Found:
        """``0 < <x_i, w>``."""
        return settle(
            ADDED, Rel("<", 0, height(TOKEN)), self.heights, settle(SIGNS, Rel("<", 0, H))
        )

    @property
    def carried(self) -> Any:
        """``c_ij = p_ij s_j/s_i``."""
        return self.p(TOKEN, OTHER) * height(OTHER) / height(TOKEN)

    @cached_property
    def averaging(self) -> Found:
        """``y_i' = Σ_j c_ij (y_j - y_i)``."""
        says = averaging(POINTS, self.carried, TOKEN, OTHER)
        return self._equal(says, self.motion, self.upright)

    @cached_property
    def carried_sign(self) -> Found:
        """``0 <= c_ij``."""
        return self._times(height(OTHER) / height(TOKEN), self.upright)

    @cached_property
    def low(self) -> Found:
        """``<x_i, w> <= 1``."""
        return apply(part, apply(UNIT_PRODUCT, self.unit, assume(UNIT_AXIS)), place=1)

    def _of(self, fact: Found, i: Index) -> Found:
        return apply(rename, fact, values={TOKEN: i})

    @cached_property
    def at_least(self) -> Found:
        """``h p_ij <= c_ij``."""
        over = self._times(1 / height(TOKEN), self.upright)
        less = self._times(H / height(TOKEN), self.upright)
        says = Rel("<=", H * self.p(TOKEN, OTHER), self.carried)
        first = apply(SCALE, over, self._of(self.heights, OTHER))
        return self._added(says, first, apply(SCALE, less, self.low), self.upright)

    @cached_property
    def at_most(self) -> Found:
        """``c_ij <= p_ij/h``."""
        over = self._times(1 / height(TOKEN), self.upright)
        more = self._times(1 / height(TOKEN) / H, self.upright)
        says = Rel("<=", self.carried, self.p(TOKEN, OTHER) / H)
        first = apply(SCALE, more, self.heights)
        second = apply(SCALE, over, self._of(self.low, OTHER))
        return self._added(says, first, second, self.upright)

    @property
    def eta(self) -> Any:
        """η of p."""
        return pair_sight(self.weight, TOKEN, OTHER)

    @property
    def most(self) -> Any:
        """C of p."""
        return pair_pull(self.weight, TOKEN, OTHER)

    @cached_property
    def shrinks(self) -> Found:
        """``D <= D(0) e^(-h∫η)``."""
        names = {"points": POINTS, "weight": self.carried, "i": TOKEN, "j": OTHER}
        several = assume(SEVERAL)
        falls = apply(CONTRACTION, self.averaging, self.carried_sign, several, **names)
        sign = settle(SIGNS, Rel("<=", 0, H))
        sees = apply(SIGHT, self.at_least, sign, several, i=TOKEN, j=OTHER, weight=self.weight)
        wide = apply(SCALE, settle(SIGNS, Rel("<=", 0, WIDTH)), sees)
        slope = self._added(Rel("<=", ddt(WIDTH), -H * self.eta * WIDTH), falls, wide, self.upright)
        rate = H * self.eta
        return apply(GRONWALL, slope, self.bounded(rate), rate=rate)

    @cached_property
    def stays(self) -> Found:
        """``D(0) e^(-(2/h)∫C) <= D``."""
        names = {"points": POINTS, "weight": self.carried, "i": TOKEN, "j": OTHER}
        falls = apply(SPREADING, self.averaging, self.carried_sign, **names)
        sign = settle(SIGNS, Rel("<=", 0, 1 / H))
        pull = apply(PULL, self.at_most, sign, i=TOKEN, j=OTHER, weight=self.weight)
        wide = apply(SCALE, settle(SIGNS, Rel("<=", 0, 2 * WIDTH)), pull)
        rate = 2 / H * self.most
        slope = self._added(Rel("<=", -rate * WIDTH, ddt(WIDTH)), falls, wide, self.upright)
        return apply(GRONWALL, slope, self.bounded(rate), rate=rate)

    def at_rate(
        self, sees: Found, clock: Any, equations: tuple[Found, ...], signs: tuple[Found, ...]
    ) -> Found:
        """``D <= D(0) e^(-h F)`` for a bound ``λ <= η`` and ``F = ∫λ``.

        Parameters
        ----------
        sees : Theorem or Refusal
            ``λ <= η(p)``.
        clock : Expr
            F.
        equations : tuple of Theorem or Refusal
            What the algebra of terms needs for that integral: primitives, what is constant.
        signs : tuple of Theorem or Refusal
            What says that the denominators of F are positive.
        """
        if isinstance(sees, Refusal):
            return sees
        finite = (self.bounded(side, *signs) for side in sees.says.args[1:])
        longer = apply(SCALE, settle(SIGNS, Rel("<=", 0, H)), apply(ELAPSED, sees, *finite))
        says = Rel("<=", -H * Elapsed(self.eta), -H * clock)
        powers = apply(EXPONENTIAL, self._added(says, longer, *equations, *needed(says, signs)))
        start = apply(SCALE, settle(SIGNS, Rel("<=", 0, at(WIDTH))), powers)
        bound = Rel("<=", WIDTH, at(WIDTH) * exp(-H * clock))
        return settle(ADDED, bound, self.shrinks, start, self.upright, *needed(bound, signs))

    def meets(self, bound: Found, limit: Found) -> Found:
        """``x_i -> z`` and ``|x_i - z| <= D``, of a bound of D that vanishes."""
        facts = self.averaging, self.carried_sign, self.unit, assume(UNIT_AXIS), self.upright
        return apply(MEETS, *facts, bound, limit, weight=self.carried, i=TOKEN, j=OTHER)


def legend(pull: Pull) -> tuple[Name, ...]:
    """Return names for the long terms of a sheet on a model in pull form."""
    pair = (TOKEN, OTHER)
    shares = {a for a in pull.weight.atoms(Entry) if a.args[1:] == pair and a != pull.weight}
    rows = {a for product in pull.weight.atoms(Inner) for a in product.args if reach(a) is not None}
    features = zip(("phi", "psi"), sorted({a.args[0] for a in rows}, key=str), strict=False)
    long = (
        Name("D", WIDTH),
        Name("eta", pull.eta),
        Name("C", pull.most),
        Name("y", POINTS, (TOKEN,)),
        Name("s", height(TOKEN), (TOKEN,)),
        Name("p", pull.weight, pair),
        *(Name("A", share, pair) for share in shares if len(shares) == 1),
        Name("g", gram(TOKEN, OTHER), pair),
        *(Name(name, Row(a, TOKEN), (TOKEN,)) for name, a in features),
    )
    # weights may be 0, a number, which isn't long
    return tuple(name for name in long if not getattr(name.term, "is_number", False))
