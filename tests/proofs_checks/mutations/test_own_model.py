"""A user's model with a small error in it, the sentences of its rows fixed."""

from __future__ import annotations

from dataclasses import replace

import pytest

from proofs_checks.discovery import questions
from proofs_checks.mutations import mutate_model, mutated_models
from proofs_checks.proof import Statement
from theory import SA, USA, catalogue
from theory.energy import interaction_energy
from theory.models import Model, gradient_flow
from theory.parse import parse_kernel

OWN = {
    "(2.6)": "(2.3) at the model's own multiples of I",
    "(2.7)": "the model's heads", "(2.8)": "the model's heads and neurons",
    "(3.1)": "its field", "(3.2)": "its field", "(3.3)": "its weights, of exponent c",
    "(3.4)": "its field", "Remark 3.1": "its field", "(3.5)": "its energy's kernel h",
    "(3.10)": "its energy's kernel h", "Lemma 3.6": "its energy", "Lemma 3.7": "its energy",
    "Proposition 3.4": "its energy", "Proposition 3.4 maximum": "its energy",
    "Proposition 3.4 minimum": "its energy", "Proposition 3.4 uniqueness": "its energy",
    "Remark 3.8": "its weights", "(4.1)": "a constant k > 0",
    "Theorem 4.1": "the bend of its energy is a step, no part of the sentence",
    "(6.1)": "its modes", "Remark 6.2": "div F < 0, of whatever size",
    "Theorem 6.3": "exponentially, at the model's rate", "Lemma 6.4": "exponentially, at its rate",
    "(6.7)": "κ, the least weight", "(6.8)": "κ, the least weight",
    "Remark 6.5": "exponentially, at its rate", "(6.11)": "its curve γ",
    "(7.1)": "a sum over differences of angles", "(7.1) continuity": "its energy's h'",
    "(7.2)": "F with its own coupling", "(7.3)": "F with its own coupling",
    "(7.4)": "its own energy", "(7.5)": "its own h", "(8.1)": "its own v",
    "Theorem 4.1 rates": "its rates", "rates of schemes": "its Λ", "rate of followers": "its c",
    "consensus spectrum": "its eigenvalues", "consensus spectrum under a mask": "its c",
    "Lipschitz bound": "its constant",
}  # fmt: skip
"""Rows whose words speak of what is the model's own, as the words do of any model."""

KERNEL = gradient_flow(interaction_energy(parse_kernel("t + t**3")), "t + t³")


@pytest.mark.full
@pytest.mark.parametrize(
    "model", [SA, USA, KERNEL, catalogue("causal")], ids=lambda model: model.name
)
def test_no_row_says_the_same_of_a_model_and_of_an_error_in_it(model: Model) -> None:
    found = mutate_model(model)
    assert len(found) > 20, "rows that hold of both in the same words"
    false = [f"{f.row} [{f.change}]: {f.sentence}: {f.evidence.detail}" for f in found
             if f.false and f.row not in OWN]  # fmt: skip
    assert not false, "\n".join(false)


def test_the_rows_that_speak_of_the_models_own_are_rows() -> None:
    assert set(OWN) <= {name for name, _, _ in _rows()}


def _rows():
    from proofs_checks.own_model.check import rows

    return rows()


def test_errors_of_a_model() -> None:
    changes = [change for change, mutated in mutated_models(SA) if mutated != SA]
    assert "SA.velocity: sign" in changes and "SA.energy: sign" in changes
    assert len(set(changes)) == len(changes) >= 10


@pytest.mark.slow
def test_a_sentence_without_its_constant_is_caught() -> None:
    """(3.7) says its factor; when its words don't, half the speed is said to be SA's gradient."""
    row = questions()["(3.7)"]
    assert isinstance(row, Statement)
    assert not any(found.false for found in mutate_model(SA, (row,)))
    silent = replace(row, says=None)
    found = {f.change for f in mutate_model(SA, (silent,)) if f.false}
    assert {"SA.velocity: sign", "SA.velocity: × n"} <= found
