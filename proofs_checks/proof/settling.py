"""From residuals to a verdict: PROVED if all vanish, else a search for a counterexample.

`unreached` is the evidence on a flow that an argument on the sphere doesn't reach.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

import numpy as np

from proofs_checks.claim import Budget, Evidence, Verdict
from proofs_checks.proof.row_algebra import SYMBOLIC
from proofs_checks.proof.witness import leaves_sphere
from theory.models import Model


def models_of(model: Model | tuple[Model, ...]) -> tuple[Model, ...]:
    """Return the models that a claim speaks of, as a tuple."""
    return model if isinstance(model, tuple) else (model,)


def unreached(model: Model, reason: str, rng: np.random.Generator) -> Evidence:
    """Evidence on a flow that an argument on the sphere doesn't reach, for the reason given.

    REFUTED if its tokens leave the sphere, else UNDECIDED.
    """
    found = leaves_sphere(model, rng)
    return Evidence(Verdict.REFUTED if found else Verdict.UNDECIDED, found or reason)


def settle(
    residuals: Iterable[tuple[str, Any]],
    refute: Callable[[np.random.Generator], str],
    budget: Budget,
    argument: str,
    *,
    legend: str = "",
    scope: Mapping[str, str] = SYMBOLIC,
    assumptions: tuple[str, ...] = (),
    identity: tuple[Any, ...] = (),
) -> Evidence:
    """Turn residuals into a verdict: PROVED if all vanish, else look for a counterexample.

    Parameters
    ----------
    residuals : iterable of (name, expression)
        Left minus right sides.
    refute : callable
        ``refute(rng)`` draws a point and returns what it shows, or "" when it shows nothing.
    budget : Budget
        At most ``budget.cases`` points are drawn.
    argument : str
        What was reduced to zero.
    legend : str
        What the names in the residuals stand for.
    scope, assumptions, identity
        Of the proof.

    Returns
    -------
    Evidence
        UNDECIDED when a residual is left and no point refutes, or none can be evaluated.
    """
    left = [(name, value) for name, value in residuals if value != 0]
    if not left:
        return Evidence(
            Verdict.PROVED,
            f"{argument}: residual 0",
            dict(scope),
            assumptions,
            identity=identity,
        )
    name, value = left[0]
    shown = f"{name}: residual {value}" + (f" with {legend}" if legend else "")
    for case in range(1, max(budget.cases, 1) + 1):
        try:
            found = refute(budget.rng)
        except NotImplementedError as error:
            return Evidence(Verdict.UNDECIDED, f"{shown}; no counterexample tried: {error}")
        if found:
            return Evidence(Verdict.REFUTED, f"{found} ({shown})", cases=case)
    return Evidence(Verdict.UNDECIDED, shown, cases=budget.cases)
