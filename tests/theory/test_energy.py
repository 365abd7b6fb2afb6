"""Pair kernels, poles at β = 0, extremal energies."""

import mpmath
import pytest
import sympy as sp

from theory import anchor_energy, energy_bounds, interaction_energy
from theory.energy import ENERGY, energy_at, energy_terms, pair_kernel, pole_free
from theory.symbols import beta, d, k, z

W = sp.MatrixSymbol("W", k, d)
c = sp.MatrixSymbol("c", k, 1)


def test_pair_kernel_sums_and_refuses():
    assert pair_kernel(ENERGY + interaction_energy(z**2)) == sp.exp(beta * z) / beta + z**2
    assert pair_kernel(ENERGY + anchor_energy(z, W, c)) is None


def test_pole_free():
    assert pole_free(sp.exp(beta * z) / beta, beta, 0) == z
    assert pole_free(z**3, beta, 0) == z**3


@pytest.mark.parametrize(("dimension", "b"), [(2, 0.7), (3, 2.0), (7, 5.0)])
def test_energy_bounds_against_quadrature(dimension, b):
    bounds = energy_bounds()
    weight = lambda u: (1 - u**2) ** (mpmath.mpf(dimension - 3) / 2)  # noqa: E731
    total = mpmath.quad(weight, [-1, 0, 1])
    mean = mpmath.quad(lambda u: mpmath.exp(b * u) * weight(u), [-1, 0, 1]) / total
    assert float(bounds.minimum.subs({d: dimension, beta: b}).evalf()) == pytest.approx(
        float(mean / (2 * b)), rel=1e-6
    )
    assert float(bounds.maximum.subs(beta, b)) == pytest.approx(float(mpmath.exp(b) / (2 * b)))


def test_energies_at_poles_of_their_terms():
    anchored = anchor_energy(z, W, c)
    both = ENERGY + interaction_energy(z**2) + anchored
    put = set(energy_terms(energy_at(both, {beta: 0})))
    assert put == {interaction_energy(z), interaction_energy(z**2), anchored}
    outside = interaction_energy(sp.exp(beta * z)) / beta  # its pole is in the factor
    assert pair_kernel(energy_at(outside, {beta: 0})) == z
    pole = anchor_energy(sp.exp(beta * z) / beta, W, c)
    assert energy_at(pole, {beta: 0}) == anchor_energy(z, W, c)
    assert energy_at(anchor_energy(z / beta, W, c), {beta: 0}) is None
