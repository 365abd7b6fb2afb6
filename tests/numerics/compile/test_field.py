"""The printed velocity against exact arithmetic, and what compile_model refuses."""

import math
import pickle

import mpmath
import numpy as np
import pytest
import sympy as sp
from hypothesis import given, settings
from hypothesis import strategies as st
from sympy import Rational

import theory.atoms as atoms
import theory.hardmax as hardmaxes
from numerics import compile_model, sphere
from numerics.compile.printer import ArrayPrinter
from proofs_checks.strategies import betas, masses, points
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
    anchor_energy,
    feed_forward,
    gradient_flow,
    interaction_energy,
    multi_head,
    positions,
    weights,
)
from theory import masks as sights
from theory.atoms import Elementwise, Tangent, row_normalised
from theory.positive_part import PositivePart
from theory.symbols import V, X, beta, d, k, m, t, z

BETAS = (-5.0, 0.0, 1.0, 9.0, 100.0, 1e4)


@pytest.mark.every(6)
@pytest.mark.parametrize("b", BETAS)
@pytest.mark.parametrize("shape", [(2, 2), (7, 3), (24, 5), (64, 3)])
def test_accuracy_contract(b, shape, exact_velocity, distance):
    n, dim = shape
    if b not in (1.0, 1e4) and n == 64:
        n = 16
    rng = np.random.default_rng(n)
    x = sphere.random_points(n, dim, rng)
    weights = rng.uniform(0.1, 2.0, n)
    bound = 16 * (1 + abs(b)) * np.finfo(float).eps
    exact, largest = exact_velocity(x, b, weights, normalised=True)
    computed = compile_model(SA, beta=b, masses=weights)(x)
    assert distance(exact, computed, 1) <= bound * largest

    exact, largest = exact_velocity(x, b, weights, normalised=False)
    u, log_scale = compile_model(USA, beta=b, masses=weights).scaled(x)
    with mpmath.workdps(50):
        factor = mpmath.exp(mpmath.mpf(float(log_scale)))
    assert distance(exact, u, factor) <= bound * largest


def test_the_accuracy_test_can_fail(exact_velocity, distance):
    x = sphere.random_points(7, 3, 0)
    exact, largest = exact_velocity(x, 9.0, np.full(7, 1 / 7), normalised=True)
    wrong = compile_model(SA, beta=9.0 * (1 + 1e-12))(x)
    assert distance(exact, wrong, 1) > 16 * 10 * np.finfo(float).eps * largest


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_scaled_is_the_velocity(data):
    x = data.draw(points(n=(1, 6), d=(1, 4)))
    b = data.draw(betas(-4, 9))
    weights = data.draw(masses(x.shape[0]))
    for model in (SA, USA, REPULSIVE):
        field = compile_model(model, beta=b, masses=weights)
        u, log_scale = field.scaled(x)
        np.testing.assert_allclose(np.exp(log_scale) * u, field(x), atol=1e-11 * np.exp(abs(b)))


def test_scaled_of_a_sum_of_kernels():
    x = sphere.random_points(6, 3, 3)
    for kernel in (sp.cosh(beta * z) / beta, sp.exp(beta * z) + z**2 / 2, z**3, sp.sin(z)):
        model = gradient_flow(interaction_energy(kernel), parameters=(beta,))
        field = compile_model(model, beta=3.0)
        u, log_scale = field.scaled(x)
        np.testing.assert_allclose(np.exp(log_scale) * u, field(x), rtol=1e-12, atol=1e-12)
    big = compile_model(gradient_flow(interaction_energy(sp.cosh(beta * z) / beta)), beta=2000.0)
    u, log_scale = big.scaled(x)
    assert np.all(np.isfinite(u)) and log_scale == pytest.approx(2000.0)


def finite_difference(function, x, step=1e-6):
    """Central differences of a scalar function of a matrix."""
    gradient = np.zeros_like(x)
    for index in np.ndindex(*x.shape):
        e = np.zeros_like(x)
        e[index] = step
        gradient[index] = (function(x + e) - function(x - e)) / (2 * step)
    return gradient


def euclidean(model):
    """The same energy without the demand of unit rows, so that it can be differenced."""
    return Model(
        model.name, model.velocity, model.energy, model.metric, model.parameters, "euclidean"
    )


W = sp.MatrixSymbol("W", k, d)
c = sp.MatrixSymbol("c", k, 1)


