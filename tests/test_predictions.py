"""Each closed form against independent mathematics: quadrature, ODEs, full Jacobians, finite sums.

The references are computed here with mpmath or NumPy from the definitions, never from the formula.
"""

from __future__ import annotations

import itertools
import math

import mpmath
import numpy as np
import pytest
import sympy
from hypothesis import given, settings
from hypothesis import strategies as st
from sympy import Rational, Symbol, pi

from theory.predictions import (
    MODELS,
    Spectrum,
    antipodal_rates,
    chord_lipschitz,
    cone_constant,
    cone_opening,
    cone_rate,
    consensus_rates,
    critical_angle,
    cross_polytope_energy,
    energy_maximum,
    energy_minimum,
    equiangular_inner_product,
    equiangular_rate,
    equiangular_time,
    fastest_mode,
    gegenbauer_coefficient,
    geodesic_lipschitz,
    hessian_profile,
    icosahedron_energy,
    large_beta_threshold,
    mean_lipschitz,
    mode_growth_rate,
    noise_dichotomy,
    noise_threshold,
    polygon_energy,
    polygon_mode_rate,
    polygon_splitting_rate,
    saddle_bracket,
    simplex_energy,
    small_beta_threshold,
    temperature_deviation,
    theorem_6_9_dimension,
    two_cluster_rate,
    two_cluster_time,
    two_cluster_time_asymptotic,
    wendel_probability,
)
from theory.symbols import beta, d, gamma, n

BETAS = (0.3, 1.0, 4.0)


def number(expr: sympy.Expr) -> mpmath.mpf:
    value = sympy.N(expr, 30)
    assert value.is_Float or value.is_Integer, expr
    return mpmath.mpf(str(value))


def close(a: object, b: object, rel: float = 1e-12) -> None:
    a, b = mpmath.mpf(str(a)), mpmath.mpf(str(b))
    assert abs(a - b) <= rel * max(abs(a), abs(b), mpmath.mpf(10) ** -40), (a, b)


def sphere_mean(function, dim: int) -> mpmath.mpf:
    """Mean of a function of one coordinate over the uniform measure of S^{d-1}."""
    power = mpmath.mpf(dim - 3) / 2
    if dim == 2:
        return mpmath.quad(lambda a: function(mpmath.cos(a)), [0, mpmath.pi]) / mpmath.pi
    weight = lambda u: (1 - u * u) ** power  # noqa: E731
    total = mpmath.quad(lambda u: function(u) * weight(u), [-1, 0, 1])
    return total / mpmath.quad(weight, [-1, 0, 1])


def gegenbauer(k: int, lam: mpmath.mpf, u: mpmath.mpf) -> mpmath.mpf:
    """C_k^λ(u) by its three-term recurrence."""
    before, now = mpmath.mpf(0), mpmath.mpf(1)
    for j in range(k):
        before, now = now, (2 * (j + lam) * u * now - (j + 2 * lam - 1) * before) / (j + 1)
    return now


# ------------------------------------------------------------------------------------ energies


@pytest.mark.parametrize("dim", [2, 3, 4, 7])
@pytest.mark.parametrize("b", BETAS)
def test_extremal_energies(dim: int, b: float) -> None:
    mean = sphere_mean(lambda u: mpmath.exp(b * u), dim)
    exact = sympy.nsimplify(b)
    close(number(energy_minimum(exact, dim)), mean / (2 * b))
    close(number(energy_minimum(exact, dim, mass=3)), 9 * mean / (2 * b))
    close(number(energy_maximum(exact, mass=3)), 9 * mpmath.exp(b) / (2 * b))


def test_extremal_energies_at_zero_are_the_documented_limits() -> None:
    small = Rational(1, 10**9)
    for dim in (2, 5):
        limit = energy_minimum(small, dim) - 1 / (2 * small)
        assert abs(number(limit)) < 1e-9
    close(number(energy_maximum(small) - 1 / (2 * small)), 0.5, 1e-8)
    assert energy_minimum(0, 3) == 0
    assert energy_maximum(0, mass=3) == Rational(9, 2)


@pytest.mark.parametrize("dim", [2, 3, 4, 7])
@pytest.mark.parametrize("k", [0, 1, 2, 5])
def test_gegenbauer_coefficients_are_funk_hecke_multipliers(dim: int, k: int) -> None:
    b = mpmath.mpf(2)
    if dim == 2:
        zonal = lambda u: mpmath.cos(k * mpmath.acos(u))  # noqa: E731
    else:
        lam = mpmath.mpf(dim - 2) / 2
        top = gegenbauer(k, lam, 1)
        zonal = lambda u: gegenbauer(k, lam, u) / top  # noqa: E731
    expected = sphere_mean(lambda u: mpmath.exp(b * u) * zonal(u), dim)
    close(number(gegenbauer_coefficient(k, 2, dim)), expected, 1e-11)


