"""(A.2), Lemma A.2: states that rest where x_i' is a multiple of P_i M, and sums across a cut.

M = Σ_j m_j x_j, and P_i M = 0 for every i: M is 0, or x_i = ±M/|M|. Where M = 0 a token is cut off
the others by -m_i²; else those at M/|M| off those at -M/|M| by -p q, p and q their masses.
"""

from __future__ import annotations

from collections.abc import Mapping
from itertools import product
from typing import Any

from sympy import ImmutableMatrix, MatrixBase, MatrixSymbol, S

from proofs_checks.proof import How
from proofs_checks.propositions import (
    All,
    Definition,
    Implies,
    Is,
    Proposition,
    Rel,
    Subject,
)
from proofs_checks.theorems.cold import CENTRE
from proofs_checks.theorems.conclusions import Conclusion, claimed
from proofs_checks.theorems.engines import EQUAL, SIGNS, WEIGHED
from proofs_checks.theorems.kernel import (
    Concluded,
    Engine,
    Fact,
    Found,
    NotConcluded,
    Reader,
    Refusal,
    Rule,
    apply,
    assume,
    read,
    settle,
)
from proofs_checks.theorems.logic import discharge, together
from proofs_checks.theorems.order import (
    CANCEL,
    CHAIN,
    REPLACE,
    TOKEN_SUM,
    TURNED,
    ZERO_SUM,
    of_all,
    wants,
)
from proofs_checks.theorems.pulls import gram
from proofs_checks.theorems.readers import (
    OTHER,
    STATE_POSITIVE,
    STATE_UNIT,
    TOKEN,
    Facts,
    require_sphere,
    weights_of,
)
from proofs_checks.theorems.saddles import ON_CIRCLES
from proofs_checks.theorems.second_derivatives import ACROSS, BOTH, EQUATIONS, OWN, over_pairs
from proofs_checks.theorems.turned_pairings import some_plane_bends
from theory.symbols import X, m, n
from theory.terms import Entry, Inner, Item, Name, Norm, Projected, Row, Sort, Vec, total, weight

ENDS = MatrixSymbol("a", n, 1)
AT_END = Item(ENDS, TOKEN)
"""a_i: 1 for tokens at u, 0 for those at -u."""
_X, _MASS, _U = Row(X, TOKEN), Item(m, TOKEN), Vec("u")

AT_REST = Definition("state at rest", "X is a state of {0} at which no token moves", (Subject,))
_CHOSEN = "c_i is 1 on a set S of tokens, 0 off it"
BALANCED = Definition(
    "balanced state", f"X is a state of {{0}} with Σ_j m_j x_j = 0, {_CHOSEN}", (Subject,)
)
TWO_ENDS = Definition(
    "two ends",
    f"X is a state of {{0}} with tokens at a point u, and others, if any, at -u, a_i is 1 at u, 0 "
    f"at -u, {_CHOSEN}",
    (Subject,),
)
KINDS = Definition(
    "kinds of rest",
    "each state of {0} at which no token moves has Σ_j m_j x_j = 0, or tokens at some u and "
    "others, if any, at -u",
    (Subject,),
)
CUT_OFF = Definition(
    "tokens at rest with a cut",
    "the rows x_i of {0} have length 1 and P_i Σ_j x_j = 0, and the sum of <x_i,x_j> over i in S "
    "and j not in S is negative for some S",
    (Sort.MAP,),
)
_CUT = BOTH * gram(TOKEN, OTHER)
CUT = over_pairs(ACROSS * _CUT, (TOKEN,))
"""Σ_(S×S^c) m_i m_j <x_i,x_j>."""
ONE_OFF = total(_CUT, OTHER, (TOKEN,))
"""That of one token and all others."""
ENDS_OFF = over_pairs(AT_END * (1 - Item(ENDS, OTHER)) * _CUT)
"""That of tokens at u and tokens at -u."""


# -- what is read, and concluded ---------------------------------------------------------------


def _said(definition: Definition, name: str, says: Proposition) -> Reader:
    def so(subject: Subject) -> Facts:
        require_sphere(subject)
        return frozenset({Is(definition, subject)}), says, definition.name

    return Reader(f"{name} of a {definition.name}", so)


def _resting(subject: Subject) -> Facts:
    speed = Projected(_X, total(Row(X, OTHER) * weights_of(subject), OTHER))
    given = frozenset({Is(AT_REST, subject)})
    return given, Rel("=", Inner(speed, speed), 0), "row i of the velocity, as P_i x_i = 0"


