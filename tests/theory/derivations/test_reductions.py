"""Reductions against known closed forms and against finite differences written independently."""

import pickle

import numpy as np
import pytest
from sympy import (
    DiagMatrix,
    Function,
    Identity,
    IndexedBase,
    MatrixSymbol,
    OneMatrix,
    Sum,
    Symbol,
    Trace,
    cos,
    exp,
    lambdify,
    simplify,
    sin,
    symbols,
)

from theory import (
    CAUSAL,
    DISCRETE_SA,
    PURE_ATTENTION,
    QKV,
    REPULSIVE,
    SA,
    SINKHORN,
    SYMMETRIC_QKV,
    USA,
    Model,
    gradient_flow,
    interaction_energy,
)
from theory.atoms import Elementwise, RowSoftmax, Tangent
from theory.derivations.circle import circle_angles, phi
from theory.derivations.cluster_pair import m1, m2, overlap, theta, two_clusters
from theory.derivations.cone import gnomonic
from theory.derivations.equal_angles import equiangular
from theory.derivations.inner_products import gram_flow
from theory.derivations.reduction import NotClosed
from theory.symbols import G, K, Q, V, X, beta, d, gamma, m, n, z

h = Function("h")
_H = Elementwise(h(z), X * X.T)
GENERAL = Model("general", Tangent(X, _H * DiagMatrix(m) * X), parameters=())
GENERAL_SOFTMAX = Model(
    "general softmax",
    Tangent(X, DiagMatrix(_H * m) ** -1 * _H * DiagMatrix(m) * X),
    parameters=(),
)
BROKEN = Model("no projection", _H * DiagMatrix(m) * X, parameters=())
CLOSED = [SA, USA, REPULSIVE, GENERAL, GENERAL_SOFTMAX]


def _points(count, size, seed=0):
    x = np.random.default_rng(seed).normal(size=(count, size))
    return x / np.linalg.norm(x, axis=1, keepdims=True)


def _velocity(x, masses, b, softmax):
    """SA and USA written out by hand."""
    weight = np.exp(b * x @ x.T) * masses
    if softmax:
        weight = weight / weight.sum(axis=1, keepdims=True)
    y = weight @ x
    return y - (y * x).sum(axis=1, keepdims=True) * x, weight


# -- Gram flow -------------------------------------------------------------------------------


@pytest.mark.parametrize("model", [*CLOSED, SINKHORN, CAUSAL], ids=lambda v: v.name)
def test_gram_flow_closes_for_every_n_and_d(model):
    flow = gram_flow(model)
    assert flow.proved
    assert X not in flow.rate.free_symbols
    assert G in flow.rate.free_symbols
    assert flow.rate.shape == (n, n)
    assert all(r.value.shape == (n, n) for r in flow.proof)
    assert "unit diagonal" in flow.invariant


@pytest.mark.parametrize(("model", "softmax"), [(SA, True), (USA, False)])
def test_gram_flow_against_the_written_out_formula_and_finite_differences(model, softmax):
    x, b = _points(4, 3), 1.3
    masses = np.array([0.4, 0.3, 0.2, 0.5])
    f, a = _velocity(x, masses, b, softmax)
    step = 1e-6
    gram = x @ x.T
    difference = ((x + step * f) @ (x + step * f).T - (x - step * f) @ (x - step * f).T) / (
        2 * step
    )
    size = len(x)
    written = np.array(
        [
            [
                sum(
                    a[i, k] * (gram[k, j] - gram[i, k] * gram[i, j])
                    + a[j, k] * (gram[k, i] - gram[j, k] * gram[i, j])
                    for k in range(size)
                )
                for j in range(size)
            ]
            for i in range(size)
        ]
    )
    assert np.allclose(difference, written, atol=1e-8)
    assert np.allclose(_numeric(gram_flow(model).rate, gram, masses, b), written)


