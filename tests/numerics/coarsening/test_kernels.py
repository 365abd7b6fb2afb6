"""Any increasing kernel: its exponents to rounding, and runs against quadrature and plain time."""

import itertools
import math

import mpmath
import numpy as np
import pytest
import sympy as sp
from scipy.integrate import solve_ivp

from numerics import compile_model, sphere
from numerics.arguments import as_model
from numerics.coarsening import run as running
from numerics.coarsening.flows import Clock, Flow, read_flow
from numerics.coarsening.kernels import exponential_kernel, read_kernel
from numerics.coarsening.result import MERGE_DISTANCE, CoarsenStatus
from numerics.coarsening.run import coarsen
from theory import SA, USA, Model, catalogue, gradient_flow, interaction_energy
from theory.atoms import RowSoftmax, Tangent
from theory.parse import parse_kernel
from theory.symbols import X, beta, m, n, t, z

pytestmark = pytest.mark.extras

MODELS = pytest.mark.parametrize("model", [SA, USA], ids=["SA", "USA"])
FLOWS = pytest.mark.parametrize("flow", ["wasserstein", "softmax"])
KERNELS = {
    "polynomial": "t + t**3/3",
    "rational": "1/(1.5 - t)",
    "logarithm": "log(2 + t)",
    "from afar": "-exp(-t)",
    "kink": "2*t + t*abs(t)/2",
}
TWO_SCALES = "exp(beta*t)/beta + 2*exp(beta*t/2)/beta"


def circle(*angles):
    theta = np.asarray(angles, dtype=float).ravel()
    return np.stack([np.cos(theta), np.sin(theta)], axis=1)


def log_times(result):
    return np.array([merge.log_time for merge in result.merges])


# --- exponents -----------------------------------------------------------------------------------


@pytest.mark.every(4)
@pytest.mark.parametrize(
    "slope",
    [
        sp.exp(9 * z), sp.exp(400 * z) + sp.exp(200 * z), sp.exp(10**4 * z) + sp.exp(5000 * z),
        1 + z**2, (sp.Rational(11, 10) - z) ** -2, sp.exp(-400 * z), 2 + sp.sin(20 * z),
    ],
    ids=str,
)  # fmt: skip
def test_exponents_are_right_to_rounding(slope):
    kernel = read_kernel(slope, "kernel")
    rng = np.random.default_rng(0)
    e = np.concatenate([rng.uniform(0, 2, 100), 10.0 ** rng.uniform(-12, 0, 50), [0.0, 2.0]])
    with mpmath.workdps(40):
        value = sp.lambdify(z, slope, "mpmath")
        bend = sp.lambdify(z, sp.log(slope).diff(z), "mpmath")
        top = max(mpmath.log(value(1 - mpmath.mpf(x))) for x in np.linspace(0, 2, 2001))
        exact = [float(mpmath.log(value(1 - mpmath.mpf(x))) - kernel.top) for x in e.tolist()]
        rates = np.array([float(bend(1 - mpmath.mpf(x))) for x in e.tolist()])
    size = max(1.0, float(np.abs(exact).max()))
    assert np.abs(kernel.exponents(e) - exact).max() < 2e-15 * size
    assert np.abs(kernel.slopes(e) - rates).max() < 1e-11 * max(1.0, np.abs(rates).max())
    assert (kernel.bounds(e) >= np.abs(rates) * (1 - 1e-9)).all()
    assert kernel.steepness >= np.abs(rates).max() * (1 - 1e-9)
    assert kernel.top == pytest.approx(float(top), rel=1e-3)
    assert kernel.own == pytest.approx(kernel.exponents(np.zeros(1))[0], abs=1e-12)


def test_energies_are_those_of_the_kernel():
    rng = np.random.default_rng(1)
    x, masses = sphere.random_points(7, 3, rng).T, rng.uniform(0.1, 1, 7)
    for h in (z + z**3 / 3, sp.exp(60 * z) / 60 + sp.exp(20 * z), -sp.exp(-3 * z)):
        kernel = read_kernel(h.diff(z), "kernel")
        with mpmath.workdps(40):
            value = sp.lambdify(z, h, "mpmath")
            low, high = value(mpmath.mpf(-1)), value(mpmath.mpf(1))
            exact = mpmath.mpf(0)
            for i, j in itertools.product(range(7), repeat=2):
                gaps = zip(x[:, i].tolist(), x[:, j].tolist(), strict=True)
                g = 1 - mpmath.fsum((mpmath.mpf(a) - b) ** 2 for a, b in gaps) / 2
                exact += mpmath.mpf(masses[i]) * masses[j] * (value(g) - low) / (high - low)
        assert kernel.energy(x, masses) == pytest.approx(float(exact), rel=1e-13)


@pytest.mark.parametrize(
    "text", ["t**2/2", "t + t**2/2", "t**3/3 - 3*t**2/10 + 9*t/100", "-t", "sin(4*t)"]
)
def test_kernels_that_do_not_increase_are_refused(text):
    with pytest.raises(ValueError, match=r"Expected .*increas.*integrate"):
        coarsen(circle(0, 1), model=text)


