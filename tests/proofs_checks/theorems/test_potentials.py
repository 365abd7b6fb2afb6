"""Sinkhorn's weights: bounds at drawn states, by potentials that are iterated here."""

from __future__ import annotations

import numpy as np
import pytest
from sympy import Rational, exp, log

from numerics.compile import compile_model
from numerics.sphere import random_points
from proofs_checks import check_model
from proofs_checks.audit import SECOND
from proofs_checks.proof import PROBES
from proofs_checks.propositions import All, Rel, Subject
from proofs_checks.theorems import (
    Refusal,
    Theorem,
    apply,
    as_sheet,
    assume,
    held_convolution,
    held_slope,
    held_slope_of,
    read,
)
from proofs_checks.theorems.chord_rates import chords
from proofs_checks.theorems.chords import APART
from proofs_checks.theorems.logic import rename
from proofs_checks.theorems.potentials import ACROSS, DIVIDED
from proofs_checks.theorems.readers import MASSES, OTHER, TOKEN, UNIT
from proofs_checks.theorems.sheets import Says
from theory.atoms import Elementwise, RowSoftmax, Sinkhorn, Tangent
from theory.energy import interaction_energy
from theory.models import REPULSIVE, SA, SINKHORN, USA, Model, catalogue, gradient_flow
from theory.symbols import K, Q, X, alpha, beta, m, z
from theory.terms import Entry, Inner, Item, Norm, Projected, Row, Vec, at, ddt

UNEVEN = Model(
    "own", Tangent(X, Sinkhorn(beta * X * Q.T * K * X.T, m) * X), parameters=(beta, Q, K)
)


def potentials(points, hot, masses):
    """Iterate p <- (p - log Σ_k m_k e^(S_ik + p_k))/2, of a fixed point with rows of sum 1."""
    scores, p = hot * points @ points.T, np.zeros(len(points))
    for _ in range(4000):
        p = (p - np.log(np.exp(scores + p) @ masses)) / 2
    return p, np.exp(p[:, None] + scores + p) * masses


def rate_of(model):
    """K of D' <= K D, as it is concluded."""
    return chords(Subject.of(model)).says.right / APART


def drawn(rng, size, width=3):
    return random_points(size, width, rng), rng.uniform(0.05, 1, size)


def test_rows_sum_to_one_and_weights_are_above_their_bound():
    rng = np.random.default_rng(0)
    for hot in (0.5, 2.0):
        points, masses = drawn(rng, 4)
        p, weights = potentials(points, hot, masses)
        assert np.allclose(weights.sum(axis=1), 1)
        assert np.ptp(p) <= 2 * hot
        assert np.all(weights >= np.exp(-4 * hot) * masses / masses.sum())
        field = compile_model(SINKHORN, beta=hot, masses=masses)
        pulls = weights @ points
        pulls -= np.sum(pulls * points, axis=1)[:, None] * points
        assert np.allclose(field(points), pulls, atol=1e-7)


def test_chords_grow_more_slowly_than_the_constant():
    rng, hot, fastest = np.random.default_rng(1), 1.0, -np.inf
    constant = float(rate_of(SINKHORN).subs(beta, hot))
    field = compile_model(SINKHORN, beta=hot)
    for noise in (1e-3, 0.05, 0.5) * 20:
        first = random_points(3, 2, rng)
        second = first + noise * rng.standard_normal(first.shape)
        second /= np.linalg.norm(second, axis=1, keepdims=True)
        gap, moves = first - second, field(first) - field(second)
        i = int(np.argmax(np.linalg.norm(gap, axis=1)))
        fastest = max(fastest, gap[i] @ moves[i] / (gap[i] @ gap[i]))
    assert 0.2 < fastest < constant


