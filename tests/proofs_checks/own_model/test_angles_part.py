"""(6.9), (6.10), Theorem 6.8 beside lengths, masses, a second species; by hand and by numbers."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from sympy import DiagMatrix, MatrixSymbol, Symbol, exp, lambdify, simplify

from numerics.compile import compile_model
from proofs_checks import Verdict, check_model
from proofs_checks.proof import Flow
from theory.models import PRE_LN, catalogue
from theory.symbols import X, beta, gamma, n, r

ODE, THEOREM = "equiangular ODE", "Theorem 6.8"


def test_the_equations_of_pre_ln_are_those_by_hand():
    reduced, _ = Flow.of(PRE_LN).equal_angles
    total = exp(beta) + (n - 1) * exp(beta * gamma)
    length = Symbol("r", positive=True)
    angle = 2 * (1 - gamma) * ((n - 1) * gamma + 1) * exp(beta * gamma) / total
    growth = (exp(beta) + (n - 1) * gamma * exp(beta * gamma)) / total
    found = {str(symbol): rate for symbol, rate in reduced.rhs.items()}
    found = {
        k: v.subs({s: length for s in v.free_symbols if str(s) == "r"}) for k, v in found.items()
    }
    assert simplify(found["gamma"] - angle / length) == 0 and simplify(found["r"] - growth) == 0


@pytest.mark.every(2)
@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("pre-LN", "equal angles and equal r stay equal, γ' = "),
        ("mix-LN", "equal angles and equal r stay equal, γ' = "),
        ("moving masses", "equal angles and equal m stay equal, γ' = "),
        ("encoder-decoder", "equal angles of X, Y, and between them, stay equal, γ' = "),
    ],
)
def test_equal_angles_stay_equal_beside_other_blocks(name, said):
    evidence = check_model(catalogue(name), only=ODE)[ODE]
    assert evidence.verdict is Verdict.PROVED and evidence.sentence.startswith(said)
    assert ("r' = " in evidence.sentence) is (name in ("pre-LN", "mix-LN"))


def orthonormal(lengths, hot=1.5):
    state = {"X": np.eye(3), "r": np.array(lengths, dtype=float)[:, None]}
    moves = compile_model(PRE_LN, beta=hot).unchecked(state)["X"]
    rates = moves @ np.eye(3) + np.eye(3) @ moves.T
    return rates[[0, 0, 1], [1, 2, 2]]


def test_lengths_have_to_be_equal():
    equal = orthonormal([2, 2, 2])
    rate = Flow.of(PRE_LN).equal_angles[0].rate
    symbols = {str(s): s for s in rate.free_symbols}
    value = lambdify([symbols[name] for name in ("gamma", "n", "beta", "r")], rate)(0, 3, 1.5, 2)
    assert np.allclose(equal, value)
    assert np.allclose(orthonormal([1, 2, 4]), [0.231, 0.193, 0.116], atol=5e-4)


@pytest.mark.slow
@pytest.mark.parametrize("name", ["pre-LN", "moving masses", "long context"])
def test_orthonormal_tokens_meet(name):
    evidence = check_model(catalogue(name), only=THEOREM)[THEOREM]
    assert evidence.verdict is Verdict.PROVED and evidence.sentence.endswith(", γ -> 1")
    assert ("existence" in evidence.scope) is (name == "pre-LN")


@pytest.mark.slow
@pytest.mark.parametrize("name", ["nGPT", "sink", "softmax-off-by-one", "Sinkhorn"])
def test_orthonormal_tokens_meet_of_other_weights(name):
    evidence = check_model(catalogue(name), only=THEOREM)[THEOREM]
    assert evidence.verdict is Verdict.PROVED and evidence.sentence.endswith(", γ -> 1")


@pytest.mark.slow
def test_a_window_and_coordinates_part_orthonormal_tokens():
    """Of three tokens a window of 2 hides none; features go by coordinates, not along the axes."""
    hidden, turned = (
        check_model(catalogue(name), only=THEOREM)[THEOREM]
        for name in ("window", "positive features")
    )
    assert hidden.verdict is turned.verdict is Verdict.REFUTED and hidden.scope["n"] == "4"
    start = np.eye(3) - np.outer([1, 2, 3], [1, 2, 3]) / 7
    assert "beta = 5/4" in turned.detail
    hot = 1.25 * start
    feature = np.maximum(hot, 0) + np.exp(-np.maximum(-hot, 0))
    weights = feature @ feature.T
    pull = weights / weights.sum(axis=1, keepdims=True) @ start
    move = pull - (pull * start).sum(axis=1, keepdims=True) * start
    rates = move @ start.T + start @ move.T
    assert f"<x_1,x_2>' = {rates[0, 1]:.6g}, <x_1,x_3>' = {rates[0, 2]:.6g}" in turned.detail


@pytest.mark.parametrize("name", ["encoder-decoder", "causal + pre-LN", "bipartite + pre-LN"])
def test_angles_that_part(name):
    evidence = check_model(catalogue(name), only=THEOREM)[THEOREM]
    assert evidence.verdict is Verdict.REFUTED and "orthonormal tokens: at t = 0" in evidence.detail


def test_a_species_at_the_first_token_parts_it_from_the_others():
    """The rates of the witness, by hand: orthonormal X, Y twice at x_1."""
    hot = 3 / 2
    weight = np.exp(hot) + 2
    assert "<x_1,x_2>' = 1.30856, <x_2,x_3>' = 0.308562" in (
        check_model(catalogue("encoder-decoder"), only=THEOREM)[THEOREM].detail
    )
    assert np.isclose(2 / weight, 0.308562, atol=1e-6)


def test_speeds_by_label_part_equal_angles():
    label = MatrixSymbol("w", n, 1)
    own = {X: DiagMatrix(label) * PRE_LN.velocities[X], r: PRE_LN.velocities[r]}
    twin = replace(PRE_LN, name="twin", velocity=own, parameters=(beta, label))
    for row in (ODE, THEOREM):
        assert check_model(twin, only=row)[row].verdict is not Verdict.PROVED


def test_repelling_tokens_dont_meet():
    own = {X: -PRE_LN.velocities[X], r: PRE_LN.velocities[r]}
    twin = replace(PRE_LN, name="away", velocity=own)
    assert check_model(twin, only=THEOREM)[THEOREM].verdict is not Verdict.PROVED
