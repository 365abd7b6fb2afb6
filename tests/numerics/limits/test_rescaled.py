"""Runs on R^d: against `integrate` on (9.1) and (9.3), long times, statuses, arguments."""

import numpy as np
import pytest

from numerics import compile_model, integrate
from numerics.limits import LimitStatus, rescaled_run
from numerics.limits.triples import SCORES, VALUES
from theory.models import PURE_ATTENTION, RESCALED_ATTENTION, SA

EYE = np.eye(2)
POINTS = np.random.default_rng(0).standard_normal((5, 3))


@pytest.mark.every(4)
@pytest.mark.parametrize(
    "name", ["identity", "simple", "jordan", "complex", "negative", "singular"]
)
def test_it_is_the_flow_of_9_1_and_of_9_3(name):
    rng = np.random.default_rng(7)
    V, form = VALUES[name](rng, 3), SCORES["definite"](rng, 3)
    values = {"beta": 1.3, "Q": np.eye(3), "K": form, "V": V}
    run = rescaled_run(POINTS, np.eye(3), form, V, 1.3, 1.5, to_rest=False)
    assert run.times[-1] == 1.5 and run.status is LimitStatus.HORIZON
    x = integrate(compile_model(PURE_ATTENTION, **values), POINTS, 1.5, rtol=1e-10).points[-1]
    z = integrate(compile_model(RESCALED_ATTENTION, **values), POINTS, 1.5, rtol=1e-10).points[-1]
    np.testing.assert_allclose(run.x[-1], x, rtol=1e-6, atol=1e-6)
    np.testing.assert_allclose(run.z_at(-1), z, rtol=1e-6, atol=1e-6)
    if run.growth:
        heads = z @ run.parts.inverse[: run.parts.size].T
        np.testing.assert_allclose(run.leading[-1], heads, rtol=1e-6, atol=1e-6)


def test_nothing_overflows_when_tokens_would():
    run = rescaled_run(POINTS[:, :2], EYE, EYE, EYE, 1.0, 340.0, to_rest=False)
    assert run.status is LimitStatus.HORIZON
    assert np.isfinite(run.leading).all()
    short = rescaled_run(POINTS[:, :2], EYE, EYE, EYE)
    assert short.status is LimitStatus.ONE_HOT and short.off_one_hot <= 1e-12
    np.testing.assert_allclose(run.leading[-1], short.leading[-1], atol=1e-7)


def test_a_time_change_of_the_identity():
    one = rescaled_run(POINTS[:, :2], EYE, EYE, EYE, 1.0, 2.0, to_rest=False)
    two = rescaled_run(POINTS[:, :2], EYE, EYE, 2 * EYE, 1.0, 1.0, to_rest=False)
    np.testing.assert_allclose(one.leading[-1], two.leading[-1], atol=1e-7)


def test_beta_zero_and_coinciding_tokens_come_to_rest_without_one_hot_weights():
    run = rescaled_run(POINTS[:, :2], EYE, EYE, EYE, beta=0.0)
    assert run.status is LimitStatus.AT_REST
    np.testing.assert_allclose(run.leading[-1], np.tile(POINTS[:, :2].mean(0), (5, 1)), atol=1e-7)
    same = rescaled_run(np.tile(POINTS[:1, :2], (3, 1)), EYE, EYE, EYE)
    assert same.status.settled


def test_nothing_moves_for_V_zero_and_a_horizon_is_said():
    still = rescaled_run(POINTS[:, :2], EYE, EYE, 0 * EYE)
    assert still.status.settled and len(still.times) == 1
    early = rescaled_run(POINTS[:, :2], EYE, EYE, EYE, t_end=0.5)
    assert early.status is LimitStatus.HORIZON and not early.status.settled


def test_opposite_scores_turn_minus_V_into_growth():
    run = rescaled_run(POINTS[:, :2], EYE, -EYE, -EYE)
    assert run.status is LimitStatus.ESCAPED


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"points": POINTS[:1, :2]}, "n >= 2"),
        ({"points": POINTS[:, :1]}, "d >= 2"),
        ({"points": POINTS[0]}, "shape"),
        ({"V": np.ones((2, 3))}, "V is square"),
        ({"V": np.eye(3)}, "V is square"),
        ({"V": np.array([[1j, 0], [0, 1]])}, "real numbers"),
        ({"Q": np.eye(2) * 1j}, "real numbers"),
        ({"points": POINTS[:, :2] + 1j}, "real numbers"),
        ({"Q": np.ones((3, 2))}, "as many rows"),
        ({"K": np.ones((2, 3))}, "column"),
        ({"V": np.array([[np.nan, 0], [0, 1]])}, "finite"),
        ({"beta": -1.0}, "beta >= 0"),
        ({"beta": np.inf}, "finite"),
        ({"t_end": 0.0}, "t_end >= 1e-12"),
        ({"model": SA}, "R^d"),
        ({"to_rest": 1}, "to_rest=1"),
        ({"t_end": 1e6}, "2σt <= 700"),
    ],
)
def test_what_is_refused(change, words):
    given = {"points": POINTS[:, :2], "Q": EYE, "K": EYE, "V": EYE}
    with pytest.raises((ValueError, TypeError), match=r"Expected .* but got") as error:
        rescaled_run(**{**given, **change})
    assert words in str(error.value)


def test_every_status_has_words():
    assert all(status.message for status in LimitStatus)
