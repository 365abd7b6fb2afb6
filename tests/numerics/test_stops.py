"""Schedules that jump, bend or pulse: steps that meet them, against runs in pieces."""

import math
import warnings

import numpy as np
import pytest
import sympy as sp
from sympy import Abs, Heaviside, Max, Min, Piecewise, Rational, floor, log, sign, sin

from numerics import compile_model, ensemble, integrate, sphere
from numerics.stops import kinks
from theory import QKV, SA, USA, catalogue
from theory.symbols import beta, t

X0 = sphere.random_points(6, 3, rng=0)


def pulse(s):
    return 1.0 + 50.0 * np.exp(-(((s - 2.0) / 0.01) ** 2))


def in_pieces(model, x, pieces, **parameters):
    """Run after run, each with a β of its own: nothing jumps within one."""
    for length, value in pieces:
        x = integrate(model, x, length, beta=value, rtol=1e-12, **parameters).points[-1]
    return x


def error(run, exact):
    return np.abs(run.points[-1] - exact).max()


# --- where a schedule isn't smooth ----------------------------------------------------------------


@pytest.mark.parametrize(
    ("schedule", "times"),
    [
        (Piecewise((1, t < 2), (50, t < Rational(201, 100)), (1, True)), [2.0, 2.01]),
        (Piecewise((1, t**2 < 4), (5, True)), [2.0]),
        (Piecewise((1, log(t + 1) < log(3)), (5, True)), [2.0]),
        (1 + Heaviside(t - 1) - Heaviside(t - 3), [1.0, 3.0]),
        (Abs(t - 2) + Abs(2 * t - 1), [0.5, 2.0]),
        (2 + sign(sin(sp.pi * t + sp.pi / 2)), [0.5, 1.5, 2.5, 3.5, 4.5]),
        (Max(t, 2) + Min(t, 3), [2.0, 3.0]),
        (1 + floor(t / 2), [0.0, 2.0, 4.0]),
        (1 + sp.exp(-t), []),
        (Piecewise((1, beta < 2), (50, True)), []),
        (Abs(t - 9) + t**2, []),
    ],
    ids=str,
)
def test_kinks_are_found(schedule, times):
    model = SA.subs({"beta": schedule})
    options = {"beta": 1.0} if beta in schedule.free_symbols else {}
    found = kinks(compile_model(model, **options), 0.0, 5.0)
    np.testing.assert_allclose(found, times, atol=1e-12)
    np.testing.assert_allclose(kinks(compile_model(model, **options), 5.0, 0.0), times, atol=1e-12)


def test_kinks_of_callables_that_answer_symbolically():
    def jump(s):
        return Piecewise((1, s < 2), (50, True)) if isinstance(s, sp.Basic) else 1.0 + 49 * (s >= 2)

    assert kinks(compile_model(SA, beta=jump), 0.0, 5.0).tolist() == [2.0]
    for silent in (pulse, lambda s: 2.0, lambda s: 1.0 if s < 2 else 3.0, math.exp):
        assert kinks(compile_model(SA, beta=silent), 0.0, 5.0).size == 0


def test_where_a_number_decides():
    c = sp.Symbol("c", positive=True)
    model = SA.subs({"beta": 1 + Heaviside(t - c)})
    assert kinks(compile_model(model, c=1.5), 0.0, 5.0).tolist() == [1.5]
    assert kinks(compile_model(model, c=7.0), 0.0, 5.0).size == 0


# --- runs -----------------------------------------------------------------------------------------

JUMPS = {
    "Piecewise": Piecewise((1, t < 2), (50, t < Rational(201, 100)), (1, True)),
    "the other sides": Piecewise((1, t <= 2), (50, t <= Rational(201, 100)), (1, True)),
    "Heaviside": 1 + 49 * Heaviside(t - 2) - 49 * Heaviside(t - Rational(201, 100)),
    "sign": 1 + Rational(49, 2) * (sign(t - 2) - sign(t - Rational(201, 100))),
}


