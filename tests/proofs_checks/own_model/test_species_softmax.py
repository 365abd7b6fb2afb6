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
Y = CODER.blocks[1].symbol


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


@pytest.mark.parametrize("pace", [1, 3])
def test_rates_at_zero(pace):
    """γ' of equal angles in Y, at β = 0: the law's; where Y is pushed there is none."""
    of_y = pace * CODER.velocities[Y].field
    model = replace(CODER, velocity={X: CODER.velocities[X], Y: Tangent(Y, of_y)})
    said = OF_SOFTMAXES["Theorem 4.1 rates"].ask(Flow.of(model))
    assert said.verdict is Verdict.PROVED
    assert f"(e^(2{'' if pace == 1 else 'k'}t) + l - 1)" in said.sentence
    warm = OF_SOFTMAXES["Theorem 4.1 rates"].ask(Flow.of(model, beta=1))
    assert warm.verdict is not Verdict.PROVED
    size, law = 3, lambda t: 3 / (np.exp(2 * pace * t) + 2)
    gamma = 1 - law(0.4)
    root = np.linalg.cholesky((1 - gamma) * np.eye(size) + gamma)
    state = {"X": np.eye(3)[:1], "Y": root}
    move = compile_model(model, beta=0.0).unchecked(state)["Y"]
    slope = (law(0.4 - 1e-5) - law(0.4 + 1e-5)) / 2e-5
    assert move[0] @ root[1] + root[0] @ move[1] == pytest.approx(slope, abs=1e-7)
    turned = {**model.velocity, Y: Tangent(Y, -of_y)}
    turned = Flow.of(replace(model, velocity=turned))
    assert OF_SOFTMAXES["Theorem 4.1 rates"].ask(turned).verdict is not Verdict.PROVED


@pytest.mark.slow
def test_rows():
    coder, cross = (check_model(one, only=list(OF_SOFTMAXES)) for one in (CODER, CROSS))
    proved = {row.name for row in coder.rows if row.evidence.verdict is Verdict.PROVED}
    assert proved == set(OF_SOFTMAXES) - {"(3.3)"}
    assert coder["(3.3)"].verdict is Verdict.REFUTED
    proved = {row.name for row in cross.rows if row.evidence.verdict is Verdict.PROVED}
    assert proved == set(OF_SOFTMAXES) - {"consensus spectrum", "Theorem 4.1 rates"}
