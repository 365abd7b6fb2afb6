"""Terms about tokens: what a proposition may speak of, each with its sort.

Numbers are SymPy's, so that its engines read them; vectors, linear maps and token indices are
nodes of our own, which nothing flattens. An ill-sorted term is refused when it is written. A
bound index has a canonical name, so that ``Σ_j m_j`` and ``Σ_k m_k`` are one term.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from enum import Enum
from functools import lru_cache
from typing import Any, ClassVar

from sympy import Basic, Expr, Float, Symbol, Tuple, sympify
from sympy.core.symbol import Str
from sympy.matrices.expressions import MatrixExpr, MatrixSymbol

from theory.symbols import d, k, t, width
from theory.terms.indices import (
    BOUND,
    First,
    Index,
    OtherTokensError,
    checked_name,
    count_of,
    is_size,
)


class Sort(Enum):
    """What a term is; the value is the word for it."""

    NUMBER = "a number"
    VECTOR = "a vector"
    MAP = "a matrix expression"
    INDEX = "a token index"


def sort_of(term: Any) -> Sort:
    """Return the sort of a term.

    Raises
    ------
    TypeError
        For what is no term: text, floats, truth values.
    """
    if isinstance(term, bool | float | str) or term is None:
        raise TypeError(f"Expected a term but got term={term!r}; {_remedy(term)}.")
    if isinstance(term, int):
        return Sort.NUMBER
    if isinstance(term, Index | First):
        return Sort.INDEX
    if isinstance(term, Vector):
        return Sort.VECTOR
    if isinstance(term, MatrixExpr):
        return Sort.MAP
    if isinstance(term, Expr):
        if _has_floats(term):
            raise TypeError(f"Expected a term but got term={term}; {_remedy(1.0)}.")
        return Sort.NUMBER
    raise TypeError(f"Expected a term but got term={term!r}; {_remedy(term)}.")


@lru_cache(maxsize=4096)
def _has_floats(term: Expr) -> bool:
    return bool(term.has(Float))


def _remedy(term: Any) -> str:
    if isinstance(term, str):
        return "text is never read as a formula, write it with symbols"
    if isinstance(term, float):
        return "pass an exact number, such as Rational(1, 2)"
    return "write it with the nodes of theory.terms"


def _of_sort(sort: Sort, term: Any, place: str) -> Any:
    if (found := sort_of(term)) is not sort:
        raise TypeError(
            f"Expected {sort.value} in {place} but got {found.value}={term}; "
            f"numbers, vectors and indices don't stand for each other."
        )
    return sympify(term)


# -- the two families --------------------------------------------------------------------------


class Vector(Basic):
    """A vector of R^d, kept as it is written."""

    sorts: ClassVar[tuple[Sort, ...]] = ()

    def __new__(cls, *args: Any) -> Vector:
        """Check the sorts of the arguments."""
        obj: Vector = Basic.__new__(cls, *_checked(cls, args))
        return obj

    def __add__(self, other: Any) -> Vector:
        """Sum of vectors."""
        return VectorSum(self, other)

    def __radd__(self, other: Any) -> Vector:
        """Nothing but a vector is added to a vector."""
        return VectorSum(other, self)

    def __sub__(self, other: Any) -> Vector:
        """Difference of vectors."""
        return VectorSum(self, Multiple(-1, _of_sort(Sort.VECTOR, other, "a difference")))

    def __neg__(self) -> Vector:
        """Opposite vector."""
        return Multiple(-1, self)

    def __mul__(self, scalar: Any) -> Vector:
        """Multiple by a number."""
        return Multiple(scalar, self)

    __rmul__ = __mul__

    def __truediv__(self, scalar: Any) -> Vector:
        """Multiple by the inverse of a number."""
        return Multiple(1 / _of_sort(Sort.NUMBER, scalar, "a quotient"), self)


class Number(Expr):
    """A real number that SymPy takes for an atom of its algebra."""

    is_commutative = True
    is_extended_real = True
    is_finite = True
    sorts: ClassVar[tuple[Sort, ...]] = ()

    def __new__(cls, *args: Any) -> Any:
        """Check the sorts of the arguments."""
        return Expr.__new__(cls, *_checked(cls, args))


def _checked(cls: Any, args: tuple[Any, ...]) -> tuple[Any, ...]:
    if len(args) != len(cls.sorts):
        raise TypeError(
            f"Expected {len(cls.sorts)} arguments of {cls.__name__} but got {len(args)}; "
            f"it takes {', '.join(sort.value for sort in cls.sorts)}."
        )
    return tuple(_of_sort(s, a, cls.__name__) for s, a in zip(cls.sorts, args, strict=True))


class Vec(Vector):
    """A constant vector with a name; of length one only if a proposition says so."""

    def __new__(cls, name: Any) -> Vec:
        """Keep the name."""
        obj: Vec = Basic.__new__(cls, Str(checked_name(name)))
        return obj


def _counted(matrix: Any, *indices: Any) -> None:
    """Refuse an index of other tokens than a matrix has rows or columns for."""
    for size, index in zip(matrix.shape, indices, strict=False):
        if not isinstance(index, First) and size != index.count:
            raise OtherTokensError(
                f"Expected an index of 1, ..., {size} for {matrix} but got {index} of 1, ..., "
                f"{count_of(index)}; each species has indices of its own count."
            )


class Row(Vector):
    """Row i of a matrix expression with d columns: ``Row(X, i)`` is the token x_i."""

    sorts = (Sort.MAP, Sort.INDEX)

    def __new__(cls, *args: Any) -> Any:
        """Check that it has such a row."""
        obj = Vector.__new__(cls, *args)
        _counted(*obj.args)
        return obj


class VectorSum(Vector):
    """A sum of vectors, as written."""

    def __new__(cls, *parts: Any) -> VectorSum:
        """Check that each part is a vector."""
        obj: VectorSum = Basic.__new__(cls, *(_of_sort(Sort.VECTOR, p, "a sum") for p in parts))
        return obj


class Multiple(Vector):
    """A number times a vector."""

    sorts = (Sort.NUMBER, Sort.VECTOR)


class Image(Vector):
    """``M v``."""

    sorts = (Sort.MAP, Sort.VECTOR)


class Projected(Vector):
    """``P_x v = v - <x, v> x``, of the foot x and the vector v."""

    sorts = (Sort.VECTOR, Sort.VECTOR)


class Entry(Number):
    """Entry (i, j) of a matrix expression."""

    sorts = (Sort.MAP, Sort.INDEX, Sort.INDEX)

    def __new__(cls, *args: Any) -> Any:
        """Check that it has such an entry."""
        obj = Number.__new__(cls, *args)
        _counted(*obj.args)
        return obj


class Item(Number):
    """Entry i of a column: ``Item(m, i)`` is the mass m_i."""

    sorts = (Sort.MAP, Sort.INDEX)

    def __new__(cls, *args: Any) -> Any:
        """Check that it has such an entry."""
        obj = Number.__new__(cls, *args)
        _counted(*obj.args)
        return obj


class Inner(Number):
    """``<u, v>``; the order of the two doesn't matter."""

    sorts = (Sort.VECTOR, Sort.VECTOR)

    def __new__(cls, *args: Any) -> Any:
        """Put the two in one order."""
        first, second = sorted(_checked(cls, args), key=lambda part: part.sort_key())
        return Expr.__new__(cls, first, second)


