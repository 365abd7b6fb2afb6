"""(7.3), (7.4): energies of pairs of tokens on the circle, their gradients and their maxima.

``F = Σ_i Σ_j f(θ_i - θ_j)`` has ``∂F/∂θ_i = Σ_j (f'(θ_i - θ_j) - f'(θ_j - θ_i))``. Where f is k of
the cosine, and k(1) > k(c) for the other c of [-1, 1], F is largest where all tokens are one.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from sympy import Dummy, cos, expand_trig, factor_terms, sin

from proofs_checks.audit import ANY_ANGLE
from proofs_checks.decide import Decision, decide_positive, positive_taylor
from proofs_checks.proof import How
from proofs_checks.propositions import (
    All,
    Implies,
    Is,
    Proposition,
    Rel,
    Subject,
    every,
    written,
)
from proofs_checks.theorems.angles import ANGLED, ANGLES, COSINES
from proofs_checks.theorems.attraction import SEVERAL
from proofs_checks.theorems.circle import APART, OWN, defined
from proofs_checks.theorems.conclusions import Conclusion, claimed
from proofs_checks.theorems.cosines import POSITIVE, cosine_of, valued
from proofs_checks.theorems.engines import (
    ADDED,
    EQUAL,
    SIGNS,
    divided,
    known_sign,
    needed,
    spared,
    undefined,
)
from proofs_checks.theorems.kernel import (
    Engine,
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
from proofs_checks.theorems.logic import (
    detach,
    discharge,
    instantiate,
    rename,
    together,
)
from proofs_checks.theorems.order import CHAIN, TOKEN_SUM, ZERO_SUM, relation
from proofs_checks.theorems.pulls import cosines_of, gram
from proofs_checks.theorems.readers import (
    LIVE_MOTION,
    LIVE_STILL,
    LIVE_UNIT,
    LIVES,
    OTHER,
    TOKEN,
)
from theory.positive_part import PositivePart
from theory.symbols import beta, d, m, n, t, z
from theory.terms import Item, Name, Number, at, ddt, moving, residual, total

MASSES_ALIKE = every(TOKEN, Rel("=", at(Item(m, TOKEN)), 1 / n))
"""Masses are 1/n."""
HOT = Rel("<", 0, beta)
ALIKE = every((TOKEN, OTHER), Rel("=", gram(TOKEN, OTHER), 1))
"""All tokens are one."""


def _peak(says: Proposition, facts: tuple[Fact, ...], boxes: bool = False) -> str:
    """Decide ``0 <= a``, and that ``a = 0 implies g = 1``, of a function a of g in [-1, 1].

    By boxes no parameter is left: they would be boxed too.
    """
    only = isinstance(says, Implies)
    bound: Any = says.args[0] if isinstance(says, Implies) else says
    a: Any = None
    if isinstance(bound, Rel) and only and bound.op == "=" and bound.right == 0:
        a = bound.left
    if isinstance(bound, Rel) and not only and bound.op == "<=" and bound.left == 0:
        a = bound.right
    g = None if a is None else cosine_of(a)
    if g is None or (only and says != Implies(bound, Rel("=", g, 1))):
        raise NotConcluded(
            "it isn't 0 <= a, or a = 0 implies g = 1, of a function of one <x_i,x_j>"
        )
    given = [fact.says for fact in facts]
    if Rel("<=", -1, g) not in given or Rel("<=", g, 1) not in given:
        raise NotConcluded("nothing says that g is in [-1, 1]")
    plain = a.xreplace({g: z})
    if z in a.free_symbols or plain.has(Number) or moving(plain):
        raise NotConcluded("it is no function of g and of constants")
    names: dict[Any, Any] = {s: Dummy(str(s), positive=True) for s in plain.free_symbols - {z}}
    if n in names and SEVERAL in given:
        names[n] = 2 + Dummy("k", integer=True, nonnegative=True)
    if lost := [s for s in names if known_sign(s, facts) != POSITIVE]:
        raise NotConcluded(f"nothing says that {lost[0]} is positive")
    if plain.xreplace({z: 1}).expand() != 0 or not valued(plain):
        raise NotConcluded("it isn't 0 at g = 1, or has no value somewhere")
    if (-plain.diff(z)).xreplace({**names, z: Dummy("z", real=True)}).is_positive:
        return "it falls to 0 at g = 1"
    powers = positive_taylor(-plain)
    if powers is not None and (powers[1] or not only):
        return "it is a sum of c (1 - g^k), c >= 0"
    scale, rest = factor_terms(_ahead(plain.xreplace(names))).as_independent(z, as_Add=False)
    counts = set[Any]().union(*(names[s].free_symbols for s in (n, d) if s in names))
    if not scale.is_positive or counts & rest.free_symbols:
        raise NotConcluded(f"{written(Rel('<', 0, a))} isn't shown for g < 1")
    for found, words in _ways(rest, only):
        if found.holds and found.enclosed is boxes and not (boxes and rest.free_symbols != {z}):
            return words
    raise NotConcluded(f"{written(Rel('<', 0, a))} isn't shown for g < 1")


def _ways(rest: Any, only: bool) -> Iterator[tuple[Decision, str]]:
    """Decide one after another what is enough for a maximum at 1."""
    yield decide_positive(-rest.diff(z), closed=(False, False)), "it falls to 0 at g = 1"
    yield decide_positive(rest, closed=(True, False)), "it is 0 at g = 1 alone"
    if not only:
        yield decide_positive(rest, strict=False), "it is >= 0 on [-1, 1]"


def _ahead(plain: Any) -> Any:
    """Write ``max(c u, 0)^p`` as ``c^p max(u, 0)^p`` for constants c > 0."""

    def split(u: Any, p: Any) -> Any:
        scale, rest = u.as_independent(z, as_Add=False)
        return scale**p * PositivePart(rest, p) if scale.is_positive else PositivePart(u, p)

    return plain.replace(PositivePart, split)


def _both_ways(below: Fact, over: Fact) -> Proposition:
    one, other = relation(below, "<="), relation(over, "<=")
    if one.args[1:] != (other.right, other.left):
        raise NotConcluded("they aren't bounds of one number from both sides")
    return Rel("=", one.left, one.right)


def _from_single_angles(says: Proposition, facts: tuple[Fact, ...]) -> str:
    """Decide an equation of numbers once cosines and sines of differences are written out."""
    if not isinstance(says, Rel) or says.op != "=" or says.left == says.right:
        raise NotConcluded("it is no equation of numbers")
    if lost := undefined((says.left, says.right), facts):
        raise NotConcluded(f"no fact says that {lost[0]} may be divided by, or rooted")
    left, right = (
        side.replace(lambda a: isinstance(a, (cos, sin)), lambda a: expand_trig(a))
        for side in (says.left, says.right)
    )
    if residual(left, right) != 0:
        raise NotConcluded("the two sides differ")
    return "cos(a - b) = cos a cos b + sin a sin b"


def _peak_by_boxes(says: Proposition, facts: tuple[Fact, ...]) -> str:
    return _peak(says, facts, boxes=True)


PEAK = Engine("one maximum", How.DECIDED, _peak)
BOXED_PEAK = Engine("one maximum, enclosed", How.ENCLOSED, _peak_by_boxes)
SINGLE_ANGLES = Engine("cosines of differences", How.DERIVED, _from_single_angles)
BOTH_WAYS = Rule("both ways", "a <= b; b <= a: a = b", "order of numbers", _both_ways)


def _nonzero(a: Any, *facts: Found) -> Iterator[Found]:
    """Say of what a function of <x_i,x_j> divides by, roots or has in a logarithm its sign."""
    for base in sorted(divided(a), key=str):
        if cosine_of(base):
            for one in (base, -base):
                yield settle(SIGNS, Rel("<", 0, one), *facts)


def peaked(says: Proposition, *facts: Found) -> Found:
    """Decide that a function of one inner product is largest at 1, or there alone; by boxes too."""
    found = spared(PEAK, says, *facts)
    return spared(BOXED_PEAK, says, *facts) if isinstance(found, Refusal) else found


@dataclass(frozen=True)
class PairSum:
    """``F = Σ_i Σ_j f(θ_i - θ_j)``, as it is claimed.

    Attributes
    ----------
    pair, pull : callable
        f and ``f'(a) - f'(-a)``, of an angle.
    level : callable
        k with f(a) = k(cos a).
    largest : Expr
        max F.
    """

    pair: Callable[[Any], Any]
    pull: Callable[[Any], Any]
    level: Callable[[Any], Any]
    largest: Any

    def over(self, apart: Any) -> Any:
        """F, of differences of angles."""
        return total(total(self.pair(apart), OTHER), TOKEN)

    @property
    def hot(self) -> tuple[Found, ...]:
        """That β is positive, where F has it."""
        return (assume(HOT),) if self.pair(APART).has(beta) or self.largest.has(beta) else ()

    def slope(self) -> Found:
        """``F(φ)' = Σ_i φ_i' Σ_j (f'(φ_i - φ_j) - f'(φ_j - φ_i))``, however the φ_i move."""
        one, apart = Item(ANY_ANGLE, TOKEN), Item(ANY_ANGLE, TOKEN) - Item(ANY_ANGLE, OTHER)
        slope = total(ddt(one) * total(self.pull(apart), OTHER), TOKEN)
        return spared(EQUAL, Rel("=", ddt(self.over(apart)), slope), *self.hot)

    def motion(self, subject: Subject) -> Found:
        """``θ_i' = Σ_j n (f'(θ_i - θ_j) - f'(θ_j - θ_i))`` for masses 1/n."""
        says = Rel("=", ddt(OWN), total(n * self.pull(APART), OTHER))
        still = apply(rename, read(LIVE_STILL, subject), values={TOKEN: OTHER})
        alike = apply(CHAIN, still, apply(instantiate, assume(MASSES_ALIKE), values=(OTHER,)))
        moves = apply(ANGLED, read(LIVE_MOTION, subject))
        facts = read(COSINES, subject), alike, *defined(subject)
        return settle(EQUAL, says, moves, *facts, *needed(says, self.hot))

    def maximum(self, subject: Subject) -> tuple[Found, Found, Found]:
        """``F <= c``; ``c <= F implies <x_i,x_j> = 1``; F = c if all of these are 1."""
        whole, g, read_off = self.over(APART), gram(TOKEN, OTHER), read(COSINES, subject)
        room = self.level(1) - self.level(g)
        low, high, _ = cosines_of(read(LIVE_UNIT, subject))
        near = settle(ADDED, Rel("<=", 0, 1 + g), low)
        signs = *self.hot, near, *_nonzero(self.level(g), low, high)
        only = Implies(Rel("=", room, 0), Rel("=", g, 1))
        facts = low, high, *self.hot, assume(SEVERAL)
        least, one = (peaked(says, *facts) for says in (Rel("<=", 0, room), only))
        rooms = total(total(room, OTHER), TOKEN)
        row = apply(TOKEN_SUM, least, index=OTHER)
        positive = apply(TOKEN_SUM, row, index=TOKEN)
        most, short = Rel("<=", whole, self.largest), Rel("<=", rooms, 0)
        bound = settle(ADDED, most, positive, read_off, *needed(most, signs))
        here = Rel("<=", self.largest, whole)
        none = settle(ADDED, short, assume(here), read_off, *needed(short, signs))
        zero = apply(ZERO_SUM, apply(BOTH_WAYS, none, positive), row, index=TOKEN)
        same = apply(detach, one, apply(ZERO_SUM, zero, least, index=OTHER))
        alike = apply(instantiate, assume(ALIKE), values=(TOKEN, OTHER))
        grams = total(total(self.level(g), OTHER), TOKEN)
        says = Rel("=", whole, grams), Rel("=", grams, self.largest)
        put, value = (
            settle(EQUAL, one, fact, *needed(one, signs))
            for one, fact in zip(says, (read_off, alike), strict=True)
        )
        attained = apply(discharge, apply(CHAIN, put, value), hypothesis=ALIKE)
        return bound, apply(discharge, same, hypothesis=here), attained


