"""What is analytic in the tokens at all states, as it is written."""

from __future__ import annotations

from typing import Any

from sympy import Add, Expr, Mul, Pow, cosh, exp, log, sinh

from proofs_checks.theorems.cosines import POSITIVE
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


def analytic(a: Any, facts: tuple[Fact, ...] = ()) -> bool:
    """Whether a number is analytic in the tokens at all states, of constants and nothing else.

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
        apart = whole or (not moving(a.exp) and known_sign(a.base, facts) == POSITIVE)
        return bool(apart) and so(a.base)
    if isinstance(a, log):
        return known_sign(a.args[0], facts) == POSITIVE and so(a.args[0])
    if isinstance(a, TokenSum) and facts and a.bound[0].count == n and _PAIR[1] not in free(a):
        return so(a.opened(_PAIR[1]))
    return isinstance(a, Add | Mul | exp | sinh | cosh | TokenSum) and all(
        so(b) for b in a.args if isinstance(b, Expr) and not isinstance(b, Index)
    )


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
