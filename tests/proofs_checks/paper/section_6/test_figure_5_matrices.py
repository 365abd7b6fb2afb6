"""Figure 5: twins of our own and independent mathematics."""

from dataclasses import replace

import pytest

from proofs_checks.claim import Verdict
from proofs_checks.paper.section_6.figure_5_matrices import FIGURE_5, Matrices
from theory.models import QKV


@pytest.mark.every(7)
@pytest.mark.parametrize(
    "change",
    [
        {"a": "a-unscaled"},
        {"a": "identity"},
        {"a": "b"},
        {"b": "d"},
        {"c": "a"},
        {"d": "a"},
        {"d": "identity"},
    ],
    ids=str,
)
def test_panels_are_not_interchangeable(change, found):
    assert found(replace(FIGURE_5, prediction=Matrices(**change))).verdict is Verdict.REFUTED


def test_a_model_off_the_sphere_is_refuted(found):
    loose = replace(QKV, velocity=QKV.velocity.field)
    assert found(replace(FIGURE_5, model=loose)).verdict is Verdict.REFUTED
