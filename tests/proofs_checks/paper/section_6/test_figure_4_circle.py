"""Figure 4: twins of our own and independent mathematics."""

from dataclasses import replace

import pytest

from proofs_checks.claim import Verdict
from proofs_checks.paper.section_6.figure_4_circle import FIGURE_4
from theory.models import SA
from theory.symbols import beta


@pytest.mark.every(6)
@pytest.mark.parametrize("counts", [(1, 3), (3, 3), (2, 2), (2, 4), (2, 0), (64, 3)], ids=str)
def test_other_numbers_of_clusters_are_refuted(counts, found):
    assert found(replace(FIGURE_4, prediction=counts)).verdict is Verdict.REFUTED


def test_a_model_off_the_sphere_is_refuted(found):
    loose = replace(SA, velocity=SA.velocity.field)
    evidence = found(replace(FIGURE_4, model=loose))
    assert evidence.verdict is Verdict.REFUTED and "leaves the sphere" in evidence.detail


@pytest.mark.slow
def test_another_flow_has_another_figure(found):
    hot = SA.subs({beta: 2 * beta})
    assert found(replace(FIGURE_4, model=hot)).verdict is Verdict.REFUTED
