"""Fast sums against the direct field, against 30 digits, and at their limits."""

import math
import pickle

import mpmath
import numpy as np
import pytest
import sympy as sp
from scipy.special import iv

from numerics import compile_model, integrate, sphere
from numerics.fastsum import circle as fastsum_circle
from numerics.fastsum import harmonics as fastsum_harmonics
from numerics.fastsum import sphere as fastsum_sphere
from numerics.fastsum.choice import fast_field
from numerics.fastsum.field import _rounding
from numerics.fastsum.kernel import MAX_MODES, scaled_kernel
from theory import (
    CAUSAL,
    DISCRETE_SA,
    QKV,
    REPULSIVE,
    SA,
    USA,
    gradient_flow,
)
from theory import (
    interaction_energy as pairs,
)
from theory.symbols import beta, z

pytestmark = pytest.mark.extras

BETAS = (-5.0, 0.0, 0.1, 1.0, 10.0, 100.0, 1000.0)
WAYS = ("circle numpy", "circle finufft", "sphere finufft", "sphere ducc0")
ON_SPHERE = {"finufft": fastsum_sphere, "ducc0": fastsum_harmonics}


@pytest.fixture(params=WAYS)
def way(request):
    """Dimension and backend."""
    name, backend = request.param.split()
    if backend != "numpy":
        pytest.importorskip(backend)
    return {"circle": 2, "sphere": 3}[name], backend


def spread(n, d, rng=0):
    return sphere.random_points(n, d, rng)


def bunched(n, d):
    """Three clusters and a straggler."""
    rng = np.random.default_rng(5)
    centres = sphere.random_points(3, d, 8)
    x = sphere.project(centres[rng.integers(3, size=n)] + 0.05 * rng.standard_normal((n, d)))
    x[0] = -x[1]
    return x


def weights(n):
    return np.random.default_rng(3).uniform(0.1, 3.0, n)


def largest_weight(kernel, x, mass, normalised):
    """``max_i Σ_j |w_ij|`` of the accuracy contract."""
    return 1.0 if normalised else float(np.max(np.abs(kernel(x @ x.T)) @ mass))


@pytest.mark.every(15)
@pytest.mark.parametrize("b", BETAS)
@pytest.mark.parametrize("points", [spread, bunched])
def test_stated_error_for_sa(way, b, points):
    d, backend = way
    n = 2000
    x, mass = points(n, d), weights(n)
    fast = fast_field(SA, beta=b, masses=mass, backend=backend)
    direct = compile_model(SA, beta=b, masses=mass)
    assert np.max(np.abs(fast(x) - direct(x))) <= 1e-10
    u, log_scale = fast.scaled(x)
    assert log_scale == 0 and np.array_equal(u, fast(x))
    energy = fast.log_energy(x)
    assert abs(energy - direct.log_energy(x)) <= 1e-10 + 1e-15 * abs(energy)
    if abs(b) < 300:
        assert fast.energy(x) == pytest.approx(direct.energy(x), rel=1e-10, abs=0)


@pytest.mark.every(31)
@pytest.mark.parametrize("b", BETAS)
def test_stated_error_for_usa(way, b):
    d, backend = way
    n = 2000
    x, mass = bunched(n, d), weights(n)
    fast = fast_field(USA, beta=b, masses=mass, backend=backend)
    u, log_scale = fast.scaled(x)
    v, other = compile_model(USA, beta=b, masses=mass).scaled(x)
    bound = largest_weight(lambda g: np.exp(b * g - other), x, mass, False)
    assert np.max(np.abs(u * np.exp(log_scale - other) - v)) <= 1e-10 * bound
    if abs(b) < 300:
        velocity = compile_model(USA, beta=b, masses=mass)(x)
        assert np.max(np.abs(fast(x) - velocity)) <= 1e-10 * bound * math.exp(other)
    else:
        with pytest.raises(OverflowError, match="call scaled"):
            fast(x)
        with pytest.raises(OverflowError, match="call log_energy"):
            fast.energy(x)


