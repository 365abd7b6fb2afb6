"""(3.1), (3.4) as theorems: what is claimed, of which model, and every premise."""

from __future__ import annotations

import numpy as np
import pytest
from sympy import DiagMatrix, MatrixSymbol, OneMatrix, exp

from numerics.compile import compile_model
from numerics.sphere import random_points
from proofs_checks import check_model
from proofs_checks.propositions import Is, Rel, Subject, written
from proofs_checks.theorems import (
    Refusal,
    Theorem,
    along_field,
    apply,
    as_sheet,
    assume,
    measure_field,
    read,
    weak_solution,
)
from proofs_checks.theorems.measure_fields import BALANCED, FIELD, LIGHT, READING, READS, WEAKLY
from proofs_checks.theorems.readers import CONSTANT_MASSES, LIVE_STILL, LIVE_UNIT, TOKEN, UNIT
from proofs_checks.theorems.sheets import Says
from theory.atoms import Elementwise, RowSoftmax, Sinkhorn, Tangent
from theory.blocks import Block
from theory.models import SA, SINKHORN, USA, Model, catalogue
from theory.symbols import K, Q, X, beta, d, m, n, z
from theory.terms import Item, Norm, Row, at

UNEVEN = Model(
    "own", Tangent(X, Sinkhorn(beta * X * Q.T * K * X.T, m) * X), parameters=(beta, Q, K)
)


@pytest.mark.parametrize("name", ["SA", "pre-LN", "nGPT", "positive features", "Sinkhorn"])
def test_what_is_concluded_is_claimed(name):
    """And nothing of another model, of another kind, or without what is given."""
    subject, other = Subject.of(catalogue(name)), Subject.of(catalogue("CoD"))
    for claim in (measure_field, weak_solution):
        own, foreign = claim(subject), claim(other)
        assert as_sheet(own.says, own.found, own.names).holds
        assert not as_sheet(Says(own.says.given, foreign.says.then), own.found).holds
        assert not as_sheet(Says((), own.says.then), own.found).holds
    strong = weak_solution(subject).says.then
    assert not as_sheet(Says(own.says.given, strong), measure_field(subject).found).holds


def test_how_it_is_said():
    said = written(measure_field(Subject.of(catalogue("pre-LN"))).says.then)
    assert said.startswith("tokens of pre-LN, and points without mass") and "on the sphere" in said


def test_potentials_of_uneven_scores_arent_known_to_be_one():
    """The potential that is cited is that of symmetric scores."""
    assert measure_field(Subject.of(UNEVEN)) is None


@pytest.mark.slow
def test_rows_of_uneven_scores():
    for row in check_model(UNEVEN, only=["(3.1)", "(3.4)"]).rows:
        assert row.evidence.word != "PROVED"


def test_premises_of_a_field():
    """Read, of the same model, of all tokens, and with potentials cited where they are read."""
    own, other = Subject.of(SA), Subject.of(catalogue("CoD"))
    facts = read(READING, own), read(LIVE_UNIT, own)
    for rule in (LIGHT, BALANCED):
        assert isinstance(apply(rule, *facts), Theorem)
        for place, fact in enumerate(facts):
            assert isinstance(apply(rule, fact), Refusal)
            assert isinstance(apply(rule, facts[1 - place], fact), Refusal) or place
        for wrong in (
            assume(Is(READS, own)),
            read(READING, other),
            assume(Is(FIELD, own)),
            assume(Rel("=", Norm(Row(X, TOKEN)), 1)),
        ):
            assert isinstance(apply(rule, wrong, facts[1]), Refusal)
        for wrong in (read(UNIT, own), read(LIVE_UNIT, other), assume(facts[1].says)):
            assert isinstance(apply(rule, facts[0], wrong), Refusal)
    plan, uneven = Subject.of(SINKHORN), Subject.of(UNEVEN)
    assert isinstance(apply(LIGHT, read(READING, plan), read(LIVE_UNIT, plan)), Refusal)
    assert isinstance(apply(BALANCED, read(READING, uneven), read(LIVE_UNIT, uneven)), Refusal)


