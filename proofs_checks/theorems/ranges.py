"""Bounds of what a model is made of, concluded by its shape: products, quotients, softmax rows.

A number is *plain* if nothing in it moves but the time and masses. `below` and `above` conclude
``a <= f`` and ``f <= a`` for plain a, from the outside in: tokens are unit vectors, so inner
products are in [-1, 1]; the rest is order of numbers. So one walk bounds the weights of softmax,
sinks, kernels, position terms and speeds, each by the model's own constants.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from sympy import Add, Expr, Mul, Piecewise, Pow, S, exp, factor, sqrt

from proofs_checks.decide import first_count
from proofs_checks.propositions import Rel
from proofs_checks.theorems.attraction import COSINE, OPERATOR_NORM, UNIT_PRODUCT, fresh
from proofs_checks.theorems.cosines import cosine_of
from proofs_checks.theorems.engines import ADDED, EQUAL, RISING, SIGNS, WEIGHED, needed, spared
from proofs_checks.theorems.features import featured, is_featured
from proofs_checks.theorems.kernel import (
    Engine,
    Found,
    NotConcluded,
    Refusal,
    Theorem,
    apply,
    assume,
    settle,
)
from proofs_checks.theorems.logic import part, rename
from proofs_checks.theorems.order import (
    CASES,
    CHAIN,
    EXPONENTIAL,
    RECIPROCAL,
    REPLACE,
    ROOT,
    SAME,
    SCALE,
    SIZE,
    TOKEN_SUM,
    TURNED,
)
from proofs_checks.theorems.places import (
    APART,
    DIVIDED_ROW,
    DOUBLY,
    KEPT_LENGTH,
    SEATS,
    SEEN,
    SEEN_SHARE,
    SHARES,
    UNMASKED,
    WHOLE_ROWS,
    least_size,
)
from proofs_checks.theorems.pulls import UNIT_AXIS, WARM, Pull, W, cosines, masses_of
from proofs_checks.theorems.readers import TOKEN, solving
from theory.atoms import RowNormalize, Sinkhorn
from theory.masks import Mask
from theory.positions import Distances, Rotary
from theory.symbols import X, d, m, n, t
from theory.terms import (
    FIRST,
    Entry,
    Image,
    Index,
    Inner,
    Item,
    Number,
    Row,
    TokenSum,
    Vector,
    VectorTokenSum,
    denominators,
    entry,
    is_value,
    loose,
    moving,
    total,
    weight,
)
from theory.weights import SquaredDistances


def plain(a: Any) -> bool:
    """Whether nothing of the state is in a number but masses, and what is fixed.

    Examples
    --------
    >>> from theory.symbols import beta
    >>> i = Index("i")
    >>> plain(beta * Item(m, i)), plain(Inner(Row(X, i), Row(X, i)))
    (True, False)
    """
    if is_value(a):
        return True
    if isinstance(a, Entry) and isinstance(a.args[0], Mask):
        return True
    if isinstance(a, Vector | Entry) or (isinstance(a, Item) and a.args[0] != m):
        return False
    return all(map(plain, a.args))


def in_front(a: Any) -> Any:
    """Return a number whose sums over tokens have in front what isn't summed."""
    if isinstance(a, TokenSum) and not a.but:
        index = fresh(1, a, over=a.bound[0].count)[0]
        ahead, inside = a.opened(index).as_independent(index, as_Add=False)
        return _merged(ahead * total(inside, index))
    if isinstance(a, Mul):
        return _merged(Mul(*map(in_front, a.args)))
    if isinstance(a, Add | Pow | exp):
        return a.func(*map(in_front, a.args))
    return a


def _merged(a: Any) -> Any:
    """Return a product with one exponential of what stays."""
    powers = [one for one in Mul.make_args(a) if isinstance(one, exp) and not moving(one)]
    rest = [one for one in Mul.make_args(a) if one not in powers]
    return Mul(*rest, exp(Add(*(one.args[0] for one in powers)))) if len(powers) > 1 else a


