"""Counts of random starts: twins of our own, and the variances by quadrature."""

from dataclasses import replace

import numpy as np
import pytest
from scipy.special import iv
from sympy import Rational, Symbol, besseli, lambdify, sqrt

from proofs_checks.extensions.counts_of_random_starts import COUNTS, slope_variances
from theory.symbols import beta

TWINS = {
    "zeros for maxima": replace(COUNTS, prediction=2 * COUNTS.prediction),
    "3β for 2β": replace(COUNTS, prediction=COUNTS.prediction.subs(2 * beta, 3 * beta)),
    "crossings of the mean": replace(
        COUNTS, prediction=sqrt(beta * besseli(1, 2 * beta) / besseli(0, 2 * beta))
    ),
    "a relative error of 1e-9": replace(
        COUNTS, prediction=COUNTS.prediction * (1 + Rational(1, 10**9))
    ),
}


@pytest.mark.every(5)
@pytest.mark.parametrize("twin", TWINS.values(), ids=TWINS)
def test_a_twin_is_refuted(twin, refuted):
    refuted(twin)


def test_variances_by_quadrature():
    hot = Symbol("b", positive=True)
    first, second, _ = slope_variances(hot)
    angle = 2 * np.pi * np.arange(4000) / 4000
    for value in (0.7, 3.0):
        kernel = np.exp(value * np.cos(angle))
        slope = -value * np.sin(angle) * kernel
        bend = (value**2 * np.sin(angle) ** 2 - value * np.cos(angle)) * kernel
        for found, exact in ((first, slope), (second, bend)):
            number = lambdify(hot, found, modules=[{"besseli": iv}, "numpy"])(value)
            assert number == pytest.approx(np.mean(exact**2), rel=1e-12)
