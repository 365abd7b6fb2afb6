"""T13 of a model: what is known of motions in the unit ball, and the constant of its chords."""

from __future__ import annotations

from typing import Any

from sympy import Abs, Add, Mul, S, exp, expand

from proofs_checks.propositions import Is, Rel, Subject
from proofs_checks.theorems.chords import (
    APART,
    BALANCED_MOVE,
    BALL,
    BALL_MASSES,
    BALL_STILL,
    EXPONENTIALS_MOVE,
    FAST,
    FASTEST,
    FEATURES_MOVE,
    KERNEL_MOVES,
    MAPPED,
    MAPPED_MOVES,
    MOMENT,
    MULTIPLE,
    PAIR,
    PART,
    PARTS_MOVE,
    PRODUCT,
    PRODUCT_MOVES,
    SHARES_MOVE,
    SLOPED,
    SLOPES,
    TURNED_ROWS,
    bounds_of,
    kernel_in,
    mapped_in,
    within,
)
from proofs_checks.theorems.conclusions import Conclusion, claimed
from proofs_checks.theorems.engines import ADDED, EQUAL
from proofs_checks.theorems.features import features_in, reach
from proofs_checks.theorems.kernel import (
    Found,
    NotConcluded,
    Refusal,
    Rule,
    apply,
    assume,
    read,
    settle,
)
from proofs_checks.theorems.logic import part, rename, together
from proofs_checks.theorems.order import SIZE
from proofs_checks.theorems.pulls import gram
from proofs_checks.theorems.readers import MOTION, OTHER, TOKEN, VALUED, values_of
from proofs_checks.theorems.sphere_chords import growth
from theory.atoms import RowSoftmax, Sinkhorn
from theory.masks import Mask
from theory.symbols import X, m, t, z
from theory.terms import Entry, Image, Inner, Item, Name, Row, ddt, entry, moving, total
from theory.weights import SinkSoftmax


class Motions:
    """What is known of every motion in the unit ball."""

    def __init__(self, subject: Subject) -> None:
        self.subject = subject
        self.inside = read(BALL, subject)
        self.still = read(BALL_STILL, subject)
        self.mass = read(BALL_MASSES, subject)

    def _row(self, v: Any) -> tuple[Found, Found]:
        """``|v| <= 1`` and ``|v'| <= D`` of a token, or of one that is turned by its place."""
        if not isinstance(v, Row):
            return (Refusal("scores are of other vectors than tokens"),) * 2
        i = v.args[1]
        short = apply(rename, self.inside, values={TOKEN: i})
        known = short, apply(FASTEST, index=i)
        if v == Row(X, i):
            return known
        return apply(TURNED_ROWS, known[0], turned=v), apply(TURNED_ROWS, known[1], turned=v)

    def product(self, product: Any) -> tuple[Found, Found]:
        """``-1 <= <u,v> <= 1``, or of <x, M y> up to |M|, and how fast it moves."""
        if any(isinstance(one, Image) for one in product.args):
            return self._mapped(product)
        (one, first), (two, second) = map(self._row, product.args)
        return (
            apply(PRODUCT, one, two, product=product),
            apply(PRODUCT_MOVES, one, two, first, second, product=product),
        )

    def _mapped(self, product: Any) -> tuple[Found, Found]:
        try:
            x, y, _ = mapped_in(product)
        except NotConcluded as short:
            return (Refusal(str(short)),) * 2
        (one, first), (two, second) = self._row(x), self._row(y)
        return (
            apply(MAPPED, one, two, product=product),
            apply(MAPPED_MOVES, one, two, first, second, product=product),
        )

    def sized(self, score: Any) -> Found:
        """``|S| <= N`` of a multiple of an inner product."""
        products = [a for a in Mul.make_args(score) if isinstance(a, Inner)]
        products = products or [gram(TOKEN, OTHER)] * (score == 0)
        factor = score / products[0] if len(products) == 1 else gram(TOKEN, OTHER)
        if moving(factor):
            return Refusal("scores aren't multiples of inner products")
        sides = (apply(part, self.product(products[0])[0], place=place) for place in (0, 1))
        return apply(SIZE, *sides, factor=factor)

    def score(self, score: Any) -> Found:
        """``|S'| <= L D`` of a sum of multiples of inner products, and ``S' = 0`` of what rests."""
        uppers: list[Found] = []
        lowers: list[Found] = []
        rate = S.Zero
        parts = [a for a in Add.make_args(expand(score)) if moving(a)]
        if not parts:
            return settle(EQUAL, Rel("=", ddt(score), 0))
        for one in parts:
            products = [a for a in Mul.make_args(one) if isinstance(a, Inner)]
            product = products[0] if products else gram(TOKEN, OTHER)
            factor = one / product
            if len(products) > 1 or moving(factor):
                return Refusal("scores aren't sums of multiples of inner products")
            slope = self.product(product)[1]
            if isinstance(slope, Refusal):
                return slope
            sides = apply(part, slope, place=0), apply(part, slope, place=1)
            both = apply(SIZE, *sides, factor=factor)
            lowers.append(apply(part, both, place=0))
            uppers.append(apply(part, both, place=1))
            rate += slope.says.args[1].right / FAST * Abs(factor)
        low, high = within(ddt(score), rate * FAST).args
        return apply(together, settle(ADDED, low, *lowers), settle(ADDED, high, *uppers))

    def features(self, product: Any) -> Found:
        """``0 < <φ,ψ>`` and ``|(log <φ,ψ>)'| <= L D``."""
        tokens = [v.args[1] for v in product.args]
        known = [apply(rename, self.inside, values={TOKEN: i}) for i in tokens]
        known += [apply(FASTEST, index=i) for i in tokens]
        found = apply(FEATURES_MOVE, *known, product=product)
        if isinstance(found, Refusal):
            free = set[Any]().union(*(v.args[0].body.free_symbols for v in product.args))
            open_ = (s for s in free if s.is_real and s.is_nonnegative is None and s != z)
            warm = (assume(Rel("<=", 0, s)) for s in sorted(open_, key=str))
            found = apply(FEATURES_MOVE, *known, *warm, product=product)
        return found

    def steady(self, weight: Any) -> Found:
        """``|A_i| <= S`` and ``|A_i'| <= L D``."""
        known = self.mass, self.still, self.inside
        factors = Mul.make_args(weight)
        ahead = Mul(*(a for a in factors if not moving(a) and not {TOKEN, OTHER} & a.free_symbols))
        share, product = weight / ahead if ahead != 0 else weight, features_in(weight)
        if isinstance(share, Entry) and isinstance(share.args[0], Sinkhorn):
            scores = entry(share.args[0].scores, TOKEN, OTHER)
            sized, slope = self.sized(scores), self.score(scores)
            found = apply(BALANCED_MOVE, *known, sized, slope, share=share)
        elif isinstance(share, Entry) and isinstance(share.args[0], RowSoftmax | SinkSoftmax):
            slope = self.score(entry(share.args[0].scores, TOKEN, OTHER))
            found = apply(SHARES_MOVE, *known, slope, share=share)
        elif product is not None:
            both = self.features(product[0])
            signs = apply(part, both, place=0), apply(part, both, place=1)
            found = apply(PARTS_MOVE, *known, *signs, product=product[0])
        elif share.has(Image):
            found = self._kernel(share)
        else:
            return self._kernel(weight)
        return found if ahead == 1 else apply(MULTIPLE, found, weight=share, factor=ahead)

    def _kernel(self, weight: Any) -> Found:
        own, power = gram(TOKEN, OTHER), weight / Item(m, OTHER)
        if isinstance(power, exp) and power.has(Image):
            sized, slope = self.sized(power.args[0]), self.score(power.args[0])
            known = self.mass, self.still, self.inside
            return apply(EXPONENTIALS_MOVE, *known, sized, slope, weight=weight)
        try:
            kernel = kernel_in(weight)
        except NotConcluded as short:
            return Refusal(str(short))
        bounds = bounds_of(kernel.xreplace({own: z}))
        if bounds is None:
            return Refusal("size and slope of the weights aren't read off their form")
        sloped = settle(SLOPES, Is(SLOPED, own, kernel, *bounds))
        known = self.mass, self.still, self.inside
        return apply(KERNEL_MOVES, *known, sloped, *self.product(own), weight=weight)