@pytest.mark.parametrize(
    "model",
    [
        USA,
        SA,
        REPULSIVE,
        SYMMETRIC_QKV,
        SINKHORN,
        gradient_flow(interaction_energy(z**3 / 3 + beta * z)),
        gradient_flow(interaction_energy(sp.log(2 + z)), flow="softmax"),
        gradient_flow(interaction_energy(sp.exp(beta * z) / beta, V)),
        gradient_flow(interaction_energy(z**2) + anchor_energy(sp.exp(z), W, c)),
        gradient_flow(interaction_energy(sp.cos(z)) + 3 * m.T * X * W.T * c),
    ],
    ids=lambda model: model.name,
)
def test_gradient_against_finite_differences(model):
    rng = np.random.default_rng(5)
    n, dim = 4, 3
    x = sphere.random_points(n, dim, rng)
    weights = rng.uniform(0.3, 1.5, n)
    root = rng.normal(size=(dim, dim))
    known = {
        "beta": 1.7,
        "V": root + root.T,
        "W": rng.normal(size=(2, dim)),
        "c": rng.normal(size=(2, 1)),
    }
    values = {str(p): known[str(p)] for p in model.parameters}
    field = compile_model(euclidean(model), masses=weights, **values)
    gradient = sphere.tangent(x, finite_difference(lambda y: float(field.energy(y)), x))
    metric = np.asarray(field._evaluate(model.metric, x, 0.0))
    np.testing.assert_allclose(metric * field(x), gradient, rtol=2e-7, atol=2e-7)


def test_energy_at_beta_zero_is_the_limit():
    x = sphere.random_points(5, 3, 1)
    g = x @ x.T
    at_zero = compile_model(USA, beta=0.0).energy(x)
    assert at_zero == pytest.approx(g.sum() / 50, rel=1e-14)
    near = compile_model(USA, beta=1e-6).energy(x) - 1 / 2e-6
    assert at_zero == pytest.approx(near, abs=1e-6)
    batch = compile_model(SA, beta=np.array([0.0, 2.0, 0.0])).energy(np.stack([x, x, x]))
    np.testing.assert_allclose(batch[[0, 2]], at_zero)
    assert batch[1] == pytest.approx(np.exp(2 * g).sum() / 100)


def test_log_energy_for_masses_of_any_size():
    x = sphere.random_points(5, 3, 1)
    usual = compile_model(SA, beta=2.0, masses=np.ones(5)).log_energy(x)
    for size in (1e-300, 1e300):
        value = compile_model(SA, beta=2.0, masses=np.full(5, size)).log_energy(x)
        assert value == pytest.approx(usual + 2 * np.log(size), rel=1e-13)


@pytest.mark.parametrize("time", [np.nan, np.inf, "now", None, 1j])
def test_refused_time(time):
    x = sphere.random_points(3, 2, 0)
    for call in (compile_model(SA, beta=1.0), compile_model(SA, beta=1.0).scaled):
        with pytest.raises(ValueError, match="finite time"):
            call(x, time)


def test_overflow_names_the_way_out():
    x = sphere.random_points(4, 3, 0)
    field = compile_model(USA, beta=1000.0)
    with pytest.raises(OverflowError, match=r"scaled.*coarsen"):
        field(x)
    with pytest.raises(OverflowError, match="log_energy"):
        field.energy(x)
    expected = 1000 + np.log((np.exp(1000 * (x @ x.T - 1))).sum() / 16)
    assert field.log_energy(x) == pytest.approx(expected, rel=1e-14)


def test_batches_masses_and_per_system_parameters():
    x = sphere.random_points(5, 3, 0, batch=(2, 3))
    bs = np.array([[0.5, 1.0, 2.0], [3.0, 4.0, 5.0]])
    weights = np.random.default_rng(1).uniform(0.5, 1.5, 5)
    for model in (SA, USA, SINKHORN, CAUSAL):
        together = compile_model(model, beta=bs, masses=weights)(x)
        for index in np.ndindex(2, 3):
            alone = compile_model(model, beta=bs[index], masses=weights)(x[index])
            np.testing.assert_allclose(together[index], alone, rtol=1e-13, atol=1e-14)
    per_system = np.random.default_rng(2).uniform(0.5, 1.5, (3, 5))
    together = compile_model(SA, beta=1.0, masses=per_system)(x[0])
    for i in range(3):
        alone = compile_model(SA, beta=1.0, masses=per_system[i])(x[0, i])
        np.testing.assert_allclose(together[i], alone, rtol=1e-13, atol=1e-14)


