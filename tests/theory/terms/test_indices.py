"""An index counts the tokens of one species: what is said of them compares and prints with it."""

from __future__ import annotations

import pickle

import pytest
from sympy import Integer, MatrixSymbol, Rational, Symbol, preorder_traversal

from proofs_checks.audit import evaluate
from proofs_checks.propositions import Implies, Rel, every, written
from proofs_checks.theorems import Refusal, apply, assume
from proofs_checks.theorems.logic import generalise, instantiate, rename
from proofs_checks.theorems.order import TOKEN_SUM
from theory.symbols import X, beta, d, m, n
from theory.terms import (
    Diameter,
    Index,
    Inner,
    Item,
    OtherTokensError,
    Row,
    Vec,
    match,
    put,
    residual,
    sizes_in,
    total,
)

l_ = Symbol("l", integer=True, positive=True)
Y = MatrixSymbol("Y", l_, d)
i, j, a, b = Index("i"), Index("j"), Index("a", l_), Index("b", l_)
W = Vec("w")


def test_two_counts_are_two_indices() -> None:
    assert Index("a") != a and Index("a", l_) == a and Index("a", 5) != a
    assert pickle.loads(pickle.dumps(a)) == a and pickle.loads(pickle.dumps(i)) == i
    assert total(beta, j) != total(beta, b) and total(beta, a) == total(beta, b)
    assert every(j, Rel("<", 0, beta)) != every(b, Rel("<", 0, beta))
    assert a.xreplace({l_: 5}) == Index("a", 5) and total(beta, b).subs(l_, 5) == total(
        beta, Index("a", 5)
    )


@pytest.mark.parametrize("count", ["l", None, 0, -1, MatrixSymbol("M", 2, 2)])
def test_what_is_no_count(count: object) -> None:
    with pytest.raises((TypeError, ValueError)):
        Index("a", count)


def test_a_row_is_of_its_species() -> None:
    assert Row(Y, a).args == (Y, a)
    for row in ((X, a), (Y, i)):
        with pytest.raises(OtherTokensError, match="each species"):
            Row(*row)
    with pytest.raises(OtherTokensError):
        Item(m, a)
    for values in ({i: a}, {j: b}):
        with pytest.raises(OtherTokensError):
            put(Inner(Row(X, i), Row(X, j)), values)
    with pytest.raises(OtherTokensError):
        total(beta, b).opened(j)


def test_matching_and_algebra_keep_species_apart() -> None:
    assert match(Inner(Row(Y, a), W), Inner(Row(Y, b), W), {a}) == {a: b}
    assert match(a, i, {a}) is None and match(i, a, {i}) is None
    both = total(Row(X, j), j) + total(Row(Y, b), b)
    split = total(Inner(Row(X, j), W), j) + total(Inner(Row(Y, b), W), b)
    assert residual(Inner(both, W), split) == 0
    assert residual(total(beta, j), total(beta, b)) != 0
    pairs = total(total(Inner(Row(X, j), Row(Y, b)), b), j)
    assert residual(Inner(total(Row(X, j), j), total(Row(Y, b), b)), pairs) == 0


def test_rules_of_logic() -> None:
    """No index is put for one of another species, and no size for anything."""
    of_all = assume(every(a, Rel("<", 0, Inner(Row(Y, a), W))))
    assert isinstance(apply(instantiate, of_all, values=(i,)), Refusal)
    assert apply(instantiate, of_all, values=(b,)).says == Rel("<", 0, Inner(Row(Y, b), W))
    counted, low = assume(Rel("=", total(beta, b), l_)), assume(Rel("<", 0, Inner(Row(Y, b), W)))
    assert isinstance(apply(rename, counted, values={l_: Integer(5)}), Refusal)
    assert isinstance(apply(generalise, counted, variables=(l_,)), Refusal)
    assert isinstance(apply(rename, low, values={b: j}), Refusal)
    with pytest.raises(TypeError, match="count no tokens"):
        every(l_, Rel("=", total(beta, b), l_))
    low = apply(TOKEN_SUM, assume(Rel("<", 0, beta)), index=b)
    assert low.says.right == total(beta, a)
    assert sizes_in(low.says) == {l_} and sizes_in(Row(X, i)) == {n, d}


STYLES = {
    "text": "Σ_(b <= l) <y_b,w> = diam_(j,b <= l) (x_j, y_b)",
    "latex": r"\sum_{b \le l}",
    "mathml": "<mi>b</mi><mo>≤</mo><mi>l</mi>",
}


@pytest.mark.parametrize("style", STYLES)
def test_sums_and_diameters_print_with_their_range(style: str) -> None:
    wide = Diameter((Row(X, i), Row(Y, a)), (i, a))
    assert STYLES[style] in written(Rel("=", total(Inner(Row(Y, b), W), b), wide), style)
    assert wide == Diameter((Row(X, j), Row(Y, b)), (j, b)) != Diameter(Row(X, i), i)


def test_quantifiers_print_with_their_range() -> None:
    low = every(a, Rel("<=", 0, Inner(Row(Y, a), W)))
    own = every(i, Rel("<=", 0, Inner(Row(X, i), W)))
    assert written(low) == "for every b <= l: 0 <= <y_b,w>"
    assert written(own) == "for every j: 0 <= <x_j,w>"
    assert written(Implies(low, own)).startswith("(for every b <= l: 0 <= <y_b,w>) implies")
    assert not any(node == n for node in preorder_traversal(low))


def test_values_over_their_range() -> None:
    """Sums and diameters of two rows and of three, by numbers."""
    here = {"X": [[1, 0], [0, 1], [0.6, 0.8]], "Y": [[0, -1], [0.8, 0.6]], "w": [1, 0]}
    sums = total(Inner(Row(Y, b), W), b), total(Inner(Row(X, j), W), j)
    assert evaluate(Rel("=", 2 * sums[0], sums[1]), None, here)
    assert evaluate(Rel("=", sums[0] + total(1, b) + sums[1], Rational(22, 5)), None, here)
    wide = Diameter((Row(X, i), Row(Y, a)), (i, a))
    plane = {key: value for key, value in here.items() if key != "w"}
    assert evaluate(Rel("=", wide, 2), None, plane)
    with pytest.raises(ValueError, match="from 1 to 2"):
        evaluate(Rel("<", sums[1], Inner(Row(Y, a), W)), None, {**here, "a": 3})


def test_families_are_several() -> None:
    with pytest.raises(TypeError, match="one family"):
        Diameter((Row(X, i),), (i,))
    with pytest.raises(TypeError):
        Diameter((Row(X, i), Row(Y, a)), (i,))
