"""Functions of time on [0, T): where they end, their sign and integral, known by hand."""

import math

import pytest
from sympy import (
    Abs,
    Heaviside,
    Max,
    Piecewise,
    Rational,
    Symbol,
    atan,
    cos,
    cosh,
    exp,
    lambdify,
    log,
    oo,
    pi,
    sin,
    sqrt,
    symbols,
    sympify,
    tan,
    tanh,
)

from proofs_checks.decide import adds_up, bounds, end_of, limit_at, sign_until
from theory.bounded import BudgetSpentError, metered
from theory.symbols import t

A = Symbol("a", positive=True)

# expression, where it ends, its sign up to there, whether its integral is infinite
KNOWN = [
    (1 / (1 - t), 1, 1, True),
    (1 / (1 - t) ** 2, 1, 1, True),
    (1 + tan(t) ** 2, pi / 2, 1, True),
    (1 / sqrt(1 - t), 1, 1, False),
    (sqrt(1 - t), 1, 1, False),
    (sqrt(2 - t) / (1 + t), 2, 1, False),
    (1 / cos(t), pi / 2, 1, True),
    (-log(1 - t), 1, 1, False),
    (1 / (2 - exp(t)), log(2), 1, True),
    (1 / (1 - A * t), 1 / A, 1, True),
    (1 / (1 + A * t), oo, 1, True),
    (exp(-A * t), oo, 1, False),
    (exp(-t) * cosh(t), oo, 1, True),
    (1 / (2 + sin(t)), oo, 1, True),
    (exp(-(t**2)), oo, 1, False),
    (sin(2 * pi * t) ** 2, oo, 1, True),
    (exp(sin(t)), oo, 1, True),
    (exp(-t) * (2 + sin(t)), oo, 1, False),
    ((2 + cos(t)) / (1 + t), oo, 1, True),
    (1 / (1 + t), oo, 1, True),
    (1 / (1 + t) ** 2, oo, 1, False),
    (log(1 + t), oo, 1, True),
    (tanh(t), oo, 1, True),
    (exp(-sqrt(t)), oo, 1, False),
    (1 / (1 + exp(t)), oo, 1, False),
    (t * exp(-(t**2)), oo, 1, False),
    (atan(t), oo, 1, True),
    (Heaviside(t - 5), oo, 1, True),
    (1 - exp(-t), oo, 1, True),
    (-exp(-t), oo, -1, False),
    (-t - 1, oo, -1, True),
    ((1 - t) ** 2, oo, 1, True),
    (Heaviside(5 - t), oo, 1, False),
    (1 + Heaviside(5 - t), oo, 1, True),
    (Max(1 - t, 0), oo, 1, False),
    (Piecewise((exp(-t), t < 1), (1 / (1 + t), True)), oo, 1, True),
    (Piecewise((1, t < 1), (1 / (3 - t), True)), 3, 1, True),
    (Piecewise((1 / (3 - t), t < 1), (2, True)), oo, 1, True),
    (Piecewise((-1, t < 1), (0, True)), oo, -1, False),
]


@pytest.mark.every(13)
@pytest.mark.parametrize(("expr", "end", "sign", "infinite"), KNOWN, ids=str)
def test_end_sign_and_integral(expr, end, sign, infinite):
    end = sympify(end)
    assert end_of(expr, t) == end
    assert sign_until(expr, t, end) == sign
    assert adds_up(expr, t, end) is infinite


@pytest.mark.parametrize(
    "expr",
    [
        1 - t,
        cos(t),
        exp(-t) - Rational(1, 2),
        1 / (1 - t) - 3,
        sin(t) + t / 9,
        Piecewise((1, t < 1), (-1, True)),  # its slope is 0, and it jumps over 0
        1 - 2 * Heaviside(t - 30),
    ],
    ids=str,
)
def test_both_signs(expr):
    assert sign_until(expr, t, end_of(expr, t)) == 0


@pytest.mark.parametrize("expr", [1 / t, log(t), sqrt(t - 1), log(t - 2)], ids=str)
def test_no_start(expr):
    assert end_of(expr, t) == 0


@pytest.mark.parametrize(
    "expr",
    [
        log(t) / (t - 1) / log(t + 1),  # a gap at 1 that a limit closes, and none at 0
        (exp(1 - t) - 1) / (t - 1),
        Piecewise((1 / (1 - t), t < 1), (1, True)),
        1 / (cos(t) + t / 9),
        sqrt(t * (1 - t)),
    ],
    ids=str,
)
def test_ends_that_are_left_open(expr):
    assert end_of(expr, t) in (None, 0)


def test_a_wrong_limit_is_seen():
    # SymPy 1.14 has it as 0; it is log 2.
    assert limit_at(t + log(2 / (exp(t) + 1)), t, oo) in (None, log(2))


@pytest.mark.parametrize(
    "expr",
    [
        1 / (2 + sin(t)),
        exp(-(t**2)) * cos(t),
        (1 + t) ** -2 - 3 * sin(t) ** 2,
        1 / (3 - 2 * sin(t)) ** 3,
        exp(sin(t)) * tanh(t),
        (2 - cos(t)) * (-3 - sin(t)),
    ],
    ids=str,
)
def test_values_lie_between_the_bounds(expr):
    low, high = (float(end) for end in bounds(expr, t))
    value = lambdify(t, expr, "math")
    seen = [value(k / 7) for k in range(300)]
    assert low - 1e-12 <= min(seen) <= max(seen) <= high + 1e-12
    assert math.isfinite(low) and math.isfinite(high)


@pytest.mark.parametrize(
    ("expr", "infinite"),
    [
        (Abs(sin(t)), True),
        ((1 + sin(t)) / (1 + t), True),
        (Abs(sin(3 * t)) * Abs(cos(2 * t)), True),
        (Abs(cos(2 * t)) * sqrt(1 + t), True),
        (Abs(sin(t)) / (1 + t) ** 2, False),
        ((1 + sin(t)) * exp(-t), False),
        # Two waves without a common period; a rest that neither rises nor falls.
        (Abs(sin(t)) * Abs(sin(sqrt(2) * t)), None),
        (Abs(sin(t)) / (1 + t * Abs(sin(t))), None),
    ],
    ids=str,
)
def test_integrals_of_waves_that_touch_0(expr, infinite):
    assert sign_until(expr, t, oo) == 1
    assert adds_up(expr, t, oo) is infinite


@pytest.mark.parametrize(
    "ask",
    [
        lambda: end_of(2 / (3 - t), t),
        lambda: sign_until(2 - t, t, oo),
        lambda: adds_up(2 / (3 + t), t, oo),
        lambda: limit_at(2 / (3 + t), t, oo),
    ],
    ids=["end", "sign", "integral", "limit"],
)
def test_a_budget_that_is_spent_ends_it(ask):
    with metered(0), pytest.raises(BudgetSpentError):
        ask()


def test_what_turns_for_ever_has_no_limit():
    for expr in (sin(t), cos(t) * (1 + exp(-t)), t * sin(t)):
        assert limit_at(expr, t, oo) is None
    assert limit_at(sin(t) / (1 + t), t, oo) in (0, None)


def test_a_limit_whose_sign_is_that_of_a_difference_is_not_known():
    """SymPy has ∞ sign(a - b), which at a = b is no number: it was an error of ours."""
    a, b = symbols("a b", positive=True)
    wave = t - sin(2 * t) / 2
    assert limit_at(a * t - b * wave, t, oo) is None
    assert limit_at(wave, t, oo) == oo