def test_rectangular_matrices_heads_and_time():
    rng = np.random.default_rng(0)
    x = sphere.random_points(6, 3, rng)
    q, kk, v = rng.normal(size=(2, 3)), rng.normal(size=(2, 3)), rng.normal(size=(3, 3))
    one = compile_model(QKV, beta=0.7, Q=q, K=kk, V=v)(x)
    scores = 0.7 * (x @ q.T) @ (x @ kk.T).T
    a = np.exp(scores) / np.exp(scores).sum(1, keepdims=True)
    y = a @ x @ v.T
    np.testing.assert_allclose(one, y - (x * y).sum(1, keepdims=True) * x, atol=1e-14)
    halves = {f"{name}_{h}": value for h in (1, 2) for name, value in (("Q", q), ("K", kk))}
    two = compile_model(multi_head(2), beta=0.7, V_1=v / 2, V_2=v / 2, **halves)(x)
    np.testing.assert_allclose(two, one, atol=1e-14)
    zero = compile_model(
        feed_forward(), beta=0.7, Q_1=q, K_1=kk, V_1=v,
        w=np.zeros((3, 4)), a=rng.normal(size=(4, 3)), b=rng.normal(size=(4, 1)),
    )(x)  # fmt: skip
    np.testing.assert_allclose(zero, one, atol=1e-14)
    moving = compile_model(QKV, beta=0.7, Q=q, K=kk, V=lambda s: np.cos(s) * v)
    symbolic = compile_model(QKV.subs({V: sp.cos(t) * V}), beta=0.7, Q=q, K=kk, V=v)
    np.testing.assert_allclose(moving(x, 0.4), np.cos(0.4) * one, atol=1e-14)
    np.testing.assert_allclose(symbolic(x, 0.4), np.cos(0.4) * one, atol=1e-14)


def test_rescaled_attention_is_pure_attention_in_moving_coordinates():
    rng = np.random.default_rng(4)
    z0 = rng.normal(size=(5, 3))
    v = rng.normal(size=(3, 3)) / 2
    values = {"beta": 0.9, "Q": rng.normal(size=(2, 3)), "K": rng.normal(size=(2, 3)), "V": v}
    from scipy.linalg import expm

    s = 0.6
    moved = z0 @ expm(s * v).T
    pure = compile_model(PURE_ATTENTION, **values)(moved)
    back = (pure - moved @ v.T) @ expm(-s * v).T
    np.testing.assert_allclose(compile_model(RESCALED_ATTENTION, **values)(z0, s), back, atol=1e-12)


def test_sinkhorn_has_both_marginals():
    x = sphere.random_points(8, 3, 0)
    weights = np.random.default_rng(0).uniform(0.2, 1.0, 8)
    for b in (0.0, 1.0, 30.0, -1.0):
        field = compile_model(SINKHORN, beta=b, masses=weights)
        attention = field._evaluate(atoms.Sinkhorn(beta * X * X.T, m), x, 0.0)
        np.testing.assert_allclose(attention.sum(1), 1, atol=1e-13)
        np.testing.assert_allclose(weights @ attention, weights, atol=1e-12)
        np.testing.assert_allclose(weights[:, None] * attention, (weights[:, None] * attention).T)


def test_causal_attention_ignores_what_comes_later():
    x = sphere.random_points(6, 3, 0)
    y = x.copy()
    y[4:] = sphere.random_points(2, 3, 9)
    field = compile_model(CAUSAL, beta=2.0)
    np.testing.assert_array_equal(field(x)[:4], field(y)[:4])
    assert np.abs(field(x)[0]).max() < 1e-15


def test_layer_normalises():
    x = sphere.random_points(6, 3, 0)
    y = compile_model(DISCRETE_SA, beta=2.0, eta=0.5)(x)
    np.testing.assert_allclose(np.linalg.norm(y, axis=1), 1, atol=4e-16)


@pytest.mark.parametrize("size", [2, 64, 1000])
def test_code_does_not_grow_with_n(size):
    field = compile_model(SA, beta=1.0)
    x = sphere.random_points(size, 3, 0)
    field(x)
    assert len(field.source) < 200  # one line whatever n is: no scalar terms


def test_every_atom_has_a_printer():
    classes = [
        value
        for module in (atoms, hardmaxes, sights, positions, weights)
        for value in vars(module).values()
        if isinstance(value, type) and value.__module__ == module.__name__
    ]
    assert len(classes) >= 12
    for cls in classes:
        shared = any(issubclass(other, cls) for other in classes if other is not cls)
        assert shared or f"_print_{cls.__name__}" in vars(ArrayPrinter), cls


