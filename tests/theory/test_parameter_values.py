"""Parameters by name, matrices of numbers, and kernels in a letter that isn't z."""

import pickle

import numpy as np
import pytest
from sympy import ImmutableMatrix, Matrix, Symbol, cos, exp

from numerics import compile_model, sphere
from theory import QKV, SA, anchor_energy, gradient_flow, interaction_energy
from theory.atoms import Elementwise, Tangent
from theory.models import Model
from theory.parse import ParseError, parse_energy, parse_kernel
from theory.symbols import Q, X, beta, m, t, z

TURN = np.array([[0.0, -1.0], [1.0, 0.0]])


def test_names_and_symbols_mean_the_same():
    assert SA.subs({"beta": 2}) == SA.subs({beta: 2})
    assert QKV.subs({"Q": cos(t) * Q}) == QKV.subs({Q: cos(t) * Q})
    with pytest.raises(ValueError, match=r"among \('beta',\) but got values with betta"):
        SA.subs({"betta": 2})


@pytest.mark.parametrize(
    "turn", [TURN, TURN.tolist(), ((0, -1), (1, 0)), Matrix(TURN.astype(int)), TURN.astype(int)]
)
def test_matrices_of_numbers(turn):
    eye = np.eye(2)
    model = QKV.subs({"Q": eye, "K": [[1, 0], [0, 1]], "V": turn})
    points = sphere.random_points(4, 2, rng=0)
    given = compile_model(QKV, beta=1.5, Q=eye, K=eye, V=TURN)(points)
    assert np.array_equal(compile_model(model, beta=1.5)(points), given)
    # what the call gives goes first
    other = compile_model(model, beta=1.5, V=eye)(points)
    assert np.array_equal(other, compile_model(QKV, beta=1.5, Q=eye, K=eye, V=eye)(points))
    assert model.parameters == QKV.parameters
    assert pickle.loads(pickle.dumps(model)) == model != QKV
    assert len({model, QKV}) == 2


def test_numbers_are_kept_and_replaced():
    model = QKV.subs({"V": TURN})
    hot = model.subs({"beta": 3})
    assert hot.numbers == model.numbers and hot.parameters == QKV.parameters[1:]
    again = hot.subs({"V": np.eye(2)})
    assert list(again.numbers.values()) == [ImmutableMatrix(np.eye(2).tolist())]
    tall = QKV.subs({"Q": np.ones((1, 3)), "K": np.ones((1, 3)), "V": np.eye(3)})
    points = sphere.random_points(4, 3, rng=1)
    assert compile_model(tall, beta=1.0)(points).shape == (4, 3)


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"V": [[1, 2, 3]]}, r"Expected V of shape \(d, d\)"),
        ({"Q": np.eye(2), "V": np.eye(3)}, "with d=2 as in Q, but got V"),
        ({"Q": np.ones((1, 2)), "K": np.eye(2)}, "with k=1 as in Q, but got K"),
        *[({"Q": bad}, "a matrix of finite numbers, for Q") for bad in (3, "text", None, [1, 2])],
        ({"Q": [["a"]]}, "a matrix of finite numbers, for Q"),
        ({"V": [[np.nan]]}, "a matrix of finite numbers, for V"),
        ({"V": np.zeros((0, 0))}, "a matrix of finite numbers, for V"),
        ({"beta": [1, 2]}, "a number or an expression for beta"),
        ({"beta": np.eye(2)}, "a number or an expression for beta"),
    ],
)
def test_values_that_do_not_fit(values, message):
    with pytest.raises(ValueError, match=message):
        QKV.subs(values)


@pytest.mark.parametrize(
    ("kernel", "problem"),
    [
        (exp(beta * t) / beta, "which does not depend on z"),
        (exp(Symbol("z")), r"whose z is another symbol than theory\.symbols\.z"),
        (z * Symbol("z"), r"whose z is another symbol than theory\.symbols\.z"),
        (exp(beta * Symbol("t")), r"whose t is another symbol than theory\.symbols\.t"),
        (z + Symbol("t"), r"whose t is another symbol than theory\.symbols\.t"),
        (exp(beta * Symbol("s")), "which does not depend on z"),
        (beta, "which does not depend on z"),
    ],
)
def test_a_kernel_that_is_constant_by_accident(kernel, problem):
    with pytest.raises(ValueError, match=problem + r"; write it with `from theory\.symbols"):
        interaction_energy(kernel)
    with pytest.raises(ValueError, match=problem):
        anchor_energy(kernel, X, m)


def test_kernels_that_are_meant():
    assert gradient_flow(interaction_energy(t * z)).parameters == ()  # time, and z
    assert interaction_energy(exp(Symbol("s") * z)).shape == (1, 1)
    assert interaction_energy(1).shape == (1, 1)  # a number is no accident


@pytest.mark.parametrize(
    ("text", "parameters", "problem"),
    [
        ("exp(beta*x)", ("beta",), r"the name 'x' is unknown.*\(t is the argument\)"),
        ("exp(beta*z)", ("beta",), r"another meaning. The argument of the kernel is t"),
        ("exp(beta*s)", ("beta", "s"), "it does not depend on t"),
        ("beta", ("beta",), "it does not depend on t"),
        ("t*0 + beta", ("beta",), "it does not depend on t"),
    ],
)
def test_a_text_in_another_letter(text, parameters, problem):
    with pytest.raises(ParseError, match=problem):
        parse_kernel(text, parameters=parameters)
    with pytest.raises(ParseError, match=problem):
        parse_energy(f"pair({text})", parameters=parameters)


def test_a_velocity_in_another_z_says_which():
    velocity = Tangent(X, Elementwise(exp(beta * Symbol("z")), X * X.T) * X)
    with pytest.raises(ValueError, match=r"theory\.symbols\.z is another symbol: take that"):
        Model("wrong", velocity)