def uphill(subject: Subject, own: PairSum) -> Conclusion | Refusal:
    """Claim ``θ' = n grad F`` for masses 1/n, and that F is largest where all tokens are one.

    Parameters
    ----------
    subject : Subject
    own : PairSum
        F.

    Examples
    --------
    >>> from sympy import S, cos, sin
    >>> from theory.models import USA
    >>> parts = (lambda a: cos(a)), (lambda a: -2 * sin(a)), (lambda c: c)
    >>> type(uphill(Subject.of(USA, {beta: 0}), PairSum(*parts, n**2)).found).__name__
    'Refusal'
    """
    try:
        motion = own.motion(subject)
    except NotConcluded as short:
        return Refusal(str(short))
    bound, only, attained = own.maximum(subject)
    found = apply(together, own.slope(), motion, bound, only, attained)
    whole, apart = own.over(APART), Item(ANY_ANGLE, TOKEN) - Item(ANY_ANGLE, OTHER)
    slope = total(ddt(Item(ANY_ANGLE, TOKEN)) * total(own.pull(apart), OTHER), TOKEN)
    then = All(
        Rel("=", ddt(own.over(apart)), slope),
        Rel("=", ddt(OWN), total(n * own.pull(APART), OTHER)),
        Rel("<=", whole, own.largest),
        Implies(Rel("<=", own.largest, whole), Rel("=", gram(TOKEN, OTHER), 1)),
        Implies(ALIKE, Rel("=", whole, own.largest)),
    )
    given = Is(LIVES, subject), Is(ANGLES, subject), MASSES_ALIKE, HOT, SEVERAL
    return claimed(found, then, given)


