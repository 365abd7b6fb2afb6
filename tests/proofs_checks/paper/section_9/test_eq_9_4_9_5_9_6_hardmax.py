"""(9.4)-(9.6), (9.5) away from ties: the bound by hand, twins of our own."""

from dataclasses import replace

import numpy as np
import pytest
from sympy import exp, log

from numerics import compile_model, hardmax, integrate
from proofs_checks.claim import Verdict
from proofs_checks.paper.section_9.eq_9_4_9_5_9_6_hardmax import (
    AWAY,
    BOUND,
    GAP,
    GENERAL,
    HEAT,
    RADIUS,
    VALUE,
    Cold,
)
from theory.models import STEADY_ATTENTION
from theory.symbols import V, n, t


@pytest.mark.parametrize("seed", range(4))
def test_the_error_falls_like_the_bound(seed):
    """Of starts that meet no tie: log error in β has a slope of -δ/2 at most."""
    rng = np.random.default_rng(seed)
    points = rng.standard_normal((3, 2)) + np.array([[3, 0], [-3, 1], [0, -3]])
    run = hardmax(points, 0.5)
    assert run.unique and not run.events
    times = np.linspace(0, 0.5, 11)
    exact = np.stack([run.branches[0].at(time) for time in times])
    scores = np.sort(exact @ exact.swapaxes(1, 2), axis=-1)
    lead = float((scores[..., -1] - scores[..., -2]).min())
    errors = []
    for heat in (1.0, 2.0, 3.0):
        field = compile_model(STEADY_ATTENTION, beta=heat, Q=np.eye(2), K=np.eye(2), V=np.eye(2))
        found = integrate(field, points, 0.5, t_eval=times, rtol=1e-12, atol=1e-15).points
        errors.append(np.linalg.norm(found - exact, axis=-1).max())
        at = {HEAT: heat, GAP: lead, RADIUS: np.linalg.norm(exact, axis=-1).max(), VALUE: 1}
        assert errors[-1] <= float(BOUND.subs({**at, n: 3, t: 0.5}))
    assert np.diff(np.log(np.maximum(errors, 1e-12))).max() <= -lead / 2 or errors[-1] < 1e-11


def test_the_bound_solves_its_comparison():
    rate = 2 * VALUE
    left = BOUND.diff(t) - rate * BOUND
    assert left.diff(t).simplify() == 0 and BOUND.subs(t, 0) == 0
    assert (log(BOUND.diff(HEAT) / BOUND * -2)).simplify() == log(GAP)


TWINS = {
    "a quarter of the rate": (AWAY, {"prediction": Cold(BOUND / 1000)}),
    "faster in β": (AWAY, {"prediction": Cold(BOUND * exp(-HEAT * GAP))}),
    "half of V": (GENERAL, {"model": STEADY_ATTENTION.subs({V: V / 2})}),
}


@pytest.mark.parametrize(("claim", "change"), TWINS.values(), ids=TWINS)
def test_a_twin_is_not_proved(claim, change, found):
    evidence = found(replace(claim, **change))
    assert evidence.verdict in (Verdict.REFUTED, Verdict.UNDECIDED), evidence.detail


@pytest.mark.slow
def test_open_and_of_this_flow_alone(found):
    assert found(GENERAL).verdict is Verdict.OPEN
    turned = STEADY_ATTENTION.subs({V: -V})
    assert found(replace(AWAY, model=turned)).verdict is not Verdict.PROVED
