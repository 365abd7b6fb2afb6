"""Counts near uniform: twins of our own, and the lags of modes."""

from dataclasses import replace

import numpy as np
import pytest

from proofs_checks.extensions.counts_near_uniform import COUNTS, MODE, lags
from theory.predictions import mode_growth_rate
from theory.symbols import beta

RATE = COUNTS.prediction.rate

TWINS = {
    "another β": replace(
        COUNTS,
        prediction=replace(COUNTS.prediction, rate=RATE.subs(beta, 2 * beta)),
    ),
    "the modes of S²": replace(
        COUNTS, prediction=replace(COUNTS.prediction, rate=mode_growth_rate(MODE, beta, 3))
    ),
    "starts of spread 0.7": replace(COUNTS, prediction=replace(COUNTS.prediction, start=0.7)),
}


@pytest.mark.every(5)
@pytest.mark.parametrize("twin", TWINS.values(), ids=TWINS)
def test_a_twin_is_refuted(twin, refuted):
    refuted(twin)


def test_lags_are_logarithms_of_what_modes_have_grown_to():
    rates, spread = np.array([0.2, 0.5, 0.4]), 1e-6
    time = np.log(1 / spread) / rates.max()
    assert lags(rates, spread) == pytest.approx(-np.log(spread * np.exp(rates * time)))
