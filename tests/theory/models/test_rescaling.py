"""Coordinates that move: compiled substitutions against the chain rule in floats."""

import numpy as np
import pytest
from scipy.linalg import expm
from sympy import S

from numerics import compile_model
from theory.models import PURE_ATTENTION, SA, rescaled, scaled_down
from theory.symbols import V, growth

RNG = np.random.default_rng(0)
Y, VALUE, T = RNG.standard_normal((4, 3)), RNG.standard_normal((3, 3)) / 2, 0.6
GIVEN = {
    "beta": 0.8,
    "Q": RNG.standard_normal((2, 3)),
    "K": RNG.standard_normal((2, 3)),
    "V": VALUE,
}


def test_scaled_down_is_the_chain_rule():
    x = np.exp(0.9 * T) * Y
    wanted = np.exp(-0.9 * T) * compile_model(PURE_ATTENTION, **GIVEN)(x) - 0.9 * Y
    found = compile_model(scaled_down(PURE_ATTENTION), sigma=0.9, **GIVEN)(Y, T)
    np.testing.assert_allclose(found, wanted, atol=1e-12)


def test_without_a_rate_it_is_the_flow_itself():
    assert scaled_down(PURE_ATTENTION, S.Zero).velocity == PURE_ATTENTION.velocity
    assert growth in scaled_down(PURE_ATTENTION).parameters


def test_rescaled_is_the_chain_rule():
    forth = expm(T * VALUE)
    x = Y @ forth.T
    moved = compile_model(PURE_ATTENTION, **GIVEN)(x) @ np.linalg.inv(forth).T - Y @ VALUE.T
    found = compile_model(rescaled(PURE_ATTENTION, V), **GIVEN)(Y, T)
    np.testing.assert_allclose(found, moved, atol=1e-12)


@pytest.mark.parametrize("change", [scaled_down, lambda model: rescaled(model, V)])
def test_the_sphere_is_refused(change):
    with pytest.raises(ValueError, match=r"Expected a flow of tokens on R\^d but got"):
        change(SA)
