"""Extremal energies, the zonal series of the kernel, energies of codes."""

from __future__ import annotations

import itertools
import math

import mpmath
import numpy as np
import pytest
import sympy
from sympy import Rational

from theory.predictions.codes import (
    cross_polytope_energy,
    energy_maximum,
    energy_minimum,
    icosahedron_energy,
    polygon_energy,
    simplex_energy,
)
from theory.predictions.modes import gegenbauer_coefficient

BETAS = (0.3, 1.0, 4.0)


def number(expr: sympy.Expr) -> mpmath.mpf:
    value = sympy.N(expr, 30)
    assert value.is_Float or value.is_Integer, expr
    return mpmath.mpf(str(value))


def close(a: object, b: object, rel: float = 1e-12) -> None:
    a, b = mpmath.mpf(str(a)), mpmath.mpf(str(b))
    assert abs(a - b) <= rel * max(abs(a), abs(b), mpmath.mpf(10) ** -40), (a, b)


@pytest.mark.parametrize("dim", [2, 3, 4, 7])
@pytest.mark.parametrize("b", BETAS)
def test_extremal_energies(dim: int, b: float, sphere_mean) -> None:
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
def test_gegenbauer_coefficients_are_funk_hecke_multipliers(
    dim: int, k: int, sphere_mean, gegenbauer
) -> None:
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
def test_gegenbauer_series_sums_to_the_kernel(dim: int, gegenbauer) -> None:
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
