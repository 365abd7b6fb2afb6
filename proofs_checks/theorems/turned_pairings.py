"""(A.4), Lemma A.2: one of the pairings B_j, or turns B_kl of planes, bends the energy up.

Where S turns by a skew B, E'' = c Σ_(S×S^c) <B² x_i,x_j>, and squares of the d pairings (d odd) or
the d(d-1)/2 turns add up to a multiple of I: one E'' is at least their mean.
"""

from __future__ import annotations

from typing import Any

from sympy import S, cancel, sympify

from proofs_checks.propositions import All, Definition, Is, Proposition, Rel, Subject, free_of
from proofs_checks.theorems.coefficients import COEFFICIENTS
from proofs_checks.theorems.conclusions import Conclusion, claimed
from proofs_checks.theorems.engines import ADDED, EQUAL, SIGNS, spared
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
from proofs_checks.theorems.pairings import ADDED_UP, PAIRED, PLANES, PLANES_UP, squares_add_up
from proofs_checks.theorems.saddles import ON_CIRCLES
from proofs_checks.theorems.second_derivatives import ACROSS, BOTH, over_pairs
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

_BENDS = (
    "of states of {{0}} at which {{3}} is negative, c_i being 1 on S and 0 off it, the energy "
    "{{1}} has E'' >= {{2}} times its absolute value where S turns by one of {}"
)
_SORTS = Subject, Sort.NUMBER, Sort.NUMBER, Sort.NUMBER
SOME_PAIRING = Definition(
    "a pairing that bends",
    f"d odd: {_BENDS.format('the pairings B_j, j = 1, ..., d')}",
    _SORTS,
)
SOME_PLANE = Definition(
    "a turn of a plane that bends",
    _BENDS.format("the turns B_kl of two coordinates, k < l"),
    _SORTS,
)
_BENT_BY = {ADDED_UP: (PAIRED, d, SOME_PAIRING), PLANES_UP: (PLANES, d * (d - 1) / 2, SOME_PLANE)}
"""Of whom sums of squares are, how many they are, and what one of them does."""


def _some(
    bend: Fact,
    paired: Fact,
    added: Fact,
    less: Fact,
    energy: Any,
    factor: Any,
    best: Any,
    masses: Any,
) -> Concluded:
    wants(bend, Rel("=", ddt(ddt(energy)), over_pairs(ACROSS * masses * factor * BENT)))
    turns = [one for one in bend.given if isinstance(one, Is) and one.definition in (ON_TURN, SKEW)]
    if {one.definition for one in turns} != {ON_TURN, SKEW} or Is(SKEW, B) not in turns:
        raise NotConcluded("it needs any skew B, by which S turns")
    if any(B in free_of(one) for one in bend.given - set(turns)):
        raise NotConcluded("more is assumed of B")
    if not isinstance(added.says, Is) or added.says.definition not in _BENT_BY:
        raise NotConcluded("it needs the sum of the squares of pairings, or of turns of planes")
    *block, total = added.says.arguments
    each, count, bends = _BENT_BY[added.says.definition]
    wants(paired, Is(each, *block))
    if factor.free_symbols - {n, d} or total.free_symbols - {d} or masses not in (1, BOTH):
        raise NotConcluded("a factor depends on the tokens")
    wants(less, Rel("<=", best, -factor * total / count))
    (subject,) = (one.arguments[0] for one in turns if one.definition is ON_TURN)
    cut = over_pairs(ACROSS * masses * PRODUCT)
    return Concluded(Is(bends, subject, energy, best, cut), {0: tuple(turns)})


BEST_OF_PAIRINGS = Rule(
    "one pairing at least",
    "E'' = f Σ_(S×S^c) <B² x_i,x_j>, or with m_i m_j, where S turns by a skew B; N skew B_j, Σ_j "
    "B_j² = c I; b <= -f c/N: where cut < 0, E'' >= b |cut| for one B_j",
    "the mean over j of E'' is f c cut/N = -(f c/N) |cut|, and one is at least the mean",
    _some,
)


def _positive(best: Any) -> Found:
    """``0 < b`` for 2 <= d: by itself, or as a multiple of d - 1."""
    wide = assume(ON_CIRCLES)
    plain = settle(SIGNS, Rel("<", 0, best), wide)
    if isinstance(plain, Theorem):
        return plain
    more = settle(ADDED, Rel("<", 0, d - 1), wide, settle(SIGNS, Rel("<", 0, S.One)))
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
    paired = squares_add_up(block)
    found, then, names = _bends(subject, kernel.xreplace({z: PRODUCT}) / n, factor, best, paired)
    entries = paired.says.then.args[0].arguments
    then = All(All(Is(PAIRED, *entries), Is(ADDED_UP, *entries, total)), *then.args[1:])
    return claimed(found, then, (ON_CIRCLES,), names)


def some_plane_bends(
    subject: Subject, kernel: Any, factor: Any, block: Any
) -> tuple[Found, Proposition, tuple[Name, ...]]:
    """Conclude ``Σ_(k<l) B_kl² = -(d-1) I`` and E'' >= (2/d) f |cut|, > 0, for some B_kl.

    Parameters
    ----------
    subject : Subject
    kernel : Expr
        h, in ``z``: E_0 = Σ_i Σ_j m_i m_j h(<x_i,x_j>).
    factor : Expr
        f, E'' over the sum of m_i m_j <B² x_i,x_j> across the cut.
    block : sequence of rows

    Examples
    --------
    >>> from theory.models import SA
    >>> from theory.symbols import beta
    >>> cold = Subject.of(SA, {beta: 0})
    >>> [type(some_plane_bends(cold, z, 2, ((0, 1), (s, 0)))[0]).__name__ for s in (-1, 1)]
    ['Theorem', 'Refusal']
    """
    factor, turned = sympify(factor), squares_add_up(block, planes=True)
    pairs = BOTH * kernel.xreplace({z: PRODUCT})
    return _bends(subject, pairs, factor, 2 * factor / d, turned, BOTH)


def _bends(
    subject: Subject, pairs: Any, factor: Any, best: Any, turned: Conclusion, masses: Any = S.One
) -> tuple[Found, Proposition, tuple[Name, ...]]:
    """Conclude that one of the matrices whose squares add up bends the energy by b |cut|, 0 < b."""
    energy, added = over_pairs(pairs), turned.says.then.args[1]
    sides = (apply(part, turned.found, place=place) for place in (0, 1))
    bend = bent_where_turned(subject, pairs, masses * factor * BENT)
    _, count, bends = _BENT_BY[added.definition]
    mean = Rel("<=", best, -factor * (1 - d) / count)
    less = spared(COEFFICIENTS, mean, assume(ON_CIRCLES))
    asked = {"energy": energy, "factor": factor, "best": best, "masses": masses}
    one = apply(BEST_OF_PAIRINGS, bend, *sides, less, **asked)
    cut = over_pairs(ACROSS * masses * PRODUCT)
    then = All(turned.says.then, Is(bends, subject, energy, best, cut), Rel("<", 0, best))
    return apply(together, turned.found, one, _positive(best)), then, (Name("E", energy),)


__all__ = ["BEST_OF_PAIRINGS", "some_pairing_bends", "some_plane_bends"]
