"""(6.11) of divided outputs: runs side by side, and every premise of the rule."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from sympy import lambdify

from proofs_checks import check_model
from proofs_checks.propositions import Rel, Subject
from proofs_checks.theorems import (
    HIGH,
    H,
    Refusal,
    apply,
    as_sheet,
    assume,
    common_sight,
    near_angles,
    pull_of,
    read,
    steps_of,
)
from proofs_checks.theorems.chords import APART, MOMENT
from proofs_checks.theorems.divided_pairs import DIVIDED_PART, divided_chords
from proofs_checks.theorems.logic import part, together
from proofs_checks.theorems.readers import MOTION, OTHER, TOKEN
from proofs_checks.theorems.sheets import Says
from tests.proofs_checks.residual_vectors import outputs, unit
from theory.atoms import RowSoftmax, Tangent
from theory.models import catalogue
from theory.symbols import X, alpha, beta, m, t
from theory.terms import Inner, Row, Vec, ddt

NGPT = catalogue("nGPT")
(WEIGHTS,) = NGPT.velocity.atoms(RowSoftmax)


def rate_of(model):
    """K of D' <= K D."""
    return divided_chords(pull_of(Subject.of(model))).says.right / APART


@pytest.mark.slow
def test_tokens_whose_outputs_have_length_one():
    """nGPT: |x - y| grows at α (1 + (1 + 2β)/h) at most, one token beside equal angles."""
    evidence = check_model(NGPT, only="(6.11)")["(6.11)"]
    assert evidence.word == "PROVED" and evidence.sheet.typed
    assert "e^(t α (1 + (2 |β| + 1)/h))" in evidence.sentence
    rng, hot, step = np.random.default_rng(2), 0.7, 2e-3
    rate = lambdify((alpha, beta, H), rate_of(NGPT))
    for noise in (1e-3, 0.3):
        frame = np.eye(3)
        states = [unit(frame + noise * rng.standard_normal((3, 3))), frame]
        off = np.linalg.norm(states[0] - frame, axis=1).max()
        height = min(3**-0.5, np.linalg.inv(states[0] @ states[0].T).sum() ** -0.5)
        for count in range(1, 400):
            states = [unit(x + step * outputs(x, hot, True)) for x in states]
            gap = np.abs(states[0] @ states[0].T - states[1] @ states[1].T).max()
            assert gap <= 2 * off * np.exp(rate(1, hot, height) * step * count) + 1e-6


@pytest.mark.parametrize("height", [0.01, 0.1])
def test_low_outputs_part_as_fast_as_one_over_their_height(height):
    """Two nearly opposite tokens at β = 0: one turns by δ, both outputs by δ/(2h)."""
    side, turn = np.sqrt(1 - height**2), 1e-6
    points = np.array([[height, side, 0], [height, -side, 0]])
    other = points + np.array([[0, 0, 0], [0, 0, turn]])
    one, two = (outputs(x, 0.0, divided=True) for x in (points, unit(other)))
    moves = one[0] - two[0]
    grows = np.linalg.norm(moves - moves @ points[0] * points[0]) / turn
    bound = lambdify((alpha, beta, H), rate_of(NGPT))(1, 0, height)
    assert 0.49 / height < grows < bound < 1.2 / height


def test_other_models_are_left():
    """Outputs that aren't divided, of lengths, and of rows that don't add up to 1."""
    sunk, _ = catalogue("softmax-off-by-one").velocity.field.args
    short = replace(NGPT, velocity=NGPT.velocity.xreplace({WEIGHTS: sunk}))
    assert short.velocity != NGPT.velocity
    for model in (*map(catalogue, ("SA", "peri-LN", "sink", "CoD")), short):
        assert isinstance(divided_chords(pull_of(Subject.of(model))), Refusal)


def test_a_pace_and_a_heat_are_the_models_own():
    own = NGPT.velocity.xreplace({WEIGHTS: RowSoftmax(2 * beta * X * X.T, m)})
    rate = rate_of(replace(NGPT, velocity=Tangent(X, own.field / (1 + t))))
    assert (rate - alpha * (1 + (1 + 4 * abs(beta)) / H) / (1 + t)).simplify() == 0


def test_a_constant_that_is_better_isnt_concluded():
    """1 % off the rate, a hypothesis on heights dropped, or another sign: no sheet of it holds."""
    subject = Subject.of(NGPT)
    own = near_angles(pull_of(subject), common_sight(subject))
    assert own is not None and as_sheet(own.says, own.found, own.names).holds
    grows = divided_chords(pull_of(subject))
    rate = rate_of(NGPT)
    given = tuple(grows.given)
    assert as_sheet(Says(given, grows.says), grows).holds
    for other in (rate * 99 / 100, -rate, rate.subs(H, 2 * H), rate.subs(alpha, alpha / 2)):
        assert not as_sheet(Says(given, Rel("<=", ddt(APART), other * APART)), grows).holds
    for one in given:
        assert not as_sheet(Says(tuple({*given} - {one}), grows.says), grows).holds


def test_every_premise_is_needed():
    """Dropped, exchanged, of another model, or known of one token or time alone."""
    step = next(
        s for s in steps_of(divided_chords(pull_of(Subject.of(NGPT)))) if s.by is DIVIDED_PART
    )
    assert apply(DIVIDED_PART, *step.premises, **step.parameters).says == step.says
    for place, premise in enumerate(step.premises):
        before, after = step.premises[:place], step.premises[place + 1 :]
        for facts in ((*before, *after), (*before, step, *after)):
            assert isinstance(apply(DIVIDED_PART, *facts, **step.parameters), Refusal), place
        for moment in (Rel("<=", 0, Inner(Row(X, TOKEN), Vec("u"))), Rel("<", MOMENT, 1)):
            local = apply(part, apply(together, premise, assume(moment)), place=0)
            found = apply(DIVIDED_PART, *before, local, *after, **step.parameters)
            assert isinstance(found, Refusal) or moment in found.given, place
    speeds = (
        2 * step.parameters["speed"],
        step.parameters["speed"] * Inner(Row(X, OTHER), Row(X, OTHER)),
    )
    for speed in speeds:
        wrong = {**step.parameters, "speed": speed}
        assert isinstance(apply(DIVIDED_PART, *step.premises, **wrong), Refusal)
    other = read(MOTION, Subject.of(catalogue("SA")))
    assert isinstance(apply(DIVIDED_PART, other, *step.premises[1:], **step.parameters), Refusal)
    assert HIGH in step.given and len(step.given) == 5