def _as_state(definition: Definition, reader: Reader) -> Reader:
    def so(subject: Subject) -> Facts:
        _, says, evidence = reader.read(subject)
        return frozenset({Is(definition, subject)}), says, evidence

    return Reader(f"{reader.name}, of a {definition.name}", so)


RESTING = Reader("no speed", _resting)
REST_UNIT, REST_MASSES = (_as_state(AT_REST, a) for a in (STATE_UNIT, STATE_POSITIVE))
NO_UNIT, NO_MASSES = (_as_state(BALANCED, a) for a in (STATE_UNIT, STATE_POSITIVE))
END_MASSES = _as_state(TWO_ENDS, STATE_POSITIVE)
NO_MEAN_CHOSEN, CHOSEN = (
    _said(one, "subset", Rel("=", OWN**2, OWN)) for one in (BALANCED, TWO_ENDS)
)
NO_MEAN = _said(BALANCED, "mean", Rel("=", Inner(_X, CENTRE), 0))
PLACED = _said(TWO_ENDS, "places", Rel("=", _X, _U * (2 * AT_END - 1)))
END_UNIT = _said(TWO_ENDS, "length", Rel("=", Inner(_U, _U), 1))
END_SQUARES = _said(TWO_ENDS, "squares", Rel("=", AT_END**2, AT_END))
ABOVE = _said(TWO_ENDS, "signs", Rel("<=", 0, 1 - AT_END))
HEAVY = _said(TWO_ENDS, "mass", Rel("<", 0, total(_MASS * AT_END, TOKEN)))


def _kinds(level: Fact, unit: Fact, mass: Fact) -> Concluded:
    wants(level, Rel("=", Inner(CENTRE, CENTRE) - Inner(_X, CENTRE) ** 2, 0))
    wants(unit, Rel("=", Norm(_X), 1))
    wants(mass, Rel("<", 0, _MASS))
    given = level.given | unit.given | mass.given
    subjects = {
        one.arguments[0] for one in given if isinstance(one, Is) and one.definition is AT_REST
    }
    if len(subjects) != 1 or given != {Is(AT_REST, *subjects)}:
        raise NotConcluded("it is of states at rest, of which nothing else is assumed")
    for fact in (level, unit, mass):
        of_all(fact, TOKEN)
    return Concluded(Is(KINDS, *subjects), spares=given)


TWO_KINDS = Rule(
    "two kinds of rest",
    "|M|² = <x_i,M>² for every i at each state at rest, M = Σ_j m_j x_j; |x_i| = 1; 0 < m_i: M = "
    "0, or tokens at u = M/|M|, and others, if any, at -u",
    "|<x_i,M>| = |M| > 0 makes x_i = ±M/|M| (Cauchy and Schwarz); were all at -M/|M|, M would be "
    "-Σ_i m_i M/|M|",
    _kinds,
)


def _cut_off(says: Proposition, facts: tuple[Fact, ...]) -> str:
    if not isinstance(says, Is) or says.definition is not CUT_OFF:
        raise NotConcluded("it isn't that tokens rest with a cut")
    (table,) = says.arguments
    if not isinstance(table, MatrixBase) or not all(one.is_Rational for one in table):
        raise NotConcluded("it needs a table of rational numbers")
    products, size = table * table.T, table.rows
    if size > 12 or any(products[i, i] != 1 for i in range(size)):
        raise NotConcluded("rows of length 1 are needed, twelve at most")
    lengths = [sum(products[i, :]) for i in range(size)]
    if any(one**2 != sum(products) for one in lengths):  # |P_i M|² = |M|² - <x_i,M>²
        raise NotConcluded("a token isn't at rest")
    cuts = {}
    for chosen in product((0, 1), repeat=size):
        inside = [i for i in range(size) if chosen[i]]
        outside = [j for j in range(size) if not chosen[j]]
        cuts[chosen] = sum((products[i, j] for i in inside for j in outside), S.Zero)
    least = min(cuts.values())
    if not least < 0:
        raise NotConcluded("no S has a negative sum")
    return f"the least of {len(cuts)} sums is {least}"


CUTTING = Engine("sums over all subsets", How.DECIDED, _cut_off)


# -- a model -----------------------------------------------------------------------------------