@pytest.mark.parametrize("dim", [2, 3, 6])
def test_gegenbauer_series_sums_to_the_kernel(dim: int) -> None:
    u = mpmath.mpf("0.37")
    lam = mpmath.mpf(dim - 2) / 2
    total = mpmath.mpf(0)
    for k in range(40):
        coefficient = number(gegenbauer_coefficient(k, 3, dim))
        if dim == 2:
            total += (1 if k == 0 else 2) * coefficient * mpmath.cos(k * mpmath.acos(u))
        else:
            total += coefficient * (k + lam) / lam * gegenbauer(k, lam, u)
    close(total, mpmath.exp(3 * u))


def code_energy(points: np.ndarray, b: float) -> float:
    return float(np.exp(b * points @ points.T).sum() / (2 * b * len(points) ** 2))


def test_energies_of_codes() -> None:
    b, exact = 1.7, Rational(17, 10)
    simplex = np.eye(5) - 0.2
    simplex /= np.linalg.norm(simplex, axis=1, keepdims=True)
    close(number(simplex_energy(5, exact)), code_energy(simplex, b))
    pair = np.array([[1.0, 0.0], [-1.0, 0.0]])
    close(number(simplex_energy(2, exact)), code_energy(pair, b))
    cross = np.vstack([np.eye(4), -np.eye(4)])
    close(number(cross_polytope_energy(4, exact)), code_energy(cross, b))
    golden = (1 + math.sqrt(5)) / 2
    signs = itertools.product((1, -1), repeat=2)
    base = [(0, s, r * golden) for s, r in signs]
    icosahedron = np.array([np.roll(p, k) for p in base for k in range(3)]) / math.hypot(1, golden)
    close(number(icosahedron_energy(exact)), code_energy(icosahedron, b))
    for count in (1, 2, 3, 8):
        angles = 2 * np.pi * np.arange(count) / count
        gon = np.stack([np.cos(angles), np.sin(angles)], axis=1)
        close(number(polygon_energy(count, exact)), code_energy(gon, b))
        aliased = mpmath.fsum(mpmath.besseli(abs(j) * count, b) for j in range(-20, 21)) / (2 * b)
        close(number(polygon_energy(count, exact)), aliased)


def test_every_code_lies_above_the_uniform_measure() -> None:
    for b in (Rational(1, 2), 3):
        floor = number(energy_minimum(b, 3))
        for value in (simplex_energy(4, b), cross_polytope_energy(3, b)):
            assert number(value) > floor
        assert number(cross_polytope_energy(3, b)) > number(icosahedron_energy(b)) > floor


# --------------------------------------------------------------------------------- equiangular


def test_equiangular_time_is_proved_to_invert_the_rate() -> None:
    """dT/dγ · γ' = 1 and T(0) = 0, with n and β symbolic (n = k + 1, as SymPy needs)."""
    k, b = Symbol("k", positive=True), Symbol("b", positive=True)
    for model in MODELS:
        time = equiangular_time(gamma, b, Symbol("n"), model).subs(Symbol("n"), k + 1)
        rate = equiangular_rate(gamma, b, Symbol("n"), model).subs(Symbol("n"), k + 1)
        assert sympy.simplify(time.diff(gamma) * rate - 1) == 0
        assert sympy.simplify(time.subs(gamma, 0)) == 0
        flat = equiangular_time(gamma, 0, n, model).diff(gamma)
        assert sympy.simplify(flat * equiangular_rate(gamma, 0, n, model) - 1) == 0


@pytest.mark.parametrize("model", MODELS)
@pytest.mark.parametrize("b", [0, *BETAS])
def test_equiangular_time_by_quadrature(model: str, b: float) -> None:
    exact = sympy.nsimplify(b)
    for count, target in ((2, Rational(1, 2)), (32, Rational(9, 10))):
        rate = sympy.lambdify(gamma, equiangular_rate(gamma, exact, count, model), "mpmath")
        expected = mpmath.quad(lambda g, f=rate: 1 / f(g), [0, mpmath.mpf(str(target.n(30)))])
        close(number(equiangular_time(target, exact, count, model)), expected, 1e-10)


