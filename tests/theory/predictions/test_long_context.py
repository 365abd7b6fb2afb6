"""Outputs at β = γ log n: the ratio against sums over tokens, limits and errors against large n."""

import mpmath
import pytest
from sympy import Rational, S, lambdify, oo, simplify

from theory.models import CAUSAL, SA, Model
from theory.predictions import (
    ATTENTION_OUTPUT,
    RESIDUAL_OUTPUT,
    output_cosine,
    output_limit,
    output_limits,
    output_regimes,
)
from theory.predictions.long_context import exponent, power
from theory.symbols import X, eta, load, n, rho

MODELS = pytest.mark.parametrize(
    ("model", "own"), [(ATTENTION_OUTPUT, 0), (RESIDUAL_OUTPUT, 1)], ids=["plain", "residual"]
)


@pytest.mark.every(2)
@MODELS
@pytest.mark.parametrize("size", [2, 3, 7])
def test_the_ratio_is_that_of_explicit_outputs(model, own, size):
    with mpmath.workdps(30):
        angle, heat, gain = mpmath.mpf(2) / 7, mpmath.mpf(5) / 4, mpmath.mpf(3) / 2
        gram = mpmath.matrix(size, size)
        weights = mpmath.matrix(size, size)
        share = mpmath.mpf(size) ** (-heat * (1 - angle))
        for i in range(size):
            for j in range(size):
                gram[i, j] = 1 if i == j else angle
                weights[i, j] = (1 if i == j else share) / (1 + (size - 1) * share)
                if own:
                    weights[i, j] = gain * weights[i, j] + (1 if i == j else 0)
        after = weights * gram * weights.T
        said = lambdify((n, power, rho, eta), output_cosine(model), "mpmath")
        found = said(size, share, angle, gain)
        assert mpmath.almosteq(found, after[0, 1] / after[0, 0], 1e-25)


def test_limits_are_the_known_ones():
    plain, more = output_limits(ATTENTION_OUTPUT), output_limits(RESIDUAL_OUTPUT)
    assert (plain.below, plain.above, more.above) == (1, rho, rho)
    assert simplify(plain.at - 4 * rho / (1 + 3 * rho)) == 0
    assert simplify(plain.off_below + 2 * (1 - load)) == 0
    assert simplify(plain.off_above + load - 1) == 0
    long = rho * (1 + eta) ** 2
    assert simplify(more.below - long / (1 + (2 * eta + eta**2) * rho)) == 0
    half = eta / 2
    middle = (1 + half) ** 2 + ((1 + half) * eta + eta**2 / 4) * rho
    assert simplify(more.at - long / middle) == 0


@MODELS
@pytest.mark.parametrize("place", [Rational(1, 3), Rational(2, 3), Rational(3, 2), S(3)])
def test_errors_are_the_leading_ones(model, own, place):
    """At n = 10^90 the error over its leading term is 1 to many digits."""
    ratio = output_cosine(model)
    below, _, above = output_regimes(model)
    regime = below if place < 1 else above
    count, point = S(10) ** 90, {rho: Rational(2, 5), eta: Rational(3, 2)}
    gap = ratio.subs({power: count**-place, n: count}).subs(point) - regime.limit.subs(point)
    lead = regime.error.subs(point) * count ** regime.off.subs(load, place)
    assert abs((gap / lead).evalf(30, maxn=2000) - 1) < Rational(1, 10**10)
    assert output_limit(model, place).equals(regime.limit)


def test_thresholds_elsewhere_are_found():
    twice = ATTENTION_OUTPUT.subs({exponent: 2 * exponent})
    assert output_limit(twice, Rational(1, 3)) == 1
    assert output_limit(twice, Rational(2, 3)) == rho
    assert simplify(output_limit(twice, Rational(1, 2)) - 4 * rho / (1 + 3 * rho)) == 0
    with pytest.raises(ValueError, match="one largest power"):
        output_limits(twice)


def test_other_models_are_refused():
    with pytest.raises(ValueError, match="keeps equal angles"):
        output_cosine(SA)
    with pytest.raises(ValueError, match="Expected"):
        output_cosine(Model("masked", CAUSAL.velocity, kind="map"))
    free = Model("free", X, parameters=(), space="euclidean", kind="map")
    assert output_cosine(free) == rho
    found = output_limits(free)
    assert (found.below, found.off_below, found.off_above) == (rho, -oo, -oo)
