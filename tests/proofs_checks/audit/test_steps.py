"""Steps of theorems against runs: nothing that is concluded fails, and what is false is found."""

from __future__ import annotations

from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from sympy import Piecewise, Rational, exp

from numerics import integrate
from proofs_checks.audit import (
    audit,
    beside,
    doubted,
    ending,
    pair_in,
    solution_of,
    solved,
    told,
)
from proofs_checks.audit.solution import SECOND
from proofs_checks.audit.steps import OTHER_START
from proofs_checks.discovery import questions
from proofs_checks.own_model.by_theorem import THEOREMS
from proofs_checks.proof import Flow, Statement
from proofs_checks.propositions import All, Any_, Implies, Is, Not, Rel, Subject, every
from proofs_checks.theorems import (
    Pull,
    Refusal,
    Theorem,
    common_sight,
    held_slope,
    length_of_mean,
    near_angles,
    parting,
    pull_of,
    solving,
    steps_of,
)
from proofs_checks.theorems.bounds import BOUNDED
from proofs_checks.theorems.energy import ENERGY
from proofs_checks.theorems.pulls import WIDTH, gram, height
from proofs_checks.theorems.readers import MOTION, OTHER, TOKEN
from theory.atoms import Sinkhorn
from theory.models import SA, Model, catalogue
from theory.symbols import X, beta, m, r, t
from theory.terms import FIRST, Elapsed, Inner, Item, Norm, Row, Vec, at, ddt, total

i, j = TOKEN, OTHER
NAMES = tuple(catalogue())


def theorems_of(model: Model) -> dict[int, Theorem]:
    """Return what rows of `check_model` are answered by."""
    found: dict[int, Theorem] = {}
    for row in THEOREMS.values():
        shown = row.derive(Flow.of(model))
        if shown is not None and isinstance(shown.own.found, Theorem):
            found[id(shown.own.found)] = shown.own.found
    for statement in questions().values():
        if isinstance(statement, Statement) and statement.typed:
            prediction = statement.derive(Flow.of(model))
            if prediction is None:
                continue
            own = statement.decide.conclude(Flow.of(model), prediction)
            if not isinstance(own, Refusal) and isinstance(own.found, Theorem):
                found[id(own.found)] = own.found
    return found


@pytest.mark.full
@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("seed", [0, 1])
def test_no_step_fails(name: str, seed: int) -> None:
    model = catalogue(name)
    assert isinstance(model, Model)
    found = theorems_of(model)
    try:
        solution = solution_of(model, seed)
    except (NotImplementedError, ValueError):
        assert not found, name
        return
    all_seen = [audit(steps_of(theorem), solution) for theorem in found.values()]
    assert not [str(doubt) for seen in all_seen for doubt in seen.doubts]
    assert not found or any(seen.held for seen in all_seen)


@pytest.mark.slow
def test_what_is_told_of_a_whole_sheet() -> None:
    """Of T1d every step; its hypotheses hold at least pairs, and not at others."""
    pull = pull_of(Subject.of(SA))
    seen = audit(steps_of(pull.angles), solution_of(SA, 2))
    assert seen.doubts == seen.untold == () and seen.held > 25


def forged(says: Any, *given: Any) -> Theorem:
    """Make what looks like a theorem, without the kernel."""
    found = object.__new__(Theorem)
    values = {
        "says": says, "given": frozenset(given), "by": MOTION, "premises": (), "parameters": {},
        "evidence": "",
    }  # fmt: skip
    for name, value in values.items():
        object.__setattr__(found, name, value)
    return found


PRE = catalogue("pre-LN")
PAIR = pull_of(Subject.of(PRE)).p(i, j)
FALSE = {
    "heights fall": Rel("<=", ddt(height(i)), 0),
    "a factor of two": Rel("=", ddt(Item(r, i)), 2 * total(PAIR * Item(r, i) * gram(i, j), j)),
    "a length forgotten": Rel(
        "=", ddt(height(i)), total(PAIR * Item(r, i) * (height(j) - gram(i, j) * height(i)), j)
    ),
    "an energy that rests": Rel("=", ddt(ENERGY), 0),
    "too fast": Rel("<=", WIDTH, at(WIDTH) * exp(-20 * t)),
    "too slow": Rel("<=", at(WIDTH), WIDTH),
    "rows sum to one": Rel("=", total(PAIR, j), 1),
    "one token": Rel("=", Row(X, i), at(Row(X, i))),
    "a clock": Rel("<=", Elapsed(Norm(Row(X, i))), t / 2),
    "opposite": Not(Rel("<=", 0, gram(i, j))),
    "never bounded": Not(Is(BOUNDED, gram(i, j))),
    "if": Implies(Rel("<", 0, height(i)), Rel("<", gram(i, j), 0)),
    "one of two": Any_(Rel("<", 1, gram(i, j)), Rel("<", height(i), 0)),
    "all of two": All(Rel("<", 0, gram(i, j)), Rel("<", height(i), 0)),
    "of all": every(i, Rel("<=", height(j), height(i))),
}


