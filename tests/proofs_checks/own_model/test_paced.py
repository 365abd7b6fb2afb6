"""Flows at a pace: limits are those at pace 1 where all of its time passes; the rest is in τ."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from scipy.integrate import quad, solve_ivp
from sympy import Max, Piecewise, cos, exp, lambdify, pi, sin, sqrt

from numerics import compile_model, integrate
from proofs_checks import check_model
from proofs_checks.own_model.paced import (
    IN_ITS_TIME,
    SAME_LIMITS,
    at_one_time,
    least_pace,
    where_all_passes,
)
from proofs_checks.proof import Flow
from theory.atoms import RowSoftmax, Tangent
from theory.models import SA, Model, catalogue
from theory.symbols import X, beta, m, t

EVERY_START = {row.name: row for row in SAME_LIMITS}


def paced(pace: object) -> Flow:
    """SA at a pace."""
    field = pace * RowSoftmax(beta * X * X.T, m) * X
    return Flow.of(replace(SA, name="paced", velocity=Tangent(X, field), energy=None))


@pytest.mark.slow
@pytest.mark.parametrize("flow", [Flow.of(catalogue("CoD")), paced(2 + t)], ids=["CoD", "2 + t"])
def test_all_of_time_passes(flow: Flow) -> None:
    assert EVERY_START["Theorem 4.2"].ask(flow).word == "PROVED"


@pytest.mark.slow
@pytest.mark.parametrize("name", ["Sinkhorn", "positive features"])
def test_limits_at_a_pace(name: str) -> None:
    still, row = catalogue(name), "Theorem 4.1"
    assert isinstance(still, Model) and isinstance(still.velocity, Tangent)
    for pace, endless in ((1 / (1 + t), True), (1 / (1 + t) ** 2, False)):
        moved = replace(still, velocity=Tangent(X, pace * still.velocity.field), energy=None)
        found = check_model(moved, only=row)[row]
        assert (found.word == "PROVED") == endless == ("the same limits" in found.detail)


def test_a_pace_of_some_tokens_alone_is_none() -> None:
    """Queries at the pace 1/(1 + t), keys that move at pace 1: no time is that of both."""
    both = catalogue("encoder-decoder")
    assert isinstance(both, Model)
    slow = Tangent(X, both.velocities[X].field / (1 + t))
    mixed = replace(both, velocity={**both.velocities, X: slow}, energy=None)
    assert isinstance(where_all_passes(Flow.of(mixed)), str)


@pytest.mark.parametrize("pace", [exp(-t), 1 / (1 + t) ** 2, t - 1, cos(t)])
def test_paces_that_do_not_do(pace: object) -> None:
    """Of a finite integral, and of both signs."""
    assert isinstance(where_all_passes(paced(pace)), str)


@pytest.mark.slow
def test_tokens_that_part_at_a_pace() -> None:
    """-1/(1 + t): the flow at pace 1 is V = -I."""
    assert EVERY_START["Theorem 4.2"].ask(paced(-1 / (1 + t))).word != "PROVED"


def test_models_without_a_pace() -> None:
    pre = catalogue("pre-LN")
    assert isinstance(pre, Model)
    assert all(isinstance(where_all_passes(Flow.of(model)), str) for model in (SA, pre))


@pytest.mark.parametrize("row", ["(7.2)", "(7.3)", "discrete layer"])
def test_rows_on_a_velocity_as_it_stands_are_asked_at_each_time(row):
    evidence = check_model(catalogue("CoD"), only=row)[row]
    assert evidence.word == "PROVED" and "at each time t_0" in evidence.detail


def test_the_order_parameter_has_the_pace_in_front():
    """θ_i' = s (1/n) Σ_j sin(θ_j - θ_i) at β = 0: F <= s/2."""
    assert "<= 1/(2 √(t_0 + 1))" in check_model(catalogue("CoD"), only="(7.3)")["(7.3)"].detail


@pytest.mark.parametrize("pace", [t - 1, cos(t), -exp(-t)])
def test_a_pace_that_is_not_positive_is_no_time_to_ask_at(pace):
    model = replace(SA, velocity=Tangent(X, pace * SA.velocity.field), energy=None, metric=None)
    known = at_one_time(Flow.of(model)) != "no pace s(t) > 0"
    assert known is (pace == -exp(-t))  # a sign that stays is the flow's, not the pace's
    assert check_model(model, only="(7.3)")["(7.3)"].word != "PROVED"