@dataclass(frozen=True)
class Bounds:
    """Bounds of numbers along the solutions of a model in pull form.

    Attributes
    ----------
    pull : Pull
    lengths : callable, optional
        ``lengths(i, up)``: an upper or a lower bound of ``r_i``.
    more : tuple of Theorem
        Signs that are known besides.
    others : tuple of Theorem
        That token i isn't the first, where only the others see it.
    near : (Theorem, Theorem), optional
        ``l <= <x_i,x_j>`` and ``-1 <= l``, as for l = 2h² - 1 of tokens that are h over the equator
        of w: a function of <x_i,x_j> that rises may be bounded by what it is at l.
    either : bool
        Whether parameters of either sign are taken as they are: |b| bounds b <x_i,x_j>.
    """

    pull: Pull
    lengths: Callable[[Index, bool], Found] | None = None
    more: tuple[Found, ...] = ()
    others: tuple[Found, ...] = ()
    near: tuple[Found, Found] | None = None
    either: bool = False

    @cached_property
    def facts(self) -> tuple[Found, ...]:
        """What signs are read from."""
        return masses_of(self.pull.subject), *self.pull.defined, *self.more

    def signed(self, says: Rel) -> Found:
        """Decide a sign; where nothing else says it, factors that are free are taken to be >= 0."""
        found = spared(SIGNS, says, *self.facts)
        if not isinstance(found, Refusal):
            return found
        free = (s for s in says.right.free_symbols if s.is_real and s.is_nonnegative is None)
        warm = [Rel("<=", 0, s) for s in sorted(free, key=str) if s != t and not self.either]
        warm += [Rel("<=", first_count([says.right], s), s) for s in (n, d) if says.right.has(s)]
        return spared(SIGNS, says, *map(assume, warm), *self.facts)

    def divisors(self, a: Any) -> tuple[Found, ...]:
        """Say of the parameters' sums that a bound divides by, such as 1 + β, that they are > 0."""
        bases = (b for b in denominators(a) if not b.has(Number) and not b.is_positive)
        signs = (self.signed(Rel("<", 0, base)) for base in sorted(bases, key=str))
        return tuple(sign for sign in signs if isinstance(sign, Theorem))

    def _same(self, a: Any) -> Found:
        """Conclude ``a <= a`` of what is plain."""
        for one in (a, -a):
            sign = self.signed(Rel("<=", 0, one))
            if not isinstance(sign, Refusal):
                return apply(SAME, sign, number=a)
        return Refusal("nothing says the sign of what is plain")

    # -- the two directions

    def below(self, a: Any) -> Found:
        """Return ``l <= a`` for a plain l."""
        return self._bound(a, False)

    def above(self, a: Any) -> Found:
        """Return ``a <= u`` for a plain u."""
        return self._bound(a, True)

    def _bound(self, a: Any, up: bool) -> Found:
        if not up and isinstance(found := self._of_near(a), Theorem):
            return found
        several = isinstance(a, Add) and sum(not plain(one) for one in a.args) > 1
        if several and isinstance(found := self._at_a_value(a, up), Theorem):
            return found  # a sum of bounds is less than a bound of the sum
        try:
            found = self._by_shape(a, up)
        except NotConcluded as short:
            found = Refusal(str(short))
        if isinstance(found, Refusal) and not isinstance(own := self._at_a_value(a, up), Refusal):
            return own
        return found

    def _of_near(self, a: Any) -> Found:
        """Bound a function of <x_i,x_j> that rises by what it is where that is least."""
        low, floor = self.near or (Refusal("tokens may be anywhere"),) * 2
        if (g := cosine_of(a)) is None or plain(a) or isinstance(low, Refusal):
            return Refusal("it is no function of one inner product")
        says = Rel("<=", factor(a.xreplace({g: low.says.left})), a)
        return spared(RISING, says, low, floor, *cosines(self.pull.subject))

    def _at_a_value(self, a: Any, up: bool) -> Found:
        """Bound a function of one inner product by what it is at -1, 1 or 0."""
        g = cosine_of(a)
        facts = (*self.facts, *cosines(self.pull.subject))
        for place in () if g is None else (-1, 1, 0):
            side = a.xreplace({g: S(place)})
            room = side - a if up else a - side
            if side.is_finite is False or not plain(side):
                continue
            sign = spared(SIGNS, Rel("<=", 0, room), *facts)
            if isinstance(sign, Refusal) and not self.either:
                sign = spared(SIGNS, Rel("<=", 0, room), assume(WARM), *facts)
            if not isinstance(sign, Refusal):
                return self._added(self._rel(a, side, up), sign)
        return Refusal("it isn't bounded by what it is at -1, 1 or 0")

    def _by_shape(self, a: Any, up: bool) -> Found:
        if up and not isinstance(found := self._seen_by_all(a), Refusal):
            return found
        if plain(a):
            return self._same(a)
        if isinstance(a, Add):
            return self._sum(a, up)
        if isinstance(a, Mul):
            return self._product(a, up)
        if isinstance(a, exp):
            return apply(EXPONENTIAL, self._steady(self._bound(a.args[0], up), up))
        if isinstance(a, Pow):
            return self._power(a, up)
        if isinstance(a, Piecewise):
            branches = [self._bound(branch, up) for branch, _ in a.args]
            return apply(CASES, *branches, cases=a, up=up)
        if isinstance(a, Inner):
            return self._inner(a, up)
        if isinstance(a, TokenSum) and not a.but:
            return self._over_tokens(a, up)
        if isinstance(a, Entry):
            return self._entry(a, up)
        if isinstance(a, Item) and self.lengths is not None:
            return self.lengths(a.args[1], up)
        raise NotConcluded(f"no bound is known of {a}")

    def _seen_by_all(self, a: Any) -> Found:
        """``W_ij f <= f <= u``, of an entry of a mask."""
        seen = [
            one
            for one in Mul.make_args(a)
            if isinstance(one, Entry) and isinstance(one.args[0], Mask) and a != one
        ]
        if len(seen) != 1:
            return Refusal("it isn't a multiple of an entry of a mask")
        rest = a / seen[0]
        near = apply(SCALE, self.signed(Rel("<=", 0, rest)), apply(SEEN, entry=seen[0]))
        return near if plain(rest) else self._chain(near, self.above(rest), True)

    def _side(self, found: Found, up: bool) -> Any:
        """Return the plain side of a bound."""
        if isinstance(found, Refusal):
            raise NotConcluded(found.reason)
        return found.says.right if up else found.says.left

    def _rel(self, a: Any, bound: Any, up: bool) -> Rel:
        return Rel("<=", a, bound) if up else Rel("<=", bound, a)

    def _chain(self, first: Found, second: Found, up: bool) -> Found:
        """Chain from the number outwards: first is nearer to it."""
        return apply(CHAIN, first, second) if up else apply(CHAIN, second, first)

    def _added(self, says: Rel, *facts: Found) -> Found:
        found = settle(ADDED, says, *facts)
        return found if not isinstance(found, Refusal) else self._all_of(ADDED, says, *facts)

    def _all_of(self, engine: Engine, says: Rel, *facts: Found) -> Found:
        """Decide by facts, and by signs of what is divided by."""
        return settle(engine, says, *facts, *needed(says, self.facts))

    def _sum(self, a: Add, up: bool) -> Found:
        rest = [one for one in a.args if not plain(one)]
        same = [one for one in a.args if plain(one)]
        bounds = [self._bound(one, up) for one in rest]
        side = Add(*(self._side(one, up) for one in bounds), *same)
        return self._added(self._rel(a, side, up), *bounds)

    def _product(self, a: Mul, up: bool) -> Found:
        ahead = Mul(*(one for one in a.args if plain(one)))
        rest = [one for one in a.args if not plain(one)]
        if ahead == 1:
            return self._moving(rest, up)
        if not isinstance(sized := self._sized(ahead, rest, up), Refusal):
            return sized
        sign = self.signed(Rel("<=", 0, ahead))
        if not isinstance(sign, Refusal):
            return apply(SCALE, sign, self._moving(rest, up))
        sign = self.signed(Rel("<=", 0, -ahead))
        inner = self._moving(rest, not up)
        side = ahead * self._side(inner, not up)
        return self._added(self._rel(a, side, up), apply(SCALE, sign, inner))

    def _sized(self, ahead: Any, rest: list[Any], up: bool) -> Found:
        """Bound scores of either sign: ``|c <x_i,Mx_j>| <= |c| |M|``."""
        known = (spared(SIGNS, Rel("<=", 0, one), *self.facts) for one in (ahead, -ahead))
        if any(not isinstance(sign, Refusal) for sign in known):
            return Refusal("its sign is known")
        scored = len(rest) == 1 and isinstance(rest[0], Inner)
        if not scored or not (rest[0].atoms(Image) or self.either):
            return Refusal("it isn't a score")
        low, high = self.below(rest[0]), self.above(rest[0])
        return apply(part, apply(SIZE, low, high, factor=ahead), place=int(up))

    def _moving(self, factors: list[Any], up: bool) -> Found:
        """Bound a product: of an inner product over a length, or by its factors."""
        if up and not isinstance(cosine := self._cosine(Mul(*factors)), Refusal):
            return cosine
        return self._factors(factors, up)

    def _cosine(self, a: Any) -> Found:
        """``<x_i, v>/|v| <= 1``."""
        roots = [one for one in Mul.make_args(a) if isinstance(one, Pow) and one.exp == -S.Half]
        for v in {one for root in roots for one in root.atoms(VectorTokenSum) if not loose(one)}:
            long = self._long(v, roots[0].base)
            cosine = apply(COSINE, self.pull.unit, long, vector=v)
            if isinstance(cosine, Refusal):
                continue
            same = self._all_of(EQUAL, Rel("=", a, cosine.says.left), long)
            if not isinstance(same, Refusal):
                return apply(CHAIN, same, cosine)
        return Refusal("it is no inner product over a length")

    def _tall(self, a: Pow) -> Found:
        """``l <= <v, w> <= |v|``, of tokens over the equator of w."""
        for v in {one for one in a.base.atoms(VectorTokenSum) if not loose(one)}:
            long = self._long(v, a.base)
            cosine = apply(COSINE, assume(UNIT_AXIS), long, vector=v)
            if isinstance(cosine, Refusal):
                continue
            root = sqrt(Inner(v, v))
            over = apply(SCALE, spared(SIGNS, Rel("<=", 0, root)), cosine)
            same = settle(EQUAL, Rel("=", Inner(v, v), a.base))
            low = self.below(Inner(W, v))
            return apply(CHAIN, low, apply(REPLACE, same, over))
        return Refusal("it is no length of a sum of tokens")

    def _long(self, v: Any, base: Any) -> Found:
        """``0 < <v, v>``, of a base that is that."""
        same = settle(EQUAL, Rel("=", Inner(v, v), base))
        positive = spared(SIGNS, Rel("<", 0, base), *self.pull.defined)
        return apply(CHAIN, positive, apply(TURNED, same))

    def _factors(self, factors: list[Any], up: bool) -> Found:
        """Bound a product: all factors >= 0, but for one whose bound from above is."""
        signs = {one: self.signed(Rel("<=", 0, one)) for one in factors}
        ordered = sorted(factors, key=lambda one: isinstance(signs[one], Refusal))
        first, *others = ordered
        if not others:
            return self._bound(first, up)
        second, rest = self._bound(first, up), self._factors(others, up)
        side = self._side(rest, up)
        near = apply(SCALE, signs[first], rest)  # f g <= f G
        far = apply(SCALE, self.signed(Rel("<=", 0, side)), second)  # f G <= F G
        return self._chain(near, far, up)

    def _power(self, a: Pow, up: bool) -> Found:
        if a.exp == S.Half:
            if not up and not isinstance(tall := self._tall(a), Refusal):
                return tall
            inner = self._bound(a.base, up)
            side = self._side(inner, up)
            root = sqrt(side)
            root = root if root**2 == side else Pow(side, S.Half, evaluate=False)
            sign = self.signed(Rel("<=", 0, a.base if up else side))
            return apply(ROOT, sign, inner, self.signed(Rel("<=", 0, root)), root=root)
        if a.exp.is_negative:
            upward = Pow(a.base, -a.exp)
            inner = self._bound(upward, not up)
            side = self._side(inner, not up)
            return apply(RECIPROCAL, self.signed(Rel("<", 0, side if up else upward)), inner)
        raise NotConcluded(f"no bound is known of the power {a}")

    def _steady(self, found: Found, up: bool) -> Found:
        """Bound by a constant where what is left of the time is one over what grows."""
        side = self._side(found, up)
        bases = [one.base for one in side.atoms(Pow) if one.exp == -1 and one.base.has(t)]
        if len(bases) != 1:
            return found
        base, start = bases[0], bases[0].subs(t, 0)
        grows = settle(ADDED, Rel("<=", start, base), self.signed(Rel("<=", 0, base - start)))
        slow = apply(RECIPROCAL, self.signed(Rel("<", 0, start)), grows)
        rest = side * base if up else -side * base
        fixed = apply(SCALE, self.signed(Rel("<=", 0, rest)), slow)
        constant = side * base / start
        last = settle(ADDED, self._rel(side, constant, up), fixed)
        steady = self._chain(found, last, up)
        return found if isinstance(steady, Refusal) else steady

    # -- vectors

    def _unit(self, v: Vector) -> Found:
        """``|v| = 1`` for a token, or one that is turned by its place."""
        if isinstance(v, Row) and v.args[0] == X:
            return apply(rename, self.pull.unit, values={TOKEN: v.args[1]})
        if isinstance(v, Row) and isinstance(v.args[0], Rotary):
            return apply(KEPT_LENGTH, self._unit(Row(v.args[0].field, v.args[1])), turned=v)
        if isinstance(v, Row) and isinstance(v.args[0], RowNormalize):
            return apply(DIVIDED_ROW, assume(solving(self.pull.subject)), row=v)
        raise NotConcluded(f"the length of {v} isn't known")

    def _inner(self, a: Inner, up: bool) -> Found:
        u, v = a.args
        if is_featured(a):
            return apply(part, featured(self.pull.subject, a), place=1 + up)
        if W in a.args:
            token = v if u == W else u
            if isinstance(token, Row) and token.args[0] == X:
                height = self.pull.low if up else self.pull.heights
                return apply(rename, height, values={TOKEN: token.args[1]})
        for one, other in ((u, v), (v, u)):
            if isinstance(one, VectorTokenSum):
                index = fresh(1, a, over=one.bound[0].count)[0]
                spread = total(_along(other, one.opened(index)), index)
                same = self._all_of(EQUAL, Rel("=", a, spread))
                found = self._bound(spread, up)
                return self._chain(same if up else apply(TURNED, same), found, up)
        for one, other in ((u, v), (v, u)):
            if isinstance(one, Image):
                facts = self._unit(other), self._unit(one.args[1])
                return apply(part, apply(OPERATOR_NORM, *facts, map=one.args[0]), place=int(up))
        return apply(part, apply(UNIT_PRODUCT, self._unit(u), self._unit(v)), place=int(up))

    # -- sums over tokens and entries

    def _over_tokens(self, a: TokenSum, up: bool) -> Found:
        index = fresh(1, a, over=a.bound[0].count)[0]
        body = a.opened(index)
        factors = Mul.make_args(body)
        shares = [one for one in factors if isinstance(one, Entry) and one.args[2] == index]
        if len(shares) == 1 and not isinstance(shares[0].args[0], Mask | Distances):
            rest = body / shares[0]
            if up:
                return self._share_of(a, shares[0], rest, index)
            if not isinstance(whole := self._whole(a, shares[0], rest, index), Refusal):
                return whole
        terms = self._bound(body, up)
        summed = apply(TOKEN_SUM, terms, index=index)
        side = self._side(summed, up)
        if (front := in_front(side)) == side:
            return summed
        says = Rel("=", side, front) if up else Rel("=", front, side)
        return self._chain(summed, self._all_of(EQUAL, says), up)

    def _share_of(self, a: TokenSum, share: Entry, rest: Any, index: Index) -> Found:
        """``Σ_j A_ij f_j <= u`` for the shares of a softmax and ``f_j <= u``, 0 <= u."""
        masses = masses_of(self.pull.subject)
        row = apply(SHARES, masses, share=share, index=index)
        if rest == 1:
            return row
        inner = self.above(rest)
        side = self._side(inner, True)
        if side.has(index):
            raise NotConcluded("the shares of a row are of numbers that one number bounds")
        term = apply(SCALE, self.signed(Rel("<=", 0, share)), inner)
        summed = apply(TOKEN_SUM, term, index=index)
        row = apply(SCALE, self.signed(Rel("<=", 0, side)), row)
        facts = *(() if side == rest else (summed,)), *(() if side == 0 else (row,))
        return self._added(Rel("<=", a, side), *facts)

    def _whole(self, a: TokenSum, share: Entry, rest: Any, index: Index) -> Found:
        """``l <= Σ_j A_ij f_j`` for shares that add up to 1 and ``l <= f_j``."""
        masses, mask = masses_of(self.pull.subject), getattr(share.args[0], "mask", None)
        sizes = () if mask is None else (assume(least_size(mask)),)
        row = apply(WHOLE_ROWS, masses, *sizes, share=share, index=index)
        if isinstance(row, Refusal):
            return row
        if rest == 1:
            return apply(CHAIN, self._same(S.One), apply(TURNED, row))
        inner = self.below(rest)
        side = self._side(inner, False)
        if side.has(index):
            return Refusal("the shares of a row are of numbers that one number bounds")
        if isinstance(sign := self.signed(Rel("<=", 0, side)), Refusal):
            return sign  # of lengths that shrink no bound is asked: they end
        term = apply(SCALE, self.signed(Rel("<=", 0, share)), inner)
        return self._added(Rel("<=", side, a), apply(TOKEN_SUM, term, index=index), row)

    def _entry(self, a: Entry, up: bool) -> Found:
        matrix, i, j = a.args
        if isinstance(matrix, Distances):
            return apply(part, apply(SEATS, size=matrix.args[0], i=i, j=j), place=int(up))
        if isinstance(matrix, SquaredDistances):
            first, second = (Row(one, k) for one, k in zip(matrix.args, (i, j), strict=True))
            same = apply(APART, self._unit(first), self._unit(second), entry=a)
            found = self._bound(2 - 2 * Inner(first, second), up)
            return self._chain(same if up else apply(TURNED, same), found, up)
        if isinstance(matrix, Sinkhorn) and not up:
            score, masses = entry(matrix.scores, i, j), masses_of(self.pull.subject)
            return apply(DOUBLY, masses, self.below(score), self.above(score), share=a)
        try:
            meant = weight(a)
        except ValueError as short:
            raise NotConcluded(str(short)) from short
        if getattr(matrix, "mask", None) is None:
            same = settle(WEIGHED, Rel("=", a, meant))
            found = self._bound(meant, up)
            return self._chain(same if up else apply(TURNED, same), found, up)
        if up:
            raise NotConcluded("of the entries of a masked softmax one knows that of their sum")
        masses = masses_of(self.pull.subject)
        first = j == FIRST
        more = (
            apply(UNMASKED, masses, *self.others, share=a)
            if first
            else apply(SEEN_SHARE, masses, share=a)
        )
        return self._chain(more, self.below(self._side(more, False)), False)


def _along(u: Vector, v: Any) -> Expr:
    """Return ``<u, c v>`` as ``c <u, v>``."""
    ahead, arm = v.args if not isinstance(v, Row) and len(v.args) == 2 else (S.One, v)
    return ahead * Inner(u, arm)
