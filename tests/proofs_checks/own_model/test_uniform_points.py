"""The chance of a hemisphere is what Theorem 6.7 proves: no row cites it."""

from __future__ import annotations

import pytest

from proofs_checks import Verdict, check_model
from proofs_checks.own_model.uniform_points import wendel_steps
from theory.models import catalogue


def test_every_step_holds_by_itself() -> None:
    assert wendel_steps() and all(step.holds and not step.cites for step in wendel_steps())


@pytest.mark.parametrize("name", ["discrete layer", "encoder-decoder", "causal"])
def test_rows_hold_it_and_cite_nobody(name: str) -> None:
    row = check_model(catalogue(name), only=["Theorem 6.7"])["Theorem 6.7"]
    assert row.verdict is Verdict.PROVED
    assert not any("hemisphere" in text for text in row.assumptions)
    texts = [step.text for _, sheet in row.sheets for step in sheet.steps]
    assert wendel_steps()[-1].text in texts
