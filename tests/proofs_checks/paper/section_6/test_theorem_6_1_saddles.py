"""Theorem 6.1: twins of our own and independent mathematics."""

import re
from dataclasses import replace

import pytest
from sympy import Integer, Rational, exp, log

from proofs_checks.claim import Verdict
from proofs_checks.own_model import check_model
from proofs_checks.paper.section_6 import theorem_6_1_saddles
from proofs_checks.paper.section_6.theorem_6_1_saddles import THEOREM_6_1, SaddleTrace
from proofs_checks.proof.sheet import gap
from theory.energy import interaction_energy
from theory.models import QKV, REPULSIVE, SA, USA, gradient_flow
from theory.symbols import beta, d, z

HOTTER = (SA.subs({beta: 3 * beta}), USA.subs({beta: 3 * beta}))
SQUARE = gradient_flow(interaction_energy(z**2), "square")
CUBE = gradient_flow(interaction_energy(z**3), "cube")
LOGARITHM = gradient_flow(interaction_energy(log(2 + z)), "logarithm")
RISING = gradient_flow(interaction_energy(2 * z + z**2 / 2), "rising")


def saddle(model, bend):
    """Theorem 6.1 for a kernel with h''/h' = bend: the bracket matches, only the sign is asked."""
    bracket = d - 2 - z + bend * (1 - z**2)
    return replace(THEOREM_6_1, model=model, prediction=SaddleTrace(1 - z, bracket, Integer(3)))


@pytest.mark.parametrize(("model", "bend"), [(RISING, 1 / (z + 2)), (LOGARITHM, -1 / (z + 2))])
def test_a_positive_slope_that_sympy_cannot_sign_is_not_refuted(model, bend, found):
    evidence = found(saddle(model, bend))
    assert evidence.verdict is Verdict.PROVED, evidence.detail


@pytest.mark.parametrize(("model", "order"), [(SQUARE, 2), (CUBE, 3)])
def test_a_negative_trace_is_refuted_by_a_pair_that_does_not_meet(model, order, found):
    evidence = found(saddle(model, (order - 1) / z))
    assert evidence.verdict is Verdict.REFUTED
    place = Rational(re.search(r"<x_?1,x_?2> = (\S+)", evidence.detail)[1])
    assert order * place ** (order - 1) <= 0  # such a pair is not pulled together
    # And the summand of the trace, which the proof needs positive, is negative somewhere.
    summands = []
    for at in (Rational(-1, 8), Rational(-9, 10)):
        slope, bend = order * at ** (order - 1), (order - 1) / at
        summands.append(slope * (1 - at) * (1 - at + bend * (1 - at**2)))
    assert min(summands) < 0


def test_an_undecided_sign_is_undecided(monkeypatch, found):
    monkeypatch.setattr(
        theorem_6_1_saddles, "_sign_steps", lambda *_: (gap("sign of the summand", "not decided"),)
    )
    evidence = found(saddle(LOGARITHM, -1 / (z + 2)))
    assert evidence.verdict is Verdict.UNDECIDED
    assert "sign of" in evidence.detail


def test_hypotheses():
    assert THEOREM_6_1.unmet(n=5, d=2, beta=1.0) == ("d >= 3",)


def test_a_model_outside_the_argument_is_not_proved(found):
    broken = replace(REPULSIVE, energy=SA.energy)  # descends the energy it declares
    assert found(replace(THEOREM_6_1, model=broken)).verdict is Verdict.REFUTED
    # by a pair that never meets


def test_the_detail_states_the_dimension_and_the_slope(found):
    later = replace(THEOREM_6_1.prediction, dimension=Integer(7))
    assert found(replace(THEOREM_6_1, prediction=later)).scope["d"] == "symbolic, >= 7"
    assert "h' = z + 2" in found(saddle(RISING, 1 / (z + 2))).detail


TWINS = {
    "trace of a hotter kernel": replace(THEOREM_6_1, model=HOTTER),
    "trace of an even kernel": replace(
        THEOREM_6_1, model=(gradient_flow(interaction_energy(exp(beta * z**2)), "even"),)
    ),
    "trace, d >= 1": replace(
        THEOREM_6_1, prediction=replace(THEOREM_6_1.prediction, dimension=Integer(1))
    ),
}


@pytest.mark.every(5)
@pytest.mark.parametrize("twin", TWINS.values(), ids=TWINS)
def test_a_twin_is_refuted(twin, refuted):
    refuted(twin)


def test_any_value_matrix_may_be_minus_the_identity():
    found = check_model(QKV, only="Theorem 6.1")["Theorem 6.1"]
    assert found.verdict is Verdict.REFUTED and "V = -I" in found.detail
