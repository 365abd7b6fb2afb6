"""(6.4) and T9a: a limit z of tokens is in their cone, and once they are near it they come nearer.

For a unit z in the cone α = min <x_i, z> has ``α' >= c b (1 - α)`` where it is at least c > 0, for
a bound ``b <= p_ij`` of all pairs; so for a limit 1 - α <= (1 - c) e^(-c ∫ b) from then on.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from sympy import Rational, S, Symbol, exp, oo

from proofs_checks.propositions import (
    All,
    Definition,
    Implies,
    Is,
    Proposition,
    Rel,
    Tends,
    every,
)
from proofs_checks.theorems.clocks import at_start, clock_of, masses
from proofs_checks.theorems.engines import ADDED, EQUAL, SIGNS, needed
from proofs_checks.theorems.hemisphere import least_weight
from proofs_checks.theorems.kernel import (
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
from proofs_checks.theorems.lengths import bounded as bounds_of
from proofs_checks.theorems.logic import discharge, instantiate, rename
from proofs_checks.theorems.order import (
    CHAIN,
    LEAST_EQUAL,
    LEAST_OF,
    SCALE,
    above,
    bounded,
    moves_besides,
    of_all,
    relation,
    wants,
)
from proofs_checks.theorems.pulls import Pull, gram
from proofs_checks.theorems.ranges import Bounds
from proofs_checks.theorems.readers import MASSES, OTHER, TOKEN, pulled
from theory.symbols import X, m, t
from theory.terms import Elapsed, Inner, Item, Least, Norm, Number, Row, Sort, Vec, at, ddt

Z = Vec("z")
IN_CONE = Definition(
    "in the cone",
    "{0} is in the cone of {1}: Σ_j θ_j x_j, θ_j >= 0, Σ_j θ_j >= {2}",
    (Sort.VECTOR, Sort.MAP, Sort.NUMBER),
)
LATE = Symbol("t_0", nonnegative=True)
"""A time from which on the tokens are near their limit."""
HALF = Rational(1, 2)


def nearness(z: Any = Z) -> Any:
    """Return ``α = min_i <x_i, z>``."""
    return Least(Inner(Row(X, TOKEN), z), TOKEN)


def of_limits(then: Proposition) -> Proposition:
    """Say something of every z to which all tokens tend."""
    tends = every(TOKEN, Tends(Row(X, TOKEN), Z, oo))
    return every(Z, Implies(tends, then))


def in_cone(z: Any = Z, least: Any = S.One) -> Proposition:
    """Say that a limit, or what is written for it, is in the cone of the tokens."""
    return of_limits(Is(IN_CONE, z, X, least))


def grows(rate: Any, level: Any = HALF) -> Proposition:
    """Say ``α >= c implies rate (1 - α) <= α'`` of every unit z in the cone of the tokens."""
    here = All(Rel("=", Norm(Z), 1), Is(IN_CONE, Z, X, S.One))
    return every(Z, Implies(here, Implies(Rel("<=", level, nearness()), _rises(rate))))


def _rises(rate: Any) -> Proposition:
    return Rel("<=", rate * (1 - nearness()), ddt(nearness()))


def _once(then: Proposition, level: Any) -> Proposition:
    """Say something of limits from a time t_0 on at which α >= c."""
    late = All(Rel("<=", level, at(nearness(), LATE)), Rel("<=", LATE, t))
    return of_limits(Implies(late, then))


def rises_on(rate: Any, level: Any) -> Proposition:
    """Say ``rate (1 - α) <= α'`` from a time t_0 on at which α >= c."""
    return _once(_rises(rate), level)


def decays(fall: Any, level: Any = HALF, factor: Any = None) -> Proposition:
    """Say ``1 - α <= (1 - c) e^(-(F(t) - F(t_0)))`` from a time t_0 on at which α >= c."""
    begun = at(fall, LATE) if moves_besides(fall) else fall.xreplace({t: LATE})
    ahead = 1 - level if factor is None else factor
    return _once(Rel("<=", 1 - nearness(), ahead * exp(-(fall - begun))), level)


def close(level: Any) -> Proposition:
    """Say ``2c² - 1 <= <x_i,x_j>``: of tokens that are all c over the equator of one vector."""
    return every(TOKEN, every(OTHER, Rel("<=", 2 * level**2 - 1, gram(TOKEN, OTHER))))


def _pulls(motion: Fact, sign: Fact, points: Fact, weight: Any) -> None:
    """Refuse what isn't that tokens on the sphere are pulled to each other."""
    wants(points, Rel("=", Norm(Row(X, TOKEN)), 1))
    wants(motion, pulled(weight))
    above(sign, weight)
    for fact in (motion, points):
        of_all(fact, TOKEN, t)
    of_all(sign, TOKEN, OTHER, t)


