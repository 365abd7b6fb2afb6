"""Positions: entries, facts, and what the engines make of them."""

import pickle

import pytest
from sympy import Matrix, Rational, Symbol, ZeroMatrix, cos, simplify, sin, symbols

from theory.derivations import gram_flow, is_permutation_equivariant, is_rotation_equivariant
from theory.engines import Evaluator, differential
from theory.models import catalogue
from theory.positions import Distances, Rotary
from theory.symbols import X, d, n

b = Symbol("b", positive=True)


def test_distances_of_places():
    atom = Distances(n)
    i, j = symbols("i j", integer=True, nonnegative=True)
    assert atom[i, j] == abs(i - j)
    assert atom.T == atom and atom.doit() == atom and atom.func(*atom.args) == atom
    assert pickle.loads(pickle.dumps(atom)) == atom
    table = Distances(4).as_explicit()
    assert table == Matrix(4, 4, lambda i, j: abs(i - j)) == Distances(4).elementary().as_explicit()
    assert atom.symmetric and atom.nonnegative
    assert differential(atom, X, X) == ZeroMatrix(n, n)


@pytest.mark.every(5)
@pytest.mark.parametrize("width", [1, 2, 3, 4, 5])
def test_rows_are_turned_by_their_place(width):
    rows = Matrix(3, width, lambda i, j: 1 + i + 3 * j + i * j)
    atom = Rotary(rows, b)
    table = atom.as_explicit()
    assert (table - atom.elementary().as_explicit()).applyfunc(simplify).is_zero_matrix
    assert table.row(0) == rows.row(0)
    for i in range(3):
        for c in range(width // 2):
            angle = i * b ** Rational(-2 * c, width)
            x, y = rows[i, 2 * c], rows[i, 2 * c + 1]
            assert simplify(table[i, 2 * c] - (cos(angle) * x - sin(angle) * y)) == 0
            assert simplify(table[i, 2 * c + 1] - (sin(angle) * x + cos(angle) * y)) == 0
        if width % 2:
            assert table[i, width - 1] == rows[i, width - 1]
        assert simplify(sum(a**2 for a in table.row(i)) - sum(a**2 for a in rows.row(i))) == 0


@pytest.mark.every(3, kept="slow", rest="full")
@pytest.mark.parametrize("width", [2, 3, 4])
def test_inner_products_depend_on_the_distance_of_places(width):
    x, y = symbols(f"x:{width}"), symbols(f"y:{width}")
    count = 4
    left = Rotary(Matrix([x] * count), b).as_explicit()
    right = Rotary(Matrix([y] * count), b).as_explicit()
    product = left * right.T
    for i in range(count - 1):
        for j in range(count - 1):
            assert simplify(product[i, j] - product[i + 1, j + 1]) == 0
    assert Rotary(X, b).relative and Rotary(X, b).keeps_lengths


def test_engines_take_positions():
    points = Matrix([[1, 0, 2], [0, 1, 1]])
    found = Evaluator({X: points}, {n: 2, d: 3})(Rotary(X, 4))
    assert (Matrix(found) - Rotary(points, 4).as_explicit()).applyfunc(simplify).is_zero_matrix
    assert Evaluator({}, {n: 3})(Distances(n)) == [[0, 1, 2], [1, 0, 1], [2, 1, 0]]
    assert differential(Rotary(X, b), X, 2 * X) == Rotary(2 * X, b)
    assert Rotary(X, b).shape == X.shape and Rotary(X, b).func(X, b) == Rotary(X, b)


def test_positions_break_the_symmetries_that_they_break():
    alibi, rope = catalogue("ALiBi"), catalogue("RoPE")
    assert not is_permutation_equivariant(alibi) and is_rotation_equivariant(alibi)
    assert not is_permutation_equivariant(rope) and not is_rotation_equivariant(rope)
    assert gram_flow(alibi).proved and gram_flow(alibi).rate.has(Distances(n))


def test_a_base_that_has_no_frequencies_is_refused():
    with pytest.raises(ValueError, match="Expected base > 0"):
        Rotary(X, -2)
