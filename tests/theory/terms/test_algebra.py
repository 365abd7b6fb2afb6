"""The algebra of terms against vectors of numbers, and what it must not take for 0."""

from __future__ import annotations

from typing import Any

import pytest
from sympy import Abs, S, exp, sign, sqrt

from theory.atoms import RowSoftmax
from theory.models import QK_SA, SA, USA, catalogue
from theory.symbols import K, Q, V, X, beta, m, t
from theory.terms import (
    Elapsed,
    Equation,
    Image,
    Index,
    Inner,
    Item,
    Norm,
    Projected,
    Row,
    Vec,
    at,
    ddt,
    denominators,
    entry,
    match,
    residual,
    row,
    total,
    weight,
)

i, j, k = map(Index, "ijk")
w = Vec("w")
A = RowSoftmax(beta * X * X.T, m)


def x(a: Index) -> Any:
    return Row(X, a)


def g(a: Index, b: Index) -> Any:
    return Inner(x(a), x(b))


def p(a: Index, b: Index) -> Any:
    return entry(A, a, b)


def s(a: Index) -> Any:
    return Inner(x(a), w)


HERE = frozenset({i})
MOTION = Equation(ddt(x(i)), Projected(x(i), total(x(j) * p(i, j), j)), HERE)
UNIT = Equation(Norm(x(i)), S.One, HERE)


@pytest.mark.parametrize(
    ("left", "right", "equations"),
    [
        (ddt(s(i)), total(p(i, j) * (s(j) - g(i, j) * s(i)), j), (MOTION,)),
        (
            ddt(x(i) / s(i)),
            total((x(j) / s(j) - x(i) / s(i)) * (p(i, j) * s(j) / s(i)), j),
            (MOTION,),
        ),
        (
            ddt(g(i, j)),
            total(p(i, k) * (g(k, j) - g(i, k) * g(i, j)), k)
            + total(p(j, k) * (g(k, i) - g(j, k) * g(i, j)), k),
            (MOTION,),
        ),
        (ddt(g(i, i)), 0, (MOTION, UNIT)),
        (Inner(x(i), Projected(x(i), w)), 0, (UNIT,)),
        (Elapsed(beta * s(i) + 2), beta * Elapsed(s(i)) + 2 * t, ()),
        (ddt(Elapsed(s(i))), s(i), ()),
        (ddt(2 * sqrt(1 + t)), 1 / sqrt(1 + t), ()),
        (ddt(exp(s(i))), exp(s(i)) * ddt(s(i)), ()),
        (total(exp(beta * (g(i, j) - 1)), j), exp(-beta) * total(exp(beta * g(i, j)), j), ()),
        (
            total(exp(-beta * Inner(x(i) - x(j), x(i) - x(j)) / 2), j),
            exp(-beta / 2) * total(exp(beta * g(i, j) - beta * g(j, j) / 2), j),
            (UNIT,),
        ),
        (total(total(Item(m, j) * s(i), j), i), total(s(i), i) * total(Item(m, j), j), ()),
    ],
)
def test_equal(left: Any, right: Any, equations: tuple[Equation, ...]) -> None:
    assert residual(left, right, equations) == 0
    # Not without what it takes, and not with a factor more.
    assert residual(2 * left + (x(k) if left.func.__name__ == "DdtVector" else 1), right) != 0
    for one in equations:
        assert residual(left, right, [e for e in equations if e is not one]) != 0


def test_what_holds_here_is_not_used_elsewhere() -> None:
    here = Equation(Norm(x(i)), S.One)
    assert residual(Inner(x(i), x(i)), 1, (here,)) == 0
    assert residual(Inner(x(j), x(j)), 1, (here,)) != 0
    assert residual(total(Inner(x(j), x(j)), j), total(1, j), (here,)) != 0
    assert residual(total(Inner(x(j), x(j)), j), total(1, j), (UNIT,)) == 0


def test_names_of_the_algebra_are_nobodys() -> None:
    """An index may be called as one likes: what is summed over has names of its own."""
    for name in ("s1", "m0", "summed1", "mark0"):
        a = Index(name)
        left = total(x(j) * Inner(x(a), x(j)), j)
        assert residual(left, total(x(k) * Inner(x(i), x(k)), k)) != 0
        assert residual(left, total(x(k) * Inner(x(a), x(k)), k)) == 0


def test_kinks_have_no_derivative() -> None:
    assert residual(ddt(Abs(s(i))), sign(s(i)) * ddt(s(i))) != 0


def test_a_value_at_the_start_is_its_own() -> None:
    assert residual(at(s(i)), s(i)) != 0
    assert residual(at(Norm(x(i))), 1, (UNIT,)) != 0  # no equation enters what is said at a time


def test_match() -> None:
    assert match(p(i, j), p(k, j), {i}) == {i: k}
    assert match(p(i, i), p(k, j), {i}) is None
    assert match(g(i, j), g(k, i), {i, j}) is not None
    assert match(total(p(i, j), j), total(p(k, i), i), {i}) == {i: k}


def test_rows_of_models() -> None:
    assert row(SA.velocity.field, i) == total(x(k) * p(i, k), k)
    assert row(catalogue("CoD").velocity.field, i) == total(x(k) * p(i, k), k) * (1 / sqrt(1 + t))
    kernel = row(USA.velocity.field, i)
    assert kernel == total(x(k) * (exp(beta * g(i, k)) * Item(m, k)), k)
    scores = QK_SA.velocity.field.args[0].scores
    assert entry(scores, i, j) == beta * Inner(x(i), Image(Q.T * K, x(j)))
    assert row(X * V.T, i) == Image(V, x(i))
    assert row(A * X * V.T, i) == total(Image(V, x(k)) * p(i, k), k)
    share = Item(m, j) * exp(beta * g(i, j))
    assert weight(p(i, j)) == share / total(share, j)
    assert denominators(1 / s(i) + beta) == {s(i)}
    sinkhorn = catalogue("Sinkhorn").velocity.field.args[0]
    with pytest.raises(ValueError, match="nothing else is written out"):
        weight(entry(sinkhorn, i, j))
