"""Propositions evaluated along a solution: yes, no, or that it can't be told at one time.

Derivatives are differences, integrals are sums: nothing here knows how a term was derived. A token
index is an axis of an array, so that what is said of all tokens is evaluated once.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import lru_cache, reduce
from typing import Any

import numpy as np
from scipy.integrate import quad
from scipy.optimize import nnls
from sympy import Expr, S
from sympy.matrices.expressions import MatrixExpr

from numerics.arguments import FloatArray
from proofs_checks.audit.modes import PLACES, counted, is_counted
from proofs_checks.audit.solution import NAMED, STENCIL, STEP, Solution, quadrature
from proofs_checks.propositions import (
    EVERY,
    SOME,
    All,
    Any_,
    Bound,
    Implies,
    Is,
    Not,
    Proposition,
    Rel,
    Tends,
)
from theory.masks import Mask
from theory.positive_part import PositivePart
from theory.symbols import X
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
    count_of,
    is_derivative,
    is_value,
)

CLOSE = 1e-6
"""What differences and sums are right to, beside the size of the two sides."""

MEASURED = 100
"""How much larger than that a side is whose margin is told, to a hundredth."""

KINK = 2e-4
"""The same of integrals of minima and maxima, whose kinks no rule of quadrature sees."""

ROUNDING = 1e-13
"""The same of what is given: what is nearly the least isn't the least."""

FAR_OFF = 1e-3
"""A limit is seen to 1e-6 at best: between, nothing is told of whether it is in a cone."""

TRUE, UNTOLD, FALSE = 1.0, 0.5, 0.0
"""Kleene's three values: "and" is the least, "or" the greatest, "not" one minus."""


class Untold(LookupError):
    """Nothing tells what a term or a proposition is at this time."""


def told(
    says: Proposition, solution: Solution, time: float, values: Mapping[Any, Any] | None = None
) -> bool | None:
    """Say whether a proposition is so at a time of a solution.

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
    >>> told(unit, solution_of(SA), 0.6, {Index("i"): 2})
    True
    """
    own = {a: np.asarray(v) if isinstance(a, Index) else v for a, v in (values or {}).items()}
    return {TRUE: True, FALSE: False}.get(float(Place(solution, time, own).holds(says)))


