"""Changes of velocities: what is concluded again, differences of runs, and fields without one."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from sympy import Expr, Rational, exp

from numerics.compile import compile_model
from numerics.sphere import random_points
from proofs_checks.propositions import Subject
from proofs_checks.theorems import Refusal, Theorem, accelerating, apply, assume, replayed
from proofs_checks.theorems.accelerations import ACCELERATION
from theory.atoms import Elementwise, Tangent
from theory.models import COD, PRE_LN, QKV, REPULSIVE, SA, USA, Model
from theory.positive_part import PositivePart
from theory.symbols import X, beta, m, t, z

OWN = {"SA": 2 * (1 + beta), "USA": 2 * (1 + beta) * exp(2 * beta)}


@pytest.mark.parametrize("model", [SA, USA, REPULSIVE])
def test_the_bound_is_concluded_again_and_no_run_exceeds_it(model: Model) -> None:
    bound = OWN["USA" if model is USA else "SA"]
    own = accelerating(Subject.of(model), bound)
    assert not isinstance(own, Refusal)
    found = replayed(own.found)
    assert isinstance(found, Theorem) and found.says == own.says.then
    rng, step = np.random.default_rng(0), 1e-5
    for hot in (0.3, 1.0, 3.0):
        points = np.asarray(random_points(4, 3, rng, 200))
        field = compile_model(model, beta=hot)
        speed = field(points)
        ahead, behind = (field.unchecked(points + h * speed, 0.0) for h in (step, -step))
        seen = np.linalg.norm(ahead - behind, axis=-1).max() / (2 * step)
        assert seen <= float(bound.subs(beta, hot)) * (1 + 1e-6)


def changed(model: Model, field: Expr) -> Subject:
    return Subject.of(replace(model, name="changed", velocity=Tangent(X, field)))


@pytest.mark.parametrize(
    "subject",
    [
        Subject.of(COD),  # its pace is of the time
        Subject.of(PRE_LN),  # lengths move too
        Subject.of(QKV),
        changed(SA, t * SA.velocity.field),
        changed(USA, Elementwise(PositivePart(z, 1), X * X.T) * m * m.T * X),
    ],
    ids=lambda one: one.name,
)
def test_outputs_that_something_else_moves_have_no_bound(subject: Subject) -> None:
    own = accelerating(subject, 100 * (1 + beta) * exp(9 * beta))
    assert isinstance(own, Refusal) or isinstance(own.found, Refusal)


def test_a_smaller_bound_or_other_premises_are_refused() -> None:
    for bound in (OWN["SA"] - Rational(1, 10), 2 + beta, 2 * beta):
        own = accelerating(Subject.of(SA), bound)
        assert isinstance(own, Refusal) or isinstance(own.found, Refusal)
    own = accelerating(Subject.of(SA), OWN["SA"] + 1)
    assert not isinstance(own, Refusal) and isinstance(own.found, Theorem)
    turns = own.found.premises[0]
    assert turns.by is ACCELERATION
    motion, unit, steady = turns.premises
    other = accelerating(Subject.of(REPULSIVE), OWN["SA"] + 1)
    assert not isinstance(other, Refusal) and isinstance(other.found, Theorem)
    theirs = other.found.premises[0].premises
    weight = turns.parameters["weight"]
    for wrong in (
        (unit, unit, steady),
        (motion, motion, steady),
        (motion, unit, unit),
        (theirs[0], unit, steady),
        (motion, unit, theirs[2]),
        (motion, assume(unit.says), steady, steady),
    ):
        assert isinstance(apply(ACCELERATION, *wrong, weight=weight), Refusal)
    assert isinstance(apply(ACCELERATION, motion, unit, steady, weight=2 * weight), Refusal)
