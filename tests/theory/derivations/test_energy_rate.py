"""Dissipation identities: what is derived, and what is not."""

import pytest
import sympy as sp

from theory import (
    CAUSAL,
    REPULSIVE,
    SA,
    SYMMETRIC_QKV,
    USA,
    Model,
    anchor_energy,
    gradient_flow,
    interaction_energy,
)
from theory.derivations.energy_rate import dissipation
from theory.energy import ENERGY
from theory.symbols import Q, V, X, d, k, m, n, z

W = sp.MatrixSymbol("W", k, d)
c = sp.MatrixSymbol("c", k, 1)
h = sp.Function("h")


@pytest.mark.parametrize(
    ("model", "proved"),
    [
        (SA, True),
        (USA, True),
        (REPULSIVE, True),
        (SYMMETRIC_QKV, False),  # needs V symmetric, see below
        (gradient_flow(interaction_energy(h(z))), True),
        (gradient_flow(interaction_energy(h(z), Q.T * sp.MatrixSymbol("K", k, d))), True),
        (gradient_flow(ENERGY + anchor_energy(h(z), W, c)), True),
        (gradient_flow(ENERGY + m.T * X * W.T * c), True),
        (gradient_flow(interaction_energy(sp.log(2 + z)), flow="softmax"), True),
    ],
    ids=lambda value: getattr(value, "name", str(value)),
)
def test_dissipation(model, proved):
    assert dissipation(model).proved is proved


def test_dissipation_under_a_hypothesis_and_its_broken_twins():
    assert dissipation(SYMMETRIC_QKV, symmetric=(V,)).proved
    swapped = Model("twin", SA.velocity, SA.energy, m)  # the metric of USA
    assert not dissipation(swapped).proved
    halved = Model("twin", USA.velocity, ENERGY / 2, m)
    assert dissipation(halved).residual != sp.ZeroMatrix(n, d)
    with pytest.raises(ValueError, match="Expected a flow with an energy"):
        dissipation(CAUSAL)
