"""Small errors in a user's model, the sentence of each row kept fixed: no row may go on saying it.

A row of ``check_model`` derives a prediction for each model. If it says the same words of a mutated
model, they must be true of the one as of the other: what was derived for the first is asked of the
second.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from proofs_checks.claim import Budget, Evidence, Verdict
from proofs_checks.mutations.operations import changes_of
from proofs_checks.proof import Flow, Statement, judge
from theory.models import Model

_HOLDS = (Verdict.PROVED, Verdict.CERTIFIED, Verdict.SUPPORTED)


@dataclass(frozen=True)
class SameWords:
    """A row that says the same of a model and of a mutation of it.

    Attributes
    ----------
    row, change : str
        The row, and what was changed, such as ``"SA.velocity: sign"``.
    sentence : str
        What the row says of both.
    evidence : Evidence
        What is found of the mutated model at the prediction of the first: REFUTED is a fault.
    """

    row: str
    change: str
    sentence: str
    evidence: Evidence

    @property
    def false(self) -> bool:
        """Whether the words, as they were meant of the first model, are refuted of the second."""
        return self.evidence.verdict is Verdict.REFUTED


def mutated_models(model: Model) -> Iterator[tuple[str, Model]]:
    """Single errors of a model's velocity, and of its energy where it states one.

    Examples
    --------
    >>> from theory import SA
    >>> [change for change, _ in mutated_models(SA)][:3]
    ['SA.velocity: sign', 'SA.velocity: × β', 'SA.velocity: × n']
    """
    for change, broken in changes_of(model, model.energy is not None, frozenset()):
        if broken != model:
            yield change, broken


def same_words(
    statement: Statement[Any], model: Model, mutated: Model, change: str
) -> SameWords | None:
    """Ask a row of both models; None unless it holds of both in the same words."""
    first, second = Flow.of(model), Flow.of(mutated)
    evidence = statement.ask(first)
    if evidence.verdict not in _HOLDS:
        return None
    other = statement.ask(second)
    said = evidence.sentence or statement.sentence
    if other.verdict not in _HOLDS or said != (other.sentence or statement.sentence):
        return None
    budget = Budget(20, np.random.default_rng(0))
    found = judge(statement, second, evidence.prediction, budget, tried=False)
    return SameWords(statement.name, change, said, found)


def mutate_model(
    model: Model, statements: tuple[Statement[Any], ...] | None = None
) -> tuple[SameWords, ...]:
    """Ask each row of a model and of each mutation of it.

    Parameters
    ----------
    model : Model
    statements : tuple of Statement, optional
        All rows of ``check_model`` by default.

    Returns
    -------
    tuple of SameWords
        What rows say in the same words of the model and of a mutation, and whether they may.
    """
    if statements is None:
        from proofs_checks.discovery import questions

        statements = tuple(q for q in questions().values() if isinstance(q, Statement))
    return tuple(
        found
        for change, mutated in mutated_models(model)
        for statement in statements
        if (found := same_words(statement, model, mutated, change)) is not None
    )
