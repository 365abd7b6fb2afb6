"""Equivariance proofs, cross-checked by evaluating the velocity at explicit permuted tokens."""

from itertools import permutations

import numpy as np
import pytest
from sympy import (
    DiagMatrix,
    HadamardProduct,
    Identity,
    MatrixSymbol,
    OneMatrix,
    Symbol,
    Trace,
    ZeroMatrix,
    exp,
    sin,
)

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
from theory.atoms import Elementwise, RowSoftmax, Tangent
from theory.equivariance import (
    Rewriter,
    is_permutation_equivariant,
    is_rotation_equivariant,
)
from theory.symbols import K, Q, V, X, beta, d, m, n, z

ISOTROPIC = [SA, USA, REPULSIVE, SINKHORN, DISCRETE_SA]
ANISOTROPIC = [
    QKV,
    SYMMETRIC_QKV,
    multi_head(2),
    feed_forward(),
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


def test_causal_mask_breaks_permutations():
    result = is_permutation_equivariant(CAUSAL)
    assert not result
    assert "CausalSoftmax" in str(result.residual)


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


def test_rewriter_normal_form():
    A, B = MatrixSymbol("A", n, n), MatrixSymbol("B", n, n)
    c = Symbol("c")
    rewriter = Rewriter()
    expanded = c * A * A + c * B * A - A * B.T - B * B.T
    assert rewriter.difference((A + B) * (c * A - B.T), expanded) == {}
    assert rewriter.difference((A * B).T, B.T * A.T) == {}
    assert rewriter.difference(Elementwise(exp(beta * z), A.T).T, Elementwise(exp, beta * A)) == {}
    assert rewriter.difference(A * B, B * A) != {}
    u, v = MatrixSymbol("u", n, 1), MatrixSymbol("v", n, 1)
    first, second = DiagMatrix(u), DiagMatrix(v)
    assert rewriter.difference(first * second * A, second * first * A) == {}
    assert rewriter.difference(first * second**-1 * first**-1, second**-1) == {}