def chords(subject: Subject) -> Found:
    """``(max_i |x_i - y_i|)' <= K max_i |x_i - y_i|`` of two solutions, by chords or geodesics.

    Examples
    --------
    >>> from theory.models import PRE_LN, SA
    >>> print((chords(Subject.of(SA)).says.right / APART).expand())
    2*Abs(beta) + 2
    >>> type(chords(Subject.of(PRE_LN))).__name__
    'Refusal'
    """
    found = by_outputs(PART, subject)
    return growth(subject) if isinstance(found, Refusal) else found


def by_outputs(rule: Rule, subject: Subject) -> Found:
    """Conclude of two solutions by a rule on a motion and on how its outputs move."""
    try:
        weight, value = values_of(subject)
    except NotConcluded as short:
        return Refusal(str(short))
    held = Motions(subject).steady(weight.xreplace({t: MOMENT}))
    if value == Row(X, OTHER):
        return apply(rule, read(MOTION, subject), held, weight=weight)
    return apply(rule, read(VALUED, subject), held, weight=weight, value=value)


def one_sided(subject: Subject) -> Conclusion | None:
    """Claim what `chords` concludes."""
    found = chords(subject)
    if isinstance(found, Refusal):
        return None
    warm = (one for one in found.given if isinstance(one, Rel))
    return claimed(found, found.says, (Is(PAIR, subject), *warm), names_of_pair(subject))


def names_of_pair(subject: Subject) -> tuple[Name, ...]:
    """Return names for the long terms of a sheet on two solutions."""
    try:
        weight, _ = values_of(subject)
    except NotConcluded:
        return ()
    shares = [a for a in weight.atoms(Entry) if not isinstance(a.args[0], Mask)]
    rows = {a for product in weight.atoms(Inner) for a in product.args if reach(a) is not None}
    features = zip(("phi", "psi"), sorted({a.args[0] for a in rows}, key=str), strict=False)
    return (
        Name("D", APART),
        Name("M", total(Item(m, OTHER), OTHER)),
        *(Name("A", share, (TOKEN, OTHER)) for share in shares if share.args[1:] == (TOKEN, OTHER)),
        *(Name(name, Row(a, TOKEN), (TOKEN,)) for name, a in features),
    )
