"""Repulsion, Energy of a code: against the compiled flow and a sum over pairs."""

from dataclasses import replace

import numpy as np
import pytest
from sympy import Rational, exp

from numerics import compile_model, integrate, sphere
from proofs_checks.paper.section_9.repulsion import ENERGY_OF_A_CODE, REPULSION, CodeEnergy
from theory import REPULSIVE, USA
from theory.symbols import beta


def test_the_energy_falls():
    points = sphere.random_points(6, 3, 0)
    field = compile_model(REPULSIVE, beta=2.0)
    run = integrate(field, points, 20.0, t_eval=np.linspace(0, 20, 41))
    assert np.all(np.diff(run.energy) > -1e-12)  # it climbs -E
    assert run.energy[-1] > run.energy[0]


@pytest.mark.parametrize("hot", [0.3, 2.0, 9.0])
def test_energy_by_distances(hot):
    points = sphere.random_points(9, 4, 1)
    squares = np.sum((points[:, None] - points) ** 2, axis=-1)
    by_distances = np.exp(hot) / (2 * 81 * hot) * np.exp(-hot / 2 * squares).sum()
    assert float(compile_model(USA, beta=hot).energy(points)) == pytest.approx(by_distances)


TWINS = {
    "n instead of n²": replace(
        ENERGY_OF_A_CODE, prediction=CodeEnergy(exp(beta) / beta, -beta / 2)
    ),
    "norm 1 + 1e-6": replace(
        ENERGY_OF_A_CODE,
        prediction=replace(ENERGY_OF_A_CODE.prediction, norm=1 + Rational(1, 10**6)),
    ),
    "half the rate": replace(REPULSION, prediction=tuple(w / 2 for w in REPULSION.prediction)),
    "an energy that rises": replace(REPULSION, model=(REPULSIVE, REPULSION.model[1])),
}


@pytest.mark.every(5)
@pytest.mark.parametrize("twin", TWINS.values(), ids=TWINS)
def test_a_twin_is_refuted(twin, refuted):
    refuted(twin)
