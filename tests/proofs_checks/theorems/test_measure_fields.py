"""(3.1), (3.4) as theorems: what is claimed, of which model, and every premise."""

from __future__ import annotations

import pytest

from proofs_checks import check_model
from proofs_checks.propositions import Is, Rel, Subject, written
from proofs_checks.theorems import (
    Refusal,
    Theorem,
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
from theory.atoms import Sinkhorn, Tangent
from theory.models import SA, SINKHORN, Model, catalogue
from theory.symbols import K, Q, X, beta, m
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
