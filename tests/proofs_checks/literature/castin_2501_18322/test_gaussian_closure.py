"""Mean and covariance of Gaussian tokens, against quadrature, several heads and closed forms."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.integrate import solve_ivp
from sympy import Matrix, lambdify

from numerics.compile import compile_model
from numerics.integration import integrate
from proofs_checks.claim import Verdict
from proofs_checks.literature.castin_2501_18322.gaussian_closure import (
    CLOSED_FORMS,
    CLOSURE,
    GATHERING,
)
from proofs_checks.literature.castin_2501_18322.gaussian_tokens import GAUSSIAN_TOKENS
from proofs_checks.proof import Flow
from theory.atoms import RowSoftmax
from theory.derivations import COVARIANCE, MEAN, gaussian_closure
from theory.engines import Evaluator
from theory.models import CAUSAL, PURE_ATTENTION, SA, Model
from theory.symbols import K, Q, V, X, beta, d, k, m, t

NODES, WEIGHTS = np.polynomial.hermite_e.hermegauss(20)
GRID = np.stack(np.meshgrid(NODES, NODES, indexing="ij"), axis=-1).reshape(-1, 2)
MASSES = np.multiply.outer(WEIGHTS, WEIGHTS).ravel() / WEIGHTS.sum() ** 2

TWO_HEADS = Model(
    "two heads and a linear term",
    RowSoftmax(beta * X * X.T, m) * X * V.T - RowSoftmax(X * Q.T * K * X.T, m) * X + X * V,
    parameters=(beta, Q, K, V),
    space="euclidean",
)


@pytest.mark.parametrize("model", [PURE_ATTENTION, TWO_HEADS], ids=lambda model: model.name)
def test_moments_of_the_compiled_field(model):
    rng = np.random.default_rng(3)
    values = {name: 0.4 * rng.normal(size=(2, 2)) for name in ("Q", "K", "V")}
    mean, spread = rng.normal(size=2), np.array([[0.8, 0.0], [0.3, 0.6]])
    points = mean + GRID @ spread.T
    moved = compile_model(model, masses=MASSES, beta=0.5, **values)(points)
    closed = gaussian_closure(model)
    assert closed.proved
    entries = {
        MEAN: Matrix(mean),
        COVARIANCE: Matrix(spread @ spread.T),
        **{s: Matrix(values[str(s)]) for s in (Q, K, V)},
    }
    at = Evaluator(entries, {d: 2, k: 2}, lambda e: e.subs(beta, 0.5) if hasattr(e, "subs") else e)
    half = (MASSES[:, None] * moved).T @ (points - mean)
    assert np.allclose(np.array(at(closed.mean), dtype=float)[:, 0], MASSES @ moved, atol=1e-7)
    assert np.allclose(np.array(at(closed.covariance), dtype=float), half + half.T, atol=1e-7)


@pytest.mark.parametrize(("place", "sign"), [(0, 1), (1, -1)])
def test_closed_forms_solve_the_equations(place, sign):
    said = CLOSED_FORMS.prediction[place]
    start, average = sorted(
        (said.variance.free_symbols | said.mean.free_symbols) - {beta, t}, key=str
    )[::-1]
    law = lambdify((start, average, beta, t), (said.variance, said.mean))
    warm, first = 0.7, (0.6, 1.3)

    def slope(time, state):
        return [2 * sign * warm * state[0] ** 2, sign * (1 + warm * state[0]) * state[1]]

    run = solve_ivp(slope, (0, 0.9), first, rtol=1e-11, atol=1e-12)
    assert np.allclose(run.y[:, -1], law(*first, warm, 0.9), rtol=1e-8)


def test_matrices_follow_the_eigenvalues():
    """With V = 1, A = β: Σ_0 (1 - 2β Σ_0 t)^{-1} of a 2 x 2 covariance."""
    start = np.array([[0.4, 0.1], [0.1, 0.3]])

    def slope(time, state):
        now = state.reshape(2, 2)
        return (2 * now @ now).ravel()

    run = solve_ivp(slope, (0, 0.8), start.ravel(), rtol=1e-11, atol=1e-12)
    wanted = start @ np.linalg.inv(np.eye(2) - 1.6 * start)
    assert np.allclose(run.y[:, -1].reshape(2, 2), wanted, rtol=1e-8)
    assert CLOSURE.ask(Flow.of(GATHERING)).verdict is Verdict.PROVED


def test_drawn_tokens_leave_the_law():
    points = np.random.default_rng(0).normal(size=(300, 1))
    run = integrate(compile_model(GATHERING, beta=1.0), points, 0.45, t_eval=[0.0, 0.1, 0.45])
    seen = np.array([state.var() for state in run.points])
    said = seen[0] / (1 - 2 * seen[0] * run.times)
    assert abs(seen[1] / said[1] - 1) < 0.1 < abs(seen[2] / said[2] - 1)


@pytest.mark.parametrize("model", [SA, CAUSAL], ids=lambda model: model.name)
def test_nothing_is_said_on_the_sphere(model):
    found = CLOSURE.ask(Flow.of(model))
    assert not found.applies and "R^d" in found.detail
    with pytest.raises(ValueError, match="Expected tokens on R\\^d"):
        gaussian_closure(model)


def test_a_kernel_that_is_no_softmax_is_refused():
    odd = Model("linear", X * X.T * X, parameters=(), space="euclidean")
    with pytest.raises(ValueError, match="Expected heads"):
        gaussian_closure(odd)


def test_tokens_are_only_supported():
    assert GAUSSIAN_TOKENS.expected is Verdict.SUPPORTED