def _numeric(expr, gram, masses, b):
    """Evaluate a Gram rate by plain recursion, independent of the printer."""
    from sympy import Expr, Inverse, MatAdd, MatMul, Transpose
    from sympy.matrices.expressions import MatrixExpr
    from sympy.matrices.expressions.diagonal import DiagonalMatrix

    def go(node):
        if node == G:
            return gram
        if node == m:
            return masses[:, None]
        if isinstance(node, MatAdd):
            return sum(go(a) for a in node.args)
        if isinstance(node, MatMul):
            out = go(node.args[0])
            for a in node.args[1:]:
                right = go(a)
                out = out * right if np.ndim(out) == 0 or np.ndim(right) == 0 else out @ right
            return out
        if isinstance(node, Transpose):
            return go(node.arg).T
        if isinstance(node, Inverse):
            return np.linalg.inv(go(node.arg))
        if isinstance(node, Elementwise):
            return lambdify(z, node.body.subs(beta, b), "numpy")(go(node.expr))
        if isinstance(node, RowSoftmax):
            weight = np.exp(go(node.scores)) * go(node.masses).T
            return weight / weight.sum(axis=1, keepdims=True)
        if isinstance(node, DiagMatrix):
            return np.diag(go(node.args[0])[:, 0])
        if isinstance(node, DiagonalMatrix):
            return np.diag(np.diag(go(node.args[0])))
        assert isinstance(node, Expr)
        assert not isinstance(node, MatrixExpr)
        return float(node.subs(beta, b))

    return go(expr)


@pytest.mark.parametrize("model", [QKV, SYMMETRIC_QKV, PURE_ATTENTION], ids=lambda v: v.name)
def test_gram_flow_names_what_is_left(model):
    with pytest.raises(NotClosed, match=r"V.*X left|X left.*V"):
        gram_flow(model)


def test_gram_flow_closes_again_for_a_scalar_value_matrix():
    flow = gram_flow(SYMMETRIC_QKV.subs({V: 3 * Identity(d)}))
    assert flow.proved
    slow = equiangular(SYMMETRIC_QKV.subs({V: 3 * Identity(d)})).rate
    assert simplify(slow - 3 * equiangular(SA).rate.subs(beta, 3 * beta)) == 0


def test_dropping_the_projection_leaves_a_residual():
    flow = gram_flow(BROKEN)
    assert not flow.proved
    assert [r.statement for r in flow.proof if not r.is_zero] == ["the diagonal stays 1"]
    assert not equiangular(BROKEN).proved
    assert not two_clusters(BROKEN).proved
    assert not circle_angles(BROKEN).proved
    assert not gnomonic(BROKEN).proved


def test_a_layer_is_not_a_flow():
    for reduce in (two_clusters, circle_angles, gnomonic):
        with pytest.raises(ValueError, match="Expected a flow"):
            reduce(DISCRETE_SA)


# -- equiangular -----------------------------------------------------------------------------

_GROWTH = (1 - gamma) * ((n - 1) * gamma + 1)


@pytest.mark.every(6)
@pytest.mark.parametrize(
    ("model", "expected"),
    [
        (SA, 2 * exp(beta * gamma) * _GROWTH / (exp(beta) + (n - 1) * exp(beta * gamma))),
        (USA, 2 * exp(beta * gamma) * _GROWTH / n),
        (SINKHORN, 2 * exp(beta * gamma) * _GROWTH / (exp(beta) + (n - 1) * exp(beta * gamma))),
        (GENERAL, 2 * h(gamma) * _GROWTH / n),
        (GENERAL_SOFTMAX, 2 * h(gamma) * _GROWTH / (h(1) + (n - 1) * h(gamma))),
        (SA.subs({beta: 0}), 2 * _GROWTH / n),
    ],
    ids=lambda v: getattr(v, "name", ""),
)
def test_equiangular_is_6_9_and_6_10_for_symbolic_n(model, expected):
    result = equiangular(model)
    assert result.proved
    assert simplify((result.rate - expected).together()) == 0
    assert {n, gamma} <= result.rate.free_symbols
    assert simplify((result.rate - 2 * expected).together()) != 0


def test_equiangular_against_tokens():
    size, g, b = 5, 0.3, 1.7
    gram = (1 - g) * np.eye(size) + g
    x = np.linalg.cholesky(gram)
    for model, softmax in ((SA, True), (USA, False)):
        f, _ = _velocity(x, np.full(size, 1 / size), b, softmax)
        rate = f @ x.T + x @ f.T
        expected = float(equiangular(model).rate.subs({n: size, gamma: g, beta: b}))
        assert np.allclose(rate[~np.eye(size, dtype=bool)], expected)
        assert np.allclose(np.diag(rate), 0)


