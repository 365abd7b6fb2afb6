"""Two clusters from explicit particles, by quadrature and against the published table."""

from __future__ import annotations

import itertools

import mpmath
import numpy as np
import pytest
import sympy
from sympy import Rational, pi

from theory.predictions.arguments import MODELS
from theory.predictions.two_clusters import (
    two_cluster_rate,
    two_cluster_time,
    two_cluster_time_asymptotic,
)


def number(expr: sympy.Expr) -> mpmath.mpf:
    value = sympy.N(expr, 30)
    assert value.is_Float or value.is_Integer, expr
    return mpmath.mpf(str(value))


def close(a: object, b: object, rel: float = 1e-12) -> None:
    a, b = mpmath.mpf(str(a)), mpmath.mpf(str(b))
    assert abs(a - b) <= rel * max(abs(a), abs(b), mpmath.mpf(10) ** -40), (a, b)


def cluster_time(theta0, theta1, b, m1, m2, model) -> mpmath.mpf:
    b, m1, m2 = mpmath.mpf(b), mpmath.mpf(m1), mpmath.mpf(m2)

    def slowness(a: mpmath.mpf) -> mpmath.mpf:
        q = mpmath.exp(-b * (1 - mpmath.cos(a)))
        if model == "USA":
            return 1 / (mpmath.sin(a) * (m1 + m2) * mpmath.exp(b * mpmath.cos(a)))
        return 1 / (mpmath.sin(a) * (m2 * q / (m1 + m2 * q) + m1 * q / (m2 + m1 * q)))

    theta0, theta1 = mpmath.mpf(theta0), mpmath.mpf(theta1)
    nodes = [theta0 - (theta0 - theta1) / 2**k for k in range(1, 12)]
    return mpmath.quad(slowness, [theta1, *nodes[1:], theta0])


def test_two_cluster_rate_from_explicit_particles() -> None:
    for m1, m2, a, b in ((0.3, 0.7, 1.1, 2.0), (2.0, 1.0, 2.5, 0.5)):
        x = np.array([[1.0, 0.0], [np.cos(a), np.sin(a)]])
        m = np.array([m1, m2])
        kernel = np.exp(b * x @ x.T) * m
        tangents = np.array([[0.0, 1.0], [-np.sin(a), np.cos(a)]])
        for model in MODELS:
            weights = kernel / kernel.sum(1, keepdims=True) if model == "SA" else kernel
            speeds = np.sum((weights @ x) * tangents, axis=1)
            exact = [sympy.nsimplify(v) for v in (a, b, m1, m2)]
            close(number(two_cluster_rate(*exact, model)), speeds[1] - speeds[0], 1e-12)


@pytest.mark.parametrize("b", [0, 1, 6])
def test_two_cluster_time_by_quadrature(b: int) -> None:
    start, end = Rational(2), Rational(1, 1000)
    for model, m1, m2 in (("USA", 0.5, 0.5), ("USA", 2, 1), ("SA", 0.5, 0.5), ("SA", 3, 3)):
        masses = (sympy.nsimplify(m1), sympy.nsimplify(m2))
        got = number(two_cluster_time(start, end, b, *masses, model))
        close(got, cluster_time(2, 1e-3, b, m1, m2, model), 1e-9)


def test_two_cluster_time_meets_the_published_table() -> None:
    """Logarithms of merge times with a final chord of 1e-3."""
    end = 2 * sympy.asin(Rational(1, 2000))
    half = Rational(1, 2)
    for b, masses, start, model, log_time in (
        (1, (half, half), 1, "SA", 1.966322215256),
        (1, (half, half), 1, "USA", 0.9868307286221),
        (9, (Rational(9, 10), Rational(1, 10)), 2, "USA", 1.662631976230),
        (81, (half, half), 1, "SA", 32.51300684675),
        (81, (half, half), 1, "USA", -47.79384597269),
        (400, (Rational(3, 10), Rational(7, 10)), Rational(31, 10), "USA", 399.0878762033),
        (1000, (Rational(9, 10), Rational(1, 10)), 2, "USA", 409.4282446448),
    ):
        time = sympy.N(two_cluster_time(start, end, b, *masses, model), 20, maxn=2000)
        assert abs(float(sympy.log(time)) - log_time) < 2e-9


@pytest.mark.slow
def test_two_cluster_asymptotics_have_a_second_order_error() -> None:
    for model, (m1, m2) in itertools.product(MODELS, ((0.5, 0.5), (0.1, 0.9))):
        for start in (1.0, 2.6):
            errors = {}
            for b in (80, 160):
                exact = cluster_time(start, 0.2, b, m1, m2, model)
                arguments = [sympy.nsimplify(v) for v in (start, b, m1, m2)]
                for corrected in (True, False):
                    value = two_cluster_time_asymptotic(*arguments, model, corrected)
                    errors[b, corrected] = abs(number(value) / exact - 1)
            assert errors[160, True] < 0.3 * errors[80, True]
            assert errors[160, True] < 0.6 * errors[160, False]
            # The control: the uncorrected form is of first order only.
            assert errors[160, False] > 0.4 * errors[80, False]


def test_two_clusters_refuse_what_has_no_closed_form() -> None:
    with pytest.raises(ValueError, match="Expected equal masses for SA"):
        two_cluster_time(2, 1, 1, Rational(1, 3), Rational(2, 3))
    with pytest.raises(ValueError, match="Expected angles"):
        two_cluster_time(1, 2, 1)
    with pytest.raises(ValueError, match="Expected angles"):
        two_cluster_time(pi, 1, 1)
