"""Families of states along which chords grow without a bound, and masses that part equal tokens."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from numerics.compile import compile_model
from proofs_checks import Verdict, check_model
from theory.models import catalogue

ROW = "Lipschitz bound"


def asked(name):
    return check_model(catalogue(name), only=ROW)[ROW]


@pytest.mark.parametrize(
    "name",
    [
        *("pre-LN", "peri-LN", "causal + pre-LN"),
        pytest.param("nGPT", marks=pytest.mark.slow),
    ],
)
def test_families_without_a_constant(name):
    evidence = asked(name)
    assert evidence.verdict is Verdict.REFUTED and "as s -> 0" in evidence.detail


def test_outputs_near_zero_part_as_fast_as_the_family_says():
    field = compile_model(catalogue("nGPT"), beta=1.0, alpha=1.0)
    for s in (1e-2, 1e-4):
        c, sine = (1 - s**2) / (1 + s**2), 2 * s / (1 + s**2)
        masses = np.exp(np.array([c, -1.0]))
        one, two = (np.array([[1.0, 0], [-c, -sign * sine]]) for sign in (1, -1))
        own = replace(field, masses=masses)
        gap, moves = one - two, own.unchecked(one) - own.unchecked(two)
        assert np.isclose(s * (gap[1] @ moves[1]) / (gap[1] @ gap[1]), 1 / 2, rtol=1e-3)


def test_masses_of_the_state_part_the_same_tokens():
    found = asked("moving masses")
    assert found.verdict is Verdict.REFUTED and "D = 0, x_1' differ" in found.detail