class Smaller(Number):
    """The smaller of two numbers; SymPy's own ``Min`` takes its arguments apart."""

    sorts = (Sort.NUMBER, Sort.NUMBER)

    def __new__(cls, *args: Any) -> Any:
        """Put the two in one order."""
        first, second = sorted(_checked(cls, args), key=lambda part: part.sort_key())
        return Expr.__new__(cls, first, second)


class Norm(Number):
    """``|v|``."""

    sorts = (Sort.VECTOR,)
    is_extended_nonnegative = True


class OperatorNorm(Number):
    """``|M|``, the largest of ``|M v|`` for ``|v| = 1``."""

    sorts = (Sort.MAP,)
    is_extended_nonnegative = True


# -- along a solution --------------------------------------------------------------------------


class _Derivative:
    """Derivative in t along the solution; of a maximum or minimum, each of its Dini derivatives."""


class _Value:
    """Value at a time."""


class DdtNumber(Number, _Derivative):
    """Derivative of a number along the solution."""

    sorts = (Sort.NUMBER,)


class DdtVector(Vector, _Derivative):
    """Derivative of a vector along the solution."""

    sorts = (Sort.VECTOR,)


class NumberAt(Number, _Value):
    """A number at a time."""

    sorts = (Sort.NUMBER, Sort.NUMBER)


