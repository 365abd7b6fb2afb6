"""Limits of flows at a pace are those of the flow at one pace, where all of its time passes."""

from __future__ import annotations

from dataclasses import replace

import pytest
from sympy import cos, exp

from proofs_checks import check_model
from proofs_checks.own_model.paced import SAME_LIMITS, at_first_pace, at_one_time
from proofs_checks.proof import Flow
from theory.atoms import RowSoftmax, Tangent
from theory.models import SA, Model, catalogue
from theory.symbols import X, beta, m, t

EVERY_START = {row.name: row for row in SAME_LIMITS}


def paced(pace: object) -> Flow:
    """SA at a pace."""
    field = pace * RowSoftmax(beta * X * X.T, m) * X
    return Flow.of(replace(SA, name="paced", velocity=Tangent(X, field), energy=None))


@pytest.mark.slow
@pytest.mark.parametrize("flow", [Flow.of(catalogue("CoD")), paced(2 + t)], ids=["CoD", "2 + t"])
def test_all_of_time_passes(flow: Flow) -> None:
    assert EVERY_START["Theorem 4.2"].ask(flow).word == "PROVED"


@pytest.mark.slow
@pytest.mark.parametrize("name", ["Sinkhorn", "positive features"])
def test_limits_at_a_pace(name: str) -> None:
    still, row = catalogue(name), "Theorem 4.1"
    assert isinstance(still, Model) and isinstance(still.velocity, Tangent)
    for pace, endless in ((1 / (1 + t), True), (1 / (1 + t) ** 2, False)):
        moved = replace(still, velocity=Tangent(X, pace * still.velocity.field), energy=None)
        found = check_model(moved, only=row)[row]
        assert (found.word == "PROVED") == endless == ("T' = s(t)/s(0)" in found.detail)


def test_a_pace_of_some_tokens_alone_is_none() -> None:
    """Queries at the pace 1/(1 + t), keys that move at pace 1: no time is that of both."""
    both = catalogue("encoder-decoder")
    assert isinstance(both, Model)
    slow = Tangent(X, both.velocities[X].field / (1 + t))
    mixed = replace(both, velocity={**both.velocities, X: slow}, energy=None)
    assert isinstance(at_first_pace(Flow.of(mixed)), str)


@pytest.mark.parametrize("pace", [exp(-t), 1 / (1 + t) ** 2, t - 1, t])
def test_paces_that_do_not_do(pace: object) -> None:
    """Of a finite integral, of both signs, and 0 at the start."""
    assert isinstance(at_first_pace(paced(pace)), str)


@pytest.mark.slow
def test_tokens_that_part_at_a_pace() -> None:
    """-1/(1 + t): the flow at its first pace is V = -I."""
    assert EVERY_START["Theorem 4.2"].ask(paced(-1 / (1 + t))).word != "PROVED"


def test_models_without_a_pace() -> None:
    pre = catalogue("pre-LN")
    assert isinstance(pre, Model)
    assert all(isinstance(at_first_pace(Flow.of(model)), str) for model in (SA, pre))


@pytest.mark.parametrize("row", ["(7.2)", "(7.3)", "discrete layer"])
def test_rows_on_a_velocity_as_it_stands_are_asked_at_each_time(row):
    evidence = check_model(catalogue("CoD"), only=row)[row]
    assert evidence.word == "PROVED" and "at each time t_0" in evidence.detail


def test_the_order_parameter_has_the_pace_in_front():
    """θ_i' = s (1/n) Σ_j sin(θ_j - θ_i) at β = 0: F <= s/2."""
    assert "F <= 1/(2*sqrt(t_0 + 1))" in check_model(catalogue("CoD"), only="(7.3)")["(7.3)"].detail


@pytest.mark.parametrize("pace", [t - 1, cos(t), -exp(-t)])
def test_a_pace_that_is_not_positive_is_no_time_to_ask_at(pace):
    model = replace(SA, velocity=Tangent(X, pace * SA.velocity.field), energy=None, metric=None)
    known = at_one_time(Flow.of(model)) != "no pace s(t) > 0"
    assert known is (pace == -exp(-t))  # a sign that stays is the flow's, not the pace's
    assert check_model(model, only="(7.3)")["(7.3)"].word != "PROVED"
