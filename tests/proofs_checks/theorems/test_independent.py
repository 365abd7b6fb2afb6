"""The pole of independent tokens, its height, and what is said of uniform ones."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pytest
from sympy import Rational

from proofs_checks.audit import ending, solution_of, solved
from proofs_checks.propositions import Rel, Subject
from proofs_checks.theorems import (
    Refusal,
    Theorem,
    almost_surely,
    apply,
    as_sheet,
    assume,
    at_the_pole,
    common_sight,
    from_radius,
    meeting,
    pull_of,
)
from proofs_checks.theorems.independent import (
    ALMOST_INDEPENDENT,
    ENOUGH_ROOM,
    NARROW,
    POLE,
    RADIUS,
    pole,
)
from proofs_checks.theorems.pulls import HIGH, UNIT_AXIS, WARM, H, unit_of
from theory.models import SA
from theory.symbols import G, X, d, n

NEAR = np.array([[1.0, 0.5, 0.0], [1.0, -0.5, 0.0]]) / np.sqrt(1.25)


def own():
    one = Subject.of(SA)
    return meeting(pull_of(one), common_sight(one))


def test_the_pole_is_what_its_rule_says():
    rng = np.random.default_rng(3)
    x = rng.standard_normal((4, 6))
    x /= np.linalg.norm(x, axis=1, keepdims=True)
    inverse = np.linalg.inv(x @ x.T)
    height = inverse.sum() ** -0.5
    axis = height * inverse.sum(0) @ x
    assert np.linalg.norm(axis) == pytest.approx(1)
    assert x @ axis == pytest.approx(height)
    apart = np.linalg.norm(x / (x @ axis)[:, None] - axis, axis=1)
    assert apart == pytest.approx(float((height**-2 - 1) ** 0.5))


def test_what_is_said_holds_along_a_run_and_a_higher_pole_is_seen():
    found = almost_surely(at_the_pole(from_radius(own(), RADIUS))).found
    run = solution_of(SA)
    seen = ending(found, run)
    assert seen.doubt is None
    assert seen.margins and all(0 < margin < 1 for margin in seen.margins.values())
    higher = SimpleNamespace(says=found.says.subs(H, Rational(101, 100) * H), given=found.given)
    near = solved(SA, {"beta": 0.001}, {X: NEAR}, np.array([0.5, 0.5]))
    assert ending(found, near).doubt is None
    assert ending(higher, near).doubt is not None
    dependent = solution_of(SA, tokens=4, dimension=3)
    assert not ending(found, dependent).margins


def test_at_the_pole_no_axis_is_left_and_another_inverse_is_none():
    found = almost_surely(at_the_pole(from_radius(own(), RADIUS)))
    assert as_sheet(found.says, found.found, found.names).holds
    assert not {HIGH, UNIT_AXIS} & found.found.given
    for wrong in (G, 2 * G**-1):
        assert isinstance(at_the_pole(own(), wrong).found, Refusal)


@pytest.mark.parametrize("factor", [Rational(1, 4), Rational(99, 100), -1])
def test_a_smaller_constant_isnt_shown(factor):
    assert isinstance(from_radius(own(), factor * RADIUS).found, Refusal)
    assert isinstance(from_radius(own(), 3 * RADIUS).found, Theorem)


def test_a_mutated_premise_is_refused():
    facts = [assume(one) for one in pole(G**-1)]
    assert isinstance(apply(POLE, *facts, inverse=G**-1), Theorem)
    for place in range(len(facts)):
        others = [*facts[:place], assume(WARM), *facts[place + 1 :]]
        assert isinstance(apply(POLE, *others, inverse=G**-1), Refusal)
    assert isinstance(apply(POLE, *map(assume, pole(G)), inverse=G), Refusal)
    known = unit_of(Subject.of(SA)), assume(UNIT_AXIS), assume(HIGH)
    for place in range(3):
        others = [*known[:place], assume(WARM), *known[place + 1 :]]
        assert isinstance(apply(NARROW, *others, constant=RADIUS), Refusal)
    assert isinstance(apply(NARROW, *known, constant=RADIUS), Theorem)
    assert isinstance(apply(ALMOST_INDEPENDENT, assume(ENOUGH_ROOM)), Theorem)
    for wrong in (Rel("<=", d, n), Rel("<=", n - 1, d)):
        assert isinstance(apply(ALMOST_INDEPENDENT, assume(wrong)), Refusal)
