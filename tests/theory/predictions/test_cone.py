"""Opening and contraction rate of a cone, by simulation."""

from __future__ import annotations

import math

import mpmath
import numpy as np
import pytest
import sympy
from sympy import Symbol

from theory.predictions.arguments import MODELS
from theory.predictions.cone import cone_constant, cone_opening, cone_rate


def number(expr: sympy.Expr) -> mpmath.mpf:
    value = sympy.N(expr, 30)
    assert value.is_Float or value.is_Integer, expr
    return mpmath.mpf(str(value))


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


@pytest.mark.parametrize("model", MODELS)
def test_cone_rate_bounds_the_collapse_also_with_masses(model: str, flow) -> None:
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
