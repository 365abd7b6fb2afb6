"""Few tokens on the circle: other numbers, heats and premises are refused."""

from __future__ import annotations

from functools import cache
from typing import Any

import pytest
from sympy import Integer, Rational, S

from proofs_checks.certificates import check
from proofs_checks.propositions import Is, Rel, Subject
from proofs_checks.theorems import (
    Conclusion,
    Refusal,
    Theorem,
    apply,
    assume,
    certificate_of,
    settle,
)
from proofs_checks.theorems.saddles import CIRCLE
from proofs_checks.theorems.starts import states_of
from proofs_checks.theorems.trees_of_boxes import (
    ALIKE,
    FEW,
    FEW_SADDLES,
    TREES_OF_BOXES,
    few_on_circle,
)
from theory.models import REPULSIVE, USA
from theory.symbols import beta, d, n

OWN = Subject.of(USA)


@cache
def premises() -> tuple[Any, ...]:
    states = states_of(OWN)
    assert states is not None
    leaves = (settle(TREES_OF_BOXES, Is(FEW, Integer(k), S.Zero)) for k in (3, 4))
    given = Rel("<=", 0, beta), ALIKE, CIRCLE, Rel("<=", 3, n), Rel("<=", n, 4)
    return (*states.form, states.mass, *map(assume, given), *leaves)


def test_certificates_are_behind_it() -> None:
    own = few_on_circle(OWN, (3, 4), Integer(0))
    assert isinstance(own, Conclusion) and isinstance(own.found, Theorem)
    found = certificate_of(own.found.premises[0])
    assert found is not None and found.kind == "strict-saddles-circle" and check(found).ok


@pytest.mark.parametrize(
    ("count", "low"),
    [(3, -Rational(7, 10)), (2, S.Zero), (Rational(7, 2), S.Zero), (3, beta)],
)
def test_other_trees_are_refused(count: Any, low: Any) -> None:
    assert isinstance(settle(TREES_OF_BOXES, Is(FEW, S(count), low)), Refusal)
    assert isinstance(settle(TREES_OF_BOXES, Rel("<", 0, 1)), Refusal)


@pytest.mark.parametrize("counts", [(3, 5), (4, 3), (3, 3)])
def test_each_number_of_tokens_is_asked(counts: tuple[int, ...]) -> None:
    own = few_on_circle(OWN, counts, Integer(0))
    assert isinstance(own, Conclusion) and isinstance(own.found, Refusal)


def test_other_energies_are_refused() -> None:
    own = few_on_circle(Subject.of(REPULSIVE), (3, 4), Integer(0))
    assert isinstance(own, Refusal) or isinstance(own.found, Refusal)


def test_premises() -> None:
    """Each is needed: equal masses, the circle, the sizes, the heat, a tree for each size."""
    facts = premises()
    found = apply(FEW_SADDLES, *facts)
    assert isinstance(found, Theorem)
    assert {ALIKE, CIRCLE, Rel("<=", 3, n), Rel("<=", n, 4)} <= found.given
    others = {
        4: Rel("<=", -1, beta),
        5: Rel("=", n, 3),
        6: Rel("<=", 3, d),
        7: Rel("<=", 2, n),
        8: Rel("<=", n, 5),
        9: Is(FEW, Integer(4), S.Zero),
        10: Is(FEW, Integer(4), S.One),
    }
    for place, other in others.items():
        changed = (*facts[:place], assume(other), *facts[place + 1 :])
        assert isinstance(apply(FEW_SADDLES, *changed), Refusal), other
    for fewer in (facts[:-1], (*facts, facts[-1]), (*facts[:-2], facts[-1], facts[-2])):
        assert isinstance(apply(FEW_SADDLES, *fewer), Refusal)