def test_what_has_no_place_is_named():
    with pytest.raises(ValueError, match="softmax"):
        coarsen(circle(0, 1), model="t**2/2", flow="softmax")
    with pytest.raises(ValueError, match="beta=3"):
        coarsen(circle(0, 1), beta=3.0, model="t + t**3/3")
    for name in ("causal", "pre-LN", "nGPT", "Sinkhorn"):
        with pytest.raises(ValueError, match=r"Expected .*integrate"):
            coarsen(circle(0, 1), beta=3.0, model=catalogue(name))


# --- runs ----------------------------------------------------------------------------------------


@pytest.mark.slow
@pytest.mark.every(7)
@MODELS
@pytest.mark.parametrize(("n", "d", "hot"), [(2, 2, 9.0), (16, 2, 9.0), (16, 3, 81.0)])
def test_an_exponential_read_as_any_other_kernel(monkeypatch, model, n, d, hot):
    rng = np.random.default_rng(n + d)
    points, masses = sphere.random_points(n, d, rng), rng.uniform(0.1, 1, n)
    own = coarsen(points, beta=hot, model=model, masses=masses)

    def read(model, hot, *_):
        slope = sp.exp(sp.Rational(*hot.as_integer_ratio()) * z)
        return Flow(read_kernel(slope, model.name), model is SA, Clock())

    monkeypatch.setattr(running, "read_flow", read)
    other = coarsen(points, beta=hot, model=model, masses=masses)
    assert [m.children for m in other.merges] == [m.children for m in own.merges]
    assert log_times(other) == pytest.approx(log_times(own), abs=1e-8)
    assert all(math.isfinite(m.log_time_error) for m in other.merges)
    assert abs(other.steps - own.steps) <= 3 + own.steps // 20


def pair_log_time(slope, m1, m2, angle, normalised):
    """Quadrature of the law of two clusters, with forty digits."""
    with mpmath.workdps(40):
        m1, m2, angle = map(mpmath.mpf, (m1, m2, angle))
        value = sp.lambdify(z, slope, "mpmath")
        own = value(mpmath.mpf(1))

        def slowness(theta):
            q = value(mpmath.cos(theta))
            pull = (m1 + m2) * q
            if normalised:
                pull = m2 * q / (m1 * own + m2 * q) + m1 * q / (m2 * own + m1 * q)
            return 1 / (mpmath.sin(theta) * pull)

        low = 2 * mpmath.asin(mpmath.mpf(MERGE_DISTANCE) / 2)
        rate = abs(mpmath.diff(lambda g: mpmath.log(value(g)), mpmath.cos(angle)))
        width = 1 / (1 + rate * mpmath.sin(angle))
        nodes = {low * 4**k for k in range(9)} | {angle - width * 3**k for k in range(8)}
        nodes = sorted({x for x in nodes if low <= x < angle} | {low, angle})
        return float(mpmath.log(mpmath.quad(slowness, nodes)))


@pytest.mark.every(15)
@FLOWS
@pytest.mark.parametrize("text", [*KERNELS.values(), TWO_SCALES])
@pytest.mark.parametrize(("m1", "m2", "angle"), [(0.5, 0.5, 1.0), (0.9, 0.1, 2.5)])
def test_two_clusters_against_quadrature(text, flow, m1, m2, angle):
    values = {"beta": 700.0} if "beta" in text else {}
    model = as_model(text, flow, ())
    slope = parse_kernel(text).diff(z).subs({beta: 700})
    expected = pair_log_time(slope, m1, m2, angle, flow == "softmax")
    result = coarsen(circle(0.4, 0.4 + angle), model=model, masses=[m1, m2], **values)
    assert result.status is CoarsenStatus.CONSENSUS
    (merge,) = result.merges
    assert abs(merge.log_time - expected) < 2e-8
    assert not merge.ill_conditioned and merge.log_time_error < 1e-6
    assert result.energies[-1] == pytest.approx(1.0)
    assert np.diff(result.energies).min() > -1e-14


@pytest.mark.slow
@FLOWS
@pytest.mark.parametrize("text", KERNELS.values(), ids=KERNELS)
def test_plain_time(text, flow):
    """States at moderate times, by the model's compiled velocity and SciPy."""
    points = sphere.random_points(9, 3, rng=5)
    masses = np.random.default_rng(5).uniform(0.2, 1, 9)
    model = as_model(text, flow, ())
    result = coarsen(points, model=model, masses=masses, rtol=1e-9, log_t_end=0.5)
    assert result.status is CoarsenStatus.HORIZON
    field = compile_model(model, masses=masses)

    def rate(_, y):
        return field.unchecked(sphere.project(y.reshape(9, 3)), 0.0).ravel()

    logs = np.array([-2.0, -1.0, 0.0, 0.5])
    plain = solve_ivp(
        rate, (0, math.exp(0.5)), points.ravel(), "DOP853", np.exp(logs), rtol=1e-11, atol=1e-13
    )
    states = plain.y.T.reshape(-1, 9, 3)
    assert len(states) == 4
    assert np.abs(result.at(logs) - sphere.project(states)).max() < 1e-7