def test_equiangular_rates_from_explicit_particles() -> None:
    """Orthonormal and equiangular rows moved by the definition of SA and USA."""
    for count, g, b in ((3, 0.0, 1.3), (4, 0.4, 2.0), (5, -0.1, 0.7)):
        gram = (1 - g) * np.eye(count) + g
        x = np.linalg.cholesky(gram)
        kernel = np.exp(b * gram)
        for model, weights in (
            ("SA", kernel / kernel.sum(1, keepdims=True)),
            ("USA", kernel / count),
        ):
            pull = weights @ x
            velocity = pull - np.sum(pull * x, axis=1, keepdims=True) * x
            moving = velocity @ x.T + x @ velocity.T
            expected = moving[0, 1]
            got = number(equiangular_rate(sympy.nsimplify(g), sympy.nsimplify(b), count, model))
            close(got, expected, 1e-12)
            np.testing.assert_allclose(moving[~np.eye(count, dtype=bool)], expected, rtol=1e-12)


def test_inner_product_at_zero_beta() -> None:
    curve = equiangular_inner_product()
    t = next(iter(curve.free_symbols - {n}))
    residual = curve.diff(t) - equiangular_rate(curve, 0, n)
    assert sympy.simplify(residual) == 0
    assert curve.subs(t, 0) == 0
    assert sympy.simplify(curve.subs(t, equiangular_time(gamma, 0, n)) - gamma) == 0


def test_time_to_a_small_gap_at_zero_beta() -> None:
    delta = Rational(1, 1000)
    expected = sympy.log(32 / delta - 31) / 2
    assert sympy.simplify(equiangular_time(1 - delta, 0, 32) - expected) == 0


# --------------------------------------------------------------------------------- probability


def test_wendel_on_the_circle_and_for_large_dimension() -> None:
    for count in range(1, 9):
        assert wendel_probability(count, 2) == min(1, Rational(count, 2 ** (count - 1)))
        for dim in range(1, 9):
            value = wendel_probability(count, dim)
            assert (value == 1) == (dim >= count)
            if count == 2 * dim:
                assert value == Rational(1, 2)


def test_wendel_by_counting_sign_patterns() -> None:
    """Of the 2^n reflections of n points in general position, count those in a half space."""
    rng = np.random.default_rng(5)
    for count, dim in ((4, 2), (5, 3), (6, 2)):
        points = rng.normal(size=(count, dim))
        # w and the signs: cells of the arrangement of the hyperplanes <x_i, w> = 0.
        directions = rng.normal(size=(200_000, dim))
        cells = {tuple(row) for row in (directions @ points.T > 0)}
        assert Rational(len(cells), 2**count) == wendel_probability(count, dim)


def test_vacuity_of_theorem_6_9() -> None:
    for count in (2, 32):
        bound = int(theorem_6_9_dimension(count))
        with mpmath.workdps(400):
            printed = [1 - 2 * count**2 * mpmath.mpf(d) ** (-1 / mpmath.mpf(64))
                       for d in (bound - 1, bound + 1)]  # fmt: skip
            assert printed[0] < 0 < printed[1]
    assert abs(math.log10(theorem_6_9_dimension(32)) - 211.925) < 1e-3


# --------------------------------------------------------------------------------- modes, noise


@pytest.mark.parametrize("model", MODELS)
@pytest.mark.parametrize("b", BETAS)
def test_mode_growth_on_the_circle_by_linearising_particles(model: str, b: float) -> None:
    """Central difference of the velocity of 256 angles along cos(kθ)."""
    count, eps = 256, 1e-5
    theta = 2 * np.pi * np.arange(count) / count

    def velocity(angles: np.ndarray) -> np.ndarray:
        gaps = angles[:, None] - angles[None, :]
        kernel = np.exp(b * np.cos(gaps))
        total = -(kernel * np.sin(gaps)).sum(1)
        return total / (kernel.sum(1) if model == "SA" else count)

    for k in (1, 2, 3):
        shape = np.cos(k * theta)
        change = (velocity(theta + eps * shape) - velocity(theta - eps * shape)) / (2 * eps)
        measured = change @ shape / (shape @ shape)
        close(number(mode_growth_rate(k, sympy.nsimplify(b), 2, model)), measured, 1e-7)


@pytest.mark.parametrize("dim", [3, 5])
def test_mode_growth_on_the_sphere(dim: int) -> None:
    """Rate = -<Y, div grad (G*Y)>/<Y, Y> with the multiplier by quadrature."""
    b = mpmath.mpf(2)
    lam = mpmath.mpf(dim - 2) / 2
    zero = sphere_mean(lambda u: mpmath.exp(b * u), dim)
    for k in (1, 2, 4):
        top = gegenbauer(k, lam, 1)
        multiplier = sphere_mean(
            lambda u, k=k, top=top: mpmath.exp(b * u) * gegenbauer(k, lam, u) / top, dim
        )
        rate = k * (k + dim - 2) * multiplier / b
        close(number(mode_growth_rate(k, 2, dim, "USA")), rate, 1e-11)
        close(number(mode_growth_rate(k, 2, dim, "SA")), rate / zero, 1e-11)