@dataclass(frozen=True)
class Place:
    """Where something is evaluated.

    Attributes
    ----------
    on : Solution
    time : float
    values : Mapping
        Numbers for what is free; of an index its tokens, along an axis where they are several.
    depth : int
        How many axes there are: every number is an array of so many, a vector has one more.
    exact : bool
        Whether what is said has the room of rounding alone, not that of differences: so is what
        is given, and what "not" denies. Nothing fails by what is only nearly given.
    sizes : list of float
        How large the terms were whose differences were taken: it is what those are right to.
    ends : list of list
        Which terms were the least and the greatest: differences over a corner say nothing.
    """

    on: Solution
    time: float
    values: Mapping[Any, Any]
    depth: int = 0
    exact: bool = False
    sizes: list[float] = field(default_factory=list)
    ends: list[Any] = field(default_factory=list)

    def putting(self, values: Mapping[Any, Any]) -> Place:
        """Return the place with values for more variables."""
        return replace(self, values={**self.values, **values})

    def turned(self) -> Place:
        """Return the place with the other room: what isn't so at all instead of nearly so."""
        return replace(self, exact=not self.exact)

    def over(self, indices: Any) -> Place:
        """Return the place with an axis more for each of some indices, of all tokens."""
        more = len(indices)
        held = {
            a: np.expand_dims(v, tuple(range(-more, 0)))
            for a, v in self.values.items()
            if isinstance(a, Index)
        }
        for place, index in enumerate(indices):
            held[index] = np.expand_dims(
                np.arange(self.on.count(index)),
                (*range(self.depth + place), *range(place + 1 - more, 0)),
            )
        return replace(self.putting(held), depth=self.depth + more)

    def choices(self, indices: Any) -> tuple[int, ...]:
        """Return a shape in which the last axes are of all tokens of some indices."""
        return (*(1,) * (self.depth - len(indices)), *map(self.on.count, indices))

    # -- propositions

    def holds(self, says: Any) -> FloatArray:
        """Whether a proposition is so here, of all tokens along the axes."""
        try:
            return self._holds(says)
        except LookupError:
            return np.full((1,) * self.depth, UNTOLD)

    def _holds(self, says: Any) -> FloatArray:
        if isinstance(says, Rel) and isinstance(says.left, MatrixExpr):
            left, right = map(self._matrix, (says.left, says.right))
            near = np.allclose(left, right, rtol=CLOSE, atol=CLOSE) == (says.op == "=")
            return np.full((1,) * self.depth, TRUE if near else FALSE)
        if isinstance(says, Rel):
            return self._related(says)
        if isinstance(says, All):
            return reduce(np.minimum, map(self.holds, says.args))
        if isinstance(says, Any_):
            return reduce(np.maximum, map(self.holds, says.args))
        if isinstance(says, Not):
            return 1 - self.turned().holds(says.args[0])
        if isinstance(says, Implies):
            given, then, both = says.args
            ways = [(given, then), (then, given)] if both == S.true else [(given, then)]
            found = (np.maximum(1 - self.turned().holds(a), self.holds(b)) for a, b in ways)
            return reduce(np.minimum, found)
        if isinstance(says, Bound):
            return self._bound(says)
        if isinstance(says, Tends):
            return self._tends(says)
        if isinstance(says, Is):
            return self._defined(says)
        raise Untold

    def _bound(self, says: Bound) -> FloatArray:
        """Of all tokens; of vectors, at the limit of the tokens, and one elsewhere has no say."""
        if says.quantifier == EVERY and all(isinstance(v, Index) for v in says.bound):
            within, more = self.over(says.bound), len(says.bound)
            return np.asarray(within.holds(says.body).min(axis=tuple(range(-more, 0))))
        found = self.at_limit(says).holds(says.body)
        if says.quantifier == EVERY:
            tends = isinstance(says.body, Implies) and says.body.args[0].has(Tends)
            return found if tends else np.minimum(found, UNTOLD)
        return np.maximum(found, UNTOLD)

    def at_limit(self, says: Bound) -> Place:
        """Return the place where the vector that is bound is the limit of all tokens."""
        limit = self.on.limit
        if limit is None or says.quantifier not in (EVERY, SOME):
            raise Untold
        (variable,) = says.bound
        if not isinstance(variable, Vec):
            raise Untold
        return self.putting({variable: limit})

    def _tends(self, says: Tends) -> FloatArray:
        """Tokens tend to their limit, where there is one, and to nothing else."""
        term, limit, to = says.args
        if self.on.limit is None or not isinstance(term, Row) or to != S.Infinity:
            raise Untold
        off = np.max(np.abs(self.vector(limit) - self.on.limit))
        return np.full((1,) * self.depth, TRUE if off == 0 else FALSE)

    def _defined(self, says: Is) -> FloatArray:
        if says.definition.name in ("solves", "lives", "state", self.on.beside):
            if says.arguments[0] != self.on.subject:
                raise Untold
            return np.full((1,) * self.depth, TRUE)
        if says.definition.name == "bounded":
            return np.where(np.isfinite(self.number(says.arguments[0])), TRUE, FALSE)
        if says.definition.name in PLACES:
            return self._counted(says)
        if says.definition.name == "led":
            return self._led(says)
        if says.definition.name == "independent":
            rank = np.linalg.matrix_rank(self._at(0.0)._matrix(X))
            return np.full((1,) * self.depth, TRUE if rank == self.on.size else FALSE)
        if says.definition.name == "in the cone":
            return self._in_cone(*says.arguments)
        if says.definition.unfold is None:
            raise Untold
        return self.holds(says.definition.unfold(*says.arguments))

    def _in_cone(self, z: Any, points: Any, least: Any) -> FloatArray:
        """Whether a vector is Σ_j θ_j x_j, θ_j >= 0, Σ_j θ_j >= l: by least squares."""
        shares, off = nnls(self._matrix(points).T, self.vector(z).reshape(-1))
        off = max(off, float(least) - shares.sum())
        told = TRUE if off < CLOSE else FALSE if off > FAR_OFF else UNTOLD
        return np.full((1,) * self.depth, told)

    def _led(self, says: Is) -> FloatArray:
        """Whether a token is reached from all by the graph of a model."""
        rates = says.arguments[0].velocities.values()
        (mask,) = {one for rate in rates for one in rate.atoms(Mask)}
        sees = self._matrix(mask) != 0
        steps = np.linalg.matrix_power(sees + np.eye(len(sees)), len(sees)) > 0
        led = steps.all(axis=0).any() and sees.any(axis=1).all()
        return np.full((1,) * self.depth, TRUE if led else FALSE)

    def _counted(self, says: Is) -> FloatArray:
        """Whether an eigenvalue is one, with one token at the first of two points."""
        *sizes, subject, value, count = (a for a in says.arguments if not isinstance(a, Vec))
        axis = next(a for a in says.arguments if isinstance(a, Vec))
        model, size = self.on.model, self.on.size
        if subject != self.on.subject or model is None or len(model.blocks) > 1:
            raise Untold
        masses = np.full(size, 1 / size) if sizes else self.on.masses
        here = self.putting(dict(zip(sizes, (1, size - 1), strict=bool(sizes))))
        ends = size - 1 if sizes else 0
        found = counted(model, self.on.numbers, masses, self.vector(axis), ends)
        so = is_counted(found, float(here.number(value)), float(here.number(count)))
        return np.full((1,) * self.depth, TRUE if so else FALSE)

    def _related(self, says: Rel) -> Any:
        left, right, least = self._sides(says)
        if not (np.isfinite(left).all() and np.isfinite(right).all()):
            raise Untold
        parts = [np.abs(left - right), np.abs(left), np.abs(right)]
        if isinstance(says.left, Vector):
            parts = [part.max(axis=-1) for part in parts]
        off, *sides = parts
        near = KINK if says.has(Elapsed) else CLOSE
        if self.exact:
            near, least = ROUNDING, 1.0
        room = near * (least + sides[0] + sides[1])
        if says.op in ("=", "!="):
            found = off <= room if says.op == "=" else off > room * self.exact
        elif self.exact and says.op == "<":
            found = left + room < right
        else:
            found = left <= right + room
        value = np.where(found, TRUE, FALSE)
        if self.exact and says.op == "=":  # what is tiny beside 1 may be 0, or not
            value = np.where(found & (off > near * (sides[0] + sides[1])), UNTOLD, value)
        return np.reshape(value, (1,) * (self.depth - np.ndim(value)) + np.shape(value))

    def _sides(self, says: Rel) -> tuple[Any, Any, float]:
        """Return both sides, and beside what size differences in them are right."""
        here = replace(self, sizes=[])
        left, right = here.value(says.left), here.value(says.right)
        return left, right, max(here.sizes) / self.on.scale if here.sizes else 1.0

    def margins(self, says: Any, where: Any = True) -> Iterator[tuple[Rel, float]]:
        """Yield the inequalities that are concluded, with the least margin where that is said.

        It is of the larger side: 0 where a bound is attained, 1 where it is of no use, or where
        both sides are too small to tell.
        """
        if isinstance(says, All):
            for part in says.args:
                yield from self.margins(part, where)
        elif isinstance(says, Implies):
            given = self.turned().holds(says.args[0]) == TRUE
            yield from self.margins(says.args[1], given & where)
        elif isinstance(says, Bound):
            try:
                if says.quantifier == EVERY and all(isinstance(v, Index) for v in says.bound):
                    within, more = self.over(says.bound), len(says.bound)
                    wide = np.expand_dims(where, tuple(range(-more, 0)))
                    yield from within.margins(says.body, wide)
                else:
                    yield from self.at_limit(says).margins(says.body, where)
            except LookupError:
                return
        elif isinstance(says, Is) and says.definition.unfold is not None:
            yield from self.margins(says.definition.unfold(*says.arguments), where)
        elif isinstance(says, Rel) and says.op in ("<", "<="):
            try:
                left, right, least = self._sides(says)
            except LookupError:
                return
            larger = np.maximum(np.abs(left), np.abs(right))
            told = np.maximum(larger, MEASURED * CLOSE * least)
            useless = (larger < told) | ~np.isfinite(larger)
            with np.errstate(invalid="ignore"):
                margin = np.where(useless, 1.0, (right - left) / told)
            found, where = np.broadcast_arrays(margin, where)
            if where.any():
                yield says, float(found[where].min())

    # -- terms

    def value(self, term: Any) -> Any:
        """Return the value of a number or a vector."""
        return self.vector(term) if isinstance(term, Vector) else self.number(term)

    def number(self, a: Any) -> Any:
        """Return the value of a number: SymPy's operations between nodes of tokens."""
        if isinstance(a, Number):
            return np.asarray(self._node(a), dtype=float)
        found = {node: self.number(node) for node in _outermost(a)}
        named = {FIRST: 0, **self.values}
        own = {s: v for s, v in named.items() if isinstance(s, Expr) and a.has(s)}
        return self.on.number(a, {**found, **own}, self.time)

    def _tokens(self, index: Any) -> Any:
        return np.zeros((1,) * self.depth, int) if index == FIRST else self.values[index]

    def _matrix(self, expr: Any) -> FloatArray:
        if self.time not in self.on.states:
            raise Untold
        if any(expr.has(a) and a not in self.on.states[self.time] for a in NAMED):
            raise Untold
        return self.on.matrix(expr, self.time)

    def _at(self, time: float) -> Place:
        return replace(self, time=time)

    def _along(self, term: Any) -> Any:
        """Return a derivative, by differences of fourth order, or a value at another time."""
        inside = term.args[0]
        if is_value(term):
            return self._at(float(self.number(term.args[1]))).value(inside)
        if any(map(is_derivative, _parts(inside))):
            raise Untold
        step = STEP * self.on.scale
        places = [replace(self._at(self.time + shift * step), ends=[]) for shift in STENCIL]
        far, near, later, last = (place.value(inside) for place in places)
        corner = any(place.ends != places[0].ends for place in places)
        if corner or any(_turns(places, one.args[0]) for one in inside.atoms(PositivePart)):
            raise Untold  # across a kink differences are right to a step at best
        self.sizes.append(float(np.max(np.abs(near))))
        return (far - 8 * near + 8 * later - last) / (12 * step)

    def _over(self, term: Any) -> tuple[Any, Any]:
        """Return a body of all tokens along new axes, and which differ as they have to."""
        within, more = self.over(term.bound), len(term.bound)
        chosen = [*term.bound, *getattr(term, "but", ())]
        differ = np.ones(within.choices(term.bound), bool)
        for place, one in enumerate(chosen):
            for other in chosen[: min(place, more)]:
                if count_of(one) == count_of(other):  # of two species none is the other
                    differ = differ & (within._tokens(one) != within._tokens(other))
        found = within.value(term.body)
        if isinstance(term.body, Vector):
            differ = differ[..., None]
        found, differ = np.broadcast_arrays(found, differ)
        return found, differ

    def _all_families(self, a: Diameter) -> Any:
        """Return all vectors that a diameter is over, along one axis."""
        found = []
        for index, vector in zip(a.bound, a.families, strict=True):
            within = self.over((index,))
            shape = (*within.choices((index,)), 1)
            value = within.vector(vector)
            found.append(np.broadcast_to(value, np.broadcast_shapes(value.shape, shape)))
        return np.concatenate(found, axis=-2)

    def vector(self, v: Any) -> Any:
        """Return the value of a vector."""
        if isinstance(v, Vec):
            return self.values[v]
        if isinstance(v, Row):
            return self._matrix(v.args[0])[self._tokens(v.args[1])]
        if isinstance(v, VectorSum):
            return sum(map(self.vector, v.args))
        if isinstance(v, Multiple):
            return self.number(v.args[0])[..., None] * self.vector(v.args[1])
        if isinstance(v, Image):
            return self.vector(v.args[1]) @ self._matrix(v.args[0]).T
        if isinstance(v, Projected):
            foot, arm = map(self.vector, v.args)
            return arm - (foot * arm).sum(axis=-1, keepdims=True) * foot
        if isinstance(v, VectorTokenSum):
            found, _ = self._over(v)
            return found.sum(axis=-2)
        if is_derivative(v) or is_value(v):
            return self._along(v)
        raise Untold

    def _node(self, a: Any) -> Any:
        """Return the value of a node that SymPy takes for an atom."""
        if is_derivative(a) or is_value(a):
            return self._along(a)
        if isinstance(a, Elapsed) and not _outermost(a.args[0]):
            return quad(lambda s: float(self._at(s).number(a.args[0])), 0, self.time, limit=200)[0]
        if isinstance(a, Elapsed):
            nodes, weights = quadrature()
            return self.time * sum(
                w * self._at(self.time * s).number(a.args[0])
                for s, w in zip(nodes, weights, strict=True)
            )
        if isinstance(a, Entry | Item):
            i, j = (*map(self._tokens, a.args[1:]), 0)[:2]
            return self._matrix(a.args[0])[i, j]
        if isinstance(a, Inner):
            found = (self.vector(a.args[0]) * self.vector(a.args[1])).sum(axis=-1)
            # 1 but for rounding is 1: what stands in √(1 - <x_i,x_i>) isn't below 0.
            return np.where(np.abs(np.abs(found) - 1) <= ROUNDING, np.sign(found), found)
        if isinstance(a, Norm):
            return np.linalg.norm(self.vector(a.args[0]), axis=-1)
        if isinstance(a, OperatorNorm):
            return np.linalg.norm(self._matrix(a.args[0]), 2)
        if isinstance(a, Smaller):
            return self._end(np.array(np.broadcast_arrays(*map(self.number, a.args))), (0,), -1)
        if isinstance(a, TokenSum | Least | Greatest):
            found, differ = self._over(a)
            axes = tuple(range(-len(a.bound), 0))
            if isinstance(a, TokenSum):
                return np.where(differ, found, 0).sum(axis=axes)
            sign = -1 if isinstance(a, Least) else 1
            return self._end(np.where(differ, found, -sign * np.inf), axes, sign)
        if isinstance(a, Diameter):
            found = self._all_families(a)
            apart = found[..., :, None, :] - found[..., None, :, :]
            return self._end(np.linalg.norm(apart, axis=-1), (-2, -1), 1)
        raise Untold

    def _end(self, found: Any, axes: tuple[int, ...], sign: int) -> Any:
        """Return the greatest (1) or the least (-1) along axes, and note which one it is."""
        moved = np.moveaxis(found, axes, range(len(axes)))
        flat = sign * moved.reshape(-1, *moved.shape[len(axes) :])
        self.ends.append(flat.argmax(axis=0).tolist())
        return sign * flat.max(axis=0)


def _turns(places: list[Place], a: Any) -> bool:
    """Whether a number is > 0 at some places, and not at others, of one token or more."""
    free = tuple(i for i in a.free_symbols if isinstance(i, Index) and i not in places[0].values)
    above = [place.over(free).number(a) > 0 for place in places]
    return any(np.any(above[0] != one) for one in above)


def _parts(term: Any) -> Iterator[Any]:
    yield term
    for part in term.args:
        yield from _parts(part)


@lru_cache(maxsize=4096)
def _outermost(a: Any) -> frozenset[Any]:
    if isinstance(a, Number):
        return frozenset((a,))
    return reduce(frozenset.union, map(_outermost, a.args), frozenset())
