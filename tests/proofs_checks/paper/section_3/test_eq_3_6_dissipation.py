"""(3.6): twins of our own and independent mathematics."""

from dataclasses import replace

import numpy as np
import pytest
from sympy import HadamardProduct, cosh, exp

from proofs_checks.claim import Budget, Verdict
from proofs_checks.paper.section_3.eq_3_6_dissipation import DISSIPATION
from proofs_checks.proof import Witness
from theory.atoms import Elementwise, RowSoftmax, Tangent
from theory.energy import energy_gradient, interaction_energy
from theory.models import REPULSIVE, SA, USA, gradient_flow
from theory.symbols import X, beta, m, z

FAST = replace(USA, name="twice as fast", velocity=2 * USA.velocity)
TWIN_3_4 = replace(SA, velocity=Tangent(X, RowSoftmax(beta * X * X.T, HadamardProduct(m, m)) * X))


def run(claim, model=None, prediction=None):
    model = claim.model if model is None else model
    prediction = claim.prediction if prediction is None else prediction
    return claim.check(model, prediction, Budget(20, np.random.default_rng(3)))


def test_descent_is_refuted_and_ascends_its_own_energy():
    assert run(DISSIPATION, REPULSIVE, DISSIPATION.prediction[0]).verdict is Verdict.PROVED
    swapped = run(DISSIPATION, (USA, SA))
    assert swapped.verdict is Verdict.REFUTED


PARTITION_METRIC = HadamardProduct(m, Elementwise(exp(beta * z), X * X.T) * m)


@pytest.mark.every(7)
@pytest.mark.parametrize("weights", [m, PARTITION_METRIC, 2 * m, HadamardProduct(m, m)], ids=str)
@pytest.mark.parametrize(
    "model", [SA, USA, FAST, TWIN_3_4, REPULSIVE], ids=lambda model: model.name
)
def test_no_proof_of_what_numbers_contradict(model, weights):
    evidence = run(DISSIPATION, model, weights)
    assert evidence.verdict in (Verdict.PROVED, Verdict.REFUTED)
    gradient = energy_gradient(model.energy)
    point = Witness(np.random.default_rng(11), [model.velocity, gradient, weights], 4, 3)
    at = point.evaluator()
    rate, claimed = 0.0, 0.0
    for g, v, w in zip(at(gradient), at(model.velocity), at(weights), strict=True):
        rate += sum(float(a.mid) * float(b.mid) for a, b in zip(g, v, strict=True))
        claimed += float(w[0].mid) * sum(float(b.mid) ** 2 for b in v)
    agree = rate == pytest.approx(claimed, rel=1e-12)
    assert agree == (evidence.verdict is Verdict.PROVED)


def test_own_twin_is_refuted():
    evidence = run(DISSIPATION, (SA, FAST))
    assert evidence.verdict is Verdict.REFUTED and " = " in evidence.detail


@pytest.mark.parametrize("kernel", [z**3 + beta * z, cosh(2 * z), z + z**2 / 2])
def test_identities_hold_for_other_kernels(kernel):
    model = gradient_flow(interaction_energy(kernel), parameters=(beta,))
    assert run(DISSIPATION, model, m).verdict is Verdict.PROVED
