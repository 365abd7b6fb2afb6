"""Remark B.1, E.Remark B.1: twins of our own and independent mathematics."""

from dataclasses import replace

import pytest
from sympy import exp

from proofs_checks.paper.appendix_b.remark_b_1_inertia import ERRATUM_REMARK_B_1, LENGTH, REMARK_B_1
from theory.energy import interaction_energy
from theory.models import SA, gradient_flow
from theory.symbols import beta, z

FALLING = gradient_flow(interaction_energy(-exp(beta * z) / beta), "falling")


def test_the_printed_form_carries_its_counterexample(reports):
    found = dict(reports["E.Remark B.1"].controls)
    assert "|v| = " in found["a factor |v|^{-2}"].detail


TWINS = {
    "B.1 of a falling flow": replace(REMARK_B_1, model=(SA, FALLING)),
    "B.1 with |v|": replace(ERRATUM_REMARK_B_1, prediction=LENGTH, printed=None),
}


@pytest.mark.parametrize("twin", TWINS.values(), ids=TWINS)
def test_a_twin_is_refuted(twin, refuted):
    refuted(twin)