def test_the_velocity_is_the_gradient_with_potentials_held():
    rng, hot = np.random.default_rng(3), 1.5
    points, masses = drawn(rng, 4)
    p, _ = potentials(points, hot, masses)

    def height(x):
        return np.log(np.exp(hot * points @ x + p) @ masses) / hot

    field = compile_model(SINKHORN, beta=hot, masses=masses)(points)
    for x, moves in zip(points, field, strict=True):
        slope = np.array([(height(x + e) - height(x - e)) / 2e-6 for e in 1e-6 * np.eye(3)])
        assert np.allclose(slope - (slope @ x) * x, moves, atol=1e-6)


@pytest.mark.parametrize("row", ["(4.4)", "(4.5)", "(3.7)", "(2.5)", "Lipschitz bound"])
def test_rows(row):
    evidence = check_model(SINKHORN, only=row)[row]
    assert evidence.word == "PROVED" and evidence.sheet.holds


@pytest.mark.slow
def test_rows_that_follow():
    report = check_model(SINKHORN, only=["(6.11)", "Remark 6.5"])
    assert [row.evidence.word for row in report.rows] == ["PROVED"] * 2
    assert "e^(-t h e^(-4 β))" in report["Remark 6.5"].sentence


def test_a_factor_and_a_heat_are_the_models_own():
    model = Model("own", Tangent(X, alpha * Sinkhorn(2 * beta * X * X.T, m) * X),
                  parameters=(alpha, beta))  # fmt: skip
    at = {alpha: 3, beta: Rational(1, 2)}
    assert abs(float(rate_of(model).subs(at)) - 3 * (4 + 2 * np.exp(4))) < 1e-9


def test_uneven_scores_are_left_alone():
    """One potential doesn't make rows and columns of uneven scores stochastic."""
    for row in ("(2.5)", "Remark 6.5", "(3.7)"):
        assert check_model(UNEVEN, only=row)[row].word != "PROVED"


# -- (3.7) as a theorem ---------------------------------------------------------------------------


def claims(own):
    """The claim, and broken ones: 1 % off, half of b, another sign, without b != 0."""
    slope, motion = own.says.then.args
    for factor in (Rational(99, 100), -1, 2):
        yield own.says.given, All(Rel("=", slope.left, factor * slope.right), motion)
    for rate in (2 * beta, -beta):
        cooled = slope.left.args[0].xreplace({beta: rate})
        yield own.says.given, All(Rel("=", ddt(cooled), slope.right), motion)
    for kept in (own.says.given[:-1], own.says.given[1:]):
        yield kept, own.says.then


@pytest.mark.parametrize("model", [SINKHORN, SA])
def test_what_is_concluded_is_claimed(model):
    own = held_slope(Subject.of(model))
    assert own is not None and as_sheet(own.says, own.found, own.names).holds
    for given, then in claims(own):
        assert not as_sheet(Says(given, then), own.found).holds


@pytest.mark.parametrize("model", [USA, REPULSIVE, UNEVEN, *map(catalogue, ("CoD", "causal"))])
def test_other_flows_have_none_or_their_own(model):
    """Weights that aren't shares of all, a time; of V = -I it is the potential of that flow."""
    own = held_slope(Subject.of(model))
    assert own is None or (model is REPULSIVE and own.names[0].term.could_extract_minus_sign())
    if own is not None:
        claim = held_slope(Subject.of(SA)).says
        assert not as_sheet(claim, own.found).holds


def test_premises_of_shares_with_a_potential():
    """Masses that are positive, of every token; weights of rows and columns that add up."""
    subject = Subject.of(SINKHORN)
    mass = apply(rename, read(MASSES, subject), values={TOKEN: OTHER})
    share = Entry(Sinkhorn(beta * X * X.T, m), TOKEN, OTHER)
    found = apply(DIVIDED, mass, share=share)
    assert isinstance(found, Theorem) and found.says.left == share
    uneven = Entry(Sinkhorn(beta * X * Q.T * K * X.T, m), TOKEN, OTHER)
    plain = Entry(RowSoftmax(beta * X * X.T, m), TOKEN, OTHER)
    for wrong in (uneven, plain, beta):
        assert isinstance(apply(DIVIDED, mass, share=wrong), Refusal)
    for fact in (Rel("<=", 0, Item(m, OTHER)), Rel("<", 0, Item(m, OTHER)), Rel("<", 0, beta)):
        assert isinstance(apply(DIVIDED, assume(fact), share=share), Refusal)
    assert isinstance(apply(DIVIDED, share=share), Refusal)


