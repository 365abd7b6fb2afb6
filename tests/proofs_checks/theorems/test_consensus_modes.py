"""Rates across consensus beside lengths, with those of differences of the compiled model."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from sympy import Integer, Symbol, cos, exp

from numerics.compile import compile_model
from proofs_checks import Verdict, check_model
from proofs_checks.propositions import All, Rel, Subject
from proofs_checks.theorems import (
    Refusal,
    Theorem,
    apply,
    as_sheet,
    assume,
    attracting_consensus,
    read,
    stable_consensus,
)
from proofs_checks.theorems.consensus_modes import ACROSS, ATTRACTION, HELD, MODES
from proofs_checks.theorems.logic import part, together
from theory.atoms import Tangent
from theory.models import PERI_LN, PRE_LN, REPULSIVE, SA, USA, catalogue
from theory.symbols import X, beta, r, t

ROW = "consensus spectrum"


@pytest.mark.parametrize("name", ["pre-LN", "LNS", "CoD", "sink"])
def test_what_is_concluded_is_claimed(name):
    own = stable_consensus(Subject.of(catalogue(name)))
    assert own is not None and as_sheet(own.says, own.found, own.names).holds
    assert own.says.given == ()


def test_every_premise_is_needed():
    """Dropped, swapped, weakened, of another model, or not all of the modes."""
    own = stable_consensus(Subject.of(PRE_LN)).found.premises[-1]
    assert own.by is ACROSS
    modes, whole, sign = own.premises
    other = read(MODES, Subject.of(catalogue("LNS")))
    first, second = (apply(part, modes, place=place) for place in (0, 1))
    assert isinstance(apply(ACROSS, modes, whole, sign), Theorem)
    less = assume(Rel("<=", sign.says.left, 0))
    more = assume(Rel("=", whole.says.left, whole.says.right + 1))
    mixed = apply(together, first, apply(part, other, place=1))
    for facts in (
        (modes, whole),
        (modes, sign),
        (whole, sign),
        (whole, modes, sign),
        (modes, sign, whole),
        (modes, whole, less),
        (modes, whole, sign, sign),
        (modes, more, sign),
        (other, whole, sign),
        (mixed, whole, sign),
        (first, whole, sign),
        (second, whole, sign),
        (apply(together, second), whole, sign),
        (apply(together, modes, modes), whole, sign),
    ):
        assert isinstance(apply(ACROSS, *facts), Refusal)
    assert isinstance(modes.says, All)


def test_every_premise_of_an_attracting_set_is_needed():
    """A rate of 0, another rate, a bound that is too weak; beside lengths, and at a clock."""
    own = attracting_consensus(Subject.of(USA), exp(beta))
    found = own.found
    assert found.by is ATTRACTION and as_sheet(own.says, found).holds and not found.given
    modes, whole, sign, below = found.premises
    wrong = (
        ((modes, whole, sign), exp(beta)),
        ((modes, sign, below), exp(beta)),
        ((whole, modes, sign, below), exp(beta)),
        ((modes, whole, assume(Rel("<=", 0, exp(beta))), below), exp(beta)),
        ((modes, whole, sign, assume(Rel("<=", below.says.left, 0))), exp(beta)),
        ((modes, whole, sign, below), 2 * exp(beta)),
        ((modes, whole, sign, below, below), exp(beta)),
    )
    for facts, rate in wrong:
        assert isinstance(apply(ATTRACTION, *facts, rate=rate), Refusal)
    others = (catalogue("pre-LN"), SA.subs({beta: t}), REPULSIVE)
    for model in others:
        refused = attracting_consensus(Subject.of(model), Integer(1)).found
        assert isinstance(refused, Refusal)
    assert isinstance(attracting_consensus(Subject.of(SA), Integer(2)).found, Refusal)
    relu = Subject.of(catalogue("ReLU"))
    (rate,) = {-one.arguments[1] for one in read(MODES, relu).says.args} - {0}
    assert attracting_consensus(relu, rate).found.given == {Rel("<", 0, beta)}


def test_a_parameter_of_the_name_of_the_held_time():
    own = Tangent(X, HELD * SA.velocity.field)
    assert stable_consensus(Subject.of(replace(SA, velocity=own, parameters=(beta, HELD)))) is None


@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("pre-LN", "eigenvalue -1/r is counted (d - 1) (n - 1) times"),
        ("peri-LN", "eigenvalue -1/r is counted (d - 1) (n - 1) times"),
        ("mix-LN", "(-1 if t_0 < τ, else -1/r) is counted (d - 1) (n - 1) times"),
    ],
)
def test_rates_across_consensus_are_negative(name, said):
    evidence = check_model(catalogue(name), only=ROW)[ROW]
    assert evidence.verdict is Verdict.PROVED and said in evidence.sentence
    assert evidence.scope["lengths"] == "equal" and evidence.sheet.typed


@pytest.mark.parametrize("model", [PRE_LN, PERI_LN], ids=lambda model: model.name)
def test_they_are_those_of_differences(model):
    field, lengths, step = compile_model(model, beta=1.5), np.full((3, 1), 2.0), 1e-6

    def velocity(tangent):
        points = np.stack([np.ones(3), tangent], axis=1)
        points /= np.linalg.norm(points, axis=1, keepdims=True)
        return field.unchecked({"X": points, "r": lengths})["X"][:, 1]

    moves = [velocity(step * row) / step for row in np.eye(3)]
    assert np.allclose(np.sort(np.linalg.eigvals(np.array(moves).T).real), [-0.5, -0.5, 0])


@pytest.mark.parametrize("factor", [-1, Symbol("c", real=True)])
def test_what_repels_or_may_is_not_stable(factor):
    own = {X: factor * PRE_LN.velocities[X], r: PRE_LN.velocities[r]}
    more = (factor,) if isinstance(factor, Symbol) else ()
    twin = replace(PRE_LN, name="twin", velocity=own, parameters=(beta, *more))
    assert check_model(twin, only=ROW)[ROW].verdict is not Verdict.PROVED


def test_other_blocks_are_left_as_they_are():
    assert check_model(catalogue("cross-attention"), only=ROW)[ROW].verdict is not Verdict.PROVED
    found = check_model(catalogue("moving masses"), only=ROW)[ROW]
    assert found.verdict is Verdict.PROVED  # x_i' = 0 there whatever the masses are
    assert found.detail.startswith("of the masses at each time: ")


@pytest.mark.parametrize(("name", "rate"), [
    ("CoD", "-1/√(t_0 + 1) is"), ("LNS", "-1/(r √(t_0 + 1)) is"),
    ("LNS with scores", "-1/(r √(t_0 + 1)) is"),
])  # fmt: skip
def test_clocks_are_in_the_rates_of_each_time(name, rate):
    """u_i' = s(t) (ū - u_i)/r near consensus, whatever the scores do."""
    evidence = check_model(catalogue(name), only="consensus spectrum")["consensus spectrum"]
    assert evidence.word == "PROVED" and rate in evidence.sentence


@pytest.mark.parametrize("pace", [t - 1, cos(t), -exp(-t)])
def test_a_pace_of_either_sign_is_not_stable_at_each_time(pace):
    model = replace(SA, velocity=Tangent(X, pace * SA.velocity.field), energy=None, metric=None)
    evidence = check_model(model, only="consensus spectrum")["consensus spectrum"]
    assert evidence.word != "PROVED"
