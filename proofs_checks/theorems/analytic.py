"""What is analytic in the tokens at all states on the sphere, as it is written."""

from __future__ import annotations

from typing import Any

from sympy import Add, Expr, Mul, Pow, asin, asinh, atan, cos, cosh, erf, exp, log, sin, sinh, tanh

from proofs_checks.theorems.cosines import POSITIVE, cosine_of, over_cosines
from proofs_checks.theorems.engines import known_sign
from proofs_checks.theorems.kernel import Fact
from theory.atoms import SinkhornPotential
from theory.positions import Rotary
from theory.symbols import X, m, n
from theory.terms import (
    Entry,
    Index,
    Inner,
    Item,
    Multiple,
    Row,
    TokenSum,
    Vector,
    VectorSum,
    VectorTokenSum,
    entry,
    free,
    moving,
    shares,
)
from theory.weights import SquaredDistances

_PAIR = Index("i"), Index("j")
_ANALYTIC = (Add, Mul, TokenSum, exp, sin, cos, sinh, cosh, tanh, atan, asinh, erf)
"""What is so on all of the real line, and sums and products."""


def analytic(a: Any, facts: tuple[Fact, ...] = ()) -> bool:
    """Whether a number is analytic in tokens of length 1, of constants and nothing else.

    Facts are known of all tokens i and j, such as -1 <= <x_i,x_j>.
    """

    def so(b: Any) -> bool:
        return analytic(b, facts)

    if not moving(a):
        return True
    if isinstance(a, Entry):
        if isinstance(a.args[0], SquaredDistances):
            return a.args[0].args == (X, X)
        try:
            return all(map(so, shares(a)))
        except ValueError:
            return False
    if isinstance(a, Item):
        potential = a.args[0]
        if isinstance(potential, SinkhornPotential):  # by the implicit function theorem
            return potential.args[1] == m and analytic(entry(potential.args[0], *_PAIR))
        return bool(a.args[0] == m)
    if isinstance(a, Inner):
        return all(map(_linear, a.args))
    if isinstance(a, Pow):
        whole = a.exp.is_integer and a.exp.is_nonnegative
        apart = whole or (not moving(a.exp) and _positive(a.base, facts))
        apart = apart or (a.exp.is_integer and _positive(-a.base, facts))
        return bool(apart) and so(a.base)
    if isinstance(a, asin):
        u = a.args[0]
        return _positive(1 - u, facts) and _positive(1 + u, facts) and so(u)
    if isinstance(a, log):
        return _positive(a.args[0], facts) and so(a.args[0])
    if isinstance(a, TokenSum) and facts and a.bound[0].count == n and _PAIR[1] not in free(a):
        return so(a.opened(_PAIR[1]))
    return isinstance(a, _ANALYTIC) and all(
        so(b) for b in a.args if isinstance(b, Expr) and not isinstance(b, Index)
    )


def _positive(a: Any, facts: tuple[Fact, ...]) -> bool:
    """Whether a number is > 0 at all states, where tokens have length 1."""
    if known_sign(a, facts) == POSITIVE:
        return True
    g = cosine_of(a)
    if g is None or not all(isinstance(v, Row) and v.args[0] == X for v in g.args):
        return False
    return over_cosines(a, g, lambda b: known_sign(b, facts)) == POSITIVE


def _linear(v: Any) -> bool:
    """Whether a vector is a sum of tokens, weighed by what is analytic in them."""
    if isinstance(v, Row):
        field = v.args[0].field if isinstance(v.args[0], Rotary) else v.args[0]
        return bool(field == X)
    if isinstance(v, Multiple):
        return analytic(v.args[0]) and _linear(v.args[1])
    if isinstance(v, VectorSum | VectorTokenSum):
        return all(_linear(part) for part in v.args if isinstance(part, Vector))
    return not moving(v)


def of_product(product: Any, facts: tuple[Fact, ...] = ()) -> bool:
    """Whether a product that is > 0 is analytic: of its factors none vanishes."""
    bases = (
        a.base if isinstance(a, Pow) and not moving(a.exp) else a for a in Mul.make_args(product)
    )
    return all(analytic(a, facts) for a in bases)
