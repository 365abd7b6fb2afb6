"""No measure with a density stays where tokens meet: they leave no mass behind.

Along an invariant finite measure the integral of the spread of the tokens is constant. Where it
tends to 0 from almost every start, or from every start in an open hemisphere, that measure lives at
consensus there, which is null. At a consensus at rest a smooth invariant density vanishes where the
divergence, the trace of the linearisation, isn't 0.
"""

from __future__ import annotations

from typing import Any

from sympy import Add, S

from proofs_checks.propositions import Definition, Is, Rel, Subject
from proofs_checks.theorems.almost_every import HOT, MEETS
from proofs_checks.theorems.attraction import SEVERAL
from proofs_checks.theorems.clustered_starts import (
    from_almost_all,
    meeting_in,
    of_parameters,
)
from proofs_checks.theorems.conclusions import Conclusion, claimed
from proofs_checks.theorems.consensus_modes import ALL_MODES, modes_in
from proofs_checks.theorems.engines import SIGNS, spared
from proofs_checks.theorems.existence import LASTS, lasting_solutions
from proofs_checks.theorems.hemisphere import pull_of
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
)
from proofs_checks.theorems.lengths import LONG, SHORT
from proofs_checks.theorems.order import of_all, wants
from proofs_checks.theorems.pulls import HIGH, UNIT_AXIS, WARM, H, height
from proofs_checks.theorems.readers import SOLVES, TO_ONE, TOKEN, solving
from proofs_checks.theorems.recurrence import NO_DENSITY
from proofs_checks.theorems.saddles import ON_CIRCLES
from theory.symbols import d, n, t

NO_POSITIVE_DENSITY = Definition(
    "no invariant density > 0",
    "no finite measure with a density > 0 on the states of {0} is invariant",
    (Subject,),
)
NO_SMOOTH_DENSITY = Definition(
    "no invariant smooth density > 0",
    "masses 1/n: no measure with a smooth density > 0 on the states of {0} is invariant",
    (Subject,),
)
DOMINATED = "dominated convergence, of the spread max |x_i - x_j|, which is bounded"


def _wide(several: Fact, dimension: Fact) -> None:
    """Consensus has (n - 1)(d - 1) dimensions less than all states: it is null."""
    wants(several, SEVERAL)
    wants(dimension, ON_CIRCLES)


def _left(meets: Fact, several: Fact, dimension: Fact) -> Is:
    _wide(several, dimension)
    return Is(NO_DENSITY, from_almost_all(meets))


def _hemisphere(near: Fact) -> tuple[Subject, frozenset[Any]]:
    """Return the model whose tokens meet from open hemispheres, and what that is given under."""
    wants(near, TO_ONE)
    solved = [one for one in near.given if isinstance(one, Is) and one.definition is SOLVES]
    if len(solved) != 1:
        raise NotConcluded("it needs the solutions of one model")
    spared = frozenset({*solved, UNIT_AXIS, HIGH, SHORT, LONG})
    of_parameters(near.given - spared)
    return solved[0].arguments[0], spared


def _few(near: Fact, lasts: Fact, many: Fact) -> Concluded:
    subject, spared = _hemisphere(near)
    wants(lasts, Is(LASTS, subject))
    wants(many, Rel("<=", n, d))
    of_parameters(lasts.given)
    return Concluded(Is(MEETS, subject), discharges={0: tuple(spared)})


def _left_in_hemispheres(near: Fact, kept: Fact, several: Fact, dimension: Fact) -> Concluded:
    _wide(several, dimension)
    subject, spared = _hemisphere(near)
    if solving(subject) not in kept.given:
        raise NotConcluded("it is about another model")
    wants(kept, Rel("<=", H, height(TOKEN)))
    of_all(kept, TOKEN, t)
    of_parameters(kept.given - spared)
    return Concluded(Is(NO_POSITIVE_DENSITY, subject), spares=spared)


def divergence(modes: Fact) -> tuple[Subject, Any]:
    """Return the model of modes at a consensus at rest, of tokens alone, and their trace.

    Raises
    ------
    NotConcluded
    """
    subject, own, later = modes_in(modes)
    spheres = set(subject.spaces.values()) == {"sphere"}
    if later or not spheres or any(t in how.free_symbols for how in subject.velocities.values()):
        raise NotConcluded("it is about tokens alone, all alike, at all times")
    return subject, Add(*(value * count for value, count in own))


def _vanishes(modes: Fact, sign: Fact, several: Fact, dimension: Fact) -> Is:
    _wide(several, dimension)
    subject, trace = divergence(modes)
    wants(sign, Rel("<", trace, S.Zero))
    return Is(NO_SMOOTH_DENSITY, subject)


