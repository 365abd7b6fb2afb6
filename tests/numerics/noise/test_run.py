"""Runs of noisy models: laws that are known exactly, streams, batches, statuses, refusals."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest
from scipy.integrate import quad
from scipy.special import iv
from sympy import Identity, Matrix, MatrixSymbol, exp

from numerics import (
    NoisyStatus,
    coarsen,
    compile_model,
    ensemble,
    fast_field,
    noisy,
    phase_diagram,
    sphere,
)
from theory import QKV, SA, USA, Noise, anchor_energy, gradient_flow
from theory.derivations import pair_diffusion
from theory.symbols import K, Q, V, beta, d, gamma, kappa, t, z


def driven(model, **words):
    noise = Noise(kappa, **words)
    return replace(model, noise=noise, parameters=(*model.parameters, kappa))


NOISY = driven(SA)
START = sphere.random_points(6, 3, rng=0, batch=5)


def off(values, exact):
    """Distance of a mean from its exact value in Monte-Carlo errors, systems independent."""
    return (np.mean(values) - exact) / (np.std(values) / math.sqrt(len(values)))


# -- streams and batches -------------------------------------------------------------------------


@pytest.mark.parametrize("scheme", ["euler", "weak2"])
def test_a_system_has_its_own_stream(scheme):
    whole = noisy(NOISY, START, 0.3, 0.1, scheme, rng=7, beta=2.0, kappa=0.2)
    first = noisy(NOISY, START[:2], 0.3, 0.1, scheme, rng=7, beta=2.0, kappa=0.2)
    assert np.array_equal(whole.points[:, :2], first.points)
    again = noisy(NOISY, START, 0.3, 0.1, scheme, rng=7, beta=2.0, kappa=0.2)
    other = noisy(NOISY, START, 0.3, 0.1, scheme, rng=8, beta=2.0, kappa=0.2)
    assert np.array_equal(whole.points, again.points)
    assert not np.allclose(whole.points[-1], other.points[-1])
    one, two = (
        noisy(NOISY, START[k], 0.3, 0.1, scheme, rng=7, beta=2.0, kappa=0.2) for k in (0, 1)
    )
    assert np.array_equal(one.points, whole.points[:, 0])
    assert not np.allclose(two.points[-1], whole.points[-1, 1])  # of another stream


def test_chunks_change_nothing(monkeypatch):
    words = {"rng": 1, "beta": np.array([0.5, 1.0, 2.0, 3.0, 4.0]), "kappa": 0.1}
    whole = noisy(NOISY, START, 0.4, 0.1, masses=np.full((5, 6), 0.2), **words)
    monkeypatch.setattr("numerics.noise.run._CHUNK", 2 * 6 * 3)
    parts = noisy(NOISY, START, 0.4, 0.1, masses=np.full((5, 6), 0.2), **words)
    assert np.array_equal(whole.points, parts.points)


def test_parameters_have_batches_and_depend_on_time():
    run = noisy(NOISY, START[0], 0.2, 0.1, beta=np.array([1.0, 2.0]), kappa=np.array([0.0, 0.3]))
    assert run.points.shape == (2, 2, 6, 3)
    field, still = compile_model(SA, beta=1.0), START[0]
    for _ in range(2):
        still = sphere.project(still + 0.1 * field(still))
    assert np.allclose(run.points[-1, 0], still, atol=1e-14)
    timed = replace(SA, noise=Noise(kappa * t), parameters=(beta, kappa))
    late = noisy(timed, START[0], 1.0, 0.5, rng=1, beta=lambda t: 1.0 + t, kappa=0.1)
    assert np.isfinite(late.points).all()


def test_times_are_met():
    run = noisy(NOISY, START, 1.0, 0.3, t_eval=[0.0, 0.25, 0.25, 1.0], beta=1.0, kappa=0.1)
    assert run.points.shape[0] == 4
    assert np.array_equal(run.points[0], sphere.project(START))
    assert np.array_equal(run.points[1], run.points[2])
    assert run.dt <= 0.3
    assert run.steps == 1 + 3
    assert np.abs(np.linalg.norm(run.points, axis=-1) - 1).max() < 1e-14


def test_common_noise_is_common_and_independent_noise_is_not():
    same = np.broadcast_to(START[0, :1], (4, 3))
    for words in ({}, {"on": V}, {"on": V, "convention": "stratonovich"}):
        model = driven(SA if "on" not in words else QKV, **words)
        values = {"beta": 1.0, "kappa": 0.3}
        if "on" in words:
            values |= {"Q": np.eye(3), "K": np.eye(3), "V": np.eye(3)}
        apart = noisy(model, same, 0.5, 0.1, **values).points[-1]
        together = replace(model, noise=replace(model.noise, scope="common"))
        joined = noisy(together, same, 0.5, 0.1, **values).points[-1]
        assert np.ptp(joined, axis=0).max() < 1e-13
        assert np.ptp(apart, axis=0).max() > 0.1


def test_fast_sums_of_many_systems_are_those_of_the_print():
    x = sphere.random_points(80, 2, rng=2, batch=30)
    for model in (SA, USA):
        fast, plain = fast_field(model, beta=4.0), compile_model(model, beta=4.0, backend="plain")
        assert np.abs(fast.of_systems(x) - plain(x)).max() < 1e-10 * math.exp(4 * (model is USA))
    clumped = sphere.project(np.array([[1.0, 1e-9]] * 79 + [[-1.0, 1e-3]]))[None]
    fast, plain = fast_field(USA, beta=30.0), compile_model(USA, beta=30.0, backend="plain")
    assert np.abs(fast.of_systems(clumped) - plain(clumped)).max() < 1e-10 * math.exp(30)
    plain_run = noisy(NOISY, x, 0.1, 0.01, rng=3, beta=4.0, kappa=0.1, backend="plain")
    run = noisy(NOISY, x, 0.1, 0.01, rng=3, beta=4.0, kappa=0.1)
    assert np.abs(run.points - plain_run.points).max() < 1e-10


# -- laws ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("scheme", ["euler", "weak2"])
def test_the_mean_of_a_token_decays_at_d_minus_1_kappa(scheme):
    """E x_t = e^{-(d-1)κt} x_0 without a drift: one token of SA has none."""
    start = np.tile([1.0, 0.0, 0.0], (4000, 1, 1))
    run = noisy(NOISY, start, 0.5, 0.02, scheme, rng=5, beta=2.0, kappa=0.4)
    assert abs(off(run.points[-1, :, 0, 0], math.exp(-2 * 0.4 * 0.5))) < 3
    assert abs(off(run.points[-1, :, 0, 0], math.exp(-0.4 * 0.5))) > 10  # factor 2


def gibbs(log_density, size, power):
    """Mean of u^power under (1-u²)^{(d-3)/2} e^{log_density(u)}, by the angle."""

    def weight(angle):
        return math.sin(angle) ** (size - 2) * math.exp(log_density(math.cos(angle)))

    total = quad(weight, 0, math.pi)[0]
    return quad(lambda a: weight(a) * math.cos(a) ** power, 0, math.pi)[0] / total


@pytest.mark.every(2)
@pytest.mark.parametrize("size", [2, 3])
def test_one_token_in_a_fixed_field_is_gibbs(size):
    """E = h(<x,w>) of mass 1: stationary law e^{E/κ}; Itô without its drift would be another."""
    W, c = MatrixSymbol("W", 1, d), MatrixSymbol("c", 1, 1)
    energy = anchor_energy(exp(z), W, c)
    model = driven(gradient_flow(energy, "field", parameters=(W, c)))
    start = sphere.random_points(1, size, rng=6, batch=3000)
    pole = np.eye(1, size)
    run = noisy(model, start, 12.0, 0.05, "weak2", rng=7, W=pole, c=np.eye(1), kappa=0.6)
    assert run.status is NoisyStatus.FINISHED
    heights = run.points[-1, :, 0, 0]
    for power in (1, 2):
        assert abs(off(heights**power, gibbs(lambda u: math.exp(u) / 0.6, size, power))) < 3
    assert abs(off(heights, gibbs(lambda u: math.exp(u) / 1.2, size, 1))) > 6  # factor 2


@pytest.mark.every(2)
@pytest.mark.parametrize("size", [2, 3])
def test_two_tokens_of_usa_are_gibbs(size):
    """e^{nE/κ}, nE = e^{βγ}/(2β) + const for n = 2: x_i' = n ∂_i E."""
    start = sphere.random_points(2, size, rng=8, batch=3000)
    run = noisy(driven(USA), start, 5.0, 0.05, "weak2", rng=9, beta=1.0, kappa=0.5)
    assert run.status is NoisyStatus.FINISHED
    products = np.vecdot(run.points[-1, :, 0], run.points[-1, :, 1])

    def log_density(share):
        return lambda u: share * math.exp(u) / 2 / 0.5

    for power in (1, 2):
        assert abs(off(products**power, gibbs(log_density(1.0), size, power))) < 3
    assert abs(off(products, gibbs(log_density(0.5), size, 1))) > 6  # e^{E/κ}, without n