@pytest.mark.every(5)
@pytest.mark.parametrize("b", [-1000.0, 1e4])
def test_extreme_parameters(way, b):
    """Where a row sees next to nothing it is summed directly, and the error stays as stated."""
    d, backend = way
    if (d, b, backend) == (3, 1e4, "finufft"):
        pytest.skip("tables of 1.5 GB")
    for x in (spread(600, d), bunched(600, d)):
        fast = fast_field(SA, beta=b, backend=backend)
        assert np.max(np.abs(fast(x) - compile_model(SA, beta=b)(x))) <= 1e-10
        lows = compile_model(SA, beta=b).log_energy(x)
        assert fast.log_energy(x) == pytest.approx(lows, rel=1e-10)


KERNELS = {
    "cubic": z**3,
    "logarithm": sp.log(2 + z),
    "odd exponential": sp.sinh(3 * z) / 3,
    "two rates": sp.exp(2 * z) - sp.exp(-z) / 3,
    "linear": z,
    "parameter": beta * sp.sin(4 * z) + z,
}


@pytest.mark.every(5)
@pytest.mark.parametrize("name", KERNELS)
def test_any_smooth_kernel(way, name):
    d, backend = way
    model = gradient_flow(pairs(KERNELS[name]), name)
    given = {"beta": 0.7} if model.parameters else {}
    n = 500
    mass = weights(n)
    slope = sp.lambdify(z, KERNELS[name].subs(beta, 0.7).diff(z), "numpy")
    fast = fast_field(model, masses=mass, backend=backend, **given)
    direct = compile_model(model, masses=mass, **given)
    for x in (spread(n, d), bunched(n, d), np.concatenate([spread(250, d), -spread(250, d)])):
        bound = largest_weight(lambda g: slope(g) + 0 * g, x, mass, False)
        assert np.max(np.abs(fast(x) - direct(x))) <= 1e-10 * bound
        assert fast.energy(x) == pytest.approx(direct.energy(x), rel=1e-10, abs=1e-10)


def test_softmax_of_another_kernel(way):
    d, backend = way
    model = gradient_flow(pairs(sp.log(2 + z)), flow="softmax")
    x = bunched(500, d)
    fast = fast_field(model, backend=backend)
    assert np.max(np.abs(fast(x) - compile_model(model)(x))) <= 1e-10
    with pytest.raises(ValueError, match="exponential kernel"):
        fast.log_energy(x)


@pytest.mark.parametrize("model", [REPULSIVE, gradient_flow(pairs(-sp.exp(beta * z) / beta))])
def test_repulsive_twins(way, model):
    d, backend = way
    x = bunched(400, d)
    fast = fast_field(model, beta=3.0, backend=backend)
    direct = compile_model(model, beta=3.0)
    assert np.max(np.abs(fast(x) - direct(x))) <= 1e-10 * math.exp(3)
    assert fast.energy(x) == pytest.approx(direct.energy(x), rel=1e-10)
    near = sphere.project(np.eye(d)[0] + 0.01 * x)  # at β = −30 only a direct sum will do
    energy = fast_field(model, beta=-30.0, backend=backend).energy(near)
    assert energy == pytest.approx(compile_model(model, beta=-30.0).energy(near), rel=1e-10)


def test_against_thirty_digits(way):
    """Independent of every array code: SA at β = 7 by mpmath, to well below the stated error."""
    d, backend = way
    x, mass = spread(25, d, 2), weights(25)
    with mpmath.workdps(30):
        rows = [[mpmath.mpf(float(c)) for c in row] for row in x]
        want = []
        for p in rows:
            k = [m * mpmath.exp(7 * mpmath.fdot(p, q)) for q, m in zip(rows, mass, strict=True)]
            mean = [mpmath.fdot(k, [q[c] for q in rows]) / mpmath.fsum(k) for c in range(d)]
            radial = mpmath.fdot(mean, p)
            want.append([float(mean[c] - radial * p[c]) for c in range(d)])
    fast = fast_field(SA, beta=7.0, masses=mass, backend=backend)
    assert np.max(np.abs(fast(x) - np.array(want))) < 1e-13


