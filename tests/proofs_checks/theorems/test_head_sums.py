"""(2.7) and (2.8) as theorems: equations for every number of terms, and what is broken."""

from sympy import Integer, Min, Symbol, ZeroMatrix

from proofs_checks.proof import How
from proofs_checks.propositions import Rel
from proofs_checks.theorems import Refusal, settle, summed_up
from proofs_checks.theorems.head_sums import EVERY_COUNT
from theory.atoms import RowSoftmax, Tangent
from theory.finite_sums import FiniteSum
from theory.layers import HEAD, feed_forward, multi_head
from theory.models import QKV
from theory.symbols import X, beta, heads, m

MANY = multi_head(heads).velocity
TERM = MANY.field.term
SPLIT = FiniteSum(Tangent(X, TERM), heads, HEAD)


def equal(left, right):
    return not isinstance(settle(EVERY_COUNT, Rel("=", left, right)), Refusal)


def test_a_projected_sum_is_the_sum_of_projections():
    assert equal(MANY, SPLIT) and EVERY_COUNT.how is How.DERIVED
    three = FiniteSum(Tangent(X, TERM), Min(heads, 3), HEAD)
    shorter = FiniteSum(Tangent(X, TERM), heads - 1, HEAD)
    free = Tangent(X, FiniteSum(TERM, heads - 1, HEAD)) + MANY.field.at(heads)
    for right in (three, shorter, 2 * SPLIT, MANY.field, free, heads * Tangent(X, TERM)):
        assert not equal(MANY, right)
    assert not equal(free, SPLIT)


def test_sums_of_equal_terms_are_multiples_and_of_others_are_not():
    head = RowSoftmax(beta * X * X.T, m) * X
    same = FiniteSum(head, heads, HEAD)
    assert equal(Tangent(X, same), heads * Tangent(X, head))
    assert not equal(Tangent(X, same), (heads + 1) * Tangent(X, head))
    assert not equal(Tangent(X, FiniteSum(TERM, heads, HEAD)), heads * Tangent(X, TERM))


def test_both_starts_and_steps_are_needed():
    first = Tangent(X, TERM).xreplace({HEAD: Integer(1)})
    assert not equal(MANY + first, SPLIT)  # grows alike, and starts otherwise
    assert not equal(MANY, first + 0 * SPLIT)  # starts alike, and grows otherwise
    number = Symbol("H", positive=True)
    half = FiniteSum(TERM, number, HEAD)
    assert not equal(Tangent(X, half), FiniteSum(Tangent(X, TERM), number, HEAD))


def test_neurons_beside_heads_and_none_of_them():
    block = feed_forward(heads)
    w = block.parameters[-3]
    assert equal(block.velocity.xreplace({w: ZeroMatrix(*w.shape)}), MANY)
    assert not equal(block.velocity, MANY)


def test_what_is_said_of_several_equations():
    own = summed_up((MANY, SPLIT), (QKV.velocity, QKV.velocity))
    assert own.says.then == Rel("=", MANY, SPLIT) == own.found.says
    assert isinstance(summed_up((MANY, SPLIT), (QKV.velocity, 2 * QKV.velocity)).found, Refusal)


def test_the_index_of_a_sum_is_bound():
    assert MANY.xreplace({HEAD: Integer(3)}) == MANY
    assert Tangent(X, TERM).xreplace({HEAD: Integer(3)}) != Tangent(X, TERM)
