"""Hardmax and top-k: weights by hand and by limits of the softmax, facts, what is refused."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sympy import Matrix, MatrixSymbol, Rational, Symbol, exp, ones

from theory.atoms import RowSoftmax, RowWeights
from theory.hardmax import Hardmax, TopK, softmax_gap
from theory.symbols import X, beta, m, n

RATIONALS = st.fractions(-3, 3, max_denominator=4)


def scores_of(rows):
    return Matrix(
        len(rows), len(rows), [Rational(v.numerator, v.denominator) for r in rows for v in r]
    )


SQUARES = st.integers(2, 4).flatmap(
    lambda size: st.lists(
        st.lists(RATIONALS, min_size=size, max_size=size), min_size=size, max_size=size
    )
)


@pytest.mark.slow
@settings(max_examples=40, deadline=None)
@given(rows=SQUARES, count=st.integers(1, 5), data=st.data())
def test_weights_are_shares_of_the_greatest_scores(rows, count, data):
    """By hand: sort a row, keep what isn't below its k-th score, weigh by e^S, or equally."""
    size, scores = len(rows), scores_of(rows)
    masses = data.draw(st.lists(st.integers(1, 5), min_size=size, max_size=size))
    found = TopK(scores, Matrix(masses), count).as_explicit()
    for i, row in enumerate(rows):
        least = sorted(row, reverse=True)[min(count, size) - 1]
        raw = [
            masses[j] * (1 if count == 1 else exp(scores[i, j])) if v >= least else 0
            for j, v in enumerate(row)
        ]
        for j in range(size):
            assert abs(float(found[i, j]) - float(raw[j] / sum(raw))) < 1e-14
        assert sum(float(found[i, j]) for j in range(size)) == pytest.approx(1, abs=1e-14)


@pytest.mark.slow
@settings(max_examples=40, deadline=None)
@given(rows=SQUARES, count=st.integers(1, 4))
def test_selections_are_the_limits_of_small_pushes(rows, count):
    """Near a tie each selection is what some small push selects, and no push selects another."""
    size, scores = len(rows), scores_of(rows)
    atom, rng = TopK(scores, ones(size, 1), count), np.random.default_rng(0)
    for i, row in enumerate(rows):
        pushed = {
            tuple(sorted(np.argsort(-(np.array(row, float) + 1e-3 * push))[:count].tolist()))
            for push in rng.standard_normal((300, size))
        }
        assert pushed <= set(atom.selections(i))
        assert atom.seen(i) == tuple(sorted({j for some in atom.selections(i) for j in some}))
        if len(atom.selections(i)) <= 6:
            assert pushed == set(atom.selections(i))


def test_top_n_is_the_softmax():
    scores, masses = Matrix([[0, 1], [Rational(1, 2), -1]]), Matrix([2, 3])
    top, soft = TopK(scores, masses, 2).as_explicit(), RowSoftmax(scores, masses).as_explicit()
    assert (top - soft).applyfunc(lambda e: e.simplify()) == Matrix.zeros(2, 2)


@pytest.mark.slow
@settings(max_examples=30, deadline=None)
@given(rows=SQUARES, heat=st.integers(1, 30))
def test_the_softmax_is_as_near_as_is_said(rows, heat):
    size, scores = len(rows), scores_of(rows)
    hard = Hardmax(scores, ones(size, 1))
    cold = hard.softmax(heat).as_explicit()
    for i, row in enumerate(rows):
        below = [v for v in row if v < max(row)]
        rest = sum(float(cold[i, j]) for j in range(size) if row[j] < max(row))
        lead = min(max(row) - v for v in below) if below else 1
        gap = softmax_gap(Rational(lead.numerator, lead.denominator) if below else 1, heat, size)
        assert rest <= float(gap) * (1 + 1e-12)
        exact = hard.as_explicit()
        off = max(abs(float(cold[i, j]) - float(exact[i, j])) for j in range(size))
        assert off <= float(gap) * (1 + 1e-12) + 1e-15  # a difference from 1 in doubles


def test_facts():
    scores = X * X.T
    hard, top, soft = Hardmax(scores, m), TopK(scores, m, 3), RowSoftmax(scores, m)
    for atom in (hard, top, soft):
        assert isinstance(atom, RowWeights) and atom.shape == (n, n)
        assert set(atom.row_sums) == {1} and atom.nonnegative
    assert soft.positive and not hard.positive and not top.positive
    assert not isinstance(top, RowSoftmax)  # engines that know the softmax don't take it for one
    assert TopK(scores, m, 1) == hard and hard.count == 1 and top.count == 3


def test_a_positive_factor_drops_out_of_the_hardmax_alone():
    scores, hot = X * X.T, Symbol("h", positive=True)
    assert Hardmax(hot * scores, m) == Hardmax(scores, m)
    assert Hardmax(-scores, m) != Hardmax(scores, m)
    assert Hardmax(beta * scores, m) != Hardmax(scores, m)  # β may be negative
    assert TopK(hot * scores, m, 2) != TopK(scores, m, 2)


@pytest.mark.parametrize("count", [0, -1, Rational(1, 2), Symbol("k")])
def test_counts_that_are_none(count):
    with pytest.raises(ValueError, match="whole number count"):
        TopK(X * X.T, m, count)


def test_shapes_and_unknown_scores():
    with pytest.raises(ValueError, match="masses of shape"):
        Hardmax(Matrix([[1, 2], [3, 4]]), ones(3, 1))
    free = Hardmax(MatrixSymbol("S", 2, 2).as_explicit(), ones(2, 1))
    with pytest.raises(ValueError, match="scores that are numbers"):
        free.selections(0)
    with pytest.raises(NotImplementedError, match="scores with entries"):
        Hardmax(MatrixSymbol("S", 2, 2) * MatrixSymbol("T", 2, 2), ones(2, 1))[0, 0].doit()