def test_causal_attention_has_no_equiangular_equation():
    with pytest.raises(ValueError, match="causal mask"):
        equiangular(CAUSAL)


# -- two clusters ----------------------------------------------------------------------------


def test_two_clusters_of_sa_is_the_known_law():
    result = two_clusters(SA)
    assert result.proved
    e1, e = exp(beta), exp(beta * cos(theta))
    weights = m2 / (m1 * e1 + m2 * e) + m1 / (m2 * e1 + m1 * e)
    assert simplify(result.angle_rate + sin(theta) * e * weights) == 0
    assert {m1, m2, theta, beta} == result.angle_rate.free_symbols
    assert {m1, m2, overlap, beta} == result.overlap_rate.free_symbols


def test_two_clusters_of_usa_sees_only_the_total_mass():
    result = two_clusters(USA)
    assert result.proved
    assert simplify(result.angle_rate + (m1 + m2) * sin(theta) * exp(beta * cos(theta))) == 0


@pytest.mark.parametrize(("model", "softmax"), [(SA, True), (USA, False)])
def test_two_clusters_against_tokens_in_any_dimension(model, softmax):
    angle, b, mass1, mass2 = 1.1, 1.4, 0.3, 0.9
    for size in (2, 4):
        first, second = np.zeros(size), np.zeros(size)
        first[0], second[0], second[-1] = 1, np.cos(angle), np.sin(angle)
        x = np.array([first, first, second, second, second])
        masses = np.array([mass1 / 2] * 2 + [mass2 / 3] * 3)
        f, _ = _velocity(x, masses, b, softmax)
        overlap_rate = f[0] @ x[2] + x[0] @ f[2]
        expected = two_clusters(model).angle_rate.subs(
            {theta: angle, beta: b, m1: mass1, m2: mass2}
        )
        assert float(expected) == pytest.approx(-overlap_rate / np.sin(angle))


def test_two_clusters_of_a_general_kernel():
    assert two_clusters(GENERAL).proved
    assert two_clusters(GENERAL_SOFTMAX).proved
    assert simplify(two_clusters(GENERAL).angle_rate + (m1 + m2) * h(cos(theta)) * sin(theta)) == 0


def test_two_clusters_of_sinkhorn_have_no_closed_potential():
    with pytest.raises(ValueError, match="fixed point"):
        two_clusters(SINKHORN)


# -- circle ----------------------------------------------------------------------------------


def test_circle_is_7_1():
    result = circle_angles(USA)
    assert result.proved
    assert result.summand == -exp(beta * cos(phi)) * sin(phi)
    assert result.normaliser is None
    angle, mass = IndexedBase("theta"), IndexedBase("m")
    i, j = (Symbol(v, integer=True, positive=True) for v in "ij")
    tau = angle[i] - angle[j]
    assert result.equation == Sum(-mass[j] * exp(beta * cos(tau)) * sin(tau), (j, 1, n))
    assert n in result.equation.free_symbols


def test_circle_softmax_form():
    result = circle_angles(SA)
    assert result.proved
    assert result.terms == ((-exp(beta * cos(phi)) * sin(phi), exp(beta * cos(phi))),)
    assert circle_angles(GENERAL_SOFTMAX).normaliser == h(cos(phi))
    assert circle_angles(REPULSIVE).summand == exp(beta * cos(phi)) * sin(phi)


@pytest.mark.parametrize("model", [SA, USA])
def test_circle_at_beta_zero_is_kuramoto(model):
    result = circle_angles(model.subs({beta: 0}))
    assert result.proved
    assert result.summand == -sin(phi)
    a, b = symbols("a b", real=True)
    rate = result.rates((a, b))[0]
    assert simplify(rate - sin(b - a) / 2) == 0
    assert circle_angles(model.subs({beta: 1})).summand != -sin(phi)


@pytest.mark.parametrize(("model", "softmax"), [(SA, True), (USA, False)])
def test_circle_against_tokens(model, softmax):
    angles, b = np.array([0.1, 2.0, 4.4, 5.0]), 1.6
    masses = np.array([0.1, 0.4, 0.2, 0.3])
    x = np.stack([np.cos(angles), np.sin(angles)], axis=1)
    f, _ = _velocity(x, masses, b, softmax)
    expected = (f * np.stack([-x[:, 1], x[:, 0]], axis=1)).sum(axis=1)
    rates = circle_angles(model.subs({beta: b})).rates(angles.tolist(), masses.tolist())
    assert np.allclose([float(v) for v in rates], expected)


