"""(3.8), (3.9), (3.10): twins of our own and independent mathematics."""

from dataclasses import replace

import numpy as np
import pytest
from sympy import exp

from proofs_checks.claim import Budget, Verdict
from proofs_checks.paper.section_3.eq_3_8_3_9_3_10_continuity import (
    EQUATION_3_8,
    EQUATION_3_9,
    EQUATION_3_10,
)
from proofs_checks.proof import PROBES
from theory.atoms import Elementwise
from theory.models import CAUSAL, USA
from theory.symbols import X, beta, m, z

FAST = replace(USA, name="twice as fast", velocity=2 * USA.velocity)
_KERNEL = Elementwise(exp(beta * z), PROBES * X.T)


def test_causal_attention_is_not_mean_field():
    budget = Budget(2, np.random.default_rng(1))
    assert EQUATION_3_8.check(CAUSAL, EQUATION_3_8.prediction, budget).verdict is Verdict.REFUTED


TWINS = {
    "(3.8) of a fast flow": replace(EQUATION_3_8, model=FAST),
    "(3.9) with β²": replace(EQUATION_3_9, prediction=_KERNEL * m * beta**2),
    "(3.10) of a fast flow": replace(EQUATION_3_10, model=FAST),
    "(3.9) of another energy": replace(EQUATION_3_9, model=replace(USA, energy=3 * USA.energy)),
}


@pytest.mark.every(5)
@pytest.mark.parametrize("twin", TWINS.values(), ids=TWINS)
def test_a_twin_is_refuted(twin, refuted):
    refuted(twin)
