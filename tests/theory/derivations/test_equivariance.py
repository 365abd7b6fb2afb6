"""Equivariance proofs, cross-checked by evaluating the velocity at explicit permuted tokens."""

from itertools import permutations

import numpy as np
import pytest
from sympy import (
    DiagMatrix,
    HadamardPower,
    HadamardProduct,
    Identity,
    Inverse,
    MatAdd,
    MatMul,
    MatPow,
    MatrixSymbol,
    OneMatrix,
    Trace,
    Transpose,
    ZeroMatrix,
    exp,
    lambdify,
    sin,
)
from sympy.matrices.expressions.applyfunc import ElementwiseApplyFunction
from sympy.matrices.expressions.diagonal import DiagonalMatrix

from theory import (
    CAUSAL,
    DISCRETE_SA,
    PURE_ATTENTION,
    QKV,
    REPULSIVE,
    RESCALED_ATTENTION,
    SA,
    SINKHORN,
    SYMMETRIC_QKV,
    USA,
    Model,
    feed_forward,
    multi_head,
)
from theory.atoms import Elementwise, MaskedSoftmax, RowNormalize, RowSoftmax, Tangent
from theory.derivations.equivariance import is_permutation_equivariant, is_rotation_equivariant
from theory.engines import Rewriter
from theory.finite_sums import FiniteSum, Member
from theory.layers import HEAD
from theory.masks import Mask
from theory.symbols import K, Q, V, X, beta, d, heads, m, n, z

ISOTROPIC = [SA, USA, REPULSIVE, SINKHORN, DISCRETE_SA]
ANISOTROPIC = [
    QKV,
    SYMMETRIC_QKV,
    multi_head(2),
    multi_head(heads),
    feed_forward(),
    feed_forward(heads),
    PURE_ATTENTION,
    RESCALED_ATTENTION,
]


@pytest.mark.parametrize("model", ISOTROPIC + ANISOTROPIC, ids=lambda v: v.name)
def test_permutations(model):
    result = is_permutation_equivariant(model)
    assert result
    assert isinstance(result.residual, ZeroMatrix)
    assert result.residual.shape == (n, d)
    assert result.rules


@pytest.mark.parametrize("model", [*ISOTROPIC, CAUSAL], ids=lambda v: v.name)
def test_rotations(model):
    assert is_rotation_equivariant(model)


@pytest.mark.parametrize("model", ANISOTROPIC, ids=lambda v: v.name)
def test_constant_matrices_break_rotations(model):
    result = is_rotation_equivariant(model)
    assert not result
    assert result.residual.shape == (n, d)
    assert MatrixSymbol("R", d, d) in result.residual.free_symbols


def test_a_sum_of_isotropic_heads_is_isotropic():
    rate = Member("Q", n, d, HEAD)
    same = FiniteSum(RowSoftmax(beta * X * X.T, m) * X, heads, HEAD)
    assert is_rotation_equivariant(Model("same", Tangent(X, same), parameters=(beta, heads)))
    labelled = FiniteSum(RowSoftmax(X * rate.T, m) * X, heads, HEAD)
    broken = Model("labelled", Tangent(X, labelled), parameters=(rate, heads))
    assert not is_permutation_equivariant(broken)
    causal = FiniteSum(RowSoftmax(beta * X * X.T, m, Mask.causal()) * X, heads, HEAD)
    assert not is_permutation_equivariant(
        Model("masked", Tangent(X, causal), parameters=(beta, heads))
    )


def test_causal_mask_breaks_permutations():
    result = is_permutation_equivariant(CAUSAL)
    assert not result
    assert "MaskedSoftmax" in str(result.residual)


def test_fixed_weights_between_tokens_break_permutations():
    W = MatrixSymbol("W", n, n)
    assert not is_permutation_equivariant(Model("graph", Tangent(X, W * X), parameters=(W,)))
    assert is_rotation_equivariant(Model("graph", Tangent(X, W * X), parameters=(W,)))