def test_mode_growth_at_zero_beta_is_the_limit() -> None:
    small = Rational(1, 10**8)
    for dim, k, model in itertools.product((2, 3, 6), (1, 2), MODELS):
        limit = mode_growth_rate(k, small, dim, model)
        assert abs(number(limit) - number(mode_growth_rate(k, 0, dim, model))) < 1e-6


def test_fastest_mode_by_brute_force_and_its_growth() -> None:
    for b in (0.1, 1, 2.5, 9, 40, 81, 400):
        rates = [k * k * mpmath.besseli(k, b) for k in range(1, 80)]
        best = 1 + max(range(len(rates)), key=rates.__getitem__)
        assert fastest_mode(sympy.nsimplify(b)) == best
    for dim in (3, 8):
        rates = [k * (k + dim - 2) * mpmath.besseli(k + dim / 2 - 1, 30) for k in range(1, 80)]
        assert fastest_mode(30, dim) == 1 + max(range(79), key=rates.__getitem__)
    assert abs(fastest_mode(10_000) - math.sqrt(20_000)) < 3


def test_noise_thresholds() -> None:
    for model, dim in itertools.product(MODELS, (2, 3)):
        kappa = noise_threshold(2, dim, model)
        assert sympy.simplify(mode_growth_rate(1, 2, dim, model, noise=kappa)) == 0
        assert number(mode_growth_rate(2, 2, dim, model, noise=kappa)) < 0
    assert noise_threshold(0, 2) == Rational(1, 2)
    close(number(noise_threshold(3)), mpmath.besseli(1, 3) / (3 * mpmath.besseli(0, 3)))


def test_noise_dichotomy_on_the_circle() -> None:
    """I_2/I_1 = 1/2 at one β_*: increasing, negative below."""
    values = [number(noise_dichotomy(b)) for b in (1, 2, 3, 4, 6)]
    assert values == sorted(values)
    assert values[0] < 0 < values[-1]
    root = mpmath.findroot(lambda b: 2 * mpmath.besseli(2, b) - mpmath.besseli(1, b), 2.5)
    close(float(sympy.nsolve(noise_dichotomy(beta), beta, 2.5)), root, 1e-10)


# ------------------------------------------------------------------------------------ clusters


def cluster_time(theta0, theta1, b, m1, m2, model) -> mpmath.mpf:
    b, m1, m2 = mpmath.mpf(b), mpmath.mpf(m1), mpmath.mpf(m2)

    def slowness(a: mpmath.mpf) -> mpmath.mpf:
        q = mpmath.exp(-b * (1 - mpmath.cos(a)))
        if model == "USA":
            return 1 / (mpmath.sin(a) * (m1 + m2) * mpmath.exp(b * mpmath.cos(a)))
        return 1 / (mpmath.sin(a) * (m2 * q / (m1 + m2 * q) + m1 * q / (m2 + m1 * q)))

    theta0, theta1 = mpmath.mpf(theta0), mpmath.mpf(theta1)
    nodes = [theta0 - (theta0 - theta1) / 2**k for k in range(1, 12)]
    return mpmath.quad(slowness, [theta1, *nodes[1:], theta0])


def test_two_cluster_rate_from_explicit_particles() -> None:
    for m1, m2, a, b in ((0.3, 0.7, 1.1, 2.0), (2.0, 1.0, 2.5, 0.5)):
        x = np.array([[1.0, 0.0], [np.cos(a), np.sin(a)]])
        m = np.array([m1, m2])
        kernel = np.exp(b * x @ x.T) * m
        tangents = np.array([[0.0, 1.0], [-np.sin(a), np.cos(a)]])
        for model in MODELS:
            weights = kernel / kernel.sum(1, keepdims=True) if model == "SA" else kernel
            speeds = np.sum((weights @ x) * tangents, axis=1)
            exact = [sympy.nsimplify(v) for v in (a, b, m1, m2)]
            close(number(two_cluster_rate(*exact, model)), speeds[1] - speeds[0], 1e-12)


@pytest.mark.parametrize("b", [0, 1, 6])
def test_two_cluster_time_by_quadrature(b: int) -> None:
    start, end = Rational(2), Rational(1, 1000)
    for model, m1, m2 in (("USA", 0.5, 0.5), ("USA", 2, 1), ("SA", 0.5, 0.5), ("SA", 3, 3)):
        masses = (sympy.nsimplify(m1), sympy.nsimplify(m2))
        got = number(two_cluster_time(start, end, b, *masses, model))
        close(got, cluster_time(2, 1e-3, b, m1, m2, model), 1e-9)