@pytest.mark.slow
def test_the_bias_of_finite_n_is_of_order_1_over_n():
    """Above κ_uniform = I_1/β: n E|m_1|² -> κ/(κ - κ_uniform), of the mean field 0 (β < β_*)."""
    said = 1.0 / (1.0 - iv(1, 1.0))
    for n in (16, 64):
        start = sphere.random_points(n, 2, rng=10, batch=600)
        run = noisy(driven(USA), start, 8.0, 0.05, "weak2", rng=11, beta=1.0, kappa=1.0)
        sizes = n * np.sum(np.mean(run.points[-1], axis=-2) ** 2, axis=-1)
        error = np.std(sizes) / math.sqrt(sizes.size)
        assert abs(np.mean(sizes) - said) < 3 * error + 2 * said / n


@pytest.mark.every(2, kept="slow", rest="full")
@pytest.mark.parametrize("size", [2, 3])
def test_gibbs_at_a_stronger_pull(size):
    start = sphere.random_points(2, size, rng=8, batch=8000)
    run = noisy(driven(USA), start, 14.0, 0.025, "weak2", rng=9, beta=1.5, kappa=0.3)
    products = np.vecdot(run.points[-1, :, 0], run.points[-1, :, 1])
    for power in (1, 2):
        exact = gibbs(lambda u: math.exp(1.5 * u) / 3 / 0.3, size, power)
        assert abs(off(products**power, exact)) < 3


