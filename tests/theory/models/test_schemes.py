"""Normalisation schemes: equations of equal angles and lengths, against runs of the tokens."""

import numpy as np
import pytest
from sympy import Min, Rational, exp, lambdify, simplify, sqrt

from numerics import compile_model, integrate
from theory.derivations import NotClosed, equiangular, gram_flow
from theory.models import (
    COD,
    LNS,
    LNS_WITH_SCORES,
    MIX_LN,
    NGPT,
    PERI_LN,
    PRE_LN,
    SA,
    Model,
    catalogue,
)
from theory.symbols import X, alpha, beta, gamma, n, r, t, tau

LENGTH = equiangular(PRE_LN).others[0][0]
SHARE = exp(beta * (gamma - 1))
TOTAL = 1 + (n - 1) * SHARE
OUTPUT = sqrt(
    (1 + 2 * (n - 1) * SHARE * gamma + (n - 1) * SHARE**2 * (1 + (n - 2) * gamma)) / TOTAL**2
)
ALONG = (1 + (n - 1) * SHARE * gamma) / TOTAL
POST = 2 * SHARE * (1 - gamma) * ((n - 1) * gamma + 1) / TOTAL
BY_HAND = {
    SA: (POST, None),
    PRE_LN: (POST / LENGTH, ALONG),
    PERI_LN: (POST / (LENGTH * OUTPUT), ALONG / OUTPUT),
    NGPT: (alpha * POST / OUTPUT, None),
    COD: (POST / sqrt(t + 1), None),
    LNS: (POST / (LENGTH * sqrt(t + 1)), ALONG / sqrt(t + 1)),
    LNS_WITH_SCORES: tuple(
        side.subs(beta, beta / (t + 1)) / sqrt(t + 1) for side in (POST / LENGTH, ALONG)
    ),
}
DECAY = {
    SA: exp(-2 * t),
    PRE_LN: LENGTH**2 / (LENGTH + t) ** 2,
    PERI_LN: LENGTH**2 / (LENGTH + t) ** 2,
    NGPT: exp(-2 * alpha * t),
    COD: exp(-4 * (sqrt(t + 1) - 1)),
    LNS: LENGTH**2 / (LENGTH + 2 * sqrt(t + 1) - 2) ** 2,
    LNS_WITH_SCORES: LENGTH**2 / (LENGTH + 2 * sqrt(t + 1) - 2) ** 2,
}
POINT = {beta: Rational(7, 5), gamma: Rational(1, 3), n: 6, LENGTH: Rational(9, 4), t: 2, alpha: 3}


@pytest.mark.every(4)
@pytest.mark.parametrize("model", BY_HAND, ids=lambda model: model.name)
def test_equal_angles_and_lengths_obey_the_equations_by_hand(model):
    found = equiangular(model)
    assert found.proved
    for own, hand in zip(found.rhs.values(), BY_HAND[model], strict=False):
        assert abs((own - hand).subs(POINT).evalf(30)) < 1e-25
    assert simplify(found.decay - DECAY[model]) == 0


def _until(model, end):
    """Integrate log(1-γ) and log r of equal angles, β = 2, n = 16, γ = 1/10, r = 1 at the start."""
    system = equiangular(model).rhs
    at = [e.subs({beta: 2, n: 16}) for e in system.values()]
    slopes = [lambdify((gamma, LENGTH, t), e, "numpy") for e in at]
    from scipy.integrate import solve_ivp

    def rhs(log_time, y):
        time, g, length = np.expm1(log_time), -np.expm1(y[0]), np.exp(y[1])
        gap = np.exp(y[0])
        first = -slopes[0](g, length, time) / gap if gap > 1e-13 else FAR[model](time, length)
        second = slopes[1](g, length, time) / length if len(slopes) > 1 else 0.0
        return [first * (time + 1), second * (time + 1)]

    start = [np.log(0.9), 0.0]
    run = solve_ivp(rhs, (0, np.log1p(end)), start, "DOP853", rtol=1e-11, atol=1e-12)
    return run.y[0, -1], np.exp(run.y[1, -1])


FAR = {COD: lambda time, length: -2 / np.sqrt(time + 1)}
"""(log(1-γ))' where γ rounds to 1."""


