"""‖f''''‖ of e^{b cos θ}/b against derivatives by SymPy, and where the inequality ends."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from scipy.optimize import brentq
from sympy import Rational, cos, exp, lambdify, simplify, symbols

from proofs_checks.decide import bends_little
from proofs_checks.decide import fourth_derivative as own


def derivatives() -> dict[int, Any]:
    """Second and fourth derivative over A, of θ and b."""
    theta, b = symbols("theta b")
    wave = exp(b * (cos(theta) - 1)) / b
    return {k: lambdify((theta, b), simplify(wave.diff(theta, k))) for k in (2, 4)}


DERIVED = derivatives()
ANGLES = np.linspace(0, np.pi, 20001)


def share(heat: float) -> tuple[float, float]:
    """The norm over 8 A, over ``1/τ + 1/π``, and over 1/τ."""
    size = 2 * np.trapezoid(np.abs(DERIVED[4](ANGLES, heat)), ANGLES) / 8
    tau = brentq(lambda a: heat * np.sin(a) ** 2 - np.cos(a), 1e-3, np.pi)
    bend = DERIVED[2](ANGLES, heat)
    assert (bend[ANGLES < tau - 1e-3] <= 0).all() and (bend[ANGLES > tau + 1e-3] >= 0).all()
    return size / (1 / tau + 1 / np.pi), size * tau


@pytest.mark.parametrize("heat", [-0.26, -0.2, -0.05, 0.0, 0.3, 1 / 3, 1.0, 3.7, 8.0])
def test_the_share_at_one_b(heat: float) -> None:
    found, expected = own._share(heat, heat), share(heat)[0]
    assert float(found) == pytest.approx(expected, rel=2e-4)
    assert float(found.upper()) >= expected - 1e-7


@pytest.mark.parametrize("heat", [8.0, 16.0, 100.0, 1000.0])
def test_the_share_at_one_u(heat: float) -> None:
    found, expected = own._share_hot(1 / heat, 1 / heat), share(heat)[1]
    # arcsin x <= x/sqrt(1-x²) bounds the angle from above
    assert expected - 1e-9 < float(found.upper()) < expected * 1.02
    wide = own._share_hot(0.0, 1 / heat)
    assert float(wide.upper()) > expected


def test_a_box_covers_what_is_in_it() -> None:
    for low, high in ((-0.25, -0.2), (0.1, 0.3), (2.0, 2.3)):
        found = float(own._share(low, high).upper())
        assert found > max(share(heat)[0] for heat in np.linspace(low, high, 5))


def test_far_away_nothing_vanishes() -> None:
    """``f''''`` at 1 - cos θ >= 8/b, b >= 8."""
    assert own._no_zero_far(1 / 8)
    for heat in (8.0, 9.0, 20.0, 300.0):
        c = np.linspace(-1, 1 - 8 / heat, 20000)
        s = 1 - c * c
        wave = c + 3 * heat * c * c - 4 * heat * s - 6 * heat**2 * s * c + heat**3 * s * s
        assert (wave > 0).all()


def test_where_it_ends() -> None:
    """Down to -13/50; the two sides are equal near -0.2616, and balls end before."""
    assert bends_little(Rational(-13, 50)) and bends_little(Rational(2)) and bends_little(99)
    assert share(-0.26)[0] < 1 < share(-0.263)[0]
    for low in (Rational(-263, 1000), Rational(-3, 10), Rational(-2, 3)):
        assert bends_little(low) == ""
