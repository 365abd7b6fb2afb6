"""(4.5) of outputs that are divided by their length: nearly opposite tokens undo it."""

from __future__ import annotations

import numpy as np
import pytest

from proofs_checks import Budget
from proofs_checks.own_model.opposite_pair import opposite_pair
from proofs_checks.proof import Flow
from theory.models import catalogue


def outputs(vectors, hot, divided=False):
    """A_i of tokens v_i/|v_i|, masses 1/n, or A_i/|A_i|."""
    x = vectors / np.linalg.norm(vectors, axis=1, keepdims=True)
    weights = np.exp(hot * x @ x.T)
    out = weights / weights.sum(axis=1, keepdims=True) @ x
    return out / np.linalg.norm(out, axis=1, keepdims=True) if divided else out


def run(vectors, hot, pace=lambda time: 1.0, until=1.0, divided=False, steps=400):
    """Yield times and residual vectors, by the midpoint rule."""
    step = until / steps
    for count in range(steps):
        time = step * (count + 0.5)
        half = vectors + step / 2 * pace(time) * outputs(vectors, hot, divided)
        vectors = vectors + step * pace(time) * outputs(half, hot, divided)
        yield step * (count + 1), vectors


def unit(vectors):
    return vectors / np.linalg.norm(vectors, axis=1, keepdims=True)


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
