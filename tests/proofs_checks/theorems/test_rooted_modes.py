"""Consensus that is stable by its graph, or by its modes: each premise is needed."""

from __future__ import annotations

from typing import Any

import pytest
from sympy import Add

from proofs_checks.propositions import Is, Rel, Subject
from proofs_checks.theorems import (
    STABLE_OF_ANY,
    Pull,
    Refusal,
    Theorem,
    apply,
    assume,
    consensus_stable,
    pull_of,
    read,
    replayed,
    settle,
)
from proofs_checks.theorems.cluster_modes import modes_of
from proofs_checks.theorems.engines import EQUAL, SIGNS
from proofs_checks.theorems.kernel import Found
from proofs_checks.theorems.logic import rename
from proofs_checks.theorems.perron import SMOOTHNESS_IN_STATE
from proofs_checks.theorems.readers import MASSES, OTHER, TOKEN, solving
from proofs_checks.theorems.rooted_modes import ALL_SEEN, ONE_RATE, ROOTED
from theory import catalogue
from theory.models import CAUSAL, REPULSIVE, SA, USA
from theory.symbols import d, n

SUBJECT = Subject.of(SA)
STABLE = Is(STABLE_OF_ANY, SUBJECT)


@pytest.mark.parametrize("name", ["SA", "USA", "causal", "bipartite", "RoPE", "Sinkhorn", "sink"])
def test_it_is_concluded_again(name: str) -> None:
    model: Any = catalogue(name)
    own = consensus_stable(Subject.of(model))
    assert own is not None
    found = replayed(own.found)
    assert isinstance(found, Theorem) and found.says == own.says.then
    assert found.given == set(own.says.given)
    assert solving(Subject.of(model)) not in found.given


@pytest.mark.parametrize("name", ["repulsive", "graph", "cross-attention", "moving masses"])
def test_what_is_not_stable_or_may_not_be(name: str) -> None:
    model: Any = catalogue(name)
    assert consensus_stable(Subject.of(model)) is None


def facts(model: Any) -> tuple[Pull, list[Found], Found]:
    pull = pull_of(Subject.of(model))
    assert isinstance(pull, Pull)
    mass = read(MASSES, pull.subject)
    other = apply(rename, mass, values={TOKEN: OTHER})
    sign = settle(SIGNS, Rel("<", 0, pull.weight), mass, other)
    return pull, [pull.motion, read(SMOOTHNESS_IN_STATE, pull.subject), sign], mass


def test_each_premise_of_common_sight_is_needed() -> None:
    pull, (motion, smooth, sign), _ = facts(SA)
    found = apply(ALL_SEEN, motion, smooth, sign, weight=pull.weight)
    assert isinstance(found, Theorem) and found.says == STABLE and not found.given
    of_usa, others, _ = facts(USA)
    weak = assume(Rel("<=", 0, pull.weight))
    one = assume(Rel("<", 0, pull.weight))  # of one pair alone
    for premises in (
        (others[0], smooth, sign),
        (motion, others[1], sign),
        (motion, smooth, others[2]),
        (motion, smooth, weak),
        (motion, smooth, one),
        (motion, sign, sign),
    ):
        assert isinstance(apply(ALL_SEEN, *premises, weight=pull.weight), Refusal)
    assert isinstance(apply(ALL_SEEN, motion, smooth, sign, weight=of_usa.weight), Refusal)


def test_each_premise_of_a_rooted_graph_is_needed() -> None:
    own = consensus_stable(Subject.of(CAUSAL))
    assert own is not None and isinstance(own.found, Theorem) and own.found.by is ROOTED
    premises, names = own.found.premises, own.found.parameters
    assert isinstance(apply(ROOTED, *premises, **names), Theorem)
    for place, premise in enumerate(premises):
        weaker = assume(premise.says)  # it isn't known of every token and time
        changed = [*premises[:place], weaker, *premises[place + 1 :]]
        again = apply(ROOTED, *changed, **names)
        assert isinstance(again, Refusal) or premise.says in again.given
        less = premises[:place] + premises[place + 1 :]
        assert isinstance(apply(ROOTED, *less, **names), Refusal)
        swapped = list(premises)
        swapped[place] = premises[place - 1]
        assert isinstance(apply(ROOTED, *swapped, **names), Refusal)
    assert isinstance(apply(ROOTED, *premises, weight=2 * names["weight"]), Refusal)


def test_modes_need_their_number_and_sign() -> None:
    modes, other = modes_of(SUBJECT), modes_of(Subject.of(REPULSIVE))
    assert isinstance(modes, Theorem) and isinstance(other, Theorem)
    counts = [one.arguments[-1] for one in modes.says.args]
    whole = settle(EQUAL, Rel("=", Add(*counts), n * (d - 1)))
    rate = modes.says.args[-1].arguments[-2]
    sign = settle(SIGNS, Rel("<", rate, 0), read(MASSES, SUBJECT))
    found = apply(ONE_RATE, modes, whole, sign)
    assert isinstance(found, Theorem) and found.says == STABLE
    for premises in (
        (other, whole, sign),
        (modes, sign, whole),
        (modes, whole, assume(Rel("<=", rate, 0))),
        (whole, whole, sign),
        (modes, assume(Rel("=", Add(*counts), n * d)), sign),
    ):
        assert isinstance(apply(ONE_RATE, *premises), Refusal)
