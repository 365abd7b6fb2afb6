"""Speeds over an equator: what is concluded again, states in numpy, other premises."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from sympy import Expr, S, exp

from numerics.compile import compile_model
from numerics.sphere import random_points
from proofs_checks.propositions import Rel, Subject
from proofs_checks.theorems import (
    Conclusion,
    H,
    Pull,
    Refusal,
    Theorem,
    apply,
    assume,
    common_sight,
    pull_of,
    replayed,
    slowing,
)
from proofs_checks.theorems.order import SCALE
from proofs_checks.theorems.pulls import UNIT_AXIS, WIDTH, W
from proofs_checks.theorems.readers import OTHER, TOKEN
from proofs_checks.theorems.vanishing_speeds import COMPONENT, OVER_EQUATOR, SPEED
from theory.models import CAUSAL, SA, USA, Model
from theory.symbols import beta
from theory.terms import Norm, Vec, total


def own(model: Model, rate: Expr, speed: Expr) -> Conclusion:
    subject = Subject.of(model)
    pull, sight = pull_of(subject), common_sight(subject)
    assert isinstance(pull, Pull) and isinstance(sight, Theorem)
    return slowing(pull, sight, rate, speed)


def facts(model: Model) -> tuple[tuple[Any, ...], dict[str, Any]]:
    pull = pull_of(Subject.of(model))
    assert isinstance(pull, Pull)
    known = pull.motion, pull.positive, pull.unit, assume(UNIT_AXIS), pull.upright
    return known, {"weight": pull.weight, "i": TOKEN, "j": OTHER}


@pytest.mark.parametrize(
    ("model", "rate", "speed"),
    [
        (SA, H * exp(-2 * beta), S.One),
        (SA, H * exp(-4 * beta), S(2)),
        (USA, H * exp(-beta), exp(beta)),
    ],
)
def test_what_is_claimed_is_concluded_again(model: Model, rate: Expr, speed: Expr) -> None:
    claim = own(model, rate, speed)
    found = replayed(claim.found)
    assert isinstance(found, Theorem) and found.says == claim.says.then
    assert found.given <= set(claim.says.given)


@pytest.mark.parametrize(
    ("rate", "speed"),
    [
        (H * exp(2 * beta), S.One),
        (-H * exp(-2 * beta), S.One),
        (H * exp(-2 * beta), S.Half),
        (S.Zero * H, S.One),
    ],
)
def test_a_faster_rate_a_lower_speed_and_no_rate_are_gaps(rate: Expr, speed: Expr) -> None:
    claim = own(SA, rate, speed)
    assert isinstance(claim.found, Refusal) or claim.found.says != claim.says.then


def test_no_state_over_an_equator_is_faster() -> None:
    rng, axis = np.random.default_rng(1), np.array([1.0, 0.0, 0.0])
    for model, most in ((SA, 1.0), (USA, np.exp(2.0))):
        points = np.asarray(random_points(5, 3, rng, 2000))
        points[..., 0] = np.abs(points[..., 0]) + 1e-3
        points /= np.linalg.norm(points, axis=-1, keepdims=True)
        flat = points / (points @ axis)[..., None]
        wide = np.linalg.norm(flat[:, :, None] - flat[:, None], axis=-1).max(axis=(1, 2))
        fast = np.linalg.norm(compile_model(model, beta=2.0)(points), axis=-1).max(axis=1)
        assert (fast <= most * wide * (1 + 1e-12)).all()


def test_other_premises_are_refused() -> None:
    known, names = facts(SA)
    whole = apply(OVER_EQUATOR, *known, **names)
    assert isinstance(whole, Theorem)
    assert whole.says == Rel("<=", Norm(SPEED), total(names["weight"], OTHER) * WIDTH)
    theirs, _ = facts(CAUSAL)
    half = apply(SCALE, known[1], known[1])
    long = assume(Rel("=", Norm(W), 2))
    for place, wrong in ((0, theirs[0]), (1, half), (2, known[3]), (3, long), (4, known[1])):
        for mutated in ((wrong,), ()):
            premises = (*known[:place], *mutated, *known[place + 1 :])
            assert isinstance(apply(OVER_EQUATOR, *premises, **names), Refusal)
    local = assume(known[1].says)
    assert isinstance(apply(OVER_EQUATOR, known[0], local, *known[2:], **names), Refusal)
    assert isinstance(apply(OVER_EQUATOR, *known, **(names | {"j": TOKEN})), Refusal)


def test_a_component_is_along_a_unit_vector() -> None:
    assert isinstance(apply(COMPONENT, assume(UNIT_AXIS), vector=Vec("v")), Theorem)
    for wrong in (Rel("=", Norm(W), 2), Rel("<=", Norm(W), 1), Rel("=", Norm(W) ** 2, 1)):
        assert isinstance(apply(COMPONENT, assume(wrong), vector=Vec("v")), Refusal)
    assert isinstance(apply(COMPONENT, assume(UNIT_AXIS), vector=beta), Refusal)
