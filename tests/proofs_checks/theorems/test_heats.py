"""Heats of other names than β: what is assumed of them, and what rows on almost every start say."""

from __future__ import annotations

from typing import Any

import pytest
from sympy import Rational, Symbol, exp, log

from proofs_checks import check_model
from proofs_checks.own_model.by_theorem import THEOREMS
from proofs_checks.proof import Flow
from proofs_checks.propositions import Rel, Subject
from proofs_checks.theorems import (
    KINDS,
    LEAST_HEAT,
    Theorem,
    almost_every_start,
    replayed,
    states_of,
)
from theory.atoms import RowSoftmax, Tangent
from theory.models import SA, Model, catalogue
from theory.symbols import X, beta, m, n, t

C, S = Symbol("c", positive=True), Symbol("s", real=True)


HEATS = C, C * log(n)


def softmax_at(heat: Any, sign: int = 1) -> Model:
    field = sign * RowSoftmax(heat * X * X.T, m) * X
    own = tuple(sorted(heat.free_symbols - {n, t}, key=str))
    return Model("at one heat", Tangent(X, field), parameters=own)


@pytest.mark.parametrize(
    ("heat", "given"),
    [
        (C**2, set()),
        (C * log(n), {Rel("<=", 2, n)}),
        (S, {Rel("!=", S, 0), Rel("<=", 0, S)}),
        (S * log(n), {Rel("!=", S, 0), Rel("<=", 2, n), Rel("<=", 0, S * log(n))}),
    ],
)
def test_what_is_assumed(heat: Any, given: set[Any]) -> None:
    """That it isn't 0 where E divides by it, and is at least 0, unless that is known."""
    subject = Subject.of(softmax_at(heat))
    states, found = states_of(subject), almost_every_start("Theorem 6.1", subject)
    assert states is not None and states.heat == heat and found is not None
    again = replayed(found[1].found)
    assert isinstance(again, Theorem) and again.says == found[1].says.then
    assert again.given == {Rel("<=", 3, Symbol("d", integer=True, positive=True))} | given


@pytest.mark.every(4)
@pytest.mark.parametrize(
    "model", [softmax_at(-C), softmax_at(-C * log(n)), softmax_at(C, -1), softmax_at(C * exp(-t))]
)
def test_below_zero_nothing_is_said(model: Model) -> None:
    """But for the circle, where it may be down to -13/50, as is given then."""
    found = {row: almost_every_start(row, Subject.of(model)) for row in KINDS}
    circle = found.pop("circle")
    assert set(found.values()) == {None}
    assert circle is None or any(Rel("<=", LEAST_HEAT, -h) in circle[1].says.given for h in HEATS)


def test_the_words_are_of_the_heat() -> None:
    """Of 2β they say 2β; at -β that it is at least 0, and β = 0 of no other heat than 0."""
    for heat, row, said in (
        (2 * beta, "Theorem 4.3", "2 β < -log(1 - min m)"),
        (-beta, "Theorem 6.1", "0 <= -β, d >= 3"),
        (C * log(n), "Theorem 5.1", "c log(n) >= (d-1)(n-1)²/π²"),
    ):
        found = almost_every_start(row, Subject.of(softmax_at(heat)))
        assert found is not None and said in found[0]
    assert almost_every_start("Theorem 4.1", Subject.of(softmax_at(C))) is None


def test_rows_are_of_heats_from_zero_on() -> None:
    """A number below 0 is outside, but for the circle, which is shown down to -13/50."""
    at = [Flow.of(SA, beta=value) for value in (Rational(-1, 5), -1)]
    for row, wanted in (
        ("circle", ["CERTIFIED", "UNDECIDED"]),
        ("Theorem 6.1", ["VACUOUS", "VACUOUS"]),
    ):
        assert [THEOREMS[row].ask(flow).word for flow in at] == wanted


@pytest.mark.slow
def test_long_context() -> None:
    """At every exponent from 0 on: what is below is no heat that the rows are about."""
    found = check_model(catalogue("long context"), only=["circle", "Theorem 6.1"])
    assert [row.evidence.word for row in found.rows] == ["CERTIFIED", "PROVED"]
    assert {row.evidence.scope["exponent"] for row in found.rows} == {">= 0"}
