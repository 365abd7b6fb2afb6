"""Tokens under a causal mask follow the first one, measured along runs; what is said of others."""

from __future__ import annotations

import numpy as np
import pytest
from sympy import S, exp

from numerics.compile import compile_model
from numerics.integration import integrate
from numerics.sphere import project, random_points
from proofs_checks.claim import Budget, Verdict
from proofs_checks.literature.karagodin_2411_04990.theorem_4_1_leader import (
    APPROACH,
    CAUSAL_QK,
    LEADER,
    RATE,
    STRICT_QK,
    THEOREM_4_1,
)
from proofs_checks.proof import Flow
from theory import catalogue
from theory.atoms import Tangent
from theory.models import CAUSAL, SA, USA, Model
from theory.symbols import X, t


def given(model, rng, count=5, width=3):
    """Field at drawn β, Q, K, and drawn tokens."""
    values = {"beta": 1.5, "Q": rng.normal(size=(2, width)), "K": rng.normal(size=(2, width))}
    named = {str(p): values[str(p)] for p in model.parameters}
    return compile_model(model, **named), random_points(count, width, rng)


@pytest.mark.slow
@pytest.mark.parametrize("model", [CAUSAL, CAUSAL_QK, STRICT_QK], ids=lambda model: model.name)
def test_every_token_tends_to_the_first(model):
    for seed in range(3):
        field, points = given(model, np.random.default_rng(seed))
        run = integrate(field, points, 400.0, rtol=1e-8)
        assert np.abs(run.points[-1] - points[0]).max() < 1e-6


@pytest.mark.every(3)
@pytest.mark.parametrize("name", ["ALiBi", "RoPE", "sink", "softmax-off-by-one", "sigmoid"])
def test_positions_and_other_weights_follow_as_well(name):
    model = catalogue(f"causal + {name}")
    assert LEADER.ask(Flow.of(model)).verdict is Verdict.PROVED
    assert APPROACH.ask(Flow.of(model)).verdict is Verdict.UNDECIDED  # rates are others
    values = {str(p): 0.8 for p in model.parameters}
    points = random_points(4, 4, 7)
    run = integrate(compile_model(model, **values), points, 600.0, rtol=1e-8)
    assert np.abs(run.points[-1] - points[0]).max() < 1e-6


def test_weights_of_either_sign_are_not_judged():
    assert LEADER.ask(Flow.of(catalogue("causal + linear"))).verdict is Verdict.UNDECIDED


def test_the_opposite_point_is_the_exception_and_repels():
    field = compile_model(CAUSAL, beta=1.0)
    opposite = np.array([[1.0, 0.0], [-1.0, 0.0]])
    assert np.abs(field(opposite)).max() < 1e-15
    near = project(opposite + np.array([[0.0, 0.0], [0.0, 1e-6]]))
    assert np.abs(integrate(field, near, 200.0).points[-1] - near[0]).max() < 1e-6


def test_differences_are_k_minus_one_fold():
    rng = np.random.default_rng(4)
    start = project(np.array([1.0, 0.0, 0.0]) + 0.2 * rng.normal(size=(4, 3)))
    end = integrate(compile_model(CAUSAL, beta=0.7), start, 44.0, rtol=1e-12).points[-1]
    apart = end - end[0]
    assert np.allclose(apart, np.outer([0, 1, 2, 3], apart[1]), atol=2e-2 * np.abs(apart[1]).max())


def test_a_schedule_is_a_change_of_time():
    slowed = CAUSAL.velocity.field
    paced = Model("paced", Tangent(X, (1 / (1 + t)) * slowed))
    assert LEADER.ask(Flow.of(paced)).verdict is Verdict.PROVED
    faded = Model("faded", Tangent(X, exp(-t) * slowed))
    assert LEADER.ask(Flow.of(faded)).verdict is Verdict.UNDECIDED


@pytest.mark.parametrize("model", [SA, USA], ids=lambda model: model.name)
def test_nothing_is_said_without_a_mask(model):
    for statement in (LEADER, APPROACH):
        assert not statement.ask(Flow.of(model)).applies


def test_rate_grows_with_the_factor():
    doubled = CAUSAL.velocity.field * 2
    found = APPROACH.ask(Flow.of(Model("doubled", Tangent(X, doubled))))
    assert found.verdict is Verdict.PROVED and found.prediction.rate == S.One


@pytest.mark.every(4)
@pytest.mark.parametrize("seed", range(4))
def test_controls_at_every_seed(seed):
    for claim in (THEOREM_4_1, RATE):
        for control in claim.controls:
            twin = claim.twin(control)
            budget = Budget(2, np.random.default_rng(seed))
            assert twin.check(twin.model, twin.prediction, budget).verdict is Verdict.REFUTED
