"""Token indices: of which species one is, and how its tokens are counted."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from sympy import Expr, Symbol, sympify
from sympy.core.symbol import Str
from sympy.matrices.expressions import MatrixSymbol

from theory.symbols import n

BOUND = "#"
"""How the names of bound variables begin; nobody else's may."""


class OtherTokensError(TypeError):
    """An index of one species stands where one of another is meant."""


def checked_name(name: Any) -> str:
    """Return a name of letters and digits, or refuse it."""
    if not isinstance(name, str | Str) or not str(name).removeprefix(BOUND).isalnum():
        raise TypeError(f"Expected a name but got name={name!r}; give letters and digits.")
    return str(name)


class Index(Symbol):
    """A token index, any of 1, ..., n; of another species, whose tokens are counted apart, of l.

    Parameters
    ----------
    name : str
    count : Expr
        How many there are: two of other counts are never one, whatever they are called.

    Examples
    --------
    >>> Index("i"), Index("i") == Symbol("i"), Index("i") == Index("i", 5)
    (i, False, False)
    """

    count: Any

    def __new__(cls, name: str, count: Any = n, **assumptions: Any) -> Index:
        """Keep the name and the count; what is assumed of it is that it counts tokens."""
        many = count if isinstance(count, str) else sympify(count)
        if not isinstance(many, Expr) or many.is_positive is False or many.is_integer is False:
            raise TypeError(
                f"Expected a number of tokens but got count={count!r}; give a whole number above "
                f"0, or the symbol of one."
            )
        return _index(checked_name(name), many)

    def __getnewargs_ex__(self) -> tuple[tuple[Any, ...], dict[str, Any]]:
        """Return what a copy is made of."""
        return (self.name, self.count), {}

    def _hashable_content(self) -> tuple[Any, ...]:
        return (*super()._hashable_content(), self.count)

    def _xreplace(self, rule: Mapping[Any, Any]) -> tuple[Any, bool]:
        """Where a number is put for the count, keep an index of so many."""
        if self in rule:
            return rule[self], True
        if self.count.is_Symbol and self.count not in rule:  # most often, so it is asked first
            return self, False
        count, changed = self.count._xreplace(rule)
        return (Index(self.name, count), True) if changed else (self, False)

    def xreplace(self, rule: Mapping[Any, Any], hack2: bool = False) -> Any:
        """Return what is put for it, or an index of what is put for its count."""
        return self._xreplace(rule)[0]

    def _eval_subs(self, old: Any, new: Any) -> Any:
        count = self.count.subs(old, new)
        return Index(self.name, count) if count != self.count else None

    def sort_key(self, order: Any = None) -> Any:
        """Sort by the name, and by the count."""
        kind, (size, key), *rest = super().sort_key(order)
        return (kind, (size + 1, (*key, str(self.count))), *rest)


@lru_cache(maxsize=4096)
def _index(name: str, count: Any) -> Index:
    obj: Index = Symbol.__xnew__(Index, name, integer=True, positive=True)
    obj.count = count
    return obj


class First(Expr):
    """The first token: a token index that is no variable. There is one, as n >= 1.

    Examples
    --------
    >>> from theory.symbols import m
    >>> from theory.terms import FIRST, Item, is_variable
    >>> Item(m, FIRST), is_variable(FIRST)
    (Item(m, 1), False)
    """

    is_commutative = True
    is_integer = True
    is_positive = True

    def __new__(cls) -> First:
        """There is one first token."""
        obj: First = Expr.__new__(cls)
        return obj

    def _sympystr(self, printer: Any) -> str:
        return "1"


FIRST = First()


def count_of(index: Any) -> Any:
    """Return how many tokens an index, or the first one, is counted among: n of those of X."""
    return n if isinstance(index, First) else index.count


@lru_cache(maxsize=4096)
def sizes_in(term: Any) -> frozenset[Any]:
    """Return the symbols by which tokens and coordinates of a term are counted.

    Examples
    --------
    >>> from sympy import Symbol
    >>> from theory.symbols import m
    >>> from theory.terms import Index, Item, sizes_in, total
    >>> l = Symbol("l", integer=True, positive=True)
    >>> sizes_in(Item(m, Index("i"))), sizes_in(total(l, Index("b", l)))
    (frozenset({n}), frozenset({l}))
    """
    found = {s for index in term.atoms(Index) for s in index.count.free_symbols}
    shapes = (size for a in term.atoms(MatrixSymbol) for size in a.shape)
    return frozenset(found.union(*(size.free_symbols for size in shapes)))


def is_size(variable: Any, term: Any) -> bool:
    """Whether a variable is a number of tokens or coordinates of a term."""
    symbol = isinstance(variable, Symbol) and not isinstance(variable, Index)
    return symbol and variable in sizes_in(term)