AT_PACE = {row.name: row for row in IN_ITS_TIME}
PAUSED = Max(0, t - 1)
"""Nothing moves up to t = 1."""
ENDLESS = (1 / (2 + sin(t)), sin(2 * pi * t) ** 2, PAUSED, Piecewise((0, t < 1), (1, True)))


@pytest.mark.slow
@pytest.mark.parametrize("row", AT_PACE)
@pytest.mark.parametrize("pace", ENDLESS, ids=str)
def test_what_holds_at_pace_one_is_said_in_its_time(pace: object, row: str) -> None:
    model = replace(SA, velocity=pace * SA.velocity)
    found = check_model(model, only=row)[row]
    assert found.word == "PROVED", found.detail


@pytest.mark.slow
@pytest.mark.parametrize("row", AT_PACE)
@pytest.mark.parametrize("pace", [cos(t), t - 1, sin(t) + 1 / (1 + t)], ids=str)
def test_of_a_pace_of_both_signs_nothing_is_said_in_its_time(pace: object, row: str) -> None:
    assert AT_PACE[row].ask(paced(pace)).word == "UNDECIDED"
    found = check_model(replace(SA, velocity=pace * SA.velocity), only=row)[row]
    assert found.word in ("UNDECIDED", "REFUTED"), found.detail


def test_the_sentence_and_its_scope_say_the_time() -> None:
    found = AT_PACE["(4.4)"].ask(paced(PAUSED))
    assert found.word == "PROVED" and found.scope["time"] == "τ = ∫(Max(0, t - 1))dt"
    assert found.sentence.startswith("with τ = ∫(Max(0, t - 1))dt in place of t: flows at β and")
    ends = AT_PACE["(6.12)"].ask(paced(exp(-(t**2))))
    assert ends.word == "PROVED" and ends.scope["time"] == "τ = ∫(exp(-t**2))dt < sqrt(pi)/2"


@pytest.mark.parametrize("row", ["(6.1)", "(6.3)", "Remark 6.5"])
def test_ends_are_not_said_of_a_bounded_time(row: str) -> None:
    assert AT_PACE[row].ask(paced(exp(-(t**2)))).word == "UNDECIDED"


def test_a_refutation_in_its_time_is_none_in_t() -> None:
    turned = paced(-1 / (2 + sin(t)))
    assert AT_PACE["Remark 6.5"].ask(turned).word == "UNDECIDED"


@pytest.mark.parametrize(
    ("pace", "least"),
    [
        (1 / (2 + sin(t)), (1 / 3, 0)),
        (sin(2 * pi * t) ** 2, (1 / 2, 1 / (8 * np.pi))),
        (2 + 1 / (1 + t), (2, 0)),
        (sqrt(1 + t), (1, 0)),
        (1 + sin(t), (1, 0)),
        (1 / (1 + t), None),
        (exp(-t), None),
        (t, None),
    ],
)
def test_the_least_pace(pace: object, least: tuple[float, float] | None) -> None:
    found = least_pace(pace)
    if least is None:
        assert found is None
        return
    assert found is not None and np.allclose([float(one) for one in found], least)
    times = np.linspace(0, 40, 4001)
    middle = np.asarray(lambdify(t, pace)((times[1:] + times[:-1]) / 2))
    assert (np.cumsum(middle) * 0.01 >= least[0] * times[1:] - least[1] - 1e-3).all()


def _run(pace: object, heat: float, start: np.ndarray, end: float) -> np.ndarray:
    """Tokens of masses 1/n, 500 times a unit of time, by code that shares nothing with ours."""
    speed, (count, wide) = lambdify(t, pace), start.shape

    def slope(time: float, flat: np.ndarray) -> np.ndarray:
        x = flat.reshape(count, wide)
        weights = np.exp(heat * x @ x.T)
        pull = weights / weights.sum(axis=1, keepdims=True) @ x
        return speed(time) * (pull - (pull * x).sum(axis=1, keepdims=True) * x).ravel()

    times = np.linspace(0, end, int(500 * end) + 1)
    found = solve_ivp(slope, (0, end), start.ravel(), t_eval=times, rtol=1e-10, atol=1e-12,
                      max_step=0.02)  # fmt: skip
    return found.y.T.reshape(len(times), count, wide)


def _start(count: int, wide: int) -> np.ndarray:
    points = np.random.default_rng(5).normal(size=(count, wide))
    return points / np.linalg.norm(points, axis=1, keepdims=True)


