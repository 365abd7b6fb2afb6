"""Propositions keep what was said, are equal up to names of what is bound, and refuse text."""

from __future__ import annotations

import pickle
import sys
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from sympy import oo

from proofs_checks.propositions import (
    All,
    Bound,
    Definition,
    Implies,
    Is,
    Not,
    Rel,
    Subject,
    Tends,
    Words,
    every,
    free_of,
    putting,
    some,
    timed,
    wordy,
    written,
)
from proofs_checks.theorems import SOLVES
from theory.models import REPULSIVE, SA, USA
from theory.symbols import X, beta, t
from theory.terms import Index, Inner, Row, Vec, at

i, j = map(Index, "ij")
x, w = Row(X, i), Vec("w")
WARM = Rel("<=", 0, beta)
CALM = Definition("calm", "{0} is calm", (Subject,))
SAME_WORDS = Definition("calm", "{0} is calm", (Subject,))


@pytest.mark.parametrize(
    "wrong",
    [
        lambda: Rel(">", 1, 0),
        lambda: Rel("=", x, 1),
        lambda: Rel("<", x, w),
        lambda: Rel("=", "x", "y"),
        lambda: Rel("<=", 0.5, beta),
        lambda: Rel("=", x, i),
        lambda: All("moon - cheese > 0"),
        lambda: Not(beta),
        lambda: Implies(WARM, True),
        lambda: Is("calm", Subject.of(SA)),
        lambda: Is(CALM, SA),
        lambda: Is(CALM),
        lambda: Is(CALM, x),
        lambda: every(t, WARM),
        lambda: Bound(WARM, beta, "for most"),
        lambda: Tends(x, 1, oo),
        lambda: Subject.of("SA"),
    ],
)
def test_what_is_no_proposition_is_refused(wrong: Callable[[], Any]) -> None:
    with pytest.raises((TypeError, AttributeError)):
        wrong()


def test_nothing_is_evaluated() -> None:
    assert Rel("=", 1, 1) != Rel("=", 0, 0) and Rel("<", 2, 1).op == "<"
    assert Not(Not(WARM)) != WARM and All(WARM) != WARM


def test_names_of_what_is_bound_do_not_matter() -> None:
    assert every(i, Rel("=", x, w)) == every(j, Rel("=", Row(X, j), w))
    assert (
        some(w, Rel("=", x, w)) == some(Vec("z"), Rel("=", x, Vec("z"))) != every(w, Rel("=", x, w))
    )
    assert putting(some(w, Rel("=", x, w)), {w: Vec("u")}) == some(w, Rel("=", x, w))


def test_definitions_with_the_same_words_differ() -> None:
    subject = Subject.of(SA)
    assert Is(CALM, subject) == Is(CALM, subject) != Is(SAME_WORDS, subject)


def test_a_subject_is_the_model_and_not_its_name() -> None:
    subject = Subject.of(SA)
    assert subject == Subject.of(replace(SA, name="mine"))
    assert subject != Subject.of(replace(REPULSIVE, name="SA")) and subject != Subject.of(USA)
    assert subject != Subject.of(SA, {beta: 0}) and Subject.of(SA, {beta: 0}) != Subject.of(
        SA, {beta: 1}
    )
    assert putting(Is(CALM, subject), {beta: 0 * beta}) == Is(CALM, Subject.of(SA, {beta: 0}))


def test_what_is_said_at_a_time() -> None:
    here = Rel("<=", 0, Inner(x, w))
    assert timed(here) and t in free_of(here)
    for still in (WARM, Rel("<=", 0, at(Inner(x, w))), Is(CALM, Subject.of(SA)), Tends(x, w, oo)):
        assert not timed(still) and t not in free_of(still)
    assert wordy(All(WARM, Words("as its label says"))) and not wordy(here)


def test_a_proposition_travels_between_processes_and_its_definition_is_the_same_object(monkeypatch):
    monkeypatch.setitem(sys.modules, "no module", None)  # as imports that failed leave there
    said = Implies(Is(SOLVES, Subject.of(SA, {beta: 2})), Rel("<", beta, 3))
    copied = pickle.loads(pickle.dumps(said))
    assert copied == said and written(copied) == written(said)
    assert copied.args[0].args[0].definition is SOLVES
    with pytest.raises(TypeError, match="that a module holds but got definition=mine"):
        pickle.dumps(Is(Definition("mine", "mine {0}", (Subject,)), Subject.of(SA)))
