"""Softmaxes at one heat are SA at that β, and what isn't."""

from __future__ import annotations

from typing import Any

import pytest
from sympy import Symbol, cos, exp, log

from proofs_checks import check_model
from proofs_checks.own_model.one_heat import AT_HEAT, derive_heat
from proofs_checks.proof import Flow
from theory.atoms import RowSoftmax, Tangent
from theory.models import SA, Model, catalogue
from theory.symbols import X, m, n, t

C = Symbol("c", positive=True)


def softmax_at(heat: Any, pace: Any = 1) -> Flow:
    field = pace * RowSoftmax(heat * X * X.T, m) * X
    own = tuple(sorted(heat.free_symbols - {n, t}, key=str))
    return Flow.of(Model("at one heat", Tangent(X, field), parameters=own))


def test_what_is_read() -> None:
    assert derive_heat(softmax_at(C**2)) == C**2
    assert derive_heat(softmax_at(C * log(n))) == C * log(n)
    assert derive_heat(Flow.of(SA)) is None  # β is a parameter
    assert derive_heat(softmax_at(C * exp(-t))) is None
    assert derive_heat(softmax_at(C, -1)) is None
    assert all(derive_heat(softmax_at(C, pace)) == C for pace in (3, 1 / (1 + t), t**2))
    assert all(derive_heat(softmax_at(C, pace)) is None for pace in (cos(t), C, n, -t))


@pytest.mark.parametrize("flow", [softmax_at(-C), softmax_at(-C * log(n)), softmax_at(C, -1)])
def test_below_zero_nothing_is_said(flow: Flow) -> None:
    assert all(row.ask(flow).word == "UNDECIDED" for row in AT_HEAT.values())


def test_at_a_pace_it_is_sa_at_that_pace() -> None:
    """SA's times 3, or at a pace that adds up, meet where SA does; else they don't."""
    for pace, said in ((3, "PROVED"), (1 / (1 + t), "PROVED"), (exp(-t), "REFUTED")):
        assert AT_HEAT["Theorem 6.1"].ask(softmax_at(C * log(n), pace)).word == said


@pytest.mark.slow
def test_long_context() -> None:
    found = check_model(catalogue("long context"), only=list(AT_HEAT), exponent=1)
    assert [row.evidence.word for row in found.rows] == ["CERTIFIED", "PROVED", "PROVED"]
    found = check_model(catalogue("long context"), only=list(AT_HEAT))
    assert [row.evidence.word for row in found.rows] == ["REFUTED", "PROVED", "PROVED"]
    assert "exponent*log(n)" in found["Theorem 6.1"].scope
