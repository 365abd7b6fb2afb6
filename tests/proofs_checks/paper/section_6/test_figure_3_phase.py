"""E.Figure 3, Figure 3: twins of our own and independent mathematics."""

from dataclasses import replace

import numpy as np
import pytest
import sympy as sp
from sympy import Rational

from numerics.phase import PhaseDiagram
from proofs_checks.claim import Verdict
from proofs_checks.paper.section_6.figure_3_phase import ERRATUM_FIGURE_3, FIGURE_3, Front, _Panel
from theory.models import SA
from theory.predictions import equiangular_time
from theory.symbols import beta

pytestmark = pytest.mark.extras


@pytest.mark.every(5)
@pytest.mark.parametrize(
    "time",
    [
        sp.Rational(11, 10) * FIGURE_3.prediction.time,
        sp.Rational(9, 10) * FIGURE_3.prediction.time,
        equiangular_time(gamma=sp.Rational(99, 100)),
        equiangular_time(gamma=1 - sp.Rational(1, 10**6)),
        FIGURE_3.prediction.time.subs(beta, 0.9 * beta),
    ],
    ids=["a tenth late", "a tenth early", "δ = 1e-2", "δ = 1e-6", "0.9 β"],
)
def test_another_front_is_refuted(time, found):
    assert found(replace(FIGURE_3, prediction=Front(time))).verdict is Verdict.REFUTED


def made_up(counts, diagonal=False):
    counts = np.array(counts)
    diagram = PhaseDiagram(
        betas=np.arange(1.0, counts.shape[1] + 1),
        times=np.arange(float(counts.shape[2])),
        counts=counts,
        unfinished=np.zeros(counts.shape[:2], dtype=bool),
        n=4,
        d=2,
        delta=1e-3,
        model=SA,
    )
    return _Panel(diagram, diagonal)


def test_a_panel_reads_its_diagram():
    counts = [[[0, 2, 4, 6], [0, 0, 1, 2]], [[0, 2, 4, 6], [0, 0, 1, 2]]]
    panel = made_up(counts)
    np.testing.assert_allclose(panel.front, [1.5, 30.0])  # the second isn't reached: the horizon
    np.testing.assert_allclose(panel.error, 0.0)  # the two runs agree
    assert panel.width == pytest.approx(4 / 8)  # 1/3, 2/3 and 1/6, 1/3
    # with i = j: 4 + 2 c of 16 ordered pairs, half of them at c = 2
    panel = made_up(counts, diagonal=True)
    np.testing.assert_allclose(panel.probability[0], np.array([4, 8, 12, 16]) / 16)
    np.testing.assert_allclose(panel.front, [1.0, 3.0])


def test_a_model_off_the_sphere_is_refuted(found):
    loose = replace(SA, velocity=SA.velocity.field)
    evidence = found(replace(FIGURE_3, model=loose))
    assert evidence.verdict is Verdict.REFUTED and "leaves the sphere" in evidence.detail


@pytest.mark.slow
def test_another_flow_has_another_figure(found):
    hot = SA.subs({beta: 2 * beta})
    assert found(replace(FIGURE_3, model=hot)).verdict is Verdict.REFUTED


TWINS = {
    "another E.Figure 3": replace(
        ERRATUM_FIGURE_3, prediction=replace(ERRATUM_FIGURE_3.prediction, reading=Rational("6.905"))
    ),
}


@pytest.mark.every(5)
@pytest.mark.parametrize("twin", TWINS.values(), ids=TWINS)
def test_a_twin_is_refuted(twin, refuted):
    refuted(twin)
