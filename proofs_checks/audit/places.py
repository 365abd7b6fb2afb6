"""Propositions evaluated along a solution: yes, no, or that it can't be told at one time.

Derivatives are differences, integrals are sums: nothing here knows how a term was derived.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from functools import reduce
from itertools import permutations, product
from typing import Any

import numpy as np
from scipy.integrate import quad
from sympy import Expr, S

from proofs_checks.audit.solution import STEP, Solution, quadrature
from proofs_checks.propositions import (
    EVERY,
    All,
    Any_,
    Bound,
    Implies,
    Is,
    Not,
    Proposition,
    Rel,
)
from theory.terms import (
    FIRST,
    Diameter,
    Elapsed,
    Entry,
    Greatest,
    Image,
    Index,
    Inner,
    Item,
    Least,
    Multiple,
    Norm,
    Number,
    OperatorNorm,
    Projected,
    Row,
    Smaller,
    TokenSum,
    Vec,
    Vector,
    VectorSum,
    VectorTokenSum,
    is_derivative,
    is_value,
)

CLOSE = 1e-6
"""What differences and sums are right to, beside the size of the two sides."""

KINK = 2e-4
"""The same of integrals of minima and maxima, whose kinks no rule of quadrature sees."""

ROUNDING = 1e-13
"""The same of what is given: what is nearly the least isn't the least."""


class Untold(Exception):
    """Nothing tells what a term or a proposition is at this time."""


def evaluate(
    says: Proposition, solution: Solution, time: float, values: Mapping[Any, Any] | None = None
) -> bool | None:
    """Evaluate a proposition along a solution.

    Parameters
    ----------
    says : Proposition
    solution : Solution
    time : float
        One of the solution's times.
    values : Mapping, optional
        Numbers for token indices (from 0), symbols and named vectors that are free in it.

    Returns
    -------
    bool or None
        None where it isn't told: limits, what is said of all vectors, a derivative of a derivative.

    Examples
    --------
    >>> from proofs_checks.audit.solution import solution_of
    >>> from theory.models import SA
    >>> from theory.symbols import X
    >>> unit = Rel("=", Norm(Row(X, Index("i"))), 1)
    >>> evaluate(unit, solution_of(SA), 0.6, {Index("i"): 2})
    True
    """
    return Place(solution, time, dict(values or {})).holds(says)


