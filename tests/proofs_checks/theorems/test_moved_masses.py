"""Energies that climb with masses that move: what is claimed, and what is refused."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from sympy import S

from proofs_checks.extensions.moving_masses import MASSES, Growth
from proofs_checks.propositions import Subject
from proofs_checks.theorems import Conclusion, as_sheet, growing_with_masses
from theory import moving_masses
from theory.energy import ENERGY
from theory.models import MOVING_MASSES, PRE_LN, USA, Model
from theory.symbols import alpha, m

OWN: Any = MASSES.prediction


def holds(model: Model, growth: Growth, energy: Any = ENERGY) -> bool:
    own = growing_with_masses(Subject.of(model), energy, growth.weights, growth.masses)
    return isinstance(own, Conclusion) and as_sheet(own.says, own.found, own.names).holds


@pytest.mark.parametrize(
    ("growth", "shown"),
    [
        (OWN, True),
        (replace(OWN, weights=2 * m), False),
        (replace(OWN, rate=2 * alpha), False),
        (replace(OWN, rate=S.Zero), False),
        (replace(OWN, spread=ENERGY), False),
    ],
)
def test_what_is_claimed(growth: Growth, shown: bool) -> None:
    assert holds(MOVING_MASSES, growth) is shown


def test_another_energy_is_another_claim() -> None:
    assert not holds(MOVING_MASSES, OWN, 2 * ENERGY)
    assert not holds(MOVING_MASSES, OWN, m.T * m)


def test_masses_that_stay_or_lose_their_sum_are_refused() -> None:
    for model in (USA, PRE_LN, moving_masses(ENERGY, conserved=False)):
        assert not holds(model, OWN)
    shrinking = {**MOVING_MASSES.velocities, m: -MOVING_MASSES.velocities[m]}
    assert not holds(replace(MOVING_MASSES, velocity=shrinking), OWN)