LEFT_BEHIND = Rule(
    "tokens that meet leave no mass behind",
    "from almost every start all tokens tend to one point; 2 <= n; 2 <= d: no finite measure with "
    "a density is invariant",
    "∫D dμ = ∫D(φ_t x) dμ -> 0 for the spread D, so μ is at consensus, which is null",
    _left,
    (DOMINATED,),
)
FEW_TOKENS = Rule(
    "no more tokens than dimensions",
    "from h <= <x_i(0),w> tokens tend to one point; from every start there is one solution for all "
    "time; n <= d: from almost every start all tokens tend to one point",
    "n <= d tokens are independent but for zeros of their Gram determinant, which is analytic and "
    "isn't 0; then some w has <x_i,w> = 1 for all i",
    _few,
)
LEFT_IN_HEMISPHERES = Rule(
    "no mass is left in hemispheres",
    "from h <= <x_i(0),w> tokens tend to one point, and h <= <x_i,w> at all times; 2 <= n; 2 <= "
    "d: no finite measure with a density > 0 is invariant",
    "U, where tokens are in an open hemisphere, has φ_t(U) in U and μ(φ_t^(-1)(U)) = μ(U), so "
    "that ∫_U D dμ = ∫_U D(φ_t x) dμ -> 0 for the spread D: μ is at consensus in U, which is open, "
    "and consensus is null",
    _left_in_hemispheres,
    (DOMINATED,),
)
VANISHES = Rule(
    "an invariant density vanishes at consensus",
    "modes λ_k at a consensus at rest, c_k times; Σ c_k λ_k < 0; 2 <= n; 2 <= d: no measure with a "
    "smooth density > 0 is invariant, of masses 1/n",
    "div(ρF) = ρ div F + <grad ρ, F> = ρ Σ c_k λ_k at consensus, where F = 0: div(ρF) = 0 needs ρ "
    "= 0 there",
    _vanishes,
)


def _wide_facts() -> tuple[Found, Found]:
    return assume(SEVERAL), assume(ON_CIRCLES)


def _claimed(found: Found, *more: Any) -> Conclusion | None:
    if isinstance(found, Refusal):
        return None
    return claimed(found, found.says, (SEVERAL, ON_CIRCLES, WARM, HOT, *more))


def no_mass_left(theorem: Theorem) -> Conclusion | None:
    """Conclude that no measure with a density stays from where tokens tend to one point.

    Examples
    --------
    >>> from proofs_checks.theorems.hemisphere import common_sight
    >>> from proofs_checks.theorems.starts import almost_every_start
    >>> from theory.models import CAUSAL, SA
    >>> own = no_mass_left(almost_every_start("Theorem 6.1", Subject.of(CAUSAL))[1].found)
    >>> own.found.by.name
    'tokens that meet leave no mass behind'
    >>> no_mass_left(common_sight(Subject.of(SA))).found.by.name
    'no mass is left in hemispheres'
    """
    meets = meeting_in(theorem)
    if isinstance(meets, Refusal):
        return None
    sizes = sorted((one for one in meets.given if isinstance(one, Rel)), key=str)
    if meets.says != TO_ONE:
        return _claimed(apply(LEFT_BEHIND, meets, *_wide_facts()), *sizes)
    solved = [one for one in meets.given if isinstance(one, Is) and one.definition is SOLVES]
    pull = pull_of(solved[0].arguments[0]) if len(solved) == 1 else Refusal("no one model")
    if isinstance(pull, Refusal):
        return None
    found = apply(LEFT_IN_HEMISPHERES, meets, pull.heights, *_wide_facts())
    return _claimed(found, *sizes)


def no_mass_of_few(theorem: Theorem) -> Conclusion | None:
    """Conclude it of no more tokens than dimensions, from what is so in open hemispheres.

    Examples
    --------
    >>> from proofs_checks.theorems.hemisphere import common_sight
    >>> from theory.models import CAUSAL
    >>> sorted(map(str, no_mass_of_few(common_sight(Subject.of(CAUSAL))).found.given))[-1]
    'Rel(<=, n, d)'
    """
    near = meeting_in(theorem)
    if isinstance(near, Refusal):
        return None
    solved = [one for one in near.given if isinstance(one, Is) and one.definition is SOLVES]
    if len(solved) != 1:
        return None
    many = Rel("<=", n, d)
    meets = apply(FEW_TOKENS, near, lasting_solutions(solved[0].arguments[0]), assume(many))
    sizes = () if isinstance(meets, Refusal) else meets.given
    rest = sorted((one for one in sizes if isinstance(one, Rel)), key=str)
    return _claimed(apply(LEFT_BEHIND, meets, *_wide_facts()), *rest)


def vanishing(subject: Subject) -> Conclusion | None:
    """Conclude that a smooth invariant density vanishes at consensus, by its modes.

    Examples
    --------
    >>> from theory.models import REPULSIVE, catalogue
    >>> vanishing(Subject.of(catalogue("encoder-decoder"))).found.by.name
    'an invariant density vanishes at consensus'
    >>> vanishing(Subject.of(REPULSIVE)) is None
    True
    """
    modes = read(ALL_MODES, subject)
    if isinstance(modes, Refusal):
        return None
    try:
        _, trace = divergence(modes.fact)
    except NotConcluded:
        return None
    falls = Rel("<", trace, S.Zero)
    for more in ((), (assume(HOT),)):
        sign = spared(SIGNS, falls, *_wide_facts(), *more)
        if isinstance(sign, Theorem):
            return _claimed(apply(VANISHES, modes, sign, *_wide_facts()))
    return None


__all__ = ["no_mass_left", "no_mass_of_few", "vanishing"]
