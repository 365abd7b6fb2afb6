"""Waves against values: sums, amplitudes, periods."""

import pytest
from sympy import Abs, Heaviside, cos, exp, pi, sin, sqrt, tan

from proofs_checks.decide.waves import amplitude, as_waves, frequency, is_periodic, is_wave
from theory.symbols import t


@pytest.mark.parametrize(
    ("expr", "period"),
    [
        (Abs(sin(t)), pi),
        (1 / (2 + sin(2 * t)) + cos(3 * t), 2 * pi),
        (exp(cos(pi * t)), 2),
        (sin(t) + sin(sqrt(2) * t), None),
        (t * sin(t), None),
        (sin(t**2), None),
        (tan(t), None),
        (Heaviside(sin(t)), None),
        (sin(sin(t)), None),
    ],
    ids=str,
)
def test_periods(expr, period):
    assert is_periodic(expr, t) is (period is not None)
    if period is not None:
        assert abs((expr.subs(t, 1.3 + period) - expr.subs(t, 1.3)).evalf()) < 1e-12


def test_sums_of_waves():
    waves = as_waves(sin(t) ** 2 * cos(3 * t))
    assert is_wave(waves, t) and not is_wave(1 + waves, t)
    assert abs((waves - sin(t) ** 2 * cos(3 * t)).subs(t, 0.7).evalf()) < 1e-12
    assert amplitude(waves, t) == 1
    assert frequency(3 * sin(1 - 2 * t), t) in (2, -2)
