"""Terms have sorts, names of what is bound don't matter, and nothing reads text."""

from __future__ import annotations

import pickle
from collections.abc import Callable
from typing import Any

import pytest
from sympy import Rational, Symbol

from theory.symbols import V, X, beta, m, t
from theory.terms import (
    Diameter,
    Elapsed,
    Entry,
    Index,
    Inner,
    Item,
    Least,
    Norm,
    Row,
    Vec,
    at,
    ddt,
    free,
    loose,
    moving,
    put,
    total,
)

i, j, k = map(Index, "ijk")
x, y, w = Row(X, i), Row(X, j), Vec("w")
MASS = total(Item(m, j), j)


@pytest.mark.parametrize(
    "wrong",
    [
        lambda: x + 1,
        lambda: 1 + x,
        lambda: x + MASS,
        lambda: x * y,
        lambda: Inner(x, 1),
        lambda: Inner("x", y),
        lambda: Inner(x, y, w),
        lambda: Norm(i),
        lambda: Norm(beta),
        lambda: Entry(X, 1, 2),
        lambda: Item(m, beta),
        lambda: Row(i, i),
        lambda: total(1.5, j),
        lambda: total(1.5 * beta, j),
        lambda: total("m_j", j),
        lambda: total(beta, beta),
        lambda: Least(x, i),
        lambda: Diameter(beta, i),
        lambda: Least(beta, (i, i)),
        lambda: put(MASS, {i: beta}),
        lambda: put(Norm(x + w), {w: beta}),
        lambda: Vec("P_i M"),
        lambda: Vec("w + v"),
        lambda: Index(""),
        lambda: ddt(i),
        lambda: ddt("x"),
    ],
)
def test_what_is_ill_sorted_is_refused(wrong: Callable[[], Any]) -> None:
    with pytest.raises(TypeError, match="Expected"):
        wrong()


def test_names_of_what_is_bound_do_not_matter() -> None:
    assert MASS == total(Item(m, k), k) and MASS != total(Item(m, j), k)
    pairs = total(total(Inner(x, y), i), j)
    assert pairs == total(total(Inner(Row(X, k), x), k), i)
    assert free(pairs) & {i, j, k} == set()
    assert pickle.loads(pickle.dumps(pairs)) == pairs


def test_what_is_put_is_not_caught() -> None:
    """Σ_j (b m_j) with b = Σ_j m_j is (Σ_j m_j)², not Σ_j m_j²."""
    scaled = total(beta * Item(m, j), j)
    assert put(scaled, {beta: MASS}) == total(MASS * Item(m, j), j)
    row = total(Inner(x, y), j)
    assert put(row, {i: j}) == total(Inner(y, Row(X, k)), k) != total(Inner(y, y), j)
    assert not loose(put(scaled, {beta: MASS})) and loose(MASS.body)


def test_what_moves() -> None:
    assert moving(x) and moving(ddt(x)) and moving(Elapsed(beta)) and moving(t)
    assert moving(Norm(x)) and moving(total(Inner(x, y), j))
    for still in (beta, w, V, at(x), at(MASS), Rational(1, 2), Symbol("h", positive=True)):
        assert not moving(still)
    assert t in free(x) and t not in free(at(x)) and moving(at(x, t))