def kinds_of_rest(subject: Subject) -> Found:
    """``Σ_j m_j x_j = 0``, or tokens at two ends, of a state at rest.

    Examples
    --------
    >>> from theory.models import SA
    >>> from theory.symbols import beta
    >>> [type(kinds_of_rest(Subject.of(SA, {beta: b}))).__name__ for b in (0, 1)]
    ['Theorem', 'Refusal']
    """
    try:
        own = weights_of(subject)
    except NotConcluded as short:
        return Refusal(str(short))
    shares = own.atoms(Entry)
    rate = own.xreplace({one: weight(one) for one in shares}) / Item(m, OTHER)
    meant = [settle(WEIGHED, Rel("=", one, weight(one))) for one in shares]
    rest, unit, masses = (read(one, subject) for one in (RESTING, REST_UNIT, REST_MASSES))
    if isinstance(rest, Refusal):
        return rest
    level = Inner(CENTRE, CENTRE) - Inner(_X, CENTRE) ** 2
    same = settle(EQUAL, Rel("=", rest.says.left, rate**2 * level), *meant, unit, masses)
    zero = apply(CHAIN, apply(TURNED, same), rest)
    factor = settle(SIGNS, Rel("<", 0, rate**2), masses)
    zero = zero if rate == 1 else apply(CANCEL, zero, factor, factor=rate**2)
    return apply(TWO_KINDS, zero, unit, masses)


def _pulled(factor: Any, mean: Found) -> tuple[Any, Found]:
    """Return ``a_i Σ_j m_j <x_i,x_j>``, and that 0 is what it is."""
    spread = factor * total(gram(TOKEN, OTHER) * Item(m, OTHER), OTHER)
    same = settle(EQUAL, Rel("=", factor * Inner(_X, CENTRE), spread))
    return spread, apply(REPLACE, mean, same)


def _balanced(subject: Subject, single: Any, of_sum: Any = None) -> tuple[Found, Proposition]:
    """Say what is cut off where M = 0: one token, and any S by its sum."""
    mean, unit, masses = (read(one, subject) for one in (NO_MEAN, NO_UNIT, NO_MASSES))
    says = [Rel("=", ONE_OFF, single), Rel("<", single, 0)]
    spread, none = _pulled(_MASS, mean)
    parted = settle(EQUAL, Rel("=", ONE_OFF, spread + single), unit)
    none = apply(TURNED, none)
    found = [settle(EQUATIONS, says[0], parted, none), settle(SIGNS, says[1], masses)]
    if of_sum is not None:
        subset = read(NO_MEAN_CHOSEN, subject)
        spread, none = _pulled(OWN * _MASS, mean)
        parted = settle(EQUAL, Rel("=", CUT, total(spread, TOKEN) + of_sum), unit, subset)
        says.insert(0, Rel("=", CUT, of_sum))
        none = apply(TURNED, apply(TOKEN_SUM, none, index=TOKEN))
        found.insert(0, settle(EQUATIONS, says[0], parted, none))
    here = Is(BALANCED, subject)
    both = apply(discharge, apply(together, *found), hypothesis=here)
    return both, Implies(here, All(*says))


def _of_ends(subject: Subject, single: Any, of_parts: Any = None) -> tuple[Found, Proposition]:
    """Say what is cut off where tokens are at two ends: one end, which has no other at 0."""
    readers = PLACED, END_UNIT, END_SQUARES, ABOVE, HEAVY, END_MASSES
    places, length, squares, above, heavy, masses = (read(one, subject) for one in readers)
    same, low = Rel("=", ENDS_OFF, single), Rel("<=", single, 0)
    cut = settle(EQUAL, same, places, length, squares)
    sign = settle(SIGNS, Rel("<=", 0, _MASS * (1 - AT_END)), above, masses)
    other, own = (total(_MASS * one, TOKEN) for one in (1 - AT_END, AT_END))
    none = Rel("=", ENDS_OFF, 0)
    parts = settle(EQUAL, Rel("=", ENDS_OFF, -own * other), places, length, squares)
    gone = settle(EQUATIONS, Rel("=", own * other, 0), parts, apply(TURNED, assume(none)))
    alone = apply(ZERO_SUM, apply(CANCEL, gone, heavy, factor=own), sign, index=TOKEN)
    each = apply(CANCEL, alone, masses, factor=_MASS)
    one = settle(EQUATIONS, Rel("=", AT_END, 1), apply(TURNED, each))
    alike = Rel("=", gram(TOKEN, OTHER), 1)
    together_then = apply(discharge, settle(EQUAL, alike, places, length, one), hypothesis=none)
    says = [same, low, Implies(none, alike)]
    found = [cut, settle(SIGNS, low, above, masses, heavy), together_then]
    if of_parts is not None:
        subset = read(CHOSEN, subject)
        says.insert(0, Rel("=", CUT, of_parts))
        found.insert(0, settle(EQUAL, says[0], places, length, squares, subset))
    here = Is(TWO_ENDS, subject)
    both = apply(discharge, apply(together, *found), hypothesis=here)
    return both, Implies(here, All(*says))