class VectorAt(Vector, _Value):
    """A vector at a time."""

    sorts = (Sort.VECTOR, Sort.NUMBER)


class Elapsed(Number):
    """``∫_0^t a``: a clock that runs at the speed a."""

    sorts = (Sort.NUMBER,)


def ddt(term: Any) -> Any:
    """Return the derivative in t, of a number or a vector.

    Examples
    --------
    >>> from theory.symbols import X
    >>> ddt(Row(X, Index("i")))
    DdtVector(Row(X, i))
    """
    return (DdtVector if sort_of(term) is Sort.VECTOR else DdtNumber)(term)


def at(term: Any, time: Any = 0) -> Any:
    """Return the value at a time, of a number or a vector."""
    return (VectorAt if sort_of(term) is Sort.VECTOR else NumberAt)(term, time)


def is_derivative(term: Any) -> bool:
    """Whether a term is a derivative in t."""
    return isinstance(term, _Derivative)


def is_value(term: Any) -> bool:
    """Whether a term is a value at a time."""
    return isinstance(term, _Value)


# -- over tokens -------------------------------------------------------------------------------


class Binder:
    """What binds variables: the body comes first, the bound variables second, in a tuple."""

    body_sort: ClassVar[Sort | None] = None

    @property
    def body(self) -> Any:
        """What stands under the binder."""
        return self.args[0]  # type: ignore[attr-defined]

    @property
    def bound(self) -> tuple[Any, ...]:
        """Variables that are bound, by their canonical names."""
        return tuple(self.args[1])  # type: ignore[attr-defined]

    def opened(self, *variables: Any) -> Any:
        """Return the body with variables put for the bound ones."""
        for bound, variable in zip(self.bound, variables, strict=True):
            if isinstance(bound, Index) and count_of(bound) != count_of(variable):
                raise OtherTokensError(
                    f"Expected one of {count_of(bound)} tokens but got {variable} of "
                    f"{count_of(variable)}; a sum over a species is opened by an index of it."
                )
        return self.body.xreplace(dict(zip(self.bound, variables, strict=True)))


def is_bound(variable: Any) -> bool:
    """Whether a variable is one that a binder has named."""
    name = str(variable.args[0] if isinstance(variable, Vec) else variable)
    return name.startswith(BOUND)


@lru_cache(maxsize=4096)
def _depth(term: Basic) -> int:
    own = [int(str(b.args[0] if isinstance(b, Vec) else b)[1:]) for b in getattr(term, "bound", ())]
    return max([*own, *map(_depth, term.args)], default=0)


def _renamed(variable: Any, place: int) -> Any:
    name = f"{BOUND}{place}"
    if isinstance(variable, Index):
        return Index(name, variable.count)
    if isinstance(variable, Vec):
        return Basic.__new__(Vec, Str(name))
    return Symbol(name, **variable._assumptions_orig)