def test_pickle_round_trip():
    x = sphere.random_points(4, 3, 0)
    field = compile_model(SA, beta=2.0, masses=[1.0, 2.0, 3.0, 4.0])
    again = pickle.loads(pickle.dumps(field))
    np.testing.assert_array_equal(again(x), field(x))
    assert len(pickle.dumps(SA.velocity)) < 1000


SQUARE = np.eye(2)


@pytest.mark.parametrize(
    ("model", "values", "message"),
    [
        (SA, {}, r"add \['beta'\]"),
        (SA, {"beta": 1.0, "gamma": 2}, r"drop \['gamma'\]"),
        (SA, {"beta": np.nan}, "Expected beta finite but got beta=nan"),
        (SA, {"beta": np.inf}, "Expected beta finite"),
        (SA, {"beta": "hot"}, "Expected beta real"),
        (SA, {"beta": 1.0, "masses": [1.0, 0.0]}, r"masses\[1\]"),
        (SA, {"beta": 1.0, "masses": [1.0, -2.0]}, r"masses\[1\]"),
        (SA, {"beta": 1.0, "masses": [1.0, np.nan]}, r"masses\[1\]"),
        (SA, {"beta": 1.0, "backend": "fortran"}, "backend"),
        ("SA", {"beta": 1.0}, "Expected a theory.Model"),
        (QKV, {"beta": 1.0, "Q": SQUARE, "K": SQUARE, "V": np.ones((2, 3))}, "V square"),
        (QKV, {"beta": 1.0, "Q": SQUARE, "K": SQUARE, "V": 2.0}, "V a matrix"),
        (QKV, {"beta": 1.0, "Q": SQUARE, "K": SQUARE[:1], "V": SQUARE}, "K to agree with Q on k=2"),
        (SA, {"beta": "4"}, "Expected beta real"),
        (SA, {"beta": 10**400}, "Expected beta real"),
        (SA, {"beta": 1.0, "masses": 5.0}, "masses of shape"),
        (SA, {"beta": 1.0, "masses": []}, "masses of shape"),
        (
            gradient_flow(interaction_energy(sp.exp(beta * z) + z), flow="softmax"),
            {"beta": -2.0},
            "kernel h' >= 0",
        ),
    ],
)
def test_refused_parameters(model, values, message):
    with pytest.raises(ValueError, match=message):
        compile_model(model, **values)


BAD_POINTS = [
    ([[np.nan, 0.0], [1.0, 0.0]], r"points\[0"),
    ([[1.0, 0.0], [np.inf, 0.0]], r"points\[1"),
    ([[1.0, 0.0], [2.0, 0.0]], r"points\[1\][\s\S]*sphere.project"),
    ([1.0, 0.0], "shape"),
    (np.zeros((0, 2)), "n >= 1|at least|empty"),
    ([["a", "b"]], "points"),
]


@pytest.mark.parametrize(("bad", "message"), BAD_POINTS)
def test_refused_points(bad, message):
    with pytest.raises((ValueError, TypeError), match=message) as caught:
        compile_model(SA, beta=1.0)(bad)
    assert "Expected" in str(caught.value) and "but got" in str(caught.value)


def test_masses_fix_n_and_matrices_fix_d():
    x = sphere.random_points(3, 2, 0)
    with pytest.raises(ValueError, match="n=2"):
        compile_model(SA, beta=1.0, masses=[1.0, 1.0])(x)
    with pytest.raises(ValueError, match="d=2"):
        compile_model(QKV, beta=1.0, Q=np.eye(3), K=np.eye(3), V=np.eye(3))(x)


def test_defined_results_at_the_edges():
    for b in (-3.0, 0.0, 1.0, 1e4):
        field = compile_model(SA, beta=b)
        assert np.abs(field([[1.0, 0.0]])).max() == 0  # n = 1
        assert np.abs(field([[1.0], [-1.0]])).max() == 0  # d = 1
        same = np.tile(sphere.random_points(1, 3, 0), (4, 1))
        assert np.abs(field(same)).max() <= 1e-15  # duplicates
        assert np.abs(field([[1.0, 0.0], [-1.0, 0.0]])).max() <= 1e-15  # antipodes
    integers = compile_model(SA, beta=1.0)(np.array([[1, 0], [0, 1]]))
    assert integers.dtype == np.float64
    single = compile_model(SA, beta=1.0)(np.array([[1, 0], [0, 1]], dtype=np.float32))
    assert single.dtype == np.float64
    with pytest.raises(ValueError, match="Expected a model with an energy"):
        compile_model(CAUSAL, beta=1.0).energy([[1.0, 0.0]])
    with pytest.raises(ValueError, match="one exponential kernel"):
        compile_model(gradient_flow(interaction_energy(z**3))).log_energy([[1.0, 0.0]])


