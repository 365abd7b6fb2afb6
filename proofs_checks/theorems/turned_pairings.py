"""(A.4): for odd d one of the pairings B_j bends the energy up where S turns by it.

E'' = c Σ_(S×S^c) <B² x_i,x_j> for every skew B, and squares of the d pairings add up to a multiple
of I: one E'' is at least their mean.
"""

from __future__ import annotations

from typing import Any

from sympy import S, cancel

from proofs_checks.propositions import All, Definition, Is, Proposition, Rel, Subject, free_of
from proofs_checks.theorems.coefficients import COEFFICIENTS
from proofs_checks.theorems.conclusions import Conclusion, claimed
from proofs_checks.theorems.engines import ADDED, EQUAL, SIGNS
from proofs_checks.theorems.kernel import (
    Concluded,
    Fact,
    Found,
    NotConcluded,
    Rule,
    Theorem,
    apply,
    assume,
    settle,
)
from proofs_checks.theorems.logic import part, together
from proofs_checks.theorems.order import CHAIN, SCALE, wants
from proofs_checks.theorems.pairings import ADDED_UP, PAIRED, squares_add_up
from proofs_checks.theorems.saddles import ON_CIRCLES
from proofs_checks.theorems.second_derivatives import ACROSS, over_pairs
from proofs_checks.theorems.turned_subsets import (
    BENT,
    ON_TURN,
    PRODUCT,
    SKEW,
    B,
    bent_where_turned,
)
from theory.symbols import d, n, z
from theory.terms import Name, Sort, ddt

SOME_PAIRING = Definition(
    "a pairing that bends",
    "d odd: of states of {0} with cut < 0, the sum of <x_i,x_j> over i in S and j not in S, the "
    "energy {1} has E'' >= {2} |cut| where S turns by one of the pairings B_j, j = 1, ..., d",
    (Subject, Sort.NUMBER, Sort.NUMBER),
)


def _some(
    bend: Fact, paired: Fact, added: Fact, less: Fact, energy: Any, factor: Any, best: Any
) -> Concluded:
    wants(bend, Rel("=", ddt(ddt(energy)), over_pairs(ACROSS * factor * BENT)))
    turns = [one for one in bend.given if isinstance(one, Is) and one.definition in (ON_TURN, SKEW)]
    if {one.definition for one in turns} != {ON_TURN, SKEW} or Is(SKEW, B) not in turns:
        raise NotConcluded("it needs any skew B, by which S turns")
    if any(B in free_of(one) for one in bend.given - set(turns)):
        raise NotConcluded("more is assumed of B")
    if not isinstance(added.says, Is) or added.says.definition is not ADDED_UP:
        raise NotConcluded("it needs the sum of the squares of the pairings")
    *block, total = added.says.arguments
    wants(paired, Is(PAIRED, *block))
    if factor.free_symbols - {n, d} or total.free_symbols - {d}:
        raise NotConcluded("a factor depends on the tokens")
    wants(less, Rel("<=", best, -factor * total / d))
    (subject,) = (one.arguments[0] for one in turns if one.definition is ON_TURN)
    return Concluded(Is(SOME_PAIRING, subject, energy, best), {0: tuple(turns)})


BEST_OF_PAIRINGS = Rule(
    "one pairing at least",
    "E'' = f Σ_(S×S^c) <B² x_i,x_j>, where S turns by a skew B; B_j are skew; Σ_j B_j² = c I, j = "
    "1, ..., d; b <= -f c/d: where cut < 0, E'' >= b |cut| for one B_j",
    "the mean over j of E'' is f c cut/d = -(f c/d) |cut|, and one is at least the mean",
    _some,
)


def _positive(best: Any) -> Found:
    """``0 < b`` for 2 <= d: by itself, or as a multiple of d - 1."""
    plain = settle(SIGNS, Rel("<", 0, best))
    if isinstance(plain, Theorem):
        return plain
    more = settle(ADDED, Rel("<", 0, d - 1), assume(ON_CIRCLES), settle(SIGNS, Rel("<", 0, S.One)))
    share = cancel(best / (d - 1))
    found = apply(SCALE, settle(SIGNS, Rel("<", 0, share)), more)
    return apply(CHAIN, found, settle(EQUAL, Rel("=", share * (d - 1), best)))


def some_pairing_bends(
    subject: Subject, kernel: Any, factor: Any, block: Any, total: Any, best: Any
) -> Conclusion:
    """Claim ``Σ_j B_j² = c I`` and ``0 < b``, E'' >= b |cut| for some B_j, d odd.

    Parameters
    ----------
    subject : Subject
    kernel : Expr
        h, in ``z``: E_0 = Σ_i Σ_j h(<x_i,x_j>)/n.
    factor : Expr
        E'' over the sum across the cut.
    block : sequence of rows
    total : Expr
        c.
    best : Expr
        b.

    Examples
    --------
    >>> from theory.models import SA
    >>> from theory.symbols import beta
    >>> cold, block = Subject.of(SA, {beta: 0}), ((0, -1), (1, 0))
    >>> own = some_pairing_bends(cold, z, 2 / n, block, 1 - d, 2 * (d - 1) / (d * n))
    >>> own.found.by.name
    'and'
    """
    energy = over_pairs(kernel.xreplace({z: PRODUCT}) / n)
    paired = squares_add_up(block)
    skew, added = (apply(part, paired.found, place=place) for place in (0, 1))
    bend = bent_where_turned(subject, kernel.xreplace({z: PRODUCT}) / n, factor * BENT)
    wide = assume(ON_CIRCLES)
    less = settle(COEFFICIENTS, Rel("<=", best, -factor * (1 - d) / d), wide)
    one = apply(BEST_OF_PAIRINGS, bend, skew, added, less, energy=energy, factor=factor, best=best)
    found = apply(together, paired.found, one, _positive(best))
    entries = paired.says.then.args[0].arguments
    then: Proposition = All(
        All(Is(PAIRED, *entries), Is(ADDED_UP, *entries, total)),
        Is(SOME_PAIRING, subject, energy, best),
        Rel("<", 0, best),
    )
    return claimed(found, then, (ON_CIRCLES,), (Name("E", energy),))


__all__ = ["BEST_OF_PAIRINGS", "some_pairing_bends"]
