"""Kuramoto's threshold, runs, twisted states: twins of our own."""

from dataclasses import replace

import pytest
from sympy import sqrt

from proofs_checks.extensions.kuramoto_threshold import (
    COUPLING,
    KURAMOTO_RUNS,
    KURAMOTO_THRESHOLD,
    TWISTED_STATES,
    WIDTH,
    Locked,
)

TWINS = {
    "another threshold": replace(
        KURAMOTO_THRESHOLD, prediction=Locked(3 * WIDTH, sqrt(1 - 3 * WIDTH / COUPLING))
    ),
    "wider frequencies": replace(
        KURAMOTO_RUNS, prediction=replace(KURAMOTO_RUNS.prediction, spread=1.5)
    ),
    "rates with the sign reversed": replace(
        TWISTED_STATES,
        prediction=replace(TWISTED_STATES.prediction, rate=-TWISTED_STATES.prediction.rate),
    ),
    "three on a ring": replace(
        TWISTED_STATES, prediction=replace(TWISTED_STATES.prediction, least=3)
    ),
}


@pytest.mark.every(5)
@pytest.mark.parametrize("twin", TWINS.values(), ids=TWINS)
def test_a_twin_is_refuted(twin, refuted):
    refuted(twin)