def test_row_sums_and_dissipation(way):
    """Check Z_i pair by pair, and dE/dt = Σ m_i Z_i |x_i'|² by a central difference."""
    d, backend = way
    n, b = 300, 4.0
    x, mass = spread(n, d), weights(n)
    fast = fast_field(SA, beta=b, masses=mass, backend=backend)
    sums, log_scale = fast.row_sums(x)
    assert log_scale == b
    z_i = sums * math.exp(b)
    assert np.allclose(z_i, np.exp(b * x @ x.T) @ mass, rtol=1e-12)
    v = fast(x)
    h = 1e-5
    ahead, behind = (fast.energy(sphere.project(x + s * h * v)) for s in (1, -1))
    rate = float(np.sum(mass * z_i * np.sum(v * v, axis=1)))
    assert (ahead - behind) / (2 * h) == pytest.approx(rate, rel=1e-6)


def test_row_sums_where_rows_are_summed_directly():
    x = bunched(200, 2)
    sums, log_scale = fast_field(SA, beta=-40.0).row_sums(x)
    g = -40.0 * x @ x.T
    assert np.allclose(np.log(sums) + log_scale, np.log(np.mean(np.exp(g), axis=1)), rtol=1e-9)


def test_uniform_ring_and_consensus_in_closed_form():
    """The ring is stationary with Z = I_0(β); at consensus E = e^β / 2β."""
    angles = 2 * np.pi * np.arange(400) / 400
    ring = np.stack([np.cos(angles), np.sin(angles)], axis=1)
    fast = fast_field(SA, beta=6.0, backend="numpy")
    assert np.max(np.abs(fast(ring))) < 1e-13
    sums, log_scale = fast.row_sums(ring)
    assert np.allclose(sums * np.exp(log_scale), iv(0, 6.0), rtol=1e-13)
    assert fast.energy(np.tile([0.6, 0.8], (50, 1))) == pytest.approx(math.exp(6) / 12, rel=1e-13)


def test_batches_callables_and_pickles():
    x = np.stack([spread(50, 2), bunched(50, 2)])
    fast = fast_field(SA, beta=lambda t: 1.0 + t)
    at_two = fast_field(SA, beta=3.0)
    assert np.array_equal(fast(x, 2.0), at_two(x))
    assert np.array_equal(at_two(x)[1], at_two(x[1]))
    assert at_two.energy(x).shape == at_two.log_energy(x).shape == (2,)
    assert np.array_equal(pickle.loads(pickle.dumps(at_two))(x), at_two(x))


def test_same_bits_each_time_on_one_thread(way):
    d, backend = way
    x = spread(20_000, d)
    first, second = (fast_field(SA, beta=5.0, backend=backend).unchecked(x) for _ in range(2))
    assert np.array_equal(first, second)


def test_errors_name_the_remedy():
    points = spread(10, 4)
    with pytest.raises(ValueError, match=r"d = 2 or 3\) but got d=4; use compile_model"):
        fast_field(SA, beta=1.0)(points)
    for tolerance in (1e-14, 1.0, math.nan):
        with pytest.raises(ValueError, match="tolerance in"):
            fast_field(SA, beta=1.0, tolerance=tolerance)
    with pytest.raises(ValueError, match="backend one of"):
        fast_field(SA, beta=1.0, backend="fft")
    for threads in (-1, 1.5, True):
        with pytest.raises(ValueError, match="number of threads"):
            fast_field(SA, beta=1.0, threads=threads)
    with pytest.raises(ValueError, match="scalar attention"):
        fast_field(CAUSAL, beta=1.0)
    with pytest.raises(ValueError, match="scalar attention"):
        fast_field(DISCRETE_SA, beta=1.0, eta=0.1)
    eye = np.eye(2)
    with pytest.raises(ValueError, match="scalar attention"):
        fast_field(QKV, beta=1.0, Q=eye, K=eye, V=eye)
    with pytest.raises(ValueError, match="a number for beta"):
        fast_field(SA, beta=[1.0, 2.0])
    with pytest.raises(ValueError, match=r"masses of shape \(n,\)"):
        fast_field(SA, beta=1.0, masses=np.ones((2, 5)))
    rough = gradient_flow(pairs(sp.Piecewise(((z - 0.3) ** 2, z > 0.3), (0, True))), "rough")
    with pytest.raises(ValueError, match=f"at most {MAX_MODES} modes"):
        fast_field(rough)