def test_a_fixed_drift_breaks_rotations_only():
    b = MatrixSymbol("b", d, 1)
    model = Model("drift", Tangent(X, X + OneMatrix(n, 1) * b.T), parameters=(b,))
    assert is_permutation_equivariant(model)
    assert not is_rotation_equivariant(model)


def test_scalar_value_matrix_is_isotropic_but_the_scores_must_be_too():
    scalar = SYMMETRIC_QKV.subs({V: 3 * Identity(d)})
    assert is_rotation_equivariant(scalar)
    mixed = Model(
        "scores", Tangent(X, RowSoftmax(beta * X * Q.T * K * X.T, m) * X), parameters=(beta, Q, K)
    )
    assert not is_rotation_equivariant(mixed)
    assert is_permutation_equivariant(mixed)


def test_masses_of_the_wrong_tokens_break_permutations():
    fixed = MatrixSymbol("c", n, 1)
    weights = RowSoftmax(beta * X * X.T, fixed)
    model = Model("fixed", Tangent(X, weights * X), parameters=(beta, fixed))
    assert not is_permutation_equivariant(model)


@pytest.mark.slow
def test_other_atoms_and_forms():
    kernel = Elementwise(sin, X * X.T)
    weights = DiagMatrix(kernel * m) ** -1 * HadamardProduct(kernel, X * X.T) * DiagMatrix(m)
    mean = OneMatrix(n, 1) * m.T * X
    for velocity in (
        Tangent(X, weights * X),
        Tangent(X, mean),
        Trace(X * X.T) * X,
        Trace(m.T * kernel * m) * X,
        kernel**2 * X,
        SA.subs({beta: 0}).velocity,
        USA.subs({beta: 0}).velocity,
    ):
        model = Model("form", velocity, parameters=(), space="euclidean")
        assert is_permutation_equivariant(model), velocity
        assert is_rotation_equivariant(model), velocity


def test_a_parameter_called_s_or_r_is_not_confused_with_the_group():
    R = MatrixSymbol("R", d, d)
    model = Model("named", Tangent(X, RowSoftmax(X * X.T, m) * X * R), parameters=(R,))
    assert not is_rotation_equivariant(model)
    S = MatrixSymbol("S", n, n)
    model = Model("named", Tangent(X, S * X), parameters=(S,))
    assert not is_permutation_equivariant(model)


@pytest.mark.parametrize(("model", "expected"), [(SA, True), (USA, True), (CAUSAL, False)])
def test_verdict_agrees_with_all_permutations_of_three_tokens(model, expected):
    rng = np.random.default_rng(3)
    points = rng.normal(size=(3, 2))
    points /= np.linalg.norm(points, axis=1, keepdims=True)
    masses = np.array([0.2, 0.5, 0.3])

    def field(x, mass):
        weight = np.exp(1.3 * x @ x.T) * mass
        if model is CAUSAL:
            weight = np.tril(weight)
        if model is not USA:
            weight = weight / weight.sum(axis=1, keepdims=True)
        y = weight @ x
        return y - (y * x).sum(axis=1, keepdims=True) * x

    agrees = all(
        np.allclose(field(points[list(p)], masses[list(p)]), field(points, masses)[list(p)])
        for p in permutations(range(3))
    )
    assert agrees is expected
    assert bool(is_permutation_equivariant(model)) is expected