def test_two_cluster_time_meets_the_published_table() -> None:
    """Logarithms of merge times with a final chord of 1e-3."""
    end = 2 * sympy.asin(Rational(1, 2000))
    half = Rational(1, 2)
    for b, masses, start, model, log_time in (
        (1, (half, half), 1, "SA", 1.966322215256),
        (1, (half, half), 1, "USA", 0.9868307286221),
        (9, (Rational(9, 10), Rational(1, 10)), 2, "USA", 1.662631976230),
        (81, (half, half), 1, "SA", 32.51300684675),
        (81, (half, half), 1, "USA", -47.79384597269),
        (400, (Rational(3, 10), Rational(7, 10)), Rational(31, 10), "USA", 399.0878762033),
        (1000, (Rational(9, 10), Rational(1, 10)), 2, "USA", 409.4282446448),
    ):
        time = sympy.N(two_cluster_time(start, end, b, *masses, model), 20, maxn=2000)
        assert abs(float(sympy.log(time)) - log_time) < 2e-9


def test_two_cluster_asymptotics_have_a_second_order_error() -> None:
    for model, (m1, m2) in itertools.product(MODELS, ((0.5, 0.5), (0.1, 0.9))):
        for start in (1.0, 2.6):
            errors = {}
            for b in (80, 160):
                exact = cluster_time(start, 0.2, b, m1, m2, model)
                arguments = [sympy.nsimplify(v) for v in (start, b, m1, m2)]
                for corrected in (True, False):
                    value = two_cluster_time_asymptotic(*arguments, model, corrected)
                    errors[b, corrected] = abs(number(value) / exact - 1)
            assert errors[160, True] < 0.3 * errors[80, True]
            assert errors[160, True] < 0.6 * errors[160, False]
            # The control: the uncorrected form is of first order only.
            assert errors[160, False] > 0.4 * errors[80, False]


def test_two_clusters_refuse_what_has_no_closed_form() -> None:
    with pytest.raises(ValueError, match="Expected equal masses for SA"):
        two_cluster_time(2, 1, 1, Rational(1, 3), Rational(2, 3))
    with pytest.raises(ValueError, match="Expected angles"):
        two_cluster_time(1, 2, 1)
    with pytest.raises(ValueError, match="Expected angles"):
        two_cluster_time(pi, 1, 1)


# ------------------------------------------------------------------- contraction and constants


def test_cone_opening_is_the_common_cosine() -> None:
    rng = np.random.default_rng(3)
    x = rng.normal(size=(4, 6))
    x /= np.linalg.norm(x, axis=1, keepdims=True)
    gram = x @ x.T
    opening = float(cone_opening(gram.tolist()))
    w = opening * x.T @ np.linalg.solve(gram, np.ones(4))
    np.testing.assert_allclose(x @ w, opening, rtol=1e-12)
    np.testing.assert_allclose(np.linalg.norm(w), 1, rtol=1e-12)
    g = Symbol("g")
    equiangular = sympy.Matrix(3, 3, lambda i, j: 1 if i == j else g)
    assert sympy.simplify(cone_opening(equiangular) ** 2 - (1 + 2 * g) / 3) == 0
    with pytest.raises(ValueError, match="independent rows"):
        cone_opening([[1, 1], [1, 1]])
    with pytest.raises(ValueError, match="square Gram"):
        cone_opening([[1, 0]])


def velocity(x: np.ndarray, m: np.ndarray, b: float, model: str) -> np.ndarray:
    kernel = np.exp(b * x @ x.T) * m
    pull = (kernel / kernel.sum(1, keepdims=True) if model == "SA" else kernel) @ x
    return pull - np.sum(pull * x, axis=1, keepdims=True) * x


def flow(x: np.ndarray, m: np.ndarray, b: float, model: str, t: float, steps: int) -> np.ndarray:
    h = t / steps
    for _ in range(steps):
        k1 = velocity(x, m, b, model)
        k2 = velocity(x + h / 2 * k1, m, b, model)
        k3 = velocity(x + h / 2 * k2, m, b, model)
        k4 = velocity(x + h * k3, m, b, model)
        x = x + h / 6 * (k1 + 2 * k2 + 2 * k3 + k4)
        x /= np.linalg.norm(x, axis=1, keepdims=True)
    return x


@pytest.mark.parametrize("model", MODELS)
def test_cone_rate_bounds_the_collapse_also_with_masses(model: str) -> None:
    """The gnomonic diameter stays below D(0) e^{-λt}; with e^{+…} in λ it does not."""
    rng = np.random.default_rng(7)
    for b in (0.0, 1.0):
        x = rng.normal(size=(5, 3)) + np.array([0, 0, 1.2])
        x /= np.linalg.norm(x, axis=1, keepdims=True)
        x = x[x[:, 2] > 0.2]
        m = rng.uniform(0.5, 2, size=len(x))
        opening = x[:, 2].min()
        rate = float(number(cone_rate(opening, b, model, mass=m.sum())))

        def diameter(points: np.ndarray) -> float:
            y = points / points[:, 2:]
            return float(np.linalg.norm(y[:, None] - y[None], axis=-1).max())

        start = diameter(x)
        assert start <= float(cone_constant(opening)) * (1 + 1e-12)
        for t in (0.25, 0.5, 1.0, 2.0):
            end = diameter(flow(x, m, b, model, t, 400))
            assert end <= start * math.exp(-rate * t) * (1 + 1e-9)
        # The control: a rate that forgets the opening and the temperature.
        fast = 3 * (m.sum() * math.exp(b) if model == "USA" else 1.0)
        assert end > start * math.exp(-fast * 2.0)


