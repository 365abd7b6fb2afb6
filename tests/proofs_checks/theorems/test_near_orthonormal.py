"""Near orthonormal tokens: every premise is needed, and no smaller factor is concluded."""

from __future__ import annotations

import numpy as np
import pytest
from sympy import Expr, Rational, S, log, sqrt

from proofs_checks.proof import PRINTED_GROWTH
from proofs_checks.propositions import Rel, Subject
from proofs_checks.theorems import Refusal, Theorem, apply, as_sheet, assume, near_tokens, settle
from proofs_checks.theorems.chords import CHORD
from proofs_checks.theorems.kernel import Fact
from proofs_checks.theorems.near_orthonormal import (
    GREATEST_OF,
    LARGEST_SHARE,
    SHARE,
    best_factor,
)
from proofs_checks.theorems.order import VALUE
from proofs_checks.theorems.readers import TOKEN
from theory.models import SA
from theory.symbols import X, beta
from theory.terms import Norm, Row, at


@pytest.mark.parametrize(
    ("factor", "growth", "holds"),
    [
        (sqrt(2), PRINTED_GROWTH, True),
        (Rational(10553, 10000), 2 + 2 * beta, True),
        (Rational(10552, 10000), PRINTED_GROWTH, False),
        (-sqrt(2), PRINTED_GROWTH, False),
        (sqrt(2), 2 * beta, False),
    ],
)
def test_no_smaller_factor(factor: Expr, growth: Expr, holds: bool) -> None:
    own = near_tokens(Subject.of(SA), factor, growth)
    assert as_sheet(own.says, own.found, own.names).holds is holds


def test_the_largest_share_is_that_of_three() -> None:
    sizes = np.arange(1, 400)
    assert sizes[np.argmax(np.log(sizes) / sizes)] == 3
    assert isinstance(settle(LARGEST_SHARE, Rel("<=", SHARE, log(3) / 3)), Theorem)
    for most in (log(2) / 2, Rational(36, 100), beta):
        assert isinstance(settle(LARGEST_SHARE, Rel("<=", SHARE, most)), Refusal)
    assert isinstance(settle(LARGEST_SHARE, Rel("<=", 2 * SHARE, log(3) / 3)), Refusal)


@pytest.mark.parametrize("factor", [S(2), Rational(19, 10), Rational(21, 10), 2 + sqrt(2) / 100])
def test_factors_that_turned_vectors_exceed(factor: Expr) -> None:
    assert isinstance(best_factor(factor)[0], Theorem) is bool(factor <= 2)


def test_the_greatest_is_bounded_where_all_are() -> None:
    length, one = Norm(Row(X, TOKEN)), Rel("<=", CHORD, 2)
    assert isinstance(apply(GREATEST_OF, assume(one), index=TOKEN), Refusal)  # assumed of one
    each = Fact(one)
    assert GREATEST_OF.conclude(each, index=TOKEN).right == 2
    assert GREATEST_OF.conclude(Fact(Rel("<=", at(CHORD), 2)), index=TOKEN).left.args[1] == 0
    with pytest.raises(Exception, match="one bound"):
        GREATEST_OF.conclude(Fact(Rel("<=", CHORD, length)), index=TOKEN)


def test_values_of_sums_and_powers() -> None:
    length = Norm(Row(X, TOKEN))
    assert apply(VALUE, number=2 - 3 * length).says.right == 2 - 3 * at(length)
    assert apply(VALUE, number=length**2).says.right == at(length) ** 2
    for wrong in (length, length**beta, sqrt(length)):
        assert isinstance(apply(VALUE, number=wrong), Refusal)
