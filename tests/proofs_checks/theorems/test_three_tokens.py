"""Strict saddles of three tokens: no more tokens, no β below 0, no other energy."""

from __future__ import annotations

from typing import Any

import pytest
from sympy import Rational, S, exp

from proofs_checks.proof import Flow
from proofs_checks.propositions import Rel, Subject
from proofs_checks.theorems import (
    Refusal,
    Theorem,
    apply,
    as_sheet,
    assume,
    few_saddles,
    stated_kernel,
)
from proofs_checks.theorems.order import NONZERO
from theory.energy import interaction_energy
from theory.models import CAUSAL, REPULSIVE, USA, Model, gradient_flow
from theory.symbols import beta, n, z

KERNEL = exp(beta * z) / (2 * beta)


@pytest.mark.parametrize(
    ("kernel", "cold", "most", "low", "holds"),
    [
        (KERNEL, z / 2, 3, S.Zero, True),
        (KERNEL, z / 2, 3, Rational(1, 3), True),
        (KERNEL, z / 2, 2, S.Zero, True),
        (2 * KERNEL, z / 2, 3, S.Zero, False),  # read for weights e^(bz) alone
        (KERNEL, z / 2, 4, S.Zero, False),
        (KERNEL, z / 2, 4, Rational(2, 3), False),
        (KERNEL, z / 2, 4, S.One, True),
        (KERNEL, z / 2, 5, S.One, False),
        (KERNEL, z / 2, 3, -Rational(1, 2), False),
        (KERNEL, -z / 2, 3, S.Zero, False),
        (-KERNEL, z / 2, 3, S.Zero, False),
        (z**3 / 6, z / 2, 3, S.Zero, False),
        (exp(-beta * z) / (2 * beta), z / 2, 3, S.Zero, False),
    ],
)
def test_three_tokens_at_most_and_no_beta_below_zero(
    kernel: Any, cold: Any, most: int, low: Any, holds: bool
) -> None:
    own = few_saddles(Subject.of(USA), kernel, cold, most, low)
    if isinstance(own, Refusal):
        assert not holds
        return
    assert as_sheet(own.says, own.found, own.names).holds is holds
    if holds:
        assert isinstance(own.found, Theorem)
        assert Rel("<=", n, most) in own.found.given
        assert Rel("!=", beta, 0) not in own.found.given


@pytest.mark.parametrize(
    ("model", "kernel"),
    [
        (USA, KERNEL),
        (REPULSIVE, -KERNEL),
        (CAUSAL, None),
        (gradient_flow(interaction_energy(z**2), "square"), z**2 / 2),
    ],
)
def test_the_kernel_is_that_of_the_energy_that_is_stated(model: Model, kernel: Any) -> None:
    found = stated_kernel(Flow.of(model))
    assert isinstance(found, Refusal) if kernel is None else found[1] == kernel  # type: ignore[index]


def test_a_number_that_may_be_zero_is_not_known_to_be_other() -> None:
    assert apply(NONZERO, assume(Rel("<", 0, beta))).says == Rel("!=", beta, 0)
    for other in (Rel("<=", 0, beta), Rel("<", beta, 0), Rel("<", 1, beta)):
        assert isinstance(apply(NONZERO, assume(other)), Refusal)
