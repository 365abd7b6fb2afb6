"""Order of two numbers that are made of parameters, by the signs of coefficients.

Each parameter is written as its least value and more, or as w/(1+w) times the range it has; each
exponential is a power of e^u >= 1, which is 1 and more; |a| and max are taken case by case. Where
no coefficient of the difference is negative, above and below the line, neither is the difference.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from itertools import product
from typing import Any

from sympy import (
    Abs,
    Add,
    Dummy,
    Expr,
    Max,
    Mul,
    Poly,
    S,
    exp,
    expand,
    fraction,
    ilcm,
    oo,
    together,
)

from proofs_checks.proof import How
from proofs_checks.propositions import Proposition, Rel
from proofs_checks.theorems.engines import known_sign, undefined
from proofs_checks.theorems.kernel import Engine, Fact, NotConcluded
from theory.symbols import t
from theory.terms import Number

Range = tuple[Any, Any]


def _ranges(symbols: Iterable[Any], facts: tuple[Fact, ...]) -> dict[Any, Range]:
    """Return the least and the largest value of each, as facts and assumptions say."""
    found = {}
    for symbol in symbols:
        whole = symbol.is_integer and symbol.is_positive
        low = S.One if whole else S.Zero if symbol.is_nonnegative else -oo
        lows, highs = [low], [oo]
        for fact in facts:
            says = fact.says
            if not isinstance(says, Rel) or says.op not in ("<", "<="):
                continue
            if says.right == symbol and says.left.is_number:
                lows.append(says.left)
            if says.left == symbol and says.right.is_number:
                highs.append(says.right)
        found[symbol] = Max(*lows), -Max(*(-one for one in highs))
    return found


def _cases(a: Any, ranges: Mapping[Any, Range]) -> Iterator[tuple[Any, dict[Any, Range]]]:
    """Yield a number without maxima of a symbol and a number, and the ranges, in each case."""
    kinks = [one for one in a.atoms(Max) if len(one.args) == 2]
    splits = []
    for one in kinks:
        place, symbol = sorted(one.args, key=lambda part: not part.is_number)
        if place.is_number and symbol in ranges:
            splits.append((one, place, symbol))
    for below in product((True, False), repeat=len(splits)):
        case, own = a, dict(ranges)
        for (kink, place, symbol), under in zip(splits, below, strict=True):
            low, high = own[symbol]
            own[symbol] = (low, -Max(-high, -place)) if under else (Max(low, place), high)
            case = case.xreplace({kink: place if under else symbol})
        yield case, own


def _powers(a: Any) -> Any:
    """Write exponentials of nonnegative numbers as powers of ``1 + p``; None of others."""
    parts: dict[Any, list[Any]] = {}
    for one in a.atoms(exp):
        for term in Add.make_args(expand(one.args[0])):
            count, rest = term.as_coeff_Mul()
            if not (count.is_rational and rest.is_nonnegative):
                return None
            parts.setdefault(rest, []).append(count.q)
    roots = {rest: ilcm(1, *counts) for rest, counts in parts.items()}
    bases = {rest: 1 + Dummy("p", nonnegative=True) for rest in parts}

    def power(one: Any) -> Any:
        terms = (term.as_coeff_Mul() for term in Add.make_args(expand(one.args[0])))
        return Mul(*(bases[rest] ** (count * roots[rest]) for count, rest in terms))

    return a.replace(lambda one: isinstance(one, exp), power)


def _nonnegative(a: Any, ranges: Mapping[Any, Range]) -> bool:
    """Whether no coefficient is negative."""
    moved, inside = {}, {}
    for symbol, (low, high) in ranges.items():
        if not low.is_finite:
            return False
        more = Dummy(str(symbol), nonnegative=True)
        moved[symbol] = low + more
        if high != oo:
            inside[more] = (high - low) * more / (1 + more)
    plain = _powers(expand(a.xreplace(moved), power_base=False, power_exp=True))
    if plain is None:
        return False
    top, bottom = fraction(together(plain.xreplace(inside)))
    names = sorted((top.free_symbols | bottom.free_symbols), key=str)
    if not names:
        return bool((top / bottom).is_nonnegative)
    if not all(part.is_polynomial(*names) for part in (top, bottom)):
        return False
    own = [Poly(expand(part), *names).coeffs() for part in (top, bottom)]
    signs = [{bool(c.is_nonnegative): True for c in part} for part in own]
    less = [all(c.is_nonpositive for c in part) for part in own]
    return all(set(one) == {True} for one in signs) or all(less)


def never_less(large: Any, small: Any, facts: tuple[Fact, ...] = ()) -> bool:
    """Whether one number is at least another.

    Examples
    --------
    >>> from theory.symbols import beta, n
    >>> warm = (Fact(Rel("<=", 0, beta)),)
    >>> never_less(10 * n * Max(1, beta), 2 + 2 * beta, warm), never_less(beta, 1, warm)
    (True, False)
    >>> never_less(1 + exp(-beta), 2 * exp(-beta), warm)
    True
    """
    a = large - small
    sizes = {one: one.args[0] for one in a.atoms(Abs) if known_sign(one.args[0], facts)}
    a = a.xreplace(sizes)
    ranges = _ranges(a.free_symbols, facts)
    return all(_nonnegative(case, own) for case, own in _cases(a, ranges))


def _ordered(says: Proposition, facts: tuple[Fact, ...]) -> str:
    if not isinstance(says, Rel) or says.op != "<=":
        raise NotConcluded("it is no a <= b")
    sides = says.left, says.right
    if any(not isinstance(side, Expr) or side.has(Number, t) for side in sides):
        raise NotConcluded("it is of more than parameters")
    if lost := undefined(sides, facts):
        raise NotConcluded(f"no fact says that {lost[0]} isn't 0")
    if not never_less(says.right, says.left, facts):
        raise NotConcluded("some coefficient of the difference is negative")
    return "no coefficient of the difference is negative"


COEFFICIENTS = Engine("signs of coefficients", How.DECIDED, _ordered)
