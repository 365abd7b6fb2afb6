"""Parameters as declared objects: a symbol by its identity, the range declared, the value given.

A symbol's assumptions are its range, and so is a set that a user gives in place of a number. A
plain symbol is any positive number; so are β and η, which are real for the algebra's sake alone.
Decisions are about positive parameters: any other range is cut into pieces, and in each the model
is written in positive ones, a < 0 as -abs_a.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import product
from math import prod
from typing import Any

import numpy as np
from sympy import (
    Complement,
    Expr,
    FiniteSet,
    Interval,
    MatrixSymbol,
    Rational,
    S,
    Set,
    Symbol,
    Union,
    ceiling,
    floor,
    log,
    nan,
    oo,
    zoo,
)

from proofs_checks.proof.defined import scalars_of
from proofs_checks.proof.flow import Flow
from proofs_checks.proof.given import number_of
from proofs_checks.proof.sheet import POSITIVE, Sheet, shown_set
from theory.models import Model
from theory.symbols import beta, eta
from theory.weights import SinkSoftmax

NEGATIVE = Interval.open(-oo, 0)

MOST = 27
"""Pieces of all ranges together that are asked: three parameters of either sign have as many."""


@dataclass(frozen=True)
class Parameter:
    """A scalar parameter of a flow.

    Attributes
    ----------
    symbol : Symbol
    range : Set
        Of the numbers that statements are asked about.
    value : Expr or None
        What was given for it, in t where it depends on that.
    """

    symbol: Any
    range: Set
    value: Expr | None = None

    @property
    def plain(self) -> bool:
        """Whether decisions, which are about positive numbers, are about it as it stands."""
        if self.value is not None:
            return not self.value.is_number or declared(self.symbol) == POSITIVE
        return self.range == POSITIVE

    @property
    def pieces(self) -> list[tuple[Set, Expr]]:
        """Parts of the range, with the parameter written in a positive one."""
        if self.plain:
            return [(self.range, self.symbol)]
        where = self.range if self.value is None else FiniteSet(self.value)
        sides = (side.intersect(where) for side in (NEGATIVE, FiniteSet(0), POSITIVE))
        return [piece for side in sides for part in _parts(side) for piece in self._cut(part)]

    def draw(self, rng: np.random.Generator, sizes: Sequence[float]) -> float:
        """Draw a number of the range, of positive sizes."""
        size = float(rng.choice(sizes))
        if self.plain:
            return size
        pieces = [expr for _, expr in self.pieces if not expr.is_number]
        expr = pieces[rng.integers(len(pieces))] if pieces else self.pieces[-1][1]
        size = max(round(size), 1) if self.symbol.is_integer else size
        return float(expr.subs({s: size for s in expr.free_symbols}))

    def _cut(self, part: Set) -> Iterator[tuple[Set, Expr]]:
        """Cut the ends off an interval, and write what is inside in a positive parameter."""
        whole = self.symbol.is_integer
        if isinstance(part, FiniteSet):
            yield from ((FiniteSet(v), v) for v in part if v.is_integer or not whole)
            return
        low, high = part.start, part.end
        if whole and low.is_finite and high.is_finite:
            inside = range(ceiling(low), floor(high) + 1)
            yield from ((FiniteSet(k), S(k)) for k in inside if k in part)
            return
        if not whole:
            yield from ((FiniteSet(v), v) for v in (low, high) if v in part)
        low, high = (floor(low), ceiling(high)) if whole else (low, high)
        yield Interval.open(low, high), self._inside(low, high)

    def _inside(self, low: Expr, high: Expr) -> Expr:
        """Write the numbers of an open interval in a positive parameter."""
        name, kept = self.symbol.name, {"integer": True} if self.symbol.is_integer else {}
        if (low, high) == (0, oo):
            return (
                self.symbol if self.symbol.is_real is None else Symbol(name, positive=True, **kept)
            )
        if (low, high) == (-oo, 0):
            return -Symbol(f"abs_{name}", positive=True, **kept)
        more = Symbol(f"more_{name}", positive=True, integer=kept.get("integer"))
        if high == oo:
            return low + more
        return high - more if low == -oo else (low + high * more) / (1 + more)


def _parts(where: Set) -> tuple[Set, ...]:
    """Intervals and sets of numbers that a range consists of."""
    parts = where.args if isinstance(where, Union) else (where,)
    return tuple(part for part in parts if part is not S.EmptySet)


def allowed(symbol: Any) -> Set:
    """Real numbers that the assumptions of a symbol allow, whole or not; empty if there is none.

    Examples
    --------
    >>> allowed(Symbol("a")), allowed(Symbol("a", nonpositive=True))
    (Interval(-oo, oo), Interval(-oo, 0))
    """
    if symbol.is_real is False:
        return S.EmptySet
    if symbol.is_positive or symbol.is_negative:
        return POSITIVE if symbol.is_positive else NEGATIVE
    low = S.Zero if symbol.is_nonnegative else -oo
    high = S.Zero if symbol.is_nonpositive else oo
    found = Interval(low, high)
    return Complement(found, FiniteSet(0)) if symbol.is_nonzero else found


def declared(symbol: Any) -> Set:
    """Range of a parameter that has no value: what is allowed, or any positive number.

    Examples
    --------
    >>> declared(Symbol("a")), declared(Symbol("a", real=True)), declared(beta)
    (Interval.open(0, oo), Interval(-oo, oo), Interval.open(0, oo))
    """
    contract = symbol in (beta, eta) or symbol.is_real is None
    return POSITIVE if contract else allowed(symbol)


def _range(symbol: Any, given: Any) -> Set:
    """Range of a parameter: what is given of what is allowed, or what is declared."""
    return allowed(symbol).intersect(given) if isinstance(given, Set) else declared(symbol)


def parameters_of(flow: Flow) -> tuple[Parameter, ...]:
    """Table of the scalar parameters of a flow: symbol, range, value."""
    found = []
    for symbol in (p for p in flow.model.parameters if not isinstance(p, MatrixSymbol)):
        given = flow.given.get(str(symbol))
        found.append(Parameter(symbol, _range(symbol, given), flow.values.get(symbol)))
    return tuple(found)


def refuse_impossible(model: Model, given: Mapping[str, Any]) -> None:
    """Refuse a range without a number in it, and a number outside the range that is declared."""
    for symbol in model.parameters:
        value = given.get(str(symbol))
        if isinstance(symbol, MatrixSymbol):
            if isinstance(value, Set):
                raise ValueError(
                    f"Expected numbers for the matrix {symbol} but got {symbol}={value}; a range "
                    "is for a scalar."
                )
            continue
        if symbol.is_even or symbol.is_odd or symbol.is_prime:
            raise ValueError(
                f"Expected a range of real or of whole numbers but got {symbol}, which is even, "
                "odd or prime; write an even number as 2*q."
            )
        where = allowed(symbol).intersect(value) if isinstance(value, Set) else allowed(symbol)
        simple = all(isinstance(part, Interval | FiniteSet) for part in _parts(where))
        if not simple or not Parameter(symbol, where).pieces:
            raise ValueError(
                "Expected a range of real numbers, of intervals and numbers, but got "
                f"{value if isinstance(value, Set) else 'none'} for {symbol}, "
                f"{_declaration(symbol)}; declare it, or give its range, otherwise."
            )
        number = number_of(value) if value is not None and not callable(value) else None
        if isinstance(value, Set) or value is None:
            _refuse_poles(model, Parameter(symbol, _range(symbol, value)))
        if isinstance(value, Set) or number is None:
            continue
        whole = number.is_integer or not symbol.is_integer
        if number not in where or not whole:
            raise ValueError(
                f"Expected {symbol} as it is declared, {_declaration(symbol)}, but got "
                f"{symbol}={value}; give such a number, or declare it otherwise."
            )


def _refuse_poles(model: Model, parameter: Parameter) -> None:
    """Refuse a range with a number in it at which a velocity, as it is written, has no value."""
    name, velocities = parameter.symbol, model.velocities.values()
    places = [place for _, place in parameter.pieces if place.is_number]
    for place, velocity in product(places, velocities):
        for expr in scalars_of(velocity):
            if expr.subs(name, place).has(oo, -oo, zoo, nan):
                raise ValueError(
                    f"Expected a velocity with a value at every {name}, "
                    f"{range_words(parameter.range)}, but got {model.name}, of which {expr} has no "
                    f"value at {name} = {place}; declare it otherwise, such as "
                    f'Symbol("{name}", positive=True), or give a number or another range.'
                )


def _declaration(symbol: Any) -> str:
    known = ("positive", "negative", "nonpositive", "nonnegative", "integer", "imaginary", "real")
    said = [name for name in known if getattr(symbol, f"is_{name}")]
    return f"which is {' and '.join(said[:2])}" if said else "which has no assumptions"


@dataclass(frozen=True)
class Piece:
    """A flow on a piece of the ranges of its parameters.

    Attributes
    ----------
    flow : Flow
    ranges : Mapping
        Range on this piece of each parameter that was cut, by its symbol.
    written : Mapping
        The same parameters, written in positive ones.
    """

    flow: Flow
    ranges: Mapping[Any, Set]
    written: Mapping[Any, Expr]

    @property
    def width(self) -> int:
        """How many of the ranges have more than a number in them."""
        return sum(not isinstance(where, FiniteSet) for where in self.ranges.values())

    def __str__(self) -> str:
        """Return the ranges in words, and how a parameter is written in another one."""
        said = []
        for symbol, where in self.ranges.items():
            expr, words = self.written[symbol], range_words(where, bool(symbol.is_integer))
            if expr.is_number:
                said.append(f"{symbol} = {expr}")
                continue
            said.append(f"{symbol} {words}" if words[0] in "<>" else f"{symbol} in {words}")
            said += [] if expr.is_Symbol else [f"{symbol} = {expr}"]
        return ", ".join(said)


def range_words(where: Set, whole: bool = False) -> str:
    """Write a range in words, of real or of whole numbers.

    Examples
    --------
    >>> range_words(NEGATIVE), range_words(Interval(-1, 2)), range_words(S.Reals - {S.Zero})
    ('< 0', '[-1, 2]', '< 0 or > 0')
    """
    said = []
    for part in _parts(where):
        if isinstance(part, FiniteSet):
            said.append(", ".join(map(str, part)))
        elif part.start.is_finite and part.end.is_finite:
            said.append(shown_set(part))
        elif part.start == -oo and part.end == oo:
            return f"any {'whole' if whole else 'real'} number"
        else:
            side, end = (">", part.start) if part.end == oo else ("<", part.end)
            said.append(f"{side}{'=' if end in part else ''} {end}")
    return " or ".join(said) + (", whole" if whole else "")


def pieces_of(flow: Flow) -> tuple[Piece, ...]:
    """Pieces on which decisions about positive parameters are about a flow; () if it is whole.

    Raises
    ------
    NotImplementedError
        For more than `MOST`.
    """
    if _PIECES not in flow.kept:
        flow.kept[_PIECES] = () if flow.from_zero else _cut_up(flow)
    found: tuple[Piece, ...] = flow.kept[_PIECES]
    return found


_PIECES, _FREE = "pieces", "left free"


def _cut_up(flow: Flow) -> tuple[Piece, ...]:
    cut = [parameter for parameter in parameters_of(flow) if not parameter.plain]
    if not cut:
        return ()
    choices = [_by_exponential(flow.model, p) or p.pieces for p in cut]
    if prod(map(len, choices)) > MOST:
        raise NotImplementedError(
            f"Expected at most {MOST} pieces of ranges but got more of "
            f"{', '.join(str(p.symbol) for p in cut)}; give numbers for some."
        )
    rest = {a: b for a, b in flow.given.items() if a not in {str(p.symbol) for p in cut}}
    found = []
    for chosen in product(*choices):
        ranges = {p.symbol: where for p, (where, _) in zip(cut, chosen, strict=True)}
        written = {p.symbol: expr for p, (_, expr) in zip(cut, chosen, strict=True)}
        found.append(Piece(Flow.of(_put(flow.model, written), **rest), ranges, written))
    return tuple(found)


def _by_exponential(model: Model, parameter: Parameter) -> list[tuple[Set, Expr]]:
    """Write any real number a as log(exp_a), in one piece, where it enters through e^a alone."""
    symbol = parameter.symbol
    if parameter.range != S.Reals or parameter.value is not None or symbol.is_integer:
        return []
    if model.noise is not None:
        return []
    expr = log(Symbol(f"exp_{symbol}", positive=True))
    put = _put(model, {symbol: expr})
    for part in (put.velocity, put.energy, put.metric):
        if part is None:
            continue
        bare = part.xreplace({w: w.func(w.scores, w.masses, 0) for w in part.atoms(SinkSoftmax)})
        if expr in bare.atoms(log):
            return []
    return [(S.Reals, expr)]


def _put(model: Model, written: Mapping[Any, Expr]) -> Model:
    """Write parameters in others, or put numbers."""
    for symbol, value in written.items():
        if value == symbol:
            continue
        model = model.subs({symbol: value}, model.name)
    return model


def valued(flow: Flow) -> Model:
    """Return the model with the given numbers in it: what is derived of it mixes with no symbol."""
    numbers = {p: value for p, value in flow.values.items() if value.is_number}
    return flow.model.subs(numbers, flow.name) if numbers else flow.model


def left_free(flow: Flow, names: Iterable[str]) -> Flow:
    """Return a user's flow without the values of some parameters."""
    key = _FREE, frozenset(names)
    if key not in flow.kept:
        given = {a: b for a, b in flow.given.items() if a not in key[1]}
        flow.kept[key] = Flow.of(flow.model, **given)
    found: Flow = flow.kept[key]
    return found


