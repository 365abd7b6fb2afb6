"""(6.1) by Perron's theorem: exponents of a run, and flows that aren't smooth or autonomous."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from sympy import Lambda, tanh

from proofs_checks import Verdict
from proofs_checks.own_model.perron import PERRONS, derive_smooth
from proofs_checks.proof import Flow
from theory.atoms import Tangent
from theory.models import catalogue
from theory.models.layers import neurons
from theory.positive_part import PositivePart
from theory.symbols import X, beta, t, width, z

CROSS, MLP = catalogue("cross-attention"), catalogue("MLP block")


@pytest.mark.parametrize("name", ["cross-attention", "MLP block", "low-rank heads", "graph"])
def test_smooth_flows(name):
    evidence = PERRONS.ask(Flow.of(catalogue(name)))
    assert evidence.verdict is Verdict.PROVED and evidence.sheet.holds


@pytest.mark.parametrize(
    "name", ["SA", "repulsive", "pre-LN", "CoD", "moving masses", "discrete layer"]
)
def test_others_are_not_asked(name):
    assert derive_smooth(Flow.of(catalogue(name))) is None


def test_clocks_and_corners():
    for velocity in (
        Tangent(X, t * MLP.velocity.field),
        Tangent(X, neurons(width, Lambda(z, PositivePart(z, 1)))[0] + MLP.velocity.field),
    ):
        assert derive_smooth(Flow.of(replace(MLP, name="twin", velocity=velocity))) is None
    smooth = Tangent(X, neurons(width, tanh)[0])
    assert derive_smooth(Flow.of(replace(MLP, name="tanh", velocity=smooth))) is not None
    assert derive_smooth(Flow.of(CROSS, beta=2)) is not None and beta in CROSS.parameters


def test_a_run_has_the_exponent_of_a_mode():
    """One token to the keys' maximum, on the circle: the slope of log |x - x*| is -φ''."""
    heat, keys = 0.8, np.array([[0.8, 0.6], [0.8, -0.6]])

    def rate(angle):
        x, along = (
            np.array([np.cos(angle), np.sin(angle)]),
            np.array([-np.sin(angle), np.cos(angle)]),
        )
        weights = np.exp(heat * keys @ x)
        return (weights / weights.sum()) @ keys @ along

    mode, angle, step, path = (rate(1e-5) - rate(-1e-5)) / 2e-5, 0.5, 1e-3, []
    for _ in range(12000):
        angle += step * rate(angle + step / 2 * rate(angle))
        path.append(angle)
    slope = (np.log(path[-1]) - np.log(path[-4000])) / (4000 * step)
    assert mode < 0 and slope == pytest.approx(mode, rel=1e-3)
