"""Weights beside softmax: entries, facts, plain forms, and what the engines make of them."""

import pickle

import pytest
from sympy import (
    FiniteSet,
    Interval,
    Matrix,
    MatrixSymbol,
    OneMatrix,
    Rational,
    Symbol,
    exp,
    log,
    simplify,
)

from theory.atoms import RowSoftmax, Sinkhorn
from theory.engines import Evaluator, differential
from theory.masks import Mask
from theory.symbols import X, beta, d, m, n
from theory.weights import SinkSoftmax, SquaredDistances, on_unit_rows

s = Symbol("s", real=True)
SCORES, MASSES = Matrix(3, 3, lambda i, j: i - 2 * j), Matrix([1, 2, 3])
POINTS = Matrix([[1, 0], [Rational(3, 5), Rational(4, 5)], [0, -1]])


@pytest.mark.slow
@pytest.mark.parametrize("mask", [None, Mask.causal(3), Mask.strictly_causal(3)], ids=str)
@pytest.mark.parametrize("score", [s, Matrix([0, s, 2])], ids=["number", "column"])
def test_a_sink_takes_its_share_of_each_row(mask, score):
    atom = SinkSoftmax(SCORES, MASSES, score, mask)
    table, plain = atom.as_explicit(), atom.elementary().as_explicit()
    assert (table - plain).applyfunc(simplify).is_zero_matrix
    for i in range(3):
        seen = [j for j in range(3) if mask is None or mask.on(3)[i, j] == 1]
        extra = exp(score if score is s else score[i])
        total = extra + sum(MASSES[j] * exp(SCORES[i, j]) for j in seen)
        for j in range(3):
            expected = MASSES[j] * exp(SCORES[i, j]) / total if j in seen else 0
            assert simplify(table[i, j] - expected) == 0
        share = sum(table.row(i))
        assert simplify(1 - share - extra / total) == 0
        assert (share.subs(s, 1) if seen else 0) in atom.row_sums or not seen
    assert atom.positive == (mask is None)
    assert (0 in atom.row_sums) == (mask is not None and not mask.everybody_sees)
    assert 1 not in atom.row_sums


def test_facts_of_row_sums():
    scores = beta * X * X.T
    assert RowSoftmax(scores, m).row_sums == FiniteSet(1) == Sinkhorn(scores, m).row_sums
    assert RowSoftmax(scores, m, mask=Mask.causal()).row_sums == FiniteSet(1)
    assert RowSoftmax(scores, m, mask=Mask.strictly_causal()).row_sums == FiniteSet(0, 1)
    assert SinkSoftmax(scores, m, s).row_sums == Interval.open(0, 1)
    assert RowSoftmax(scores, m).positive
    assert not RowSoftmax(scores, m, mask=Mask.causal()).positive


def test_atoms_are_values():
    for atom in (
        SinkSoftmax(beta * X * X.T, m, s),
        SinkSoftmax(beta * X * X.T, m, s, Mask.causal()),
        SinkSoftmax(beta * X * X.T, m, -log(n) * OneMatrix(n, 1)),
        SquaredDistances(X, X),
    ):
        assert atom.func(*atom.args) == atom
        assert pickle.loads(pickle.dumps(atom)) == atom
        assert tuple(atom.shape) == (n, n)


def test_squared_distances():
    second = Matrix([[1, 2], [3, 4]])
    table = SquaredDistances(POINTS, second).as_explicit()
    other = MatrixSymbol("B", 2, d)
    values = {X: POINTS, other: second}
    plain = Matrix(Evaluator(values, {n: 3, d: 2})(SquaredDistances(X, other)))
    expected = Matrix(3, 2, lambda i, j: sum((POINTS[i, c] - second[j, c]) ** 2 for c in range(2)))
    assert table == expected == plain.applyfunc(simplify)
    assert SquaredDistances(POINTS, second).T == SquaredDistances(second, POINTS)
    unit = SquaredDistances(POINTS, POINTS)
    assert unit.symmetric and not SquaredDistances(POINTS, second).symmetric
    assert unit.on_unit_rows().as_explicit() == unit.as_explicit()


@pytest.mark.slow
def test_softmax_of_distances_on_the_sphere_is_softmax_of_inner_products():
    near = RowSoftmax(-beta * SquaredDistances(X, X), m)
    assert on_unit_rows(near) == RowSoftmax(2 * beta * X * X.T, m)
    masked = RowSoftmax(-beta * SquaredDistances(X, X), m, mask=Mask.causal())
    assert on_unit_rows(masked) == RowSoftmax(2 * beta * X * X.T, m, mask=Mask.causal())
    plain = RowSoftmax(beta * X * X.T, m)
    assert on_unit_rows(plain) is plain
    values = {X: POINTS, m: MASSES}
    left, right = (
        Matrix(Evaluator(values, {n: 3, d: 2})(atom)) for atom in (near, on_unit_rows(near))
    )
    assert (left - right).applyfunc(simplify).is_zero_matrix


@pytest.mark.slow
def test_engines_take_the_weights():
    values, sizes = {X: POINTS, m: MASSES}, {n: 3, d: 2}
    atom = SinkSoftmax(beta * X * X.T, m, s)
    found = Matrix(Evaluator(values, sizes)(atom))
    explicit = SinkSoftmax(beta * POINTS * POINTS.T, MASSES, s).as_explicit()
    assert (found - explicit).applyfunc(simplify).is_zero_matrix
    step = MatrixSymbol("U", n, d)
    move = Matrix([[0, 1], [1, 0], [2, 3]])
    e = Symbol("e")
    for expr in (atom * X, SquaredDistances(X, X) * X):
        rate = differential(expr, X, step)
        own = Matrix(Evaluator({**values, step: move}, sizes)(rate))
        moved = Matrix(Evaluator({**values, X: POINTS + e * move}, sizes)(expr))
        slope = moved.diff(e).subs(e, 0)
        number = (own - slope).subs({beta: Rational(3, 2), s: Rational(1, 3)}).evalf(30)
        assert max(abs(a) for a in number) < 1e-20


def test_wrong_arguments_are_refused():
    with pytest.raises(ValueError, match="Expected masses of shape"):
        SinkSoftmax(X * X.T, X, 0)
    with pytest.raises(ValueError, match="number or a column of shape"):
        SinkSoftmax(X * X.T, m, X)
    with pytest.raises(TypeError, match="Expected mask a Mask"):
        SinkSoftmax(X * X.T, m, 0, X)
    with pytest.raises(ValueError, match="of the scores' shape"):
        SinkSoftmax(X * X.T, m, 0, Mask.causal(d))
    with pytest.raises(ValueError, match="Expected rows of one width"):
        SquaredDistances(X, X.T)