@pytest.mark.slow
@pytest.mark.parametrize("convention", ["ito", "stratonovich"])
def test_a_step_of_common_noise_has_the_derived_law(convention):
    """Mean and variance of one small step of γ, both conventions, each refuting the other."""
    base = QKV.subs({Q: Identity(d), K: Identity(d)})
    noise = Noise(0.5, on=V, scope="common", convention=convention)
    hot, size, start, step, count = 0.3, 3, -0.3, 0.02, 20_000
    points = np.array([[1.0, 0, 0], [start, math.sqrt(1 - start**2), 0]])
    pair = np.broadcast_to(points, (count, 2, 3))
    run = noisy(replace(base, noise=noise), pair, step, step, rng=1, beta=hot, V=np.zeros((3, 3)))
    moved = np.vecdot(run.points[-1, :, 0], run.points[-1, :, 1]) - start
    at = {gamma: start, beta: hot, d: size}
    own, other = (
        pair_diffusion(replace(base, noise=replace(noise, convention=word)))
        for word in (convention, "ito" if convention == "stratonovich" else "stratonovich")
    )
    assert np.var(moved) / step == pytest.approx(float(own.variance.subs(at)), rel=0.05)
    assert abs(off(moved, float(own.drift.subs(at)) * step)) < 3
    assert abs(off(moved, float(other.drift.subs(at)) * step)) > 3.5


@pytest.mark.slow
@pytest.mark.parametrize(("convention", "attracts"), [("ito", True), ("stratonovich", False)])
def test_opposite_tokens_attract_in_one_convention_only(convention, attracts):
    """β = 1.06, d = 6: cosh 2β = 4.2 > 4 = d-2, tanh β = 0.786 < 0.8 = (d-2)/(d-1)."""
    base = QKV.subs({Q: Identity(d), K: Identity(d)})
    noise = Noise(0.5, on=V, scope="common", convention=convention)
    model = replace(base, noise=noise)
    hot, size = 1.06, 6
    exponent = float(pair_diffusion(model).exponent(-1).subs({beta: hot, d: size}))
    assert (exponent < 0) is attracts
    gap = 1e-6
    points = np.zeros((2000, 2, size))
    points[:, 0, 0], points[:, 1, 0], points[:, 1, 1] = 1.0, -math.sqrt(1 - gap**2), gap
    run = noisy(model, points, 1.0, 0.005, rng=2, beta=hot, V=np.zeros((size, size)))
    far = np.sum((run.points[-1, :, 0] + run.points[-1, :, 1]) ** 2, axis=-1) / 2
    growth = np.log(far / (gap**2 / 2))
    assert abs(off(growth, exponent)) < 4


