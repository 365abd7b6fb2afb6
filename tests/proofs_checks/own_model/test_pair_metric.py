"""Remark 3.8 and (7.1) on measures, against velocities in numbers, and broken twins."""

from __future__ import annotations

import numpy as np
import pytest
from sympy import DiagMatrix, MatrixSymbol, exp

from numerics.compile import compile_model
from proofs_checks import Verdict, check_model
from theory.atoms import Elementwise, RowSoftmax, Tangent
from theory.models import Model, catalogue
from theory.symbols import X, beta, d, m
from theory.weights import SinkSoftmax

ROWS = ["Remark 3.8", "(7.1) continuity"]


def found(model, **given):
    model = catalogue(model) if isinstance(model, str) else model
    return check_model(model, only=ROWS, **given)


def words(model):
    return [row.evidence.verdict and row.evidence.verdict.name for row in found(model).rows]


@pytest.mark.slow
@pytest.mark.parametrize("name", ["nGPT", "sink", "softmax-off-by-one", "moving masses"])
def test_speeds_that_two_equal_tokens_share_keep_the_remark(name):
    assert words(name) == ["PROVED", "PROVED"]


@pytest.mark.slow
@pytest.mark.parametrize("name", ["pre-LN", "peri-LN", "LNS with scores", "sigmoid + pre-LN"])
def test_lengths_undo_it(name):
    assert words(name) == ["REFUTED", "PROVED"]
    assert "w_2/w_1 = 2" in found(name)["Remark 3.8"].detail


@pytest.mark.slow
@pytest.mark.parametrize("name", ["causal", "window", "ALiBi", "graph", "RoPE"])
def test_neither_speaks_of_tokens_with_labels(name):
    assert words(name) == [None, None]


@pytest.mark.parametrize("name", ["positive features", "cross-attention", "MLP block"])
def test_no_metric_is_spoken_of_without_an_energy_of_pairs(name):
    assert words(name)[0] is None


def _speeds(name, x, masses):
    """w_i where x_i' = (1/w_i) P_i Σ m_j e^{<x_i,x_j>} x_j, off velocities of two places."""
    model = catalogue(name)
    run = compile_model(model, masses=masses, **{str(p): 1.0 for p in model.parameters})
    velocity = run.unchecked(x)
    pull = (np.exp(x @ x.T) * masses) @ x
    pull -= (pull * x).sum(1, keepdims=True) * x
    return np.linalg.norm(pull, axis=1) / np.linalg.norm(velocity, axis=1)


@pytest.mark.parametrize("name", ["nGPT", "sink"])
def test_weights_agree_for_two_equal_masses_and_for_no_others(name):
    rng = np.random.default_rng(2)
    x = np.array([[1, 0], [0.6, 0.8]])
    one, two = _speeds(name, x, np.array([0.5, 0.5]))
    assert one == pytest.approx(two)
    for masses in (np.array([0.3, 0.7]), rng.uniform(0.1, 1, 2)):
        one, two = _speeds(name, x, masses)
        assert abs(one - two) > 1e-2
    one, two, _ = _speeds(name, np.vstack([x, x[1]]), np.full(3, 1 / 3))
    assert abs(one - two) > 1e-2


@pytest.mark.parametrize("name", ["nGPT", "peri-LN", "CoD", "sink"])
def test_angles_move_by_the_convolution(name):
    rng, model, hot = np.random.default_rng(5), catalogue(name), 1.5
    angles, masses, r = rng.uniform(0, 6, 4), np.full(4, 0.25), rng.uniform(0.5, 2, (4, 1))
    x = np.stack([np.cos(angles), np.sin(angles)], 1)
    along = np.stack([-x[:, 1], x[:, 0]], 1)
    run = compile_model(model, masses=masses, **{str(p): hot for p in model.parameters})
    lengths = len(model.blocks) > 1
    velocity = run.unchecked({"X": x, "r": r})["X"] if lengths else run.unchecked(x)
    apart = angles[:, None] - angles
    slope = -(masses * np.exp(hot * np.cos(apart)) * np.sin(apart)).sum(1)
    sums = (masses * np.exp(hot * np.cos(apart))).sum(1)
    mean = np.linalg.norm((masses * np.exp(hot * np.cos(apart))) @ x, axis=1) / sums
    weights = {
        "nGPT": sums * mean / hot,
        "peri-LN": sums * mean * r[:, 0],
        "CoD": sums,
        "sink": sums + np.exp(hot) / 4,
    }
    assert (velocity * along).sum(1) * weights[name] == pytest.approx(slope)


_SOFT = RowSoftmax(beta * X * X.T, m)


def _own(field, *more):
    return Model("own", Tangent(X, field), parameters=(beta, *more))


def test_a_speed_that_goes_by_the_place_or_the_mass_isnt_one_factor():
    u = MatrixSymbol("u", d, 1)
    field = DiagMatrix(Elementwise(exp, X * u)) * _SOFT * X
    assert words(_own(field, u)) == [None, "REFUTED"]  # turned tokens move otherwise
    heavy = _own(DiagMatrix(m) * _SOFT * X)
    assert words(heavy)[0] != "PROVED"  # w_i = Z_i/m_i: two equal masses alone
    assert "/m_i = Σ_j" in found(heavy)["(7.1) continuity"].sentence


def test_a_sink_that_undoes_the_sum_isnt_proved():
    near = SinkSoftmax(beta * X * X.T, m, -(X * MatrixSymbol("u", d, 1)))
    assert "PROVED" not in words(_own(near * X, MatrixSymbol("u", d, 1)))


def test_weights_that_dont_vary_say_nothing():
    row = found("nGPT", beta=0)["Remark 3.8"]
    assert row.verdict is not Verdict.PROVED


def test_a_free_value_matrix_refutes_it():
    field = _SOFT * X * MatrixSymbol("V", d, d)
    assert words(_own(field, MatrixSymbol("V", d, d)))[1] == "REFUTED"


@pytest.mark.slow
def test_long_context_has_a_convolution_at_every_exponent():
    row = found("long context")["(7.1) continuity"]
    assert row.verdict is Verdict.PROVED and "n" in row.scope
