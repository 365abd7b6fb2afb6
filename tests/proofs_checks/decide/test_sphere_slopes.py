"""(1 - z²) k': what it is, by differences, and of which functions nothing is said."""

import numpy as np
import pytest
import sympy as sp
from sympy import Abs, Heaviside, Piecewise, Rational, Symbol, lambdify, log, sqrt

from proofs_checks.decide import sphere_slope
from theory.symbols import z

STEEP = (
    1 - 1 / log((1 - z) / 8),
    1 - 1 / log((1 - z) / 16),
    2 - sqrt(1 - z),
    3 + (1 - z) ** Rational(1, 3),
    3 + sqrt(-1 / log((1 - z) / 8)),
    3 + sqrt(1 + z),
    3 + sqrt(1 - z**2),
    sp.exp(2 * z),
)


@pytest.mark.parametrize("kernel", STEEP, ids=str)
def test_it_is_the_slope_along_an_angle_times_its_sine(kernel: sp.Expr) -> None:
    """-(d/dθ) k(cos θ) = sin θ k'(cos θ), by central differences."""
    slope = sphere_slope(kernel)
    assert slope is not None
    angles, step = np.linspace(0.05, 3.09, 50), 1e-5
    value = lambdify(z, kernel, "numpy")
    along = (value(np.cos(angles - step)) - value(np.cos(angles + step))) / (2 * step)
    found = lambdify(z, slope, "numpy")(np.cos(angles))
    assert np.allclose(np.sin(angles) * along, found, atol=1e-6)


@pytest.mark.parametrize(
    "kernel",
    [
        *(log(1 - z), 1 / (1 - z), Heaviside(z), sqrt(Abs(z - Rational(1, 2)))),
        *(Piecewise((1, z < 0), (2, True)), Symbol("c") * z, sp.sin(1 / (1 - z)) * sqrt(1 - z)),
    ],
    ids=str,
)
def test_nothing_is_said_of_a_function_that_is_steeper_or_jumps(kernel: sp.Expr) -> None:
    assert sphere_slope(kernel) is None