# -- statuses and refusals -------------------------------------------------------------------------


def test_steps_that_are_too_large_are_told():
    start = sphere.random_points(8, 2, rng=0)
    words = {"beta": 9.0, "kappa": 0.1, "rng": 0}
    assert noisy(driven(USA), start, 1.0, 0.05, **words).status is NoisyStatus.COARSE
    fine = noisy(driven(USA), start, 0.01, 1e-5, **words)
    assert fine.status is NoisyStatus.FINISHED
    assert noisy(NOISY, START, 1.0, 0.5, beta=0.1, kappa=1.0).status is NoisyStatus.COARSE
    wild = noisy(driven(USA), start, 1.0, 0.05, beta=800.0, kappa=0.1)
    assert wild.status is NoisyStatus.OVERFLOW
    assert np.isnan(wild.points[-1]).any()
    assert not wild.status.success
    assert "lower" in wild.status.message


@pytest.mark.parametrize(
    ("change", "match"),
    [
        ({"model": SA}, "Expected a model with noise but got model=SA, which has none"),
        ({"model": "SA"}, "Expected a model with noise but got model='SA'"),
        ({"dt": 0.0}, "Expected a positive finite number but got dt=0.0"),
        ({"t_end": -1.0}, "Expected a positive finite number but got t_end"),
        ({"t_end": math.inf}, "Expected a positive finite number but got t_end"),
        ({"scheme": "heun"}, "Expected one of 'euler' or 'weak2'"),
        ({"t_eval": [0.0, 2.0]}, "Expected ascending times in"),
        ({"t_eval": [0.5, 0.2]}, "Expected ascending times in"),
        ({"kappa": -0.1}, "Expected a strength κ >= 0"),
        ({"points": 2 * START}, "Expected rows of length 1"),
        ({"points": [[1.0]]}, "Expected points in d >= 2 dimensions"),
        ({"masses": [0.5, 0.5]}, "as many as masses"),
        ({"beta": np.ones(3)}, "Expected batches that broadcast"),
        ({"beta": lambda t: np.ones(5)}, "Expected one function of time for all systems"),
        ({"rng": "seed"}, "Expected a seed"),
    ],
)
def test_bad_arguments(change, match):
    words = {
        "model": NOISY, "points": START, "t_end": 1.0, "dt": 0.1, "beta": 1.0, "kappa": 0.1,
    }  # fmt: skip
    with pytest.raises((ValueError, TypeError), match=match):
        noisy(**{**words, **change})


@pytest.mark.parametrize(
    "words", [{"scope": "common"}, {"on": V}, {"on": V, "convention": "stratonovich"}]
)
def test_weak2_is_for_independent_ambient_noise(words):
    model = driven(QKV if "on" in words else SA, **words)
    with pytest.raises(ValueError, match=r"for scheme='weak2'.*use scheme='euler'"):
        noisy(model, START, 1.0, 0.1, "weak2", beta=1.0, kappa=0.1)


@pytest.mark.parametrize(
    "call",
    [
        lambda model: compile_model(model, beta=1.0, kappa=0.1),
        lambda model: ensemble(model, START, t_eval=[0.0, 1.0], beta=1.0, kappa=0.1),
        lambda model: coarsen(START[0], beta=1.0, model=model),
        lambda model: phase_diagram(runs=1, model=model),
        lambda model: fast_field(model, beta=1.0, kappa=0.1),
    ],
)
def test_deterministic_code_refuses_noise_and_names_noisy(call):
    with pytest.raises(ValueError, match=r"Expected a model without noise .*numerics\.noisy"):
        call(NOISY)


def test_a_matrix_of_exact_numbers_is_no_strength():
    with pytest.raises(ValueError, match="Expected a strength"):
        Noise(Matrix([[1]]))
