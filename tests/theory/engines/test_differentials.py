"""Differentials of matrix expressions against central differences."""

import math

import numpy as np
import pytest
from sympy import (
    DiagMatrix,
    Function,
    HadamardProduct,
    Identity,
    MatrixSymbol,
    OneMatrix,
    Rational,
    Symbol,
    Trace,
    exp,
    sin,
    tanh,
)

from theory.atoms import Elementwise, RowNormalize, RowSoftmax, Tangent
from theory.energy import ENERGY
from theory.engines.differentials import differential
from theory.engines.evaluator import Evaluator
from theory.layers import DISCRETE_SA
from theory.models import CAUSAL, SA, SINKHORN, USA
from theory.norms import LayerNorm
from theory.symbols import V, X, beta, d, eta, m, n, z

U = MatrixSymbol("U", n, d)
RNG = np.random.default_rng(5)
POINTS = RNG.normal(size=(4, 3))
DIRECTION = RNG.normal(size=(4, 3))
NUMBERS = {beta: 1.3, eta: 0.4}
SHARE = Elementwise(exp(beta * z) + z**3, X * X.T)

CASES = {
    "SA": SA.velocity,
    "USA": USA.velocity,
    "causal": CAUSAL.velocity,
    "layer": DISCRETE_SA.velocity,
    "divided": Tangent(X, DiagMatrix(SHARE * m) ** -1 * SHARE * DiagMatrix(m) * X),
    "hadamard": HadamardProduct(X, Elementwise(sin, X)) * V.T,
    "power": (X.T * X) ** 3,
    "values": RowSoftmax(beta * X * V * X.T, m) * X * V.T,
    "layer norm": LayerNorm(X + X * V, eps=Rational(1, 10)) * V,
    "RMS norm": LayerNorm(X, MatrixSymbol("V", d, d) * OneMatrix(d, 1), eps=1, centred=False),
    "rows": RowNormalize(X * V + Elementwise(tanh, X)),
    "energy": ENERGY,
    "normal": DiagMatrix(SHARE * m) ** -2 * X,
}


def value(expr, points, direction=None):
    def apply(body, at):
        return float(body.subs(NUMBERS).subs(z, at))

    def scalar(expr):
        return float(expr.subs(NUMBERS))

    matrices = {
        X: points.tolist(),
        m: [[0.1], [0.4], [0.3], [0.2]],
        V: [[1.0, 0.2, -0.4], [0.5, 0.7, 0.1], [0.0, -0.6, 1.1]],
    }
    if direction is not None:
        matrices[U] = direction.tolist()
    return np.array(Evaluator(matrices, {n: 4, d: 3}, scalar, apply)(expr))


@pytest.mark.slow
@pytest.mark.parametrize("name", CASES)
def test_central_differences(name):
    expr, step = CASES[name], 1e-5
    exact = value(differential(expr, X, U), POINTS, DIRECTION)
    ahead, behind = (value(expr, POINTS + s * step * DIRECTION) for s in (1, -1))
    assert exact == pytest.approx((ahead - behind) / (2 * step), rel=2e-7, abs=2e-7)


def test_control_a_wrong_rule_is_seen():
    wrong = differential(USA.velocity, X, U).xreplace({beta: 2 * beta})
    step = 1e-5
    ahead, behind = (value(USA.velocity, POINTS + s * step * DIRECTION) for s in (1, -1))
    error = value(wrong, POINTS, DIRECTION) - (ahead - behind) / (2 * step)
    assert abs(error).max() > 1e-2


def test_evaluator_agrees_with_numpy():
    points = POINTS / np.linalg.norm(POINTS, axis=1, keepdims=True)
    masses = np.array([0.1, 0.4, 0.3, 0.2])
    weights = np.exp(1.3 * points @ points.T) * masses
    pull = weights / weights.sum(1, keepdims=True) @ points
    pull -= (pull * points).sum(1, keepdims=True) * points
    assert value(SA.velocity, points) == pytest.approx(pull, abs=1e-14)


def test_energy_differential_is_the_gradient():
    slope = value(differential(ENERGY, X, U), POINTS, DIRECTION)[0, 0]
    gradient = value(ENERGY.diff(X), POINTS)
    assert math.isclose(slope, (gradient * DIRECTION).sum(), rel_tol=1e-12)


def test_scalar_expressions():
    W = MatrixSymbol("W", n, d)
    assert differential(Trace(X.T * W) ** 2, X, U) == 2 * Trace(X.T * W) * Trace(U.T * W)
    assert differential(beta * Trace(W.T * X) + Symbol("c"), X, U) == beta * Trace(W.T * U)
    assert differential(m.T * m, X, U).is_ZeroMatrix


def test_errors_name_the_remedy():
    with pytest.raises(ValueError, match="Expected a direction"):
        differential(X, X, V)
    with pytest.raises(NotImplementedError, match="differentiate numerically"):
        differential(SINKHORN.velocity, X, U)
    with pytest.raises(NotImplementedError, match="numerics"):
        Evaluator({X: POINTS.tolist()}, {n: 4, d: 3})(MatrixSymbol("W", d, d))


def test_general_kernel():
    h = Function("h")
    moved = differential(Elementwise(h(z), X * X.T), X, U)
    assert moved == HadamardProduct(Elementwise(h(z).diff(z), X * X.T), U * X.T + X * U.T)


@pytest.mark.parametrize("matrix", [OneMatrix(n, d), Identity(d)], ids=str)
def test_a_size_without_a_number_is_named(matrix):
    with pytest.raises(ValueError, match="Expected sizes with numbers but got shape"):
        Evaluator({}, {n: 2})(matrix)