def closed(body: Any, variables: Iterable[Any], *rest: Any) -> tuple[Any, ...]:
    """Return a body with its variables renamed by depth: equal up to names is equal.

    Parameters
    ----------
    body : Basic
    variables : iterable
        Indices, symbols or named vectors that are bound in it.
    *rest : Basic
        More that is under the binder.

    Returns
    -------
    tuple
        The body, the renamed variables, and the rest.
    """
    variables = tuple(variables)
    for variable in variables:
        if not is_variable(variable) or variable == t:
            raise TypeError(
                f"Expected a variable to bind but got variable={variable}; bind a token index, a "
                f"symbol other than t, or a named vector."
            )
    if len(set(variables)) < len(variables):
        raise TypeError(f"Expected variables that differ but got {variables}; give each its name.")
    for variable in variables:
        if any(is_size(variable, part) for part in (body, *rest)):
            raise TypeError(
                f"Expected variables that count no tokens but got {variable}; what is said of "
                f"tokens is said for every number of them."
            )
    depth = max(_depth(part) for part in (body, *rest)) if rest else _depth(body)
    names = {v: _renamed(v, depth + k) for k, v in enumerate(variables, start=1)}
    return (
        body.xreplace(names),
        Tuple(*names.values()),
        *(part.xreplace(names) for part in rest),
    )


class _OverTokens(Binder):
    """A binder of token indices."""

    @staticmethod
    def _parts(cls: Any, body: Any, indices: Any, sort: Sort, rest: tuple[Any, ...]) -> Any:
        indices = tuple(indices) if isinstance(indices, tuple | Tuple) else (indices,)
        for index in indices:
            _of_sort(Sort.INDEX, index, cls.__name__)
        return closed(_of_sort(sort, body, cls.__name__), indices, *rest)


class TokenSum(Number, _OverTokens):
    """``Σ_j a_j`` over all tokens j, but for those that are named."""

    def __new__(cls, body: Any, index: Any, but: Any = ()) -> Any:
        """Bind the index."""
        but = Tuple(*(_of_sort(Sort.INDEX, one, cls.__name__) for one in but))
        return Expr.__new__(cls, *cls._parts(cls, body, index, Sort.NUMBER, (but,)))

    @property
    def but(self) -> tuple[Any, ...]:
        """Tokens that are left out."""
        return tuple(self.args[2])


class VectorTokenSum(Vector, _OverTokens):
    """``Σ_j v_j`` over all tokens."""

    def __new__(cls, body: Any, index: Any) -> VectorTokenSum:
        """Bind the index."""
        parts = cls._parts(cls, body, index, Sort.VECTOR, ())
        obj: VectorTokenSum = Basic.__new__(cls, *parts)
        return obj


def total(body: Any, index: Any, but: Iterable[Any] = ()) -> Any:
    """Return the sum over tokens, of numbers or vectors.

    Examples
    --------
    >>> from theory.symbols import m
    >>> i, j = Index("i"), Index("j")
    >>> total(Item(m, i), i) == total(Item(m, j), j)
    True
    """
    if sort_of(body) is Sort.VECTOR:
        return VectorTokenSum(body, index)
    return TokenSum(body, index, tuple(but))


class Least(Number, _OverTokens):
    """``min a`` over all tokens; over several indices, which then differ."""

    def __new__(cls, body: Any, indices: Any) -> Any:
        """Bind the indices."""
        return Expr.__new__(cls, *cls._parts(cls, body, indices, Sort.NUMBER, ()))


class Greatest(Number, _OverTokens):
    """``max a`` over all tokens; over several indices, which then differ."""

    def __new__(cls, body: Any, indices: Any) -> Any:
        """Bind the indices."""
        return Expr.__new__(cls, *cls._parts(cls, body, indices, Sort.NUMBER, ()))


