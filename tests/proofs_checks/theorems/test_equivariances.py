"""Equations of matrices under a permutation or a rotation: what is concluded, and what isn't."""

from __future__ import annotations

from typing import Any

import pytest
from sympy import MatMul, MatrixSymbol

from proofs_checks.propositions import Is, Rel, Subject
from proofs_checks.theorems import Refusal, Theorem, assume, equivariant, replayed, settle
from proofs_checks.theorems.equivariances import COMMUTES, ORTHOGONAL, PERMUTATION
from theory.models import CAUSAL, ENCODER_DECODER, QKV, SA, SINKHORN, USA, Model
from theory.symbols import X, d, m, n

SWAP, TURN = MatrixSymbol("S", n, n), MatrixSymbol("R", d, d)
SWAPS, TURNS = assume(Is(PERMUTATION, SWAP)), assume(Is(ORTHOGONAL, TURN))
SWAPPED = SA.velocity.xreplace({X: MatMul(SWAP, X), m: MatMul(SWAP, m)})
TURNED = SA.velocity.xreplace({X: MatMul(X, TURN)})


@pytest.mark.parametrize(
    ("model", "permutes"),
    [
        (SA, True),
        (SA, False),
        (USA, False),
        (QKV, True),
        (SINKHORN, True),
        (ENCODER_DECODER, False),
    ],
)
def test_it_is_concluded_again(model: Model, permutes: bool) -> None:
    own = equivariant(model, Subject.of(model), permutes)
    assert not isinstance(own, Refusal)
    found = replayed(own.found)
    assert isinstance(found, Theorem) and found.says == own.says.then
    assert found.given == set(own.says.given)


@pytest.mark.parametrize(("model", "permutes"), [(CAUSAL, True), (QKV, False)])
def test_masks_see_labels_and_value_matrices_directions(model: Model, permutes: bool) -> None:
    own = equivariant(model, Subject.of(model), permutes)
    assert isinstance(own, Refusal) or isinstance(own.found, Refusal)


def test_each_premise_and_each_side_is_needed() -> None:
    right = Rel("=", SWAPPED, MatMul(SWAP, SA.velocity))
    turned = Rel("=", TURNED, MatMul(SA.velocity, TURN))
    assert isinstance(settle(COMMUTES, right, SWAPS), Theorem)
    assert isinstance(settle(COMMUTES, turned, TURNS), Theorem)
    other = assume(Is(PERMUTATION, MatrixSymbol("T", n, n)))
    long = assume(Is(PERMUTATION, MatrixSymbol("S", n, d)))
    orthogonal = assume(Is(ORTHOGONAL, SWAP))  # f.(S M) isn't S f.(M), so it isn't enough
    premises: tuple[tuple[Any, ...], ...] = (
        (), (other,), (long,), (orthogonal,), (TURNS,), (SWAPS, other),
    )  # fmt: skip
    for known in premises:
        assert isinstance(settle(COMMUTES, right, *known), Refusal)
    for says in (
        Rel("=", SWAPPED, SA.velocity),
        Rel("=", SWAPPED, 2 * SWAP * SA.velocity),
        Rel("=", SWAPPED, MatMul(SWAP, USA.velocity)),
        Rel("=", SWAPPED, SWAPPED),
        Rel("!=", SWAPPED, MatMul(SWAP, SA.velocity)),
        Rel("=", SA.velocity.xreplace({X: MatMul(SWAP, X)}), MatMul(SWAP, SA.velocity)),
    ):
        assert isinstance(settle(COMMUTES, says, SWAPS), Refusal)
