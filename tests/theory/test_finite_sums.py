"""Sums of a symbolic number of matrices: written out they are the plain sums."""

import pickle

import pytest
from sympy import Integer, MatrixSymbol, Symbol, ZeroMatrix

from numerics.compile import compile_model
from theory.engines import Evaluator
from theory.finite_sums import FiniteSum, Member, one_more, written_out
from theory.layers import feed_forward, multi_head
from theory.symbols import d, heads, k, width

INDEX = Symbol("h", integer=True, positive=True)
QUERIES = FiniteSum(Member("Q", k, d, INDEX), heads, INDEX)


@pytest.mark.parametrize("make", [multi_head, feed_forward], ids=lambda make: make.__name__)
@pytest.mark.parametrize("number", [1, 2, 5])
def test_a_model_of_every_number_of_heads_holds_each(make, number):
    made = make(heads).velocity
    assert written_out(made, {heads: Integer(number)}) == make(number).velocity
    assert made.xreplace({heads: Integer(number)}).doit() == make(number).velocity


def test_a_member_is_a_matrix_symbol_at_a_number():
    assert Member("Q", k, d, 3) == MatrixSymbol("Q_3", k, d)
    assert Member("Q", k, d, INDEX).shape == (k, d)
    assert str(Member("Q", k, d, heads + 1)) == "Q_(H + 1)"
    assert Member("Q", k, d, INDEX).free_symbols == {Member("Q", k, d, INDEX)}


def test_one_more_adds_the_term_at_the_next_index():
    assert one_more(QUERIES, heads) == QUERIES + Member("Q", k, d, heads + 1)
    assert one_more(QUERIES, width) == QUERIES
    fewer = FiniteSum(QUERIES.term, heads - 1, INDEX)
    assert one_more(fewer, heads) == FiniteSum(QUERIES.term, heads, INDEX)


def test_numbers_of_terms_leave_shapes_alone():
    neurons = FiniteSum(Member("w", d, width, INDEX), width, INDEX)
    assert written_out(neurons, {width: Integer(2)}).shape == (d, width)
    assert written_out(QUERIES, {heads: Integer(0)}) == ZeroMatrix(k, d)
    assert written_out(Member("Q", k, d, heads), {heads: Integer(2)}) == MatrixSymbol("Q_2", k, d)


def test_a_sum_pickles_and_prints():
    assert pickle.loads(pickle.dumps(QUERIES)) == QUERIES
    assert str(QUERIES) == "Sum(Q_h, (h, 1, H))"
    assert QUERIES.free_symbols == {QUERIES.term, heads}


def test_a_symbolic_number_of_heads_has_no_code():
    with pytest.raises(ValueError, match=r"count=H; write for instance multi_head\(3\)"):
        compile_model(multi_head(heads), beta=1, H=3, Q_h=[[1]], K_h=[[1]], V_h=[[1]])


def test_the_evaluator_writes_a_sum_out():
    given = {MatrixSymbol(f"Q_{h}", k, d): [[Integer(h), 2]] for h in (1, 2, 3)}
    assert Evaluator(given, {k: 1, d: 2, heads: 3})(QUERIES) == [[6, 6]]
    with pytest.raises(NotImplementedError):
        Evaluator(given, {k: 1, d: 2})(QUERIES)
