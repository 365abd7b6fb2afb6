"""Remark 6.2 for every model: which measures aren't invariant, with traces by differences."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from sympy import Matrix, sin

from numerics.compile import compile_model
from proofs_checks import Verdict, check_model
from proofs_checks.own_model.invariant_measures import divergence
from proofs_checks.proof import Flow
from theory.atoms import Tangent
from theory.models import SA, Model, catalogue
from theory.symbols import V, X, beta, d, n, t

ROW = "Remark 6.2"


def asked(model, **given):
    model = catalogue(model) if isinstance(model, str) else model
    return check_model(model, only=ROW, **given)[ROW]


@pytest.mark.every(3)
@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("pre-LN", "no finite measure with a density on the states is invariant, as E climbs"),
        ("causal", "no finite measure with a density is invariant: d >= 2: from almost every"),
        ("RoPE", "no finite measure with a positive density is invariant: from an open hemi"),
        ("encoder-decoder", "no measure with a positive smooth density is invariant: div F = "),
    ],
)
def test_what_is_shown_is_said(name, said):
    evidence = asked(name)
    assert evidence.verdict is Verdict.PROVED and evidence.sentence.startswith(said)


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("repulsive", "div F = (d - 1)*(n - 1) > 0 at consensus"),
        ("ReLU", "both rest, an open set of states"),
        ("graph", "W = I: tokens see themselves alone"),
        pytest.param("low-rank heads", "V_1 = 0, V_2 = 0: no token", marks=pytest.mark.slow),
    ],
)
def test_what_stays_refutes(name, shown):
    evidence = asked(name)
    assert evidence.verdict is Verdict.REFUTED and shown in evidence.detail
    assert evidence.sentence.startswith("no smooth measure is invariant")


@pytest.mark.parametrize("factor", [1 + sin(t), 1 / (1 - t)])
def test_a_flow_at_a_pace_keeps_what_it_keeps_in_its_own_time(factor):
    evidence = asked(replace(SA, velocity=Tangent(X, factor * SA.velocity.field)))
    assert evidence.verdict is Verdict.PROVED and "a density on the states" in evidence.sentence


def test_of_three_tokens_almost_every_start_is_in_a_hemisphere():
    circle = Matrix([[1, 1, 0], [0, 1, 1], [1, 0, 1]])
    evidence = asked("graph", W=circle)
    assert evidence.sentence.startswith("no finite measure with a density is invariant")
    assert evidence.scope["d"] == ">= 3" and evidence.sheet.typed


def test_a_rotation_keeps_the_uniform_measure():
    """x_i' = P_i V x_i, V antisymmetric: nothing is shown for every V."""
    turning = Model("turning", Tangent(X, X * V.T), parameters=(V,))
    assert asked(turning).verdict is not Verdict.PROVED


@pytest.mark.parametrize("name", ["encoder-decoder", "positive features", "Sinkhorn"])
def test_the_divergence_is_that_of_differences(name):
    model, size, step = catalogue(name), 3, 1e-5
    trace = divergence(Flow.of(model))
    other = next((b.symbol for b in model.blocks[1:]), None)
    field = compile_model(model, beta=1.5)
    sizes = {X: size, **({} if other is None else {other: 2})}
    total = 0.0
    for moved, count in sizes.items():
        for row in range(count):
            for axis in (1, 2):
                state = {str(s): np.tile([1.0, 0, 0], (k, 1)) for s, k in sizes.items()}
                state[str(moved)][row, [0, axis]] = np.cos(step), np.sin(step)
                found = field.unchecked(state if other is not None else state["X"])
                found = found[str(moved)] if other is not None else found
                total += found[row, axis] / step
    length = {} if other is None else {other.shape[0]: 2}
    wanted = trace.subs({n: size, d: 3, beta: 1.5, **length})
    assert total == pytest.approx(float(wanted), rel=1e-3)
