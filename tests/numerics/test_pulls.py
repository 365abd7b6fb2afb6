"""Velocities by differences against 50 digits, at the points divided exactly by their lengths."""

import mpmath
import numpy as np
import pytest
import sympy as sp

from numerics import compile_model, sphere
from numerics.pulls import pull_sums, tangent_pulls
from theory import CAUSAL, QKV, REPULSIVE, SA, USA, gradient_flow
from theory import interaction_energy as pairs
from theory.symbols import V, beta, d, z

pytestmark = pytest.mark.extras

EPS = float(np.finfo(float).eps)
C = 16  # of the contract
SHAPES = ("random", "cluster", "clusters", "antipodal", "ladder")


@pytest.fixture(params=["numpy", "numba"], scope="module")
def backend(request):
    if request.param == "numba":
        pytest.importorskip("numba")
    return request.param


def places(shape, n, dim, rng):
    """Tokens in general position, in clusters of 1e-12, on both sides, at all distances."""
    x = sphere.random_points(n, dim, rng)
    noise = rng.standard_normal((n, dim))
    if shape == "cluster":
        x = x[0] + 10 ** rng.uniform(-12, -1) * noise
    elif shape == "clusters":
        x = x[rng.integers(0, n // 3 + 1, n)] + 1e-12 * noise
    elif shape == "antipodal":
        x = x[0] * rng.choice([-1, 1], (n, 1)) + 10 ** rng.uniform(-12, -1) * noise
    elif shape == "ladder":
        x = x[0] + 10 ** rng.uniform(-13, 0, (n, 1)) * noise
    return sphere.project(x)


def rows_of(x):
    rows = [[mpmath.mpf(float(v)) for v in row] for row in x]
    return [[v / mpmath.sqrt(mpmath.fdot(row, row)) for v in row] for row in rows]


def reference(rows, kernel, masses, normalised, seen=lambda i, j: True):
    """Velocity of ``P_i Σ_j m_j f(g_ij) x_j``, over its row sum, and the largest pull."""
    velocity, largest = [], mpmath.mpf(0)
    n = range(len(rows))
    for i, own in enumerate(rows):
        g = [mpmath.fdot(own, other) for other in rows]
        w = [mpmath.mpf(float(masses[j])) * kernel(g[j]) if seen(i, j) else 0 for j in n]
        total = mpmath.fsum(w) if normalised else 1
        w = [0 if j == i else w[j] / total for j in n]
        velocity.append(
            [mpmath.fsum(w[j] * (rows[j][c] - g[j] * own[c]) for j in n) for c in range(len(own))]
        )
        lengths = [abs(w[j]) * mpmath.sqrt(abs(1 - g[j] ** 2)) for j in n]
        largest = max(largest, mpmath.fsum(lengths))
    return velocity, largest


def tangential(rows, exact, computed):
    """Largest distance of the rows of two velocities in the tangent spaces."""
    worst = mpmath.mpf(0)
    for own, a, b in zip(rows, exact, computed, strict=True):
        gap = [p - mpmath.mpf(float(q)) for p, q in zip(a, b, strict=True)]
        along = mpmath.fdot(own, gap)
        gap = [p - along * q for p, q in zip(gap, own, strict=True)]
        worst = max(worst, mpmath.sqrt(mpmath.fdot(gap, gap)))
    return worst


def hold_to_the_contract(seed, backends, most):
    rng = np.random.default_rng(seed)
    n, dim = (int(np.exp(rng.uniform(np.log(2), np.log(65)))) for _ in range(2))
    while n * n * dim > most:
        n, dim = max(2, n // 2), max(2, dim * 2 // 3)
    b = float(np.exp(rng.uniform(np.log(0.1), np.log(1e3)))) * rng.choice([1, 1, 1, -1])
    x = places(SHAPES[seed % len(SHAPES)], n, dim, rng)
    masses = rng.uniform(0.1, 2.0, n) if rng.random() < 0.5 else None
    weights = np.full(n, 1 / n) if masses is None else masses
    with mpmath.workdps(50):
        rows = rows_of(x)
        for model in (SA, USA):
            rate = b if model is SA else float(np.clip(b, -600, 600))
            exact, largest = reference(rows, lambda g: mpmath.exp(rate * g), weights, model is SA)  # noqa: B023
            for backend in backends:
                field = compile_model(model, beta=rate, masses=masses, backend=backend)
                velocity, pull = field.differences(x)
                bound = C * (1 + abs(rate)) * EPS * largest
                assert tangential(rows, exact, velocity) <= bound, (seed, model.name, backend)
                # distances of an ulp are off by the lengths of the rows
                assert 0.5 * largest <= float(pull) <= 2 * largest + EPS * np.sum(weights)


@pytest.mark.every(7)
@pytest.mark.parametrize("seed", range(15))
def test_contract(seed, backend):
    hold_to_the_contract(seed, [backend], 1500)


@pytest.mark.slow
def test_contract_on_more_tokens(backend):
    for seed in range(15, 45):
        hold_to_the_contract(seed, [backend], 12_000)


@pytest.mark.full
def test_contract_at_all_sizes(backend):
    for seed in range(45, 105):
        hold_to_the_contract(seed, [backend], 64**3)


@pytest.mark.parametrize("exponent", [-2, -7, -12])
def test_two_tokens_feel_each_other_under_their_own_weight(backend, exponent):
    """Two tokens at an angle θ: speed sin θ e^{β(cos θ − 1)}/(1 + e^{β(cos θ − 1)}), exactly."""
    angle = 10.0**exponent
    x = np.array([[1.0, 0.0], [np.cos(angle), np.sin(angle)]])
    velocity, pull = compile_model(SA, beta=500.0, backend=backend).differences(x)
    with mpmath.workdps(40):
        weight = mpmath.exp(500 * (mpmath.cos(angle) - 1))
        speed = float(mpmath.sin(angle) * weight / (1 + weight))
    assert velocity[0, 1] == pytest.approx(speed, rel=1e-13)
    assert float(pull) == pytest.approx(speed, rel=1e-13)


# every way of NumPy's sums: by products, about a token, near pairs picked, all differences
WAYS = {"random": 1, "cluster": 1, "pairs": 40, "two scales": 3}


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("dim", [3, 20])
def test_every_way_is_the_sum_of_differences(way, dim):
    rng = np.random.default_rng(dim)
    centres = sphere.random_points(WAYS[way], dim, 1)
    x = centres[np.arange(80) % WAYS[way]] * np.where(np.arange(80) % 7, 1, -1)[:, None]
    scale = 2.0 if way == "random" else np.where(np.arange(80) % 2, 1e-5, 1e-9)[:, None]
    x = np.array([sphere.project(x + scale * rng.standard_normal((80, dim)))] * 2)
    gram = x @ x.mT
    weights = rng.uniform(-1, 1, gram.shape)
    near = np.where(gram > 0, 1.0, -1.0)[..., None]
    between = x[:, None, :, :] - near * x[:, :, None, :]
    exact = tangent_pulls(x, np.sum(weights[..., None] * between, axis=-2))
    half = np.sum(between**2, axis=-1) / 2
    lengths = np.sum(np.abs(weights) * np.sqrt(half * (2 - half)), axis=-1)
    for rows in (slice(0, 80), slice(10, 30)):
        found = pull_sums(x, rows, gram[:, rows].copy(), weights[:, rows].copy())
        error = np.abs(tangent_pulls(x[:, rows], found.sums) - exact[:, rows]).max(axis=-1)
        assert np.all(error <= 2 * C * EPS * lengths[:, rows])
        assert np.allclose(found.lengths, lengths[:, rows], rtol=1e-6, atol=0)
        assert np.allclose(found.total, weights[:, rows].sum(axis=-1))


CUBE = gradient_flow(pairs(z**4 / 4))  # weights z³: of both signs


def test_printed_kernels():
    x = places("ladder", 6, 3, np.random.default_rng(1))
    with mpmath.workdps(50):
        rows = rows_of(x)
        for model, kernel, normalised, values in (
            (CUBE, lambda g: g**3, False, {}),
            (CAUSAL, lambda g: mpmath.exp(5 * g), True, {"beta": 5.0}),
        ):
            causal = model is CAUSAL
            exact, largest = reference(
                rows, kernel, np.full(6, 1 / 6), normalised, lambda i, j, c=causal: j <= i or not c
            )
            field = compile_model(model, precise=True, **values)
            assert tangential(rows, exact, field(x)) <= C * 6 * EPS * largest


def test_precise_fields_are_the_plain_ones_where_these_are_good(backend):
    rng = np.random.default_rng(0)
    x = sphere.random_points(7, 4, rng, batch=(2, 3))
    for model in (SA, USA, REPULSIVE, CAUSAL):
        for b in (2.0, -3.0, np.array([[0.5], [4.0]]), -200.0):
            for masses in (None, rng.uniform(0.5, 1.0, (2, 3, 7))):
                plain = compile_model(model, beta=b, masses=masses, backend=backend)
                precise = compile_model(model, beta=b, masses=masses, backend=backend, precise=True)
                u, scale = plain.scaled(x)
                v, same = precise.scaled(x)
                assert np.abs(u - v).max() <= 300 * EPS * plain.weight_bound(x).max()
                assert np.allclose(scale, same, atol=1e-12)
                assert np.allclose(
                    precise(x), plain(x), rtol=1e-10, atol=1e-12 * np.abs(plain(x)).max()
                )


def test_weight_bound():
    x = sphere.random_points(9, 3, 0)
    assert compile_model(SA, beta=3.0).weight_bound(x) == 1.0
    expected = np.exp(3.0 * x @ x.T).mean(axis=1).max()
    assert compile_model(USA, beta=3.0).weight_bound(x) == pytest.approx(expected)
    eye = np.eye(3)
    # a model with a value matrix: the largest row before the projection
    turned = compile_model(QKV, beta=0.0, Q=eye, K=eye, V=2 * eye)
    assert turned.weight_bound(x) == pytest.approx(2 * np.linalg.norm(x.mean(axis=0)))


def test_models_without_differences_are_refused():
    eye = np.eye(2)
    with pytest.raises(ValueError, match="substitute the identity"):
        compile_model(QKV, beta=1.0, Q=eye, K=eye, V=eye, precise=True)
    with pytest.raises(ValueError, match="Expected precise True or False"):
        compile_model(SA, beta=1.0, precise="yes")
    with pytest.raises(ValueError, match="value matrix"):
        compile_model(QKV, beta=1.0, Q=eye, K=eye, V=eye).differences(np.eye(2))
    own = QKV.subs({V: sp.Identity(d)})
    x = sphere.random_points(4, 2, 0)
    precise = compile_model(own, beta=1.0, Q=eye, K=eye, precise=True)(x)
    assert np.allclose(precise, compile_model(SA, beta=1.0)(x), atol=1e-15)


def test_overflow_is_told():
    x = sphere.random_points(4, 3, 0)
    field = compile_model(USA, beta=2000.0, precise=True)
    with pytest.raises(OverflowError, match="scaled"):
        field.differences(x)
    velocity, log_scale = field.scaled(x)
    assert np.isfinite(velocity).all() and log_scale == 2000.0


def test_callable_parameters_take_the_time():
    x = sphere.random_points(4, 3, 0)
    timed = compile_model(SA, beta=lambda s: 1.0 + s)
    late, _ = timed.differences(x, 2.0)
    assert np.array_equal(late, compile_model(SA, beta=3.0, precise=True)(x))
    cubic = gradient_flow(pairs(sp.exp(beta * z) / beta)).subs({beta: 3})
    assert np.allclose(compile_model(cubic, precise=True)(x), compile_model(USA, beta=3.0)(x))
