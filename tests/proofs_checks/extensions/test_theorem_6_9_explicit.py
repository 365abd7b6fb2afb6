"""Theorem 6.9 explicit and its table: twins of our own, and what tokens do at these dimensions."""

from dataclasses import replace

import numpy as np
import pytest
from sympy import Integer

from numerics.high_dimension import least_dimension, near_probability
from proofs_checks.extensions.near_the_curve import NEAR_THE_CURVE
from proofs_checks.extensions.near_the_curve_at_a_rate import NEAR_AT_A_RATE
from proofs_checks.extensions.theorem_6_9_dimensions import DIMENSIONS, ROWS
from proofs_checks.extensions.theorem_6_9_explicit import THEOREM_6_9_EXPLICIT, share_near_curve
from theory.models import SA, USA

RUNS = 400


def changed(claim, **fields):
    return replace(claim, prediction=replace(claim.prediction, **fields))


TWINS = {
    "a hundredth of the dimensions": changed(
        THEOREM_6_9_EXPLICIT, dimension=THEOREM_6_9_EXPLICIT.prediction.dimension / 100
    ),
    "the loss a fifth": changed(NEAR_THE_CURVE, loss=NEAR_THE_CURVE.prediction.loss / 5),
    "no growth": changed(NEAR_AT_A_RATE, chord=Integer(0)),
    "a row of another n": changed(DIMENSIONS, rows=("3 0 4 9.05e3",)),
}


@pytest.mark.every(5)
@pytest.mark.parametrize("twin", TWINS.values(), ids=TWINS)
def test_a_twin_is_refuted(twin, refuted):
    refuted(twin)


def test_rows_are_those_that_the_search_finds():
    for n, hot, part, said in map(str.split, ROWS[::5]):
        found = least_dimension(int(n), float(hot))
        assert found.share * 100 == int(part)
        assert f"{found.dimension:.2e}".replace("e+0", "e").replace("e+", "e") == said


@pytest.mark.every(3)
@pytest.mark.parametrize(
    ("n", "d", "hot"),
    [
        (2, 519, 0.0),
        (4, 9_050, 0.0),
        (8, 4_780_000, 1.0),
        (4, 205_000_000, 3.0),
        (2, 911_000_000_000, 9.0),
    ],
)
@pytest.mark.parametrize("model", [SA, USA], ids=lambda model: model.name)
def test_tokens_follow_the_curve_at_least_as_often_as_is_said(n, d, hot, model):
    bound = near_probability(least_dimension(n, hot).radius, n, d)
    assert bound >= 0.5
    seen = share_near_curve(model, (n, d, hot), 0.1, RUNS, np.random.default_rng(n))
    error = np.sqrt(max(seen * (1 - seen), 1 / RUNS) / RUNS)
    assert seen - 4 * error >= bound, f"{seen} ± {error:.2g} of {RUNS}, the bound is {bound:.4g}"


def test_two_tokens_leave_the_curve_where_little_is_said():
    bound = near_probability(least_dimension(2, 0.0).radius, 2, 52)
    seen = share_near_curve(SA, (2, 52, 0.0), 0.1, RUNS, np.random.default_rng(0))
    assert bound < 0.2 < seen < 0.7