class Diameter(Number, _OverTokens):
    """``max |v_i - v_j|`` over tokens i, j; of several families of vectors over all of them.

    Examples
    --------
    >>> from theory.symbols import X, d
    >>> i, a = Index("i"), Index("a", 5)
    >>> both = Diameter((Row(X, i), Row(MatrixSymbol("Y", 5, d), a)), (i, a))
    >>> len(both.families), Diameter(Row(X, i), i).families == (both.families[0],)
    (2, True)
    """

    is_extended_nonnegative = True

    def __new__(cls, body: Any, index: Any) -> Any:
        """Bind the index of each family."""
        if not isinstance(body, tuple | Tuple):
            return Expr.__new__(cls, *cls._parts(cls, body, index, Sort.VECTOR, ()))
        bodies = Tuple(*(_of_sort(Sort.VECTOR, one, cls.__name__) for one in body))
        indices = tuple(_of_sort(Sort.INDEX, one, cls.__name__) for one in index)
        if len(bodies) < 2 or len(indices) != len(bodies):
            raise TypeError(
                f"Expected an index for each of several families but got {len(indices)} for "
                f"{len(bodies)}; one family is given by itself."
            )
        return Expr.__new__(cls, *closed(bodies, indices))

    @property
    def families(self) -> tuple[Any, ...]:
        """The vectors of each family."""
        return tuple(self.body) if isinstance(self.body, Tuple) else (self.body,)


# -- what is free, and what moves --------------------------------------------------------------


@lru_cache(maxsize=4096)
def free(term: Basic) -> frozenset[Any]:
    """Return the variables of a term that nothing binds: indices, symbols, named vectors.

    The time t is among them if the term moves along a solution.
    """
    if is_variable(term):
        found = {term} - {term if is_bound(term) else t}
    else:
        found = set[Any]().union(*map(free, term.args)) - {t}
    return frozenset(found | {t} if moving(term) else found)


@lru_cache(maxsize=4096)
def loose(term: Any) -> frozenset[Any]:
    """Return bound names that no binder of the term has bound: there are none in what is whole."""
    if is_variable(term):
        return frozenset({term} if is_bound(term) else ())
    inside = frozenset[Any]().union(*map(loose, term.args))
    return inside - set(getattr(term, "bound", ()))


def is_variable(term: Any) -> bool:
    """Whether a term is what a binder may bind: an index, a symbol, a named vector."""
    return isinstance(term, Symbol | Vec)


@lru_cache(maxsize=4096)
def moving(term: Any) -> bool:
    """Whether a term may change along a solution; what has a row a token is taken to move.

    Examples
    --------
    >>> from theory.symbols import X, beta, m
    >>> x = Row(X, Index("i"))
    >>> moving(x), moving(at(x)), moving(beta), moving(Item(m, Index("i")))
    (True, False, False, True)
    """
    if getattr(term, "still", False):  # what isn't said at a time, whatever stands in it
        return False
    if isinstance(term, _Value):
        return moving(term.args[1])  # type: ignore[attr-defined]
    if isinstance(term, MatrixSymbol):
        return term.shape[0] not in (d, k, width)
    return term == t or isinstance(term, Elapsed) or any(map(moving, term.args))


def put(term: Any, values: Mapping[Any, Any]) -> Any:
    """Return a term with values put for free variables; what is bound isn't caught.

    Raises
    ------
    TypeError
        Where a value is of another sort than its variable.
    OtherTokensError
        Where it is a token of another species.
    """
    for variable, value in values.items():
        if is_size(variable, term):
            raise OtherTokensError(
                f"Expected no number of tokens but got {variable}; what has a row a token is known "
                f"by it."
            )
        if sort_of(variable) is not sort_of(value):
            raise TypeError(
                f"Expected {sort_of(variable).value} for {variable} but got "
                f"{sort_of(value).value}={value}; put a term of the same sort."
            )
        if sort_of(variable) is Sort.INDEX and count_of(variable) != count_of(value):
            raise OtherTokensError(
                f"Expected one of {count_of(variable)} tokens for {variable} but got {value} of "
                f"{count_of(value)}; put an index of the same species."
            )
    return term.xreplace({a: sympify(b) for a, b in values.items()})