@pytest.mark.parametrize("model", MODELS)
def test_lipschitz_constants_on_random_pairs(model: str) -> None:
    rng = np.random.default_rng(11)
    worst_chord = worst_geodesic = 0.0
    for _ in range(400):
        count, dim, b = int(rng.integers(2, 5)), int(rng.integers(2, 4)), float(rng.uniform(0, 4))
        x = rng.normal(size=(count, dim))
        x /= np.linalg.norm(x, axis=1, keepdims=True)
        y = x + rng.choice([1e-4, 0.5]) * rng.normal(size=x.shape)
        y /= np.linalg.norm(y, axis=1, keepdims=True)
        m = rng.dirichlet(np.ones(count))
        gap = np.linalg.norm(x - y, axis=1)
        i = int(np.argmax(gap))
        change = velocity(x, m, b, model)[i] - velocity(y, m, b, model)[i]
        speed = (x[i] - y[i]) @ change / gap[i] ** 2
        worst_chord = max(worst_chord, speed / float(chord_lipschitz(b, model)))
        if gap.max() < 1e-2:  # chord and arc agree: the infinitesimal geodesic constant
            worst_geodesic = max(worst_geodesic, speed / float(geodesic_lipschitz(b, model)))
    assert worst_chord <= 1
    assert worst_geodesic <= 1 + 1e-3
    assert worst_geodesic > 0.2  # not vacuous


@settings(deadline=None, max_examples=40)
@given(st.floats(0, 12), st.sampled_from(MODELS))
def test_geodesic_lipschitz_is_the_maximum_it_claims(b: float, model: str) -> None:
    g = np.linspace(-1, 1, 20001)
    profile = (1 - g) * (1 + 2 * b * (1 + g)) * (np.exp(b * g) if model == "USA" else 1)
    got = float(geodesic_lipschitz(b, model))
    assert got >= profile.max() * (1 - 1e-13)
    assert got <= profile.max() * (1 + 1e-6)


def test_geodesic_lipschitz_symbolically() -> None:
    for model in MODELS:
        by_symbol = geodesic_lipschitz(beta, model)
        for b in (Rational(1, 10), Rational(1, 4), 2):
            assert by_symbol.subs(beta, b) == geodesic_lipschitz(b, model)
    # Sharper than the chord constant, for every temperature tried.
    for b in (0.1, 1, 10):
        assert geodesic_lipschitz(b) < chord_lipschitz(b)


def test_temperature_deviation_along_trajectories() -> None:
    rng = np.random.default_rng(2)
    for model, b in itertools.product(MODELS, (0.05, 0.5)):
        x = rng.normal(size=(5, 2))
        x /= np.linalg.norm(x, axis=1, keepdims=True)
        m = np.full(5, 0.2)
        for t in (0.5, 1.5):
            gap = flow(x, m, b, model, t, 200) - flow(x, m, 0.0, model, t, 200)
            measured = np.linalg.norm(gap, axis=1).max()
            bound = float(temperature_deviation(sympy.nsimplify(t), sympy.nsimplify(b), model))
            assert bound / 1000 < measured <= bound


def test_mean_lipschitz_on_random_pairs() -> None:
    rng = np.random.default_rng(13)
    for _ in range(100):
        b = float(rng.uniform(0, 2))
        x = rng.normal(size=(4, 2))
        y = x + 1e-3 * rng.normal(size=x.shape)
        x /= np.linalg.norm(x, axis=1, keepdims=True)
        y /= np.linalg.norm(y, axis=1, keepdims=True)
        m = np.full(4, 0.25)
        change = np.linalg.norm(velocity(x, m, b, "SA") - velocity(y, m, b, "SA"), axis=1).mean()
        gap = np.linalg.norm(x - y, axis=1).mean()
        assert change <= float(mean_lipschitz(b)) * gap * 1.001


# ----------------------------------------------------------------------------------- thresholds


