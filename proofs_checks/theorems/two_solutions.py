"""What is read of two solutions X and Y of a model whose tokens alone move, on the sphere."""

from __future__ import annotations

from proofs_checks.propositions import Is, Proposition, Rel, Subject
from proofs_checks.theorems.chords import PAIR
from proofs_checks.theorems.kernel import NotConcluded, Reader
from proofs_checks.theorems.readers import TOKEN, Facts, flows
from theory.symbols import X, m
from theory.terms import Item, at


def _of_two(subject: Subject, says: Proposition) -> Facts:
    flows(subject)
    if set(subject.velocities) != {X} or subject.spaces[X] != "sphere":
        raise NotConcluded("more than tokens on a sphere moves")
    return frozenset({Is(PAIR, subject)}), says, "the tokens alone move, on the sphere"


def _still_of_two(subject: Subject) -> Facts:
    return _of_two(subject, Rel("=", Item(m, TOKEN), at(Item(m, TOKEN))))


def _masses_of_two(subject: Subject) -> Facts:
    return _of_two(subject, Rel("<", 0, Item(m, TOKEN)))


PAIR_STILL = Reader("masses of two solutions", _still_of_two)
PAIR_MASSES = Reader("positive masses of two solutions", _masses_of_two)