DRIVEN, COUPLED = Item(ANY_ANGLE, TOKEN), Item(ANY_ANGLE, OTHER)
"""Angles that move by an equation of their own."""


def driven(frequency: Any, coupling: Any, force: Callable[[Any], Any]) -> Proposition:
    """Return (7.2), ``φ_i' = ω_i + (K/n) Σ_j f(φ_i - φ_j)`` for all i."""
    pulls = total(force(DRIVEN - COUPLED), OTHER)
    return every(TOKEN, Rel("=", ddt(DRIVEN), frequency + coupling / n * pulls))


def turning_frame(
    subject: Subject, law: Proposition, force: Callable[[Any], Any], own: PairSum, frame: Any
) -> Conclusion | Refusal:
    """Claim ``ψ' = n grad F`` of driven angles in a frame, ψ_i = φ_i - ωt, and what F is.

    Parameters
    ----------
    subject : Subject
        The model whose angles are pulled by f too, for masses 1/n.
    law : Proposition
        What drives the angles.
    force : callable
        f.
    own : PairSum
        F: its greatest value times the square of the order parameter.
    frame : Expr
        ω.
    """
    try:
        pulled = PairSum(own.pair, lambda a: force(a) / n**2, own.level, own.largest)
        motion = pulled.motion(subject)
    except NotConcluded as short:
        return Refusal(str(short))
    one, other = DRIVEN - frame * t, COUPLED - frame * t
    whole, pulls = own.over(one - other), total(own.pull(one - other), OTHER)
    cosines, sines = (total(wave(DRIVEN), TOKEN) / n for wave in (cos, sin))
    climbs = Rel("=", ddt(one), n * pulls)
    slope = Rel("=", ddt(whole), total(ddt(one) * pulls, TOKEN))
    order = Rel("=", whole, own.largest * (cosines**2 + sines**2))
    turns = Rel("=", ddt(OWN), total(force(APART) / n, OTHER))
    found = apply(
        together,
        settle(EQUAL, climbs, apply(instantiate, assume(law), values=(TOKEN,))),
        settle(EQUAL, slope),
        settle(SINGLE_ANGLES, order),
        motion,
    )
    given = Is(LIVES, subject), Is(ANGLES, subject), MASSES_ALIKE, law
    return claimed(found, All(climbs, slope, order, turns), given, (Name("F", whole),))


__all__ = ["BOTH_WAYS", "PEAK", "PairSum", "driven", "peaked", "turning_frame", "uphill"]
