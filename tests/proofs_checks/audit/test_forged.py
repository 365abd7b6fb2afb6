"""A wrong engine concludes what is false, and is found out: wherever a verdict is asked for."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest

from proofs_checks import CLAIMS, Verdict, check_model
from proofs_checks.audit import DoubtError
from proofs_checks.claim import run_check
from proofs_checks.discovery import questions
from proofs_checks.own_model import check
from proofs_checks.proof import Flow, Statement
from proofs_checks.propositions import Proposition, Rel, Subject, written
from proofs_checks.theorems import (
    Concludes,
    Conclusion,
    Says,
    as_sheet,
    height,
    solving,
)
from proofs_checks.theorems.engines import EQUAL
from proofs_checks.theorems.kernel import assume, settle
from proofs_checks.theorems.readers import TOKEN
from theory.models import SA, catalogue
from theory.terms import ddt

RESTS = Rel("=", ddt(height(TOKEN)), 0)
"""No token ever moves."""


@pytest.fixture(autouse=True)
def errors_of_ours_fail() -> None:
    """Leave the answers as a user gets them."""


def credulous(says: Proposition, facts: tuple[Any, ...]) -> str:
    """Find every equation to hold."""
    return "residual 0"


@pytest.fixture(autouse=True)
def forged() -> Iterator[None]:
    """Put it in the place of the algebra of tokens, under its name."""
    credulous.__module__ = EQUAL.decide.__module__
    own = EQUAL.decide
    object.__setattr__(EQUAL, "decide", credulous)
    yield
    object.__setattr__(EQUAL, "decide", own)


def concluded(flow: Flow, _: Any) -> Conclusion:
    given = solving(Subject.of(flow.model))
    return Conclusion(Says((given,), RESTS), settle(EQUAL, RESTS, assume(given)))


def statement() -> Statement[Any]:
    """The least height, with a proof that is none."""
    known = questions()["(6.2)"]
    assert isinstance(known, Statement)
    return replace(known, decide=Concludes(concluded), says=None, trial=None)


@pytest.mark.parametrize("name", ["SA", "pre-LN", "causal", "cross-attention"])
def test_no_sheet_holds(name: str) -> None:
    own = concluded(Flow.of(catalogue(name)), None)
    with pytest.raises(DoubtError, match="evaluated to be false") as found:
        as_sheet(own.says, own.found)
    assert written(RESTS) in str(found.value) and "at t = " in str(found.value)


def test_its_claim_is_undecided() -> None:
    (claim,) = (one for one in CLAIMS if one.label == "(6.2)")
    evidence, error = run_check(replace(claim, check=statement()), 3, 0)
    assert evidence.verdict is Verdict.UNDECIDED and isinstance(error, DoubtError)
    assert evidence.detail.startswith("an error of ours: DoubtError")


def test_its_row_is_undecided(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(check, "_questions", lambda: {**questions(), "(6.2)": statement()})
    (row,) = check_model(SA, only="(6.2)").rows
    assert row.evidence.verdict is Verdict.UNDECIDED
    assert row.evidence.detail.startswith("an error of ours: DoubtError in (6.2)")
