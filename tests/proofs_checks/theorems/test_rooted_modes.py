"""Consensus that is stable by its graph, or by its modes: each premise is needed."""

from __future__ import annotations

from typing import Any

import pytest
from sympy import Add, MatrixSymbol

from proofs_checks.propositions import Is, Rel, Subject
from proofs_checks.theorems import (
    NO_KERNEL,
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
from proofs_checks.theorems.perron import SMOOTHNESS, SMOOTHNESS_IN_STATE
from proofs_checks.theorems.readers import MASSES, OTHER, TOKEN, solving
from proofs_checks.theorems.regular import normalised
from proofs_checks.theorems.rooted_modes import ALL_SEEN, ONE_RATE, ROOTED
from theory import Block, catalogue
from theory.atoms import RowNormalize, RowSoftmax, Tangent
from theory.models import CAUSAL, REPULSIVE, SA, USA, Model
from theory.symbols import K, Q, X, beta, d, m, n

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


QUERIES, KEYS = RowNormalize(X * Q.T), RowNormalize(X * K.T)
MODERN = Model(
    "of directions", Tangent(X, RowSoftmax(beta * QUERIES * KEYS.T, m) * X), parameters=(beta, Q, K)
)


def test_queries_that_are_normalised_are_smooth_where_they_never_vanish() -> None:
    subject = Subject.of(MODERN)
    own, smooth = consensus_stable(subject), read(SMOOTHNESS_IN_STATE, subject)
    assert own is not None and isinstance(own.found, Theorem) and own.found.by is ALL_SEEN
    assert Is(NO_KERNEL, subject) in own.says.given
    assert isinstance(smooth, Theorem)
    assert own.found.given == smooth.given == {Is(NO_KERNEL, subject)}
    assert isinstance(read(SMOOTHNESS, subject), Refusal)  # what it is said of takes no hypothesis
    divided: Any = catalogue("nGPT")
    assert isinstance(read(SMOOTHNESS_IN_STATE, Subject.of(divided)), Refusal)


def test_matrices_that_move_are_not_said_to_have_no_kernel() -> None:
    other = MatrixSymbol("Y", n, d)
    rates = {X: Tangent(X, RowNormalize(X * other.T) * other), other: Tangent(other, X)}
    blocks = Block(X, "sphere"), Block(other, "sphere")
    assert not normalised(Subject.of(Model("two", rates, blocks=blocks)))
    assert not normalised(Subject.of(Model("own", Tangent(X, RowNormalize(X * X.T) * X))))
    assert len(normalised(Subject.of(MODERN))) == 2


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
