"""The tables against the conditions that define them: quadrature of powers of time."""

import numpy as np
import pytest

from numerics.stepping import EIGHT, FIVE


def basis(p, theta):
    return theta ** (p // 2 + 1) * (1 - theta) ** ((p + 1) // 2)


@pytest.mark.parametrize(("tableau", "order", "inside"), [(EIGHT, 8, 7), (FIVE, 5, 4)])
def test_steps_and_extension_integrate_powers_of_time(tableau, order, inside):
    c, weights = tableau.c, tableau.a[tableau.stages]
    np.testing.assert_allclose(tableau.a.sum(axis=1), c * (c != 0), atol=1e-14)
    assert np.array_equal(tableau.a, np.tril(tableau.a, -1))
    for k in range(order):
        assert weights @ c**k == pytest.approx(1 / (k + 1), abs=1e-14)
    assert abs(weights @ c**order - 1 / (order + 1)) > 1e-6 or tableau is EIGHT
    for theta in (0.1, 0.5, 0.8, 1.0):
        at = sum(basis(p, theta) * row for p, row in enumerate(tableau.dense))
        for k in range(inside):
            assert at @ c**k == pytest.approx(theta ** (k + 1) / (k + 1), abs=1e-12)


@pytest.mark.parametrize(("tableau", "orders"), [(EIGHT, (5, 3)), (FIVE, (4, 4))])
def test_error_estimates_vanish_up_to_their_order(tableau, orders):
    c = tableau.c[: tableau.stages + 1]
    for weights, order in zip((tableau.five, tableau.three), orders, strict=True):
        for k in range(order):
            assert abs(weights @ c**k) < 1e-14
    assert abs(tableau.five @ c ** orders[0]) > 1e-8
    assert tableau.exponent == pytest.approx(-1 / (8 if tableau is EIGHT else 5))