@pytest.mark.parametrize(("library", "b"), [("finufft", 1e5), ("ducc0", 1e6)])
def test_too_large_a_degree_is_refused(library, b):
    pytest.importorskip(library)
    with pytest.raises(ValueError, match="degree at most"):
        fast_field(SA, beta=b, backend=library)(spread(10, 3))


@pytest.mark.every(11)
@pytest.mark.skipif(np.finfo(np.longdouble).eps > 1e-18, reason="needs 80-bit numbers")
@pytest.mark.parametrize("b", [*BETAS, -1000.0, 1e4])
def test_rounding_is_relative_to_the_size(way, b):
    """The bound that decides which rows are summed directly, against 80-bit sums."""
    d, backend = way
    if (d, b, backend) == (3, 1e4, "finufft"):
        pytest.skip("tables of 1.5 GB")
    kernel = scaled_kernel(sp.exp(beta * z), ((beta, b),))
    n = 400
    mass = weights(n)
    for x in (spread(n, d), bunched(n, d), np.tile(spread(1, d), (n, 1))):
        y = x.astype(np.longdouble)
        y /= np.sqrt(np.sum(y * y, axis=1, keepdims=True))
        gram = sum(np.multiply.outer(c, c) for c in y.T)
        k = np.exp(np.longdouble(b) * gram - abs(b)) * mass
        sums, pull = np.sum(k, axis=1), np.stack([np.sum(k * c, axis=1) for c in y.T], axis=1)
        if d == 2:
            along, got, size = fastsum_circle.pull_and_sums(
                x, mass, kernel.cosine, backend == "finufft", 1
            )
            want = y[:, 0] * pull[:, 1] - y[:, 1] * pull[:, 0]
            error = max(np.max(np.abs(along - want)), np.max(np.abs(got - sums)))
        else:
            q = np.stack([mass * (x[:, 0] + 1j * x[:, 1]), mass * (x[:, 2] + 1j)])
            both, size = ON_SPHERE[backend].weighted_sums(x, q, kernel.legendre, 1)
            got = np.stack([both[0].real, both[0].imag, both[1].real, both[1].imag], axis=1)
            error = np.max(np.abs(got - np.concatenate([pull, sums[:, None]], axis=1)))
        assert np.max(np.abs(sums)) <= size * (1 + 1e-9)
        assert error <= _rounding(kernel.cosine.size) * size


def test_integrate_takes_a_fast_field_in_the_scaled_clock():
    """USA at β = 900: only the logarithms of times and velocities are numbers."""
    x = spread(40, 2)
    fast = integrate(fast_field(USA, beta=900.0), x, log_t_end=-899.0)
    direct = integrate(compile_model(USA, beta=900.0), x, log_t_end=-899.0)
    assert fast.sums == "circle" and fast.clock == "scaled"
    assert np.max(np.abs(fast.points[-1] - direct.points[-1])) < 1e-7


@pytest.mark.slow
def test_large_circle_energy_identity():
    """10⁵ tokens on the circle: E(1) − E(0) is the integral of Σ m_i Z_i |x_i'|²."""
    x = spread(100_000, 2)
    nodes, gauss = np.polynomial.legendre.leggauss(16)
    times = np.concatenate([[0.0], (nodes + 1) / 2, [1.0]])
    trajectory = integrate(compile_model(SA, beta=10.0), x, 1.0, t_eval=times)
    assert trajectory.sums == "circle"
    field = trajectory.field
    rates = []
    for points in trajectory.points[1:-1]:
        sums, log_scale = field.row_sums(points)
        speed = np.sum(field.unchecked(points) ** 2, axis=1)
        rates.append(np.exp(log_scale) * np.mean(sums * speed))
    gain = trajectory.energy[-1] - trajectory.energy[0]
    assert abs(gauss @ rates / 2 - gain) <= 1e-8 * abs(trajectory.energy[-1])