@dataclass(frozen=True)
class Place:
    """Where something is evaluated.

    Attributes
    ----------
    on : Solution
    time : float
    values : Mapping
        Numbers for what is free.
    exact : bool
        Whether what is said has the room of rounding alone, not that of differences: so is what
        is given, and what "not" denies. Nothing fails by what is only nearly given.
    """

    on: Solution
    time: float
    values: Mapping[Any, Any]
    exact: bool = False

    def putting(self, variables: Any, chosen: Any) -> Place:
        """Return the place with numbers for more variables."""
        return replace(self, values={**self.values, **dict(zip(variables, chosen, strict=True))})

    def turned(self) -> Place:
        """Return the place with the other room: what isn't so at all instead of nearly so."""
        return replace(self, exact=not self.exact)

    def tokens(self, variables: Any) -> Iterator[Place]:
        """Yield places with each choice of tokens for some indices."""
        for chosen in product(range(self.on.size), repeat=len(variables)):
            yield self.putting(variables, chosen)

    # -- propositions

    def holds(self, says: Any) -> bool | None:
        """Whether a proposition is so here; None where it isn't told."""
        try:
            return self._holds(says)
        except Untold:
            return None

    def _holds(self, says: Any) -> bool | None:
        if isinstance(says, Rel):
            return self._related(says)
        if isinstance(says, All):
            return _all(map(self.holds, says.args))
        if isinstance(says, Any_):
            return _not(_all(_not(self.holds(part)) for part in says.args))
        if isinstance(says, Not):
            return _not(self.turned().holds(says.args[0]))
        if isinstance(says, Implies):
            given, then, both = says.args
            ways = [(given, then), (then, given)] if both == S.true else [(given, then)]
            found = [(self.turned().holds(a), self.holds(b)) for a, b in ways]
            return _all(_not(_all([a, _not(b)])) for a, b in found)
        if isinstance(says, Bound) and says.quantifier == EVERY:
            if all(isinstance(variable, Index) for variable in says.bound):
                return _all(place.holds(says.body) for place in self.tokens(says.bound))
        if isinstance(says, Is):
            return self._defined(says)
        raise Untold

    def _defined(self, says: Is) -> bool | None:
        if says.definition.name == "solves":
            return True if says.arguments[0] == self.on.subject else None
        if says.definition.name == "bounded":
            return bool(np.isfinite(self.number(says.arguments[0])))
        if says.definition.unfold is None:
            raise Untold
        return self.holds(says.definition.unfold(*says.arguments))

    def _related(self, says: Rel) -> bool:
        left, right = self.value(says.left), self.value(says.right)
        off = float(np.max(np.abs(np.subtract(left, right))))
        near = KINK if says.has(Elapsed) else CLOSE
        if self.exact:
            near = ROUNDING
        room = near * (1 + float(np.max(np.abs(left))) + float(np.max(np.abs(right))))
        if says.op in ("=", "!="):
            return off <= room if says.op == "=" else off > room * self.exact
        if self.exact and says.op == "<":
            return bool(left + room < right)
        return bool(left <= right + room)

    # -- terms

    def value(self, term: Any) -> Any:
        """Return the value of a number or a vector."""
        return self.vector(term) if isinstance(term, Vector) else self.number(term)

    def number(self, a: Any) -> float:
        """Return the value of a number: SymPy's operations between nodes of tokens."""
        if isinstance(a, Number):
            return float(self._node(a))
        found = {node: self.number(node) for node in _outermost(a)}
        named = {FIRST: 0, **self.values}
        own = {s: v for s, v in named.items() if isinstance(s, Expr) and a.has(s)}
        return self.on.number(a, {**found, **own}, self.time)

    def _token(self, index: Any) -> int:
        return 0 if index == FIRST else int(self.values[index])

    def _matrix(self, expr: Any) -> Any:
        if self.time not in self.on.states:
            raise Untold
        return self.on.matrix(expr, self.time)

    def _at(self, time: float) -> Place:
        return replace(self, time=time)

    def _along(self, term: Any) -> Any:
        """Return a derivative, by differences of fourth order, or a value at another time."""
        inside = term.args[0]
        if is_value(term):
            return self._at(self.number(term.args[1])).value(inside)
        if any(map(is_derivative, _parts(inside))):
            raise Untold
        far, near, later, last = (
            self._at(self.time + shift * STEP).value(inside) for shift in (-2, -1, 1, 2)
        )
        return (far - 8 * near + 8 * later - last) / (12 * STEP)

    def _over(self, term: Any) -> list[Any]:
        """Return the values of a body for all tokens, distinct ones for several indices."""
        out = set(map(self._token, getattr(term, "but", ())))
        chosen = permutations(range(self.on.size), len(term.bound))
        places = (self.putting(term.bound, c) for c in chosen if not out & set(c))
        return [place.value(term.body) for place in places]

    def vector(self, v: Any) -> Any:
        """Return the value of a vector."""
        if isinstance(v, Vec):
            return self.values[v]
        if isinstance(v, Row):
            return self._matrix(v.args[0])[self._token(v.args[1])]
        if isinstance(v, VectorSum):
            return sum(map(self.vector, v.args))
        if isinstance(v, Multiple):
            return self.number(v.args[0]) * self.vector(v.args[1])
        if isinstance(v, Image):
            return self._matrix(v.args[0]) @ self.vector(v.args[1])
        if isinstance(v, Projected):
            foot, arm = map(self.vector, v.args)
            return arm - (foot @ arm) * foot
        if isinstance(v, VectorTokenSum):
            return sum(self._over(v))
        if is_derivative(v) or is_value(v):
            return self._along(v)
        raise Untold

    def _node(self, a: Any) -> Any:
        """Return the value of a node that SymPy takes for an atom."""
        if is_derivative(a) or is_value(a):
            return self._along(a)
        if isinstance(a, Elapsed) and not _outermost(a.args[0]):
            return quad(lambda s: self._at(s).number(a.args[0]), 0, self.time, limit=200)[0]
        if isinstance(a, Elapsed):
            nodes, weights = quadrature()
            return self.time * sum(
                w * self._at(self.time * s).number(a.args[0])
                for s, w in zip(nodes, weights, strict=True)
            )
        if isinstance(a, Entry | Item):
            i, j = (*map(self._token, a.args[1:]), 0)[:2]
            return self._matrix(a.args[0])[i, j]
        if isinstance(a, Inner):
            return self.vector(a.args[0]) @ self.vector(a.args[1])
        if isinstance(a, Norm):
            return np.linalg.norm(self.vector(a.args[0]))
        if isinstance(a, OperatorNorm):
            return np.linalg.norm(self._matrix(a.args[0]), 2)
        if isinstance(a, Smaller):
            return min(map(self.number, a.args))
        if isinstance(a, TokenSum):
            return sum(self._over(a))
        if isinstance(a, Least | Greatest):
            return (min if isinstance(a, Least) else max)(self._over(a))
        if isinstance(a, Diameter):
            places = self._over(a)
            return max(np.linalg.norm(u - v) for u in places for v in places)
        raise Untold


def _all(parts: Any) -> bool | None:
    found = list(parts)
    return False if False in found else None if None in found else True


def _not(part: bool | None) -> bool | None:
    return None if part is None else not part


def _parts(term: Any) -> Iterator[Any]:
    yield term
    for part in term.args:
        yield from _parts(part)


def _outermost(a: Any) -> set[Any]:
    if isinstance(a, Number):
        return {a}
    return reduce(set.union, map(_outermost, a.args), set())
