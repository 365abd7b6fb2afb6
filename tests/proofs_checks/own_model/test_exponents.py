"""(6.1) for every model: exponents of runs of the compiled model, and clocks that undo them."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from sympy import DiagMatrix, HadamardPower, exp

from numerics.compile import compile_model
from proofs_checks import Verdict, check_model
from theory.atoms import RowSoftmax, Tangent
from theory.models import PRE_LN, catalogue
from theory.symbols import X, beta, m, r, t

ROW = "(6.1)"


def asked(model, **given):
    model = catalogue(model) if isinstance(model, str) else model
    return check_model(model, only=ROW, **given)[ROW]


@pytest.mark.every(2)
@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("pre-LN", "is (1 + o(1)) ∫s dt, s = 1/r"),
        ("mix-LN", "is (1 + o(1)) ∫s dt, s = 1 while t < tau, then 1/r"),
        ("CoD", "is (1 + o(1)) ∫s dt, s = 1/sqrt(t + 1)"),
        ("nGPT", "is (c + o(1)) t, c = alpha"),
        ("causal", "is (c + o(1)) t, c one of (k - 1)/k, k = 2, ..., n"),
        ("bipartite", "is (c + o(1)) t, c one of 1, 2"),
        ("softmax-off-by-one", "is (c + o(1)) t, c = n*exp(beta)/(n*exp(beta) + 1)"),
        ("RoPE", "c the real part of one of the eigenvalues of u_i' = Σ_j p_ij (u_i - u_j)"),
    ],
)
def test_the_exponent_is_the_models_own(name, said):
    evidence = asked(name)
    assert evidence.verdict is Verdict.PROVED and said in evidence.sentence


def run(field, state, end, step=2e-2, track=lambda state: 1.0):
    """Integrate by Runge and Kutta; return sizes of x - x_1 and the clock at times."""
    clock, sizes = 0.0, []
    for k in range(int(end / step)):
        at = k * step

        def move(now, later):
            found = field.unchecked(now, later)
            return found if isinstance(found, dict) else {"X": found}

        def put(now, by, rate):
            return {key: now[key] + by * rate[key] for key in now}

        a = move(_of(state), at)
        b = move(_of(put(state, step / 2, a)), at + step / 2)
        c = move(_of(put(state, step / 2, b)), at + step / 2)
        e = move(_of(put(state, step, c)), at + step)
        clock += step * track(state) / 2
        state = {k: state[k] + step / 6 * (a[k] + 2 * b[k] + 2 * c[k] + e[k]) for k in state}
        state["X"] /= np.linalg.norm(state["X"], axis=1, keepdims=True)
        clock += step * track(state) / 2
        sizes.append((clock, np.log(np.linalg.norm(state["X"] - state["X"][0], axis=1).max())))
    return sizes


def _of(state):
    return state["X"] if set(state) == {"X"} else state


@pytest.mark.parametrize(("name", "rates"), [("causal", {2 / 3}), ("bipartite", {1.0, 2.0})])
def test_runs_have_one_of_the_rates(name, rates):
    field = compile_model(catalogue(name), beta=1.0)
    # Under causal sight token 2 begins where token 1 is, so that token 3 has its own rate, 2/3.
    start = np.array([[1.0, 0.1], [1.0, 0.1], [1.0, -0.3]] + [[1.0, 0.6]] * (name == "bipartite"))
    start /= np.linalg.norm(start, axis=1, keepdims=True)
    sizes = run(field, {"X": start}, 12, 5e-2)
    (early, first), (late, last) = sizes[160], sizes[-1]
    slope = (first - last) / (late - early)
    assert min(abs(slope - rate) for rate in rates) < 0.02


def test_lengths_run_in_their_own_clock():
    field = compile_model(PRE_LN, beta=1.0)
    start = np.array([[1.0, 0.1], [1.0, 0.6], [1.0, -0.3]])
    start /= np.linalg.norm(start, axis=1, keepdims=True)
    state = {"X": start, "r": np.array([[0.2], [0.1], [0.3]])}
    sizes = run(field, state, 60, 0.1, lambda state: 1 / state["r"].mean())
    (early, first), (late, last) = sizes[200], sizes[-1]
    assert (first - last) / (late - early) == pytest.approx(1, abs=0.02)


def test_lengths_in_the_scores_undo_it():
    """Scores β r_i r_j <x_i,x_j> grow as fast as tokens meet: weights don't settle."""
    speed = DiagMatrix(HadamardPower(r, -1))
    weights = RowSoftmax(beta * DiagMatrix(r) * X * X.T * DiagMatrix(r), m)
    own = {**PRE_LN.velocities, X: Tangent(X, speed * weights * X)}
    assert asked(replace(PRE_LN, name="twin", velocity=own)).verdict is not Verdict.PROVED


def test_lengths_that_stop_growing_are_no_clock():
    own = {**PRE_LN.velocities, r: exp(-t) * PRE_LN.velocities[r]}
    assert asked(replace(PRE_LN, name="twin", velocity=own)).verdict is not Verdict.PROVED


@pytest.mark.parametrize("name", ["repulsive", "causal + pre-LN"])
def test_other_models_are_left(name):
    assert asked(name).verdict is not Verdict.PROVED
