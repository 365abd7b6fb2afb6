"""Whatever kernel is given, every row is answered: operations and rows are counted, not seconds."""

from __future__ import annotations

import sys
from collections.abc import Callable
from types import FrameType
from typing import Any

import numpy as np
import pytest
import sympy as sp

from proofs_checks.claim import Budget
from proofs_checks.decide import decide_positive, sign
from proofs_checks.decide.intervals import enclose
from proofs_checks.own_model import check_model, rows
from proofs_checks.own_model.report import UNDECIDED
from proofs_checks.proof import ConeRate, Flow, cone, watch_hemispheres
from theory import SA
from theory.symbols import beta, z

CALLS = 20_000_000
"""Of Python functions; without budgets these rows make hundreds of millions."""

SLOW = ("Proposition 3.4", "Remark 6.5", "Kuramoto", "Lipschitz bound")


def counted(function: Callable[[], Any]) -> Any:
    """Call a function, and stop it after too many calls inside."""
    left = CALLS

    def watch(frame: FrameType, event: str, argument: Any) -> None:
        nonlocal left
        left -= event == "call"
        if left < 0:
            raise AssertionError(f"Expected at most {CALLS} calls but got more; bound them.")

    sys.setprofile(watch)
    try:
        return function()
    finally:
        sys.setprofile(None)


@pytest.mark.full
@pytest.mark.parametrize(
    "kernel",
    ["log(3+sin(t)*tanh(beta*t))*exp(t)/beta + cosh(t)", "1/(2-t)/(3+t)/(4-t**2)"],
)
def test_long_kernels_are_answered_within_a_count(kernel: str) -> None:
    rows()  # importing every statement isn't counted
    report = counted(lambda: check_model(kernel, only=SLOW))
    assert [row.name for row in report.rows] == [n for n, _, _ in rows() if n in SLOW]


@pytest.mark.full
def test_a_steep_kernel_is_answered_in_every_row() -> None:
    report = check_model("tanh(500*t)")
    assert len(report.rows) == len(rows()) - 1  # no implementation is given
    assert all(row.evidence.detail for row in report.rows if row.evidence.verdict is UNDECIDED)


@pytest.mark.parametrize(
    ("expr", "answer"),
    [
        (sp.besselj(0, z), "UNDECIDED"),
        (sp.besselj(0, 3 * z), "FAILS"),
        (sp.besselj(1, beta * z) + 2, "UNDECIDED"),
        (sp.polylog(2, z / 2), "FAILS"),
        (sp.zeta(3 + z), "UNDECIDED"),
        (1 - sp.tanh(500 * z) ** 2, "DECIDED"),
    ],
)
def test_functions_that_no_array_library_has(expr: sp.Expr, answer: str) -> None:
    assert decide_positive(expr).answer.name == answer


def test_the_same_sign_is_decided_once(monkeypatch: pytest.MonkeyPatch) -> None:
    expr = sp.exp(z) * (3 + z) + sp.Rational(7, 919)
    first = decide_positive(expr)
    monkeypatch.delattr(sign, "_factored")
    assert decide_positive(expr) == first and first.holds


def test_a_long_bisection_ends(monkeypatch: pytest.MonkeyPatch) -> None:
    asked = []

    def noted(expr: sp.Expr, values: Any) -> Any:
        asked.append(expr.count_ops())
        return enclose(expr, values)

    monkeypatch.setattr(sign, "enclose", noted)
    monkeypatch.setattr(sign, "WORK", 300)
    waves = sp.sin(7 * z) * sp.cos(5 * z) + sp.sin(11 * z) / 7 + sp.Rational(112, 100)
    found = decide_positive(waves)
    assert found.answer.name == "UNDECIDED" and "budget" in found.detail
    assert sum(asked) <= 10 * sign.WORK + 5000  # the sampled points, and few boxes


def test_a_run_of_too_many_steps_shows_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cone, "STEPS", 2)
    budget = Budget(3, np.random.default_rng(0))
    trial = watch_hemispheres(Flow.of(SA), ConeRate(sp.exp(-2 * beta), sp.exp(-beta)), budget)
    assert "more than 2 steps" in trial.silent and not trial.violation
