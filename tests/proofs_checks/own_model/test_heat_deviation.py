"""(4.4) and (4.5) of other weights, along pairs of runs, and models without such a bound."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from sympy import DiagMatrix, Max, exp, lambdify

from numerics.compile import compile_model
from numerics.sphere import random_points
from proofs_checks import Verdict, check_model
from proofs_checks.own_model.heat_deviation import DEVIATION, derive_parting
from proofs_checks.proof import Flow
from theory.atoms import Elementwise, RowSoftmax, Tangent, row_normalised
from theory.models import SA, Model, catalogue
from theory.symbols import X, beta, m, n, t, z
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


@pytest.mark.parametrize(
    ("name", "bound"),
    [
        ("sigmoid", "beta*(exp_bias + 1)*(exp(2*exp_bias*t/(exp_bias + 1)) - 1)/(8*exp_bias)"),
        ("summed sigmoid", "beta*(n + 1)*(exp(2*n*t/(n + 1)) - 1)/8"),
        ("linear", "beta*t"),
        ("ReLU", "beta*t"),
    ],
)
def test_weights_that_are_not_divided_move_by_their_steepest_slope(name, bound):
    """sup σ' = 1/4, and n/4 of n σ(u - log n); of z and its positive part 1, from a field 0."""
    evidence = DEVIATION.ask(Flow.of(catalogue(name)))
    assert evidence.verdict is Verdict.PROVED and f"part by {bound} at most" in evidence.sentence


def test_kernels_of_another_shape_are_left_alone():
    """e^{u²}, u², |u|: no such slope is read; -u starts at 0, and u - 1 repels at β = 0."""
    for body in (beta**2 * z**2, exp(beta**2 * z**2), beta * z - 1, Max(beta * z, 0) ** 2):
        field = Tangent(X, Elementwise(body, X * X.T) * DiagMatrix(m) * X)
        model = Model("own", field, parameters=(beta,))
        assert derive_parting(Flow.of(model)) is None, body


@pytest.mark.parametrize(
    ("name", "hot"),
    [("RoPE", 2.0), ("causal", 4.0), ("CoD", 1.0), ("ReLU", 0.5), ("summed sigmoid", 0.5)],
)
def test_pairs_of_runs_stay_within_it_and_start_at_a_tenth_of_it_or_more(name, hot):
    rng, step, model = np.random.default_rng(1), 4e-3, catalogue(name)
    more = {"base": 100.0} if name == "RoPE" else {}
    warm, cold = (compile_model(model, beta=b, **more) for b in (hot, 0.0))
    bound = lambdify(t, derive_parting(Flow.of(model)).bound.subs({beta: hot, n: 4}))
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


def features(first, second):
    field = row_normalised(Elementwise(first, X) * Elementwise(second, X).T, m) * X
    return Model("own", Tangent(X, field), parameters=(beta,))


def test_positive_features_part_by_the_slope_of_the_keys_logarithm():
    """A row's weights are ratios of ψ(x_j): e^{2βz} beside e^{βz} counts as a key alone."""
    said = "part by beta*(exp(2*t) - 1)/2 at most"
    assert said in asked("positive features", "(4.4)").sentence
    assert said in asked(features(exp(2 * beta * z), exp(beta * z)), "(4.4)").sentence
    fast = features(exp(beta * z), exp(2 * beta * z))
    assert "part by beta*(exp(2*t) - 1) at most" in asked(fast, "(4.4)").sentence


@pytest.mark.parametrize("body", [exp((1 + beta) * z), 1 + beta * z], ids=str)
def test_features_that_move_at_rest_or_vanish_have_no_such_bound(body):
    """e^{(1+β)z} isn't constant at β = 0; 1 + βz is 0 somewhere from β = 1 on."""
    assert derive_parting(Flow.of(features(body, body))) is None


def test_runs_of_features_part_less():
    rng, step = np.random.default_rng(0), 0.01
    for hot in (0.2, 1.0):
        fields = [compile_model(catalogue("positive features"), beta=b) for b in (hot, 0.0)]
        states = [random_points(3, 2, rng)] * 2
        for count in range(1, 100):
            states = [x + step * f(x) for x, f in zip(states, fields, strict=True)]
            states = [x / np.linalg.norm(x, axis=1, keepdims=True) for x in states]
            apart = np.linalg.norm(states[0] - states[1], axis=1).max()
            assert apart <= hot * (np.exp(2 * step * count) - 1) / 2 * (1 + 2e-2)
