"""Curvatures against full Jacobians, averages over a basis, the bend of a pair."""

import numpy as np
import pytest
from sympy import exp

from proofs_checks.proof.curvature import (
    CROSS,
    FIRST,
    NORMS,
    basis_average,
    covariant_jacobian,
    pair_bend,
)
from theory.models import SA
from theory.symbols import beta, z


def test_covariant_jacobian_at_consensus():
    from numerics import compile_model

    points = np.tile([[0.0, 0.0, 1.0]], (4, 1))
    rates = np.linalg.eigvals(covariant_jacobian(compile_model(SA, beta=1.3), points)).real
    expected = [-1.0] * 6 + [0.0] * 6  # (n-1)(d-1) of -1; d-1 rotations, and n normal directions
    assert np.sort(rates) == pytest.approx(expected, abs=1e-8)


def test_average_over_a_basis():
    assert [basis_average(-1, d) for d in (2, 3, 4, 7)] == [""] * 4
    assert "differ" in basis_average(1, 3)


def test_the_bend_of_a_pair_holds_its_symbols():
    bend = pair_bend(exp(beta * z))
    assert bend.free_symbols == {beta, z, FIRST, CROSS, NORMS}
