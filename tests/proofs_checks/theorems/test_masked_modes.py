"""The differential at one point under a mask: each premise is needed."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from sympy import S

from proofs_checks.literature.karagodin_2411_04990.consensus_spectrum import MODELS
from proofs_checks.proof import Flow
from proofs_checks.propositions import All, Is, Rel, Subject
from proofs_checks.theorems import (
    Refusal,
    Theorem,
    apply,
    assume,
    mask_modes,
    replayed,
    settle,
    subject_in,
)
from proofs_checks.theorems.consensus_runs import Z
from proofs_checks.theorems.engines import SIGNS
from proofs_checks.theorems.masked_modes import (
    CHARACTERISTIC,
    JORDAN,
    LINEAR,
    LINEARISED,
    MARK,
    ONE_BLOCK,
    POLYNOMIAL,
    differential,
)
from proofs_checks.theorems.readers import OTHER, TOKEN, solving
from theory.linearize import PLACE
from theory.masks import Mask
from theory.models import CAUSAL, REPULSIVE, SA, USA, catalogue
from theory.symbols import beta
from theory.terms import Entry

STRICT = MODELS[2]
POSITIVE = settle(SIGNS, Rel("<", 0, S.One))


def law_of(model: Any) -> Theorem:
    found = differential(Subject.of(model))
    assert isinstance(found, Theorem) and not found.given
    return found


@pytest.mark.parametrize("model", [*MODELS, USA, REPULSIVE], ids=lambda one: one.name)
def test_it_is_concluded_again(model: Any) -> None:
    found = replayed(law_of(model))
    assert isinstance(found, Theorem) and found.says.definition is LINEAR
    assert solving(Subject.of(model)) not in found.given


@pytest.mark.parametrize("name", ["causal ALiBi", "sink", "pre-LN", "nGPT", "RoPE", "Sinkhorn"])
def test_of_other_weights_it_is_not_said(name: str) -> None:
    model: Any = catalogue(name)
    assert isinstance(differential(Subject.of(model)), Refusal)


def test_each_premise_of_the_differential_is_needed() -> None:
    own, other = law_of(CAUSAL), law_of(SA)
    (motion, smooth), names = own.premises, own.parameters
    assert isinstance(apply(LINEARISED, motion, smooth, **names), Theorem)
    for premises in (
        (motion,),
        (motion, motion),
        (other.premises[0], smooth),
        (motion, other.premises[1]),
    ):
        assert isinstance(apply(LINEARISED, *premises, **names), Refusal)
    assert isinstance(apply(LINEARISED, motion, smooth, weight=2 * names["weight"]), Refusal)
    assert isinstance(apply(LINEARISED, motion, smooth, **other.parameters), Refusal)


def test_one_block_is_of_strict_masks_and_a_positive_factor() -> None:
    law, subject = law_of(STRICT), Subject.of(STRICT)
    found = apply(ONE_BLOCK, law, POSITIVE)
    assert isinstance(found, Theorem) and found.says == Is(JORDAN, Z, subject, -1)
    weak, another = assume(Rel("<=", 0, S.One)), assume(Rel("<", 0, beta))
    seen = Entry(Mask.strictly_causal(), TOKEN, OTHER)
    shifted = assume(Is(LINEAR, Z, subject, seen, S.One, S.Zero))
    for premises in (
        (law,),
        (law, another),
        (law_of(CAUSAL), POSITIVE),
        (law_of(SA), POSITIVE),
        (shifted, POSITIVE),
        (POSITIVE, POSITIVE),
    ):
        assert isinstance(apply(ONE_BLOCK, *premises), Refusal)
    assert isinstance(weak, Refusal) or isinstance(apply(ONE_BLOCK, law, weak), Refusal)


def test_a_polynomial_is_of_a_graph_of_numbers() -> None:
    seen = np.array([[1, 1, 0], [1, 1, 1], [0, 1, 1]])
    subject = subject_in(Flow.of(MODELS[3], W=seen))
    assert isinstance(subject, Subject)
    law = differential(subject)
    found = apply(POLYNOMIAL, law)
    assert isinstance(found, Theorem) and found.says.definition is CHARACTERISTIC
    value = found.says.arguments[-1]
    wanted = np.linalg.eigvals(seen / seen.sum(axis=1, keepdims=True)) - 1
    assert all(abs(value.subs(MARK, one)) < 1e-9 for one in wanted.real)
    for other in (law_of(MODELS[3]), law_of(CAUSAL), law_of(SA), POSITIVE):
        assert isinstance(apply(POLYNOMIAL, other), Refusal)


@pytest.mark.parametrize(
    "change",
    [{"scale": -S.One}, {"shift": S.Zero}, {"rates": -1 / PLACE}, {"rates": 2 / PLACE - 2}],
    ids=str,
)
def test_what_is_claimed_is_what_is_concluded(change: dict[str, Any]) -> None:
    own = {"scale": S.One, "shift": -S.One, "rates": 1 / PLACE - 1}
    found = mask_modes(Subject.of(CAUSAL), **own)
    assert not isinstance(found, Refusal) and isinstance(found.found, Theorem)
    assert found.found.says == found.says.then and isinstance(found.says.then, All)
    changed = mask_modes(Subject.of(CAUSAL), **{**own, **change})
    assert isinstance(changed, Refusal) or isinstance(changed.found, Refusal)