_SAID = {
    "symbolic": S.Reals,
    "symbolic, of either sign": S.Reals,
    "symbolic, nonzero": Complement(S.Reals, FiniteSet(0)),
    "symbolic, >= 0": Interval(0, oo),
    "every β >= 0": Interval(0, oo),
    "symbolic, > 0": POSITIVE,
    "symbolic, positive": POSITIVE,
    "> 0": POSITIVE,
}
"""Ranges that sheets say in words; any other words cover nothing that is known."""


def _range_of(words: str) -> Set:
    """Return the range that a scope says, such as ">= -13/50, nonzero"; empty if none is read."""
    found = re.fullmatch(r"(>=?) (-?\d+(?:/\d+)?)(, nonzero)?", words)
    if found is None:
        return _SAID.get(words, S.EmptySet)
    from_it = Interval(Rational(found[2]), oo, left_open=found[1] == ">")
    return Complement(from_it, FiniteSet(0)) if found[3] else from_it


def covers(sheet: Sheet, symbol: Any, values: Set) -> bool:
    """Whether the scope of a proof is known to hold all these values of a parameter."""
    name = str(symbol)
    words = sheet.words.get(name, "symbolic").split(";")
    said = [_range_of(part.strip()) for part in words]
    steps = [where for step in sheet.steps for s, where in step.scope.items() if str(s) == name]
    return all(values.is_subset(where) for where in (*said, *steps))


__all__ = [
    "Parameter",
    "Piece",
    "allowed",
    "covers",
    "declared",
    "left_free",
    "parameters_of",
    "pieces_of",
    "range_words",
    "refuse_impossible",
    "valued",
]
