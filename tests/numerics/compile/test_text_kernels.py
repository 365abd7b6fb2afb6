"""What the parser accepts, the compiler prints: every function of the whitelist, against mpmath."""

from __future__ import annotations

import importlib.util

import mpmath
import numpy as np
import pytest
import sympy as sp

from numerics import compile_model, integrate, sphere
from theory import gradient_flow, interaction_energy
from theory.parse import parse_kernel
from theory.parse.kinks import FOLDS
from theory.parse.ranges import FUNCTIONS
from theory.parse.reader import ACTIVATIONS
from theory.symbols import z

BACKENDS = ["plain", "numpy"] + ["numba"] * bool(importlib.util.find_spec("numba"))

KERNELS = {
    "exp": "exp(t)", "log": "log(2 + t)", "sqrt": "sqrt(2 + t)", "sin": "sin(t)", "cos": "cos(t)",
    "tan": "tan(t)", "sinh": "sinh(t)", "cosh": "cosh(t)", "tanh": "tanh(2*t)",
    "asin": "asin(t/2)", "acos": "acos(t/2)", "atan": "atan(t)", "asinh": "asinh(t)",
    "atanh": "atanh(t/2)", "erf": "erf(2*t)", "gelu": "gelu(2*t)", "silu": "silu(3*t)",
    "abs": "abs(t)**3 + abs(t - 0.5)**1.5", "max": "max(t, 0)**2",
    "min": "min(t - 0.25, 0)**2 + t",
    "+": "1 + t", "*": "t*t/3", "**": "(1 + t)**(3/2)", "root": "(1 - t)**1.25 + (2 + t)**-0.5",
}  # fmt: skip


def mp(number: float) -> mpmath.mpf:
    return mpmath.mpf(float(number))


def reference(kernel: sp.Expr, points: np.ndarray, weights: np.ndarray) -> tuple[np.ndarray, float]:
    """Velocity and energy of the flow of a kernel, in 30 digits."""
    n, d = points.shape
    value = sp.lambdify(z, kernel, "mpmath")
    slope = sp.lambdify(z, kernel.diff(z), "mpmath")
    with mpmath.workdps(30):
        x = [[mp(v) for v in row] for row in points]
        m = [mp(w) for w in weights]
        gram = [[mpmath.fsum(a * b for a, b in zip(p, q, strict=True)) for q in x] for p in x]
        gram = [[min(max(g, mpmath.mpf(-1)), mpmath.mpf(1)) for g in row] for row in gram]
        pairs = range(n)
        energy = mpmath.fsum(m[i] * m[j] * value(gram[i][j]) for i in pairs for j in pairs) / 2
        pull = [
            [mpmath.fsum(m[j] * slope(gram[i][j]) * x[j][k] for j in pairs) for k in range(d)]
            for i in pairs
        ]
        out = np.empty((n, d))
        for i in pairs:
            along = mpmath.fsum(a * b for a, b in zip(x[i], pull[i], strict=True))
            out[i] = [float(pull[i][k] - along * x[i][k]) for k in range(d)]
    return out, float(energy)


def points_for(d: int) -> np.ndarray:
    """Tokens that include coincident, orthogonal and antipodal pairs."""
    points = sphere.random_points(7, d, rng=5)
    points[1], points[2] = points[0], -points[0]
    points[3] = np.eye(d)[0]
    points[4] = np.eye(d)[1]
    return points


def test_every_function_has_a_kernel_here() -> None:
    assert set(KERNELS) - {"+", "*", "**", "root"} == {*FUNCTIONS, *ACTIVATIONS, *FOLDS}


