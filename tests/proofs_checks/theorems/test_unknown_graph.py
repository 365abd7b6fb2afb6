"""A graph that isn't given: each premise is needed, and what is said of it is looked at."""

from __future__ import annotations

from dataclasses import replace

import pytest

from proofs_checks.audit import doubted
from proofs_checks.propositions import Is, Subject
from proofs_checks.theorems import (
    Refusal,
    Theorem,
    apply,
    assume,
    common_sight,
    open_graph,
    pull_of,
    read,
)
from proofs_checks.theorems.readers import MOTION
from proofs_checks.theorems.sight import LED, ROOTED_SIGHT
from proofs_checks.theorems.unknown_graph import KEPT_APART, TWO_CLASSES
from theory.atoms import Tangent
from theory.models import CAUSAL, SA, catalogue
from theory.symbols import X

GRAPH = catalogue("graph")
SUBJECT = Subject.of(GRAPH)


def test_both_halves_are_said_under_no_graph():
    own = open_graph(SUBJECT)
    assert own is not None and own.found.says.args[1] == Is(KEPT_APART, SUBJECT)
    assert Is(LED, SUBJECT) not in own.found.given
    assert doubted(own.found) is None
    assert isinstance(common_sight(SUBJECT), Refusal)  # nothing is assumed of it elsewhere


@pytest.mark.parametrize("model", [SA, CAUSAL, catalogue("window")], ids=str)
def test_graphs_that_are_known_have_no_such_theorem(model):
    assert open_graph(Subject.of(model)) is None


def test_tokens_that_are_pushed_have_none():
    pushed = replace(GRAPH, name="pushed", velocity=Tangent(X, -GRAPH.velocity.field))
    assert open_graph(Subject.of(pushed)) is None


def test_every_premise_is_needed():
    pull = pull_of(SUBJECT)
    facts, weight = (pull.motion, pull.positive, pull.bounded(pull.weight)), pull.weight
    assert isinstance(apply(TWO_CLASSES, *facts, weight=weight), Theorem)
    for place in range(3):
        for other in (facts[place - 1], assume(Is(LED, SUBJECT))):
            twin = [*facts[:place], other, *facts[place + 1 :]]
            assert isinstance(apply(TWO_CLASSES, *twin, weight=weight), Refusal)
    assert isinstance(apply(TWO_CLASSES, *facts, weight=2 * weight), Refusal)
    known = pull_of(Subject.of(CAUSAL))
    seen = read(MOTION, known.subject), known.positive, known.bounded(known.weight)
    assert isinstance(apply(TWO_CLASSES, *seen, weight=known.weight), Refusal)


def test_what_is_said_of_another_graph_says_nothing_of_this():
    rule = _rooted(open_graph(SUBJECT).found)
    *facts, led = rule.premises
    assert isinstance(apply(ROOTED_SIGHT, *facts, led, **rule.parameters), Theorem)
    for one in ((), (assume(Is(LED, Subject.of(CAUSAL))),), (assume(Is(KEPT_APART, SUBJECT)),)):
        assert isinstance(apply(ROOTED_SIGHT, *facts, *one, **rule.parameters), Refusal)


def _rooted(theorem):
    """Return the step of rooted sight that a theorem rests on."""
    if theorem.by is ROOTED_SIGHT:
        return theorem
    found = (_rooted(one) for one in theorem.premises)
    return next((one for one in found if one is not None), None)
