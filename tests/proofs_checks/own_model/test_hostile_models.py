"""Models made to lead `check_model` astray, with answers known by hand.

Each row: the model, the statement, what is true, why, and the verdict to expect.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any, NamedTuple

import pytest
from sympy import MatrixSymbol, cos, exp, sqrt

from proofs_checks.discovery import questions
from proofs_checks.proof import Flow
from theory.atoms import RowSoftmax, Tangent
from theory.energy import interaction_energy
from theory.models import SA, USA, Model, gradient_flow
from theory.symbols import X, beta, d, n, t, z


class Hostile(NamedTuple):
    """One row of the table."""

    model: Model
    given: dict[str, Any]
    statement: str
    truth: str
    why: str
    expected: tuple[str, ...]


def paced(model: Model, factor: Any) -> Model:
    """The model at another speed; energy and metric as the careless user leaves them."""
    velocity = Tangent(X, factor * model.velocity.field)
    return replace(model, name=f"{factor}·{model.name}", velocity=velocity)


def climbing(kernel: Any) -> Model:
    return gradient_flow(interaction_energy(kernel), f"h = {kernel}")


_W = MatrixSymbol("w", n, 1)
SIGNED = Model(
    "softmax, weights of any sign",
    Tangent(X, RowSoftmax(beta * X * X.T, _W) * X),
    parameters=(beta, _W),
)
HEATING = SA.subs({beta: 1 + 10 * t})
FADING = (
    (paced(SA, exp(-t)), "∫e^{-t} = 1"),
    (paced(USA, exp(-t)), "∫e^{-t} = 1"),
    (climbing(exp(beta * z - t)), "the kernel fades like e^{-t}"),
    (climbing(exp(-5 * t) * z), "the kernel fades like e^{-5t}"),
    (paced(SA, 1 / (1 + t) ** 2), "∫(1+t)^{-2} = 1"),
    (paced(SA, cos(t)), "|∫cos| <= 1"),
)
CONSENSUS = ("Lemma 6.4",)


def _rows() -> list[Hostile]:
    rows = [
        Hostile(model, {}, name, "motion ends before consensus", why, ("REFUTED",))
        for model, why in FADING
        for name in CONSENSUS
    ]
    rows += [
        Hostile(model, {}, name, "sticks at g = 0.183 from 0.1", "γ' <= 2e^{-β(1-γ)}", ("REFUTED",))
        for model in (HEATING, USA.subs({beta: 1 + 10 * t}))
        for name in CONSENSUS
    ]
    rows += [
        Hostile(paced(SA, factor), {}, name, "consensus, later", "∫s = ∞", ("PROVED",))
        for factor in (1 / (1 + t), 1 / sqrt(1 + t), exp(t), 1 + t)
        for name in CONSENSUS
    ]
    rows += [
        Hostile(SA, {"beta": lambda s: 1 + 10 * s}, name, "as for 1 + 10t", "", ("REFUTED",))
        for name in CONSENSUS
    ]
    rows += [
        Hostile(SA, {"beta": switch}, name, "anything", "β is code", ("UNDECIDED",))
        for name in CONSENSUS
    ]
    rows += [
        Hostile(
            SIGNED, {}, "Lemma 6.4", "52 of 200 runs don't cluster", "w_j < 0",
            ("REFUTED", "VACUOUS", "UNDECIDED"),
        ),
        Hostile(climbing((n - 1) * z), {}, "Lemma 6.4", "k = n - 1 > 0", "n >= 2", ("PROVED",)),
        Hostile(climbing((d - 1) * z), {}, "Lemma 6.4", "k = d - 1 > 0", "d >= 2", ("PROVED",)),
        Hostile(
            climbing(z + z**2 / (2 * d)), {}, "Lemma 6.4", "k = 1 + z/d > 0", "d >= 2", ("PROVED",)
        ),
        Hostile(climbing((n - 3) * z), {}, "Lemma 6.4", "k = -1", "n = 2", ("REFUTED",)),
        Hostile(paced(SA, 5), {}, "Lemma 6.4", "rate 5 r0 e^{-2β}", "scale", ("PROVED",)),
        Hostile(paced(SA, -1), {}, "Lemma 6.4", "tokens repel", "scale < 0", ("REFUTED",)),
    ]  # fmt: skip
    return rows


def switch(time: float) -> float:
    return 1.0 if time < 3 else 2.0


ROWS = _rows()


@pytest.mark.parametrize("row", ROWS, ids=lambda row: f"{row.model.name}-{row.statement}")
def test_no_verdict_is_wrong(row: Hostile) -> None:
    evidence = questions()[row.statement].ask(Flow.of(row.model, **row.given))
    assert evidence.verdict.name in row.expected, evidence.detail


def test_the_rate_has_the_scale() -> None:
    detail = questions()["Lemma 6.4"].ask(Flow.of(paced(SA, sqrt(2) / 10))).detail
    assert "λ = sqrt(2)*r_0*exp(-2*beta)/10" in detail
