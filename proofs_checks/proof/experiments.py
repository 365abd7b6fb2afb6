"""Statements that runs support: the gap where no proof is known, and what is tried there."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

import numpy as np

from proofs_checks.claim import Budget
from proofs_checks.proof.fixed import Fixed
from proofs_checks.proof.flow import Flow
from proofs_checks.proof.models import without_temperature
from proofs_checks.proof.sheet import Sheet, Step, gap
from proofs_checks.proof.verdict import Counterexample, Statement, Trial, not_asked
from proofs_checks.proof.witness import leaves_sphere

NO_PROOF = "no proof known: experiments"
DIFFERENCES_AGREE = "finite differences of the energy agree"


def compared(cases: Iterable[tuple[float, str]], seen: str = "") -> Trial:
    """Trial of cases, each with its slack, negative where it fails, and the words for that.

    The first that fails ends it, and no further case is drawn.
    """
    worst, count = np.inf, 0
    for slack, words in cases:
        worst, count = min(worst, slack), count + 1
        if slack < 0:
            return Trial(words, worst, count)
    return Trial("", worst, count, seen=seen)


def unproved(text: str) -> Step:
    """Step that only experiments speak for."""
    return gap(text, NO_PROOF)


def refute_off_sphere(flow: Flow, prediction: Any, budget: Budget) -> Counterexample | None:
    """Find a point at which tokens leave the sphere that the flow is said to live on."""
    found = leaves_sphere(flow.model, budget.rng)
    return Counterexample(found) if found else None


def unrun(flow: Flow) -> str:
    """Say why a flow isn't run at several β, "" if it is one of a claim and can be."""
    return without_temperature(flow.model) or ("" if flow.from_zero else "runs of claims alone")


def _gap_alone(text: str, flow: Flow, prediction: Any) -> Sheet:
    return Sheet((unproved(text),))


def experiment(
    sentence: str, trial: Callable[[Flow, Any, Budget], Trial], **more: Any
) -> Statement[Any]:
    """Make the statement that runs alone support, at the models that its claim names.

    Parameters
    ----------
    sentence : str
        What is said, hence what is missing.
    trial : callable
        The runs.
    **more
        Other fields of the statement.

    Examples
    --------
    >>> from proofs_checks.proof.verdict import Trial
    >>> tried = experiment("it rains", lambda flow, prediction, budget: Trial(cases=1))
    >>> print(tried.decide(None, None))
    1. it rains [derived: GAP]
         no proof known: experiments
    """
    decide = Fixed(_gap_alone, sentence)
    return Statement("", sentence, decide, not_asked, trial=trial, **more)