@pytest.mark.every(3)
@pytest.mark.parametrize("name", JUMPS)
@pytest.mark.parametrize("model", [SA, catalogue("causal")], ids=lambda model: model.name)
def test_a_run_meets_the_jumps_by_itself(model, name):
    exact = in_pieces(model, X0, [(2.0, 1.0), (0.01, 50.0), (1.99, 1.0)])
    jumping = model.subs({"beta": JUMPS[name]})
    run = integrate(jumping, X0, 4.0)
    assert {2.0, 2.01} <= set(run.times.tolist())
    assert error(run, exact) < 1e-8 and run.n_steps < 60
    inside = in_pieces(model, X0, [(2.0, 1.0), (0.004, 50.0)])
    assert np.abs(run.at(2.004) - inside).max() < 1e-8
    at = integrate(jumping, X0, 4.0, t_eval=[1.0, 2.0, 2.004, 4.0])
    assert np.abs(at.points[2] - inside).max() < 1e-8
    back = integrate(jumping, exact, 0.0, t_start=4.0, rtol=1e-10)
    assert error(back, X0) < 1e-6
    some = ensemble(jumping, X0, t_eval=[2.004, 4.0], rtol=1e-8)
    assert np.abs(some.points - [inside, exact]).max() < 1e-7


def test_stops_of_a_callable_and_of_several_blocks():
    def jump(s):
        return 5.0 if s >= 1.0 else 1.0

    exact = in_pieces(USA, X0, [(1.0, 1.0), (1.0, 5.0)])
    run = integrate(USA, X0, 2.0, beta=jump, t_stops=[1.0])
    assert error(run, exact) < 1e-8 and 1.0 in run.times
    state = {"X": X0, "r": np.ones((6, 1))}
    whole = integrate(catalogue("pre-LN"), state, 2.0, beta=jump, t_stops=1.0)
    first = integrate(catalogue("pre-LN"), state, 1.0, beta=1.0, rtol=1e-11)
    middle = {"X": first.state["X"][-1], "r": first.state["r"][-1]}
    last = integrate(catalogue("pre-LN"), middle, 1.0, beta=5.0, rtol=1e-11)
    assert np.abs(whole.points[-1] - last.points[-1]).max() < 1e-7


@pytest.mark.slow
def test_a_pulse_between_the_stages_is_warned_of_and_mended():
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        exact = in_pieces(SA, X0, [(1.9, 1.0)])
        exact = integrate(
            SA, exact, 2.1, beta=pulse, t_start=1.9, rtol=1e-11, max_step=0.005
        ).points[-1]
    exact = in_pieces(SA, exact, [(1.9, 1.0)])
    with pytest.warns(UserWarning, match=r"near t=2.*max_step= below"):
        integrate(SA, X0, 4.0, beta=pulse)
    for options in ({"max_step": 0.02}, {"t_stops": [1.96, 1.99, 2.0, 2.01, 2.04]}):
        assert error(integrate(SA, X0, 4.0, beta=pulse, **options), exact) < 1e-7
    symbolic = SA.subs({"beta": 1 + 50 * sp.exp(-(((t - 2) * 100) ** 2))})
    for options in ({}, {"max_step": 0.02}):  # what a formula does is met without being asked
        assert error(integrate(symbolic, X0, 4.0, **options), exact) < 1e-7
        fine = ensemble(symbolic, X0, t_eval=[4.0], rtol=1e-9, **options)
        assert np.abs(fine.points[-1] - exact).max() < 1e-7


def bump(s, middle, width):
    return 1.0 + 50.0 * np.exp(-(((s - middle) / width) ** 2))


@pytest.mark.parametrize("middle", [2.0 + 1e-5, 0.7, 3.1])
@pytest.mark.parametrize(
    ("schedule", "width"),
    [
        (bump, 1e-4),
        (bump, 4e-5),
        (lambda s, c, w: 1.0 + 9.0 * (abs(s - c) < w), 6e-5),
        (lambda s, c, w: 1.0 + 9.0 * np.maximum(0.0, 1.0 - abs(s - c) / w), 8e-5),
        (lambda s, c, w: 1.0 if abs(s - c) > w else 4.0, 6e-4),
        (lambda s, c, w: 1.0 + 50.0 * math.exp(-(((s - c) / w) ** 2)), 7e-4),
    ],
)
def test_a_narrow_pulse_of_numbers_is_warned_of(schedule, width, middle):
    """Of a function of arrays down to 1/65536 of the run, of any other down to 1/4096."""
    with pytest.warns(UserWarning, match="A schedule changes by"):
        integrate(SA, X0, 4.0, beta=lambda s: schedule(s, middle, width))


