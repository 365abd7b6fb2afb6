"""Schedules of flows: what rows say of them, with truths known by hand from the time change."""

from dataclasses import replace

import mpmath
import pytest
from sympy import (
    Heaviside,
    Integral,
    Piecewise,
    Rational,
    Symbol,
    cos,
    cosh,
    exp,
    lambdify,
    log,
    oo,
    pi,
    sin,
    sqrt,
    sympify,
    tan,
)

from proofs_checks import check_model
from proofs_checks.claim import Verdict
from proofs_checks.proof import Flow
from proofs_checks.proof.schedules import parted, schedule_of, separate
from theory.atoms import Tangent
from theory.models import CAUSAL, SA, USA
from theory.symbols import X, beta, t, z

ASCENT, LEAST = ("energy ascent", "(6.2)", "(4.2)"), ("Lemma 6.4", "Theorem 6.1", "Theorem 6.8")


def paced(factor, model=SA):
    """The model at the pace s(t)."""
    field = Tangent(model.velocity.points, factor * model.velocity.field)
    return replace(model, name=f"({factor}) {model.name}", velocity=field)


# s, how long it lasts, ∫s (a bound where s takes both signs); s >= 0 is then read off by hand
RISING = [
    (1 / (1 - t), 1, oo),
    (1 / (1 - t) ** 2, 1, oo),
    (1 + tan(t) ** 2, pi / 2, oo),
    (exp(-t) * cosh(t), oo, oo),
    (1 / (2 + sin(t)), oo, oo),
    (sin(2 * pi * t) ** 2, oo, oo),
    (exp(t), oo, oo),
    (1 / (1 + t), oo, oo),
    (1 / sqrt(1 - t), 1, 2),
    (sqrt(1 - t), 1, Rational(2, 3)),
    (exp(-(t**2)), oo, sqrt(pi) / 2),
    (exp(-t), oo, 1),
    (1 / (1 + t) ** 2, oo, 1),
]

FALLING = [(-1 / (1 + t), oo, oo), (-exp(-t), oo, 1), (-1 - t, oo, oo), (1 / (t - 1), 1, oo)]

JUMP = Piecewise((1, t < 1), (-1, True))

BOTH = [
    (cos(t), 1),
    (JUMP, None),
    (exp(-t) * cos(t), 1),
    (1 - t, None),
    (Rational(1, 2) + cos(t), None),
]


@pytest.mark.parametrize(("factor", "lifetime", "total"), [*RISING, *FALLING], ids=str)
def test_lifetime_and_integral(factor, lifetime, total):
    found = schedule_of(factor)
    assert found.lifetime == lifetime and found.total == total
    assert found.sign == (1 if (factor, lifetime, total) in RISING else -1)


@pytest.mark.slow
@pytest.mark.parametrize(("factor", "lifetime", "total"), [*RISING, *FALLING], ids=str)
def test_the_elapsed_time_is_the_integral(factor, lifetime, total):
    clock = schedule_of(factor).clock
    if clock.has(Integral):
        assert clock.diff(t).equals(factor)
        return
    pace, elapsed = lambdify(t, factor, "mpmath"), lambdify(t, clock, "mpmath")
    for part in (0.3, 0.9):
        end = part * float(min(sympify(lifetime), sympify(4)))
        assert abs(elapsed(end) - mpmath.quad(pace, [0, end])) < 1e-9


@pytest.mark.every(3, kept="slow", rest="full")
@pytest.mark.parametrize(("factor", "lifetime", "total"), RISING, ids=str)
def test_rows_of_a_schedule_that_is_never_negative(factor, lifetime, total):
    report = check_model(paced(factor), only=[*ASCENT, *LEAST])
    for name in ASCENT:
        assert report[name].verdict is Verdict.PROVED, name
    for name in LEAST:
        # x(t) = y(τ): the limits of SA hold where τ -> ∞; where it is bounded no two tokens meet.
        wanted = Verdict.PROVED if total == oo else Verdict.REFUTED
        assert report[name].verdict is wanted, name
    until = {"t": f"< {lifetime}"} if lifetime != oo else {}
    assert {k: v for k, v in report["(6.2)"].scope.items() if k == "t"} == until


@pytest.mark.every(2, kept="slow", rest="full")
@pytest.mark.parametrize(("factor", "lifetime", "total"), FALLING, ids=str)
def test_rows_of_a_negative_schedule(factor, lifetime, total):
    report = check_model(paced(factor), only=[*ASCENT, *LEAST])
    assert {report[name].verdict for name in (*ASCENT, *LEAST)} == {Verdict.REFUTED}


@pytest.mark.every(3, kept="slow", rest="full")
@pytest.mark.parametrize(("factor", "total"), BOTH, ids=str)
def test_rows_of_a_schedule_of_both_signs(factor, total):
    found = schedule_of(factor)
    assert (found.sign, found.total) == (0, total)
    report = check_model(paced(factor), only=[*ASCENT, *LEAST])
    assert report["energy ascent"].verdict is Verdict.REFUTED
    for name in LEAST:  # 1/2 + cos t has τ -> ∞, and its limits are those of SA
        assert report[name].verdict is not Verdict.PROVED, name
        assert report[name].verdict is not Verdict.REFUTED or total is not None, name


