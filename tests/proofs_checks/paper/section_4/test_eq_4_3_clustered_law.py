"""(4.3): twins of our own and independent mathematics."""

from dataclasses import replace

import numpy as np
import pytest
from sympy import DiagMatrix, Identity, Rational, Symbol, exp

from proofs_checks.own_model import check_model
from proofs_checks.paper.section_4.eq_4_3_clustered_law import EQUATION_4_3
from proofs_checks.proof import half_angle_rate
from theory.atoms import Elementwise, RowSoftmax, Tangent
from theory.energy import interaction_energy
from theory.models import QKV, REPULSIVE, SA, USA, Model, gradient_flow
from theory.symbols import V, X, beta, d, m, t, z


def changed(claim, **fields):
    return replace(claim, prediction=replace(claim.prediction, **fields))


FALLING = gradient_flow(interaction_energy(-exp(beta * z) / beta), "falling")


def test_half_angle_rate_is_the_closed_form():
    assert half_angle_rate(SA) == half_angle_rate(USA) == 1
    assert half_angle_rate(REPULSIVE) == -1
    law = EQUATION_4_3.prediction.law
    # φ(0) with tan(φ/2) = e^{-m} tan(arccos(3/4)/2) at its end.
    for time in (0.0, 0.7, 2.0):
        opened = 2 * np.arctan(np.tan(np.arccos(0.75) / 2) * np.exp(time))
        assert float(law.subs(t, time)) == pytest.approx(opened / np.pi, abs=1e-12)


COLD, UP = Symbol("b", negative=True), Symbol("c", positive=True)


def exponentials(factor):
    field = RowSoftmax(beta * X * X.T, m) * X * factor
    return Model("softmax", Tangent(X, field), parameters=(beta, *factor.free_symbols))


@pytest.mark.parametrize(
    ("model", "word"),
    [
        *((exponentials(-UP), "REFUTED"), (exponentials(COLD), "REFUTED")),
        *((exponentials(UP), "PROVED"), (exponentials(-2 * UP - 1), "REFUTED")),
        *((QKV.subs({V: a * Identity(d)}), "REFUTED") for a in (-UP, COLD, -3)),
    ],
)
def test_values_that_repel_by_a_symbol_are_refuted(model, word):
    """At β = 0 two tokens of mass 1/2 and <x_1,x_2> <= 0 move apart: half of all starts."""
    assert check_model(model, only="(4.3)")["(4.3)"].word == word


def test_a_pair_that_is_held_apart_may_be_clustered():
    """k = (g - 9/10)² e^{βg}: pairs that start below 9/10 stay below it, but pass 3/4."""
    kernel = (z - Rational(9, 10)) ** 2 * exp(beta * z)
    field = Elementwise(kernel, X * X.T) * DiagMatrix(m) * X
    model = Model("held at 9/10", Tangent(X, field), parameters=(beta,))
    assert check_model(model, only="(4.3)")["(4.3)"].word == "UNDECIDED"


TWINS = {
    "(4.3) with √6": changed(EQUATION_4_3, law=EQUATION_4_3.prediction.law * Rational(4, 5)),
    "(4.3) of the falling flow": replace(EQUATION_4_3, model=(FALLING,)),
}


@pytest.mark.every(5)
@pytest.mark.parametrize("twin", TWINS.values(), ids=TWINS)
def test_a_twin_is_refuted(twin, refuted):
    refuted(twin)