def test_a_schedule_is_asked_with_an_array_only_for_what_it_says_of_numbers():
    def forgetful(s):  # as an array another schedule
        return 1.0 + 0.0 * s if np.ndim(s) == 0 else 1.0 + 9.0 * (np.arange(s.size) % 2)

    def matrix(s):
        return (2.0 + np.sin(s)) * np.eye(3)

    with warnings.catch_warnings():
        warnings.simplefilter("error")
        integrate(SA, X0, 3.0, beta=forgetful)
        integrate(QKV, X0, 3.0, beta=1.0, Q=matrix, K=np.eye(3), V=np.eye(3))


@pytest.mark.parametrize(
    "schedule", [lambda s: 2.0, np.exp, lambda s: 2 + np.sin(s), lambda s: 1 / (1 + s) ** 2]
)
def test_smooth_schedules_are_not_warned_of(schedule):
    for rtol in (1e-4, 1e-8):
        assert integrate(SA, X0, 3.0, beta=schedule, rtol=rtol).status.name == "FINISHED"


def test_no_step_is_longer():
    for model, options in ((SA, {"beta": 2.0}), (lambda x, s: np.sin(s) * x[..., ::-1], {})):
        run = integrate(model, X0, 1.0, max_step=0.03, **options)
        free = integrate(model, X0, 1.0, **options)
        assert np.diff(run.times).max() <= 0.03 * (1 + 1e-12) and run.times[-1] == 1.0
        assert np.abs(run.points[-1] - free.points[-1]).max() < 1e-7
        met = integrate(model, X0, 1.0, t_stops=[0.3, 0.1, 0.3, 7.0, 1.0, 0.0], **options)
        assert {0.1, 0.3} <= set(met.times.tolist()) and met.times[-1] == 1.0
        assert np.abs(met.points[-1] - free.points[-1]).max() < 1e-7
    some = ensemble(SA, X0, t_eval=[1.0], beta=[1.0, 2.0], max_step=0.03)
    assert some.steps.min() >= 33 and some.backend == "numpy"


@pytest.mark.parametrize(
    ("options", "message"),
    [
        *(({"max_step": bad}, "max_step=") for bad in (0.0, -1.0, math.nan, 10**400, "a", [1.0])),
        *(({"t_stops": bad}, "t_stops") for bad in ([math.nan], [math.inf], "a", [10**400])),
    ],
    ids=str,
)
def test_bad_limits_are_refused_in_words(options, message):
    for call in (
        lambda: integrate(SA, X0, 1.0, beta=1.0, **options),
        lambda: ensemble(SA, X0, t_eval=[1.0], beta=1.0, **options),
    ):
        with pytest.raises((TypeError, ValueError), match=f"Expected.*{message}"):
            call()


def test_layers_have_no_steps():
    for options in ({"max_step": 1.0}, {"t_stops": [1.0]}):
        with pytest.raises(ValueError, match="Expected no steps for a map"):
            integrate(catalogue("discrete layer"), X0, 3, beta=1.0, eta=0.5, **options)


NARROW = [
    (1 + 50 * sp.exp(-((100 * t - 200) ** 2)), 2.0, 0.01),
    (1 + 500 * sp.exp(-((t - 2) ** 2) * 10**8), 2.0, 1e-4),
    (1 + 50 / (1 + (1000 * t - 2000) ** 2), 2.0, 1e-3),
    (3 + 2 * sp.tanh(5000 * t - 9000), 1.8, 2e-4),
    (1 + 900 / sp.cosh(2000 * t - 2000), 1.0, 5e-4),
]


