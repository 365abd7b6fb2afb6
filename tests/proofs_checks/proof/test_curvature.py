"""Curvatures against full Jacobians, averages over a basis, the bend of a pair."""

import numpy as np
import pytest
from sympy import exp

from proofs_checks.proof.curvature import (
    CROSS,
    FIRST,
    NORMS,
    SKEW_AVERAGE,
    basis_average,
    covariant_jacobian,
    pair_bend,
)
from theory.models import SA
from theory.symbols import beta, d, z


def test_covariant_jacobian_at_consensus():
    from numerics import compile_model

    points = np.tile([[0.0, 0.0, 1.0]], (4, 1))
    rates = np.linalg.eigvals(covariant_jacobian(compile_model(SA, beta=1.3), points)).real
    expected = [-1.0] * 6 + [0.0] * 6  # (n-1)(d-1) of -1; d-1 rotations, and n normal directions
    assert np.sort(rates) == pytest.approx(expected, abs=1e-8)


def test_average_over_a_basis():
    """Proved for symbolic d, and counted by matrices for some."""
    assert basis_average(-1) == ""
    assert "differ" in basis_average(1)
    rng = np.random.default_rng(0)
    for size in (2, 3, 4, 7):
        x, y = (v / np.linalg.norm(v) for v in rng.normal(size=(2, size)))
        bilinear = square = 0.0
        for i in range(size):
            for j in range(i + 1, size):
                basis = np.zeros((size, size))
                basis[i, j], basis[j, i] = 1.0, -1.0
                bilinear += (y @ basis @ x) ** 2
                square += y @ basis @ basis @ x
        assert bilinear == pytest.approx(float(SKEW_AVERAGE.bilinear.subs(z, x @ y)))
        assert square == pytest.approx(float(SKEW_AVERAGE.square.subs(d, size)) * (x @ y))


def test_the_bend_of_a_pair_holds_its_symbols():
    bend = pair_bend(exp(beta * z))
    assert bend.free_symbols == {beta, z, FIRST, CROSS, NORMS}