@pytest.mark.slow
def test_two_scales_up_to_e_to_the_700(shape):
    points = sphere.random_points(12, 2, rng=3)
    runs = [
        coarsen(points, beta=700.0, model=TWO_SCALES, flow="softmax", rtol=rtol)
        for rtol in (1e-8, 1e-10)
    ]
    assert runs[0].status is CoarsenStatus.CONSENSUS
    assert log_times(runs[0])[-1] > 300
    assert shape(runs[0]) == shape(runs[1])
    assert log_times(runs[0]) == pytest.approx(log_times(runs[1]), abs=1e-6)


@pytest.mark.slow
def test_settling_in_a_stable_equilibrium_of_several_clusters():
    result = coarsen(circle(0, 1, 2.5, 2.9, 4.0), model="-exp(-3*t)", flow="softmax")
    assert result.status is CoarsenStatus.STATIONARY
    assert len(result.final_masses) == 3 and result.steps < 500


# --- forms that are SA or USA, and clocks --------------------------------------------------------


@pytest.mark.slow
def test_other_forms_of_an_exponential():
    points = sphere.random_points(10, 3, rng=6)
    plain = coarsen(points, beta=9.0, model=SA)
    known = read_flow(gradient_flow(interaction_energy(sp.exp(9 * z)), "nine"), None, 10, 3)
    assert known.kernel.exponential and known.kernel.steepness == 9.0
    assert known.clock.shift == pytest.approx(-math.log(9))
    text = coarsen(points, model="7*exp(9*t)", flow="softmax")
    assert log_times(text).tolist() == log_times(plain).tolist()
    usa = coarsen(points, beta=9.0, model=USA)
    scaled = coarsen(points, beta=9.0, model="5*exp(beta*t)/beta")
    assert log_times(scaled) == pytest.approx(log_times(usa) - math.log(5), abs=1e-12)


@pytest.mark.slow
def test_a_parameter_by_keyword_and_the_number_of_tokens():
    gamma = sp.Symbol("gamma", positive=True)
    velocity = Tangent(X, RowSoftmax(gamma * sp.log(n) * X * X.T, m) * X)
    long = Model("long context", velocity, parameters=(gamma,))
    points = sphere.random_points(10, 3, rng=6)
    result = coarsen(points, model=long, gamma=4.0)
    assert log_times(result).tolist() == log_times(coarsen(points, beta=4 * math.log(10))).tolist()
    with pytest.raises(ValueError, match="gamma"):
        coarsen(points, model=long)


@pytest.mark.slow
def test_models_of_the_catalogue():
    points = sphere.random_points(10, 3, rng=6)
    twice = coarsen(points, beta=9.0, model=catalogue("L2"))
    assert log_times(twice).tolist() == log_times(coarsen(points, beta=18.0)).tolist()
    long = coarsen(points, model=catalogue("long context"), exponent=4.0)
    assert log_times(long).tolist() == log_times(coarsen(points, beta=4 * math.log(10))).tolist()
    bounded = coarsen(points, beta=9.0, model=catalogue("sigmoid"), bias=-3.0)
    assert bounded.status is CoarsenStatus.CONSENSUS and not bounded.ill_conditioned
    for name in ("ReLU", "linear", "discrete layer", "sink"):
        values = {"sink": 1.0} if name == "sink" else {}
        with pytest.raises(ValueError, match=r"Expected .*integrate"):
            coarsen(points, beta=9.0, model=catalogue(name), **values)


@pytest.mark.slow
@pytest.mark.parametrize("hot", [4.0, 81.0])
def test_a_schedule_is_a_change_of_the_clock(hot):
    """CoD: s = 1/√(t+1), τ = 2(√(t+1) − 1), t = τ + τ²/4."""
    points = sphere.random_points(8, 2, rng=2)
    plain, scaled = (
        coarsen(points, beta=hot, model=SA),
        coarsen(points, beta=hot, model=catalogue("CoD")),
    )
    taus = log_times(plain)
    expected = taus + np.logaddexp(0.0, taus - math.log(4))
    assert log_times(scaled) == pytest.approx(expected, rel=1e-13)
    middle = 0.5 * (taus[2] + taus[3])
    late = middle + np.logaddexp(0.0, middle - math.log(4))
    assert np.abs(scaled.at(float(late)) - plain.at(float(middle))).max() < 1e-7
    stopped = coarsen(points, beta=hot, model=catalogue("CoD"), log_t_end=float(late))
    assert stopped.log_times[-1] == late
    assert [m.children for m in stopped.merges] == [m.children for m in plain.merges[:3]]


def test_clocks_there_and_back():
    for schedule in (1 / sp.sqrt(t + 1), 1 / (1 + t), 2 + t**2, sp.exp(-t) + 1):
        clock = Clock(0.3, schedule)
        for log_t in (-200.0, -3.0, 0.0, 2.5, 300.0):
            there = clock.inner(log_t)
            assert clock.outer(there) == pytest.approx(log_t, abs=1e-11 * max(1, abs(log_t) ** 2))
    assert Clock(0.0, sp.exp(-t)).outer(1.0) == math.inf
    assert exponential_kernel(2.0).exponential
