"""Sentences in a flow's own time: what is decided in τ = ∫s is said in τ."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, TypeVar

from proofs_checks.proof.fixed import Fixed
from proofs_checks.proof.flow import Flow
from proofs_checks.proof.verdict import Statement

P = TypeVar("P")


def in_own_time(statement: Statement[P]) -> Statement[P]:
    """Return a statement whose sentence says τ for t, for a flow with a schedule.

    Examples
    --------
    >>> from theory.models import COD, SA
    >>> said = in_own_time(Statement("", "consensus, exponentially", lambda flow, bound: None)).says
    >>> said(Flow.of(SA), None)
    'consensus, exponentially'
    >>> said(Flow.of(COD), None)
    'with τ = ∫(1/sqrt(t + 1))dt in place of t: consensus, exponentially'
    """
    return replace(statement, says=Fixed(_said, statement.sentence))


def _said(sentence: str, flow: Flow, prediction: Any) -> str:
    return with_tau(flow, sentence)


def with_tau(flow: Flow, sentence: str) -> str:
    """Say a sentence of the time τ = ∫s of a flow, where that isn't t."""
    schedule = flow.schedule
    if schedule is None or schedule.constant:
        return sentence
    return f"with τ = ∫({schedule.factor})dt in place of t: {sentence}"


__all__ = ["in_own_time", "with_tau"]
