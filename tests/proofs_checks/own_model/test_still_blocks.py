"""Energies beside blocks that stay, against differences; blocks that move, and no energy."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from proofs_checks import Verdict
from proofs_checks.own_model.of_another import OfAnother
from proofs_checks.own_model.still_blocks import OF_STILL, with_still
from proofs_checks.proof import Flow
from theory.atoms import Tangent
from theory.models import catalogue
from theory.symbols import X

CROSS = catalogue("cross-attention")


def test_the_energy_of_cross_attention_by_differences() -> None:
    """dE/dt = Σ m_i |x_i'|² of E = Σ m_i log(Σ_a e^(β<x_i,y_a>))/β, of any keys."""
    rng = np.random.default_rng(1)
    for _ in range(10):
        heat, masses = rng.uniform(0.3, 3), rng.uniform(0.1, 1, 4)
        x, y = rng.normal(size=(4, 3)), rng.normal(size=(5, 3))
        x /= np.linalg.norm(x, axis=1, keepdims=True)

        def energy(at: object, y: object = y, heat: float = heat, masses: object = masses) -> float:
            return float(masses @ np.log(np.exp(heat * at @ y.T).sum(axis=1)) / heat)  # type: ignore[operator]

        weights = np.exp(heat * x @ y.T)
        pull = weights @ y / weights.sum(axis=1, keepdims=True)
        v = pull - (pull * x).sum(axis=1, keepdims=True) * x
        slope = (energy(x + 1e-5 * v) - energy(x - 1e-5 * v)) / 2e-5
        assert slope == pytest.approx(masses @ (v**2).sum(axis=1), rel=1e-6)


@pytest.mark.slow
@pytest.mark.parametrize("row", OF_STILL, ids=lambda row: row.name)
def test_rows_hold_for_every_key(row: OfAnother) -> None:
    assert row.ask(Flow.of(CROSS)).verdict is Verdict.PROVED


@pytest.mark.slow
def test_twins() -> None:
    """Speeds of the other sign, blocks that move, no energy."""
    ascent = OfAnother("energy ascent", with_still)
    turned = replace(CROSS, velocity={X: Tangent(X, -CROSS.velocities[X].field)})
    assert ascent.ask(Flow.of(turned)).verdict is not Verdict.PROVED
    for name in ("encoder-decoder", "pre-LN", "moving masses", "SA"):
        assert ascent.ask(Flow.of(catalogue(name))).verdict is Verdict.UNDECIDED
    assert ascent.ask(Flow.of(replace(CROSS, energy=None))).verdict is Verdict.UNDECIDED
