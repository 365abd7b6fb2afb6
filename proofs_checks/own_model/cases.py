"""Cases for a user's model: systems of tokens on a lattice, made of few small integers."""

from __future__ import annotations

from typing import Any

import numpy as np

from numerics import sphere
from proofs_checks.own_model.search import Choices, Make
from proofs_checks.own_model.subject import Case, Subject
from proofs_checks.proof import lattice_vectors


def drawn_cases(subject: Subject, least: int = 1) -> Make:
    """Make systems of the subject; an implementation sees equal masses only."""
    least, most = (subject.tokens, subject.tokens) if subject.tokens else (least, 5)

    def make(choices: Choices) -> Case:
        table = lattice_vectors(subject.dimensions[choices.below(len(subject.dimensions))])
        size = least + choices.below(most - least + 1)
        chosen = table[[choices.below(len(table)) for _ in range(size)]]
        weights = None
        if subject.implementation is None and choices.below(2):
            weights = np.array([1 + choices.below(40) for _ in range(size)]) / 10
        return Case(sphere.project(chosen), weights)

    return make


def cases_with_vector(cases: Make, label: str) -> Make:
    """Make pairs of a case and a named lattice vector."""

    def make(choices: Choices) -> Any:
        case = cases(choices)
        table = lattice_vectors(case.points.shape[1])
        return case, (label, table[choices.below(len(table))])

    return make


def cases_with_order(cases: Make) -> Make:
    """Make pairs of a case and a named order of its tokens."""

    def make(choices: Choices) -> Any:
        case = cases(choices)
        left = list(range(len(case.points)))
        order = [left.pop(choices.below(len(left))) for _ in range(len(left))]
        return case, ("order", order)

    return make
