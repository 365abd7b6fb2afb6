"""T7f: at β = 0 one vector pulls all tokens, and its share differs from token to token at most.

With weights p_ij = m_j/(r_i q), q the same for all, v_i = r_i x_i has v_i' = c/q, c = Σ_j m_j x_j,
so that differences of the v_i are constant; without lengths q is a clock of x_i' = P_i c.
"""

from __future__ import annotations

from typing import Any

from sympy import Mul, Pow, S, oo

from proofs_checks.proof import CENTRE_STABLE_DISC
from proofs_checks.propositions import Is, Proposition, Rel, Subject, Tends
from proofs_checks.theorems.almost_every import (
    FINITE_LENGTH,
    MEETS,
    RUNS_ON,
    lately,
)
from proofs_checks.theorems.cosines import POSITIVE
from proofs_checks.theorems.energy import PairEnergy, ascent
from proofs_checks.theorems.engines import EQUAL, known_sign
from proofs_checks.theorems.kernel import (
    Concluded,
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
from proofs_checks.theorems.order import REPLACE, of_all, relation, wants
from proofs_checks.theorems.ranges import in_front
from proofs_checks.theorems.readers import (
    CONSTANT_MASSES,
    CURVE,
    CURVE_POSITIVE,
    LENGTHS,
    MASSES,
    MOTION,
    OTHER,
    POSITIVE_LENGTHS,
    SOLVES,
    TO_ONE,
    TOKEN,
    UNIT,
    pulled,
    solving,
    weights_of,
)
from proofs_checks.theorems.saddles import STRICT
from theory.symbols import X, m, r, t
from theory.terms import (
    Elapsed,
    Entry,
    Inner,
    Item,
    Norm,
    Row,
    at,
    ddt,
    item,
    total,
    weight,
)
from theory.terms import Number as Term

CENTRE = total(Row(X, OTHER) * Item(m, OTHER), OTHER)
"""c = Σ_j m_j x_j."""
SQUARE = Inner(CENTRE, CENTRE)
OFF_CENTRE = Rel("<", 0, at(SQUARE))
"""The start has Σ_j m_j x_j ≠ 0."""
LENGTH = Item(r, TOKEN)


def _meant(a: Any) -> Any:
    """Return a number with entries of softmax as they are defined."""
    entries = {one for one in a.atoms(Entry) if one.args[1] == TOKEN}
    if any(getattr(one.args[0], "mask", None) is not None for one in entries):
        raise NotConcluded("a mask hides tokens")
    try:
        return a.xreplace({one: weight(one) for one in entries})
    except ValueError as error:
        raise NotConcluded(str(error)) from error


def pace_of(pull: Any, length: Any, facts: tuple[Fact, ...]) -> tuple[Any, tuple[Any, ...]]:
    """Return of ``p_ij = m_j/(r_i q)`` what t has in q > 0, and the roots in q.

    Raises
    ------
    NotConcluded
        Where q differs from token to token, or holds anything but constants, t and roots.
    """
    pace = Item(m, OTHER) / (_meant(lately(pull)) * length)
    if {TOKEN, OTHER} & pace.free_symbols or pace.has(r):
        raise NotConcluded("the pulls differ by more than masses and lengths")
    slow, roots = S.One, []
    for factor in Mul.make_args(pace):
        if factor.has(Row):
            if not isinstance(factor, Pow) or not factor.exp.is_Rational:
                raise NotConcluded("tokens enter the speed")
            roots.append(factor.base)
        elif t in factor.free_symbols:
            slow *= factor
        elif known_sign(factor, facts) != POSITIVE:
            raise NotConcluded("the speed isn't known to be positive")
    if slow.has(Term) or known_sign(slow, ()) != POSITIVE:
        raise NotConcluded("the clock isn't known to run forwards")
    return slow, tuple(roots)


def short_of(root: Any) -> Proposition:
    """Say ``Q = |c|²/M²``."""
    return Rel("=", root, SQUARE / total(Item(m, OTHER), OTHER) ** 2)


def runs_of(slow: Any) -> tuple[Proposition, ...]:
    """Say that the clock runs on, where it isn't t."""
    return () if slow == 1 else (Tends(Elapsed(1 / slow), oo, oo),)


def _model(motion: Fact) -> tuple[Subject, Any]:
    """Return the model whose velocity this is, and its weights."""
    solved = [one for one in motion.given if isinstance(one, Is) and one.definition is SOLVES]
    if len(solved) != 1:
        raise NotConcluded("it needs the velocity of the tokens of a model")
    subject = solved[0].arguments[0]
    pull = weights_of(subject)
    wants(motion, pulled(pull))
    return subject, pull


def _besides(facts: tuple[Fact, ...], slow: Any, roots: tuple[Any, ...]) -> None:
    """Refuse other facts than those on roots and the clock."""
    wanted = (*map(short_of, roots), *runs_of(slow))
    if len(facts) != len(wanted):
        raise NotConcluded("it needs what the roots are, and that the clock runs on")
    for fact, one in zip(facts, wanted, strict=True):
        wants(fact, one)
        of_all(fact, TOKEN, t)


def _one_pull(
    motion: Fact,
    lengths: Fact,
    positive: Fact,
    mass: Fact,
    still: Fact,
    unit: Fact,
    climbs: Fact,
    start: Fact,
    *more: Fact,
) -> Proposition:
    subject, pull = _model(motion)
    if set(subject.velocities) != {X, r}:
        raise NotConcluded("it is about tokens and lengths")
    _of_masses(mass, still)
    wants(lengths, Rel("=", ddt(LENGTH), item(subject.velocities[r], TOKEN)))
    wants(positive, Rel("<", 0, LENGTH))
    wants(unit, Rel("=", Norm(Row(X, TOKEN)), 1))
    wants(climbs, Rel("<=", 0, ddt(SQUARE / 2)))
    wants(start, OFF_CENTRE)
    for fact in (lengths, positive, unit, climbs):
        of_all(fact, TOKEN, t)
    rate = relation(lengths, "=").right
    lately(pull + rate)  # both change at one time, if they do
    slow, roots = pace_of(pull, LENGTH, (mass,))
    radial = total(_meant(lately(pull)) * LENGTH * Inner(Row(X, TOKEN), Row(X, OTHER)), OTHER)
    if _ordered(_meant(lately(rate))) != _ordered(radial):
        raise NotConcluded("v_i = r_i x_i isn't moved by the pull alone")
    _besides(more, slow, roots)
    return TO_ONE


def _ordered(a: Any) -> Any:
    return in_front(in_front(a))  # what comes to the front may have sums of its own


def _of_masses(mass: Fact, still: Fact | None = None) -> None:
    wants(mass, Rel("<", 0, Item(m, TOKEN)))
    of_all(mass, TOKEN)
    if still is not None:
        wants(still, Rel("=", Item(m, TOKEN), at(Item(m, TOKEN))))
        of_all(still, TOKEN, t)


def _one_clock(strict: Fact, motion: Fact, mass: Fact, *more: Fact) -> Concluded:
    subject, pull = _model(motion)
    own = solving(subject)
    if set(subject.velocities) != {X}:
        raise NotConcluded("more than the tokens moves")
    pairs = Item(m, TOKEN) * Item(m, OTHER) * Inner(Row(X, TOKEN), Row(X, OTHER)) / 2
    wants(strict, Is(STRICT, total(total(pairs, OTHER), TOKEN)))
    _of_masses(mass)
    if any(own in fact.given for fact in (strict, mass, *more)):
        raise NotConcluded("it is known along solutions alone, not at all states")
    if lately(pull) != pull:
        raise NotConcluded("the speed changes at a time")
    _besides(more, *pace_of(pull, S.One, (mass,)))
    return Concluded(Is(MEETS, subject), spares=frozenset({own, Is(CURVE, subject)}))


ONE_PULL = Rule(
    "one pull for all",
    "x_i' = P_i Σ_j p_ij x_j, r_i' = Σ_j r_i p_ij <x_i,x_j>, p_ij = m_j/(r_i q), from some time "
    "on; 0 < r_i; 0 < m_i; m_i = m_i(0); |x_i| = 1; 0 <= (|c|²/2)'; 0 < |c(0)|², c = Σ_j m_j x_j; "
    "q made of constants > 0, t and |c|/M, ∫1/q -> infinity: there is z with x_i -> z for every i",
    "v_i = r_i x_i has v_i' = c/q, so v_i = u_i + V, V' = c/q, c = ∇Ψ(V), Ψ = Σ_j m_j |u_j + V|; "
    "|c| is in [|c(0)|, M], so Ψ' = |c|²/q >= |c(0)|²/q, and |V| grows like s = ∫1/q; x_i - V/|V| "
    "= O(1/|V|), and d(V/|V|)/ds = O(1/|V|²), as c = M V/|V| + O(1/|V|)",
    _one_pull,
)
ONE_CLOCK = Rule(
    "one clock for all",
    "strict saddles of |c|²/2 but for consensus, c = Σ_j m_j x_j; x_i' = P_i Σ_j p_ij x_j, p_ij = "
    "m_j/q; 0 < m_i; q made of constants > 0, t and |c|/M, ∫1/q -> infinity: from almost every "
    "start all tokens meet",
    "starts with c = 0 are null, and |c| never falls, so that q has a value for all times and ∫1/q "
    "grows without bound: in that time x_i' = P_i c, the gradient of |c|²/2 over m_i, whose paths "
    "have finite length, and whose strict saddles are reached from a null set",
    _one_clock,
    (FINITE_LENGTH, CENTRE_STABLE_DISC),
)


def one_pull(own: PairEnergy, strict: Found) -> Found:
    """``x_i -> z`` of tokens with lengths, or from almost every start without them, at β = 0."""
    subject = own.pull.subject
    moved = set(subject.velocities)
    mass = read(MASSES if r in moved else CURVE_POSITIVE, subject)
    if isinstance(mass, Refusal) or moved not in ({X}, {X, r}):
        return mass if isinstance(mass, Refusal) else Refusal("more moves than tokens and lengths")
    try:
        slow, roots = pace_of(own.pull.weight, LENGTH if r in moved else S.One, (mass.fact,))
    except NotConcluded as short:
        return Refusal(str(short))
    square = (settle(EQUAL, short_of(root), mass) for root in roots)
    more = *square, *(settle(RUNS_ON, says) for says in runs_of(slow))
    motion = read(MOTION, subject)
    if r not in moved:
        return apply(ONE_CLOCK, strict, motion, mass, *more)
    length = settle(EQUAL, Rel("=", own.energy, SQUARE / 2))
    facts = (
        motion,
        read(LENGTHS, subject),
        read(POSITIVE_LENGTHS, subject),
        mass,
        read(CONSTANT_MASSES, subject),
        read(UNIT, subject),
        apply(REPLACE, length, ascent(subject)),
        assume(OFF_CENTRE),
    )
    return apply(ONE_PULL, *facts, *more)
