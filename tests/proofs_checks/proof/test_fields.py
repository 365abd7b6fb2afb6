"""X[mu] of a flow, and whether it reads mu by integrals only."""

import pytest
from sympy import OneMatrix

from proofs_checks import check_model
from proofs_checks.proof import MEAN_FIELD, PROBES, SUM_FIELD, Flow, beyond_integrals, field_of
from theory.atoms import RowSoftmax, Tangent
from theory.energy import interaction_energy
from theory.models import CAUSAL, SA, USA, gradient_flow
from theory.symbols import X, beta, n, z


def test_the_fields_of_the_papers_flows():
    assert field_of(Flow.of(SA)) == MEAN_FIELD
    assert field_of(Flow.of(USA)) == SUM_FIELD
    assert field_of(Flow.of(CAUSAL)) is None


@pytest.mark.parametrize("kernel", [z, z**3, z + beta * z**2], ids=str)
def test_sums_over_tokens_are_integrals(kernel):
    field = field_of(Flow.of(gradient_flow(interaction_energy(kernel), "")))
    assert beyond_integrals(field) == ()


def test_counting_tokens_is_no_integral():
    counted = field_of(Flow.of(gradient_flow(interaction_energy((n - 1) * z + z**2), "")))
    assert n in beyond_integrals(counted)
    unweighed = Tangent(PROBES, RowSoftmax(beta * PROBES * X.T, OneMatrix(n, 1)) * X)
    assert beyond_integrals(unweighed)


def test_weights_of_attention_that_are_all_alike():
    """A matrix of zeros has no rows at which points could be put."""
    cold = SA.subs({beta: 0}, "cold")
    report = check_model(cold, only=["(3.1)", "(3.2)"])
    assert {row.evidence.word for row in report.rows} == {"PROVED"}
