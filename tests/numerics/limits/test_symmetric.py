"""Tokens a, -a, 0: three levels, which the first token's equation alone gives; what is refused."""

import numpy as np
import pytest
from scipy.integrate import solve_ivp

from numerics.limits import symmetric_levels
from theory.models import SA

EYE = np.eye(2)
VALUE = np.diag([0.8, -0.5])


@pytest.mark.parametrize("score", [2.0, 9.0])
def test_the_level_is_that_of_one_equation(score):
    """c' = λ c (A_11 - A_12 - 1) of (9.3) by hand, scores ±β e^{2λt} c² and 0."""
    rate = 0.8

    def moved(t, c):
        own = np.exp(2 * rate * t) * c[0] ** 2
        weights = np.exp(np.array([own, -own, 0.0]) - own)
        weights /= weights.sum()
        return rate * c * (weights[0] - weights[1] - 1)

    start = [np.sqrt(score)]
    run = solve_ivp(moved, (0, 4 / rate), start, rtol=1e-11, atol=1e-13)
    found = symmetric_levels(EYE, EYE, VALUE, score=score)
    level = run.y[0, -1] / start[0]
    np.testing.assert_allclose(found.levels, [level, -level, 0], atol=1e-7)
    assert found.broken < 1e-14 and found.motion < 1e-6


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"V": EYE}, "simple eigenvalue"),
        ({"V": -VALUE * [[1, 0], [0, 0]]}, "simple eigenvalue"),
        ({"K": -EYE}, "Qφ_1, Kφ_1"),
        ({"V": np.ones((2, 3))}, "V is square|V of shape|points"),
        ({"V": 1j * VALUE}, "real numbers"),
        ({"beta": -1.0}, "beta"),
        ({"score": 0.0}, "score=0.0"),
        ({"model": SA}, "R\\^d"),
    ],
)
def test_what_is_refused(change, words):
    given = {"Q": EYE, "K": EYE, "V": VALUE}
    with pytest.raises((ValueError, TypeError), match=words):
        symmetric_levels(**{**given, **change})
