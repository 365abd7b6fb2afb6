"""Inner products that move by themselves: what is concluded, what isn't, and what is evaluated."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from sympy import MatMul, MatrixSymbol

from proofs_checks.audit import audit, solution_of
from proofs_checks.propositions import Rel, Subject
from proofs_checks.theorems import (
    Refusal,
    Theorem,
    apply,
    assume,
    closed_motion,
    read,
    replayed,
    settle,
    steps_of,
)
from proofs_checks.theorems.gram_motion import IN_PRODUCTS, PRODUCT, VELOCITIES
from proofs_checks.theorems.kernel import Found
from proofs_checks.theorems.logic import rename
from proofs_checks.theorems.readers import OTHER, TOKEN
from theory import catalogue
from theory.atoms import RowSoftmax
from theory.derivations import gram_flow
from theory.models import QK_SA, SA, USA, Model
from theory.symbols import G, X, d, m, n
from theory.terms import Entry, Inner, Row, ddt

NAMES = ["SA", "pre-LN", "L2", "encoder-decoder", "moving masses", "Sinkhorn", "mix-LN"]
SPOKEN = Rel("=", MatMul(X, X.T), G)


def concluded(model: Model, **changes: Any) -> Any:
    return closed_motion(Subject.of(model), replace(gram_flow(model), **changes))


@pytest.mark.parametrize("name", NAMES)
def test_it_is_concluded_again_and_so_along_a_solution(name: str) -> None:
    model: Any = catalogue(name)
    own = concluded(model)
    found = replayed(own.found)
    assert isinstance(found, Theorem) and found.says == own.says.then
    assert found.given == set(own.says.given)
    seen = audit(steps_of(found), solution_of(model, 3))
    assert not seen.doubts and (seen.held > 3 or name == "L2")  # distances aren't evaluated


def test_another_rate_is_refused() -> None:
    rate = gram_flow(SA).rate
    for other in (2 * rate, -rate, gram_flow(USA).rate, RowSoftmax(X * X.T, m) * G):
        assert isinstance(concluded(SA, rate=other).found, Refusal)
    assert isinstance(closed_motion(Subject.of(QK_SA), gram_flow(QK_SA)), Refusal)


def velocities() -> tuple[Found, Found]:
    own = read(VELOCITIES, Subject.of(SA))
    return own, apply(rename, own, values={TOKEN: OTHER})


def test_each_premise_is_needed() -> None:
    first, second = velocities()
    moved = apply(PRODUCT, first, second)
    pair = Inner(Row(X, TOKEN), Row(X, OTHER))
    says = Rel("=", ddt(pair), Entry(gram_flow(SA).rate, TOKEN, OTHER))
    assert isinstance(settle(IN_PRODUCTS, says, moved, assume(SPOKEN)), Theorem)
    other = MatrixSymbol("H", n, n)
    for known in (
        (moved,),
        (assume(SPOKEN),),
        (moved, assume(Rel("=", MatMul(X, X.T), other))),
        (apply(PRODUCT, first, first), assume(SPOKEN)),
        (first, assume(SPOKEN)),
    ):
        assert isinstance(settle(IN_PRODUCTS, says, *known), Refusal)
    turned = Entry(gram_flow(SA).rate.args[0], OTHER, TOKEN)
    for wrong in (Rel("<=", *says.args[1:]), Rel("=", ddt(pair), turned), Rel("=", ddt(pair), 0)):
        assert isinstance(settle(IN_PRODUCTS, wrong, moved, assume(SPOKEN)), Refusal)


def test_the_product_rule_is_of_two_derivatives() -> None:
    first, second = velocities()
    assert isinstance(apply(PRODUCT, first, second), Theorem)
    still = assume(Rel("=", Row(X, TOKEN), Row(MatrixSymbol("Z", n, d), TOKEN)))
    less = assume(Rel("<=", ddt(Inner(Row(X, TOKEN), Row(X, TOKEN))), 0))
    for premises in ((first, still), (still, second), (first, less), (first,)):
        assert isinstance(apply(PRODUCT, *premises), Refusal)


def test_two_tokens_that_are_one_aren_t_two() -> None:
    first, _ = velocities()
    square = apply(PRODUCT, first, first)
    assert isinstance(square, Theorem) and square.says.left == ddt(
        Inner(Row(X, TOKEN), Row(X, TOKEN))
    )
