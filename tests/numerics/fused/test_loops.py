"""The fused kernels against the print of the same expression and against exact arithmetic."""

import pickle

import mpmath
import numpy as np
import pytest
import sympy as sp
from hypothesis import given, settings
from hypothesis import strategies as st

from numerics import compile_model, sphere
from numerics.fused.form import recognise
from proofs_checks.strategies import betas, masses, points
from theory import REPULSIVE, SA, USA, gradient_flow
from theory import interaction_energy as pairs
from theory.symbols import beta, z

pytestmark = pytest.mark.extras

REPULSIVE_USA = gradient_flow(pairs(-sp.exp(beta * z) / beta))
MODELS = {"SA": SA, "USA": USA, "-SA": REPULSIVE, "-USA": REPULSIVE_USA}
EPS = np.finfo(float).eps


@pytest.mark.every(8)
@pytest.mark.parametrize("name", MODELS)
@settings(max_examples=40, deadline=None)
@given(data=st.data())
def test_fused_is_the_print(name, backend, data, both, agree):
    x = data.draw(points(n=(1, 7), d=(1, 5)))
    weights = data.draw(st.none() | masses(x.shape[0]))
    b = data.draw(betas(-6, 20) | st.sampled_from([-100.0, -100.5, 100.0, 301.0]))
    agree(*both(MODELS[name], x, backend, b, weights))


# a full matrix, tiles with a remainder, many dimensions, more dimensions than points, numba's
# kernels for two, three and other dimensions by row and by block
SHAPES = [(1, 1), (3, 1), (40, 2), (600, 2), (40, 3), (530, 3), (300, 5), (300, 20), (30, 17)]


SHAPES += [(20, 60), (257, 70), (1, 40)]


@pytest.mark.every(21)
@pytest.mark.parametrize("name", MODELS)
@pytest.mark.parametrize("shape", SHAPES)
def test_every_path(name, backend, shape, both, agree):
    n, dim = shape
    x = sphere.random_points(n, dim, n)
    rng = np.random.default_rng(dim)
    for b in (-5.0, 0.0, 9.0, -500.0, 1e4, 1e9):
        if "U" in name and abs(b) > 500:
            continue
        for weights in (None, rng.uniform(0.1, 2.0, n)):
            agree(*both(MODELS[name], x, backend, b, weights))


@pytest.mark.every(7)
@pytest.mark.parametrize("b", (-5.0, 0.0, 1.0, 9.0, 100.0, 1e4))
@pytest.mark.parametrize("shape", [(2, 2), (7, 3), (18, 5), (6, 20)])
def test_accuracy_contract(b, shape, backend, exact_velocity, distance):
    n, dim = shape
    x = sphere.random_points(n, dim, n)
    weights = np.random.default_rng(n).uniform(0.1, 2.0, n)
    bound = 16 * (1 + abs(b)) * EPS
    for normalised, model in ((True, SA), (False, USA)):
        if not normalised and b > 700:
            continue
        exact, largest = exact_velocity(x, b, weights, normalised)
        computed = compile_model(model, beta=b, masses=weights, backend=backend)(x)
        assert distance(exact, computed, mpmath.mpf(1)) <= bound * largest


@pytest.mark.parametrize("name", MODELS)
@pytest.mark.parametrize("dim", [2, 4, 33])
def test_batches(name, backend, dim, both, agree):
    model = MODELS[name]
    x = sphere.random_points(9, dim, 0, batch=(2, 40))
    rng = np.random.default_rng(1)
    per_system = rng.uniform(0, 9, (2, 40))
    weights = rng.uniform(0.5, 1.5, 9)
    for b in (2.0, per_system, -per_system, per_system - 4.0):
        agree(*both(model, x, backend, b, weights))
        agree(*both(model, x, backend, b))
    each = rng.uniform(0.5, 1.5, (40, 9))
    agree(*both(model, x, backend, 2.0, each))
    agree(*both(model, x[0, 0], backend, 2.0, each))  # the same points with many masses
    agree(*both(model, x[0, 0], backend, per_system))  # and with many temperatures
    agree(*both(model, x[:, ::3, ::-1, ::-1], backend, 2.0, weights))  # not contiguous
    mixed = np.where(per_system > 4, per_system, -400.0)
    if recognise(model).normalised:
        agree(*both(model, x, backend, mixed, weights))
    assert compile_model(model, beta=1.0, backend=backend).unchecked(x[:0]).shape == (0, 40, 9, dim)
    large = sphere.random_points(300, dim, 0, batch=(2,))
    agree(*both(model, large, backend, np.array([0.5, 3.0])))


def test_time_and_other_dtypes(backend, agree):
    x = sphere.random_points(6, 3, 0)
    field = compile_model(SA, beta=lambda s: 1.0 + s, backend=backend)
    agree(field(x, 2.0), compile_model(SA, beta=3.0, backend="plain")(x), 1e-14)
    assert compile_model(SA, beta=1.0, backend=backend).unchecked(x.astype("f4")).shape == (6, 3)


def test_exact_zeros(backend):
    for b in (-3.0, 0.0, 1.0, 1e4):
        field = compile_model(SA, beta=b, backend=backend)
        assert np.abs(field([[1.0, 0.0]])).max() == 0  # n = 1
        assert np.abs(field([[1.0], [-1.0]])).max() == 0  # d = 1
        same = np.tile(sphere.random_points(1, 3, 0), (4, 1))
        assert np.abs(field(same)).max() <= 1e-15
        assert np.abs(field([[1.0, 0.0], [-1.0, 0.0]])).max() <= 1e-15


@pytest.mark.parametrize("b", [709.9, 1000.0, 1e4])
@pytest.mark.parametrize("shape", [(1, 2), (4, 3), (300, 3), (8, 40)])
def test_overflow_is_told(backend, b, shape):
    x = sphere.random_points(*shape, 0)
    field = compile_model(USA, beta=b, backend=backend)
    with pytest.raises(OverflowError, match=r"scaled.*coarsen"):
        field(x)
    with pytest.raises(OverflowError, match="log_energy"):
        field.energy(x)


def test_no_overflow_below_it(backend, both, agree):
    x = sphere.random_points(5, 3, 0)
    agree(*both(USA, x, backend, 705.0))


def test_points_that_are_unit_only_nearly(backend, both, agree):
    x = sphere.random_points(40, 3, 0) * (1 + 9e-7)
    for b in (4.0, 1e6, 1e12):
        agree(*both(SA, x, backend, b))


def test_the_comparison_can_fail(backend, both, agree):
    x = sphere.random_points(7, 3, 0)
    wrong = compile_model(SA, beta=9.0 * (1 + 1e-12), backend=backend)(x)
    _, printed, bound = both(SA, x, backend, 9.0)
    with pytest.raises(AssertionError):
        agree(wrong, printed, bound)


def test_pickled_and_input_untouched(backend):
    x = sphere.random_points(20, 3, 0)
    before = x.copy()
    field = compile_model(SA, beta=2.0, backend=backend)
    expected = field(x)
    np.testing.assert_array_equal(pickle.loads(pickle.dumps(field))(x), expected)
    np.testing.assert_array_equal(x, before)
    x.setflags(write=False)
    np.testing.assert_array_equal(field(x), expected)
