"""Lipschitz bounds of weights that aren't divided, watched on pairs of states and at many z."""

from __future__ import annotations

import numpy as np
import pytest
from sympy import DiagMatrix, Rational, cos, exp, lambdify, log

from numerics.compile import compile_model
from numerics.sphere import random_points
from proofs_checks import Verdict, check_model
from proofs_checks.own_model.kernel_bounds import kernel_bounds, largest
from proofs_checks.proof import Flow
from theory.atoms import Elementwise, Tangent
from theory.models import Model, catalogue
from theory.positive_part import PositivePart
from theory.symbols import X, beta, m, n, z

ROW = "Lipschitz bound"


def asked(model, **given):
    model = catalogue(model) if isinstance(model, str) else model
    return check_model(model, only=ROW, **given)[ROW]


@pytest.mark.parametrize(
    ("name", "constant"),
    [
        ("sigmoid", "2*M*(Abs(beta) + 1)"),
        ("linear", "4*M*Abs(beta)"),
        ("ReLU", "4*M*Abs(beta)"),
        ("summed sigmoid", "exp(Abs(beta))"),
        ("sigmoid + causal", "2*M*(Abs(beta) + 1)"),
    ],
)
def test_a_kernel_with_symbols_has_its_own_constant(name, constant):
    found = asked(name)
    assert found.verdict is Verdict.PROVED and constant in found.sentence


@pytest.mark.parametrize("name", ["sigmoid", "summed sigmoid", "linear", "ReLU"])
def test_chords_grow_at_that_rate_at_most(name):
    rng, model, hot = np.random.default_rng(4), catalogue(name), 2.0
    masses = rng.uniform(0.2, 2, 4)
    run = compile_model(model, masses=masses, **{str(p): hot for p in model.parameters})
    own = kernel_bounds(Flow.of(model))
    put = {p: Rational(2) for p in model.parameters} | {n: 4}
    rate = float(2 * masses.sum() * (own.most + own.slope).subs(put))
    for far in (1e-3, 0.1, 1.0):
        for _ in range(30):
            x = random_points(4, 2, rng)
            y = x + far * rng.normal(size=x.shape)
            y /= np.linalg.norm(y, axis=1, keepdims=True)
            apart, moved = x - y, run.unchecked(x) - run.unchecked(y)
            widest = np.linalg.norm(apart, axis=1).argmax()
            growth = (apart[widest] * moved[widest]).sum() / (apart[widest] ** 2).sum()
            assert growth <= rate


@pytest.mark.parametrize(
    "kernel",
    [
        1 / (1 + exp(-3 * z)),
        5 / (2 + exp(z) + exp(-2 * z)),
        z**3 - 2 * z,
        exp(z) * z,
        PositivePart(2 * z - 1, 1),
        1 / (exp(-z) + Rational(1, 7)),
        exp(z**2 - z),
    ],
)
def test_bounds_are_above_at_two_thousand_places(kernel):
    model = Model("own", Tangent(X, Elementwise(kernel, X * X.T) * DiagMatrix(m) * X))
    own, places = kernel_bounds(Flow.of(model)), np.linspace(-1, 1, 1999)
    for part, most in ((kernel, own.most), (kernel.diff(z), own.slope)):
        values = np.abs(lambdify(z, part)(places) + 0 * places)
        assert np.nanmax(values) <= float(most) * (1 + 1e-12)


@pytest.mark.parametrize(
    "kernel", [1 / (2 - z - beta), log(2 + z), 1 / z, cos(beta / z), 1 / (1 - exp(z)), z**-1 + 1]
)
def test_what_may_have_a_pole_isnt_bounded_by_its_form(kernel):
    assert largest(kernel) is None


def test_a_root_isnt_lipschitz_and_isnt_proved():
    kernel = PositivePart(z, Rational(1, 2))
    model = Model("own", Tangent(X, Elementwise(kernel, X * X.T) * DiagMatrix(m) * X))
    assert kernel_bounds(Flow.of(model)) is None
    assert asked(model).verdict is not Verdict.PROVED


def test_masses_of_the_state_part_the_same_tokens():
    found = asked("moving masses")
    assert found.verdict is Verdict.REFUTED and "D = 0, x_1' differ" in found.detail
