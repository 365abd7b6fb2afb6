"""Softmaxes of two species, and rates at consensus, beside compiled models and differences."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from numerics.compile import compile_model
from numerics.sphere import random_points
from proofs_checks import Verdict, check_model
from proofs_checks.own_model.species_softmax import OF_SOFTMAXES
from proofs_checks.proof import Flow
from theory.atoms import Tangent
from theory.models import catalogue
from theory.symbols import X

CROSS, CODER = catalogue("cross-attention"), catalogue("encoder-decoder")


def test_rates_at_consensus():
    """Rates 0, -1, -2 of encoder-decoder, by differences of the compiled model."""
    field, dim, eps = compile_model(CODER, beta=1.3, masses=np.array([0.2, 0.5, 0.3])), 2, 1e-6
    matrix = np.zeros((5, 5))
    for k in range(5):
        for sign in (1, -1):
            points = np.tile([1.0, 0.0], (5, 1))
            points[k] = np.cos(eps), sign * np.sin(eps)
            move = field.unchecked({"X": points[:3], "Y": points[3:]})
            matrix[:, k] += sign * np.vstack([move["X"], move["Y"]])[:, 1] / (2 * eps)
    assert dim == 2
    assert sorted(np.linalg.eigvals(matrix).real) == pytest.approx([-2, -2, -1, -1, 0], abs=1e-4)
    said = OF_SOFTMAXES["consensus spectrum"].ask(Flow.of(CODER))
    assert said.verdict is Verdict.PROVED and "rates -2, -1;" in said.sentence


def test_logarithmic_derivative():
    """(3.7): the velocity of encoder-decoder, by differences of both potentials."""
    rng, heat = np.random.default_rng(3), 1.7
    x, y = random_points(3, 3, rng), random_points(2, 3, rng)
    move = compile_model(CODER, beta=heat).unchecked({"X": x, "Y": y})["X"]

    def potential(point):
        return sum(np.log(np.exp(heat * z @ point).mean()) / heat for z in (x, y))

    slope = [(potential(x[0] + e) - potential(x[0] - e)) / 2e-6 for e in 1e-6 * np.eye(3)]
    slope = np.array(slope) - (slope @ x[0]) * x[0]
    assert move[0] == pytest.approx(slope, abs=1e-6)


def test_twins():
    """A pull of the other sign, and β = 0, of which no potential is asked."""
    turned = {X: Tangent(X, -CROSS.velocities[X].field)}
    pushed = Flow.of(replace(CROSS, name="pushed", velocity=turned, energy=None))
    for row in OF_SOFTMAXES.values():
        assert row.ask(pushed).verdict is not Verdict.PROVED
    for name in ("(3.7)", "Remark 6.2"):
        assert OF_SOFTMAXES[name].ask(Flow.of(CROSS, beta=0)).verdict is not Verdict.PROVED
    assert OF_SOFTMAXES["Remark 6.2"].ask(Flow.of(CODER)).verdict is not Verdict.PROVED
    for name in ("SA", "pre-LN", "moving masses"):
        assert OF_SOFTMAXES["(7.1)"].ask(Flow.of(catalogue(name))).verdict is not Verdict.PROVED


@pytest.mark.slow
def test_rows():
    coder, cross = (check_model(one, only=list(OF_SOFTMAXES)) for one in (CODER, CROSS))
    proved = {row.name for row in coder.rows if row.evidence.verdict is Verdict.PROVED}
    assert proved == {"(3.7)", "(7.1)", "(7.1) continuity", "Remark 6.2", "consensus spectrum"}
    assert coder["(3.3)"].verdict is Verdict.REFUTED
    proved = {row.name for row in cross.rows if row.evidence.verdict is Verdict.PROVED}
    assert proved == set(OF_SOFTMAXES) - {"consensus spectrum"}
