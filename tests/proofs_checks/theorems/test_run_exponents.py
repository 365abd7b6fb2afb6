"""(6.1) for every model: exponents of runs of the compiled model, and clocks that undo them."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from sympy import DiagMatrix, HadamardPower, HadamardProduct, Piecewise, exp

from numerics.compile import compile_model
from proofs_checks import Verdict, check_model
from proofs_checks.propositions import Rel, Subject
from proofs_checks.theorems import Refusal, Theorem, apply, assume, run_exponent, settle, steps_of
from proofs_checks.theorems.consensus_modes import COUNTED
from proofs_checks.theorems.consensus_runs import GROWTH, LISTED, RUNS
from proofs_checks.theorems.engines import SIGNS
from proofs_checks.theorems.logic import part, together
from proofs_checks.theorems.run_exponents import in_step
from theory.atoms import Elementwise, RowSoftmax, Tangent
from theory.masks import Mask
from theory.models import PRE_LN, SA, catalogue
from theory.symbols import X, beta, m, r, t, z

ROW = "(6.1)"


def asked(model, **given):
    model = catalogue(model) if isinstance(model, str) else model
    return check_model(model, only=ROW, **given)[ROW]


@pytest.mark.every(2)
@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("pre-LN", "/∫_0^t 1/r_i -> 1 as"),
        ("mix-LN", "/∫_0^t (1 if t < τ, else 1/r_i) -> 1 as"),
        ("LNS", "/∫_0^t 1/(√(t + 1) r_i) -> 1 as"),
        ("CoD", "/∫_0^t 1/√(t + 1) -> 1 as"),
        ("nGPT", "/t -> α as"),
        ("causal", "there is c: c + 1 <= n and -log(max_j |x_j - z|)/t -> c/(c + 1) as"),
        ("causal + pre-LN", "/∫_0^t 1/r_i -> c/(c + 1) as"),
        ("bipartite", "/t -> 1 as t -> ∞ or -log(max_j |x_j - z|)/t -> 2 as"),
        ("softmax-off-by-one", "/t -> e^β/(e^β + 1/n) as"),
        ("ReLU", "/t -> max(β, 0) as"),
        ("RoPE", "c is the real part of an eigenvalue of u_i' = Σ_j q_ij (u_i - u_j)"),
        ("window + nGPT", "c is the real part of an eigenvalue of u_i' = Σ_j q_ij (u_i - u_j)"),
    ],
)
def test_the_exponent_is_the_models_own(name, said):
    evidence = asked(name)
    assert evidence.verdict is Verdict.PROVED and said in evidence.sentence
    assert evidence.sheet.typed and "x_j -> z" in evidence.scope["given"]


def test_several_species_have_their_modes_listed():
    evidence = asked("encoder-decoder")
    assert evidence.verdict is Verdict.PROVED and evidence.sheet.typed
    assert "the eigenvalue -2 is counted (d - 1) (n - 1) times" in evidence.sentence


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


@pytest.mark.parametrize("name", ["repulsive", "strictly causal + pre-LN"])
def test_other_models_are_left(name):
    """What repels; scores that a time enters; a token that sees nobody keeps its length."""
    assert asked(name).verdict is not Verdict.PROVED


@pytest.mark.parametrize("mask", [None, Mask.causal()])
def test_weights_that_jump_at_consensus_have_other_modes_there(mask):
    """k(g) = 1, but 2 at g = 1: consensus is linearised with 2, and runs have the exponent 1."""
    weights = Elementwise(Piecewise((1, z < 1), (2, True)), X * X.T)
    weights = weights if mask is None else HadamardProduct(mask, weights)
    velocity = Tangent(X, weights * DiagMatrix(m) * X)
    own = replace(SA, name="jump", velocity=velocity, energy=None, metric=None)
    assert asked(own).verdict is not Verdict.PROVED


def test_runs_under_a_window_have_an_eigenvalue_of_the_weights():
    """nGPT divides by |A_i|, which is 1 at consensus; a window of 2 among 6 tokens."""
    field = compile_model(catalogue("window + nGPT"), beta=1.0, alpha=1.5)
    seen = np.abs(np.subtract.outer(np.arange(6), np.arange(6))) <= 2
    rows = seen / seen.sum(axis=1, keepdims=True)
    modes = np.linalg.eigvals(1.5 * (np.eye(6) - rows)).real
    angles = np.random.default_rng(1).uniform(-0.8, 0.8, 6)
    sizes = run(field, {"X": np.stack([np.cos(angles), np.sin(angles)], axis=1)}, 16, 5e-2)
    (early, first), (late, last) = sizes[200], sizes[-1]
    assert min(abs((first - last) / (late - early) - modes)) < 0.01


def test_lengths_grow_in_step_where_they_are_of_one_rate():
    assert isinstance(in_step(Subject.of(PRE_LN)), Theorem)
    for twin in (exp(-t) * PRE_LN.velocities[r], DiagMatrix(r) * PRE_LN.velocities[r]):
        own = {**PRE_LN.velocities, r: twin}
        assert isinstance(in_step(Subject.of(replace(PRE_LN, name="twin", velocity=own))), Refusal)


def steps_by(rule, name):
    found = run_exponent(Subject.of(catalogue(name))).found
    return next(one for one in steps_of(found) if one.by is rule)


@pytest.mark.parametrize(("rule", "name"), [
    (GROWTH, "pre-LN"), (RUNS, "pre-LN"), (LISTED, "nGPT"), (LISTED, "causal"),
])  # fmt: skip
def test_every_premise_is_needed(rule, name):
    """Dropped, exchanged for another, of another model, or weaker."""
    twin = "causal + pre-LN" if rule is LISTED else "sigmoid + pre-LN"
    own, other = steps_by(rule, name), steps_by(rule, twin)
    assert apply(rule, *own.premises, **own.parameters).says == own.says
    for place, premise in enumerate(own.premises):
        rest = own.premises[:place], own.premises[place + 1 :]
        for facts in ((*rest[0], *rest[1]), (*rest[0], own.premises[place - 1], *rest[1])):
            assert isinstance(apply(rule, *facts, **own.parameters), Refusal)
        foreign = other.premises[min(place, len(other.premises) - 1)]
        mixed = apply(rule, *rest[0], foreign, *rest[1], **own.parameters)
        assert isinstance(mixed, Refusal) or foreign.says == premise.says
        if isinstance(premise.says, Rel) and premise.says.op == "<":
            less = assume(Rel("<=", *premise.says.args[1:]))
            assert isinstance(apply(rule, *rest[0], less, *rest[1], **own.parameters), Refusal)


def test_a_sign_of_some_places_is_not_of_all():
    own = steps_by(LISTED, "causal")
    *rest, sign = own.premises
    local = apply(together, sign, assume(Rel("<", COUNTED, 3)))
    assert isinstance(apply(LISTED, *rest, apply(part, local, place=0), **own.parameters), Refusal)


@pytest.mark.parametrize("speed", [exp(z), 1 + z, z**2])
def test_only_powers_of_lengths_forget_their_differences(speed):
    front = DiagMatrix(Elementwise(speed, r))
    own = {**PRE_LN.velocities, X: Tangent(X, front * SA.velocity.field)}
    found = run_exponent(Subject.of(replace(PRE_LN, name="twin", velocity=own)))
    assert (found is not None) == (speed == z**2)


@pytest.mark.parametrize(
    ("number", "shown"),
    [
        (exp(beta) - exp(-beta), True),
        (beta**2 + exp(3 * beta) - 1, True),
        (exp(beta) - 2, False),  # below 0 at first
        (exp(beta) - 1 - beta, False),  # true, and its slope is no sum of positive terms
        (exp(beta) - exp(-beta) - 3 * beta, False),  # falls at first
        (exp(1 / beta) - 1, True),  # no value at 0, which is left out
    ],
)
def test_sums_of_exponentials_that_grow_from_0_are_positive(number, shown):
    above, least = Rel("<", 0, beta), Rel("<=", 0, beta)
    says = Rel("<", 0, number)
    assert isinstance(settle(SIGNS, says, assume(above)), Theorem) is shown
    assert isinstance(settle(SIGNS, says, assume(least)), Refusal), "0 at β = 0"
    values = [number.subs(beta, value).evalf() for value in (0.01, 0.3, 1, 4)]
    assert not shown or min(values) > 0
