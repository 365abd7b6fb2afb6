"""Drawn starts run to the end: what is SUPPORTED, and models of which some start stays away."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from sympy import Matrix

from proofs_checks import check_model
from proofs_checks.own_model.check import subject_of
from proofs_checks.own_model.runs_meet import RANGES, meeting_sampled
from theory.atoms import RowSoftmax, Tangent
from theory.masks import GRAPH, Mask
from theory.models import REPULSIVE, SA, catalogue
from theory.symbols import X, beta, m, n


def ask(row: str, model: Any, **given: Any) -> Any:
    model = catalogue(model) if isinstance(model, str) else model
    return meeting_sampled(row, subject_of(model, 0, None, "wasserstein", None, given))


@pytest.mark.parametrize(
    "row", [r if "4" in r else pytest.param(r, marks=pytest.mark.slow) for r in RANGES]
)
def test_what_is_proved_is_supported(row: str) -> None:
    """SA meets in every range of the rows; the bound is that of Clopper and Pearson."""
    found = ask(row, SA)
    assert found.word == "SUPPORTED" and found.cases in (48, 96)
    most = 100 * (1 - 0.05 ** (1 / found.cases))
    assert f"below {most:.1f} %" in found.detail
    assert (1 - most / 100) ** found.cases == pytest.approx(0.05)


def turned(field: Any) -> Any:
    return replace(SA, name="twin", velocity=Tangent(X, field), energy=None, metric=None)


def sight(size: int, sees: Any) -> Mask:
    table = Mask.graph(Matrix(size, size, lambda i, j: int(sees(i, j))))
    return Mask(GRAPH, table.parameter, n)


RING = sight(5, lambda i, j: (i - j) % 5 in (0, 1, 4))
APART = sight(4, lambda i, j: i // 2 == j // 2)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("row", "model"),
    [
        ("circle", REPULSIVE),
        ("Theorem 6.1", REPULSIVE),
        ("circle", turned(RowSoftmax(beta * X * X.T, m, APART) * X)),
        ("Theorem 6.1", turned(RowSoftmax(beta * X * X.T, m, APART) * X)),
        ("circle", turned(RowSoftmax(-4 * X * X.T, m) * X)),  # a triangle attracts
    ],
    ids=["repulsive", "repulsive in space", "two classes", "two in space", "below zero"],
)
def test_hostile_models_are_not_supported(row: str, model: Any) -> None:
    found = ask(row, model)
    assert found.word == "UNDECIDED" and "hadn't met" in found.detail


@pytest.mark.slow
def test_a_ring_of_five_at_small_heat() -> None:
    """Starts near the pentagon stay there, at β below 0.3416."""
    found = ask("circle", turned(RowSoftmax(beta * X * X.T, m, RING) * X), beta=0.1)
    assert found.word == "UNDECIDED" and "hadn't met" in found.detail


def test_where_none_is_run() -> None:
    assert ask("Theorem 4.3", SA, beta=0.2).word == "UNDECIDED"
    assert ask("circle", SA, beta=0.2).word == "SUPPORTED"
    assert ask("circle", "discrete layer", eta=0.5).word == "UNDECIDED"
    assert ask("circle", SA, beta=lambda t: 1 + np.sin(t)).word == "UNDECIDED"


@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "listed"),
    [
        ("encoder-decoder", ["Theorem 4.3", "Theorem 5.1", "circle"]),
        ("LNS with scores", ["Theorem 4.3", "Theorem 5.1", "Theorem 6.1", "circle"]),
        ("moving masses", ["Theorem 4.3", "Theorem 5.1", "circle"]),
        ("Sinkhorn", ["circle"]),
        ("RoPE", ["Theorem 4.3"]),
    ],
)
def test_the_rows(name: str, listed: list[str]) -> None:
    found = check_model(catalogue(name), only=listed)
    assert {row.evidence.word for row in found.rows} == {"SUPPORTED"}