def test_small_beta_threshold() -> None:
    # (n-1)(e^β - 1) < 1 is what the proof needs.
    for count in (2, 5, 100):
        b = small_beta_threshold(count)
        assert sympy.simplify((count - 1) * (sympy.exp(b) - 1)) == 1
        assert b > Rational(1, count)
        assert small_beta_threshold(least_mass=Rational(1, count)).equals(b)
    with pytest.raises(ValueError, match="below the total mass"):
        small_beta_threshold(least_mass=1)


@pytest.mark.parametrize("dim", [2, 3, 10])
def test_critical_angle_is_the_zero_of_the_profile(dim: int) -> None:
    for b in (Rational(1, 5), 2, 6):
        tau = critical_angle(b, dim)
        assert abs(number(hessian_profile(tau, b, dim))) < 1e-25
        assert 0 < number(tau) < mpmath.pi / 2
        assert number(tau) < mpmath.sqrt(mpmath.mpf(dim - 1) / number(b))
        for step in (Rational(1, 100), Rational(1, 2)):
            assert number(hessian_profile(tau + step, b, dim)) < 0
            assert number(hessian_profile(tau - step / 10, b, dim)) > 0


def test_hessian_profile_is_minus_the_second_derivative_of_the_kernel() -> None:
    tau = Symbol("tau")
    kernel = sympy.exp(beta * sympy.cos(tau)) / beta
    assert sympy.simplify(hessian_profile(tau) + kernel.diff(tau, 2)) == 0
    # Figure 6.
    close(number(hessian_profile(Rational(116403, 100000), 2)), "-2.84889", 1e-5)
    close(number(hessian_profile(Rational(69631, 100000), 6)), "-169.788", 1e-5)
    assert hessian_profile(pi, 3) == -sympy.exp(-3)


def test_large_beta_thresholds() -> None:
    table = {4: 0.6667, 5: 1.41421, 6: 2.34164, 7: 3.46410, 8: 4.78589}
    printed = {3: 1.414, 4: 3.464, 5: 6.309, 6: 9.960}
    for count, expected in table.items():
        exact = large_beta_threshold(count)
        assert abs(number(exact) - expected) < 1e-4
        assert abs(number((count - 1) * critical_angle(exact)) - mpmath.pi) < 1e-20
        assert number(exact) < number(large_beta_threshold(count, form="simple"))
        # Below the threshold the inequality fails.
        assert number((count - 1) * critical_angle(exact * Rational(9, 10)) - pi) > 0
    for count, expected in printed.items():
        assert abs(number(large_beta_threshold(count, form="printed")) - expected) < 1e-3
    for count in (2, 3):
        assert large_beta_threshold(count, 5) == 0
    for count in (4, 8):
        bound = large_beta_threshold(count, 3, "printed")
        assert abs(number((count - 1) * critical_angle(bound, 3)) - mpmath.pi / 2) < 1e-20
    close(number(large_beta_threshold(8, form="printed")), 19.69, 1e-3)
    assert large_beta_threshold(n).subs(n, 3) == 0
    assert large_beta_threshold(n, d).subs({n: 6, d: 2}).equals(large_beta_threshold(6))
    with pytest.raises(ValueError, match="exact, simple, printed"):
        large_beta_threshold(4, form="other")


def test_saddle_bracket_is_positive_from_dimension_three() -> None:
    g = Symbol("g", real=True)
    assert sympy.expand(saddle_bracket(g) - (1 - g) - (d - 3 + beta * (1 - g**2))) == 0
    assert saddle_bracket(Rational(99, 100), 1, 2) < 0  # the control: d = 2


# -------------------------------------------------------------------------------------- spectra


def circle_jacobian(theta: np.ndarray, b: float, model: str) -> np.ndarray:
    """Jacobian of the angle velocities, by complex steps: exact to rounding."""
    count = len(theta)
    columns = []
    for j in range(count):
        z = theta.astype(complex)
        z[j] += 1e-40j
        gaps = z[:, None] - z[None, :]
        kernel = np.exp(b * np.cos(gaps))
        speed = -(kernel * np.sin(gaps)).sum(1)
        speed = speed / (kernel.sum(1) if model == "SA" else count)
        columns.append(speed.imag / 1e-40)
    return np.array(columns).T


def spectrum_of(rates: Spectrum) -> np.ndarray:
    return np.sort([float(rate) for rate, count in rates for _ in range(int(count))])


