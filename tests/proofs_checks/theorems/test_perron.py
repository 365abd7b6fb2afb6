"""(6.1) by Perron's theorem: exponents of a run, and flows that aren't smooth or autonomous."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from sympy import DiagMatrix, Lambda, tanh

from proofs_checks import check_model
from proofs_checks.propositions import Is, Subject
from proofs_checks.theorems import Refusal, Theorem, apply, as_sheet, assume, exponents, read
from proofs_checks.theorems.perron import PERRON, SMOOTH, SMOOTHNESS
from proofs_checks.theorems.readers import UNIT, solving
from theory.atoms import Elementwise, RowSoftmax, Tangent
from theory.models import SA, USA, Model, catalogue
from theory.models.layers import neurons
from theory.positive_part import PositivePart
from theory.symbols import X, beta, m, t, width, z

CROSS, MLP = catalogue("cross-attention"), catalogue("MLP block")


@pytest.mark.parametrize(
    "name", ["cross-attention", "MLP block", "low-rank heads", "graph", "Sinkhorn", "sink"]
)
def test_what_is_concluded_is_claimed(name: str) -> None:
    own = exponents(Subject.of(catalogue(name)))
    assert own is not None
    sheet = as_sheet(own.says, own.found, own.names)
    assert sheet.holds and len(sheet.steps) == 2 and own.says.given == ()
    assert f"of {catalogue(name).name} " in sheet.summary


@pytest.mark.parametrize(
    "name", ["pre-LN", "CoD", "moving masses", "discrete layer", "nGPT", "no projection"]
)
def test_others_are_not_asked(name: str) -> None:
    """Lengths and masses move beside the tokens, time enters, or a velocity has no value."""
    assert exponents(Subject.of(catalogue(name))) is None


def of(velocity: Any, model: Model = MLP) -> Subject:
    return Subject.of(replace(model, name="twin", velocity=velocity))


def test_twins() -> None:
    """A clock, a corner, a kernel with a pole or a root on [-1, 1], and what leaves the sphere."""
    field = MLP.velocity.field
    gram = X * X.T
    for velocity in (
        Tangent(X, t * field),
        Tangent(X, neurons(width, Lambda(z, PositivePart(z, 1)))[0] + field),
        Tangent(X, Elementwise(abs(z), gram) * DiagMatrix(m) * X),
        Tangent(X, Elementwise(1 / (z - 1), gram) * DiagMatrix(m) * X),
        Tangent(X, Elementwise((1 - z) ** (z / z / 2), gram) * DiagMatrix(m) * X),
        Tangent(X, RowSoftmax(Elementwise(abs(z), gram), m) * X),
        field,
        Tangent(X, field) + field,
        gram * Tangent(X, field),
    ):
        assert exponents(of(velocity)) is None, velocity
    for velocity in (
        Tangent(X, neurons(width, tanh)[0]),
        Tangent(X, Elementwise(1 / (2 - z), gram) * DiagMatrix(m) * X),
        2 * DiagMatrix(m) * Tangent(X, field),
    ):
        assert exponents(of(velocity)) is not None, velocity
    assert exponents(Subject.of(replace(SA, space="euclidean"))) is None
    assert isinstance(read(UNIT, of(gram * Tangent(X, field))), Refusal)  # it adds rows up


def test_the_rule_wants_a_smooth_velocity() -> None:
    """Without its premise, with another, or with one that is about another model."""
    found, other = read(SMOOTHNESS, Subject.of(CROSS)), Subject.of(USA)
    own = apply(PERRON, found)
    assert isinstance(own, Theorem)
    assert isinstance(apply(PERRON), Refusal)
    assert isinstance(apply(PERRON, read(UNIT, other)), Refusal)
    assert isinstance(apply(PERRON, assume(solving(other))), Refusal)
    assert isinstance(apply(PERRON, found, found), Refusal)
    twin = apply(PERRON, read(SMOOTHNESS, other))
    assert isinstance(twin, Theorem) and twin.says != own.says
    supposed = apply(PERRON, assume(Is(SMOOTH, Subject.of(catalogue("pre-LN")))))
    assert isinstance(supposed, Theorem) and supposed.given  # it stays among what is assumed


@pytest.mark.slow
def test_the_row_is_printed_from_what_is_concluded() -> None:
    found = check_model(CROSS, only=["(6.1)"])["(6.1)"]
    assert found.word == "PROVED" and found.sheet.typed
    assert found.sentence == found.sheet.heading["claim"] and "eigenvalue" in found.sentence
    assert check_model(catalogue("repulsive"), only=["(6.1)"])["(6.1)"].word == "doesn't apply"
    assert exponents(Subject.of(CROSS, {beta: 2})) is not None


def test_a_run_has_the_exponent_of_a_mode() -> None:
    """One token to the keys' maximum, on the circle: the slope of log |x - x*| is -φ''."""
    heat, keys = 0.8, np.array([[0.8, 0.6], [0.8, -0.6]])

    def rate(angle: float) -> Any:
        x, along = (
            np.array([np.cos(angle), np.sin(angle)]),
            np.array([-np.sin(angle), np.cos(angle)]),
        )
        weights = np.exp(heat * keys @ x)
        return (weights / weights.sum()) @ keys @ along

    mode, angle, step, path = (rate(1e-5) - rate(-1e-5)) / 2e-5, 0.5, 1e-3, []
    for _ in range(12000):
        angle += step * rate(angle + step / 2 * rate(angle))
        path.append(angle)
    slope = (np.log(path[-1]) - np.log(path[-4000])) / (4000 * step)
    assert mode < 0 and slope == pytest.approx(mode, rel=1e-3)
