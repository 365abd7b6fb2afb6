"""How followers approach the first token: what is read, and twins that are refused."""

from __future__ import annotations

from typing import Any

import pytest
from sympy import Rational, S, Symbol

from proofs_checks.propositions import Is, Rel, Subject
from proofs_checks.theorems import (
    FOLLOWER,
    Refusal,
    Theorem,
    apply,
    approaching_first,
    assume,
    read,
    replayed,
)
from proofs_checks.theorems.followers import EVEN_SIGHT, FOLLOWERS_APPROACH, SIGHT_AT_ONE
from theory.models import CAUSAL, SA, catalogue
from theory.symbols import beta

MODE = FOLLOWER - 1


@pytest.mark.parametrize(
    ("name", "pace"),
    [
        ("causal", 1),
        ("causal + RoPE", None),
        ("causal ALiBi", None),
        ("causal + sink", None),
        ("causal + sigmoid", None),
        ("strictly causal", None),
        ("SA", None),
    ],
)
def test_weights_at_one_point(name: str, pace: int | None) -> None:
    subject = Subject.of(catalogue(name))
    found = read(SIGHT_AT_ONE, subject)
    if pace is None:
        assert isinstance(found, Refusal)
    else:
        assert isinstance(found, Theorem) and found.says == Is(EVEN_SIGHT, subject, pace)


@pytest.mark.parametrize(
    ("rate", "share", "right"),
    [
        (S.Half, MODE, True),
        (S.One, MODE, False),
        (S.Half, S.One, False),
        (S.Half, 2 * MODE, False),
        (S.Half, MODE**2, False),
        (beta / 2, MODE, False),
    ],
)
def test_rates_and_modes(rate: Any, share: Any, right: bool) -> None:
    found = approaching_first(Subject.of(CAUSAL), rate, share).found
    assert isinstance(found, Theorem) == right
    assert not right or isinstance(replayed(found), Theorem)


def test_premises() -> None:
    own = approaching_first(Subject.of(CAUSAL), S.Half, MODE).found
    assert isinstance(own, Theorem)
    facts, named = own.premises, {"rate": S.Half, "share": MODE}
    assert isinstance(apply(FOLLOWERS_APPROACH, *facts, **named), Theorem)
    for place in range(len(facts)):
        for wrong in (facts[(place + 1) % len(facts)], assume(Rel("<=", beta, 1))):
            swapped = (*facts[:place], wrong, *facts[place + 1 :])
            assert isinstance(apply(FOLLOWERS_APPROACH, *swapped, **named), Refusal), place
    other = assume(Is(EVEN_SIGHT, Subject.of(CAUSAL), Rational(1, 2)))
    assert isinstance(apply(FOLLOWERS_APPROACH, facts[0], other, *facts[2:], **named), Refusal)
    elsewhere = assume(Is(EVEN_SIGHT, Subject.of(SA), 1))
    assert isinstance(apply(FOLLOWERS_APPROACH, facts[0], elsewhere, *facts[2:], **named), Refusal)
    for changed in ({"rate": S.One}, {"share": 2 * MODE}, {"share": MODE + Symbol("c")}):
        assert isinstance(apply(FOLLOWERS_APPROACH, *facts, **{**named, **changed}), Refusal)
    some = assume(facts[4].says)  # the equation of one place, as i is in what is given
    assert isinstance(apply(FOLLOWERS_APPROACH, *facts[:4], some, **named), Refusal)