@pytest.mark.slow
@pytest.mark.parametrize(
    ("model", "said"),
    [
        pytest.param(COD, -393.7764, marks=pytest.mark.full),
        (PRE_LN, np.log(1.473258e-8)),
        (LNS, np.log(3.784434e-5)),
    ],
    ids=lambda value: getattr(value, "name", ""),
)
def test_cod_is_faster_than_pre_ln_and_lns_slower(model, said):
    """At t = 1e4, against numbers that other code computed from the equations by hand."""
    assert _until(model, 1e4)[0] == pytest.approx(said, abs=2e-4)


@pytest.mark.slow
def test_scaled_scores_change_the_constant_of_lns_only():
    """(1-γ)S², S = 2√(t+1) - 2, is 1.135394 at t = 1e4."""
    gap, length = _until(LNS_WITH_SCORES, 1e4)
    clock = 2 * np.sqrt(1e4 + 1) - 2
    assert np.exp(gap) * clock**2 == pytest.approx(1.135394, abs=2e-6)
    assert length == pytest.approx(clock, rel=0.02)


def test_mixed_schemes_change_their_law_once():
    found = equiangular(MIX_LN)
    assert found.proved
    law = found.decay
    at = {LENGTH: 1, tau: 2}
    assert simplify(law.subs(at).subs(t, 1) - exp(-2)) == 0
    assert simplify(law.subs(at).subs(t, 7) - exp(-4) / 36) == 0
    assert not law.has(Min) or law.subs(at).subs(t, 7).is_number


@pytest.mark.parametrize("model", [PRE_LN, PERI_LN, LNS], ids=lambda model: model.name)
def test_runs_of_equal_angles_stay_so_and_follow_the_system(model):
    size, rate, start = 5, 0.8, 0.3
    gram = np.full((size, size), start) + (1 - start) * np.eye(size)
    points = np.linalg.cholesky(gram)
    times = np.linspace(0, 8, 9)
    state = {"X": points, "r": np.full(size, 1.5)}
    run = integrate(compile_model(model, beta=rate), state, 8.0, t_eval=times, rtol=1e-10)
    grams = run.points @ np.swapaxes(run.points, -1, -2)
    off = grams[:, ~np.eye(size, dtype=bool)]
    assert np.ptp(off, axis=1).max() < 1e-8
    assert np.ptp(run.state["r"], axis=1).max() < 1e-8
    from scipy.integrate import solve_ivp

    system = equiangular(model).rhs
    slope = lambdify((gamma, LENGTH, t), [e.subs({beta: rate, n: size}) for e in system.values()])
    truth = solve_ivp(
        lambda time, y: slope(*y, time),
        (0, 8),
        [start, 1.5],
        "DOP853",
        times,
        rtol=1e-12,
        atol=1e-13,
    ).y
    assert np.allclose(off.mean(axis=1), truth[0], atol=1e-8)
    assert np.allclose(run.state["r"].mean(axis=(1, 2)), truth[1], rtol=1e-8)


def test_the_gram_flow_closes_with_the_lengths_in_it():
    found = gram_flow(PRE_LN)
    assert found.proved
    assert [symbol for symbol, _ in found.others] == [r]
    assert all(X not in velocity.free_symbols for _, velocity in found.others)


def test_a_law_that_depends_on_its_own_scalar_is_refused():
    swollen = Model(
        "swollen", {X: PRE_LN.velocities[X], r: r}, blocks=PRE_LN.blocks, parameters=(beta,)
    )
    with pytest.raises(ValueError, match="r' at consensus in t and the parameters"):
        equiangular(swollen).decay  # noqa: B018


def test_positions_have_no_equal_angles():
    from theory import Block
    from theory.symbols import m

    held = Model("held", {X: SA.velocity}, blocks=(Block(X), Block(m, "constant")))
    with pytest.raises(NotClosed, match="columns of equal numbers"):
        equiangular(held)


def test_the_catalogue_names_models_and_the_nearest_names():
    assert catalogue("post-LN") == SA
    assert catalogue("PRE-ln") is PRE_LN
    assert {"pre-LN", "peri-LN", "mix-LN", "nGPT", "CoD", "LNS", "causal"} <= set(catalogue())
    with pytest.raises(ValueError, match=r"pre-LN, peri-LN.* got name='per-LN'"):
        catalogue("per-LN")
    for name in catalogue():
        assert isinstance(catalogue(name), Model)
