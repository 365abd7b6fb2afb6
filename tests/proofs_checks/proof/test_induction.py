"""What one more head adds: what isn't linear, or starts late, grows otherwise."""

from sympy import Min

from proofs_checks.proof import row_growth, row_residual
from theory.atoms import Tangent
from theory.finite_sums import FiniteSum
from theory.layers import HEAD, multi_head
from theory.models import QKV
from theory.symbols import X, heads

MANY = multi_head(heads).velocity
TERM = MANY.field.term
SPLIT = FiniteSum(Tangent(X, TERM), heads, HEAD)


def test_a_projected_sum_and_the_sum_of_projections_grow_alike():
    assert row_growth(MANY, SPLIT, heads) == 0
    three = FiniteSum(Tangent(X, TERM), Min(heads, 3), HEAD)
    for right in (three, 2 * SPLIT, MANY.field):
        assert row_growth(MANY, right, heads) != 0


def test_a_residual_sees_a_factor():
    assert row_residual(2 * QKV.velocity, QKV.velocity + QKV.velocity) == 0
    assert row_residual(2 * QKV.velocity, 3 * QKV.velocity) != 0
