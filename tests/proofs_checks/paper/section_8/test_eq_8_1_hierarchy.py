"""(8.1): twins of our own, other kernels, and SA, which it doesn't speak of."""

from dataclasses import replace

import numpy as np
import pytest
from sympy import S, cos, pi, sin

from proofs_checks.claim import Budget, Verdict
from proofs_checks.paper.section_8.eq_8_1_hierarchy import (
    ANGLE,
    EQUATION_8_1,
    EQUATION_8_1_MARGINALS,
    PAIR_EQUATION,
    Marginals,
)
from proofs_checks.proof import Flow
from theory.energy import interaction_energy
from theory.models import SA, gradient_flow
from theory.symbols import beta, n, z

EQUATION = EQUATION_8_1.prediction
TWINS = {
    "no term of g": replace(EQUATION_8_1, prediction=replace(EQUATION, share=S.Zero)),
    "n - 1 others": replace(
        EQUATION_8_1, prediction=replace(EQUATION, share=-4 * (n - 2) / (beta * n))
    ),
    "a skew start": replace(
        EQUATION_8_1_MARGINALS, prediction=Marginals((1 + sin(ANGLE) * cos(ANGLE)) / (2 * pi))
    ),
}


@pytest.mark.parametrize("name", [name for name in TWINS if name != "a skew start"])
def test_a_twin_is_refuted(name, refuted):
    refuted(TWINS[name])


def test_a_skew_start_is_refuted_too():
    twin = TWINS["a skew start"]
    evidence = twin.check(twin.model, twin.prediction, Budget(1, np.random.default_rng(0)))
    assert evidence.verdict is Verdict.REFUTED


def test_other_kernels_have_their_own():
    cubic = gradient_flow(interaction_energy(beta * z + z**3 / 5), "cubic")
    evidence = PAIR_EQUATION.ask(Flow.of(cubic))
    assert evidence.verdict is Verdict.PROVED and "z" not in evidence.detail


def test_softmax_is_outside():
    evidence = PAIR_EQUATION.ask(Flow.of(SA))
    assert not evidence.applies and "random" in evidence.detail