@pytest.fixture(scope="module")
def solution() -> Any:
    return solution_of(PRE, 3)


@pytest.mark.slow
@pytest.mark.parametrize("name", FALSE)
def test_what_is_false_is_found(name: str, solution: Any) -> None:
    for given in ((), (solving(Subject.of(PRE)),)):
        (doubt,) = audit([forged(FALSE[name], *given)], solution).doubts
        assert doubt.says == FALSE[name] and f"t = {doubt.time}" in str(doubt)


def test_nothing_is_told_under_what_does_not_hold() -> None:
    never, other = Rel("<", 1, gram(i, j)), solving(Subject.of(catalogue("USA")))
    run = solution_of(SA, 0, 3, 3)
    for given in (never, other):
        seen = audit([forged(Rel("<", gram(i, j), 0), given)], run)
        assert (seen.held, seen.doubts) == (0, ()) and len(seen.untold) == 1


def test_values_by_hand() -> None:
    run = solution_of(SA, 5, 3, 3)
    points = run.states[0.6][X]
    heat = run.numbers[beta]
    weights = run.masses * np.exp(heat * points @ points.T)
    pulled = (weights / weights.sum(axis=1, keepdims=True)) @ points
    moved = pulled - (pulled * points).sum(axis=1, keepdims=True) * points
    for token in range(3):
        own = {i: token, Vec("w"): points[0]}
        slope = Rational(float(moved[token] @ points[0]))
        term, little = ddt(Inner(Row(X, i), Vec("w"))), Rational(1, 10**4)
        assert told(Rel("=", term, slope), run, 0.6, own) is True
        assert told(Rel("=", term, slope + little), run, 0.6, own) is False
        assert told(Rel("<=", term, slope - little), run, 0.6, own) is False


def test_nearly_given_is_not_given() -> None:
    """Near consensus 1 - g is nearly 0: what follows from its being 0 isn't asked there."""
    run = solution_of(SA, 5, 3, 3)
    near = {i: 0, j: 1}
    gap = 1 - gram(i, j)
    little = gap / 10**7
    for given in (Rel("=", little, 0), Rel("<=", little, 0)):
        assert told(given, run, 0.6, near) is True
        assert told(Implies(given, Rel("=", gap, 0)), run, 0.6, near) is True
        assert told(Not(given), run, 0.6, near) is True
    assert told(Implies(Rel("=", 0 * gap, 0), Rel("=", gap, 0)), run, 0.6, near) is False


def test_the_first_token_and_cases() -> None:
    run = solution_of(SA, 5, 3, 3)
    heights = run.states[0.6][X] @ run.states[0.6][X][0]
    for token in range(3):
        says = Rel("=", gram(i, FIRST), Rational(float(heights[token])))
        assert told(says, run, 0.6, {i: token}) is True
        assert told(Rel("!=", i, FIRST), run, 0.6, {i: token}) is (token > 0)
    cases = Piecewise((Item(m, j), t < 1), (gram(i, j), True))
    for time, value in ((0.6, run.masses[1]), (1.4, run.states[1.4][X][0] @ run.states[1.4][X][1])):
        assert told(Rel("=", cases, Rational(float(value))), run, time, {i: 0, j: 1}) is True
    integral = Elapsed(Piecewise((1, t < Rational(1, 3)), (0, True)))
    assert told(Rel("=", integral, Rational(1, 3)), run, 1.4) is True


def test_weights_of_sinkhorn_balance() -> None:
    model = catalogue("Sinkhorn")
    run = solution_of(model, 3)
    (weights,) = model.velocity.atoms(Sinkhorn)
    plan = run.matrix(weights, 0.6)
    assert np.allclose(plan.sum(axis=1), 1, atol=1e-13)
    assert np.allclose(run.masses @ plan, run.masses, atol=1e-13)


def test_weights_of_sinkhorn_balance_light_masses() -> None:
    """Whole steps of Newton's method overflow where a row weighs 1/1000 at first."""
    model, masses = catalogue("Sinkhorn"), np.array([1e-3] * 3)
    run = replace(solution_of(model, 3), masses=masses, numbers={beta: 30.0})
    run = replace(run, states={0.0: {**run.states[0.0], X: np.eye(3)}})
    (weights,) = model.velocity.atoms(Sinkhorn)
    assert np.allclose(run.matrix(weights, 0.0).sum(axis=1), 1, atol=1e-13)


