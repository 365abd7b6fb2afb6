"""(4.4) and (4.5) of any softmax, watched along pairs of runs, and models without such a bound."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from sympy import exp, lambdify

from numerics.compile import compile_model
from numerics.sphere import random_points
from proofs_checks import Verdict, check_model
from proofs_checks.own_model.heat_deviation import derive_parting
from proofs_checks.proof import Flow
from theory.atoms import RowSoftmax, Tangent
from theory.models import SA, catalogue
from theory.symbols import X, beta, m, t
from theory.weights import SinkSoftmax


def asked(model, row):
    model = catalogue(model) if isinstance(model, str) else model
    return check_model(model, only=row)[row]


@pytest.mark.parametrize("name", ["RoPE", "causal", "graph", "softmax-off-by-one"])
def test_a_softmax_of_any_sight_has_the_bound_of_sa(name):
    evidence = asked(name, "(4.4)")
    assert evidence.verdict is Verdict.PROVED and evidence.sheet.holds
    assert "part by beta*(exp(2*t) - 1)/2 at most" in evidence.sentence


def test_a_schedule_has_its_own_clock_and_heat():
    assert "beta*(exp(4*sqrt(t + 1) - 4) - 1)/2" in asked("CoD", "(4.4)").sentence
    evidence = asked("ALiBi", "(4.5)")
    assert evidence.verdict is Verdict.PROVED and "β <= 1/(4*exp(2*t) - 4)" in evidence.sentence


@pytest.mark.parametrize(("name", "hot"), [("RoPE", 2.0), ("causal", 4.0), ("CoD", 1.0)])
def test_pairs_of_runs_stay_within_it_and_start_at_a_tenth_of_it_or_more(name, hot):
    rng, step, model = np.random.default_rng(1), 4e-3, catalogue(name)
    more = {"base": 100.0} if name == "RoPE" else {}
    warm, cold = (compile_model(model, beta=b, **more) for b in (hot, 0.0))
    bound = lambdify(t, derive_parting(Flow.of(model)).bound.subs(beta, hot))
    closest = 0.0
    for _ in range(4):
        first = second = random_points(4, 2, rng)
        for k in range(60):
            first = first + step * warm.unchecked(first, k * step)
            second = second + step * cold.unchecked(second, k * step)
            first, second = (p / np.linalg.norm(p, axis=1, keepdims=True) for p in (first, second))
            apart = np.linalg.norm(first - second, axis=1).max()
            allowed = bound((k + 1) * step)
            assert apart <= allowed + 1e-3
            closest = max(closest, apart / allowed)
    assert closest > 0.1


@pytest.mark.parametrize("name", ["pre-LN", "peri-LN", "LNS"])
def test_short_lengths_undo_it(name):
    evidence = asked(name, "(4.4)")
    assert evidence.verdict is Verdict.REFUTED and "/ρ, more than any f" in evidence.detail


def test_the_velocities_differ_by_what_is_said():
    field = [compile_model(catalogue("pre-LN"), beta=b) for b in (1.0, 0.0)]
    state = {"X": np.eye(2), "r": np.full((2, 1), 0.01)}
    apart = field[0].unchecked(state)["X"] - field[1].unchecked(state)["X"]
    assert np.linalg.norm(apart[0]) == pytest.approx((np.e - 1) / (2 + 2 * np.e) / 0.01)


@pytest.mark.parametrize(
    "weights",
    [
        RowSoftmax((1 + beta) * X * X.T, m),  # weights that move at β = 0
        SinkSoftmax(beta * X * X.T, m, beta),  # β in the sink
        RowSoftmax(beta * (1 + t) * X * X.T, m),  # a range of scores that grows
        RowSoftmax(exp(beta) * X * X.T, m),
    ],
    ids=["warm", "sink", "clock", "exponential"],
)
def test_other_scores_have_no_such_bound(weights):
    twin = replace(SA, name="twin", velocity=Tangent(X, weights * X), energy=None)
    assert derive_parting(Flow.of(twin)) is None