def test_premises_of_the_weak_form():
    """A field of that model, and masses of it that stay."""
    own, moving = Subject.of(SA), Subject.of(catalogue("moving masses"))
    field, still = measure_field(own).found, read(LIVE_STILL, own)
    assert isinstance(apply(WEAKLY, field, still), Theorem)
    stays = Rel("=", Item(m, TOKEN), at(Item(m, TOKEN)))
    for wrong in (assume(stays), read(CONSTANT_MASSES, own), read(LIVE_UNIT, own), field):
        assert isinstance(apply(WEAKLY, field, wrong), Refusal)
    assert isinstance(apply(WEAKLY, read(READING, own), still), Refusal)
    assert isinstance(apply(WEAKLY, still, field), Refusal)
    assert measure_field(moving) is not None and isinstance(read(LIVE_STILL, moving), Refusal)
    assert weak_solution(moving) is None


@pytest.mark.parametrize("name", ["sink", "softmax-off-by-one", "summed sigmoid", "causal"])
def test_what_counts_tokens_or_knows_places_is_not_read(name):
    assert isinstance(read(READING, Subject.of(catalogue(name))), Refusal)


# -- other species --------------------------------------------------------------------------------


CODER = catalogue("encoder-decoder")
Y = CODER.blocks[1].symbol
SIZE = Y.shape[0]
WEIGHED = RowSoftmax(beta * X * Y.T, OneMatrix(SIZE, 1)) * Y
OWN = RowSoftmax(beta * Y * Y.T, OneMatrix(SIZE, 1)) * Y


def pair(of_x, of_y=OWN, other=Y):
    rates = {X: Tangent(X, of_x), other: Tangent(other, of_y)}
    return Model("own", rates, parameters=(beta,), blocks=(Block(X), Block(other)))


@pytest.mark.parametrize("name", ["encoder-decoder", "cross-attention"])
def test_species_move_along_a_field_of_their_measures(name):
    subject = Subject.of(catalogue(name))
    for own in (measure_field(subject), weak_solution(subject)):
        assert as_sheet(own.says, own.found, own.names).holds


TWIN = MatrixSymbol("Z", n, d)
HOSTILE = [
    pair(Elementwise(exp(beta * z), X * Y.T) * Y),  # a sum over keys counts them
    pair(SIZE * WEIGHED),
    pair(Elementwise(z / SIZE, X * X.T) * DiagMatrix(m) * X + WEIGHED),
    pair(WEIGHED, RowSoftmax(beta * Y * Y.T, OneMatrix(SIZE, 1) / SIZE) * OWN),
    pair(WEIGHED, RowSoftmax(beta * Y * X.T, OneMatrix(n, 1)) * X),  # tokens counted
    pair(RowSoftmax(beta * X * X.T, m) * TWIN, TWIN, TWIN),  # rows that are paired
]


@pytest.mark.parametrize("model", HOSTILE)
def test_what_counts_rows_or_pairs_them_has_none(model):
    assert measure_field(Subject.of(model)) is None


@pytest.mark.parametrize("field", [USA.velocity, -SA.velocity, 2 * SA.velocity, SA.velocity.field])
def test_the_field_that_is_claimed_is_the_velocity(field):
    subject = Subject.of(SA)
    own = along_field(weak_solution(subject), subject, SA.velocity)
    assert as_sheet(own.says, own.found, own.names).holds
    other = along_field(weak_solution(subject), subject, field)
    assert isinstance(other, Refusal) or not as_sheet(other.says, other.found, other.names).holds


def test_rows_of_both_species_move_as_their_parts_do():
    """A token split in two, and keys each twice: the same measures, the same velocities."""
    rng = np.random.default_rng(11)
    x, y = random_points(3, 3, rng), random_points(2, 3, rng)
    twice, half = [0, 0, 1, 2], np.array([1 / 24, 3 / 24, 2 / 6, 3 / 6])
    run = compile_model(CODER, beta=1.5, masses=np.array([1, 2, 3]) / 6)
    parts = compile_model(CODER, beta=1.5, masses=half)
    first = run.unchecked({"X": x, "Y": y})
    second = parts.unchecked({"X": x[twice], "Y": np.vstack([y, y])})
    assert second["X"] == pytest.approx(first["X"][twice])
    assert second["Y"] == pytest.approx(np.vstack([first["Y"]] * 2))