def _limit_cone(motion: Fact, sign: Fact, points: Fact, finite: Fact, weight: Any) -> Proposition:
    _pulls(motion, sign, points, weight)
    bounded(finite, weight, TOKEN, OTHER)
    return in_cone()


def _late(
    motion: Fact, sign: Fact, points: Fact, low: Fact, some: Fact, weight: Any
) -> tuple[Any, Any]:
    """Return b and c, after all that is needed of the tokens, of the bound b and of c."""
    _pulls(motion, sign, points, weight)
    level = relation(some, "<").right
    above(some, level, strict=True)
    if level.has(Number, t, LATE):
        raise NotConcluded("the level of α is made of parameters")
    says: Any = low.says
    if isinstance(says, Implies) and says.args[0] == close(level):
        says = says.args[1]  # as α >= c
    of_all(low, TOKEN, OTHER, t)
    pairs = isinstance(says, Rel) and says.op == "<=" and says.right == weight
    if not pairs or {TOKEN, OTHER} & says.left.free_symbols:
        raise NotConcluded("it needs one bound of the pulls of all pairs")
    return says.left, level


def _late_growth(
    motion: Fact, sign: Fact, points: Fact, low: Fact, some: Fact, weight: Any
) -> Proposition:
    least, level = _late(motion, sign, points, low, some, weight)
    return grows(level * least, level)


def _late_rise(
    motion: Fact, sign: Fact, points: Fact, low: Fact, some: Fact, cone: Fact, weight: Any
) -> Proposition:
    least, level = _late(motion, sign, points, low, some, weight)
    wants(cone, in_cone())
    of_all(cone, t)
    return rises_on(level * least, level)


def _late_decay(
    motion: Fact,
    sign: Fact,
    points: Fact,
    low: Fact,
    some: Fact,
    cone: Fact,
    positive: Fact,
    steady: Fact,
    clock: Fact | None = None,
    *,
    weight: Any,
) -> Proposition:
    least, level = _late(motion, sign, points, low, some, weight)
    wants(cone, in_cone())
    of_all(cone, t)
    above(positive, least)
    of_all(positive, t)
    bounded(steady, least)
    if clock is None:
        return decays(level * Elapsed(least), level)
    says = relation(clock, "=")
    of_all(clock, t)
    if says.left != Elapsed(least):
        raise NotConcluded(f"the clock isn't the integral of {least}")
    return decays(level * says.right, level)


_PULLS = "x_i' = P_i Σ_j p_ij x_j; 0 <= p_ij; |x_i| = 1"
_NEEDS = f"{_PULLS}; b <= p_ij for every i, j, if 2c² - 1 <= g_ij for all; 0 < c"
_LIMIT = f"{_NEEDS}; a limit is in the cone of the tokens"
LIMIT_CONE = Rule(
    "cone of the tokens",
    f"{_PULLS}; p_ij is bounded up to t: for x_i -> z: z = Σ_j θ_j x_j, θ_j >= 0, Σ_j θ_j >= 1",
    "rows obey x_i' = Σ_j p_ij x_j - c_i x_i, so X(t+s) = M X(t) with M >= 0: a linear system with "
    "nonnegative entries off its diagonal keeps the orthant. Cones of finitely many tokens are "
    "closed, so z is in that of X(t); and 1 = |z| <= Σ_j θ_j |x_j|",
    _limit_cone,
)
LATE_GROWTH = Rule(
    "late growth",
    f"{_NEEDS}: for a unit z in the cone of the tokens, held, and α = min_i <x_i,z> >= c: "
    "c b (1 - α) <= α'",
    "z = Σ_j θ_j x_j with θ_j >= 0, Σ_j θ_j >= 1; so Σ_j θ_j g_ij = α at a lowest i has g_ij <= α "
    "for some j, and <x_i,z>' >= α Σ_j p_ij (1 - g_ij) >= α b (1 - α); tokens that are c over an "
    "equator have g_ij >= 2c² - 1",
    _late_growth,
)
LATE_RISE = Rule(
    "late rise",
    f"{_LIMIT}: for x_i -> z, and α = min_i <x_i,z> >= c at t_0 <= t: c b (1 - α) <= α'",
    "α never falls where it is >= 0 (<x_i,z>' >= α Σ_j p_ij (1 - g_ij) at a lowest i), so late "
    "growth holds from t_0 on",
    _late_rise,
)
LATE_DECAY = Rule(
    "late decay",
    f"{_LIMIT}; 0 <= b; b is bounded up to t; ∫_0^t b = F, if F is another: for x_i -> z, and α = "
    "min_i <x_i,z> >= c at t_0 <= t: 1 - α <= (1 - c) e^(-c (F(t) - F(t_0)))",
    "as late rise has it; so (1 - α) e^(c ∫b) falls, from 1 - c at most",
    _late_decay,
)


