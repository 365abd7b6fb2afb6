"""(4.4) beside lengths: at short ones velocities at β and at 0 differ as much as one likes."""

from __future__ import annotations

import numpy as np
import pytest

from numerics.compile import compile_model
from proofs_checks import Verdict, check_model
from theory.models import catalogue


@pytest.mark.parametrize("name", ["pre-LN", "peri-LN", "LNS"])
def test_short_lengths_undo_it(name):
    evidence = check_model(catalogue(name), only="(4.4)")["(4.4)"]
    assert evidence.verdict is Verdict.REFUTED and "/ρ, more than any f" in evidence.detail


def test_the_velocities_differ_by_what_is_said():
    field = [compile_model(catalogue("pre-LN"), beta=b) for b in (1.0, 0.0)]
    state = {"X": np.eye(2), "r": np.full((2, 1), 0.01)}
    apart = field[0].unchecked(state)["X"] - field[1].unchecked(state)["X"]
    assert np.linalg.norm(apart[0]) == pytest.approx((np.e - 1) / (2 + 2 * np.e) / 0.01)