# -- two solutions ---------------------------------------------------------------------------------


def test_what_is_said_of_two_solutions_is_evaluated_along_two() -> None:
    """The bound of (4.5) by its own integration, and what is a tenth of it fails."""
    own = parting(Subject.of(SA))
    assert own is not None and isinstance(own.found, Theorem)
    assert pair_in(own.found) == "two heats"
    run = beside(solution_of(SA, 4), "two heats")
    seen = ending(own.found, run)
    assert seen.doubt is None and seen.margins
    time = run.times[-1]
    apart = np.linalg.norm(run.states[time][X] - run.states[time][SECOND], axis=1).max()
    assert 0 < apart < 2
    less = [Rel("<=", 1 + one.left, one.right / 1000) for one in seen.margins]
    twin: Any = SimpleNamespace(says=All(*less), given=own.found.given)
    assert ending(twin, run).doubt is not None
    assert doubted(own.found) is None and doubted(twin) is not None


def test_a_second_solution_is_a_solution() -> None:
    run = solution_of(SA, 1)
    start = np.roll(run.states[0.0][X], 1, axis=1)
    two = beside(run, "pair", start)
    assert np.allclose(two.states[0.0][SECOND], start, rtol=0, atol=1e-15)
    own = integrate(SA, start, two.times[-1], masses=run.masses, **{"beta": run.numbers[beta]})
    assert np.allclose(own.points[-1], two.states[two.times[-1]][SECOND], atol=1e-7)


def test_lengths_of_two_solutions_would_differ() -> None:
    with pytest.raises(ValueError, match="a model of tokens alone"):
        beside(solution_of(PRE, 3), "pair")


def test_what_is_tiny_is_not_given_to_be_zero() -> None:
    """Far tokens pull by e^-60 at β = 30: that they don't pull at all isn't so."""
    start = np.array([[1.0, 0, 0], [-0.99, 0.1, 0.1], [-0.99, -0.1, 0.1]])
    start /= np.linalg.norm(start, axis=1, keepdims=True)
    run = solved(SA, {"beta": 30.0}, {X: start}, np.ones(3) / 3, times=(0.01,))
    pull = pull_of(Subject.of(SA))
    assert isinstance(pull, Pull)
    rests = pull.rests(pull.strict)
    assert isinstance(rests, Theorem) and isinstance(rests.says, Implies)
    (time,) = run.times
    assert ending(rests, run).doubt is None
    assert told(Implies(Rel("=", Norm(Row(X, i)), 1), Rel("=", 1, 2)), run, time, {i: 0}) is False


def test_two_solutions_of_one_length() -> None:
    """(6.11) beside lengths, and what is a thousandth of it."""
    pull = pull_of(Subject.of(PRE))
    assert isinstance(pull, Pull)
    own = near_angles(pull, common_sight(pull.subject))
    assert own is not None and isinstance(own.found, Theorem)
    assert pair_in(own.found) == "pair of one length"
    assert doubted(own.found) is None
    even = beside(solution_of(PRE, 2, 3, 4, even=True), "pair of one length")
    assert np.ptp(even.states[0.0][r]) == 0 and np.ptp(even.states[even.times[-1]][r]) > 0
    far = own.found.says.args[0].args[1]
    less: Any = SimpleNamespace(says=Rel("<", far.left + 3, far.right), given=own.found.given)
    assert doubted(less) is not None


def _said(name: str) -> Any:
    subject = Subject.of(catalogue(name))
    if name == "nGPT":
        return near_angles(pull_of(subject), common_sight(subject))
    return length_of_mean(subject) if name == "pre-LN" else held_slope(subject)


@pytest.mark.parametrize("name", ["pre-LN", "SA", pytest.param("nGPT", marks=pytest.mark.slow)])
def test_what_is_said_while_a_solution_lives_and_beside_probes_is_evaluated(name: str) -> None:
    """(3.2), (3.7) and (6.11): no doubt, and a bound that is nothing, or a double slope, fails."""
    own = _said(name).found
    run = solution_of(catalogue(name), 0, 3, 4)
    run = beside(run, kind, OTHER_START) if (kind := pair_in(own)) else run
    seen = ending(own, run)
    assert seen.doubt is None and doubted(own) is None
    less = [Rel("<=", 1 + one.left, one.right / 1000) for one in seen.margins]
    if name == "SA":
        slope = own.says.args[0]
        less = [Rel("=", slope.left, 2 * slope.right)]
        assert audit([own], run).held == 1
    twin: Any = SimpleNamespace(says=All(*less), given=own.given)
    assert less and ending(twin, run).doubt is not None