def least_pull(pull: Pull, level: Any = HALF) -> Found:
    """``b <= p_ij`` for every i, j, b of the least mass; if need be where tokens are `close`."""
    found = _least_pull(pull, bounds_of(pull))
    if isinstance(found, Theorem) and found.says.left != 0:
        return found
    near = apply(instantiate, assume(close(level)), values=(TOKEN,))
    near = apply(instantiate, near, values=(OTHER,))
    square = settle(SIGNS, Rel("<=", 0, 2 * level**2))
    floor = settle(ADDED, Rel("<=", -1, 2 * level**2 - 1), square)
    return _least_pull(pull, replace(bounds_of(pull), near=(near, floor)))


def _least_pull(pull: Pull, bounds: Bounds) -> Found:
    low = least_weight(pull, bounds)
    if isinstance(low, Refusal) or low.says.right != pull.weight:
        return low if isinstance(low, Refusal) else Refusal("some token isn't seen by all")
    ahead, inside = low.says.left.as_independent(OTHER, as_Add=False)
    if inside == 1:
        return low
    if inside != Item(m, OTHER):
        return Refusal(f"the bound {low.says.left} isn't a multiple of a mass")
    masses_of = apply(rename, read(MASSES, pull.subject), values={TOKEN: OTHER})
    sign = bounds.signed(Rel("<=", 0, ahead))
    return apply(CHAIN, apply(SCALE, sign, apply(LEAST_OF, masses_of, index=OTHER)), low)


def limit_cone(pull: Pull) -> Found:
    """(6.4): a z to which all tokens tend is in their cone at every time."""
    facts = pull.motion, pull.positive, pull.unit, pull.bounded(pull.weight)
    return apply(LIMIT_CONE, *facts, weight=pull.weight)


def late_growth(pull: Pull, bound: Found | None = None, level: Any = HALF) -> Found:
    """(6.7): ``c b (1 - α) <= α'`` where α >= c, for each unit z in the tokens' cone.

    Parameters
    ----------
    pull : Pull
    bound : Theorem or Refusal, optional
        ``b <= p_ij`` of all pairs, the model's own if None.
    level : Expr
        c > 0.
    """
    low = least_pull(pull, level) if bound is None else bound
    return apply(LATE_GROWTH, *_facts(pull, low, level), weight=pull.weight)


def late_rise(pull: Pull, bound: Found, level: Any) -> Found:
    """(D.14): `late_growth` of limits, from a time t_0 on at which α >= c."""
    facts = *_facts(pull, bound, level), limit_cone(pull)
    return apply(LATE_RISE, *facts, weight=pull.weight)


def late_decay(pull: Pull, bound: Found | None = None, level: Any = HALF) -> Found:
    """(6.8): ``1 - α <= (1 - c) e^(-c (F(t) - F(t_0)))`` once α >= c at t_0, F = ∫ b.

    Parameters
    ----------
    pull, bound, level
        As `late_growth` has them.
    """
    low = least_pull(pull, level) if bound is None else bound
    if isinstance(low, Refusal):
        return low
    least, bounds = low.says.left, bounds_of(pull)
    more = (*bounds.more, *bounds.divisors(least))
    try:
        clock = _clock(pull, least, more)
    except NotConcluded as short:
        return Refusal(str(short))
    positive = bounds.signed(Rel("<=", 0, least))
    finite = pull.bounded(least, *more)
    facts = *_facts(pull, low, level), limit_cone(pull), positive, finite, *clock
    return apply(LATE_DECAY, *facts, weight=pull.weight)


def _facts(pull: Pull, low: Found, level: Any) -> tuple[Found, ...]:
    if isinstance(low, Theorem) and close(level) in low.given:
        low = apply(discharge, low, hypothesis=close(level))
    return pull.motion, pull.positive, pull.unit, low, settle(SIGNS, Rel("<", 0, level))


def _clock(pull: Pull, least: Any, more: tuple[Found, ...]) -> tuple[Found, ...]:
    """``∫_0^t b = F`` with F explicit, where masses stay."""
    if m in pull.subject.velocities:
        return ()
    _, equations, signs = masses(pull.subject)
    (still,) = equations
    least_mass = apply(LEAST_EQUAL, still, index=TOKEN)
    speed = at_start(least, pull.subject)
    clock, primitives = clock_of(speed, *signs, *more)
    says = Rel("=", Elapsed(least), clock)
    facts = (still, least_mass) if speed != least else ()
    known = (read(MASSES, pull.subject), *signs, *more)
    return (settle(EQUAL, says, *facts, *primitives, *needed(says, known)),)
