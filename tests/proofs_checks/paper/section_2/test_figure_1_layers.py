"""Figure 1: twins of our own and independent mathematics."""

from dataclasses import replace

import pytest
import sympy as sp

from proofs_checks.claim import Verdict
from proofs_checks.paper.section_2.figure_1_layers import FIGURE_1, Layers
from theory.models import SA
from theory.predictions import equiangular_time
from theory.symbols import beta, n


def test_figure_1_is_undecided_and_says_why(found):
    assert FIGURE_1.expected is Verdict.UNDECIDED
    evidence = found(FIGURE_1)
    assert evidence.verdict is Verdict.UNDECIDED and evidence.cases == 0
    assert "weights absent" in evidence.detail


@pytest.mark.parametrize(
    "prediction",
    [Layers(sp.Rational(11, 10) * equiangular_time()), Layers(equiangular_time().subs(n, 2 * n))],
    ids=["a tenth later", "64 tokens"],
)
def test_another_clock_of_the_layers_is_refuted(prediction, found):
    assert found(replace(FIGURE_1, prediction=prediction)).verdict is Verdict.REFUTED


def test_a_model_off_the_sphere_is_refuted(found):
    loose = replace(SA, velocity=SA.velocity.field)
    evidence = found(replace(FIGURE_1, model=loose))
    assert evidence.verdict is Verdict.REFUTED and "leaves the sphere" in evidence.detail


def test_another_flow_has_another_figure(found):
    hot = SA.subs({beta: 2 * beta})
    assert found(replace(FIGURE_1, model=hot)).verdict is Verdict.REFUTED