_ALL_OF = (AT_END, 1 - AT_END)


def cuts_at_rest(
    subject: Subject, of_sum: Any, of_parts: Any, symbols: tuple[Any, ...], tables: Any
) -> Conclusion:
    """Claim what S is cut off by at states at rest, and that the sum is negative for some S.

    Parameters
    ----------
    subject : Subject
    of_sum : Expr
        Where M = 0, in a symbol for |y|², y = Σ_(i in S) m_i x_i.
    of_parts : Expr
        Where tokens are at u and -u, in symbols for the masses there, p and q, and those of S.
    symbols : tuple of Symbol
        That of |y|², those of p and q, and those of S.
    tables : sequence of rows
        Tokens that are said to rest, with a sum below 0.

    Examples
    --------
    >>> from sympy import symbols
    >>> from theory.models import SA
    >>> from theory.symbols import beta
    >>> s, p, q, a, b = names = symbols("s p q a b")
    >>> cold, ends = Subject.of(SA, {beta: 0}), ((1, 0), (-1, 0))
    >>> cut = (a - b) * (p - q - a + b)
    >>> own = (cuts_at_rest(cold, c * s, cut, names, [ends]) for c in (-1, -2))
    >>> [type(one.found).__name__ for one in own]
    ['Theorem', 'Refusal']
    """
    square, *masses = symbols
    y = total(_X * (OWN * _MASS), TOKEN)
    whole = [total(_MASS * one, TOKEN) for one in _ALL_OF]
    inside = [total(_MASS * OWN * one, TOKEN) for one in _ALL_OF]
    parts = of_parts.xreplace(dict(zip(masses, (*whole, *inside), strict=True)))
    alone = of_parts.xreplace(dict(zip(masses, (*whole, whole[0], S.Zero), strict=True)))
    balanced, here = _balanced(
        subject, of_sum.xreplace({square: _MASS**2}), of_sum.xreplace({square: Inner(y, y)})
    )
    ends, there = _of_ends(subject, alone, parts)
    rows = [ImmutableMatrix(table) for table in tables]
    named = (Name(f"T_{place}", table) for place, table in enumerate(rows, start=1))
    seen = [Is(CUT_OFF, table) for table in rows]
    found = apply(
        together, kinds_of_rest(subject), balanced, ends, *(settle(CUTTING, one) for one in seen)
    )
    then = All(Is(KINDS, subject), here, there, *seen)
    return claimed(
        found,
        then,
        (),
        (
            *named,
            Name("M", CENTRE),
        ),
    )


def cut_that_bends(
    subject: Subject, kernel: Any, slope: Any, cuts: Mapping[Any, Any], block: Any
) -> Conclusion:
    """Claim that a cut at rest is negative, and that E'' > 0 where S turns by some B_kl.

    Parameters
    ----------
    subject : Subject
    kernel : Expr
        h, in ``z``: E_0 = Σ_i Σ_j m_i m_j h(<x_i,x_j>).
    slope : Expr
        h'.
    cuts : Mapping of tuple of Symbol to Expr
        In the symbol for m_i, that of one token where M = 0; in those for p and q, that of tokens
        at u and tokens at -u.
    block : sequence of rows
        That of B_kl.

    Examples
    --------
    >>> from sympy import symbols
    >>> from theory.models import SA
    >>> from theory.symbols import beta, z
    >>> p, q, w = symbols("p q w")
    >>> cold, cuts = Subject.of(SA, {beta: 0}), {(w,): -w**2, (p, q): -p * q}
    >>> own = (cut_that_bends(cold, z, 1, cuts, ((0, 1), (sign, 0))) for sign in (-1, 1))
    >>> [type(one.found).__name__ for one in own]
    ['Theorem', 'Refusal']
    """
    ((mass,), single), (masses, ends) = cuts.items()
    whole = [total(_MASS * one, TOKEN) for one in _ALL_OF]
    balanced, here = _balanced(subject, single.xreplace({mass: _MASS}))
    parted, there = _of_ends(subject, ends.xreplace(dict(zip(masses, whole, strict=True))))
    bends, said, names = some_plane_bends(subject, kernel, 2 * slope, block)
    found = apply(together, kinds_of_rest(subject), balanced, parted, bends)
    then = All(Is(KINDS, subject), here, there, said)
    return claimed(found, then, (ON_CIRCLES,), (Name("M", CENTRE), *names))


__all__ = ["CUTTING", "TWO_KINDS", "cut_that_bends", "cuts_at_rest"]
