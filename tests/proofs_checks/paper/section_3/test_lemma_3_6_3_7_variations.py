"""Lemma 3.6, Lemma 3.7: twins of our own and independent mathematics."""

from dataclasses import replace

import numpy as np
import pytest
from sympy import cosh, exp

from proofs_checks.claim import Budget, Verdict
from proofs_checks.paper.section_3.lemma_3_6_3_7_variations import FIRST_VARIATION, SLOPE_GROWTH
from proofs_checks.proof import PROBES
from theory.atoms import Elementwise
from theory.energy import interaction_energy
from theory.models import USA, gradient_flow
from theory.symbols import X, beta, m, z


def run(claim, model=None, prediction=None):
    model = claim.model if model is None else model
    prediction = claim.prediction if prediction is None else prediction
    return claim.check(model, prediction, Budget(20, np.random.default_rng(3)))


@pytest.mark.parametrize(
    ("claim", "model"),
    [
        (FIRST_VARIATION, replace(USA, energy=interaction_energy(exp(beta * z) / beta + z))),
        (SLOPE_GROWTH, replace(USA, velocity=-USA.velocity)),
    ],
    ids=lambda value: getattr(value, "label", ""),
)
def test_own_twin_is_refuted(claim, model):
    evidence = run(claim, model)
    assert evidence.verdict is Verdict.REFUTED and " = " in evidence.detail


@pytest.mark.parametrize("kernel", [z**3 + beta * z, cosh(2 * z), z + z**2 / 2])
def test_variations_hold_for_other_kernels(kernel):
    model = gradient_flow(interaction_energy(kernel), parameters=(beta,))
    potential = Elementwise(kernel, PROBES * X.T) * m
    assert run(FIRST_VARIATION, model, potential).verdict is Verdict.PROVED
    assert run(SLOPE_GROWTH, model, potential).verdict is Verdict.PROVED
    assert run(FIRST_VARIATION, model).verdict is Verdict.REFUTED
