"""Searches: what theory knows to be minimal is found, to all digits; streams, statuses, errors."""

from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from scipy.optimize import minimize
from sympy import Rational, exp

from numerics import codes, sphere
from numerics.point_codes import CodesStatus, known_code
from numerics.point_codes.minimise import STATIONARY
from theory.codes import code_named, cross_polytope, regular_polygon, simplex
from theory.predictions import (
    cross_polytope_energy,
    icosahedron_energy,
    polygon_energy,
    simplex_energy,
)


def closed_form(code, beta):
    """``H_β`` to fifty digits from the exact inner products, the diagonal with it."""
    hot = Rational(str(beta))
    pairs = sum(c * exp(hot * t) for t, c in code.inner_products.items())
    total = code.n * exp(hot) + pairs
    return float((total / (2 * hot * code.n**2)).evalf(50)), float(pairs.evalf(50))


def agrees(found, code):
    energy, pairs = closed_form(code, found.beta)
    assert found.energy == pytest.approx(energy, rel=1e-12)
    assert np.exp(found.log_pairs.min()) == pytest.approx(pairs, rel=1e-12)
    assert found.recognised.code.products == code.products
    assert found.status is CodesStatus.STATIONARY and found.gradient <= STATIONARY


def noisy(name, starts, seed):
    """Starts at a code, each point off by Gaussian noise of norm 0.1."""
    points = known_code(name)
    noise = np.random.default_rng(seed).standard_normal((starts, *points.shape))
    noise *= 0.1 / np.linalg.norm(noise, axis=-1, keepdims=True)
    return sphere.project(points + noise)


@pytest.mark.every(4)
@pytest.mark.parametrize(
    ("name", "starts"),
    [("icosahedron", 10), ("half 5-cube", 10), ("Schläfli code", 5), ("equiangular code", 3)],
)
def test_sharp_codes_are_found(name, starts):
    code = code_named(name)
    found = codes(code.n, code.d, 5.0, starts=starts)
    agrees(found, code)
    assert found.recognised.name == name and found.successes == starts


@pytest.mark.full
@pytest.mark.parametrize(
    "name", ["icosahedron", "half 5-cube", "Schläfli code", "equiangular code"]
)
def test_of_a_hundred_starts_most_succeed(name):
    code = code_named(name)
    found = codes(code.n, code.d, 5.0, starts=100)
    agrees(found, code)
    assert found.successes >= 95


@pytest.mark.slow
def test_the_roots_of_e8_are_found():
    found = codes(240, 8, 10.0, starts=3)
    agrees(found, code_named("E8 roots"))
    assert found.recognised.symmetries == 696729600


@pytest.mark.slow
@pytest.mark.parametrize(("name", "beta"), [("E8 roots", 1.0), ("600-cell", 5.0)])
def test_from_noise(name, beta):
    points = known_code(name)
    found = codes(*points.shape, beta, starts=noisy(name, 1, 4))
    agrees(found, code_named(name))
    assert found.recognised.name == name


@pytest.mark.every(3)
@pytest.mark.parametrize("beta", [0.3, 5.0, 30.0])
def test_families(beta):
    for code, energy in (
        (simplex(4, 3), simplex_energy(4, beta)),
        (simplex(3, 4), simplex_energy(3, beta)),
        (cross_polytope(3), cross_polytope_energy(3, beta)),
        (regular_polygon(5), polygon_energy(5, beta)),
    ):
        found = codes(code.n, code.d, beta, starts=3, rng=1)
        agrees(found, code)
        assert found.energy == pytest.approx(float(energy), rel=1e-12)
    assert float(icosahedron_energy(5)) == pytest.approx(
        closed_form(code_named("icosahedron"), 5)[0]
    )


def test_energies_beyond_doubles():
    """At β = 2000 the largest inner product decides: the octahedron, of the Tammes problem."""
    found = codes(6, 3, 2000.0, starts=4)
    assert found.recognised.name == "cross-polytope"
    with pytest.raises(OverflowError, match="log_energy"):
        found.energy  # noqa: B018
    assert found.log_energy == pytest.approx(2000 - np.log(2 * 2000 * 6))
    assert found.log_pairs.min() == pytest.approx(np.log(24), abs=1e-12)


@pytest.mark.slow
def test_no_other_optimiser_gets_below():
    rng = np.random.default_rng(0)
    found = codes(7, 3, 3.0, starts=10)

    def energy(flat):
        points = sphere.project(flat.reshape(7, 3))
        pairs = (points @ points.T)[~np.eye(7, dtype=bool)]
        return np.log(np.exp(3 * pairs).sum())

    least = min(minimize(energy, rng.standard_normal(21)).fun for _ in range(6))
    assert found.log_pairs.min() == pytest.approx(least, abs=1e-8)
    assert found.log_pairs.min() <= least + 1e-12


@pytest.mark.slow
def test_streams():
    few, many = codes(5, 3, 8.0, starts=3, rng=7), codes(5, 3, 8.0, starts=13, rng=7)
    assert np.array_equal(few.log_pairs, many.log_pairs[:3])
    with ThreadPoolExecutor(2) as executor:
        again = codes(5, 3, 8.0, starts=13, rng=7, executor=executor)
    assert np.array_equal(again.log_pairs, many.log_pairs)
    assert np.array_equal(again.points, many.points)
    other = codes(5, 3, 8.0, starts=3, rng=8)
    assert not np.array_equal(other.points, few.points)
    assert few.recognised is None  # the pyramid depends on β


def test_progress():
    seen = []
    codes(3, 2, 1.0, starts=12, progress=lambda done, total: seen.append((done, total)))
    assert seen == [(0, 12), (10, 12), (12, 12)]


def test_a_flat_energy_says_so():
    """The 600-cell's energy is flat beyond doubles here: no digits of the code are claimed."""
    found = codes(120, 4, 0.05, starts=noisy("600-cell", 1, 0))
    assert found.status is CodesStatus.NOT_STATIONARY or found.recognised is None


def test_points_that_start_together():
    together = np.repeat([[[1.0, 0.0, 0.0]]], 4, axis=1)
    found = codes(4, 3, 2.0, starts=together)
    # A critical configuration: nothing moves, and no code is made of it.
    assert found.recognised is None and np.allclose(found.points, together[0])


@pytest.mark.parametrize(
    ("arguments", "text"),
    [
        ({"n": 1}, "n=1"),
        ({"d": 1}, "d=1"),
        ({"beta": 0.0}, "beta=0.0"),
        ({"beta": -2.0}, "beta=-2.0"),
        ({"beta": float("nan")}, "beta=nan"),
        ({"starts": 0}, "starts=0"),
        ({"starts": np.ones((2, 3))}, "starts"),
        ({"starts": known_code("icosahedron")[None]}, "starts.shape"),
        ({"starts": 10**15}, "memory"),
    ],
)
def test_bad_arguments(arguments, text):
    with pytest.raises(ValueError, match=text):
        codes(**{"n": 4, "d": 3, "beta": 1.0, "starts": 1, **arguments})