def test_premises_of_across():
    """The vector has length 1 at every time, and it is its own derivative that is multiplied."""
    subject, (x, v) = Subject.of(SINKHORN), (Row(X, TOKEN), Row(X, OTHER))
    unit, slope = read(UNIT, subject), assume(Rel("=", beta, Inner(ddt(x), v)))
    found = apply(ACROSS, unit, slope)
    assert found.says.right == Inner(ddt(x), Projected(x, v))
    wrong = (
        (unit, assume(Rel("=", beta, Inner(x, v)))),
        (unit, assume(Rel("=", beta, Inner(ddt(v), v)))),
        (unit, assume(Rel("=", beta, 2 * Inner(ddt(x), v)))),
        (unit, assume(Rel("<=", beta, Inner(ddt(x), v)))),
        (assume(Rel("=", Norm(x), 1)), slope),
        (assume(Rel("=", Norm(Vec("u")), 1)), slope),
        (slope, unit),
    )
    for facts in wrong:
        assert isinstance(apply(ACROSS, *facts), Refusal)


def test_values_of_the_claim():
    """Both sides at a drawn state and a drawn probe, with potentials that are iterated here."""
    rng, hot = np.random.default_rng(7), 1.3
    points, masses = drawn(rng, 5)
    p, _ = potentials(points, hot, masses)
    probe, (turn,) = random_points(1, 3, rng)[0], random_points(1, 3, rng)
    turn -= turn @ probe * probe

    def height(y):
        return np.log(masses @ np.exp(hot * points @ y + p)) / hot

    own = held_slope(Subject.of(SINKHORN))
    pull = own.says.then.args[0].right.args[1].args[1]
    weights = masses * np.exp(hot * points @ probe + p)
    assert pull.opened(OTHER).args[1] == at(Row(X, OTHER))  # a sum of the tokens that are held
    step = 1e-6
    ends = [probe + s * step * turn for s in (1, -1)]
    slope = (height(ends[0]) - height(ends[1])) / (2 * step)
    assert abs(slope - turn @ (weights @ points) / weights.sum()) < 1e-8


def test_the_potential_that_is_claimed_is_the_one_that_is_climbed() -> None:
    subject = Subject.of(SA)
    for outer, inner in ((1 / beta, 1), (1 / beta, 2), (1, 1), (2 / beta, 1), (-1 / beta, 1)):
        sums = Elementwise(inner * exp(beta * z), SECOND * X.T) * m
        own = held_slope_of(subject, Elementwise(outer * log(z), sums))
        sheet = as_sheet(own.says, own.found, own.names)
        assert sheet.holds is bool(outer == 1 / beta), (outer, inner)
    assert isinstance(held_slope_of(Subject.of(USA), sums), Refusal)


@pytest.mark.parametrize("kernel", [exp(beta * z) / beta, z**2, 1 + z])
def test_convolutions_whose_gradient_the_velocity_is(kernel):
    """A constant more is free; another kernel, half of it, and divided weights aren't theirs."""
    subject = Subject.of(gradient_flow(interaction_energy(kernel), "of a kernel"))

    def said(one, of=subject):
        own = held_convolution(of, Elementwise(one, PROBES * X.T) * m)
        return not isinstance(own, Refusal) and as_sheet(own.says, own.found).holds

    assert said(kernel) and said(kernel + 3)
    assert not any(said(one) for one in (kernel / 2, -kernel, kernel + z, kernel**2))
    assert not said(kernel, Subject.of(SA))
