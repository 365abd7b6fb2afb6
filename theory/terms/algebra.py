"""The algebra of terms: linear, bilinear, sums over tokens, derivatives along a solution.

`residual` brings the difference of two terms to one form; it is 0 if they are equal by these laws
and by the equations that are given. The laws: inner products are bilinear and symmetric, sums over
tokens are linear, n of them where a number is summed, ``P_x v = v - <x, v> x``, and the product
rule.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import lru_cache
from itertools import permutations
from typing import Any

from sympy import (
    Add,
    Dummy,
    Expr,
    Mul,
    Pow,
    S,
    asin,
    asinh,
    atan,
    cos,
    cosh,
    default_sort_key,
    erf,
    exp,
    expand,
    fraction,
    log,
    sin,
    sinh,
    tanh,
    together,
)

from theory.positive_part import PositivePart
from theory.symbols import t
from theory.terms.indices import BOUND, First, Index, count_of
from theory.terms.nodes import (
    DdtNumber,
    DdtVector,
    Elapsed,
    Image,
    Inner,
    Multiple,
    Norm,
    Number,
    Projected,
    Sort,
    TokenSum,
    Vector,
    VectorSum,
    VectorTokenSum,
    ddt,
    moving,
    sort_of,
    total,
)


@dataclass(frozen=True)
class Equation:
    """An equation to rewrite with: an atom, what it is, and the indices that it holds for all of.

    Attributes
    ----------
    left : Number or Vector
    right : Expr or Vector
    general : frozenset of Index
    """

    left: Any
    right: Any
    general: frozenset[Any] = frozenset()

    def of(self, term: Any) -> Any:
        """Return what a term is by this equation, or None."""
        values = match(self.left, term, self.general)
        return None if values is None else self.right.xreplace(values)


@lru_cache(maxsize=4096)
def _symbols(term: Any) -> frozenset[Any]:
    """Return the symbols of a term, and none of a name: of a few patterns they are asked always."""
    return frozenset(getattr(term, "free_symbols", ()))


def match(pattern: Any, term: Any, holes: Iterable[Any]) -> dict[Any, Any] | None:
    """Return the indices to put for holes that make a pattern a term, or None.

    Examples
    --------
    >>> from theory.symbols import m
    >>> from theory.terms.nodes import Item
    >>> i, j = Index("i"), Index("j")
    >>> match(Item(m, i), Item(m, j), {i})
    {i: j}
    """
    holes = frozenset(holes)
    found: dict[Any, Any] = {}

    def same(a: Any, b: Any) -> bool:
        if a in holes and isinstance(a, Index):
            fits = isinstance(b, Index | First) and count_of(a) == count_of(b)
            return fits and found.setdefault(a, b) == b
        if not holes & _symbols(a):
            return bool(a == b)
        if type(a) is not type(b) or len(a.args) != len(b.args):
            return False
        return all(map(same, a.args, b.args))

    if same(pattern, term):
        return found
    if isinstance(pattern, Inner) and isinstance(term, Inner):  # symmetric: the other order
        found = {}
        if all(map(same, pattern.args, reversed(term.args))):
            return found
    return None


# A vector is a list of (coefficient, indices that are summed over, atom).
_Words = list[tuple[Any, tuple[Index, ...], Any]]


class _Algebra:
    """One reduction, with the equations that it may use."""

    def __init__(self, equations: Iterable[Equation]) -> None:
        self.equations = tuple(equations)
        self.used = 0

    def fresh(self, over: Any) -> Index:
        """Return an index that nobody has, of the tokens that a sum is over."""
        self.used += 1
        return Index(f"{BOUND}s{self.used}", over.bound[0].count)

    def known(self, term: Any) -> Any:
        """Return what an atom is by an equation, or None."""
        for equation in self.equations:
            if (found := equation.of(term)) is not None:
                return found
        return None

    # -- vectors

    def words(self, v: Vector) -> _Words:
        """Take a vector apart."""
        if isinstance(v, VectorSum):
            return [word for part in v.args for word in self.words(part)]
        if isinstance(v, Multiple):
            scale = self.number(v.args[0])
            return [(scale * c, s, a) for c, s, a in self.words(v.args[1])]
        if isinstance(v, Projected):
            foot, arm = v.args
            return self.words(arm + foot * (-Inner(foot, arm)))
        if isinstance(v, VectorTokenSum):
            index = self.fresh(v)
            return [(c, (index, *s), a) for c, s, a in self.words(v.opened(index))]
        if isinstance(v, Image):
            return [(c, s, Image(v.args[0], a)) for c, s, a in self.words(v.args[1])]
        if isinstance(v, DdtVector):
            return self.moved(v.args[0])
        found = self.known(v)
        return [(S.One, (), v)] if found is None else self.words(found)

    def moved(self, v: Vector) -> _Words:
        """Take the derivative of a vector apart."""
        if (found := self.known(DdtVector(v))) is not None:
            return self.words(found)
        if isinstance(v, VectorSum):
            return [word for part in v.args for word in self.moved(part)]
        if isinstance(v, Multiple):
            scale, arm = v.args
            first = [(self.slope(scale) * c, s, a) for c, s, a in self.words(arm)]
            return first + [(self.number(scale) * c, s, a) for c, s, a in self.moved(arm)]
        if isinstance(v, VectorTokenSum):
            index = self.fresh(v)
            return [(c, (index, *s), a) for c, s, a in self.moved(v.opened(index))]
        if isinstance(v, Image) and not moving(v.args[0]):
            return [(c, s, Image(v.args[0], a)) for c, s, a in self.moved(v.args[1])]
        if not moving(v):
            return []
        return [(S.One, (), DdtVector(v))]

    # -- numbers

    def number(self, a: Any) -> Any:
        """Bring a number to its form; denominators stay where they are."""
        if isinstance(a, Inner):
            return self.product(*a.args)
        if isinstance(a, Norm):
            found = self.known(a)
            return Norm(a.args[0]) if found is None else self.number(found)
        if isinstance(a, TokenSum):
            return self.summed_but(self.number, a)
        if isinstance(a, DdtNumber):
            found = self.known(a)
            return self.slope(a.args[0]) if found is None else self.number(found)
        if isinstance(a, Elapsed):
            return self.elapsed(self.number(a.args[0]))
        if isinstance(a, Number):
            found = self.known(a)
            return a if found is None else self.number(found)
        if isinstance(a, Add | Mul | Pow):
            return a.func(*map(self.number, a.args))
        if isinstance(a, exp) and a.has(Number):  # what is constant goes in front of sums
            power = _spread(self.number(a.args[0]))
            ahead = [term for term in Add.make_args(power) if not term.has(Number)]
            return exp(Add(*ahead)) * exp(power - Add(*ahead))
        if isinstance(a, Expr) and a.args and a.has(Number):
            return a.func(*map(self.number, a.args))
        return a

    def product(self, u: Vector, v: Vector) -> Any:
        """``<u, v>``, bilinear."""
        found = S.Zero
        for c, s, a in self.words(u):
            for c2, s2, b in self.words(v):
                pair = Inner(a, b)
                known = self.known(pair)
                if known is None and a == b and (length := self.known(Norm(a))) is not None:
                    known = length**2
                value = c * c2 * (pair if known is None else self.number(known))
                for index in (*s2, *s):
                    value = self.summed(value, index)
                found += value
        return found

    def summed_but(self, value: Callable[[Any], Any], a: TokenSum) -> Any:
        """``Σ_j`` of values; where one token is left out, the sum over all less its own term."""
        index = self.fresh(a)
        if len(a.but) != 1 or self.known(a) is not None:
            return self.summed(value(a.opened(index)), index, a.but)
        return self.summed(value(a.opened(index)), index) - value(a.opened(*a.but))

    def summed(self, body: Any, index: Index, but: tuple[Any, ...] = ()) -> Any:
        """``Σ_j body``, each term by itself, with what is free of j in front."""
        found = S.Zero
        for term in Add.make_args(self.lowered(_spread(body))):
            ahead, inside = term.as_independent(index, as_Add=False)
            added = self.ordered(inside, (index,)) if not but else total(inside, index, but)
            known = self.known(added)
            if known is None and inside == 1 and not but:  # of so many tokens
                known = index.count
            found += ahead * (added if known is None else self.number(known))
        return found

    def lowered(self, a: Any) -> Any:
        """Put c for powers of what an equation ``c² = c`` says is 0 or 1."""
        if not any(one.left == one.right**2 for one in self.equations if _is_power(one.left)):
            return a
        return a.replace(
            lambda b: _is_power(b) and self.known(b.base**2) == b.base, lambda b: b.base
        )

    def ordered(self, inside: Any, indices: tuple[Index, ...]) -> Any:
        """Write a sum over several tokens in one order: that of the least form.

        ``Σ_i a_i (Σ_j b_ij) (Σ_k c_ik)`` is taken as one sum over i, j and k first.
        """
        factors = list(Mul.make_args(inside))
        for place, factor in enumerate(factors):
            base, power = (factor.base, factor.exp) if isinstance(factor, Pow) else (factor, S.One)
            if not (isinstance(base, TokenSum) and not base.but and power in (1, 2)):
                continue
            index = self.fresh(base)
            rest = factors[:place] + [base] * (int(power) - 1) + factors[place + 1 :]
            return self.ordered(Mul(*rest) * base.opened(index), (*indices, index))
        if len(indices) == 1 or len(indices) > MOST:
            return _signs_ahead(_nested(inside, indices))
        found = [_signs_ahead(_nested(inside, order)) for order in permutations(indices)]
        if -found[0] in found:  # Σ_i Σ_j a_ij with a_ji = -a_ij
            return S.Zero
        return min(found, key=lambda one: default_sort_key(one.as_coeff_Mul()[1]))

    def elapsed(self, speed: Any) -> Any:
        """``∫_0^t`` of each term by itself, with what stays in front."""
        found = S.Zero
        for term in Add.make_args(_spread(speed)):
            ahead = [factor for factor in Mul.make_args(term) if not moving(factor)]
            inside = [factor for factor in Mul.make_args(term) if moving(factor)]
            clock = Elapsed(Mul(*inside)) if inside else t
            known = self.known(clock) if inside else None
            found += Mul(*ahead) * (clock if known is None else self.number(known))
        return found

    def slope(self, a: Any) -> Any:
        """Return the derivative of a number along the solution."""
        if not moving(a):
            return S.Zero
        if (found := self.known(DdtNumber(a))) is not None:
            return self.number(found)
        if a == t:
            return S.One
        if isinstance(a, Inner):
            u, v = a.args
            return self.number(Inner(ddt(u), v)) + self.number(Inner(u, ddt(v)))
        if isinstance(a, TokenSum):
            return self.summed_but(self.slope, a)
        if isinstance(a, Elapsed):
            return self.number(a.args[0])
        if isinstance(a, Number):
            return DdtNumber(a)
        if not _smooth(a):
            return DdtNumber(a)
        atoms = _outermost(a) | ({t} & a.free_symbols)
        names = {atom: _PLACES[k] for k, atom in enumerate(sorted(atoms, key=str))}
        plain = a.xreplace(names)
        back = {name: atom for atom, name in names.items()}
        parts = [
            self.number(plain.diff(name).xreplace(back)) * self.slope(atom)
            for atom, name in names.items()
        ]
        return Add(*parts)

    # -- differences

    def zero(self, left: Any, right: Any) -> Any:
        """Return the difference in its form, 0 if it vanishes."""
        if sort_of(left) is Sort.NUMBER:
            return _tidied(self.lowered(_spread(self.number(left) - self.number(right))))
        found: dict[Any, Any] = {}
        for c, s, atom in self.words(left - right):
            loose = [index for index in s if index not in atom.free_symbols]
            for index in loose:
                c = self.summed(c, index)
            kept = [index for index in s if index not in loose]
            names = {a: Index(f"{BOUND}m{k}", a.count) for k, a in enumerate(kept)}
            atom, c = atom.xreplace(names), expand(c).xreplace(names)
            found[atom] = found.get(atom, S.Zero) + c
        rest = {atom: value for atom, c in found.items() if (value := _tidied(c)) != 0}
        return VectorSum(*(atom * c for atom, c in rest.items())) if rest else S.Zero


_SMOOTH = (Add, Mul, Pow, exp, log, sin, cos, sinh, cosh, tanh, asin, atan, asinh, erf)
"""What has a derivative wherever it and its slope are defined."""


def _smooth(a: Any) -> bool:
    """Whether the chain rule goes through a number down to its atoms."""
    if isinstance(a, Number) or not a.args or not moving(a):
        return True
    kinked = isinstance(a, PositivePart) and a.args[1] > 1  # its slope is continuous
    return (kinked or isinstance(a, _SMOOTH)) and all(map(_smooth, a.args))


def _outermost(a: Any) -> set[Any]:
    if isinstance(a, Number):
        return {a}
    return {found for part in getattr(a, "args", ()) for found in _outermost(part)}


MOST = 4
"""Most indices of a sum that is brought in order: 24 orders are compared."""

_PLACES = [Dummy(f"place{k}", real=True) for k in range(60)]


def _nested(inside: Any, indices: tuple[Index, ...]) -> Any:
    """Sum over several tokens, each factor under no more of the sums than it must be."""
    for index in indices:
        ahead, inside = inside.as_independent(index, as_Add=False)
        inside = ahead * total(inside, index)
    return inside


def _signs_ahead(a: Any) -> Any:
    """Write the signs that odd functions get where indices are renamed in front of sums."""
    if not a.has(sin, sinh, tanh):
        return a
    if isinstance(a, Mul | Pow):
        return a.func(*map(_signs_ahead, a.args))
    if isinstance(a, TokenSum):
        scale, body = _signs_ahead(a.body).as_coeff_Mul()
        return scale * total(body, a.bound, a.but)
    return a


class _Hidden:
    """What SymPy is not to look into: our own nodes, and more that is asked."""

    def __init__(self, more: Callable[[Any], bool] = lambda b: False) -> None:
        self.more = more
        self.names: dict[Any, Any] = {}

    def __call__(self, b: Any) -> Any:
        if isinstance(b, Number) or self.more(b):
            return self.names.setdefault(b, Dummy(f"hidden{len(self.names)}", real=True))
        return b.func(*map(self, b.args)) if isinstance(b, Add | Mul | Pow | exp) else b

    def back(self, a: Any) -> Any:
        return a.xreplace({name: b for b, name in self.names.items()})


def _is_power(b: Any) -> bool:
    return bool(isinstance(b, Pow) and b.exp.is_Integer and b.exp > 0)


def _spread(a: Any) -> Any:
    """Multiply out, but for what is below the line: SymPy would take ``e^-a/(b + c)`` there."""
    hidden = _Hidden(
        lambda b: (
            isinstance(b, exp) or (isinstance(b, Pow) and not (b.exp.is_Integer and b.exp > 0))
        )
    )
    return hidden.back(expand(hidden(a)))


def _tidied(a: Any) -> Any:
    """Return a numerator, multiplied out, which is 0 where the number is."""
    if (first := _spread(a)) == 0:
        return S.Zero
    hidden = _Hidden()
    above, _ = fraction(together(expand(hidden(first))))
    return hidden.back(expand(above))


def residual(left: Any, right: Any, equations: Iterable[Equation] = ()) -> Any:
    """Return the difference of two terms of one sort, 0 if it vanishes by the laws above.

    Parameters
    ----------
    left, right : Expr or Vector
    equations : iterable of Equation

    Returns
    -------
    Expr or Vector
        What is left; a numerator, where there are denominators.

    Examples
    --------
    >>> from theory.symbols import X
    >>> from theory.terms.nodes import Row, Vec
    >>> x, w = Row(X, Index("i")), Vec("w")
    >>> residual(Inner(x + w, w), Inner(x, w) + Inner(w, w))
    0
    """
    return _Algebra(equations).zero(left, right)


@lru_cache(maxsize=8192)
def parts_of(term: Any, kind: type) -> frozenset[Any]:
    """Return the parts of a term that are of a kind: a proof asks the same of a term many times.

    Examples
    --------
    >>> from theory.symbols import beta
    >>> parts_of(1 + beta**2, Pow)
    frozenset({beta**2})
    """
    return frozenset(term.atoms(kind))


def denominators(*terms: Any) -> set[Any]:
    """Return what the terms divide by.

    Examples
    --------
    >>> from theory.symbols import beta
    >>> denominators(1 / beta)
    {beta}
    """
    return {
        power.base
        for term in terms
        for power in parts_of(term, Pow)
        if power.exp.could_extract_minus_sign() or not power.exp.is_nonnegative
    }
