"""Properties of models, their broken twins, and the pytest decorator."""

from dataclasses import replace

import numpy as np
import pytest
import sympy as sp
from hypothesis import given, settings
from hypothesis import strategies as st
from sympy import DiagMatrix, MatMul, OneMatrix

from numerics import compile_model, sphere
from proofs_checks.own_model.check import check_model
from proofs_checks.strategies import betas, masses, points
from theory.atoms import Elementwise, RowSoftmax, Tangent
from theory.models import CAUSAL, REPULSIVE, SA, SYMMETRIC_QKV, USA, Model
from theory.symbols import X, beta, d, m, z


def word(report, name):
    return report[name].verdict.name


# --------------------------------------------------------------------------------------- reports


ATTENTION = RowSoftmax(beta * X * X.T, m) * X
KERNEL = Elementwise(sp.exp(beta * z), X * X.T)
SYMMETRIC = np.array([[1.0, -0.5, 0.25], [-0.5, 2.0, 0.0], [0.25, 0.0, -1.0]])


def confined(field, x):
    value = field.unchecked(x)
    return np.abs(np.sum(value * x, axis=1)).max() <= 1e-12 * (1 + np.abs(value).max())


def permuted(field, x, order):
    moved = replace(field, masses=None if field.masses is None else field.masses[order])
    return np.allclose(moved.unchecked(x[order]), field.unchecked(x)[order], 1e-11, 1e-11)


def rotated(field, x, turn):
    return np.allclose(field.unchecked(x @ turn), field.unchecked(x) @ turn, 1e-11, 1e-11)


def rising(field, x):
    value = field.unchecked(x)
    ahead, behind = (field.energy(sphere.project(x + s * 1e-5 * value)) for s in (1, -1))
    return ahead - behind >= -1e-10 * (1 + abs(ahead))


def gram_closed(field, x, turn):
    def rate(at):
        half = field.unchecked(at) @ at.T
        return half + half.T

    return np.allclose(rate(x @ turn), rate(x), 1e-11, 1e-11)


def turn_of(size, seed):
    return np.linalg.qr(np.random.default_rng(seed).standard_normal((size, size)))[0]


@st.composite
def systems(draw, models=(SA, USA)):
    model = draw(st.sampled_from(models))
    x = draw(points(n=(1, 6), d=3))
    weights = draw(st.none() | masses(len(x)))
    values = {"beta": draw(betas(0.25, 6.0))}
    if model is SYMMETRIC_QKV:
        values["V"] = SYMMETRIC
    return compile_model(model, masses=weights, **values), x


# ------------------------------------------------------------- properties, and their broken twins


@given(systems((SA, USA, SYMMETRIC_QKV, CAUSAL)))
@settings(max_examples=60, deadline=None)
def test_confinement(system):
    assert confined(*system)


@given(systems(), st.integers(0, 2**32 - 1))
@settings(max_examples=60, deadline=None)
def test_equivariance_and_gram_closure(system, seed):
    field, x = system
    assert permuted(field, x, np.random.default_rng(seed).permutation(len(x)))
    assert rotated(field, x, turn_of(3, seed))
    assert gram_closed(field, x, turn_of(3, seed))


@given(systems((SA, USA, SYMMETRIC_QKV)))
@settings(max_examples=60, deadline=None)
def test_the_energy_rises(system):
    assert rising(*system)


FIXED = sp.MatrixSymbol("V", d, d)
TWINS = {
    "confinement": Model("no projection", ATTENTION),
    "permutation equivariance": CAUSAL,
    "rotation equivariance": Model(
        "values turned", Tangent(X, ATTENTION * FIXED.T), parameters=(beta, FIXED)
    ),
    "Gram closure": Model(
        "a drift", Tangent(X, ATTENTION + OneMatrix(*X.shape)), parameters=(beta,)
    ),
    "energy ascent": replace(SA, velocity=REPULSIVE.velocity),
    "dissipation identity": replace(SA, metric=m),
    "gradient structure": Model(
        "columns for rows",
        Tangent(X, MatMul(DiagMatrix(KERNEL * m) ** -1, KERNEL, DiagMatrix(m), X)),
        SA.energy,
        m,
    ),
}


@pytest.mark.parametrize(
    "name",
    [
        pytest.param(name, marks=[pytest.mark.slow] if name == "gradient structure" else [])
        for name in TWINS
    ],
)
def test_each_broken_twin_is_caught(name):
    report = check_model(TWINS[name], only=[name])
    assert word(report, name) == "REFUTED"
    said = "fails" if name in ("Gram closure", "energy ascent") else " at X = "
    assert said in report[name].detail


def test_the_broken_twins_fail_the_properties_too():
    x = sphere.random_points(4, 3, rng=5)
    turn = turn_of(3, 1)
    order = np.array([1, 0, 3, 2])
    drift = np.array([[0.0, 1.0, 0.0], [-1.0, 0.0, 0.0], [0.0, 0.0, 1.0]])
    assert not confined(compile_model(TWINS["confinement"], beta=2.0), x)
    assert not permuted(compile_model(CAUSAL, beta=2.0), x, order)
    turned = compile_model(TWINS["rotation equivariance"], beta=2.0, V=drift)
    assert not rotated(turned, x, turn)
    assert not gram_closed(turned, x, turn)
    assert not rising(compile_model(TWINS["energy ascent"], beta=2.0), x)
    skew = compile_model(SYMMETRIC_QKV, beta=2.0, V=drift @ np.diag([3.0, -1.0, 1.0]))
    assert not all(rising(skew, sphere.random_points(4, 3, rng=seed)) for seed in range(40))