def test_undefined_function_is_refused():
    h = sp.Function("h")
    with pytest.raises(ValueError, match="concrete kernel"):
        compile_model(gradient_flow(interaction_energy(h(z))))


SOME_EMPTY = {
    "bounded confidence": (PositivePart(z - Rational(1, 2), 2) / 2, lambda g: np.fmax(g - 0.5, 0)),
    "a step": (PositivePart(z - Rational(1, 3), 1), lambda g: (g > 1 / 3).astype(float)),
    "ReLU": (PositivePart(z, 2) / 2, lambda g: np.fmax(g, 0)),
    "cubic": (z**3, lambda g: 3 * g**2),
    "from -1 on": ((z + 1) ** 2, lambda g: 2 * (g + 1)),
}
"""Kernels h with h' >= 0 and h'(1) > 0 only: a row's sum holds the token's own term."""


@pytest.mark.every(13)
@pytest.mark.parametrize("backend", ["plain", "numpy"])
@pytest.mark.parametrize("name", SOME_EMPTY)
def test_rows_of_a_kernel_that_vanishes_somewhere_are_divided(name, backend):
    kernel, slope = SOME_EMPTY[name]
    masses = np.linspace(0.5, 1.5, 9)
    for dim, batch in ((2, ()), (3, (2,)), (5, ())):
        x = sphere.random_points(9, dim, rng=dim, batch=batch)
        rows = slope(x @ np.swapaxes(x, -1, -2)) * masses
        output = rows / rows.sum(axis=-1, keepdims=True) @ x
        expected = output - (output * x).sum(axis=-1, keepdims=True) * x
        made = gradient_flow(interaction_energy(kernel), flow="softmax")
        by_hand = Model(
            "by hand",
            Tangent(X, row_normalised(Elementwise(kernel.diff(z), X * X.T), m) * X),
            parameters=(),
        )
        for model in (made, by_hand):
            field = compile_model(model, masses=masses, backend=backend)
            assert np.allclose(field(x), expected, rtol=0, atol=1e-14)


def test_a_lone_token_of_bounded_confidence_rests():
    made = gradient_flow(interaction_energy(SOME_EMPTY["bounded confidence"][0]), flow="softmax")
    assert np.array_equal(compile_model(made)(np.eye(4)), np.zeros((4, 4)))


@pytest.mark.parametrize(
    "kernel",
    [z**2, -z, 2 * z - z**2, PositivePart(-z, 2), PositivePart(z - 2, 2), z - z**3],
    ids=str,
)
def test_rows_that_may_sum_to_0_are_refused(kernel):
    with pytest.raises(ValueError, match=r"h' >= 0 on \[-1, 1\] and h'\(1\) > 0"):
        gradient_flow(interaction_energy(kernel), flow="softmax")
    by_hand = Tangent(X, row_normalised(Elementwise(kernel.diff(z), X * X.T), m) * X)
    with pytest.raises(ValueError, match="Expected a kernel h' >= 0, h'"):
        compile_model(Model("by hand", by_hand, parameters=()))


@pytest.mark.parametrize("model", [SA, USA], ids=lambda model: model.name)
@pytest.mark.parametrize("narrow", [np.float32, np.float16])
def test_narrow_floats_are_summed_in_doubles(model, narrow):
    """They take the kernels that doubles take: the plain print is many times as slow."""
    x = sphere.random_points(7, 3, rng=2, batch=2).astype(narrow)
    for field in (compile_model(model, beta=3.0), compile_model(model, beta=3.0, precise=True)):
        velocity = field.unchecked(x)
        assert velocity.dtype == narrow
        assert (velocity == field.unchecked(x.astype(np.float64)).astype(narrow)).all()


@pytest.mark.parametrize("empty", [[], (), {}, None, 3, "t", math.nan, 10**400, np.zeros(3)])
def test_what_is_no_energy_is_refused_in_words(empty):
    with pytest.raises(ValueError, match="Expected an energy of shape"):
        gradient_flow(empty)
