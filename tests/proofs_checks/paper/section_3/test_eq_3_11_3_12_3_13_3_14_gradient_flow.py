"""(3.11), (3.12)-(3.14): twins of our own and independent mathematics."""

from dataclasses import replace

import numpy as np
import pytest
from sympy import cosh, exp

from proofs_checks.claim import Budget, Verdict
from proofs_checks.paper.section_3.eq_3_11_3_12_3_13_3_14_gradient_flow import (
    ROUND_GRADIENT,
    WEIGHTED_GRADIENT,
    WeightedMetric,
)
from theory.atoms import Elementwise, RowSoftmax, Tangent
from theory.energy import interaction_energy
from theory.models import SYMMETRIC_QKV, USA, gradient_flow
from theory.symbols import V, X, beta, m, z

FAST = replace(USA, name="twice as fast", velocity=2 * USA.velocity)


def run(claim, model=None, prediction=None):
    model = claim.model if model is None else model
    prediction = claim.prediction if prediction is None else prediction
    return claim.check(model, prediction, Budget(20, np.random.default_rng(3)))


def test_weights_carry_their_masses():
    wrong = WeightedMetric(Elementwise(exp(beta * z), X * V * X.T) * m, frozenset({V}))
    assert run(WEIGHTED_GRADIENT, prediction=wrong).verdict is Verdict.REFUTED


def test_hypothesis_of_symmetry_is_measured():
    (hypothesis,) = WEIGHTED_GRADIENT.hypotheses
    assert hypothesis.margin(matrix=[[1, 2], [2, 0]]) == 0
    assert hypothesis.margin(matrix=[[1, 2], [1, 0]]) == -1


@pytest.mark.parametrize(
    ("claim", "model"),
    [
        (ROUND_GRADIENT, FAST),
        (
            WEIGHTED_GRADIENT,
            replace(
                SYMMETRIC_QKV,
                velocity=Tangent(X, RowSoftmax(beta * X * V * X.T, m) * X * V.T * V),
            ),
        ),
    ],
    ids=lambda value: getattr(value, "label", ""),
)
def test_own_twin_is_refuted(claim, model):
    evidence = run(claim, model)
    assert evidence.verdict is Verdict.REFUTED and " = " in evidence.detail


@pytest.mark.every(3)
@pytest.mark.parametrize("kernel", [z**3 + beta * z, cosh(2 * z), z + z**2 / 2])
def test_gradients_hold_for_other_kernels(kernel):
    model = gradient_flow(interaction_energy(kernel), parameters=(beta,))
    assert run(ROUND_GRADIENT, model).verdict is Verdict.PROVED