@pytest.mark.every(21)
@pytest.mark.parametrize("backend", BACKENDS)
@pytest.mark.parametrize("name", KERNELS)
def test_velocity_and_energy_of_every_function(name: str, backend: str) -> None:
    kernel = parse_kernel(KERNELS[name])
    model = gradient_flow(interaction_energy(kernel), KERNELS[name])
    masses = np.linspace(0.5, 1.5, 7) / 7
    field = compile_model(model, masses=masses, backend=backend)
    for d in (2, 3):
        points = points_for(d)
        velocity, energy = reference(kernel, points, masses)
        assert np.max(np.abs(field(points) - velocity)) < 3e-8  # a root has an infinite slope
        assert abs(float(field.energy(points)) - energy) < 1e-14 * (1 + abs(energy))
        if name != "root":
            away = points[[0, 3, 5, 6]]
            some = compile_model(model, backend=backend)
            expected = reference(kernel, away, np.full(4, 0.25))[0]
            assert np.max(np.abs(some(away) - expected)) < 2e-15


@pytest.mark.parametrize("text", ["(1 + t)**(3/2)", "(1 - t)**1.5", "(1 - t**2)**1.5"])
def test_rounding_beyond_the_end_of_a_kernel_is_no_nan(text: str) -> None:
    """The product of a unit row with itself, or with its antipode, may leave [-1, 1]."""
    angles = np.linspace(0, 2 * np.pi, 4001)[:-1]
    points = np.stack([np.cos(angles), np.sin(angles)], axis=1)[:, None, :] * [[1.0], [-1.0]]
    points = sphere.project(points)
    beyond = np.abs(sphere.gram(points)) > 1
    assert beyond.any()
    model = gradient_flow(interaction_energy(parse_kernel(text)), text)
    field = compile_model(model)
    assert np.isfinite(field(points)).all() and np.isfinite(field.energy(points)).all()
    assert "xp.clip" in field.source


def test_only_what_ends_is_clipped() -> None:
    for text in ("exp(t)", "t**3", "max(t, 0)**2", "tanh(t)"):
        field = compile_model(gradient_flow(interaction_energy(parse_kernel(text)), text))
        assert "clip" not in field.source


def test_a_kinked_kernel_is_integrated() -> None:
    model = gradient_flow(interaction_energy(parse_kernel("max(t, 0)**2")), "relu²")
    run = integrate(compile_model(model), sphere.random_points(8, 3, rng=0), 3.0, rtol=1e-8)
    assert run.status.success and np.all(np.diff(run.energy) >= -1e-15)


def test_powers_without_a_value_at_zero_are_nan() -> None:
    runtime = importlib.import_module("numerics.compile.runtime").RUNTIME["positive_part"]
    x = np.array([-1.0, 0.0, 4.0])
    assert runtime(x, 0.5, np).tolist() == [0.0, 0.0, 2.0]
    assert np.array_equal(runtime(x, 0.0, np), [0.0, np.nan, 1.0], equal_nan=True)
    assert np.array_equal(runtime(x, -0.5, np), [0.0, np.nan, 0.5], equal_nan=True)


def test_the_scaled_form_of_a_sine_is_real():
    """Written by exponentials it would be complex, and the speed that chooses a clock with it."""
    field = compile_model(gradient_flow(interaction_energy(parse_kernel("sin(t) + cosh(3*t)"))))
    u, log_scale = field.scaled(points_for(3))
    assert u.dtype == log_scale.dtype == np.float64
    np.testing.assert_allclose(np.exp(log_scale) * u, field(points_for(3)), atol=1e-13)


@pytest.mark.parametrize("text", [*KERNELS.values(), "t + t**3/3", "t**4/4 + cosh(t)", "exp(t**2)"])
def test_the_scaled_form_is_the_velocity(text):
    """Powers of inner products are no exponentials of logarithms: those may be negative."""
    field = compile_model(gradient_flow(interaction_energy(parse_kernel(text))))
    u, log_scale = field.scaled(points_for(3))
    assert np.all(np.isfinite(u)) and np.isfinite(log_scale)
    np.testing.assert_allclose(np.exp(log_scale) * u, field(points_for(3)), rtol=1e-12, atol=1e-13)
