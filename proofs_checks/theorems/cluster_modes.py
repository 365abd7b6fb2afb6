"""Modes of a pull where all tokens are at one point, or at two opposite ones.

There P_i x_j = 0, and d(P_i x_j) = u_j - s_i s_j u_i for x_i = s_i z, s_i = ±1: weights count with
their values at the state alone, p_ij = c_i(s_j) m_j, so that u_i' = Σ_j p_ij (u_j - s_i s_j u_i).
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from sympy import Add, Expr, S, Tuple, cancel, oo

from proofs_checks.propositions import (
    All,
    Definition,
    Implies,
    Is,
    Proposition,
    Rel,
    Subject,
    Tends,
)
from proofs_checks.theorems.analytic import analytic
from proofs_checks.theorems.attraction import SEVERAL
from proofs_checks.theorems.conclusions import Conclusion, claimed
from proofs_checks.theorems.consensus_runs import Z, decay_in, exponent
from proofs_checks.theorems.engines import EQUAL, SIGNS
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
from proofs_checks.theorems.logic import discharge, part, together
from proofs_checks.theorems.order import REPLACE, above, wants
from proofs_checks.theorems.readers import (
    MOTION,
    OTHER,
    TOKEN,
    pulled,
    solved_in,
    solving,
    weights_of,
)
from proofs_checks.theorems.recurrence import no_density
from proofs_checks.theorems.saddles import ON_CIRCLES, ONE_MASS
from theory.atoms import RowSoftmax
from theory.symbols import X, beta, d, m, n, t
from theory.terms import Entry, Index, Inner, Item, Row, Sort, TokenSum, moving, total, weight
from theory.weights import SinkSoftmax

TOTAL = total(Item(m, TOKEN), TOKEN)
"""Σ_j m_j."""
AT_ONE = Definition(
    "mode at one point",
    "where all x_i = {0}, of length 1, the velocity of {1} has the eigenvalue {2}, {3} times",
    (Sort.VECTOR, Subject, Sort.NUMBER, Sort.NUMBER),
)
AT_TWO = Definition(
    "mode at two points",
    "where {0} tokens are at {1}, of length 1, and {2} at the opposite point, masses 1/n, the "
    "velocity of {3} has the eigenvalue {4}, {5} times",
    (Sort.NUMBER, Sort.VECTOR, Sort.NUMBER, Subject, Sort.NUMBER, Sort.NUMBER),
)
DIVERGENCE = Definition(
    "divergence at one point",
    "where all x_i = {0}, of length 1, the velocity of {1} has the divergence {2}",
    (Sort.VECTOR, Subject, Sort.NUMBER),
)
NOT_KEPT = Definition(
    "no smooth measure",
    "no measure is invariant under {0} whose density is C^1, and > 0 at a consensus",
    (Subject,),
)
Clusters = tuple[tuple[Any, Any], ...]
"""The sign s of a cluster at s z, and its mass."""


def _placed(a: Any, signs: dict[Any, Any], clusters: Clusters) -> Any:
    """Put ``x_i = s_i z`` for tokens in a number, |z| = 1; sums over tokens are over clusters."""
    if isinstance(a, Entry):
        if type(a.args[0]) not in (RowSoftmax, SinkSoftmax) or a.args[0].masses != m:
            raise NotConcluded(f"{a.args[0]} isn't a softmax of all tokens")
        return _placed(weight(a), signs, clusters)
    if isinstance(a, TokenSum):
        one, k = a.opened(OTHER) / Item(m, OTHER), OTHER
        if a.but or (k in signs and a.has(k)):
            raise NotConcluded("a sum over tokens isn't one of all of them")
        return Add(*(mass * _placed(one, {**signs, k: s}, clusters) for s, mass in clusters))
    if isinstance(a, Inner):
        return _product(a, signs)
    if isinstance(a, Expr) and a.args and not isinstance(a, Item):
        return a.func(*(_placed(b, signs, clusters) for b in a.args))
    return a


def _product(a: Inner, signs: dict[Any, Any]) -> Any:
    sign, rows = S.One, a.atoms(Row)
    for side in a.args:
        own = side.atoms(Row)
        if len(own) != 1 or any(v.args[0] != X or v.args[1] not in signs for v in own):
            raise NotConcluded(f"{a} isn't linear in tokens")
        sign *= signs[own.pop().args[1]]
    still = a.xreplace(dict.fromkeys(rows, Z))
    return sign * (S.One if still == Inner(Z, Z) else still)


def weight_at(weight: Any, own: Any, other: Any, clusters: Clusters) -> Any:
    """Return c of ``p_ij = c m_j`` for x_i = own z, x_j = other z, two tokens.

    Raises
    ------
    NotConcluded
        Where it is more than that.
    """
    found = _placed(weight, {TOKEN: own, OTHER: other}, clusters) / Item(m, OTHER)
    rest = found.xreplace({TOTAL: S.One})
    if rest.has(Index, Row) or moving(rest) or t in rest.free_symbols:
        raise NotConcluded("where tokens coincide their weights aren't one number times m_j")
    return found


def _alone(motion: Fact, weight: Any) -> Subject:
    subject = solved_in(motion)
    wants(motion, pulled(weight))
    if set(subject.velocities) != {X}:
        raise NotConcluded("more than the tokens moves")
    if not analytic(weight):
        raise NotConcluded("the weights aren't analytic in the tokens")
    return subject


def _one(motion: Fact, mass: Fact | None = None, *, weight: Any) -> Concluded:
    subject = _alone(motion, weight)
    rate = -TOTAL * weight_at(weight, S.One, S.One, ((S.One, TOTAL),))
    if mass is not None:
        wants(mass, ONE_MASS)
        rate = rate.xreplace({TOTAL: S.One})
    modes = ((S.Zero, d - 1), (rate, (n - 1) * (d - 1)))
    says = All(*(Is(AT_ONE, Z, subject, *mode) for mode in modes))
    return Concluded(says, spares=frozenset({solving(subject)}))


def _two(motion: Fact, weight: Any, sizes: Any) -> Concluded:
    subject, (p, q) = _alone(motion, weight), sizes
    if not all(size.is_integer and size.is_positive for size in sizes):
        raise NotConcluded("clusters have one token or more")
    clusters = (S.One, p / (p + q)), (S.NegativeOne, q / (p + q))
    near, far, back, own = (
        weight_at(weight, s, s_j, clusters) * mass for s, _ in clusters for s_j, mass in clusters
    )
    modes = (
        (S.Zero, d - 1),
        (far + back, d - 1),
        (far - near, (p - 1) * (d - 1)),
        (back - own, (q - 1) * (d - 1)),
    )
    says = All(*(Is(AT_TWO, p, Z, q, subject, *mode) for mode in modes))
    return Concluded(says, spares=frozenset({solving(subject)}))


def weight_together(weight: Any) -> Any:
    """Return c of ``p_ij = c m_j`` where all tokens are at z, Σ_j m_j = 1."""
    return weight_at(weight, S.One, S.One, ((S.One, TOTAL),)).xreplace({TOTAL: S.One})


def _exponent(runs: Fact, mass: Fact, sign: Fact) -> Proposition:
    subject, speed, own = decay_in(runs)
    wants(mass, ONE_MASS)
    if m in subject.velocities:
        raise NotConcluded("the masses move")
    rate = weight_together(own)
    above(sign, rate, strict=True)
    return Tends(exponent(speed), rate, oo)


def pace_together(subject: Subject) -> Expr | None:
    """Return c of ``p_ij = c m_j`` where all tokens are at one point, Σ_j m_j = 1.

    Examples
    --------
    >>> from theory.models import PRE_LN, USA
    >>> pace_together(Subject.of(USA)), pace_together(Subject.of(PRE_LN))
    (exp(beta), None)
    """
    try:
        return cancel(weight_together(weights_of(subject)))
    except NotConcluded:
        return None


def listed_modes(
    modes: Fact, definition: Definition
) -> tuple[tuple[Any, ...], list[tuple[Any, Any]]]:
    """Return the state and model of modes, and eigenvalues with their multiplicities."""
    parts = modes.says.args if isinstance(modes.says, All) else ()
    if not parts or any(not isinstance(a, Is) or a.definition is not definition for a in parts):
        raise NotConcluded(f"it needs: {definition.name}")
    if len(states := {one.arguments[:-2] for one in parts}) != 1:
        raise NotConcluded("they are modes of several states")
    return states.pop(), [one.arguments[-2:] for one in parts]


def _diverges(modes: Fact, whole: Fact) -> Proposition:
    (z, subject), listed = listed_modes(modes, AT_ONE)
    wants(whole, Rel("=", Add(*(count for _, count in listed)), n * (d - 1)))
    return Is(DIVERGENCE, z, subject, Add(*(value * count for value, count in listed)))


def _not_kept(trace: Fact, sign: Fact) -> Proposition:
    if not isinstance(trace.says, Is) or trace.says.definition is not DIVERGENCE:
        raise NotConcluded("it needs the divergence at one point")
    _, subject, value = trace.says.arguments
    wants(sign, Rel("<", value, 0))
    return Is(NOT_KEPT, subject)


_HOW = (
    "P_i x_j = 0 there and d(P_i x_j) = u_j - s_i s_j u_i: u_i' = Σ_j p_ij (u_j - s_i s_j u_i), "
    "with p_ij as they are at the state, alike for the tokens of a cluster"
)
MODES_AT_ONE = Rule(
    "modes at one point",
    "x_i' = P_i Σ_j p_ij x_j, p_ij analytic, c m_j where all x_i = z: eigenvalues 0, d - 1 times, "
    "and -c Σ_j m_j, (n - 1)(d - 1) times; -c if Σ_j m_j = 1",
    f"{_HOW}: 0 for equal u_i, and -c Σ_j m_j where Σ_j m_j u_j = 0",
    _one,
)
MODES_AT_TWO = Rule(
    "modes at two points",
    "x_i' = P_i Σ_j p_ij x_j, p_ij analytic, p tokens at z and q at -z, masses 1/(p+q), P = "
    "p/(p+q), Q = q/(p+q); p_ij = m_j times a, b from z to z, -z; b', a' from -z to z, -z: "
    "eigenvalues 0 and Q b + P b', d - 1 times, Q b - P a, (p-1)(d-1) times, P b' - Q a', "
    "(q-1)(d-1) times",
    f"{_HOW}: within a cluster where its Σ u_i = 0; else u_+' = Q b (u_+ + u_-), u_-' = P b' (u_+ "
    "+ u_-)",
    _two,
)
ONE_EXPONENT = Rule(
    "exponent of alike tokens",
    "-log max_i |x_i - z| / ∫s tends to the real part of an eigenvalue of u_i' = Σ_j q_ij (u_i - "
    "u_j), but for equal u_i; q_ij = c m_j where all x_i = z; Σ_j m_j = 1; 0 < c: the limit is c",
    "u_i' = c (u_i - Σ_j m_j u_j) has c alone but for equal u_i",
    _exponent,
)


TRACE = Rule(
    "divergence at one point",
    "eigenvalues λ_k where all x_i = z, c_k times; Σ_k c_k = n (d - 1): div F = Σ_k c_k λ_k",
    "the divergence is the trace of the differential, where the velocity is 0",
    _diverges,
)


DENSITIES = Rule(
    "densities at a point of rest",
    "where all x_i = z div F = c; c < 0: no invariant measure has a C^1 density > 0 at a consensus",
    "div(ρF) = ρ div F + <grad ρ, F> is 0 for an invariant density ρ, and F = 0 there: ρ c = 0",
    _not_kept,
)


def _said(found: Theorem, listed: list[Any], value: Any, count: Any) -> Found:
    """Return the mode that is claimed: of those that are listed, taken out of them."""
    for place in listed:
        *_, own, times = found.says.args[place].args
        same = None if own == value else settle(EQUAL, Rel("=", own, value))
        if (times - count).expand() != 0 or isinstance(same, Refusal):
            continue
        listed.remove(place)
        one = apply(part, found, place=place)
        one = one if same is None else apply(REPLACE, same, one)
        if times == count:
            return one
        return apply(REPLACE, settle(EQUAL, Rel("=", times, count)), one)
    return Refusal(f"no eigenvalue {value}, {count} times")


def modes_of(subject: Subject, *sizes: Any, one_mass: bool = False) -> Found:
    """Conclude the modes at one point, or at p and q tokens opposite each other."""
    try:
        own = weights_of(subject)
    except NotConcluded as short:
        return Refusal(str(short))
    if sizes:
        return apply(MODES_AT_TWO, read(MOTION, subject), weight=own, sizes=Tuple(*sizes))
    mass = (assume(ONE_MASS),) if one_mass else ()
    return apply(MODES_AT_ONE, read(MOTION, subject), *mass, weight=own)


def divergence_said(subject: Subject, value: Any) -> Conclusion:
    """Claim the divergence at one point, Σ_j m_j = 1, that it is < 0, and what isn't invariant.

    Where its sign isn't known of every β it is said of 0 <= β, or of 0 < β.

    Examples
    --------
    >>> from theory.models import SA
    >>> divergence_said(Subject.of(SA), -(n - 1) * (d - 1)).found.by.name
    'and'
    """
    found, sizes = modes_of(subject, one_mass=True), (SEVERAL, ON_CIRCLES)
    if isinstance(found, Theorem):
        counts = Add(*(one.arguments[-1] for one in found.says.args))
        whole = settle(EQUAL, Rel("=", counts, n * (d - 1)))
        found = apply(TRACE, found, whole)
    if isinstance(found, Theorem) and (own := found.says.args[-1]) != value:
        found = apply(REPLACE, settle(EQUAL, Rel("=", own, value)), found)
    sign, heat = _falls(value)
    parts = [found, sign, apply(DENSITIES, found, sign)]
    says = [Is(DIVERGENCE, Z, subject, value), Rel("<", value, 0), Is(NOT_KEPT, subject)]
    if (rest := no_density(subject)) is not None:
        last, then = rest.found, rest.says.then
        for hot in (one for one in rest.says.given if one not in sizes):  # an energy has 1/β
            last, then = apply(discharge, last, hypothesis=hot), Implies(hot, then)
        parts, says = [*parts, last], [*says, then]
    return claimed(apply(together, *parts), All(*says), (ONE_MASS, *sizes, *heat))


def _falls(value: Any) -> tuple[Found, tuple[Proposition, ...]]:
    """Return that a divergence is < 0, of every β or of those that are also returned."""
    says, sizes = Rel("<", value, 0), [assume(SEVERAL), assume(ON_CIRCLES)]
    for heat in ((), (Rel("<=", 0, beta),), (Rel("<", 0, beta),)):
        found = settle(SIGNS, says, *sizes, *map(assume, heat))
        if isinstance(found, Theorem):
            return found, heat
    return settle(SIGNS, says, *sizes), ()


def modes_said(
    subject: Subject, pairs: Iterable[tuple[Any, Any]], *sizes: Any, one_mass: bool = False
) -> Conclusion:
    """Claim eigenvalues with their multiplicities, and that there are no others.

    Parameters
    ----------
    subject : Subject
    pairs : iterable of pair
    sizes : Expr
        p and q of two clusters of masses 1/n; all at one point, of any masses, without them.
    one_mass : bool
        Whether Σ_j m_j = 1, at one point.

    Examples
    --------
    >>> from theory.models import SA
    >>> subject = Subject.of(SA)
    >>> modes_said(subject, [(0, d - 1), (-1, (n - 1) * (d - 1))]).found.by.name
    'and'
    >>> print(modes_said(subject, [(0, d - 1), (-2, (n - 1) * (d - 1))]).found)
    and: no eigenvalue -2, (d - 1)*(n - 1) times
    """
    pairs, definition = tuple(pairs), AT_TWO if sizes else AT_ONE
    found = modes_of(subject, *sizes, one_mass=one_mass)
    whole = Add(*(count for _, count in pairs))
    tokens = Add(*sizes) if sizes else n
    says = Rel("=", whole, tokens * (d - 1))
    if not isinstance(found, Refusal):
        listed = list(range(len(found.says.args)))
        modes = [_said(found, listed, *pair) for pair in pairs]
        found = apply(together, *modes, settle(EQUAL, says))
    where = (sizes[0], Z, sizes[1]) if sizes else (Z,)
    then: list[Proposition] = [Is(definition, *where, subject, *pair) for pair in pairs]
    return claimed(found, All(*then, says), (ONE_MASS,))


__all__ = [
    "AT_ONE",
    "AT_TWO",
    "DENSITIES",
    "DIVERGENCE",
    "MODES_AT_ONE",
    "MODES_AT_TWO",
    "NOT_KEPT",
    "ONE_EXPONENT",
    "TOTAL",
    "TRACE",
    "divergence_said",
    "listed_modes",
    "modes_of",
    "modes_said",
    "pace_together",
    "weight_together",
]