@pytest.mark.parametrize(
    ("pace", "clock"),
    [
        (PAUSED, lambda s: np.maximum(s - 1, 0) ** 2 / 2),
        (sin(2 * pi * t) ** 2, lambda s: s / 2 - np.sin(4 * np.pi * s) / (8 * np.pi)),
    ],
    ids=["paused", "sin²"],
)
def test_what_is_printed_in_its_time_holds_along_runs(pace: object, clock: object) -> None:
    """(4.4): |x^β - x^0| <= β (e^{2τ} - 1)/2; (6.12): γ comes to 1/2 the later the larger β is."""
    end = 2.5
    passed = clock(np.linspace(0, end, int(500 * end) + 1))
    for heat in (0.2, 1.0):
        hot, cold = (_run(pace, one, _start(4, 3), end) for one in (heat, 0.0))
        parted = np.linalg.norm(hot - cold, axis=-1).max(axis=-1)
        assert (parted <= heat * (np.exp(2 * passed) - 1) / 2 + 1e-9).all()
    reached = []
    for heat in (0.5, 1.0, 2.0):
        angles = np.einsum("td,td->t", *_run(pace, heat, np.eye(3), end)[:, :2].swapaxes(0, 1))
        assert (np.diff(angles) >= -1e-9).all()
        reached.append(np.interp(0.3, angles, passed))
    assert reached == sorted(reached) and reached[0] < reached[1]


def test_consensus_attracts_in_its_time_along_a_run() -> None:
    """sin²(2πt): D falls like e^{-τ}, and τ >= t/2 - 1/(8π)."""
    near = np.array([1.0, 0, 0]) + 0.1 * _start(4, 3)
    run = _run(sin(2 * pi * t) ** 2, 1.0, near / np.linalg.norm(near, axis=1)[:, None], 12)
    wide = np.linalg.norm(run[:, :, None] - run[:, None], axis=-1).max(axis=(-1, -2))
    times = np.linspace(0, 12, len(run))
    level = wide * np.exp(times / 2 - np.sin(4 * np.pi * times) / (8 * np.pi))
    assert level.max() <= 1.2 * level[0] and level.min() >= 0.8 * level[0]


@pytest.mark.parametrize("row", ["consensus spectrum", "(6.12)", "(7.2)", "discrete layer"])
def test_a_model_of_several_blocks_has_no_one_pace(row: str) -> None:
    """Cross-attention: keys stand still; it was an error of ours."""
    evidence = check_model(catalogue("cross-attention"), only=row)[row]
    assert not evidence.applies and "error" not in evidence.detail


@pytest.mark.slow
@pytest.mark.parametrize("pace", [exp(-(t**2)), 1 / (1 + t) ** 2, t * exp(-t)], ids=str)
def test_bounds_are_said_in_a_time_that_ends(pace: Any) -> None:
    """Cones of tokens are nested: what is in the last one is in that of each time before."""
    rows = ("(6.7)", "(6.8)", "(6.11)", "(6.4)")
    report = check_model(paced(pace).model, only=rows)
    words = {row.name: row.evidence.word for row in report.rows}
    assert words == dict.fromkeys(rows[:3], "PROVED") | {"(6.4)": "REFUTED"}
    late = report["(6.8)"]
    assert late.scope["x*"] and "< " in late.scope["time"] and "τ" in late.sentence
    hot, size = 1.5, 3
    angles = np.array([-1.2, 0.1, 1.0])
    points = np.stack([np.cos(angles), np.sin(angles)], axis=-1)
    times = np.linspace(0, 6, 61)
    run = integrate(compile_model(paced(pace).model, beta=hot), points, 6.0, t_eval=times)
    end = run.points[-1].mean(axis=0)
    alpha = (run.points @ (end / np.linalg.norm(end))).min(axis=-1)
    tau = np.array([quad(lambdify(t, pace), 0, time)[0] for time in times])
    first = int(np.argmax(alpha >= 0.5))
    bound = 0.5 * np.exp(-np.exp(-2 * hot) * (tau - tau[first]) / (2 * size))
    assert np.all(1 - alpha[first:] <= bound[first:])


@pytest.mark.slow
def test_bounds_are_not_said_at_a_pace_of_both_signs() -> None:
    report = check_model(paced(exp(-t) * sin(t)).model, only=("(6.7)", "(6.8)", "(6.11)"))
    assert {row.evidence.word for row in report.rows} == {"UNDECIDED"}
