"""Counts of clusters between equal spacing and independent draws: both ends, and the crossover."""

import numpy as np
import pytest

from numerics import CountRegimes, count_regimes
from theory import SA
from theory.predictions import expected_maxima, fastest_mode


@pytest.mark.slow
def test_both_ends_have_their_prediction():
    found = count_regimes(9.0, [1e-6, np.inf], n=128, runs=24)
    assert found.fastest == fastest_mode(9) == 4
    assert found.random == pytest.approx(float(expected_maxima(9)))
    error = found.counts.std(axis=1) / np.sqrt(24)
    assert abs(found.mean[0] - 4) < 4 * error[0] + 0.15
    assert abs(found.at_start[-1].mean() - found.random) < 4 * found.at_start[-1].std() / 24**0.5
    assert found.mean[1] < found.mean[0] - 3 * np.hypot(*error)
    again = count_regimes(9.0, [1e-6, np.inf], n=128, runs=24)
    assert np.array_equal(found.counts, again.counts)


def made(means):
    spreads = np.array([1e-4, 1e-2, 1.0, np.inf])[-len(means) :]
    counts = np.repeat(np.array(means)[:, None], 8, axis=1)
    return CountRegimes(spreads, counts, counts, spreads, 4, 2.0, 9.0, 64)


def test_the_crossover_is_halfway():
    assert made([4, 4, 2, 2]).crossover == pytest.approx(0.1)
    assert made([5, 4, 1, 1]).crossover == pytest.approx(10 ** (-2 + 2 / 3))
    assert made([4, 4, 4, 4]).crossover is None
    assert made([4, 4, 4, 2]).crossover is None


@pytest.mark.full
def test_the_crossover_at_beta_9():
    """Between a thousandth and the spacing's own disorder; later for fewer tokens."""
    found = count_regimes(9.0, [1e-6, 1e-2, 0.1, 1.0, np.inf], n=256, runs=60)
    assert found.crossover is not None and 1e-2 < found.crossover < 1.0


@pytest.mark.parametrize(
    "wrong",
    [
        {"beta": 0.0}, {"beta": "hot"}, {"n": 1}, {"runs": 1}, {"spreads": [1.0, 0.1]},
        {"spreads": [0.0]}, {"spreads": []}, {"model": SA.subs({SA.parameters[0]: 2}, "warm")},
    ],
)  # fmt: skip
def test_what_is_refused(wrong):
    with pytest.raises((TypeError, ValueError), match=r"Expected .* but got"):
        count_regimes(**{"beta": 9.0, "spreads": [0.1], "n": 8, "runs": 2, **wrong})
