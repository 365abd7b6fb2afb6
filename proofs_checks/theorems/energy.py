"""T5 of models in pull form: energies of pairs climb under any speeds.

Weights p_ij with τ_i p_ij = w_ij, w_ij = w_ji = m_i m_j W_ij k(<x_i,x_j>), and constant masses: of
E = ½ Σ_i Σ_j m_i m_j W_ij h(<x_i,x_j>), h' = k, E' = Σ_i τ_i |x_i'|², whatever τ_i depends on: it
never falls where τ_i >= 0. For a softmax of β<x_i,x_j> k = e^(βz); SA has τ_i = m_i Z_i, pre-LN
m_i r_i Z_i, a sink m_i (Z_i + e^sink/n). W_ij is a mutual mask, or e^(b_ij), b_ij symmetric.
"""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any

from sympy import Dummy, Mul, S, exp, log

from proofs_checks.propositions import Rel, Subject
from proofs_checks.theorems.attraction import SEVERAL
from proofs_checks.theorems.engines import EQUAL, SIGNS
from proofs_checks.theorems.gradients import (
    CLIMB_AT_A_PACE,
    GRADIENT,
    GROWS,
    MIRRORED,
    MOVES,
    SHARES,
    worth_of,
)
from proofs_checks.theorems.hemisphere import pull_of
from proofs_checks.theorems.kernel import (
    Engine,
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
from proofs_checks.theorems.logic import part, together
from proofs_checks.theorems.order import CHAIN, CONSTANT, TURNED
from proofs_checks.theorems.pulls import Pull, cosines_of, gram
from proofs_checks.theorems.readers import (
    CONSTANT_MASSES,
    CURVE_LENGTHS,
    CURVE_MASSES,
    CURVE_UNIT,
    MASS_MOTION,
    MASSES,
    OTHER,
    TOKEN,
)
from theory.bounded import primitive
from theory.masks import Mask
from theory.symbols import beta, m, n, t
from theory.terms import Entry, Item, ddt, denominators, moving, shares, total
from theory.terms import Number as Term

AT_HEAT = Rel("!=", beta, 0)
_PLACE, _MORE = Dummy("z", real=True), Dummy("k", integer=True, positive=True)


def _kernel(i: Any, j: Any) -> Any:
    return Item(m, i) * Item(m, j) * exp(beta * gram(i, j))


ENERGY = total(total(_kernel(TOKEN, OTHER) / (2 * beta), OTHER), TOKEN)
"""The energy of SA."""


PRODUCT = gram(TOKEN, OTHER)
"""<x_i,x_j>."""


@dataclass(frozen=True)
class PairEnergy:
    """An energy of pairs, attached to a pull.

    Attributes
    ----------
    pull : Pull
    pairs : Expr
        e_ij; E is its sum over all i and j.
    weight : Expr
        w_ij, with e_ij' = w_ij <x_i,x_j>'/2.
    pace : Expr
        τ_i, with τ_i p_ij = w_ij.
    product : Expr
        <x_i,x_j>, or <x_i, M x_j>.
    """

    pull: Pull
    pairs: Any
    weight: Any
    pace: Any
    product: Any = PRODUCT

    @property
    def energy(self) -> Any:
        """E."""
        return total(total(self.pairs, OTHER), TOKEN)


def is_of_attention(own: PairEnergy, values: Mapping[Any, Any]) -> bool:
    """Whether an energy of pairs is that of SA, at given values of the parameters.

    Examples
    --------
    >>> from theory.models import catalogue
    >>> given = {beta: S(2)}
    >>> is_of_attention(attached(Subject.of(catalogue("pre-LN"), given)), given)
    True
    """
    return bool(own.energy == ENERGY.xreplace({beta: values.get(beta, beta)}))


def _written_out(factor: Any) -> tuple[Any, Any]:
    """Return what stands above and below the line of an entry of a softmax."""
    if isinstance(factor, Entry):
        with suppress(ValueError):
            return shares(factor)
    return factor, S.One


def energy_of(pull: Pull) -> PairEnergy:
    """Attach an energy of pairs to a pull, as its weights are written.

    Raises
    ------
    NotConcluded
        Where the weights have no primitive in <x_i,x_j>.
    """
    weight = pace = S.One
    for factor in Mul.make_args(pull.weight):
        above, below = _written_out(factor)
        pace *= below
        for one in Mul.make_args(above):
            if OTHER not in one.free_symbols:
                pace /= one
            else:  # what is of j alone has its twin of i beside it
                twin = S.One if TOKEN in one.free_symbols else one.xreplace({OTHER: TOKEN})
                weight, pace = weight * one * twin, pace * twin
    kernel = weight.xreplace({gram(TOKEN, OTHER): _PLACE})
    hot = {s: Dummy(str(s), real=True, nonzero=True) for s in _unsigned(kernel)}
    if any(one.has(n) for one in kernel.atoms(log)):
        hot[n] = _MORE + 1  # so that log n isn't 0
    found = primitive(kernel.xreplace(hot), _PLACE)
    if found is None:
        raise NotConcluded("the weights have no primitive in closed form")
    back = {name: s for s, name in hot.items() if s != n}
    # log(3 - z) has the slope of log(z - 3), and is real.
    found = found.replace(log, lambda u: log(-u) if u.subs(_PLACE, 0).is_negative else log(u))
    pairs = (found / 2).xreplace({_PLACE: gram(TOKEN, OTHER), _MORE: n - 1, **back})
    return PairEnergy(pull, pairs, weight, pace)


def _unsigned(a: Any) -> list[Any]:
    """Return the real parameters of a number that may be 0."""
    own = (s for s in a.free_symbols if s.is_real and s.is_nonzero is None and s.is_Symbol)
    return sorted((s for s in own if s != _PLACE and not moving(s)), key=str)


def heated(a: Any) -> tuple[Found, ...]:
    """Assume that no parameter by which a number is divided is 0, and that of log n n is not 1.

    Examples
    --------
    >>> [str(one) for one in heated(1 / beta)]
    ['β != 0 (given: β != 0)']
    """
    below = Mul(*denominators(a))
    several = (assume(SEVERAL),) if n in below.free_symbols else ()
    return *(assume(Rel("!=", s, 0)) for s in _unsigned(below)), *several


@lru_cache(maxsize=8)
def attached(subject: Subject) -> PairEnergy | Refusal:
    """Return the energy of pairs of a model in pull form, or why there is none."""
    pull = pull_of(subject)
    if isinstance(pull, Refusal):
        return pull
    try:
        return energy_of(pull)
    except NotConcluded as short:
        return Refusal(str(short))


def heat_along(own: PairEnergy, mask: Mask | None = None) -> Any:
    """Return b of ``w_ij = m_i m_j W_ij e^(b <x_i,x_j>)``, W_ij of a mask, or 1; None for others.

    Examples
    --------
    >>> from proofs_checks.theorems.sight import seen_through
    >>> from theory.models import SA, catalogue
    >>> own = attached(Subject.of(catalogue("window")))
    >>> mask = seen_through(own.pull)
    >>> heat_along(own, mask), heat_along(attached(Subject.of(SA)), mask)
    (beta, None)
    >>> heat_along(own), heat_along(attached(Subject.of(SA)))
    (None, beta)
    """
    i, j = TOKEN, OTHER
    seen = S.One if mask is None else Entry(mask, i, j)
    rest = own.weight / (Item(m, i) * Item(m, j) * seen)
    power = S.Zero if rest == 1 else rest.args[0] if isinstance(rest, exp) else None
    if power is None or (heat := power / gram(i, j)).has(Term):
        return None
    return heat


def slope_of(own: PairEnergy, still: Found, unit: Found) -> Found:
    """``e_ij' = w_ij <x_i,x_j>'/2``, given that masses are constant, and tokens of length 1."""
    slope = Rel("=", ddt(own.pairs), own.weight * ddt(own.product) / 2)
    constant = (apply(CONSTANT, still),) if own.pairs.has(m) else ()
    return _on_sphere(EQUAL, slope, unit, *constant, *heated(own.pairs))


def mirror_of(own: PairEnergy, unit: Found, *even: Found) -> Found:
    """``w_ij = w_ji``, of tokens of length 1."""
    swapped = own.weight.xreplace({TOKEN: OTHER, OTHER: TOKEN})
    return _on_sphere(MIRRORED, Rel("=", own.weight, swapped), unit, *even)


def _on_sphere(engine: Engine, says: Rel, unit: Found, *facts: Found) -> Found:
    """Decide what may divide by functions of <x_i,x_j>, which is in [-1, 1]."""
    found = settle(engine, says, *facts)
    if isinstance(found, Refusal):
        return settle(engine, says, *facts, *cosines_of(unit)[:2])
    return found


def gradient_of(
    own: PairEnergy, unit: Found, still: Found, defined: tuple[Found, ...], *even: Found
) -> Found:
    """``E' = Σ_i τ_i <x_i', P_i Σ_j p_ij v_j>`` of a motion of tokens of length 1."""
    shared = Rel("=", own.pace * own.pull.weight, own.weight)
    share = settle(SHARES, shared)
    for engine in (SHARES, EQUAL):
        if isinstance(share, Refusal):
            share = _on_sphere(engine, shared, unit, *defined)
    names = {"i": TOKEN, "j": OTHER, "weight": own.pull.weight, "pace": own.pace}
    slope, mirror = slope_of(own, still, unit), mirror_of(own, unit, *even)
    return apply(GRADIENT, slope, mirror, share, unit, *even, **names)


def gradient(subject: Subject) -> Found:
    """``E' = Σ_i τ_i <x_i', P_i Σ_j p_ij x_j>`` along every curve of tokens: the differential.

    Examples
    --------
    >>> from theory.models import SA
    >>> print(gradient(Subject.of(SA)).by.name)
    gradient of a pair energy
    """
    own = attached(subject)
    if isinstance(own, Refusal):
        return own
    lengths = (read(CURVE_LENGTHS, subject),) if own.pull.weight.has(LENGTH) else ()
    return gradient_of(own, read(CURVE_UNIT, subject), read(CURVE_MASSES, subject), lengths)


def dissipation(subject: Subject) -> Found:
    """``E' = Σ_i τ_i |x_i'|²``, of masses that stay.

    Examples
    --------
    >>> from theory.models import CAUSAL
    >>> dissipation(Subject.of(CAUSAL)).says is None
    True
    """
    own = attached(subject)
    if isinstance(own, Refusal):
        return own
    if m in subject.velocities:
        return Refusal("masses move too")
    pull = own.pull
    slope = gradient_of(own, pull.unit, read(CONSTANT_MASSES, subject), pull.defined)
    return apply(MOVES, slope, pull.motion, i=TOKEN)


def climb(subject: Subject) -> Found:
    """``E' = S`` and ``0 <= E'``, or E' <= 0 for negative τ_i; with a part of masses that move."""
    own = attached(subject)
    if isinstance(own, Refusal):
        return own
    if m in subject.velocities:
        return _grown(own)
    rate, facts = dissipation(subject), (read(MASSES, subject), *own.pull.defined)
    if isinstance(rate, Refusal):
        return rate
    speeds = rate.says.right
    sign = settle(SIGNS, Rel("<=", 0, speeds), *facts)
    if isinstance(sign, Refusal):
        falls = settle(SIGNS, Rel("<=", speeds, 0), *facts)
        if isinstance(falls, Theorem):
            return apply(together, rate, apply(CHAIN, rate, falls))
    return apply(together, rate, apply(CHAIN, sign, apply(TURNED, rate)))


def _grown(own: PairEnergy) -> Found:
    """``E' = Σ_i τ_i |x_i'|² + a Σ_i m_i f_i²`` and ``0 <= E'`` of masses that move."""
    pull, both = own.pull, Item(m, TOKEN) * Item(m, OTHER)
    pair, weight = 2 * own.pairs / both, own.weight / both
    swap = {TOKEN: OTHER, OTHER: TOKEN}
    motion, masses = read(MASS_MOTION, pull.subject), read(MASSES, pull.subject)
    if isinstance(motion, Refusal):
        return motion
    hot = heated(pair)
    found: Found = Refusal("masses don't move by what they are worth")
    for worth in worth_of(pair, TOKEN, OTHER):
        rate = motion.says.right.as_independent(TOKEN, as_Add=False)[0]
        growth = Rel("=", ddt(Item(m, TOKEN)), rate * Item(m, TOKEN) * worth)
        grows = settle(EQUAL, growth, motion, masses, *hot)
        found = apply(
            GROWS,
            settle(EQUAL, Rel("=", ddt(pair), weight * ddt(gram(TOKEN, OTHER))), *hot),
            settle(MIRRORED, Rel("=", pair, pair.xreplace(swap)), *hot),
            settle(MIRRORED, Rel("=", weight, weight.xreplace(swap))),
            settle(SHARES, Rel("=", own.pace * pull.weight, own.weight)),
            pull.unit,
            pull.motion,
            grows,
            settle(SIGNS, Rel("<=", 0, own.pace), masses),
            masses,
            settle(SIGNS, Rel("<=", 0, rate)),
            i=TOKEN,
            j=OTHER,
            pace=own.pace,
            rate=rate,
        )
        if not isinstance(found, Refusal):
            break
    return found


def ascent(subject: Subject) -> Found:
    """``0 <= E'``, at a pace that may be 0 too."""
    found = apply(part, climb(subject), place=1)
    if not isinstance(found, Refusal):
        return found if found.says.left == 0 else Refusal("it falls", found.says)
    paced = _at_a_pace(subject)
    return found if isinstance(paced, Refusal) else paced


def _at_a_pace(subject: Subject) -> Found:
    """``0 <= E'`` of weights s(t) q_ij with τ_i q_ij = w_ij: there is no τ_i/s where s is 0."""
    pull = pull_of(subject)
    if isinstance(pull, Refusal) or m in subject.velocities:
        return pull if isinstance(pull, Refusal) else Refusal("masses move too")
    factors = Mul.make_args(pull.weight)
    paces = [a for a in factors if t in a.free_symbols and not a.has(Term, TOKEN, OTHER)]
    if not paces:
        return Refusal("there is no pace")
    pace, rest = Mul(*paces), Mul(*(a for a in factors if a not in paces))
    still = replace(pull, weight=rest)
    try:
        own = energy_of(still)
    except NotConcluded as short:
        return Refusal(str(short))
    slope = gradient_of(own, pull.unit, read(CONSTANT_MASSES, subject), pull.defined)
    sign = settle(SIGNS, Rel("<=", 0, own.pace), read(MASSES, subject), *pull.defined)
    speed = settle(SIGNS, Rel("<=", 0, pace))
    names = {"i": TOKEN, "j": OTHER, "weight": still.weight, "pace": pace}
    return apply(CLIMB_AT_A_PACE, slope, pull.motion, sign, speed, **names)
