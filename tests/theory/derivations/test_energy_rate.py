"""Dissipation identities: what is derived, and what is not."""

from dataclasses import replace

import numpy as np
import pytest
import sympy as sp

from numerics import compile_model
from numerics.sphere import random_points
from theory import (
    CAUSAL,
    MOVING_MASSES,
    REPULSIVE,
    SA,
    SYMMETRIC_QKV,
    USA,
    Block,
    Mask,
    Model,
    anchor_energy,
    gradient_flow,
    interaction_energy,
    moving_masses,
)
from theory.atoms import RowSoftmax, Tangent
from theory.derivations.energy_rate import dissipation
from theory.energy import ENERGY, mass_gradient
from theory.symbols import Q, V, X, alpha, beta, d, k, m, n, t, z

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


A = sp.MatrixSymbol("A", n, n)
PAPER = sp.exp(beta * z) / beta
ENERGIES = {
    "paper": ENERGY,
    "form": interaction_energy(PAPER, V),
    "anchors": ENERGY + anchor_energy(z**2, W, c),
    "linear": interaction_energy(z) + m.T * X * W.T * c,
    "band": interaction_energy(PAPER, mask=Mask.band(1)),
    "causal": interaction_energy(PAPER, mask=Mask.causal()),
    "graph": interaction_energy(PAPER, mask=Mask.graph(A)),
}


def growth(model, state, values):
    """Central difference of the energy along the velocity, and what the identity says of it."""
    field, step = compile_model(model, **values), 1e-5
    said = compile_model(replace(model, energy=dissipation(model).rate), **values)
    several = isinstance(state, dict)
    velocity = field.unchecked(state, 0.7)

    def energy(at):
        moment = 0.7 + at
        if not several:
            return field._evaluate(model.energy, state + at * velocity, moment)
        moved = {name: value + at * velocity.get(name, 0) for name, value in state.items()}
        return field._evaluate(model.energy, moved, moment)

    slope = (energy(step) - energy(-step)) / (2 * step)
    claimed = said._evaluate(said.model.energy, state, 0.7)
    return float(np.ravel(slope)[0]), float(np.ravel(claimed)[0])


def drawn(model, rng):
    sizes = {n: 5, d: 3, k: 2}
    values = {}
    for p in model.parameters:
        shape = [sizes.get(size, 1) for size in getattr(p, "shape", ())]
        values[str(p)] = rng.normal(size=shape) if shape else 1.3
    if "A" in values:
        values["A"] = np.triu(np.ones((5, 5)))
    return values


@pytest.mark.every(4, kept="slow", rest="full")
@pytest.mark.parametrize("name", ENERGIES)
def test_what_gradient_flow_makes_dissipates(name):
    rng = np.random.default_rng(5)
    x, masses = random_points(5, 3, rng=rng), rng.uniform(0.2, 1.0, (5, 1))
    still, moving = gradient_flow(ENERGIES[name]), moving_masses(ENERGIES[name])
    kept = moving_masses(ENERGIES[name], conserved=False, rate=sp.Rational(1, 2))
    for model in (moving, kept):
        identity = dissipation(model)
        assert identity.proved and identity.masses.factor in (alpha, sp.Rational(1, 2))
        seen, said = growth(model, {"X": x, "m": masses}, drawn(model, rng))
        assert seen == pytest.approx(said, rel=1e-7)
    assert dissipation(still).proved
    seen, said = growth(still, x, drawn(still, rng))
    assert seen == pytest.approx(said, rel=1e-7)


@pytest.mark.slow
@pytest.mark.parametrize("mask", [Mask.band(2), Mask.bipartite(2)], ids=str)
def test_softmax_along_mutual_sight_climbs(mask):
    climbing = gradient_flow(interaction_energy(PAPER, mask=mask), flow="softmax")
    assert climbing.velocity == Tangent(X, RowSoftmax(beta * X * X.T, m, mask) * X)
    assert dissipation(climbing).proved
    full = interaction_energy(PAPER)
    assert not dissipation(replace(climbing, energy=full)).proved
    moving = moving_masses(interaction_energy(PAPER, mask=mask), flow="softmax")
    assert dissipation(moving).proved
    with pytest.raises(ValueError, match="Expected mutual sight"):
        gradient_flow(interaction_energy(PAPER, mask=Mask.causal()), flow="softmax")


@pytest.mark.slow
def test_an_energy_in_time():
    timed = ENERGY.xreplace({beta: beta * t})
    model = moving_masses(timed)
    identity = dissipation(model)
    assert identity.proved and not isinstance(identity.explicit, sp.ZeroMatrix)
    rng = np.random.default_rng(1)
    state = {"X": random_points(5, 3, rng=rng), "m": rng.uniform(0.2, 1.0, (5, 1))}
    seen, said = growth(model, state, {"beta": 1.3, "alpha": 0.8})
    assert seen == pytest.approx(said, rel=1e-7)
    still = gradient_flow(timed)
    seen, said = growth(still, state["X"], {"beta": 1.3})
    assert seen == pytest.approx(said, rel=1e-7)
    assert str(dissipation(still)) == "dE/dt = ∂E/∂t + Σ g_i |x_i'|², g = m"


@pytest.mark.slow
def test_masses_that_move_otherwise():
    worth = mass_gradient(ENERGY)
    twins = {
        "mean over tokens": worth - sp.OneMatrix(n, n) * worth / n,
        "mean over one": worth - sp.OneMatrix(n, 1) * (m.T * worth),
        "twice": worth + MOVING_MASSES.velocities[m],
    }
    for name, spread in twins.items():
        moved = {X: USA.velocity, m: sp.DiagMatrix(m) * spread}
        identity = dissipation(replace(MOVING_MASSES, name=name, velocity=moved))
        assert not identity.proved, name
    stays = dissipation(MOVING_MASSES.subs({alpha: 0}))
    assert stays.masses.factor == 0 and stays.proved
    wrong = replace(MOVING_MASSES, energy=ENERGY / 2)
    assert not dissipation(wrong).proved
    species = sp.MatrixSymbol("Y", n, d)
    both = Model(
        "both", {X: USA.velocity, species: species}, ENERGY + anchor_energy(z, species, m), m,
        blocks=(Block(X), Block(species, "euclidean")),
    )  # fmt: skip
    with pytest.raises(ValueError, match="with Y in it"):
        dissipation(both)
