"""(6.11) of independent tokens: the pole of orthonormal ones, another solution, and both bounds."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from sympy import Integer, Rational, exp

from proofs_checks.audit import SECOND
from proofs_checks.propositions import Is, Rel, Subject
from proofs_checks.theorems import (
    PAIR,
    Refusal,
    Theorem,
    apply,
    as_sheet,
    assume,
    common_sight,
    enveloped,
    pathwise,
    pull_of,
)
from proofs_checks.theorems.envelopes import EVEN, EVEN_POLE, OTHER_ONE
from proofs_checks.theorems.independent import POLE, pole
from proofs_checks.theorems.pulls import WARM, H
from proofs_checks.theorems.readers import solving
from theory.models import PRE_LN, SA, USA
from theory.predictions import equiangular_rate
from theory.symbols import G, X, beta, t

TAIL = 2 * (H**-2 - 1) * exp(-2 * H * exp(-2 * beta) * t)
OWN: tuple[Any, ...] = Integer(2), 2 * (1 + beta), TAIL, equiangular_rate(model="SA")


def said(*asked: Any) -> Any:
    one = Subject.of(SA)
    return enveloped(pull_of(one), common_sight(one), *asked)


def test_the_envelope_is_concluded_and_a_larger_one_too() -> None:
    own = said(*OWN)
    assert as_sheet(own.says, own.found, own.names).holds
    assert isinstance(said(Integer(3), *OWN[1:]).found, Theorem)
    assert isinstance(said(OWN[0], 3 + 2 * beta, *OWN[2:]).found, Theorem)


@pytest.mark.parametrize(
    "changed",
    [
        (Rational(19, 10), *OWN[1:]),
        (OWN[0], 2 + beta, *OWN[2:]),
        (*OWN[:2], TAIL / 2, OWN[3]),
        (*OWN[:2], TAIL * exp(-t), OWN[3]),
        (*OWN[:3], equiangular_rate(model="USA")),
    ],
)
def test_nothing_smaller_is_and_no_other_angle(changed: tuple[Any, ...]) -> None:
    own = said(*changed)
    assert isinstance(own, Refusal) or isinstance(own.found, Refusal)


def test_of_each_start_the_first_bound_needs_no_independent_tokens() -> None:
    one = Subject.of(SA)
    asked = *OWN[:2], OWN[3]
    own = pathwise(pull_of(one), common_sight(one), *asked)
    assert as_sheet(own.says, own.found, own.names).holds
    assert not {*pole(G**-1), *EVEN_POLE} & {*own.says.given}
    for place, wrong in enumerate((Rational(19, 10), 2 + beta, equiangular_rate(model="USA"))):
        changed = [*asked]
        changed[place] = wrong
        own = pathwise(pull_of(one), common_sight(one), *changed)
        assert isinstance(own, Refusal) or isinstance(own.found, Refusal)


def test_the_pole_of_orthonormal_tokens_by_numbers() -> None:
    y = np.linalg.qr(np.random.default_rng(2).standard_normal((6, 4)))[0].T
    axis = y.sum(axis=0) / 2
    assert np.linalg.norm(axis) == pytest.approx(1)
    assert y @ axis == pytest.approx(1 / 2)


def test_a_mutated_premise_is_refused() -> None:
    facts = [assume(one) for one in EVEN_POLE]
    assert isinstance(apply(EVEN, *facts), Theorem)
    for place in range(3):
        others = [*facts[:place], assume(WARM), *facts[place + 1 :]]
        assert isinstance(apply(EVEN, *others), Refusal)
    assert isinstance(apply(EVEN, *facts[:2]), Refusal)


def test_another_solution_has_what_is_said_of_every_solution() -> None:
    one = Subject.of(SA)
    heights = pull_of(one).heights
    found = apply(OTHER_ONE, heights, subject=one)
    assert isinstance(found, Theorem) and isinstance(heights, Theorem)
    assert found.says == heights.says.xreplace({X: SECOND})
    assert Is(PAIR, one) in found.given and solving(one) not in found.given
    assert not any(given.has(X) for given in found.given - {Is(PAIR, one)})
    for wrong in (Subject.of(USA), Subject.of(PRE_LN)):
        assert isinstance(apply(OTHER_ONE, heights, subject=wrong), Refusal)
    assert isinstance(apply(OTHER_ONE, found, subject=one), Refusal)
    assert isinstance(apply(OTHER_ONE, assume(WARM), subject=one), Refusal)
    high = apply(POLE, *map(assume, pole(G**-1)), inverse=G**-1)
    assert isinstance(apply(OTHER_ONE, high, subject=one), Refusal)
    assert isinstance(apply(OTHER_ONE, assume(Rel("=", 1, 1)), subject=one), Refusal)