@pytest.mark.every(5)
@pytest.mark.parametrize(("schedule", "middle", "width"), NARROW, ids=str)
def test_narrow_pulses_of_a_formula_are_met(schedule, middle, width):
    """Far below 1/1024 of the run, against short steps through it; and nobody need be warned."""
    field = compile_model(SA.subs({"beta": schedule}))
    assert np.isclose(kinks(field, 0.0, 4.0), middle, atol=1e-12).any()
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        run = integrate(field, X0, 4.0, rtol=1e-8)
    called = sp.lambdify(t, schedule)
    x, begin = X0, 0.0
    for end in (*(middle + width * np.array([-40, -6, -3, -1, 0, 1, 3, 6, 40])), 4.0):
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            part = integrate(SA, x, end, beta=called, t_start=begin, rtol=1e-11)
        x, begin = part.points[-1], end
    assert error(run, x) < 1e-7


@pytest.mark.parametrize("schedule", [2 + sp.sin(t), 1 + sp.exp(-((t - 2) ** 2)), 1 / (1 + t)])
def test_what_is_wide_has_no_stops(schedule):
    assert kinks(compile_model(SA.subs({"beta": schedule})), 0.0, 5.0).size == 0


# --- the scaled clock -----------------------------------------------------------------------------

PAIR = np.array([[1.0, 0.0], [np.cos(1.4), np.sin(1.4)]])
EARLY = sp.Float(1e-25)
"""At β = 300 half of the time in which a pair 1.4 apart meets."""


@pytest.mark.slow
@pytest.mark.every(3)
@pytest.mark.parametrize(
    "schedule",
    [
        300 + 5 * Heaviside(t - EARLY),
        Piecewise((300, t < EARLY), (305, True)),
        300 + 5 * Heaviside(t - EARLY) - 5 * Heaviside(t - EARLY * Rational(1001, 1000)),
    ],
    ids=("Heaviside", "Piecewise", "pulse"),
)
def test_jumps_are_met_on_the_scaled_clock(schedule):
    early = float(EARLY)
    run = integrate(USA.subs({"beta": schedule}), PAIR, 1.5 * early, rtol=1e-7)
    assert run.clock == "scaled" and np.abs(run.times / early - 1.0).min() < 1e-13
    ends = [early, 1.001 * early, 1.5 * early]
    exact, begin = PAIR, 0.0
    for end in ends:
        value = float(schedule.subs(t, sp.Float((begin + end) / 2)))
        exact = integrate(USA, exact, end - begin, beta=value, rtol=1e-9).points[-1]
        begin = end
    assert np.abs(exact - PAIR).max() > 1e-3 and error(run, exact) < 1e-6


@pytest.mark.slow
def test_a_pulse_is_met_or_warned_of_on_the_scaled_clock():
    early, width = float(EARLY), float(EARLY) / 1000

    def numbers(s):
        return 300 + 20 * np.exp(-(((s - early) / width) ** 2))

    with pytest.warns(UserWarning, match=r"near t=.*e-2[56].*max_step= below"):
        integrate(USA, PAIR, 1.2 * early, beta=numbers)
    formula = 300 + 20 * sp.exp(-(((t - EARLY) * (1000 / EARLY)) ** 2))
    near = early + width * np.array([-9, -5, -3, -2, -1, 0, 1, 2, 3, 5, 9])
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        run = integrate(USA.subs({"beta": formula}), PAIR, 1.2 * early)
        fine = integrate(USA, PAIR, 1.2 * early, beta=numbers, t_stops=near, rtol=1e-10)
    flat = integrate(USA, PAIR, 1.2 * early, beta=300.0)
    assert error(flat, fine.points[-1]) > 1e-5 and error(run, fine.points[-1]) < 1e-7


def test_the_longest_step_on_the_scaled_clock():
    short = integrate(USA, PAIR, 1e-25, beta=300.0, rtol=1e-4, max_step=2e-27)
    assert short.clock == "scaled"
    assert np.diff(short.times).max() < 2.001e-27 and short.status.whole