@pytest.mark.every(2, kept="slow", rest="full")
@pytest.mark.parametrize(
    ("factor", "wanted"),
    [(Heaviside(5 - t), Verdict.REFUTED), (1 + Heaviside(5 - t), Verdict.PROVED)],  # τ stays at 5
    ids=str,
)
def test_a_schedule_with_a_step(factor, wanted):
    report = check_model(paced(factor), only=[*ASCENT, "Lemma 6.4", "Theorem 6.8"])
    assert report["energy ascent"].verdict is not Verdict.REFUTED  # the metric has 1/s
    assert {report[name].verdict for name in ("(4.2)", "(6.2)")} == {Verdict.PROVED}
    assert report["Lemma 6.4"].verdict is wanted
    assert report["Theorem 6.8"].verdict in (wanted, Verdict.UNDECIDED)


def test_nothing_is_asked_of_a_flow_without_a_start():
    for factor in (1 / sqrt(t), sqrt(t - 1), log(t)):
        row = check_model(paced(factor), only=["Lemma 6.4"])["Lemma 6.4"]
        assert row.verdict not in (Verdict.PROVED, Verdict.REFUTED)


@pytest.mark.every(2, kept="slow", rest="full")
@pytest.mark.parametrize("model", [USA, CAUSAL], ids=lambda model: model.name)
@pytest.mark.parametrize("factor", [1 / (1 - t), 1 / (1 + t), sin(t) ** 2], ids=str)
def test_other_models_at_a_pace(model, factor):
    names = ["(6.2)", "(6.5)", "hemisphere under a mask", "time change"]
    report = check_model(paced(factor, model), only=names)
    assert {report[name].verdict for name in names} == {Verdict.PROVED}


@pytest.mark.slow
def test_a_counterexample_is_drawn_in_the_lifetime():
    name = "dissipation identity"
    row = check_model(paced(1 / (t - Rational(1, 4))), only=[name])[name]
    assert row.verdict is Verdict.REFUTED and "t = 1/8" in row.detail


def test_a_declared_sign_is_that_of_a_schedule():
    faster, slower = Symbol("a", positive=True), Symbol("a", negative=True)
    assert schedule_of(exp(faster * t)).total == oo
    assert schedule_of(exp(slower * t)).total == -1 / slower
    assert schedule_of(exp(Symbol("a", real=True) * t)).total is None


def test_a_coefficient_is_parted_into_a_constant_and_a_pace():
    assert parted(-beta / (1 - t))[0] in (beta, -beta)
    for coefficient in (2 / (1 + t), 1 / (1 - t), -3 * exp(t), -1 - t):
        constant, pace = parted(coefficient)
        assert constant.is_number and schedule_of(pace).sign == 1
        assert (constant * pace - coefficient).simplify() == 0


def test_weights_at_a_pace_that_is_zero_at_times():
    assert separate(sin(2 * pi * t) ** 2 * exp(z)) == (sin(2 * pi * t) ** 2, exp(z))
    assert Flow.of(paced(sin(2 * pi * t) ** 2)).weight == exp(beta * z)


CLOCKED = ("(6.2)", "(6.5)", "(6.7)", "(6.8)", "(6.11)", "hemisphere under a mask")


@pytest.mark.slow
def test_what_is_decided_in_the_time_of_the_flow_is_said_in_it():
    plain = check_model(SA, only=list(CLOCKED))
    slow = check_model(paced(1 / (1 + t)), only=list(CLOCKED))
    brief = check_model(paced(1 / (2 - t)), only=list(CLOCKED))
    for name in CLOCKED:
        found = [report[name] for report in (plain, slow, brief)]
        assert {e.verdict for e in found} == {Verdict.PROVED}
        said = [row.statement for r in (plain, slow, brief) for row in r.rows if row.name == name]
        assert "τ" not in said[0]
        if name in ("(6.2)", "(6.5)"):  # at the model's own weights, the pace in them
            assert "τ" not in said[1] and "/(t + 1)" in said[1]
            assert said[2].startswith("with τ = ∫") and said[2].endswith("up to t = 2")
            continue
        if name in ("hemisphere under a mask", "(6.11)"):  # a clock in closed form, where it ends
            assert "τ" not in said[1] and "log(t + 1)" in said[1]
            assert said[2].startswith("with τ = ∫") and said[2].endswith("up to t = 2")
            continue
        assert said[1] == f"with τ = ∫(1/(t + 1))dt in place of t: {said[0]}"
        assert said[2].endswith(f"in place of t: {said[0]}, up to t = 2")
        # Said of t it would be false: two tokens at the pace 1/(1+t) meet like a power of t.


@pytest.mark.slow
def test_other_rows_say_no_rate_in_t():
    # CoD falls like e^{-2 sqrt t}: no row may promise e^{-ct}.
    report = check_model(paced(1 / sqrt(1 + t)))
    for row in report.rows:
        rates = any(word in row.statement for word in ("exponentially", "α'", "r'", "e^{-κ"))
        if row.evidence.verdict is Verdict.PROVED and rates:
            assert "τ" in row.statement or "∫" in row.statement, row.name


@pytest.mark.slow
@pytest.mark.parametrize("row", ["Lemma 6.4", "Theorem 6.3", "(4.2)", "(6.2)", "energy ascent"])
@pytest.mark.parametrize("end", [1, 2])
def test_what_ends_is_said_up_to_its_end(row, end):
    ended = replace(SA, velocity=Tangent(X, SA.velocity.field / (end - t)))
    said = {r.name: r.statement for r in check_model(ended, only=[row]).rows}
    assert said[row].endswith(f", up to t = {end}")
    lasting = replace(SA, velocity=Tangent(X, SA.velocity.field / (end + t)))
    assert "up to" not in check_model(lasting, only=[row]).rows[0].statement
