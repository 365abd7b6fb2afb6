"""Which models the fused loops recognise."""

import pytest
import sympy as sp

from numerics.fused.form import recognise
from theory import (
    CAUSAL,
    DISCRETE_SA,
    QKV,
    REPULSIVE,
    SA,
    SINKHORN,
    USA,
    Model,
    gradient_flow,
)
from theory import (
    interaction_energy as pairs,
)
from theory.symbols import beta, z

pytestmark = pytest.mark.extras

REPULSIVE_USA = gradient_flow(pairs(-sp.exp(beta * z) / beta))
MODELS = {"SA": SA, "USA": USA, "-SA": REPULSIVE, "-USA": REPULSIVE_USA}


def test_recognised_and_not():
    for name, model in MODELS.items():
        form = recognise(model)
        assert form.scale == (-1 if name[0] == "-" else 1)
        assert form.normalised == ("U" not in name) and form.name == "beta"
    others = [
        CAUSAL,
        QKV,
        SINKHORN,
        DISCRETE_SA,
        gradient_flow(pairs(z**3 / 3 + beta * z)),
        gradient_flow(pairs(sp.exp(beta * z**2))),
        gradient_flow(pairs(sp.exp(beta * z) / beta) + pairs(z)),
        gradient_flow(pairs(2 * sp.exp(beta * z) / beta)),
        Model("off the sphere", SA.velocity, space="euclidean"),
    ]
    for model in others:
        assert recognise(model) is None, model.name
