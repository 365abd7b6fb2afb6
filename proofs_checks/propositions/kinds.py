"""What is said: nine kinds of proposition, each equal up to the names of what it binds.

They are SymPy's ``Basic``, so that terms may hold them, and no ``Boolean``, which evaluates:
``1 = 1`` stays as it was said. A variable that is free means "for all of its sort".
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import lru_cache
from typing import Any

from sympy import Basic, Tuple, sympify
from sympy.core.symbol import Str

from theory.terms import Binder, Sort, closed, free, loose, moving, put, sort_of

RELATIONS = ("=", "<", "<=", "!=")
EVERY, ALMOST_EVERY, SOME, ONE = "for every", "for almost every", "there is", "there is one"
QUANTIFIERS = (EVERY, ALMOST_EVERY, SOME, ONE)


class Proposition(Basic):
    """Something that is said."""


def said(what: Any, place: str) -> Proposition:
    """Return a proposition, or refuse what is none.

    Raises
    ------
    TypeError
    """
    if not isinstance(what, Proposition):
        raise TypeError(
            f"Expected a proposition in {place} but got {what!r}; make one with Rel, All, Any_, "
            f"Implies, Bound, Tends, Is, Not or Words."
        )
    return what


class Rel(Proposition):
    """A relation between two terms; of vectors, ``=`` or ``!=``.

    Examples
    --------
    >>> from theory.symbols import beta
    >>> Rel("<", 0, beta).op
    '<'
    """

    def __new__(cls, op: Any, left: Any, right: Any) -> Rel:
        """Check the relation, and that both sides are of one sort."""
        if str(op) not in RELATIONS:
            raise TypeError(
                f"Expected one of {', '.join(RELATIONS)} but got op={op}; turn > and >=."
            )
        one, two = sort_of(left), sort_of(right)
        if one is not two:
            raise TypeError(
                f"Expected two terms of one sort but got {one.value}={left} and "
                f"{two.value}={right}; compare numbers with numbers, vectors with vectors."
            )
        if one is not Sort.NUMBER and str(op) in ("<", "<="):
            raise TypeError(
                f"Expected two numbers for {op} but got {one.value}={left}; use = or !=."
            )
        obj: Rel = Basic.__new__(cls, Str(str(op)), sympify(left), sympify(right))
        return obj

    @property
    def op(self) -> str:
        """The relation: =, <, <= or !=."""
        op: str = self.args[0].name
        return op

    @property
    def left(self) -> Any:
        """Its left side."""
        return self.args[1]

    @property
    def right(self) -> Any:
        """Its right side."""
        return self.args[2]


class All(Proposition):
    """All of several."""

    def __new__(cls, *parts: Any) -> All:
        """Check that each part is a proposition."""
        obj: All = Basic.__new__(cls, *(said(part, "All") for part in parts))
        return obj


def conjoined(parts: Iterable[Any]) -> Proposition:
    """Say several things, or the one that there is.

    Examples
    --------
    >>> conjoined([Rel("<", 0, 1)]).op
    '<'
    """
    one, *more = parts
    found: Proposition = All(one, *more) if more else one
    return found


def conjuncts(says: Proposition) -> tuple[Any, ...]:
    """Return what is said beside one another, or the one thing that is said.

    Examples
    --------
    >>> [len(conjuncts(conjoined([Rel("<", 0, 1)] * k))) for k in (1, 2)]
    [1, 2]
    """
    return says.args if isinstance(says, All) else (says,)


class Any_(Proposition):
    """One of several at least."""

    def __new__(cls, *parts: Any) -> Any_:
        """Check that each part is a proposition."""
        obj: Any_ = Basic.__new__(cls, *(said(part, "Any_") for part in parts))
        return obj


class Not(Proposition):
    """The opposite."""

    def __new__(cls, part: Any) -> Not:
        """Check that it is of a proposition."""
        obj: Not = Basic.__new__(cls, said(part, "Not"))
        return obj


class Implies(Proposition):
    """If the first, then the second; with ``both``, the other way round too."""

    def __new__(cls, given: Any, then: Any, both: Any = False) -> Implies:
        """Check that both are propositions."""
        parts = said(given, "Implies"), said(then, "Implies")
        obj: Implies = Basic.__new__(cls, *parts, sympify(bool(both)))
        return obj


class Bound(Proposition, Binder):
    """A quantifier: for every, for almost every, there is, there is one."""

    def __new__(cls, body: Any, variable: Any, quantifier: Any) -> Bound:
        """Bind a variable."""
        variables = variable if isinstance(variable, tuple | Tuple) else (variable,)
        if str(quantifier) not in QUANTIFIERS:
            raise TypeError(f"Expected one of {', '.join(QUANTIFIERS)} but got {quantifier}.")
        parts = closed(said(body, "Bound"), variables)
        obj: Bound = Basic.__new__(cls, *parts, Str(str(quantifier)))
        return obj

    @property
    def quantifier(self) -> str:
        """Its quantifier, in words."""
        return str(self.args[2])


class Tends(Proposition):
    """``term -> limit`` as t goes to a time, or to infinity; so it is said at no time."""

    still = True

    def __new__(cls, term: Any, limit: Any, to: Any) -> Tends:
        """Check that what tends and where it tends are of one sort."""
        if sort_of(term) is not sort_of(limit) or sort_of(term) is Sort.INDEX:
            raise TypeError(
                f"Expected a limit of the sort of the term but got term={term}, limit={limit}; "
                f"numbers tend to numbers, vectors to vectors."
            )
        sort_of(to)
        obj: Tends = Basic.__new__(cls, *map(sympify, (term, limit, to)))
        return obj


class Words(Proposition):
    """What is said in words alone: no premise of a rule, and never what a claim says."""

    def __new__(cls, text: Any) -> Words:
        """Keep the words."""
        obj: Words = Basic.__new__(cls, Str(str(text)))
        return obj


def every(variable: Any, body: Any) -> Bound:
    """Say something of every value of a variable.

    Examples
    --------
    >>> from theory.symbols import m
    >>> from theory.terms import Index, Item
    >>> i, j = Index("i"), Index("j")
    >>> every(i, Rel("<", 0, Item(m, i))) == every(j, Rel("<", 0, Item(m, j)))
    True
    """
    return Bound(body, variable, EVERY)


def some(variable: Any, body: Any) -> Bound:
    """Say that there is a value of a variable of which something holds."""
    return Bound(body, variable, SOME)


@lru_cache(maxsize=4096)
def wordy(what: Proposition) -> bool:
    """Whether a proposition holds words."""
    return _holds_words(what)


def _holds_words(what: Basic) -> bool:
    return isinstance(what, Words) or any(map(_holds_words, what.args))


def timed(what: Proposition) -> bool:
    """Whether a proposition is of the time t, as "s_i <= s_j" is and "s_i(0) <= s_j(0)" isn't."""
    return moving(what)


def free_of(what: Proposition) -> frozenset[Any]:
    """Return the variables that a proposition leaves free; t if it is of a time."""
    return free(what)


def whole(what: Any, place: str) -> Proposition:
    """Return a proposition that leaves no bound name loose, or refuse it."""
    if lost := loose(said(what, place)):
        raise TypeError(
            f"Expected bound names under their binder but got {sorted(map(str, lost))}."
        )
    return said(what, place)


def putting(what: Proposition, values: Mapping[Any, Any]) -> Proposition:
    """Return a proposition with values put for free variables."""
    return said(put(what, values), "what was put")
