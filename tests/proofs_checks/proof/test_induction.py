"""Induction on the number of heads: what isn't linear, or starts late, isn't concluded."""

from sympy import Min

from proofs_checks.proof import Outcome, for_every_count, row_residual
from theory.atoms import Tangent
from theory.finite_sums import FiniteSum
from theory.layers import HEAD, multi_head
from theory.models import QKV
from theory.symbols import X, heads

MANY = multi_head(heads).velocity
TERM = MANY.field.term
SPLIT = FiniteSum(Tangent(X, TERM), heads, HEAD)


def concluded(left, right, **where):
    return for_every_count("left = right", left, right, heads, **where)[-1]


def test_a_projected_sum_is_the_sum_of_projections():
    steps = for_every_count("left = right", MANY, SPLIT, heads)
    assert [step.how.value for step in steps] == ["derived", "derived", "by rule"]
    assert all(step.holds for step in steps)


def test_a_broken_side_is_refused():
    three = FiniteSum(Tangent(X, TERM), Min(heads, 3), HEAD)
    shorter = FiniteSum(Tangent(X, TERM), heads - 1, HEAD)
    free = Tangent(X, FiniteSum(TERM, heads - 1, HEAD)) + MANY.field.at(heads)
    for right in (three, shorter, 2 * SPLIT, MANY.field):
        assert concluded(MANY, right).outcome is Outcome.GAP
    assert concluded(free, SPLIT).outcome is Outcome.GAP


def test_it_says_nothing_below_its_start():
    assert concluded(MANY, SPLIT, first=0, start=0).holds
    assert concluded(MANY, SPLIT, first=2, start=1).outcome is Outcome.GAP


def test_a_residual_sees_a_factor():
    assert row_residual(2 * QKV.velocity, QKV.velocity + QKV.velocity) == 0
    assert row_residual(2 * QKV.velocity, 3 * QKV.velocity) != 0