def test_circle_of_two_heads_keeps_both_sums():
    both = Model(
        "two",
        Tangent(X, RowSoftmax(beta * X * X.T, m) * X + _H * DiagMatrix(m) * X),
        parameters=(beta,),
    )
    result = circle_angles(both)
    assert result.proved
    assert len(result.terms) == 2
    with pytest.raises(ValueError, match="Expected one sum"):
        _ = result.summand


def test_mean_field_forms():
    mean = Model("mean", Tangent(X, OneMatrix(n, 1) * m.T * X), parameters=())
    assert circle_angles(mean).summand == -sin(phi)
    assert equiangular(mean).rate == equiangular(USA.subs({beta: 0})).rate
    linear = Model("linear", Tangent(X, X * X.T * DiagMatrix(m) * X), parameters=())
    assert circle_angles(linear).summand == -cos(phi) * sin(phi)
    sum_of_both = Model("both", mean.velocity - 2 * linear.velocity, parameters=())
    assert circle_angles(sum_of_both).proved
    assert gnomonic(sum_of_both).proved
    scaled = Model(
        "scaled", Trace(X * X.T) * Tangent(X, X * X.T * DiagMatrix(m) * X), parameters=()
    )
    assert gram_flow(scaled).proved
    assert simplify(equiangular(scaled).rate - n * equiangular(linear).rate) == 0


def test_results_survive_pickle():
    for reduce in (two_clusters, circle_angles, gnomonic):
        result = reduce(SA)
        assert pickle.loads(pickle.dumps(result)) == result


@pytest.mark.parametrize("model", [QKV, SINKHORN, CAUSAL], ids=lambda v: v.name)
def test_circle_needs_scalar_attention(model):
    with pytest.raises(ValueError, match="V = cI"):
        circle_angles(model)


# -- gnomonic coordinates --------------------------------------------------------------------


@pytest.mark.parametrize("model", [*CLOSED, SINKHORN, CAUSAL], ids=lambda v: v.name)
def test_gnomonic_is_proved(model):
    result = gnomonic(model)
    assert result.proved
    assert result.rate.shape == (n, d)
    assert result.heights.shape == (n, 1)


def test_gnomonic_leaves_queries_and_keys_free_but_not_values():
    free = Model(
        "scores", Tangent(X, RowSoftmax(beta * X * Q.T * K * X.T, m) * X), parameters=(beta, Q, K)
    )
    assert gnomonic(free).proved
    with pytest.raises(ValueError, match="V = I"):
        gnomonic(QKV)
    W = MatrixSymbol("W", n, n)
    assert gnomonic(Model("graph", Tangent(X, W * X), parameters=(W,))).weights == W


def test_gnomonic_against_tokens_and_the_twin_without_the_height_ratio():
    x, b = np.abs(_points(4, 3, seed=5)), 1.2
    w = np.ones(3) / np.sqrt(3)
    masses = np.array([0.1, 0.2, 0.4, 0.3])
    f, a = _velocity(x, masses, b, softmax=True)
    s = x @ w
    y = x / s[:, None]
    moved = f / s[:, None] - x * (f @ w / s**2)[:, None]
    ratio = a * s[None, :] / s[:, None]
    claimed = ratio @ y - ratio.sum(axis=1, keepdims=True) * y
    assert np.allclose(moved, claimed)
    assert not np.allclose(moved, a @ y - a.sum(axis=1, keepdims=True) * y)
    assert np.allclose(f @ w, a @ s - np.diag(a @ x @ x.T) * s)


@pytest.mark.parametrize("reduce", [two_clusters, circle_angles, gnomonic])
def test_any_softmax_is_reduced(reduce):
    assert reduce(GENERAL_SOFTMAX).proved


def test_the_kernel_that_is_its_argument_is_not_taken_for_a_constant():
    """h = z²/2: the weights are the inner products themselves, SymPy's identity function."""
    linear = gradient_flow(interaction_energy(z**2 / 2))
    assert z not in gram_flow(linear).rate.free_symbols
    rate = equiangular(linear).rate
    assert simplify(rate - 2 * gamma * (1 - gamma) * ((n - 1) * gamma + 1) / n) == 0
