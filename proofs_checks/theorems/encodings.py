"""Remark 3.2: positional encodings by sines and cosines, pair of coordinates by pair."""

from __future__ import annotations

from typing import Any

from sympy import Expr, MatrixSymbol, S, Symbol, cos, expand, sin

from proofs_checks.proof import How
from proofs_checks.propositions import All, Definition, Implies, Is, Proposition, Rel, timed
from proofs_checks.theorems.conclusions import Conclusion, claimed
from proofs_checks.theorems.engines import EQUAL, undefined
from proofs_checks.theorems.kernel import (
    Engine,
    Fact,
    Found,
    NotConcluded,
    Refusal,
    Rule,
    apply,
    settle,
)
from proofs_checks.theorems.logic import together
from proofs_checks.theorems.order import CHAIN, of_all, relation
from theory.terms import Index, Item, Sort, residual, total

WAVE = Symbol("k", integer=True, nonnegative=True)
"""Index of a pair of coordinates, 2k and 2k + 1."""
HALF = Symbol("h", integer=True, positive=True)
"""Half the dimension, d = 2h."""
PLACE, OTHER_PLACE, SHIFT = (Symbol(name, integer=True) for name in "ijs")
"""Two places of tokens in the sequence, and by how much both are shifted."""
BASE = Symbol("M", positive=True)
"""Base of the frequencies, 10^4 in the paper."""

FILLS = Definition(
    "fills the coordinates",
    "2k and 2k+1, k = {0}, …, {1}, are the coordinates 0, …, 2 {2} - 1",
    (Sort.NUMBER, Sort.NUMBER, Sort.NUMBER),
)
_SINE, _COSINE = (Symbol(name, real=True) for name in "fg")
_EACH = Index("k", HALF)


# -- rules and engines -------------------------------------------------------------------------


def _each(fact: Fact, symbol: Symbol, name: str, index: Index) -> Proposition:
    says = relation(fact, "=")
    of_all(fact, symbol)
    if fact.given or timed(says) or symbol != Symbol(str(symbol), real=True):
        raise NotConcluded("it needs an equation of every real number, without time")
    column = Item(MatrixSymbol(name, index.count, 1), index)
    if index in says.free_symbols:
        raise NotConcluded(f"{index} is a token of the equation")
    return Rel("=", *(total(side.xreplace({symbol: column}), index) for side in says.args[1:]))


EACH = Rule(
    "at each of several numbers",
    "a(f) = b(f) for every f: Σ_k a(f_k) = Σ_k b(f_k)",
    "equals are added",
    _each,
)


def _put(says: Proposition, facts: tuple[Fact, ...]) -> str:
    """Decide ``s = c implies a = b`` where a = b once c is put for s."""
    if not isinstance(says, Implies) or not all(isinstance(one, Rel) for one in says.args[:2]):
        raise NotConcluded("it isn't that an equation implies another")
    given, then = says.args[:2]
    if given.op != "=" or then.op != "=" or not isinstance(given.left, Symbol):
        raise NotConcluded("it isn't that a symbol has a value")
    sides = [side.subs(given.left, given.right) for side in then.args[1:]]
    if says.args[2] == S.true or undefined(sides, facts) or residual(*sides) != 0:
        raise NotConcluded("both sides differ there")
    return "both sides are the same there"


def _fills(says: Proposition, facts: tuple[Fact, ...]) -> str:
    """Decide that pairs 2k, 2k+1 are all coordinates, each once: k = 0, …, h-1."""
    if not isinstance(says, Is) or says.definition is not FILLS:
        raise NotConcluded("it isn't of pairs of coordinates")
    first, last, half = says.arguments
    if first != 0 or expand(last - half + 1) != 0 or not half.is_integer or not half.is_positive:
        raise NotConcluded("they are other coordinates")
    return "2k is each even number below 2h, 2k+1 each odd one"


PUT = Engine("a value that is put", How.DERIVED, _put)
FILLING = Engine("pairs of coordinates", How.DECIDED, _fills)


# -- what is claimed ---------------------------------------------------------------------------


def _progression(frequency: Any) -> tuple[list[Found], list[Proposition]]:
    """``f_(k+1) f_0 = f_1 f_k``, f_0 = 1 and f_h = 1/M."""
    first, second, following = (frequency.subs(WAVE, at) for at in (S.Zero, S.One, WAVE + 1))
    says: list[Proposition] = [
        Rel("=", following * first, second * frequency),
        Implies(Rel("=", WAVE, 0), Rel("=", frequency, 1)),
        Implies(Rel("=", WAVE, HALF), Rel("=", frequency, 1 / BASE)),
    ]
    return [settle(EQUAL, says[0]), *(settle(PUT, one) for one in says[1:])], says


def _waves(places: tuple[Any, Any], sine: Any, cosine: Any) -> Expr:
    """Part of ``<p_a,p_b>`` of a pair of coordinates, for two places."""
    left, right = places
    waves: Expr = sin(left * sine) * sin(right * sine) + cos(left * cosine) * cos(right * cosine)
    return waves


def _summed(
    first: tuple[Any, Any], second: tuple[Any, Any] | None, cosine: Any
) -> tuple[Found, Rel]:
    """``<p_a,p_b> = <p_c,p_d>`` of two pairs of places, or a sum of ones if there is one pair."""
    other = S.One if second is None else _waves(second, _SINE, cosine)
    says = Rel("=", _waves(first, _SINE, cosine), other)
    found = apply(EACH, settle(EQUAL, says), symbol=_SINE, name="f", index=_EACH)
    columns = {one: Item(MatrixSymbol(str(one), HALF, 1), _EACH) for one in (_SINE, _COSINE)}
    return found, Rel("=", *(total(side.xreplace(columns), _EACH) for side in says.args[1:]))


def encoded(sine: Any, cosine: Any, ends: tuple[Any, Any], square: Any) -> Conclusion | Refusal:
    """Claim Remark 3.2 of ``(p_i)_2k = sin(i f_k)`` and ``(p_i)_(2k+1) = cos(i g_k)``.

    Parameters
    ----------
    sine, cosine : Expr
        f_k and g_k in ``WAVE``, ``HALF`` and ``BASE``.
    ends : tuple of Expr
        The first and the last k.
    square : Expr
        |p_i|².

    Examples
    --------
    >>> frequency = BASE ** (-WAVE / HALF)
    >>> own = [encoded(frequency, frequency, (0, HALF - 1), a) for a in (HALF, 2 * HALF)]
    >>> [one.found.says == one.says.then for one in own]
    [True, False]
    """
    facts, says = _progression(sine)
    if cosine != sine:
        more = _progression(cosine)
        facts, says = [*facts, *more[0]], [*says, *more[1]]
    fills, other = Is(FILLS, *ends, HALF), _SINE if cosine == sine else _COSINE
    ones, same = _summed((PLACE, PLACE), None, other)
    whole = settle(EQUAL, Rel("=", total(S.One, _EACH), _EACH.count))
    length = apply(CHAIN, ones, whole)
    moved = _summed((PLACE + SHIFT, OTHER_PLACE + SHIFT), (PLACE, OTHER_PLACE), other)
    facts += [settle(FILLING, fills), length, moved[0]]
    says += [fills, Rel("=", same.left, square), moved[1]]
    return claimed(apply(together, *facts), All(*says), ())