def _value(node, at):
    """Evaluate by plain recursion over NumPy arrays."""
    if node in at:
        return at[node]
    if isinstance(node, MatAdd):
        return sum(_value(a, at) for a in node.args)
    if isinstance(node, MatMul):
        out = _value(node.args[0], at)
        for a in node.args[1:]:
            right = _value(a, at)
            out = out * right if np.ndim(out) == 0 or np.ndim(right) == 0 else out @ right
        return out
    if isinstance(node, Transpose):
        return _value(node.arg, at).T
    if isinstance(node, Inverse):
        return np.linalg.inv(_value(node.arg, at))
    if isinstance(node, MatPow):
        return np.linalg.matrix_power(_value(node.base, at), int(node.exp))
    if isinstance(node, RowSoftmax):
        weight = np.exp(_value(node.scores, at)) * _value(node.masses, at).T
        weight = np.tril(weight) if isinstance(node, MaskedSoftmax) else weight
        return weight / weight.sum(axis=1, keepdims=True)
    if isinstance(node, ElementwiseApplyFunction):
        inside = _value(node.expr, at)
        return lambdify(z, node.function(z), "numpy")(inside) + np.zeros_like(inside)
    if isinstance(node, DiagMatrix):
        return np.diag(_value(node.args[0], at)[:, 0])
    if isinstance(node, DiagonalMatrix):
        return np.diag(np.diag(_value(node.args[0], at)))
    if isinstance(node, HadamardPower):
        return _value(node.base, at) ** int(node.exp)
    if isinstance(node, HadamardProduct):
        return np.prod([_value(a, at) for a in node.args], axis=0)
    if isinstance(node, RowNormalize):
        rows = _value(node.args[0], at)
        return rows / np.linalg.norm(rows, axis=1, keepdims=True)
    if isinstance(node, OneMatrix | ZeroMatrix | Identity):
        sizes = [{n: 3, d: 2}.get(v, v) for v in node.shape]
        fill = {OneMatrix: np.ones, ZeroMatrix: np.zeros, Identity: lambda v: np.eye(v[0])}
        return fill[type(node)](tuple(int(v) for v in sizes))
    if isinstance(node, Trace):
        return np.trace(_value(node.arg, at))
    return float(node)


def _random_square(rng, depth, constants):
    if depth == 0:
        return [X * X.T, X * X.T, DiagMatrix(m), *constants][rng.integers(3 + len(constants))]
    first = _random_square(rng, depth - 1, constants)
    second = _random_square(rng, depth - 1, constants)
    choices = (
        lambda: first + second,
        lambda: first * second,
        lambda: (2 * first - second).T,
        lambda: Elementwise(sin, first),
        lambda: RowSoftmax(first, m) * second,
        lambda: DiagMatrix(first * m) * second,
        lambda: DiagonalMatrix(first) * second,
        lambda: DiagMatrix(Elementwise(exp, first) * m) ** -1 * second,
        lambda: HadamardProduct(first, second),
        lambda: first * OneMatrix(n, n) + second,
        lambda: Elementwise(exp(z), first) - second.T,
    )
    return choices[rng.integers(len(choices))]()


@pytest.mark.every(7)
@pytest.mark.parametrize("seed", range(30))
def test_random_expressions_keep_their_value_and_verdicts_are_true(seed):
    rng = np.random.default_rng(seed)
    A = MatrixSymbol("A", n, n)
    constants = (A,) if seed % 2 else ()
    square = _random_square(rng, 1 + seed % 3, constants)
    velocity = (RowNormalize(square * X) if seed % 5 == 0 else square * X).doit()
    x = rng.normal(size=(3, 2)) / 2
    at = {X: x, m: rng.uniform(0.2, 1, size=(3, 1)), A: rng.normal(size=(3, 3)) / 2}
    value = _value(velocity, at)
    assert np.allclose(_value(Rewriter().form(velocity), at), value)

    model = Model("random", velocity, parameters=constants, space="euclidean")
    order = np.eye(3)[[1, 2, 0]]
    moved = _value(velocity, {**at, X: order @ x, m: order @ at[m]})
    agrees = np.allclose(moved, order @ value)
    verdict = bool(is_permutation_equivariant(model))
    assert agrees or not verdict
    # the rules don't know that a positive diagonal factor drops out of a normalised row
    assert verdict or not agrees or isinstance(velocity, RowNormalize)
    turn = np.array([[0.6, -0.8], [0.8, 0.6]])
    assert is_rotation_equivariant(model)
    assert np.allclose(_value(velocity, {**at, X: x @ turn}), value @ turn)
