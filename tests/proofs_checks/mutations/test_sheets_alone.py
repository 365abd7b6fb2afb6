"""No false version of a claim passes its sheet alone: with counterexamples and trials switched off.

A sheet that also holds for a broken twin doesn't say what the claim says. Twins are controls, the
printed forms, and all mutations of model and prediction that the whole check refutes.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from sympy import PolynomialError

from proofs_checks.claim import Budget, Claim, Verdict
from proofs_checks.discovery import discover
from proofs_checks.mutations import mutations
from proofs_checks.mutations.generate import equivalence
from proofs_checks.mutations.run import Outcome, try_mutation
from proofs_checks.proof import Statement

ESTABLISHED = (Verdict.PROVED, Verdict.CERTIFIED)


def _unrefuted(flow: Any, prediction: Any, budget: Any) -> None:
    return None


def _by_sheet(claim: Claim[Any, Any]) -> bool:
    """Whether a claim is decided by a sheet; a search finds steps of its own, at a price."""
    check = claim.check
    decided = isinstance(check, Statement) and check.search is None
    return decided and claim.expected in ESTABLISHED


def passes(twin: Claim[Any, Any]) -> bool:
    """Whether the sheet of a twin holds, whatever counterexamples there are."""
    assert isinstance(twin.check, Statement)
    alone = replace(twin.check, refute=_unrefuted, trial=None)
    try:
        found = alone(twin.model, twin.prediction, Budget(twin.cases, np.random.default_rng(0)))
    except (ValueError, NotImplementedError, TypeError, AssertionError, PolynomialError):
        return False  # it is refused in words, or no number, or not what was asked before
    return found.verdict in ESTABLISHED


CLAIMS = {claim.label: claim for claim in discover() if _by_sheet(claim)}
MENDED = (
    *("Remark 2.1", "(6.3)", "(6.4)", "Lemma 6.6", "E.Definition 9.1"),
    *("(A.2)", "(C.2)", "(D.15)"),
)


def _controls(claim: Claim[Any, Any]) -> list[str]:
    broken = (*claim.controls, *([claim.printed] if claim.printed else []))
    return [control.change for control in broken if passes(claim.twin(control))]


@pytest.mark.slow
@pytest.mark.parametrize("label", MENDED)
def test_controls_of_some(label: str) -> None:
    assert passes(CLAIMS[label])
    assert _controls(CLAIMS[label]) == []


@pytest.mark.full
@pytest.mark.parametrize("label", CLAIMS)
def test_controls(label: str) -> None:
    assert passes(CLAIMS[label])
    assert _controls(CLAIMS[label]) == []


def surviving(label: str) -> list[str]:
    """Mutations that the sheet lets pass and the whole check refutes."""
    twins = [m for m in mutations(CLAIMS[label]) if not equivalence(m) and passes(m.twin)]
    return [m.name for m in twins if try_mutation(m, None, 0).outcome is Outcome.KILLED]


@pytest.mark.slow
@pytest.mark.parametrize("label", ("(4.1)", "(6.3)", "(6.4)", "(D.6)", "(D.9)"))
def test_mutations_of_some(label: str) -> None:
    assert surviving(label) == []


@pytest.mark.full
@pytest.mark.parametrize("label", CLAIMS)
def test_mutations(label: str) -> None:
    assert surviving(label) == []
