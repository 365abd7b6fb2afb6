"""(3.3): twins of our own."""

from dataclasses import replace

import pytest
from sympy import exp

from proofs_checks.paper.section_3.eq_3_3_weight import EQUATION_3_3
from proofs_checks.proof import Flow
from theory.energy import interaction_energy
from theory.models import SA, USA, gradient_flow
from theory.symbols import beta, t, z


def changed(claim, **fields):
    return replace(claim, prediction=replace(claim.prediction, **fields))


TWINS = {
    "hotter models": replace(EQUATION_3_3, model=(SA.subs({beta: 3 * beta}), USA)),
    "up to e^β - 1": changed(EQUATION_3_3, high=exp(beta) - 1),
    "up to βe^β": changed(EQUATION_3_3, high=beta * exp(beta)),
}


@pytest.mark.every(5)
@pytest.mark.parametrize("twin", TWINS.values(), ids=TWINS)
def test_a_twin_is_refuted(twin, refuted):
    refuted(twin)


@pytest.mark.parametrize(
    ("kernel", "low", "high"),
    [
        (exp(-3 * z), exp(-3), exp(3)),
        (5 * exp(beta * z), exp(-beta), exp(beta)),
        (exp((1 + 10 * t) * z), exp(-1 - 10 * t), exp(1 + 10 * t)),
    ],
)
def test_bounds_are_those_of_the_exponent(kernel, low, high):
    found = EQUATION_3_3.check.ask(Flow.of(gradient_flow(interaction_energy(kernel), "")))
    weight, _ = found.prediction
    assert found.verdict.name == "PROVED", found.detail
    assert (weight.low - low).equals(0) and (weight.high - high).equals(0)


def test_other_kernels_have_no_such_weight():
    found = EQUATION_3_3.check.ask(Flow.of(gradient_flow(interaction_energy(z**3), "")))
    assert not found.applies
