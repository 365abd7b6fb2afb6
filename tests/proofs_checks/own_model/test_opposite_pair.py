"""(4.4), (4.5) of outputs that are divided by their length: nearly opposite tokens undo them."""

from __future__ import annotations

import numpy as np
import pytest

from proofs_checks import Budget, check_model
from proofs_checks.own_model.opposite_pair import opposite_pair
from proofs_checks.proof import Flow
from tests.proofs_checks.residual_vectors import run, unit
from theory.models import catalogue


@pytest.mark.slow
@pytest.mark.parametrize("name", ["nGPT", "peri-LN"])
def test_nearly_opposite_tokens_undo_it(name):
    """At β = 0 ε' = cos ε/r, at β > 0 nothing in the limit: the bound 1/8 has no β_m."""
    found = opposite_pair(Flow.of(catalogue(name)), None, Budget(1, np.random.default_rng(0)))
    assert found is not None
    for hot, tilt in ((0.5, 1e-6), (0.05, 1e-12)):
        start = np.array([[np.sin(tilt), np.cos(tilt)], [np.sin(tilt), -np.cos(tilt)]])
        ends = []
        for heat in (hot, 0.0):
            (_, end), *_ = [*run(start, heat, divided=True, steps=2000)][-1:]
            ends.append(unit(end))
        assert ends[1][0, 0] > np.sin(0.5) and abs(ends[0][0, 0]) < 1e-3


@pytest.mark.parametrize("name", ["SA", "pre-LN"])
def test_other_models_have_no_such_pair(name):
    budget = Budget(1, np.random.default_rng(0))
    assert opposite_pair(Flow.of(catalogue(name)), None, budget) is None


@pytest.mark.parametrize(
    ("name", "word", "says"),
    [
        ("nGPT", "REFUTED", "with no f(β) -> 0"),
        ("pre-LN", "REFUTED", "more than any f as ρ -> 0"),
        ("CoD", "PROVED", "|β|/2"),
    ],
)
def test_flows_part_by_a_multiple_of_the_heat_or_not(name, word, says):
    """(4.4) says that they part by O(β) up to each time; the runs above part by 1/4 at any β."""
    evidence = check_model(catalogue(name), only="(4.4)")["(4.4)"]
    assert evidence.word == word and says in evidence.detail