@pytest.mark.parametrize("model", MODELS)
def test_spectra_on_the_circle_against_full_jacobians(model: str) -> None:
    b, exact = 0.8, Rational(4, 5)
    zeros = np.zeros(4)
    expected = np.sort(np.linalg.eigvals(circle_jacobian(zeros, b, model)).real)
    got = spectrum_of(consensus_rates(4, 2, exact, model))
    np.testing.assert_allclose(got, expected, atol=1e-12)
    for p, q in ((1, 1), (3, 1), (2, 3)):
        theta = np.concatenate([np.zeros(p), np.full(q, np.pi)])
        expected = np.sort(np.linalg.eigvals(circle_jacobian(theta, b, model)).real)
        got = spectrum_of(antipodal_rates(p, q, 2, exact, model))
        np.testing.assert_allclose(got, expected, atol=1e-12)
    for k, copies in ((2, 1), (3, 2), (5, 1), (4, 3)):
        theta = np.repeat(2 * np.pi * np.arange(k) / k, copies)
        expected = np.sort(np.linalg.eigvals(circle_jacobian(theta, b, model)).real)
        modes = [(polygon_mode_rate(p, k, exact, model), 1) for p in range(k)]
        split = [(polygon_splitting_rate(k, exact, model), k * (copies - 1))]
        np.testing.assert_allclose(spectrum_of((*modes, *split)), expected, atol=1e-12)


def test_polygon_rates_by_aliased_bessel_sums() -> None:
    for k, b in ((3, 1.0), (6, 4.0)):
        exact = sympy.nsimplify(b)

        def aliased(r: int, k: int = k, b: float = b) -> mpmath.mpf:
            terms = (r + k * j for j in range(-40, 41))
            return mpmath.fsum(i * i * mpmath.besseli(abs(i), b) for i in terms) / b

        for p in range(k):
            close(
                number(polygon_mode_rate(p, k, exact, "USA")) + 1,
                aliased(p) - aliased(0) + 1,
            )
        close(number(polygon_splitting_rate(k, exact, "USA")), -aliased(0))


def test_polygon_rates_in_closed_form() -> None:
    assert sympy.simplify(polygon_mode_rate(1, 2) - 1 + sympy.tanh(beta).rewrite(sympy.exp)) == 0
    expected = (Rational(1, 2) + 3 * beta / 4) * sympy.exp(-beta / 2)
    assert sympy.simplify(polygon_mode_rate(1, 3, model="USA") - expected) == 0
    # The control: at β = -0.7 the triangle is stable, and the threshold is -2/3.
    assert polygon_mode_rate(1, 3, Rational(-7, 10)) < 0
    assert polygon_splitting_rate(3, Rational(-7, 10)) < 0
    assert polygon_mode_rate(1, 3, Rational(-2, 3)).equals(0)


def test_antipodal_pair_in_closed_form() -> None:
    (relative, count), (zero, rotations) = antipodal_rates(1, 1, d)
    assert sympy.simplify(relative - 2 / (sympy.exp(2 * beta) + 1)) == 0
    assert (count, zero, rotations) == (d - 1, 0, d - 1)
    # Multiplicities fill the tangent space.
    for p, q in ((2, 3), (1, 4)):
        total = sum(c for _, c in antipodal_rates(p, q, d))
        assert sympy.expand(total - (p + q) * (d - 1)) == 0


# ----------------------------------------------------------------------------------- bad input


@pytest.mark.parametrize(
    ("call", "problem"),
    [
        (lambda: energy_minimum(-1, 3), "inverse temperature >= 0 but got beta=-1"),
        (lambda: energy_minimum(1, 1), "whole number >= 2 but got d=1"),
        (lambda: energy_minimum(1, 2.5), "whole number >= 2 but got d=2.5"),
        (lambda: energy_maximum(1, mass=0), "positive number but got mass=0"),
        (lambda: energy_maximum(sympy.oo), "finite inverse temperature"),
        (lambda: energy_maximum(math.nan), "finite inverse temperature"),
        (lambda: gegenbauer_coefficient(-1, 1, 3), "whole number >= 0 but got k=-1"),
        (lambda: equiangular_time(1, 1, 3), r"in \[0, 1\) but got gamma=1"),
        (lambda: equiangular_time(0.5, 1, 1), "whole number >= 2 but got n=1"),
        (lambda: equiangular_rate(0, 1, 3, "QKV"), "one of SA, USA but got model='QKV'"),
        (lambda: wendel_probability(0, 2), "whole number >= 1 but got n=0"),
        (lambda: wendel_probability(n, 2), "Expected numbers but got n=n"),
        (lambda: mode_growth_rate(0, 1), "whole number >= 1 but got mode=0"),
        (lambda: fastest_mode(0), "positive number but got beta=0"),
        (lambda: fastest_mode(beta), "Expected numbers but got beta=beta"),
        (lambda: polygon_energy(n, 1), "number of vertices but got n=n"),
        (lambda: polygon_mode_rate(1, 1, 1), "whole number >= 2 but got k=1"),
        (lambda: critical_angle(0), "positive number but got beta=0"),
        (lambda: cone_rate(0), "positive number but got opening=0"),
    ],
)
def test_bad_input(call, problem: str) -> None:
    with pytest.raises(ValueError, match=problem):
        call()
