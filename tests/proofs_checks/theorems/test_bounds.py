"""What isn't bounded up to each time must not be said to be."""

from __future__ import annotations

from typing import Any

import pytest
from sympy import Abs, Heaviside, Piecewise, cos, exp, log, sqrt, tan

from proofs_checks.propositions import Is, Proposition, Rel, Subject
from proofs_checks.theorems import Refusal, Theorem, apply, assume, read, settle, solving
from proofs_checks.theorems.attraction import GRONWALL, LEAST
from proofs_checks.theorems.bounds import BOUNDED, UP_TO
from proofs_checks.theorems.engines import SIGNS
from proofs_checks.theorems.order import ELAPSED, RISE
from proofs_checks.theorems.readers import MASSES, POSITIVE_LENGTHS
from theory.atoms import RowNormalize, RowSoftmax
from theory.hardmax import TopK
from theory.models import SA, catalogue
from theory.symbols import Q, X, beta, m, r, t
from theory.terms import Elapsed, Entry, Index, Inner, Item, Norm, Row, ddt, total

i, j = map(Index, "ij")
x, y = Row(X, i), Row(X, j)
LENGTH = Item(r, i)
PRE_LN = Subject.of(catalogue("pre-LN"))
KNOWN = assume(solving(PRE_LN)), read(MASSES, PRE_LN), read(POSITIVE_LENGTHS, PRE_LN)
SCORES = beta * X * X.T


def said(a: Any) -> Proposition:
    return Is(BOUNDED, a)


@pytest.mark.parametrize(
    "a",
    [
        1 / LENGTH,
        sqrt(LENGTH),
        log(LENGTH),
        exp(t) / sqrt(1 + t),
        Heaviside(t - 1) * Inner(x, y),
        Piecewise((1, t < 1), (1 / LENGTH, True)),
        Elapsed(Piecewise((1, t < 1), (2, True))),
        total(Entry(RowSoftmax(SCORES, m), i, j) * Inner(x, y), j),
        Entry(RowSoftmax(beta * RowNormalize(X * Q.T) * X.T, m), i, j),  # at most 1 all the same
        Entry(TopK(SCORES, m, 2), i, j),
        1 / (Norm(x) ** 2 + Abs(cos(Inner(x, y))) + LENGTH),
    ],
)
def test_what_is_bounded(a: Any) -> None:
    assert isinstance(settle(UP_TO, said(a), *KNOWN), Theorem)


@pytest.mark.parametrize(
    "a",
    [
        1 / t,
        Piecewise((2 / t, t > 0), (0, True)),  # f = -t² falls below 0 at f' = (2/t) f
        1 / Inner(x, y),
        log(Inner(x, y)),
        1 / (1 - Inner(x, y)),
        tan(t),
        1 / (LENGTH + Heaviside(t - 1)),  # positive, and no limit of what is positive
        ddt(Inner(x, y)),
        Norm(Row(RowNormalize(X * Q.T), i)),
        exp(Inner(Row(RowNormalize(X * Q.T), i), y)),
    ],
)
def test_what_is_not_said_to_be_bounded(a: Any) -> None:
    assert isinstance(settle(UP_TO, said(a), *KNOWN), Refusal)


def test_a_sign_at_one_time_bounds_nothing() -> None:
    now = assume(Rel("<", 0, Inner(x, y)))
    assert isinstance(settle(UP_TO, said(1 / Inner(x, y)), KNOWN[0], now), Refusal)
    assert isinstance(settle(UP_TO, said(1 / LENGTH), KNOWN[0]), Refusal)  # positive: nobody says


def test_a_state_is_continuous_where_it_solves_a_flow() -> None:
    says = said(Inner(x, y))
    assert isinstance(settle(UP_TO, says, assume(solving(Subject.of(SA)))), Theorem)
    assert isinstance(settle(UP_TO, says), Refusal)
    layers = Subject.of(catalogue("discrete layer"))
    assert isinstance(settle(UP_TO, says, assume(solving(layers))), Refusal)


def test_rules_ask_for_it() -> None:
    one = settle(SIGNS, Rel("<=", 0, 1))
    bound = settle(UP_TO, said(t))
    for rule, more in ((RISE, {}), (ELAPSED, {}), (GRONWALL, {"rate": t}), (LEAST, {})):
        short = apply(rule, one, **more)
        assert isinstance(short, Refusal) and "premises" in short.reason
    other = apply(ELAPSED, one, bound, bound)
    assert isinstance(other, Refusal) and "is bounded up to t" in other.reason
