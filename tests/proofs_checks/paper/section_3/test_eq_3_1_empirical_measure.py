"""(3.1): twins of our own and independent mathematics."""

from dataclasses import replace

import numpy as np
import pytest

from proofs_checks.claim import Budget, Verdict
from proofs_checks.paper.section_3.eq_3_1_empirical_measure import EQUATION_3_1
from proofs_checks.proof import Flow
from theory.energy import interaction_energy
from theory.models import CAUSAL, USA, gradient_flow
from theory.symbols import beta, n, z

FAST = replace(USA, name="twice as fast", velocity=2 * USA.velocity)


def test_causal_attention_is_not_mean_field():
    budget = Budget(2, np.random.default_rng(1))
    assert EQUATION_3_1.check(CAUSAL, EQUATION_3_1.prediction, budget).verdict is Verdict.REFUTED


TWINS = {
    "(3.1) of a fast flow": replace(EQUATION_3_1, model=FAST),
}


@pytest.mark.every(5)
@pytest.mark.parametrize("twin", TWINS.values(), ids=TWINS)
def test_a_twin_is_refuted(twin, refuted):
    refuted(twin)


def test_a_kernel_that_counts_tokens_sees_one_without_mass():
    ask = EQUATION_3_1.check.ask
    found = ask(Flow.of(gradient_flow(interaction_energy((n - 1) * z + z**2), "")))
    assert (found.verdict, "without mass" in found.detail) == (Verdict.REFUTED, True)
    assert ask(Flow.of(gradient_flow(interaction_energy(beta * z), ""))).verdict is Verdict.PROVED
    assert not ask(Flow.of(CAUSAL)).applies
